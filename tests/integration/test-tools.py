#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools beside a server in development mode: whoever ends one has ended all that it started."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "lib"))

import apns  # noqa: E402
import oidc_provider  # noqa: E402
import stage as stage_module  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402

WAIT_S = 60


@contextlib.contextmanager
def start(*words):
    with subprocess.Popen([str(word) for word in (sys.executable, *words)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def is_there(process):
    """Whether it runs; one that has ended and waits to be asked for its status does not."""
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def check_provider_ends(build, ending, status):
    if missing := oidc_provider.find_missing():
        raise tap.Skip(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory(dir=build / "tests") as folder:
        (pathlib.Path(folder) / "tls").mkdir()
        stage_module.make_ca(pathlib.Path(folder) / "tls")
        with start(TESTS / "tools/oidc-provider", folder, "8443") as tool:
            found = next((m for m in (re.search("SIGUSR2 to process ([0-9]+) ", line) for line in tool.stdout) if m), None)
            assert found is not None, "it names no process"
            provider = int(found[1])
            try:
                assert is_there(provider) and os.getsid(provider) == provider, "not in a session of its own"
                tool.send_signal(ending)
                assert tool.wait(WAIT_S) == status
                until("the provider has ended", lambda: not is_there(provider), WAIT_S)
            finally:
                if is_there(provider):
                    os.kill(provider, signal.SIGKILL)


def test_an_ended_oidc_provider_leaves_nothing(build):
    check_provider_ends(build, signal.SIGTERM, 0)


def test_an_interrupted_oidc_provider_leaves_nothing(build):
    check_provider_ends(build, signal.SIGINT, 0)


def test_a_killed_oidc_provider_leaves_nothing(build):
    check_provider_ends(build, signal.SIGKILL, -signal.SIGKILL)


def find_children(process):
    return [int(word) for word in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_the_mock_of_pushes_leaves_nothing(build):
    if missing := apns.find_missing():
        raise tap.Skip(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory(dir=build / "tests") as folder:
        (pathlib.Path(folder) / "tls").mkdir()
        stage_module.make_ca(pathlib.Path(folder) / "tls")
        for ending, status in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)):
            with start(TESTS / "tools/apns-mock", folder) as tool:
                told = [tool.stdout.readline() for _ in range(6)]
                assert told[1].startswith("PushServer=apns.localhost:") and "Each push" in told[5], told
                server, = find_children(tool.pid)
                tool.send_signal(ending)
                assert tool.wait(WAIT_S) == status, ending
                until("the mock has ended", lambda: not is_there(server), WAIT_S)


def test_the_mock_of_apple_business_manager_ends(build):
    for ending in (signal.SIGTERM, signal.SIGINT):
        with start(TESTS / "tools/dep-mock/dep_mock.py") as mock:
            assert mock.stdout.readline().startswith("http://127.0.0.1:")
            mock.send_signal(ending)
            assert mock.wait(WAIT_S) == 0, ending


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__], pathlib.Path(sys.argv[1]).resolve()))
