#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates for clients that are not ours: strongSwan's pki and MicroMDM's scepclient.

Neither can be told which TLS anchors to trust, so the server listens on plain HTTP too.
"""

import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import tap  # noqa: E402
from stage import Stage, free_port  # noqa: E402

TIMEOUT_S = 60


def find_program(name, package):
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin")
    if found is None:
        raise tap.Skip(f"{name} is not installed (package {package})")
    return found


def scep_url(stage):
    return f"http://127.0.0.1:{stage.plain_port}/mdm/apple/scep"


def device_with_challenge(stage, name):
    """A device that has its profile, and with it a challenge of its own."""
    phone = device.Device(stage, name)
    phone.sign_in()
    phone.fetch_profile()
    return phone


def enroll_with(stage, phone, key, certificate):
    """The certificate the client got is good for an enrollment."""
    phone.key, phone.certificate = key, certificate
    issuer = device.openssl("verify", "-CAfile", stage.folder / "state" / "scep-ca.pem", "-purpose", "any", certificate)
    assert b": OK" in issuer, issuer
    for body in (phone.authenticate_body(), phone.token_update_body()):
        reply = phone.put(body)
        assert reply.status == 200, (reply.status, reply.body)
    people = stage.doorctl_json("device", "show", phone.enrollment_id)["people"]
    assert [p["email"] for p in people] == [phone.account], people


def run_pki(stage, folder, key, *words, fails=False):
    ca = stage.folder / "state" / "scep-ca.pem"
    done = subprocess.run([find_program("pki", "strongswan-pki"), "--scep", "--url", scep_url(stage), "--in", key,
                           "--dn", "CN=phone", "--cacert-enc", ca, "--cacert-sig", ca, "--cacert", ca, "--outform",
                           "pem", *words], cwd=folder, capture_output=True, timeout=TIMEOUT_S)
    if b"no capable fetcher" in done.stderr:
        raise tap.Skip("pki cannot speak HTTP (package libstrongswan-extra-plugins with the plugin curl)")
    assert (done.returncode != 0) == fails, done.stderr.decode(errors="replace")
    return done.stdout


def test_strongswan(stage):
    phone = device_with_challenge(stage, "strongswan")
    key, renewed = phone.folder / "pki.key", phone.folder / "pki-2.key"
    for file in (key, renewed):
        device.openssl("genrsa", "-traditional", "-out", file, "2048")
    certificate = phone.folder / "pki.pem"
    run_pki(stage, phone.folder, key, "--cipher", "des3", "--password", "0" * 64, fails=True)
    certificate.write_bytes(run_pki(stage, phone.folder, key, "--cipher", "des3", "--password", phone.challenge))
    enroll_with(stage, phone, key, certificate)
    new = phone.folder / "pki-2.pem"
    new.write_bytes(run_pki(stage, phone.folder, renewed, "--cipher", "des3", "--cert", certificate, "--key", key))
    body = phone.idle_body()
    assert phone.put(body, device.COMMAND_TYPE, signature=phone.sign(body, renewed, new)).status == 200
    assert phone.poll().status == 403, "the renewed certificate replaced it"


def run_scepclient(stage, phone, name, challenge):
    """Gives (exit status, key, certificate)."""
    folder = phone.folder / name
    folder.mkdir()
    key, certificate = folder / "client.key", folder / "client.pem"
    done = subprocess.run([find_program("scepclient", "scep"), "-server-url", scep_url(stage), "-challenge", challenge,
                           "-private-key", key, "-certificate", certificate, "-cn", "phone"], cwd=folder,
                          capture_output=True, timeout=TIMEOUT_S)
    return done.returncode, key, certificate


def test_scepclient_needs_single_des_allowed(stage):
    phone = device_with_challenge(stage, "scepclient")
    status, _, certificate = run_scepclient(stage, phone, "refused", phone.challenge)
    assert status != 0 and not certificate.exists()
    faults = [event.get("DOORWARD_FAULT") for event in stage.events("certificate")]
    assert faults[-1:] == ["DW-SCEP-ALGORITHM"], faults
    with stage.configured("[scep]\nAllowDes=true\n"):
        assert run_scepclient(stage, phone, "wrong", "0" * 64)[0] != 0
        status, key, certificate = run_scepclient(stage, phone, "taken", phone.challenge)
        assert status == 0, stage.server.tail()
        enroll_with(stage, phone, key, certificate)


def make_stage(build):
    stage = Stage(build)
    stage.plain_port = free_port()
    stage.replace = {"SignInsPerMinute=6000": f"SignInsPerMinute=6000\nHttp=127.0.0.1:{stage.plain_port}"}
    return stage


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(make_stage(sys.argv[1]), sys.modules[__name__]))
