#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Enrollment by apple-oauth2, from the challenge to renewed tokens, and what others may try."""

import json
import pathlib
import re
import secrets
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import device  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

CONFIG = "[enrollment]\nAccountSignIn=oauth2\nRequireBearer=always\n[team/design]\n[team/web]\nAccountSignIn=web\n"
TEAM_PATH = device.ENROLL_PATH + "/design"


class Client(device.Device):
    """A device that signs its user in by OAuth 2, as it is told to by the challenge."""

    def read_challenge(self, reply):
        challenge = reply.headers["WWW-Authenticate"]
        assert reply.status == 401 and challenge.startswith('Bearer method="apple-oauth2", '), challenge
        self.told = dict(re.findall(r'([a-z-]+)="([^"]*)"', challenge))
        return self.told

    def ask_code(self, state, path=device.ENROLL_PATH, **more):
        """The answer of the authorization endpoint to the browser, or of whom it sends that on to."""
        told = self.read_challenge(self.post_machine_info(path))
        query = dict({"response_type": "code", "client_id": told["client-id"], "redirect_uri": told["redirect-url"],
                      "state": state, "login_hint": self.account}, **more)
        return self.browser.get(told["authorization-url"] + "?" +
                                urllib.parse.urlencode({k: v for k, v in query.items() if v is not None}))

    def get_code(self, path=device.ENROLL_PATH):
        state = secrets.token_urlsafe()
        reply = self.browser.submit(self.browser.sign_in(self.ask_code(state, path), self.user))
        location = reply.headers["Location"]
        assert reply.status == 308 and location.startswith(self.told["redirect-url"] + "?"), (reply.status, location)
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        assert answer["state"] == state and set(answer) == {"code", "state"}, answer
        return answer["code"]

    def post(self, **fields):
        return self.browser.request("POST", self.told["token-url"], urllib.parse.urlencode(fields).encode(),
                                    {"Content-Type": browser.FORM_TYPE})

    def exchange(self, code, **more):
        return self.post(**dict({"grant_type": "authorization_code", "code": code, "client_id": self.told["client-id"],
                                 "redirect_uri": self.told["redirect-url"]}, **more))

    def ask_tokens(self, refresh_token):
        return self.post(grant_type="refresh_token", refresh_token=refresh_token)

    def keep(self, reply):
        tokens = json.loads(reply.body)
        assert reply.status == 200 and reply.headers["Cache-Control"] == "no-store", (reply.status, tokens)
        assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 3600, tokens
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        return tokens

    def sign_in(self, path=device.ENROLL_PATH):
        return self.keep(self.exchange(self.get_code(path)))


def word(reply):
    assert reply.status == 400 and reply.headers["Cache-Control"] == "no-store", (reply.status, reply.body)
    return json.loads(reply.body)["error"]


def test_whole_way(stage):
    phone = Client(stage, "whole").enroll(TEAM_PATH)
    assert phone.told["client-id"] == "doorward.design"
    show = stage.doorctl_json("device", "show", phone.enrollment_id)
    assert show["people"][0]["email"] == "anna.chao@example.test" and show["enrollments"][0]["team"] == "design"
    assert phone.poll().status == 200
    phone.read_challenge(phone.poll(token=None))
    before = phone.token
    phone.keep(phone.ask_tokens(phone.refresh_token))
    assert phone.token != before and phone.poll().status == 200
    stage.sql("UPDATE access_token SET expires_at = 1")
    phone.read_challenge(phone.poll())
    phone.keep(phone.ask_tokens(phone.refresh_token))
    assert phone.poll().status == 200 and phone.put(phone.check_out_body(), token=None).status == 200
    assert word(phone.ask_tokens(phone.refresh_token)) == "invalid_grant"


def test_tokens_last_over_a_restart(stage):
    phone = Client(stage, "restart").enroll()
    stage.restart()
    phone.keep(phone.ask_tokens(phone.refresh_token))
    assert phone.poll().status == 200


def test_who_left_gets_nothing_more(stage):
    phone = Client(stage, "left", account="ben.okafor@example.test", user="ben").enroll()
    where = "WHERE email = 'ben.okafor@example.test'"
    stage.sql(f"UPDATE person SET state = 'inactive' {where}")
    try:
        phone.read_challenge(phone.poll())
        assert word(phone.ask_tokens(phone.refresh_token)) == "invalid_grant"
    finally:
        stage.sql(f"UPDATE person SET state = 'active' {where}")
    assert word(phone.ask_tokens(phone.refresh_token)) == "invalid_grant"
    phone.sign_in()
    assert phone.poll().status == 200, "signed in again"


