#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices whose access tokens depend on the identity provider, which is that of npm's oidc-provider: they sign their users
in there themselves, or by our own authorization server, which asks the provider when they renew their tokens."""

import concurrent.futures
import json
import pathlib
import re
import secrets
import signal
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import device  # noqa: E402
import oidc_provider  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from ways import WaysStage  # noqa: E402

ACCOUNT = "carla.diaz@example.test"
USERS = {
    "carla": {"password": "carla", "claims": {"email": ACCOUNT, "email_verified": True, "name": "Carla Díaz"}},
    "dan": {"password": "dan", "claims": {"email": "dan.meyer@example.test", "email_verified": True, "name": "Dan Meyer"}},
}
TEAMS = ("[enrollment]\nAccountSignIn=oauth2-forward\nRequireBearer=always\nIdps=opaque\n"
         "[team/jwt]\nIdps=jwt\n[team/ours]\nAccountSignIn=oauth2\n\n")
PATHS = {"opaque": device.ENROLL_PATH, "jwt": device.ENROLL_PATH + "/jwt"}
OURS = device.ENROLL_PATH + "/ours"
PROVIDER = []
PATIENCE_S = 30


class Client(device.Device):
    """A device that goes where the challenge sends it."""

    def __init__(self, stage, name, user="carla"):
        super().__init__(stage, name, account=USERS[user]["claims"]["email"], user=user)

    def read_challenge(self, reply):
        challenge = reply.headers["WWW-Authenticate"]
        assert reply.status == 401 and challenge.startswith('Bearer method="apple-oauth2", '), challenge
        self.told = dict(re.findall(r'([a-z-]+)="([^"]*)"', challenge))
        return self.told

    def get_code(self, path=device.ENROLL_PATH):
        told, state = self.read_challenge(self.post_machine_info(path)), secrets.token_urlsafe()
        reply = self.browser.get(told["authorization-url"] + "?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": told["client-id"], "redirect_uri": told["redirect-url"],
            "state": state, "login_hint": self.account, "scope": told["scope"]}))
        if "Location" not in reply.headers:
            reply = self.browser.submit(reply, username=self.user, password=self.user)
        for _ in range(2 * browser.MAX_HOPS):
            assert reply.status in (302, 303, 308), (reply.url, reply.status)
            location = urllib.parse.urljoin(reply.url, reply.headers["Location"])
            if location.startswith(told["redirect-url"] + "?"):
                break
            reply = self.browser.request("GET", location)
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        assert answer["state"] == state, answer
        return answer["code"]

    def post(self, **fields):
        return self.browser.request("POST", self.told["token-url"], urllib.parse.urlencode(fields).encode(),
                                    {"Content-Type": browser.FORM_TYPE})

    def exchange(self, code, **more):
        return self.post(**dict({"grant_type": "authorization_code", "code": code, "client_id": self.told["client-id"],
                                 "redirect_uri": self.told["redirect-url"]}, **more))

    def refresh(self):
        return self.post(grant_type="refresh_token", refresh_token=self.refresh_token, client_id=self.told["client-id"])

    def keep(self, reply):
        tokens = json.loads(reply.body)
        assert reply.status == 200 and reply.headers["Cache-Control"] == "no-store", (reply.status, tokens)
        assert set(tokens) - {"scope"} == {"token_type", "access_token", "expires_in", "refresh_token"}, tokens
        assert ("scope" in tokens) == ("/oidc/" not in self.told["token-url"]), tokens
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        return tokens

    def sign_in(self, path=device.ENROLL_PATH):
        return self.keep(self.exchange(self.get_code(path)))


def word(reply):
    assert reply.status == 400, (reply.status, reply.body)
    answer = json.loads(reply.body)
    assert set(answer) == {"error"}, answer
    return answer["error"]


def simulate(stage, name):
    """The simulator's whole way: sign-in, profile, certificate, check-in, poll, refresh, poll."""
    report = stage.device("oauth2", "--enroll-url", stage.url + PATHS[name], "--account", ACCOUNT, user="carla")
    assert report["outcome"] == "enrolled", report
    assert any(step["who"] == oidc_provider.HOST for step in report["steps"]), report["steps"]
    assert sum("refresh" in step["what"] + step["result"] for step in report["steps"]) > 0, report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert [p["email"] for p in found["people"] if p["to"] is None] == [ACCOUNT], found


