#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SQLite without room, without the right to write, without its lock."""

import errno
import pathlib
import re
import resource
import signal
import sqlite3
import struct
import sys
import time

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import device  # noqa: E402
import private_mount  # noqa: E402
import storm  # noqa: E402
import tap  # noqa: E402
import traffic  # noqa: E402
from ledger import Ledger, Sqlite  # noqa: E402
from patience import until  # noqa: E402
from socket_stage import SocketBrowser, SocketStage, UnixConnection  # noqa: E402
from stage import StageError  # noqa: E402

MIB = 1024 * 1024


class SmallStage(SocketStage):
    """Its state lies on a file system of its own."""

    def prepare(self):
        (self.folder / "state").mkdir(mode=0o700)
        private_mount.mount_small(self.folder / "state", 16 * MIB)
        super().prepare()

    def close(self, keep=False):
        for program in (self.server, self.idp):
            if program is not None:
                program.stop()
        private_mount.unmount(self.folder / "state")
        super().close(keep)


class FailingStage(SocketStage):
    """Whatever changes a file of its state fails while fail() says so: failing-disk.c stands before the C library."""

    def __init__(self, build, **options):
        super().__init__(build, **options)
        self.switch = self.folder / "failure"
        self.environment = {"LD_PRELOAD": str(self.build / "tests/faults/libfailing-disk.so"),
                            "FAILING_DISK": str(self.switch), "FAILING_DISK_FOLDER": str(self.folder / "state")}

    def prepare(self):
        self.fail(0)
        super().prepare()

    def fail(self, code):
        """An error as in errno, or 0 for none; takes effect with the next change."""
        with open(self.switch, "r+b" if self.switch.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("=q", code))

    def listen_group(self):
        return super().listen_group() + f"Management={self.folder}/management.sock\n"

    def ask_management(self, path):
        connection = UnixConnection(self.folder / "management.sock", "localhost", 30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def database_of(stage):
    return Sqlite(stage.folder / "state" / "doorward.db")


def test_files_that_may_not_grow(build):
    """RLIMIT_FSIZE; every write past it fails, and the signal that comes with it must not end the server."""
    with SocketStage(build) as stage:
        pid = stage.server.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        storm.run(stage, database_of(stage), lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1])),
                  lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, before))


def test_full_disk(build):
    with SmallStage(build) as stage:
        filler = stage.folder / "state" / "filler"
        storm.run(stage, database_of(stage), lambda: private_mount.fill(filler), filler.unlink)


def test_locked_by_another_program(build):
    """As a copy tool or a person with sqlite3(1) may do; the server waits 5 s for the lock, then refuses."""
    with SocketStage(build) as stage:
        other = sqlite3.connect(stage.folder / "state" / "doorward.db", timeout=30, isolation_level=None,
                                check_same_thread=False)

        def lock():
            other.execute("BEGIN IMMEDIATE")

        storm.run(stage, database_of(stage), lock, lambda: other.execute("ROLLBACK"))
        other.close()


def check_told(stage, phone):
    """During: an enrolled device's polls are answered or put off, /readyz says no and why, and the log has one line
    for it all. It is asked twice, so that asking heals nothing."""
    for _ in range(3):
        reply = phone.poll()
        assert reply.status in (200, 503), reply.status
        assert reply.status == 200 or reply.headers["Retry-After"]
    for _ in range(2):
        status, text = stage.ask_management("/readyz")
        assert status == 503 and re.search("^database: .*cannot be written", text, re.M), text
    assert 'doorward_ready{part="database"} 0' in stage.ask_management("/metrics")[1]


def wait_until_ready(stage):
    """Who asks is the one who has it tried again."""
    until("it is ready", lambda: stage.ask_management("/readyz"), 20, accept=lambda answer: answer[0] == 200)


def run_failing(stage, code):
    phone = device.Device(stage, "enrolled")
    phone.browser = SocketBrowser(stage)
    phone.enroll()

    def end():
        check_told(stage, phone)
        stage.fail(0)

    storm.run(stage, database_of(stage), lambda: stage.fail(code), end, refusals=20)
    wait_until_ready(stage)
    assert phone.poll().status == 200
    lines = [line for line in stage.log().splitlines() if "database cannot be written" in line]
    assert len(lines) == 1 and "disk" in lines[0], lines
    assert len([line for line in stage.log().splitlines() if "database can be written again" in line]) == 1
    assert not re.search('"level":"warning".*not written', stage.log())


def test_read_only_while_it_runs(build):
    """As when the kernel makes a file system read-only after an error."""
    with FailingStage(build) as stage:
        run_failing(stage, errno.EROFS)


def test_disk_that_fails(build):
    with FailingStage(build) as stage:
        run_failing(stage, errno.EIO)


def test_read_only_without_traffic(build):
    """Nobody asks for anything but whether the server is ready, as a balancer does that has taken it out of service:
    it must get back in."""
    with FailingStage(build) as stage:
        stage.fail(errno.EROFS)
        browser = SocketBrowser(stage)
        reply = browser.request("GET", stage.url + "/mdm/sso?user-identifier=anna.chao%40example.test")
        assert reply.status == 503 and reply.headers["Retry-After"]
        assert stage.ask_management("/readyz")[0] == 503
        stage.fail(0)
        wait_until_ready(stage)


def test_folder_read_only_while_it_runs(build):
    """By its name nothing can be made there any more, what is open can be written: served or put off, and whole."""
    with SocketStage(build) as stage:
        with traffic.Traffic(stage, Ledger(database_of(stage))) as running:
            running.go_on(12)
            private_mount.make_read_only(stage.folder / "state")
            try:
                end = time.monotonic() + 5
                while time.monotonic() < end:
                    time.sleep(0.1)
                running.check()
            finally:
                private_mount.unmount(stage.folder / "state")
            running.go_on(25)
            running.finish()
        traffic.compare_lists(stage, database_of(stage))
        print(f"# {running.gate.answered.total()} answered, {running.gate.refused.total()} put off")


def test_read_only_at_the_start(build):
    """Nothing can be written, so nothing could be kept: it says so and does not start."""
    with SocketStage(build) as stage:
        lists = stage.lists()
        stage.server.stop(signal.SIGKILL)
        private_mount.make_read_only(stage.folder / "state")
        try:
            stage.start_server()
        except StageError as error:
            assert "may not write" in str(error) and "Read-only file system" in str(error), error
        else:
            raise AssertionError("it started on a database that it cannot write")
        finally:
            private_mount.unmount(stage.folder / "state")
        stage.start_server()
        assert stage.lists() == lists


def main():
    try:
        private_mount.enter()
    except tap.Skip as reason:
        print(f"# {reason}")
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
