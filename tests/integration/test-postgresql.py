#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The journey on PostgreSQL, whose connections can be lost while the server goes on."""

import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import postgresql  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage  # noqa: E402

HEAL_TIMEOUT_S = 30


def ask(stage, sql):
    """What psql prints for a statement."""
    return subprocess.run([f"{stage.cluster.programs}/psql", "-X", "-q", "-A", "-t", "-h", stage.cluster.folder, "-U",
                           postgresql.NAME, "-d", postgresql.NAME, "-c", sql], capture_output=True, text=True,
                          check=True).stdout.strip()


def enrolled_once(stage, *words):
    before = len(stage.lists()[0])
    report = stage.sim(*words)
    assert report["outcome"] == "enrolled" and report["expected"], report
    assert len(stage.lists()[0]) == before + 1
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert len(found["enrollments"]) == 1 and found["enrollments"][0]["state"] == "active", found
    assert [p["email"] for p in found["people"] if p["to"] is None] == ["anna.chao@example.test"], found


def test_plain_journey(stage):
    enrolled_once(stage)
    assert ask(stage, "SELECT count(*) FROM device") == "1"


def test_renewal_and_check_out(stage):
    enrolled_once(stage, "--renew")
    report = stage.sim("--check-out")
    assert stage.doorctl_json("device", "show", report["enrollment_id"])["people"][0]["end_reason"] == "check-out"


def test_replay(stage):
    enrolled_once(stage, "--misbehave", "replay")


def test_lost_replies(stage):
    enrolled_once(stage, "--misbehave", "lost-replies")


def test_state_survives_a_restart(stage):
    phone = device.Device(stage, "restart").prepare()
    before = stage.lists()
    assert stage.restart() == 0
    assert stage.lists() == before
    assert phone.put(phone.authenticate_body()).status == 200
    assert stage.restart() == 0
    assert phone.put(phone.token_update_body()).status == 200 and phone.poll().status == 200


def until_healed(send):
    """Repeats a request as a device would; gives all statuses, the last one is not 503."""
    statuses = []

    def ask():
        statuses.append(send().status)
        return statuses

    return until("another answer than 503", ask, HEAL_TIMEOUT_S, accept=lambda seen: seen[-1] != 503)


def test_lost_connections_heal(stage):
    phone = device.Device(stage, "healing").prepare()
    kill = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{postgresql.NAME}' " \
           "AND pid <> pg_backend_pid()"
    assert int(ask(stage, kill)) > 0
    statuses = until_healed(lambda: phone.put(phone.authenticate_body()))
    assert statuses[-1] == 200 and set(statuses) <= {200, 503}, statuses
    assert int(ask(stage, kill)) > 0
    statuses = until_healed(lambda: phone.put(phone.token_update_body()))
    assert statuses[-1] == 200, statuses
    assert until_healed(phone.poll)[-1] == 200
    enrolled_once(stage)


def test_database_that_is_away(stage):
    phone = device.Device(stage, "away").enroll()
    stage.cluster.stop()
    try:
        reply = phone.put(phone.token_update_body())
        assert reply.status == 503 and b"DW-DB-WRITE" in reply.body, (reply.status, reply.body)
        assert reply.headers["Retry-After"], reply.headers
        page = phone.browser.get(stage.url + "/mdm/sso", follow=False)
        assert page.status == 503 and "busy" in page.body.decode(), page.status
        assert stage.request("GET", "/healthz")[0] == 200, "the process itself is well"
    finally:
        stage.cluster.start()
    assert until_healed(lambda: phone.put(phone.token_update_body()))[-1] == 200
    enrolled_once(stage)


def run(folder):
    cluster = postgresql.Cluster(folder)
    stage = Stage(sys.argv[1], plugins="postgresql;saml", database=f"Driver=postgresql\nUri={cluster.uri}")
    stage.cluster = cluster
    cluster.start()
    try:
        return tap.run_on_stage(stage, sys.modules[__name__])
    finally:
        cluster.stop()


def main():
    folder = postgresql.make_temporary()
    try:
        return run(folder)
    except postgresql.NotAvailable as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
