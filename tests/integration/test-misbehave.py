#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices, browsers and identity providers that do what they must not, against the real server."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import tap  # noqa: E402
from stage import IDP_HOST, Stage, make_ca  # noqa: E402

# "offset-time" is not what SAML Core 1.3.3 wants; the instant is clear and signed, so it is converted.
VALID = {"none", "one-time-use", "proxy-restriction", "fraction-time", "offset-time"}
# Has a test of its own: all of the text counts, as the signature covers it.
JOINED = {"comment-in-nameid"}

# What each wrong answer of the development identity provider is refused as.
REFUSED_AS = {
    "wrong-audience": "DW-SAML-AUDIENCE",
    "no-audience": "DW-SAML-AUDIENCE",
    "wrong-recipient": "DW-SAML-RECIPIENT",
    "wrong-destination": "DW-SAML-DESTINATION",
    "wrong-issuer": "DW-SAML-ISSUER",
    "response-issuer-differs": "DW-SAML-ISSUER",
    "expired": "DW-SAML-LATE",
    "not-yet-valid": "DW-SAML-EARLY",
    "no-conditions": "DW-SAML-CONDITIONS",
    "unsigned": "DW-SAML-UNSIGNED",
    "bad-signature": "DW-SAML-SIGNATURE",
    "other-key": "DW-SAML-SIGNATURE",
    "sha1": "DW-SAML-ALGORITHM",
    "hmac-signature": "DW-SAML-ALGORITHM",
    "wrong-in-response-to": "DW-FLOW-UNKNOWN",
    "no-in-response-to": "DW-SAML-UNSOLICITED",
    "replayed-id": "DW-SAML-REPLAY",
    "status-denied": "DW-SAML-STATUS",
    "no-nameid": "DW-SAML-NAMEID",
    "two-assertions": "DW-SAML-STRUCTURE",
    "no-authn-statement": "DW-SAML-AUTHN",
    "xsw1": "DW-SAML-STRUCTURE",
    "xsw2": "DW-SAML-STRUCTURE",
    "xsw3": "DW-SAML-STRUCTURE",
    "xsw4": "DW-SAML-STRUCTURE",
    "xsw5": "DW-SAML-STRUCTURE",
    "xsw6": "DW-SAML-STRUCTURE",
    "xsw7": "DW-SAML-STRUCTURE",
    "xsw8": "DW-SAML-STRUCTURE",
    "doctype": "DW-SAML-XML",
    "deep-nesting": "DW-SAML-XML",
    "many-attributes": "DW-SAML-XML",
    "duplicate-ids": "DW-SAML-STRUCTURE",
    "empty-digest": "DW-SAML-SIGNATURE",
    "foreign-transform": "DW-SAML-STRUCTURE",
    "holder-of-key-only": "DW-SAML-RECIPIENT",
    "no-subject-confirmation-data": "DW-SAML-RECIPIENT",
    "unknown-condition": "DW-SAML-CONDITIONS",
    "huge": "DW-HTTP-TOOLARGE",
}


def explain(stage, code):
    return stage.doorctl_json("explain", code)


def list_faults(stage):
    text = stage.request("GET", "/faults", host=IDP_HOST, port=stage.idp_port)[2].decode()
    return [line.split("\t")[0] for line in text.splitlines()]


def enrolled_after(stage, *words, **options):
    """Runs a scenario that must end well; exactly one device comes of it."""
    before = len(stage.lists()[0])
    report = stage.sim(*words, **options)
    assert report["outcome"] == "enrolled" and report["expected"], report
    assert len(stage.lists()[0]) == before + 1
    owners = stage.doorctl_json("device", "show", report["enrollment_id"])["people"]
    assert len(owners) == 1 and owners[0]["to"] is None, owners
    return report


def refused_without_trace(stage, *words, fault, **options):
    """Runs a scenario that must be refused with a page; nothing may have changed."""
    before = stage.lists()
    report = stage.sim(*words, **options)
    assert report["outcome"] == "refused" and 400 <= report["refusal"]["status"] < 500, report
    told = explain(stage, report["refusal"]["code"])
    assert told["outcome"] == "refused" and told["fault"]["id"] == fault, told
    assert told["fault"]["status"] == report["refusal"]["status"], (told, report["refusal"])
    assert report["refusal"]["text"] == told["fault"]["user_text"], (told, report["refusal"])
    assert told["detail"] and told["detail"] not in report["refusal"]["text"], told
    assert stage.lists() == before
    return report


def test_late_login(stage):
    with stage.configured("[sign-in]\nRequestLifetime=1s\n"):
        report = enrolled_after(stage, "--misbehave", "late-login", "--delay", "2")
        late = [step for step in report["steps"] if step["result"].startswith("410")]
        assert late, report["steps"]


def test_a_late_login_that_was_in_time_is_explained(stage):
    report = stage.sim("--misbehave", "late-login", "--delay", "1", expect=1)
    assert "it needs a RequestLifetime= in [sign-in]" in report["error"]["message"], report["error"]


