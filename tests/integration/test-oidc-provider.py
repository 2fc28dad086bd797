#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Journeys with the identity provider of npm's oidc-provider, which lives on another site than the server."""

import contextlib
import pathlib
import sqlite3
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import administrators  # noqa: E402
import browser  # noqa: E402
import chromium  # noqa: E402
import oidc_provider  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage, SERVER_HOST  # noqa: E402

ACCOUNT, FULL_NAME = "carla.diaz@example.test", "Carla Díaz"
USERS = {
    "carla": {"password": "carla", "claims": {"email": ACCOUNT, "email_verified": True, "name": FULL_NAME,
                                              "preferred_username": "carla", "groups": ["staff", "mac-users"]}},
    "mallory": {"password": "mallory", "claims": {"email": ACCOUNT, "email_verified": False, "name": "Mallory Ma"}},
    "norman": {"password": "norman", "refuse": "not assigned to this application", "claims": {}},
}
RESULT = "apple-remotemanagement-user-login://authentication-results?access-token="
PROVIDER = []


def enroll(stage, name):
    """A whole enrollment of a new device through one connection."""
    report = stage.sim("--idp", name, user="carla", account=ACCOUNT)
    assert report["outcome"] == "enrolled", report
    assert any(step["who"] == oidc_provider.HOST for step in report["steps"]), report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert [p["email"] for p in found["people"] if p["to"] is None] == [ACCOUNT], found


def sign_in(stage, user, name="campus"):
    """The last page, after a browser has signed in."""
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.get(f"{stage.url}/mdm/sso/start?idp={name}")
    reply = person.submit(reply, username=user, password=user)
    return person.get(urllib.parse.urljoin(reply.url, reply.headers["Location"]))


def assert_refused(stage, reply, fault):
    assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == fault, (reply.status, reply.url)


def test_enrollment_with_rs256(stage):
    enroll(stage, "campus")
    person, = [stage.doorctl_json("person", "show", each["id"]) for each in stage.lists()[1]]
    assert person["full_name"] == FULL_NAME and set(person["groups"]) == {"staff", "mac-users"}, person
    identity, = person["identities"]
    assert identity["issuer"] == PROVIDER[0].issuer and "carla" in identity["subject"], identity


def test_enrollment_with_ps256(stage):
    enroll(stage, "pss")


def test_enrollment_with_es256(stage):
    enroll(stage, "elliptic")


def test_enrollment_with_eddsa(stage):
    enroll(stage, "edwards")


def test_one_person_of_one_issuer(stage):
    """The same issuer and subject through four clients is one person."""
    assert len(stage.lists()[1]) == 1, stage.lists()[1]


def test_an_administrator_signs_in(stage):
    before = stage.lists()
    person = browser.Browser(stage.folder / "ca.pem")
    form = person.get(f"{stage.url}/admin/login?idp=campus")
    reply = person.submit(form, username="carla", password="carla")
    for _ in range(browser.MAX_HOPS):
        target = urllib.parse.urljoin(reply.url, reply.headers.get("Location", ""))
        if urllib.parse.urlsplit(target).path == "/admin/enter":
            break
        reply = person.request("GET", target)
    me = administrators.enter(stage, person, reply)
    assert (me["email"], me["name"]) == (ACCOUNT, FULL_NAME), me
    assert me["roles"] == [{"role": "maintainer", "team": None}], me
    assert stage.lists() == before


def test_an_address_that_is_not_verified_administers_nothing(stage):
    person = browser.Browser(stage.folder / "ca.pem")
    form = person.get(f"{stage.url}/admin/login?idp=campus")
    reply = person.submit(form, username="mallory", password="mallory")
    assert_refused(stage, person.get(urllib.parse.urljoin(reply.url, reply.headers["Location"])), "DW-ADM-EMAIL")


def test_new_keys_are_fetched_when_a_token_names_one(stage):
    PROVIDER[0].rotate()
    stage.restart()  # a fetch because of a key that is not known is made once a minute, and none was made yet
    enroll(stage, "campus")


def test_unverified_address_is_nobodys(stage):
    before = stage.lists()
    assert_refused(stage, sign_in(stage, "mallory"), "DW-ID-NOACCOUNT")
    assert stage.lists() == before


def test_refusal_of_the_provider(stage):
    reply = sign_in(stage, "norman")
    assert_refused(stage, reply, "DW-OIDC-DENIED")
    assert "not assigned" in stage.doorctl("explain", reply.code)


def test_answer_of_one_client_is_refused_at_another(stage):
    before = stage.lists()
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.get(f"{stage.url}/mdm/sso/start?idp=campus", follow=False)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(reply.headers["Location"]).query)["state"][0]
    reply = person.get(f"{stage.url}/oidc/elliptic/callback?state={state}&code=a")
    assert_refused(stage, reply, "DW-OIDC-ISSUER")
    assert stage.lists() == before


def test_another_browser_is_refused(stage):
    before = stage.lists()
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.get(f"{stage.url}/mdm/sso/start?idp=campus", follow=False)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(reply.headers["Location"]).query)["state"][0]
    reply = browser.Browser(stage.folder / "ca.pem").get(f"{stage.url}/oidc/campus/callback?state={state}&code=a")
    assert_refused(stage, reply, "DW-FLOW-COOKIE")
    assert stage.lists() == before


