#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-saml-check.py BUILD [TEST…]: doorctl saml check. TAP on standard output."""

import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

DOORCTL = pathlib.Path(sys.argv[1]).resolve() / "core" / "ctl" / "doorctl"
DATA = TESTS / "data"
REQUEST = "_5f1c9a7d20b84e6f93d1c0aa4be27e11"
SP = "https://mdm.example.com/saml/"
AT = "2026-01-01T12:01:00Z"
CHECKS = ["structure", "status", "signature", "issuer", "destination", "audience", "time", "recipient",
          "in-response-to", "session"]


def run(*words, given=None):
    return subprocess.run([DOORCTL, "saml", "check", *map(str, words)], input=given, capture_output=True, timeout=60,
                          check=False)


def options(name, **changes):
    """The options for a vendor's files, some changed, some (None) left out."""
    values = {"metadata": DATA / name / "metadata.xml", "sp_entity": SP + name, "acs": SP + name + "/acs", "at": AT}
    values.update(changes)
    return [f"--{key.replace('_', '-')}={value}" for key, value in values.items() if value is not None]


def accepted(name, file="response.xml", given=None, **changes):
    done = run(*options(name, **changes), "-" if given is not None else DATA / name / file, given=given)
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stdout, done.stderr)
    identity = json.loads(done.stdout)
    assert identity["accepted"] is True and identity["checks"] == CHECKS, identity
    return identity


def refused(rule, name, file="response.xml", given=None, **changes):
    done = run(*options(name, **changes), "-" if given is not None else DATA / name / file, given=given)
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    answer = json.loads(done.stdout)
    assert answer["accepted"] is False and answer["rule"] == rule, answer
    assert answer["text"] and answer["fix"] and answer["detail"], answer
    assert "name_id" not in answer and rule in done.stderr.decode(), (answer, done.stderr)
    if answer["check"] == "subject":  # has no name of its own among those that are passed
        assert answer["passed"] == CHECKS, answer
    elif answer["check"] is not None:
        assert answer["passed"] + [answer["check"]] == CHECKS[:len(answer["passed"]) + 1], answer
    return answer


def test_identity():
    identity = accepted("okta", request_id=REQUEST)
    assert identity["name_id"] == "ada@example.com", identity
    assert identity["format"] == "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", identity
    assert identity["issuer"] == "http://www.okta.com/exk1a2b3c4d5e6f7g8h9", identity
    assert identity["in_response_to"] == REQUEST, identity
    assert identity["attributes"]["groups"] == ["Everyone", "mac-admins"], identity
    qualified = accepted("shibboleth", "response-persistent.xml")
    assert qualified["name_qualifier"] == "https://idp.example.edu/idp/shibboleth", qualified
    assert qualified["sp_name_qualifier"] == SP + "shibboleth", qualified
    assert accepted("adfs")["format"] is None


def test_ways_to_give_the_message():
    xml = (DATA / "okta" / "response.xml").read_bytes()
    encoded = base64.b64encode(xml)
    expected = accepted("okta")
    for given in (xml, b"\n  " + xml.replace(b'<?xml version="1.0" encoding="UTF-8"?>\n', b""), encoded,
                  encoded + b"\n", b"\r\n".join(encoded[i:i + 76] for i in range(0, len(encoded), 76))):
        assert accepted("okta", given=given) == expected
    refused("DW-SAML-FORM", "okta", given=b"")
    refused("DW-SAML-FORM", "okta", given=b"certainly not base64!")
    refused("DW-SAML-FORM", "okta", given=b"AA\0BB")
    refused("DW-SAML-FORM", "okta", given=b"<a>" + b" " * (300 * 1024))
    refused("DW-SAML-XML", "okta", given=b"<a>")


