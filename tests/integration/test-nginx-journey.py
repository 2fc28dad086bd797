#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The production form: nginx with the packaged site does TLS, Doorward listens on unix sockets only."""

import base64
import pathlib
import signal
import sqlite3
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import device  # noqa: E402
import nginx  # noqa: E402
import production  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402


def test_the_journey_through_nginx(stage):
    report = stage.sim("--renew", "--check-out")
    assert report["outcome"] == "enrolled", report
    shown = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert shown["people"][0]["email"] == "anna.chao@example.test" and shown["people"][0]["end_reason"] == "check-out"


def test_lost_replies_through_nginx(stage):
    assert stage.sim("--misbehave", "lost-replies")["outcome"] in ("as-expected", "enrolled")


def test_the_address_of_the_client_comes_from_nginx_alone(stage):
    status, _, _ = stage.request("GET", "/mdm/sso", headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})
    assert status in (200, 303), status
    assert "203.0.113.9" not in stage.log()


def test_a_client_certificate_from_outside_is_not_believed(stage):
    phone = device.Device(stage, "outside").enroll()
    der = device.openssl("x509", "-in", phone.certificate, "-outform", "DER")
    header = {"Client-Cert": f":{base64.b64encode(der).decode()}:"}
    assert phone.poll(signature=None, headers=header).status == 403
    assert phone.poll().status == 200


def test_a_stopped_server_is_a_503_with_a_time(stage):
    stage.server.stop()
    status, headers, _ = stage.request("GET", "/healthz")
    assert status == 503 and headers["Retry-After"], (status, headers)
    stage.start_server()
    status, _, _ = stage.request("GET", "/healthz")
    assert status == 200, status


def test_a_graceful_stop_answers_what_it_took(stage):
    answers, stop = [], threading.Event()

    def ask():
        end = time.monotonic() + 10
        while not stop.is_set() and time.monotonic() < end:
            answers.append(stage.request("GET", "/.well-known/com.apple.remotemanagement?user-identifier=a@b.test")[0])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    until("40 answers", lambda: len(answers), 60, pause_s=0.01, accept=lambda n: n >= 40)
    stage.server.stop(signal.SIGTERM)
    stop.set()
    for thread in threads:
        thread.join()
    stage.start_server()
    # nginx answers 503 itself once nobody listens; an answer that breaks off would be a 502 or an exception
    assert set(answers) <= {200, 503}, set(answers)
    assert answers.count(200) >= 40


def test_who_hangs_up_is_waited_for_no_longer(stage):
    """nginx closes its own connection then; the work that waits for the database ends, and is no failure."""
    database = sqlite3.connect(f"{stage.folder}/state/doorward.db", timeout=30, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        known = len(stage.events("request"))
        connection = browser.connect(stage.url, ssl.create_default_context(cafile=str(stage.folder / "ca.pem")))
        connection.request("GET", "/mdm/sso?user-identifier=anna.chao%40example.test")
        time.sleep(0.5)
        assert len(stage.events("request")) == known, "it waits for nothing"
        connection.close()
        until("it is at work no longer", lambda: len(stage.events("request")) != known, 20, pause_s=0.05)
        assert stage.events("request")[known]["DOORWARD_STATUS"] == "499"
    finally:
        database.execute("ROLLBACK")
        database.close()


if __name__ == "__main__":
    if nginx.find() is None:
        print("1..0 # SKIP nginx is not installed (Debian package nginx-light)")
        sys.exit(0)
    sys.exit(tap.run_on_stage(production.ProductionStage(sys.argv[1]), sys.modules[__name__]))
