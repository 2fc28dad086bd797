#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server is killed or stopped between the steps of a journey: what it has acknowledged is there."""

import pathlib
import signal
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import raw  # noqa: E402
import tap  # noqa: E402
from stage import Stage, StageError  # noqa: E402

KILLED = -signal.SIGKILL


def crash(stage):
    assert stage.restart(signal.SIGKILL) == KILLED


def test_killed_after_every_step(stage):
    phone = device.Device(stage, "killed")
    page = phone.start()
    crash(stage)
    answer = phone.browser.sign_in(page, phone.user)
    phone.read_token(phone.browser.submit(answer))
    crash(stage)
    assert phone.browser.submit(answer).status == 400, "the answer was spent before the crash"
    phone.fetch_profile()
    first = phone.profile
    crash(stage)
    phone.fetch_profile()
    assert phone.profile == first
    phone.get_certificate()
    issued = phone.certificate.read_bytes()
    crash(stage)
    assert phone.get_certificate().read_bytes() == issued, "the same key gets the same certificate"
    assert phone.put(phone.authenticate_body()).status == 200
    crash(stage)
    assert phone.put(phone.token_update_body()).status == 200
    crash(stage)
    found = stage.doorctl_json("device", "show", phone.enrollment_id)
    assert found["enrollments"][0]["state"] == "active" and len(found["enrollments"]) == 1, found
    assert [p["email"] for p in found["people"] if p["to"] is None] == [phone.account], found
    assert phone.poll().status == 200
    assert phone.put(phone.check_out_body()).status == 200
    crash(stage)
    assert phone.poll().status == 403
    assert stage.doorctl_json("device", "show", phone.enrollment_id)["people"][0]["to"], "the link stays closed"


def test_lists_are_the_same_with_and_without_server(stage):
    stage.sim()
    before = stage.lists()
    assert stage.server.stop(signal.SIGKILL) == KILLED
    assert stage.lists() == before
    stage.start_server()
    assert stage.lists() == before


class Load(threading.Thread):
    """Enrolls one device after another until told to stop, and remembers what was acknowledged."""

    def __init__(self, stage, phones):
        super().__init__()
        self.stage, self.phones = stage, phones
        self.acknowledged, self.broken = [], []
        self.begun = threading.Event()

    def run(self):
        for phone in self.phones:
            body = phone.authenticate_body()
            head = [("Host", f"doorward.localhost:{self.stage.port}"), ("Content-Type", device.CHECKIN_TYPE),
                    ("Content-Length", str(len(body))), ("Authorization", f"Bearer {phone.token}"),
                    ("Mdm-Signature", phone.sign(body)), ("Connection", "close")]
            try:
                answer = raw.request(self.stage, "PUT", device.MDM_PATH, head, body)
            except OSError:
                return  # nothing listens any more
            self.begun.set()
            if answer.status == 200:
                self.acknowledged.append(phone.enrollment_id)
            elif answer.status not in (0, 503):
                self.broken.append(answer.status)


def stop_under_load(stage, number, with_signal):
    phones = [device.Device(stage, f"load-{number}-{n}").prepare() for n in range(6)]
    loads = [Load(stage, phones[:3]), Load(stage, phones[3:])]
    for load in loads:
        load.start()
    assert all(load.begun.wait(30) for load in loads)
    status = stage.server.stop(with_signal)
    for load in loads:
        load.join(60)
        assert not load.is_alive() and not load.broken, load.broken
    stage.start_server()
    known = {d["enrollment_id"] for d in stage.lists()[0]}
    acknowledged = {name for load in loads for name in load.acknowledged}
    assert acknowledged and acknowledged <= known, (acknowledged, known)
    return status


def test_what_was_acknowledged_under_load_survives_a_kill(stage):
    assert stop_under_load(stage, 1, signal.SIGKILL) == KILLED


def test_stopping_under_load_is_orderly(stage):
    assert stop_under_load(stage, 2, signal.SIGTERM) == 0
    assert '"level":"critical"' not in stage.log()