def test_who_leaves_before_the_refresh_is_refused(stage):
    """As an administrator would see it with the simulator, which waits for that."""
    where = "WHERE email = 'ben.okafor@example.test'"
    words = [stage.build / "tests/sim/doorward-sim", "oauth2", "--server", stage.url, "--ca", stage.folder / "ca.pem",
             "--profile-ca", stage.folder / "state/scep-ca.pem", "--account", "ben.okafor@example.test", "--user", "ben",
             "--password", "ben", "--refresh-after", "10"]
    with subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as phone:
        seen = next((line for line in phone.stdout if "waits" in line), None)
        assert seen is not None, phone.stderr.read()
        stage.sql(f"UPDATE person SET state = 'inactive' {where}")
        try:
            said = phone.communicate(timeout=60)[1]
        finally:
            phone.kill()
            stage.sql(f"UPDATE person SET state = 'active' {where}")
    assert phone.returncode == 1 and "answered 400 invalid_grant" in said, said


def test_code_counts_once(stage):
    phone = Client(stage, "once")
    code = phone.get_code()
    for more in ({"client_id": "doorward.design"}, {"redirect_uri": "https://evil.example/"}, {"code_verifier": "a" * 43}):
        assert word(phone.exchange(code, **more)) == "invalid_grant", more
    assert word(phone.exchange(code, client_id="other")) == "invalid_client"
    tokens = phone.keep(phone.exchange(code))
    phone.fetch_profile()
    assert word(phone.exchange(code)) == "invalid_grant"
    assert phone.post_machine_info(token=tokens["access_token"]).status == 401
    assert word(phone.ask_tokens(tokens["refresh_token"])) == "invalid_grant"


def test_stolen_refresh_token_ends_all(stage):
    phone = Client(stage, "stolen").enroll()
    stolen = phone.refresh_token
    phone.keep(phone.ask_tokens(stolen))
    phone.keep(phone.ask_tokens(phone.refresh_token))
    assert phone.poll().status == 200
    assert word(phone.ask_tokens(stolen)) == "invalid_grant"
    assert phone.poll().status == 401 and word(phone.ask_tokens(phone.refresh_token)) == "invalid_grant"
    assert any(event.get("DOORWARD_OUTCOME") == "reused" for event in stage.events("oauth2"))


def test_nobody_is_sent_elsewhere(stage):
    phone = Client(stage, "redirect")
    for address in ("https://evil.example/", "//evil.example", "apple-remotemanagement-user-login:/oauth2/redirection/",
                    "apple-remotemanagement-user-login://evil/oauth2/redirection", "", None):
        reply = phone.ask_code("s", redirect_uri=address)
        assert reply.status == 400 and "Location" not in reply.headers, address
    for client in ("", "other", "doorward.none", None):
        reply = phone.ask_code("s", client_id=client)
        assert reply.status == 400 and "Location" not in reply.headers, client
    for more, error in (({"response_type": "token"}, "unsupported_response_type"),
                        ({"client_id": "doorward.web"}, "unauthorized_client"), ({"login_hint": None}, "invalid_request")):
        reply = phone.ask_code("s", **more)
        assert reply.headers["Location"] == f"{phone.told['redirect-url']}?error={error}&state=s", reply.headers
    assert phone.ask_code(None).headers["Location"] == f"{phone.told['redirect-url']}?error=invalid_request"


def test_token_endpoint_takes_nothing_but_forms(stage):
    phone = Client(stage, "form")
    phone.read_challenge(phone.post_machine_info())
    url = phone.told["token-url"]
    assert phone.browser.request("GET", url + "?grant_type=refresh_token&refresh_token=a").status == 405
    assert word(phone.browser.request("POST", url, b"{}", {"Content-Type": "application/json"})) == "invalid_request"
    twice = b"grant_type=refresh_token&refresh_token=a&refresh_token=b"
    assert word(phone.browser.request("POST", url, twice, {"Content-Type": browser.FORM_TYPE})) == "invalid_request"
    large = b"grant_type=refresh_token&refresh_token=" + b"a" * 8192
    assert phone.browser.request("POST", url, large, {"Content-Type": browser.FORM_TYPE}).status == 413


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1], CONFIG), sys.modules[__name__]))
