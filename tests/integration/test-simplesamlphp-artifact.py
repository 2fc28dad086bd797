#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sign-ins with Debian's SimpleSAMLphp that gives the browser an artifact; the server fetches the answer itself."""

import pathlib
import sqlite3
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import simplesamlphp  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

ACCOUNT = "carla.diaz@example.test"
USERS = {"carla": {"password": "carla", "attributes": {
    "uid": ["carla"], "email": [ACCOUNT], "displayName": ["Carla Díaz"], "groups": ["design", "staff"]}}}
CONFIG = """[admin]
Jit=true

[idp/simple]
Type=saml
MetadataFile={stage.metadata}
Use=enrollment;admin
ResponseBinding=artifact
EmailDomains=example.test
"""
RESULT = "apple-remotemanagement-user-login://authentication-results?access-token="
MAX_HOPS = 12


def prepare(build):
    """A stage and a provider that know each other; neither runs yet."""
    stage = Stage(build, CONFIG, idp=False)
    folder = stage.folder / "simplesamlphp"
    stage.metadata = folder / "metadata.xml"
    stage.prepare()
    # the server itself asks the provider, whose certificate no authority has made
    stage.environment.update(LD_PRELOAD=str(stage.build / "tests/integration/libtrust-ca.so"),
                             TRUST_CA=str(stage.folder / "ca.pem"))
    provider = simplesamlphp.ServiceProvider(f"{stage.url}/saml/simple", [f"{stage.url}/saml/simple/acs"])
    return stage, simplesamlphp.SimpleSamlPhp(folder, USERS, [provider], https=True, artifact=True)


def carry(stage, path):
    """A browser that has signed in at the provider, and the address with the artifact it is sent to."""
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.get(stage.url + path, follow=False)
    for _ in range(MAX_HOPS):
        if "password" in reply.page.fields:
            reply = person.submit(reply, username="carla", password="carla")
        target = urllib.parse.urljoin(reply.url, reply.headers.get("Location", ""))
        if "SAMLart=" in target:
            return person, target
        assert reply.status in (301, 302, 303), (reply.status, reply.url, reply.body[:600])
        reply = person.request("GET", target)
    raise RuntimeError(f"no artifact after {MAX_HOPS} redirects")


def count(stage, what):
    with sqlite3.connect(f"file:{stage.folder}/state/doorward.db?mode=ro", uri=True) as db:
        return db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


def test_enrollment(stage):
    person, target = carry(stage, "/mdm/sso/start?idp=simple")
    assert target.startswith(f"{stage.url}/saml/simple/acs?"), target
    reply = person.request("GET", target)
    assert reply.status == 308 and reply.headers["Location"].startswith(RESULT), (reply.status, reply.body)
    found = stage.doorctl_json("person", "show", ACCOUNT)
    assert found["full_name"] == "Carla Díaz" and set(found["groups"]) == {"design", "staff"}, found
    assert found["identities"][0]["issuer"] == stage.simple.entity_id, found


def test_administrator(stage):
    person, target = carry(stage, "/admin/login?idp=simple")
    reply = person.get(target)
    assert reply.status == 200 and reply.url == f"{stage.url}/admin", (reply.status, reply.url, reply.body)
    assert count(stage, "administrator") == 1
    reply = person.request("GET", f"{stage.url}/api/v1/me")
    assert reply.status == 200 and ACCOUNT.encode() in reply.body, reply.body


def test_an_artifact_works_once(stage):
    person, target = carry(stage, "/mdm/sso/start?idp=simple")
    assert person.request("GET", target).status == 308
    before = count(stage, "access_token")
    assert person.request("GET", target).status == 400
    # the provider has forgotten it too: in another sign-in it is refused here before that is found out
    other, fresh = carry(stage, "/mdm/sso/start?idp=simple")
    parts = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(fresh).query)["RelayState"][0]
    swapped = fresh.split("?")[0] + "?" + urllib.parse.urlencode(
        {"SAMLart": parts["SAMLart"][0], "RelayState": state})
    reply = other.request("GET", swapped)
    assert reply.status == 403, (reply.status, reply.body)
    assert other.request("GET", fresh).status == 308
    assert count(stage, "access_token") == before + 1


def test_a_stolen_artifact_is_worth_nothing(stage):
    person, target = carry(stage, "/mdm/sso/start?idp=simple")
    thief, _ = carry(stage, "/mdm/sso/start?idp=simple")
    assert thief.request("GET", target).status == 400
    assert browser.Browser(stage.folder / "ca.pem").request("GET", target).status == 400
    assert person.request("GET", target).status == 308


def test_what_the_provider_has_never_made(stage):
    person, target = carry(stage, "/mdm/sso/start?idp=simple")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)
    artifact = query["SAMLart"][0]
    # "A" and "E" leave the two last bits of the base64 unset, as they must be in one that can be read
    made_up = artifact[:32] + ("A" if artifact[40] != "A" else "E") * 27 + "="
    reply = person.request("GET", target.split("?")[0] + "?" + urllib.parse.urlencode(
        {"SAMLart": made_up, "RelayState": query["RelayState"][0]}))
    assert reply.status == 403, (reply.status, reply.body)
    shown = stage.doorctl("signin", "show", reply.code)
    assert "DW-SAML-ARTUNKNOWN" in shown, shown
    assert person.request("GET", target).status == 308


def main():
    missing = simplesamlphp.find_missing(artifact=True)
    if missing:
        print(f"1..0 # SKIP not installed: {' '.join(missing)}")
        return 0
    stage, idp = prepare(sys.argv[1])
    stage.simple = idp
    with idp:
        with open(stage.folder / "ca.pem", "a") as anchors:
            anchors.write(idp.ca_file.read_text())
        stage.write_config()
        with stage.prepared():
            status = tap.run(sys.modules[__name__], stage)
            stage.kept = status != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