def test_rules():
    """What is expected decides; each option is compared."""
    refused("DW-SAML-AUDIENCE", "okta", sp_entity=SP + "other")
    refused("DW-SAML-DESTINATION", "okta", acs=SP + "other/acs")
    refused("DW-SAML-INRESPONSETO", "okta", request_id="_other")
    refused("DW-SAML-ISSUER", "okta", "response-other-app.xml")
    refused("DW-SAML-AUDIENCE", "authentik", "response-no-audience.xml")
    refused("DW-SAML-UNSIGNED", "authentik", "response-unsigned.xml")
    refused("DW-SAML-NAMEID", "adfs", "response-no-name-id.xml")
    tampered = (DATA / "okta" / "response.xml").read_bytes().replace(b"ada@example.com", b"eve@example.com")
    refused("DW-SAML-SIGNATURE", "okta", given=tampered)


def test_time():
    """The window of the answer is 11:55:00.311 to 12:05:00.311; clocks may differ by 90 s, or as is said."""
    for at in ("2026-01-01T12:06:29Z", "1767269189", "2026-01-01T13:06:29+01:00"):
        accepted("okta", at=at)
    refused("DW-SAML-LATE", "okta", at="2026-01-01T12:06:30Z")
    refused("DW-SAML-EARLY", "okta", at="2026-01-01T11:53:29Z")
    accepted("okta", at="2026-01-01T12:04:59Z", clock_skew="0s")
    refused("DW-SAML-LATE", "okta", at="2026-01-01T12:05:00Z", clock_skew="0s")
    refused("DW-SAML-LATE", "okta", at=None)


def test_signed_part():
    for want in ("any", "assertion", "response", "both"):
        accepted("okta", want=want)
    accepted("adfs", want="assertion")
    refused("DW-SAML-UNSIGNED", "adfs", want="response")
    refused("DW-SAML-UNSIGNED", "adfs", want="both")
    accepted("jumpcloud", want="response")
    refused("DW-SAML-UNSIGNED", "jumpcloud", want="assertion")


def test_weak_algorithms():
    refused("DW-SAML-ALGORITHM", "onelogin", "response-sha1.xml")
    accepted("onelogin", "response-sha1.xml", allow="sha1")
    done = run(*options("onelogin", allow="sha1,rsa15"), DATA / "onelogin" / "response-sha1.xml")
    assert done.returncode == 0 and json.loads(done.stdout)["accepted"], done


def test_certificates():
    """In place of metadata: each may be the one, and the entity id is compared."""
    keys = DATA / "saml" / "keys"
    by_key = options("okta", metadata=None, idp_entity="http://www.okta.com/exk1a2b3c4d5e6f7g8h9")
    message = DATA / "okta" / "response.xml"
    done = run(*by_key, f"--idp-cert={keys / 'rsa-other.crt.pem'}", f"--idp-cert={keys / 'rsa.crt.pem'}", message)
    assert done.returncode == 0 and json.loads(done.stdout)["name_id"] == "ada@example.com", done
    done = run(*by_key, f"--idp-cert={keys / 'rsa-other.crt.pem'}", message)
    assert done.returncode == 1 and json.loads(done.stdout)["rule"] == "DW-SAML-SIGNATURE", done
    done = run(*options("okta", metadata=None, idp_entity="http://www.okta.com/other"),
               f"--idp-cert={keys / 'rsa.crt.pem'}", message)
    assert done.returncode == 1 and json.loads(done.stdout)["rule"] == "DW-SAML-ISSUER", done


def test_metadata_is_judged():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "metadata.xml"
        text = (DATA / "okta" / "metadata.xml").read_text(encoding="utf-8")
        file.write_text(text.replace("entityID=", 'validUntil="2026-01-01T12:01:00Z" entityID=', 1), encoding="utf-8")
        refused("DW-IDP-METADATA", "okta", metadata=file)
        accepted("okta", metadata=file, at="2026-01-01T12:00:59Z")
        file.write_text("<html/>", encoding="utf-8")
        refused("DW-IDP-METADATA", "okta", metadata=file)


