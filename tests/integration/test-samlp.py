#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Journeys with the identity provider of npm's samlp, in the shape of each vendor that has a plugin of its own."""

import base64
import pathlib
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import administrators  # noqa: E402
import browser  # noqa: E402
import chromium  # noqa: E402
import samlp  # noqa: E402
import tap  # noqa: E402
from stage import Stage, SERVER_HOST  # noqa: E402

ACCOUNT, FULL_NAME = "carla.diaz@example.test", "Carla Díaz"
USERS = {"carla": ("carla", ACCOUNT, FULL_NAME), "mallory": ("mallory", "mallory@other.test", "Mallory Ma")}
# an administrator of each shape, and one who is seen by several
ADMINISTRATORS = {f"admin-{shape.name}": f"{shape.name}.admin@example.test" for shape in samlp.SHAPES}
USERS.update({user: (user, account, "Ada Ng") for user, account in ADMINISTRATORS.items()})
# roles by what a shape sends as groups; it sends none otherwise
CONFIG = """[admin]
Jit=true
MaintainerGroups=mac-users;aaaaaaaa-0000-4000-8000-000000000001

"""
MAINTAINERS = {"okta", "entra", "authentik"}
RESULT = "apple-remotemanagement-user-login://authentication-results?access-token="
# What each shape lets the server know: subject, name and groups.
KNOWN = {
    "okta": (ACCOUNT, FULL_NAME, {"Everyone", "mac-users"}),
    "entra": (f"{samlp.TENANT}/99999999-8888-4777-8666-carla.diaz", FULL_NAME,
              {"aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"}),
    "google": (ACCOUNT, ACCOUNT, set()),
    "authentik": ("0123456789abcdef-carla.diaz", FULL_NAME, {"staff", "mac-users"}),
    "old": (ACCOUNT, FULL_NAME, set()),
}


def answer(stage, shape, user="carla"):
    """A browser that has signed in at a shape, and the page with its answer."""
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.get(f"{stage.url}/mdm/sso/start?idp={shape}")
    return person, person.sign_in(reply, user)


def enroll(stage, shape):
    """A whole enrollment of a new device through one shape; gives the person as stored."""
    report = stage.sim("--idp", shape, user="carla", account=ACCOUNT)
    assert report["outcome"] == "enrolled", report
    assert any(step["who"] == samlp.HOST for step in report["steps"]), report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert [p["email"] for p in found["people"] if p["to"] is None] == [ACCOUNT], found
    issuer = next(each.issuer for each in samlp.SHAPES if each.name == shape)
    people = [stage.doorctl_json("person", "show", each["id"]) for each in stage.lists()[1]]
    return next((person, identity) for person in people for identity in person["identities"]
                if identity["issuer"] == issuer)


def check_shape(stage, shape):
    person, identity = enroll(stage, shape)
    subject, full_name, groups = KNOWN[shape]
    assert subject in identity["subject"], (subject, identity)
    assert person["full_name"] == full_name and set(person["groups"]) == groups, person


def test_okta_signs_both_and_names_attributes_freely(stage):
    check_shape(stage, "okta")


def test_entra_signs_the_assertion_and_names_claims_by_addresses(stage):
    check_shape(stage, "entra")


def test_google_signs_the_response_and_sends_no_attributes(stage):
    check_shape(stage, "google")


def test_authentik_has_an_issuer_that_is_no_address(stage):
    check_shape(stage, "authentik")


def test_an_old_connector_signs_with_sha1_where_that_is_allowed(stage):
    check_shape(stage, "old")


def check_administrator(stage, shape):
    person = browser.Browser(stage.folder / "ca.pem")
    before = stage.lists()
    me = administrators.enter(stage, person, administrators.sign_in(stage, person, shape, f"admin-{shape}"))
    assert me["email"] == ADMINISTRATORS[f"admin-{shape}"], me
    assert me["roles"] == [{"role": "maintainer" if shape in MAINTAINERS else "observer", "team": None}], me
    shown = stage.doorctl_json("admin", "show", me["email"])
    assert [identity["idp"] for identity in shown["identities"]] == [shape], shown
    assert stage.lists() == before


def test_administrator_of_okta(stage):
    check_administrator(stage, "okta")


def test_administrator_of_entra(stage):
    check_administrator(stage, "entra")


def test_administrator_of_google(stage):
    check_administrator(stage, "google")


def test_administrator_of_authentik(stage):
    check_administrator(stage, "authentik")


def test_administrator_of_an_old_connector(stage):
    check_administrator(stage, "old")


def test_no_administrator_is_taken_over_by_another_shape(stage):
    person = browser.Browser(stage.folder / "ca.pem")
    reply = administrators.sign_in(stage, person, "authentik", "admin-okta")
    assert reply.status == 403, reply.status
    assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-ADM-LINK", reply.code


def test_one_person_of_each_provider_and_none_taken_over(stage):
    """The same account at five providers is five people: an address alone never joins them."""
    issuers = [identity["issuer"] for each in stage.lists()[1]
               for identity in stage.doorctl_json("person", "show", each["id"])["identities"]]
    assert sorted(issuers) == sorted(shape.issuer for shape in samlp.SHAPES), issuers


def test_answer_of_one_shape_is_refused_at_another(stage):
    before = stage.lists()
    person, page = answer(stage, "okta")
    page.page.action = page.page.action.replace("/okta/", "/authentik/")
    reply = person.submit(page)
    assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-SAML-INRESPONSETO", reply.status
    assert stage.lists() == before


