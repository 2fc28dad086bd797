#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-units.py SOURCE-ROOT BUILD-ROOT [TEST...]: systemd's own judgement of the units. TAP on standard output."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE, BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
del sys.argv[1:2]  # tap.py takes the names of tests behind one argument

sys.path.insert(0, str(SOURCE / "tests/lib"))

import tap  # noqa: E402

# in tenths: what is left is the network, the proxy's group and chown, which the sockets need
MOST_EXPOSURE = 15


def analyze(*words):
    if shutil.which("systemd-analyze") is None:
        raise tap.Skip("systemd-analyze is not installed (package systemd)")
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def units(folder, change=None):
    """The units as installed, but with programs that exist here."""
    service = (BUILD / "data/doorward.service").read_text()
    service = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", service, flags=re.M)
    paths = [pathlib.Path(folder) / name for name in ("doorward.service", "doorward.socket")]
    paths[0].write_text(change(service) if change else service)
    paths[1].write_text((SOURCE / "data/doorward.socket").read_text())
    return paths


def verify(change=None):
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        return analyze("verify", "--man=no", *units(folder, change))


def security(change=None):
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        return analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", units(folder, change)[0])


def test_units_are_understood():
    done = verify()
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_a_key_that_does_not_exist_would_be_found():
    done = verify(lambda text: text.replace("WatchdogSec=", "WatchdogSecs="))
    assert "WatchdogSecs" in done.stderr, done.stderr


def test_service_is_confined():
    done = security()
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_service_less_confined_would_be_found():
    assert security(lambda text: text.replace("ProtectSystem=strict\n", "")).returncode != 0


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