def administrator(stage):
    """A browser with a session of an administrator."""
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.submit(person.get(f"{stage.url}/admin/login?idp={oidc_provider.KEYED}"), username="carla",
                          password="carla")
    person.get(urllib.parse.urljoin(reply.url, reply.headers["Location"]))
    assert is_alive(stage, person), stage.log()[-2000:]
    return person


def is_alive(stage, person):
    return person.request("GET", stage.url + "/api/v1/me").status == 200


def sessions(stage):
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder}/state/doorward.db?mode=ro", uri=True, timeout=10)) as db:
        return db.execute("SELECT sealed_refresh, check_failures, end_reason FROM admin_session ORDER BY created_at").fetchall()


def wait_for(what, condition):
    until(what, condition, 30, pause_s=0.2)


def test_session_goes_on_by_refresh_tokens_and_ends_with_the_grant(stage):
    """Signed in with a key instead of a secret; each refresh token is good once."""
    person = administrator(stage)
    seen = set()

    def used_three():
        assert is_alive(stage, person), stage.log()[-2000:]
        seen.add(sessions(stage)[-1][0])
        return len(seen) >= 3

    wait_for("three refresh tokens", used_three)
    PROVIDER[0].revoke()
    wait_for("the end", lambda: not is_alive(stage, person))
    assert sessions(stage)[-1] == ("", 0, "liveness"), sessions(stage)
    assert "DW-OIDC-CODE" in stage.log()


def test_key_of_the_client_changes(stage):
    stage.doorctl("idp", "rotate-key", oidc_provider.KEYED)
    PROVIDER[0].rotate()  # one that has read nothing of ours yet
    stage.restart()
    administrator(stage)
    stage.doorctl("idp", "rotate-key", oidc_provider.KEYED, "--finish")
    administrator(stage)


def walk(stage, scripts):
    """The way of a person through Chromium."""
    home = stage.folder / f"browser-{scripts}"
    home.mkdir()
    with chromium.Chromium(home, stage.folder / "ca.pem") as window:
        with window.open(scripts=scripts) as page:
            page.go(f"{stage.url}/mdm/sso/start?idp=campus")
            assert page.js("location.hostname") == oidc_provider.HOST
            page.type("#username", "carla")
            page.type("#password", "carla")
            since = len(page.events)
            page.click("button[type=submit]")
            callback = f"{stage.url}/oidc/campus/callback?"
            sent = page.wait("Network.requestWillBeSent", since,
                             lambda event: event["request"]["url"].startswith(callback))
            number = sent["requestId"]
            got = page.wait("Network.responseReceivedExtraInfo", since,
                            lambda event: event["requestId"] == number and event["statusCode"] == 308)
            location = next(value for name, value in got["headers"].items() if name.lower() == "location")
            assert location.startswith(RESULT), location[:100]
            request = page.wait("Network.requestWillBeSentExtraInfo", since, lambda event:
                                event["requestId"] == number and
                                any(kept["cookie"]["domain"] == SERVER_HOST for kept in event["associatedCookies"]))
            assert request


def test_chromium_with_scripts(stage):
    walk(stage, True)


def test_chromium_without_scripts(stage):
    walk(stage, False)


def administer(stage, scripts):
    """An administrator signs in and out in Chromium; the provider asks whether the person is to be signed out there."""
    home = stage.folder / f"browser-admin-{scripts}"
    home.mkdir()

    def fill(page):
        page.type("#username", "carla")
        page.type("#password", "carla")
        page.click("button[type=submit]")

    with chromium.Chromium(home, stage.folder / "ca.pem") as window:
        with window.open(scripts=scripts) as page:
            assert administrators.walk(stage, page, "campus", fill, oidc_provider.HOST) == ACCOUNT
            page.follow("#log-out")
            assert page.js("location.hostname") == oidc_provider.HOST, page.js("location.href")
            since = len(page.events)
            page.click("button[value=yes]")
            page.arrive(lambda url: url == f"{stage.url}/admin/login?out=idp", since)
            cookies = page.call("Network.getCookies", urls=[stage.url + "/admin"])["cookies"]
            assert administrators.SESSION_COOKIE not in [each["name"] for each in cookies], cookies
            page.go(f"{stage.url}/admin/login?idp=campus")  # the provider has forgotten the person as well
            assert page.js("location.hostname") == oidc_provider.HOST
            assert page.js("document.querySelector('#password') !== null")


def test_chromium_administers_with_scripts(stage):
    administer(stage, True)


def test_chromium_administers_without_scripts(stage):
    administer(stage, False)


def test_codes_and_secrets_are_in_no_log(stage):
    log = stage.log()
    assert "code=" not in log and oidc_provider.SECRET not in log
    assert urllib.parse.quote(oidc_provider.SECRET, safe="") not in log


def main():
    missing = oidc_provider.find_missing() + chromium.missing()
    if missing:
        print(f"1..0 # SKIP not installed: {' '.join(missing)}")
        return 0
    stage = Stage(sys.argv[1], idp=False, plugins="sqlite;oidc")
    stage.prepare()
    provider = oidc_provider.OidcProvider(stage, USERS)
    provider.prepare()
    PROVIDER.append(provider)
    with provider:
        stage.extra = "[admin]\nJit=true\nMaintainerGroups=staff\n\n" + provider.groups()
        stage.write_config()
        with stage.prepared():
            status = tap.run(sys.modules[__name__], stage)
            stage.kept = status != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
