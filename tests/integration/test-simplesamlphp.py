#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The journey with Debian's SimpleSAMLphp as the identity provider, known by its metadata file alone."""

import base64
import pathlib
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import administrators  # noqa: E402
import browser  # noqa: E402
import simplesamlphp  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

USERS = {
    "carla": {"password": "carla", "attributes": {
        "uid": ["carla"], "email": ["carla.diaz@example.test"], "displayName": ["Carla Díaz"], "givenName": ["Carla"],
        "sn": ["Díaz"], "groups": ["design", "staff"]}},
}
CARLA = {"user": "carla", "account": "carla.diaz@example.test"}


def prepare(build, signed="both"):
    """A stage and a provider that know each other; neither runs yet."""
    stage = Stage(build, "[idp/simple]\nType=saml\nDisplayName=SimpleSAMLphp\nMetadataFile={stage.metadata}\n"
                  "Encryption=true\nUse=enrollment;admin\n\n[admin]\nJit=true\nMaintainerGroups=staff\n", idp=False)
    folder = stage.folder / "simplesamlphp"
    stage.metadata = folder / "metadata.xml"
    stage.prepare()
    provider = simplesamlphp.ServiceProvider(f"{stage.url}/saml/simple",
                                             [f"{stage.url}/saml/simple/acs",
                                              f"{stage.url}/api/v1/fleet/mdm/sso/callback"])
    idp = simplesamlphp.SimpleSamlPhp(folder, USERS, [provider], https=True, signed=signed)
    return stage, idp


def test_journey_ends_linked(stage):
    report = stage.sim(**CARLA)
    assert report["outcome"] == "enrolled", report
    assert any(step["who"] == simplesamlphp.HOST for step in report["steps"]), report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert [(p["email"], p["full_name"], p["to"]) for p in found["people"]] == [
        (CARLA["account"], "Carla Díaz", None)], found
    assert found["enrollments"][0]["state"] == "active", found


def test_attributes_arrive(stage):
    person = stage.doorctl_json("person", "show", CARLA["account"])
    assert person["given_name"] == "Carla" and person["family_name"] == "Díaz", person
    assert set(person["groups"]) == {"design", "staff"}, person
    assert person["identities"][0]["issuer"] == stage.simple.entity_id, person


def test_second_device_of_the_same_person(stage):
    stage.sim("--product", "iPad14,8", "--model-family", "iPad", **CARLA)
    assert len(stage.lists()[1]) == 1 and len(stage.lists()[0]) == 2, stage.lists()


def test_an_administrator_signs_in(stage):
    before = stage.lists()
    person = browser.Browser(stage.folder / "ca.pem")
    me = administrators.enter(stage, person, administrators.sign_in(stage, person, "simple", CARLA["user"]))
    assert (me["email"], me["name"]) == (CARLA["account"], "Carla Díaz"), me
    assert me["roles"] == [{"role": "maintainer", "team": None}], me
    assert stage.lists() == before


def test_wrong_assertions_are_refused(stage):
    before = stage.lists()
    for name in ("tampered-assertion", "wrong-user", "foreign-cookie"):
        report = stage.sim("--misbehave", name, **CARLA)
        assert report["outcome"] == "refused" and report["expected"], report
    assert stage.lists() == before
    assert stage.sim("--misbehave", "replay", **CARLA)["outcome"] == "enrolled"


def test_what_doorctl_tells_to_enter_is_what_was_entered(stage):
    text = stage.doorctl("idp", "show", "simple")
    assert f"{stage.url}/saml/simple/acs" in text and f"{stage.url}/saml/simple\n" in text, text
    assert "{" not in text, text


def service_certificate(stage, use):
    """What this server's metadata says of a key, as PEM."""
    document = xml.etree.ElementTree.fromstring(stage.request("GET", "/saml/simple/metadata")[2])
    names = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
    text = document.find(f".//md:KeyDescriptor[@use='{use}']//ds:X509Certificate", names).text
    return f"-----BEGIN CERTIFICATE-----\n{text.strip()}\n-----END CERTIFICATE-----\n"


def test_requests_are_verified_and_assertions_encrypted(stage):
    """SimpleSAMLphp demands signed requests and encrypts, once it has our metadata."""
    known = stage.simple.service_providers
    signing, encryption = (service_certificate(stage, use) for use in ("signing", "encryption"))
    try:
        stage.simple.know([known[0]._replace(encryption_certificate=encryption, signing_certificate=signing)])
        person = browser.Browser(stage.folder / "ca.pem")
        page = person.sign_in(person.get(f"{stage.url}/mdm/sso/start?idp=simple"), CARLA["user"])
        sent = base64.b64decode(page.page.fields["SAMLResponse"])
        assert b"EncryptedAssertion" in sent and simplesamlphp.AES128_CBC.encode() in sent
        reply = person.submit(page)
        assert reply.status == 308, reply.status
        # the key of another does not do
        stage.simple.know([known[0]._replace(signing_certificate=stage.simple.ca_file.read_text())])
        reply = browser.Browser(stage.folder / "ca.pem").get(f"{stage.url}/mdm/sso/start?idp=simple")
        assert "password" not in reply.page.fields and "SAMLResponse" not in reply.page.fields, reply.body
        assert "Unable to validate signature" in stage.simple.log_file.read_text()
    finally:
        stage.simple.know(known)


def main():
    missing = simplesamlphp.find_missing()
    if missing:
        print(f"1..0 # SKIP not installed: {' '.join(missing)}")
        return 0
    stage, idp = prepare(sys.argv[1])
    stage.simple = idp
    with idp:
        # one file for clients: the stage's own authority and the provider's certificate
        with open(stage.folder / "ca.pem", "a") as anchors:
            anchors.write(idp.ca_file.read_text())
        stage.write_config()
        with stage.prepared():
            status = tap.run(sys.modules[__name__], stage)
            stage.kept = status != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
