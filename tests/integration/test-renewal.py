#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server has devices renew their identity certificate: nobody signs in, and the owner stays."""

import contextlib
import os
import pathlib
import plistlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage, StageError  # noqa: E402

SHORT = "CertificateLifetime=1d"
CONFIG = f"\n[scep]\n{SHORT}\n"
OWNER = "anna.chao@example.test"
PATIENCE_S = 90


def wait_for(what, find):
    """Asks once a second, and gives what is found."""
    return until(what, find, PATIENCE_S, pause_s=1, error=StageError)


def enrollment(stage, name):
    """The only one of a device that has one owner."""
    shown = stage.doorctl_json("device", "show", name)
    assert [p["email"] for p in shown["people"]] == [OWNER] and shown["people"][0]["to"] is None, shown
    assert [e["state"] for e in shown["enrollments"]] == ["active"], shown
    return shown["enrollments"][0]


def crash(stage):
    assert stage.restart(signal.SIGKILL) == -signal.SIGKILL


def next_command(phone):
    reply = phone.poll()
    assert reply.status == 200, reply.status
    return plistlib.loads(reply.body) if reply.body else None


def challenge_of(command):
    """That of the profile that is sent again; all else must be as before."""
    xml = device.openssl("cms", "-verify", "-noverify", "-binary", "-inform", "DER", data=command["Command"]["Payload"])
    profile = plistlib.loads(xml)
    payloads = {p["PayloadType"]: p for p in profile["PayloadContent"]}
    return profile, payloads["com.apple.security.scep"]["PayloadContent"]["Challenge"]


def test_renewed_before_the_end(stage):
    """A server that is killed after each step: nothing is lost, and nothing done twice."""
    phone = device.Device(stage, "renewed").enroll()
    before = enrollment(stage, phone.enrollment_id)
    assert "renewal" not in before, before
    assert next_command(phone) is None
    # what was issued for a day is at its end for who issues for a year
    with stage.configured(replace={SHORT: "CertificateLifetime=365d"}):
        command = wait_for("the command to renew", lambda: next_command(phone))
        assert command["Command"]["RequestType"] == "InstallProfile", command
        profile, challenge = challenge_of(command)
        assert challenge != phone.challenge
        for payload in profile["PayloadContent"]:
            if payload["PayloadType"] == "com.apple.security.scep":
                payload["PayloadContent"]["Challenge"] = phone.challenge
        assert profile == phone.profile, (profile, phone.profile)
        crash(stage)
        assert next_command(phone) == command, "what was not answered is handed over again"
        client = phone.scep_client("renewed")
        first = client.read(phone.post_scep(client.build(challenge)).body).read_bytes()
        crash(stage)
        again = client.read(phone.post_scep(client.build(challenge)).body)
        assert again.read_bytes() == first, "the same key gets the same certificate"
        assert next_command(phone) == command, "the former is good until the new one is used"

        def put(body, kind=device.CHECKIN_TYPE):
            return phone.put(body, kind, signature=phone.sign(body, client.key, again))

        assert put(phone.authenticate_body()).status == 200
        crash(stage)
        assert put(phone.token_update_body()).status == 200
        done = device.plist(EnrollmentID=phone.enrollment_id, Status="Acknowledged", CommandUUID=command["CommandUUID"])
        reply = put(done, device.COMMAND_TYPE)
        assert reply.status == 200 and not reply.body, reply.body
        assert phone.poll().status == 403, "the former is worth nothing"
        crash(stage)
        after = enrollment(stage, phone.enrollment_id)
        assert after["id"] == before["id"] and after["begun"] == before["begun"], (before, after)
        assert after["identity_ends"] > before["identity_ends"], (before, after)
        assert after["certificate_sha256"] != before["certificate_sha256"]
        assert after["renewal"]["state"] == "done" and after["renewal"]["tries"] == 1, after
        commands = stage.doorctl_json("device", "commands", phone.enrollment_id)["commands"]
        assert [c["state"] for c in commands] == ["acknowledged"], commands
        assert "renewed " in stage.doorctl("device", "show", phone.enrollment_id)


@contextlib.contextmanager
def simulated(stage, folder):
    """A device that waits until it has renewed its identity, which the server tells it while the block runs."""
    sim = subprocess.Popen([str(word) for word in (
        stage.build / "tests/sim/doorward-sim", "byod", "--server", stage.url, "--ca", stage.folder / "ca.pem",
        "--profile-ca", stage.folder / "state/scep-ca.pem", "--account", OWNER, "--user", "anna", "--password", "anna",
        "--save", folder, "--wait", PATIENCE_S, "--until-renewed", "--json")], stdout=subprocess.PIPE, text=True)
    try:
        yield wait_for("the sign-in", lambda: (folder / "enrollment-id").exists() and (folder / "enrollment-id").read_text())
        out, _ = sim.communicate(timeout=2 * PATIENCE_S)
    finally:
        sim.kill()
        sim.wait()
    assert sim.returncode == 0, out
    assert "the identity is renewed" in out, out


def test_asked_for(stage):
    """An administrator has a device renew, and the simulated one does."""
    with simulated(stage, stage.folder / "saved") as name:
        wait_for("the enrollment", lambda: stage.doorctl("device", "renew", name, expect=None))
    shown = enrollment(stage, name)
    assert shown["renewal"]["state"] == "done", shown
    assert [e["DOORWARD_CERTIFICATE"] for e in stage.events("renewal")][-1] != shown["certificate_sha256"]
    stage.doorctl("device", "renew", "unknown", expect=3)


def reload(stage, change):
    done = subprocess.run([str(stage.build / "core/ctl/doorctl"), "config", "reload"], capture_output=True, text=True,
                          timeout=PATIENCE_S, env=dict(os.environ, RUNTIME_DIRECTORY=str(stage.folder)))
    assert done.returncode == 0 and change in done.stdout, (done.stdout, done.stderr)


def check_ins(stage, name):
    """What a device said at the beginning and after a renewal, with what the server found behind its address."""
    return [(e["MESSAGE"], e.get("DOORWARD_REFERENCE")) for e in stage.events("check-in") if e["DOORWARD_DEVICE"] == name]


def test_server_url_stays(stage):
    """EnrollReference is for new enrollments: who has a profile keeps its address, in both directions."""
    for first, later, found in (("compatible", "off", "matched"), ("off", "compatible", None)):
        begun, folder = [("Authenticate", found), ("TokenUpdate", found)], stage.folder / f"began-{first}"
        with stage.configured(f"[enrollment]\nEnrollReference={first}\n"), simulated(stage, folder) as name:
            wait_for("the enrollment", lambda: check_ins(stage, name)[1:])
            assert check_ins(stage, name) == begun, check_ins(stage, name)
            config = stage.folder / "doorward.conf"
            config.write_text(config.read_text().replace(f"EnrollReference={first}", f"EnrollReference={later}"))
            reload(stage, "~ enrollment EnrollReference")
            phone = device.Device(stage, f"since-{later}")
            phone.sign_in()
            phone.fetch_profile()
            url = phone.payload("com.apple.mdm")["ServerURL"]
            plain = f"{stage.url}/mdm/apple/mdm"
            assert url == plain if later == "off" else url.startswith(f"{plain}?enroll_reference="), url
            stage.doorctl("device", "renew", name)
        # the device itself refuses a profile with another address
        assert check_ins(stage, name) == begun * 2, check_ins(stage, name)
        assert not [e for e in stage.events("enroll-reference") if e["DOORWARD_DEVICE"] == name]


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1], CONFIG), sys.modules[__name__]))