def walk(stage, name):
    """By hand: what the device gets, when it must renew it, and when it cannot any more."""
    phone = Client(stage, name).enroll(PATHS[name])
    assert phone.told["authorization-url"].startswith(PROVIDER[0].issuer + "/"), phone.told
    assert phone.told["token-url"] == f"{stage.url}/oidc/{name}/token" and phone.told["client-id"] == f"doorward-{name}"
    assert phone.token.count(".") == (2 if name == "jwt" else 0), phone.token
    assert phone.poll().status == 200
    phone.read_challenge(phone.poll(token=None))
    before = phone.token
    phone.keep(phone.refresh())
    assert phone.token != before and phone.poll().status == 200
    stage.sql("UPDATE access_token SET expires_at = 1")
    assert phone.poll().status == 200, "the provider says again that it is good"
    stage.sql("UPDATE access_token SET expires_at = 1, vouched_until = 1")
    phone.read_challenge(phone.poll())
    phone.keep(phone.refresh())
    assert phone.poll().status == 200
    return phone


def test_simulator_with_introspection(stage):
    simulate(stage, "opaque")


def test_simulator_with_jwts(stage):
    simulate(stage, "jwt")


def test_one_person_of_one_issuer(stage):
    person, = [stage.doorctl_json("person", "show", each["id"]) for each in stage.lists()[1]]
    assert person["email"] == ACCOUNT and person["full_name"] == "Carla Díaz", person
    identity, = person["identities"]
    assert identity["issuer"] == PROVIDER[0].issuer and "carla" in identity["subject"], identity


def test_what_to_register_is_shown(stage):
    """What the provider must have for devices stands beside what it must have for browsers."""
    phone = Client(stage, "asks")
    told = phone.read_challenge(phone.post_machine_info(PATHS["opaque"]))
    for name, word_of in (("opaque", "introspection endpoint"), ("jwt", "RFC 9068")):
        shown = stage.doorctl_json("idp", "show", name)["oauth2_forward"]
        assert shown["redirect_uri"] == told["redirect-url"], shown
        assert word_of in " ".join(shown["notes"]) and "refresh token" in " ".join(shown["notes"]), shown
        text = stage.doorctl("idp", "show", name)
        assert told["redirect-url"] in text and word_of in text, text


def test_opaque_tokens(stage):
    walk(stage, "opaque")


def test_jwts(stage):
    walk(stage, "jwt")


def test_token_of_another_device(stage):
    first, second = Client(stage, "first").enroll(), Client(stage, "second").enroll()
    second.read_challenge(second.poll(token=first.token))
    first.keep(first.refresh())
    assert first.poll().status == 200
    second.read_challenge(second.poll(token=first.token))
    second.read_challenge(second.post_machine_info(token=first.token))


def test_token_of_another_client(stage):
    """The provider vouches for it, but it was not given to this one."""
    phone = Client(stage, "client")
    phone.sign_in(PATHS["jwt"])
    phone.read_challenge(phone.post_machine_info(token=phone.token))
    phone.sign_in()
    phone.read_challenge(phone.post_machine_info(PATHS["jwt"], token=phone.token))
    phone.read_challenge(phone.post_machine_info(token="guessed"))


def test_code_is_good_once_and_for_its_client(stage):
    phone = Client(stage, "code")
    code = phone.get_code()
    assert word(phone.exchange(code, client_id="doorward-jwt")) == "invalid_client"
    assert word(phone.exchange(code, redirect_uri=f"{stage.url}/oidc/opaque/callback")) == "invalid_grant"
    phone.keep(phone.exchange(code))
    assert word(phone.exchange(code)) == "invalid_grant"
    assert word(phone.post(grant_type="client_credentials")) == "unsupported_grant_type"


def test_who_left_here_is_refused(stage):
    phone = Client(stage, "dan", user="dan").enroll()
    stage.sql("UPDATE person SET state = 'inactive' WHERE email = 'dan.meyer@example.test'")
    phone.read_challenge(phone.poll())
    phone.keep(phone.refresh())
    assert phone.poll().status == 403
    stage.sql("UPDATE person SET state = 'active' WHERE email = 'dan.meyer@example.test'")
    assert phone.poll().status == 200


def test_who_left_there_gets_no_more(stage):
    phone = Client(stage, "left").enroll()
    PROVIDER[0].revoke()
    assert word(phone.refresh()) == "invalid_grant"
    stage.sql("UPDATE access_token SET expires_at = 1")
    phone.read_challenge(phone.poll())
    phone.sign_in()
    assert phone.poll().status == 200