def refused_start(stage):
    """The server does not start: the last line that it logged."""
    before = len(stage.log())
    try:
        stage.start_server()
    except StageError as error:
        assert "ended with 1:" in str(error), error
        return stage.log()[before:]
    raise AssertionError("it started")


def check_state_key_refused(stage):
    assert "DW-CFG-STATEKEY" in refused_start(stage)
    findings = {f["id"]: f for f in stage.doorctl_json("doctor", expect=4)["findings"]}
    assert findings["state-key"]["state"] == "fail", findings["state-key"]
    refused = stage.doorctl_json("apns", "request", stage.folder / "request.pem", expect=None)
    assert refused["error"]["id"] == "DW-CFG-STATEKEY", refused


def test_only_the_state_key_that_has_sealed_is_taken(stage):
    key, kept = stage.folder / "state/state.key", stage.folder / "state.key.kept"
    stage.sim()
    assert stage.server.stop() == 0
    for mark in (True, False):  # as it is, and in a database that is older than marks
        if not mark:
            stage.sql("DELETE FROM state_key")
        key.rename(kept)
        check_state_key_refused(stage)
        assert not key.exists(), "a new key beside what is sealed"
        for text in ("another key of more than thirty-two bytes", "short", ""):
            key.write_text(text)
            key.chmod(0o600)
            check_state_key_refused(stage)
        key.unlink()
        kept.rename(key)
    stage.start_server()
    assert stage.rows("SELECT id FROM state_key") == [(1,)]
    findings = {f["id"]: f for f in stage.doorctl_json("doctor", expect=None)["findings"]}
    assert findings["state-key"]["state"] == "ok", findings["state-key"]
    assert stage.sim()["outcome"] == "enrolled"


def test_a_new_key_is_made_only_where_nothing_is_sealed(stage):
    key, kept = stage.folder / "state/state.key", stage.folder / "state.key.kept"
    stage.doorctl("apns", "request", stage.folder / "request.pem")
    assert stage.server.stop() == 0
    stage.sql("DELETE FROM sp_key", "DELETE FROM signing_key", "DELETE FROM state_key")
    key.rename(kept)
    assert "DW-CFG-STATEKEY" in refused_start(stage)
    stage.sql("DELETE FROM push_request")
    stage.start_server()
    assert key.read_bytes() != kept.read_bytes()


def test_what_does_not_open_ends_in_a_page(stage):
    stage.sim()
    stage.sql("UPDATE sp_key SET sealed_key = 'AAAA'")
    status, headers, body = stage.request("GET", "/mdm/sso")
    assert status == 500 and headers["Content-Type"].startswith("text/html"), (status, headers)
    assert b"Something went wrong here" in body and b"sealed" not in body, body
    status, _, body = stage.request("GET", "/saml/dev/metadata")
    assert status == 500 and b"sealed" not in body, (status, body)
    assert "template error" not in stage.log()
    stage.sql("DELETE FROM sp_key")


def test_half_a_request_does_not_keep_it_from_stopping(stage):
    body = b"x" * 100
    context = raw.ssl.create_default_context(cafile=str(stage.folder / "ca.pem"))
    plain = raw.socket.create_connection(("127.0.0.1", stage.port), timeout=60)
    with context.wrap_socket(plain, server_hostname="doorward.localhost") as stream:
        stream.sendall(f"PUT {device.MDM_PATH} HTTP/1.1\r\nHost: doorward.localhost:{stage.port}\r\n"
                       f"Content-Length: 1000\r\nContent-Type: {device.CHECKIN_TYPE}\r\n\r\n".encode() + body)
        try:
            assert stage.server.stop() == 0
        except StageError as error:
            raise AssertionError("it waits for a client that says nothing") from error
    stage.start_server()
    assert stage.sim()["outcome"] == "enrolled"


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1]), sys.modules[__name__]))