def test_encrypted():
    """By a private key alone; the key comes from the command line, so there is no pending request to protect."""
    keys = DATA / "saml" / "keys"
    clear = [f"--idp-cert={keys / 'rsa.crt.pem'}", "--idp-entity=https://idp.example.com/saml", f"--sp-entity={SP}okta",
             f"--acs={SP}okta/acs", f"--at={AT}"]
    for cipher in ("aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"):
        message = DATA / "saml" / "encrypted" / f"xmlsec-{cipher}.xml"
        for extra in ([], ["--request-id=_q1"], [f"--sp-key={keys / 'rsa.key.pem'}"]):
            done = run(*clear, f"--sp-key={keys / 'rsa-other.key.pem'}", *extra, message)
            identity = json.loads(done.stdout)
            assert done.returncode == 0 and "decryption" in identity["checks"] and identity["name_id"], done
        for words, rule in (([f"--sp-key={keys / 'rsa.key.pem'}"], "DW-SAML-DECRYPT"), ([], "DW-SAML-ENCRYPTED"),
                            ([f"--sp-key={keys / 'rsa-other.key.pem'}", "--request-id=_q2"], "DW-SAML-INRESPONSETO")):
            done = run(*clear, *words, message)
            assert done.returncode == 1 and json.loads(done.stdout)["rule"] == rule, (words, done)
    weak = DATA / "saml" / "encrypted" / "xmlsec-aes256-cbc-rsa15.xml"
    done = run(*clear, f"--sp-key={keys / 'rsa-other.key.pem'}", weak)
    assert done.returncode == 1 and json.loads(done.stdout)["rule"] == "DW-SAML-ALGORITHM", done
    done = run(*clear, f"--sp-key={keys / 'rsa-other.key.pem'}", "--allow=rsa15", weak)
    assert done.returncode == 0 and "decryption" in json.loads(done.stdout)["checks"], done
    done = run(*clear, f"--sp-key={keys / 'rsa.crt.pem'}", message)
    assert done.returncode == 64 and b"private key" in done.stderr, done


def test_unsolicited():
    """An answer to no request: as good as any where no request is named."""
    keys = DATA / "saml" / "keys"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "response.xml"
        template = (DATA / "jumpcloud" / "response.xml").read_text(encoding="utf-8")
        unsigned = re.sub(r"<ds:SignatureValue>.*?</ds:SignatureValue>", "<ds:SignatureValue/>",
                          re.sub(r"<ds:DigestValue>.*?</ds:DigestValue>", "<ds:DigestValue/>",
                                 template.replace(f' InResponseTo="{REQUEST}"', ""), flags=re.DOTALL), flags=re.DOTALL)
        assert "InResponseTo" not in unsigned
        (file.parent / "in.xml").write_text(unsigned, encoding="utf-8")
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", str(keys / "rsa.key.pem"), "--id-attr:ID",
                        "urn:oasis:names:tc:SAML:2.0:protocol:Response", "--output", str(file),
                        str(file.parent / "in.xml")], check=True, capture_output=True)
        identity = accepted("jumpcloud", given=file.read_bytes())
        assert identity["in_response_to"] is None, identity
        refused("DW-SAML-UNSOLICITED", "jumpcloud", given=file.read_bytes(), request_id=REQUEST)


def test_command_line():
    message = DATA / "okta" / "response.xml"
    for words in (options("okta", sp_entity=None) + [message], options("okta", acs=None) + [message],
                  options("okta", metadata=None) + [message], options("okta", metadata="/nowhere.xml") + [message],
                  options("okta") + ["/nowhere.xml"], options("okta", at="yesterday") + [message],
                  options("okta", want="all") + [message], options("okta", allow="md5") + [message],
                  options("okta", clock_skew="1h") + [message],
                  options("okta", metadata=None) + [f"--idp-cert={DATA / 'saml/keys/rsa.crt.pem'}", message],
                  options("okta", idp_cert=DATA / "saml/keys/rsa.crt.pem") + [message], options("okta")):
        done = run(*words)
        assert done.returncode == 64 and not done.stdout and done.stderr, (words, done)
        in_json = run("--json", *words)
        assert in_json.returncode == 64 and json.loads(in_json.stdout)["error"]["text"], (words, in_json)


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