def test_person_of_another_domain_is_refused_by_hosted_domain(stage):
    person, page = answer(stage, "google", "mallory")
    reply = person.submit(page)
    assert reply.status == 403, reply.status
    assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-ID-DOMAIN"


def learn_service(stage, shape, *uses):
    """What an administrator does with this server's metadata at the provider: its keys become known there."""
    text = stage.request("GET", f"/saml/{shape}/metadata")[2]
    names = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
    document = xml.etree.ElementTree.fromstring(text)
    for use, file in (("signing", "sp.pem"), ("encryption", "enc.pem")):
        if use in uses:
            body = document.find(f".//md:KeyDescriptor[@use='{use}']//ds:X509Certificate", names).text
            path = stage.folder / "samlp" / f"{shape}.{file}"
            path.write_text("-----BEGIN CERTIFICATE-----\n" + "\n".join(textwrap.wrap("".join(body.split()), 64)) +
                            "\n-----END CERTIFICATE-----\n")
            key = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-pubkey"], check=True, capture_output=True)
            path.with_suffix(".key.pem").write_bytes(key.stdout)


def forget_service(stage, shape):
    for path in (stage.folder / "samlp").glob(f"{shape}.*.pem"):
        path.unlink()


def test_okta_refuses_requests_that_are_not_signed_with_our_key(stage):
    learn_service(stage, "okta", "signing")
    try:
        check_shape(stage, "okta")
        shutil.copy(stage.folder / "samlp" / "entra.pem", stage.folder / "samlp" / "okta.sp.pem")
        person = browser.Browser(stage.folder / "ca.pem")
        reply = person.submit(person.get(f"{stage.url}/mdm/sso/start?idp=okta"), username="carla", password="carla")
        assert reply.status == 500 and b"does not match" in reply.body, (reply.status, reply.body)
    finally:
        forget_service(stage, "okta")


def check_encrypted(stage, shape, cipher):
    learn_service(stage, shape, "signing", "encryption")
    try:
        page = answer(stage, shape)[1]
        sent = base64.b64decode(page.page.fields["SAMLResponse"])
        assert b"EncryptedAssertion" in sent and cipher.encode() in sent and ACCOUNT.encode() not in sent
        check_shape(stage, shape)
    finally:
        forget_service(stage, shape)


def test_entra_encrypts_with_cbc_once_it_has_our_metadata(stage):
    check_encrypted(stage, "entra", samlp.AES256_CBC)


def test_okta_encrypts_with_gcm_and_signs_around_it(stage):
    check_encrypted(stage, "okta", samlp.AES256_GCM)


def walk(stage, scripts):
    """The way of a person through Chromium; the provider's page posts itself where scripts run."""
    home = stage.folder / f"browser-{scripts}"
    home.mkdir()
    with chromium.Chromium(home, stage.folder / "ca.pem") as window:
        with window.open(scripts=scripts) as page:
            page.go(f"{stage.url}/mdm/sso/start?idp=okta")
            assert page.js("location.hostname") == samlp.HOST
            page.type("#username", "carla")
            page.type("#password", "carla")
            since = len(page.events)
            page.follow("button[type=submit]") if not scripts else page.click("button[type=submit]")
            if not scripts:
                since = len(page.events)
                page.click("input[type=submit]")
            acs = f"{stage.url}/saml/okta/acs"
            sent = page.wait("Network.requestWillBeSent", since, lambda event: event["request"]["url"] == acs)
            number = sent["requestId"]
            got = page.wait("Network.responseReceivedExtraInfo", since, lambda event: event["requestId"] == number)
            assert got["statusCode"] == 308, got
            location = next(value for name, value in got["headers"].items() if name.lower() == "location")
            assert location.startswith(RESULT), location[:100]
            request = page.wait("Network.requestWillBeSentExtraInfo", since,
                                lambda event: event["requestId"] == number)
            assert [kept["cookie"]["domain"] for kept in request["associatedCookies"]] == [SERVER_HOST], request


def test_chromium_with_scripts(stage):
    walk(stage, True)


def test_chromium_without_scripts(stage):
    walk(stage, False)


def administer(stage, scripts):
    """An administrator's way through Chromium."""
    home = stage.folder / f"browser-admin-{scripts}"
    home.mkdir()

    def fill(page):
        page.type("#username", "admin-entra")
        page.type("#password", "admin-entra")
        if scripts:
            page.click("button[type=submit]")
        else:
            page.follow("button[type=submit]")
            page.click("input[type=submit]")

    with chromium.Chromium(home, stage.folder / "ca.pem") as window:
        with window.open(scripts=scripts) as page:
            shown = administrators.walk(stage, page, "entra", fill, samlp.HOST)
            assert shown == ADMINISTRATORS["admin-entra"], shown


def test_chromium_administers_with_scripts(stage):
    administer(stage, True)


def test_chromium_administers_without_scripts(stage):
    administer(stage, False)


def main():
    missing = samlp.find_missing() + chromium.missing()
    if missing:
        print(f"1..0 # SKIP not installed: {' '.join(missing)}")
        return 0
    stage = Stage(sys.argv[1], idp=False, plugins="sqlite;saml;okta;entra;google;authentik")
    stage.prepare()
    provider = samlp.Samlp(stage, USERS)
    provider.prepare()
    with provider:
        stage.extra = CONFIG + provider.groups()
        stage.write_config()
        with stage.prepared():
            status = tap.run(sys.modules[__name__], stage)
            stage.kept = status != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