def test_our_own_server_asks_the_provider(stage):
    """LivenessCheck= for devices: each refresh is asked about, and each answer's refresh token is the next one's."""
    phone = Client(stage, "ours").enroll(OURS)
    assert phone.told["token-url"].startswith(stage.url) and "/oidc/" not in phone.told["token-url"], phone.told
    asked = PROVIDER[0].count("refresh_token")
    for turn in range(1, 4):
        phone.keep(phone.refresh())
        assert phone.poll().status == 200
        assert PROVIDER[0].count("refresh_token") == asked + turn
    lost = phone.refresh()
    again = phone.refresh()
    assert json.loads(again.body)["refresh_token"] == json.loads(lost.body)["refresh_token"], again.body
    assert PROVIDER[0].count("refresh_token") == asked + 4, "the repeat of a lost answer asked again"
    phone.keep(again)
    PROVIDER[0].revoke()
    assert word(phone.refresh()) == "invalid_grant"
    phone.read_challenge(phone.poll())
    ended, = stage.rows("SELECT end_reason, sealed_refresh FROM oauth2_grant WHERE connection = 'opaque' AND ended_at <> 0")
    assert ended == ("provider", ""), ended
    phone.sign_in(OURS)
    assert phone.poll().status == 200


def test_killed_while_the_provider_is_asked(stage):
    """Whoever holds the question is gone; nothing was given, and the device goes on when its claim is over."""
    phone = Client(stage, "killed").enroll(OURS)
    PROVIDER[0].process.send_signal(signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(phone.refresh)
            asking = "SELECT 1 FROM oauth2_grant WHERE ended_at = 0 AND asking_until <> 0"
            until("somebody asks", lambda: stage.rows(asking), PATIENCE_S, pause_s=0.05)
            stage.restart(signal.SIGKILL)
            assert under_way.exception(PATIENCE_S) is not None
    finally:
        PROVIDER[0].process.send_signal(signal.SIGCONT)
    reply = phone.refresh()
    assert reply.status == 503, (reply.status, reply.body)
    stage.sql("UPDATE oauth2_grant SET asking_until = 1 WHERE asking_until <> 0")  # two minutes later
    phone.keep(phone.refresh())
    assert phone.poll().status == 200


def test_our_own_server_without_the_provider(stage):
    """Its last word counts for a day, then the device is told to come later, and its token is not used up."""
    phone = Client(stage, "alone").enroll(OURS)
    PROVIDER[0].__exit__()
    phone.keep(phone.refresh())
    assert phone.poll().status == 200
    stage.sql("UPDATE oauth2_grant SET verified_at = verified_at - 86400000")
    reply = phone.refresh()
    assert reply.status == 503 and reply.headers["Retry-After"], (reply.status, reply.body)
    stage.sql("UPDATE oauth2_grant SET verified_at = verified_at + 86400000")
    phone.keep(phone.refresh())
    PROVIDER[0].__enter__()


def test_provider_away(stage):
    """A device that has a token goes on; one that needs another is told to come later."""
    phone = Client(stage, "away").enroll()
    PROVIDER[0].__exit__()
    assert phone.poll().status == 200
    reply = phone.refresh()
    assert reply.status == 503 and json.loads(reply.body) == {"error": "temporarily_unavailable"}, reply.body
    assert phone.poll(token="unknown").status == 503
    PROVIDER[0].__enter__()


def test_nothing_secret_is_in_the_log(stage):
    log = stage.log()
    assert oidc_provider.SECRET not in log and urllib.parse.quote(oidc_provider.SECRET, safe="") not in log
    tokens = stage.rows("SELECT hash FROM access_token WHERE connection <> ''")
    assert tokens and all(re.fullmatch("[0-9a-f]{64}", row[0]) for row in tokens), tokens[:3]
    assert "Bearer " not in log.replace("Bearer method", ""), "a token"


def main():
    missing = oidc_provider.find_missing()
    if missing:
        print(f"1..0 # SKIP not installed: {' '.join(missing)}")
        return 0
    try:
        stage = WaysStage(sys.argv[1], idp=False, plugins="sqlite;oidc")
    except tap.Skip as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    stage.prepare()
    provider = oidc_provider.OidcProvider(stage, USERS)
    provider.prepare()
    PROVIDER.append(provider)
    with provider:
        stage.extra = TEAMS + provider.device_groups()
        stage.write_config()
        with stage.prepared():
            status = tap.run(sys.modules[__name__], stage)
            stage.kept = status != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
