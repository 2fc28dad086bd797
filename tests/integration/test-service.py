#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server and its service manager: readiness, reload, signs of life, sockets that are passed."""

import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Program, Stage, free_port  # noqa: E402

WAIT_S = 30
WATCHDOG_S = 2
STUCK_S = 4
ACTIVATE = "systemd-socket-activate"


class Manager:
    """Stands for systemd: takes what the server says of itself."""

    def __init__(self, folder):
        self.path = str(folder / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []  # (time, {name: value})

    def listen(self, seconds):
        """Takes everything that comes within the time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                self.take()

    def take(self):
        text = self.socket.recv(65536).decode()
        self.heard.append((time.monotonic(), dict(line.split("=", 1) for line in text.split("\n"))))
        return self.heard[-1][1]

    def wait_for(self, name, value=None):
        end = time.monotonic() + WAIT_S
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            said = self.take()
            if name in said and value in (None, said[name]):
                return said
        raise AssertionError(f"nobody said {name} within {WAIT_S} s")

    def signs(self, begin, end):
        return sum("WATCHDOG" in said for at, said in self.heard if begin <= at <= end)

    def close(self):
        self.socket.close()
        os.unlink(self.path)


@contextlib.contextmanager
def managed(stage, **more):
    """The server anew, under a service manager."""
    stage.server.stop()
    manager = Manager(stage.folder)
    before = {name: os.environ.get(name) for name in ("NOTIFY_SOCKET", *more)}
    os.environ.update(NOTIFY_SOCKET=manager.path, **more)
    try:
        stage.start_server()
        yield manager
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        stage.restart()
        manager.close()


def test_says_how_far_it_is(stage):
    with managed(stage) as manager:
        assert manager.wait_for("READY", "1")["STATUS"] == stage.url
        stage.server.process.send_signal(signal.SIGHUP)
        began = int(manager.wait_for("RELOADING", "1")["MONOTONIC_USEC"])
        now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
        assert 0 <= now - began < WAIT_S * 1e6, (began, now)
        assert manager.wait_for("READY", "1")["STATUS"].startswith("configuration reloaded, generation 2")
        config = stage.folder / "doorward.conf"
        good = config.read_text()
        config.write_text(good + "[nonsense]\n")
        stage.server.process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING", "1")
        status = manager.wait_for("READY", "1")["STATUS"]
        assert "refused" in status and f"{config}:{len(good.splitlines()) + 1}: " in status, status
        config.write_text(good)
        stage.server.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING", "1")


def test_no_signs_of_life_while_the_writer_hangs(stage):
    with managed(stage, WATCHDOG_USEC=str(WATCHDOG_S * 1000000)) as manager:
        manager.wait_for("WATCHDOG")
        begin = time.monotonic()
        manager.listen(WATCHDOG_S)
        assert manager.signs(begin, time.monotonic()) >= 2, manager.heard
        other = sqlite3.connect(stage.folder / "state/doorward.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        manager.listen(STUCK_S)
        end = time.monotonic()
        # the question under way when the lock came may still count, and one that was not asked yet
        assert manager.signs(begin + WATCHDOG_S, end) == 0, manager.heard
        other.execute("ROLLBACK")
        other.close()
        manager.wait_for("WATCHDOG")
        assert "no sign of life for the watchdog: the writer is not answering" in stage.log()


def test_no_signs_of_life_for_another_process(stage):
    with managed(stage, WATCHDOG_USEC=str(WATCHDOG_S * 1000000), WATCHDOG_PID="1") as manager:
        manager.listen(WATCHDOG_S)
        assert manager.signs(0, time.monotonic()) == 0, manager.heard


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=WAIT_S)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(self.path)


def ask(connection, host):
    connection.request("GET", "/nowhere", headers={"Host": host, "Accept": "text/html", "X-Forwarded-For": "192.0.2.1",
                                                   "X-Forwarded-Proto": "https", "X-Forwarded-Host": host})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_sockets_that_are_passed(stage):
    if shutil.which(ACTIVATE) is None:
        raise tap.Skip(f"{ACTIVATE} is not installed")
    stage.server.stop()
    path, port = stage.folder / "passed.sock", free_port()
    config = stage.folder / "doorward.conf"
    good = config.read_text()
    # what the configuration names would fail: it must not be used
    config.write_text(good.replace("TlsMode=files\n", "").replace("Https=", "Sockets=/nowhere/x.sock\n#")
                      .replace("TlsCertificate=", "#").replace("TlsKey=", "#"))
    served = []
    try:
        for _ in range(2):  # the socket stays, the server comes with the first request
            program = Program([ACTIVATE, "-l", path, "-l", f"127.0.0.1:{port}", "--fdname=proxy:http",
                               f"--setenv=RUNTIME_DIRECTORY={stage.folder}", stage.build / "core/doorward",
                               *stage.common_options()], stage.folder / "passed.log")
            try:
                until("the socket is there", path.exists, WAIT_S, pause_s=0.02)
                served.append(ask(UnixConnection(path), f"doorward.localhost:{stage.port}"))
                served.append(ask(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S), f"127.0.0.1:{port}"))
            finally:
                assert program.stop() == 0, program.tail()
            assert path.exists(), "a socket that was passed is not ours to remove"
            path.unlink()
        assert [status for status, _ in served] == [404] * 4, served
        assert b"Example Corp" in served[0][1]
        assert "2 sockets of the service manager; Sockets, Http and Https are not used" in program.log.read_text()
    finally:
        config.write_text(good)
        stage.start_server()


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1]), sys.modules[__name__]))
