#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SQLite without room, without the right to write, without its lock."""

import pathlib
import resource
import signal
import sqlite3
import sys

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import private_mount  # noqa: E402
import storm  # noqa: E402
import tap  # noqa: E402
from ledger import Sqlite  # noqa: E402
from socket_stage import SocketStage  # noqa: E402
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