def test_authorities_of_others_are_explained(stage):
    other = stage.folder / "other"
    other.mkdir()
    make_ca(other)
    report = stage.sim("--ca", other / "ca.pem", expect=69)
    assert "the file of --ca does not have its authority" in report["error"]["message"], report["error"]
    words = ["byod", "--server", stage.url, "--account", "anna.chao@example.test", "--password", "anna", "--json"]
    done = subprocess.run([stage.build / "tests/sim/doorward-sim", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 69 and "--ca FILE names its authority" in done.stdout, done.stdout


def test_replay(stage):
    report = enrolled_after(stage, "--misbehave", "replay")
    assert "refused" in report["steps"][-1]["result"], report["steps"]


def test_tampered_assertion(stage):
    refused_without_trace(stage, "--misbehave", "tampered-assertion", fault="DW-SAML-SIGNATURE")


def test_wrong_user(stage):
    refused_without_trace(stage, "--misbehave", "wrong-user", fault="DW-ID-MISMATCH")


def test_foreign_cookie(stage):
    refused_without_trace(stage, "--misbehave", "foreign-cookie", fault="DW-FLOW-COOKIE")


def test_stolen_challenge(stage):
    enrolled_after(stage, "--misbehave", "stolen-challenge")
    assert [e for e in stage.events("certificate") if e.get("DOORWARD_FAULT") == "DW-SCEP-KEY"]


def test_bad_signature(stage):
    enrolled_after(stage, "--misbehave", "bad-signature")


def test_no_bearer(stage):
    enrolled_after(stage, "--misbehave", "no-bearer")


def test_lost_replies(stage):
    report = enrolled_after(stage, "--misbehave", "lost-replies")
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert len(found["enrollments"]) == 1 and found["enrollments"][0]["state"] == "active", found


def test_list_of_scenarios_is_complete(stage):
    """A new scenario of the simulated device needs a test here."""
    text = device.subprocess.run([stage.build / "tests/sim/doorward-sim", "--help"], capture_output=True,
                                 text=True, check=True).stdout
    tests = {name.removeprefix("test_").replace("_", "-") for name in globals()}
    known = [line.split()[0] for line in text.splitlines() if re.match(r"  [a-z-]+ {2,}.*; expects", line)]
    assert len(known) >= 9 and set(known) <= tests, (known, tests)


def test_list_of_faults_is_complete(stage):
    known = VALID | JOINED | set(REFUSED_AS)
    assert set(list_faults(stage)) == known, set(list_faults(stage)) ^ known


def test_unusual_but_valid_answers_enroll(stage):
    for fault in sorted(VALID):
        enrolled_after(stage, "--idp-fault", fault)


def test_wrong_answers_are_refused(stage):
    before = stage.lists()
    wrong = []
    for fault, fault_id in REFUSED_AS.items():
        phone = device.Device(stage, f"fault-{fault}")
        first = phone.browser.sign_in(phone.start(), phone.user)
        if fault == "replayed-id":
            assert phone.browser.submit(first).status == 308
        reply = phone.answer_with(fault)
        if reply.status == 413:  # refused before it is read: nothing is recorded
            told = "DW-HTTP-TOOLARGE" if b"too large" in reply.body else reply.body[:200]
        else:
            told = explain(stage, reply.code)["fault"]["id"] if reply.code else reply.body[:200]
        if told != fault_id or not 400 <= reply.status < 500 or "Location" in reply.headers:
            wrong.append((fault, reply.status, told))
        if b"Try again" not in reply.body and reply.status != 413:
            wrong.append((fault, "no way on"))
    assert not wrong, wrong
    devices, people = stage.lists()
    assert devices == before[0] and [p["email"] for p in people] == [p["email"] for p in before[1]]
    assert not [p for p in people if "evil" in p["email"]], people


def test_comment_in_a_name_cuts_nothing_off(stage):
    phone = device.Device(stage, "comment")
    phone.browser.sign_in(phone.start(), phone.user)
    reply = phone.answer_with("comment-in-nameid")
    if reply.status == 308:
        people = [p for p in stage.lists()[1] if p["email"] == phone.account]
        subjects = [stage.doorctl_json("person", "show", p["id"])["identities"][0]["subject"] for p in people]
        assert len(people) == 2 and len(set(subjects)) == 2, subjects
    with stage.configured(replace={"DisplayName=Dev IdP": "DisplayName=Dev IdP\nEmail=NameID\nManagedAccount=NameID"}):
        reply = phone.answer_with("comment-in-nameid")
        assert reply.status == 403 and explain(stage, reply.code)["fault"]["id"] == "DW-ID-MISMATCH"


def test_try_again_goes_on_where_it_began(stage):
    path = device.ENROLL_PATH + "/design"
    with stage.configured("[team/design]\nTitle=Design\n"):
        phone = device.Device(stage, "again")
        phone.browser.sign_in(phone.start(path), phone.user)
        for fault in ("status-denied", "bad-signature", "expired", "wrong-in-response-to"):
            refused = phone.answer_with(fault, path)
            assert refused.status in (400, 403), (fault, refused.status)
            reply = phone.browser.get(stage.url + refused.retry)
            phone.read_token(phone.browser.submit(phone.browser.sign_in(reply, phone.user)))
            assert phone.post_machine_info(path, phone.token).status == 200, (fault, refused.retry)
            assert "anna.chao" in refused.retry, refused.retry


def test_server_works_afterwards(stage):
    enrolled_after(stage)
    assert stage.server.process.poll() is None
    assert '"level":"critical"' not in stage.log()


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1]), sys.modules[__name__]))
