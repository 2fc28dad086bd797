#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each benchmark in its short form: that it runs, and that what it measures is near what it should be."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import apns  # noqa: E402
import bench  # noqa: E402
import nginx  # noqa: E402
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 300


def run(name, build, *words):
    """A benchmark; its lines are shown."""
    done = subprocess.run([HERE / name, "--build", build, *(str(w) for w in words)], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)
    for line in (done.stdout + done.stderr).splitlines():
        print(f"# {line}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_checkin(build):
    run("checkin", build, "--check", "--database", "sqlite", "--devices", 12, "--requests", 300, "--stored", "100,10000",
        "--idle", "0,200")


def test_batch(build):
    run("batch", build, "--check", "--rows", 2000, "--rounds", 3)


def test_dep(build):
    run("dep", build, "--check", "--devices", "2000,8000")


def test_http(build):
    run("http", build, "--check", "--requests", 1000, "--rounds", 3)


def test_acs(build):
    run("acs", build, "--check", "--seconds", 0.3, "--sign-ins", 32)


def test_enroll(build):
    assert "| 2 | 2 |" in run("enroll", build, "--devices", 2, "--concurrency", 2)


def test_push(build):
    if apns.find_missing():
        raise tap.Skip("nodejs is not installed")
    run("push", build, "--check", "--devices", 1000, "--rounds", 2)


def test_wave(build):
    if apns.find_missing():
        raise tap.Skip("nodejs is not installed")
    run("wave", build, "--check", "--devices", 300)


def test_a_fleet_that_fails_says_so(build):
    with bench.Target(build, idp=True) as target, target.nginx():
        done = subprocess.run([str(w) for w in (
            target.build / "tests/sim/doorward-sim", "fleet", "-n", 2, "--concurrency", 2, "--json", "--server", target.url,
            "--ca", target.folder / "ca.pem", "--profile-ca", target.folder / "state/scep-ca.pem", "--account",
            "anna.chao@example.test", "--user", "anna", "--password", "wrong")], capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False)
        report = json.loads(done.stdout)
        assert done.returncode == 1 and (report["enrolled"], report["failed"]) == (0, 2), done.stdout
        assert "the first that failed:" in done.stderr, done.stderr
        assert target.lists()[0] == []


if __name__ == "__main__":
    if nginx.find() is None:
        print("1..0 # SKIP nginx is not installed (Debian package nginx-light)")
        sys.exit(0)
    sys.exit(tap.run(sys.modules[__name__], sys.argv[1]))
