#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Administrators sign in, on the real programs, with a provider on another site."""

import json
import os
import pathlib
import pwd
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

CONFIG = """[admin]
Jit=true
MaintainerGroups=engineering

[team/design]
Id=7
HelpdeskGroups=design
"""
USE = {"DisplayName=Dev IdP\n": "DisplayName=Dev IdP\nUse=enrollment;admin\n"}
METADATA = pathlib.Path(__file__).resolve().parent.parent / "data/saml/metadata/okta.xml"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def sign_in(stage, user, path="/admin/login"):
    """A browser that went the whole way, and its last answer."""
    person = browser.Browser(stage.folder / "ca.pem")
    reply = person.sign_in(person.get(stage.url + path), user)
    accepted = person.submit(reply)
    assert accepted.status == 303, (accepted.status, accepted.body)
    return person, person.get(stage.url + accepted.headers["Location"])


def ask(stage, person, path="/api/v1/me", method="GET", body=None, headers=None):
    more = dict({"Accept": "application/json"}, **(headers or {}))
    if body is not None:
        more["Content-Type"] = "application/json"
        body = json.dumps(body)
    reply = person.request(method, stage.url + path, body, more)
    return reply.status, json.loads(reply.body) if reply.body else None


def test_from_the_login_page_to_the_session(stage):
    ben, page = sign_in(stage, "ben", "/admin/login?return_to=/admin%3Fx=1")
    assert page.status == 200 and page.url == stage.url + "/admin?x=1", (page.status, page.url)
    assert page.page.texts["email"] == "ben.okafor@example.test", page.page.texts
    status, me = ask(stage, ben)
    assert status == 200 and me["email"] == "ben.okafor@example.test" and me["name"] == "Ben Okafor", me
    assert me["roles"] == [{"role": "maintainer", "team": None}], me
    assert ask(stage, browser.Browser(stage.folder / "ca.pem"))[0] == 401
    shown = stage.doorctl_json("admin", "show", "ben.okafor@example.test")
    assert shown["roles"] == me["roles"] and [i["idp"] for i in shown["identities"]] == ["dev"], shown


def test_a_role_in_a_team(stage):
    anna, page = sign_in(stage, "anna")
    assert "helpdesk" in page.body.decode(), page.body
    assert ask(stage, anna)[1]["roles"] == [{"role": "helpdesk", "team": "design"}]
    assert ask(stage, anna, "/api/v1/devices") == (200, {"devices": [], "next": None})
    status, problem = ask(stage, anna, "/api/v1/administrators")
    assert status == 403 and problem["code"] == "DW-ADM-FORBIDDEN", problem


def test_doorctl_changes_take_hold_at_once(stage):
    ben = sign_in(stage, "ben")[0]
    stage.doorctl("admin", "set-role", "ben.okafor@example.test", "admin")
    assert ask(stage, ben)[0] == 401
    assert "DW-ADM-LASTADMIN" in json.dumps(stage.doorctl_json("admin", "deactivate", "ben.okafor@example.test", expect=1))
    assert "DW-ADM-LASTADMIN" in json.dumps(stage.doorctl_json("admin", "set-sso", "ben.okafor@example.test", "off",
                                                               expect=1))
    stage.doorctl("admin", "add", "root@example.test", "--role", "admin")
    stage.doorctl("admin", "add", "root@example.test", "--role", "admin", expect=1)
    stage.doorctl("admin", "add", "root", "--role", "admin", expect=64)
    stage.doorctl("admin", "add", "other@example.test", "--role", "owner", expect=1)
    stage.doorctl("admin", "add", "other@example.test", "--role", "helpdesk", "--team", "nowhere", expect=1)
    stage.doorctl("admin", "deactivate", "ben.okafor@example.test")
    person = browser.Browser(stage.folder / "ca.pem")
    refused = person.submit(person.sign_in(person.get(stage.url + "/admin/login"), "ben"))
    assert refused.status == 403 and refused.headers["Doorward-Sign-In-Status"] == "account_disabled", refused.status
    assert stage.doorctl_json("explain", refused.code)["fault"]["id"] == "DW-ADM-DISABLED"
    stage.doorctl("admin", "activate", "ben.okafor@example.test")
    stage.doorctl("admin", "show", "nobody@example.test", expect=3)


def test_sessions_are_listed_and_ended(stage):
    anna = sign_in(stage, "anna")[0]
    sessions = stage.doorctl_json("admin", "sessions", "anna.chao@example.test")["sessions"]
    assert sessions[0]["ended_at"] is None and sessions[0]["idp"] == "dev", sessions
    stage.doorctl("admin", "end-sessions", "anna.chao@example.test")
    assert ask(stage, anna)[0] == 401
    again, page = sign_in(stage, "anna")
    assert page.status == 200
    out = again.request("POST", stage.url + "/admin/logout", {}, SAME_ORIGIN)
    assert out.status == 303 and ask(stage, again)[0] == 401, out.status


def test_personal_access_tokens(stage):
    anna = sign_in(stage, "anna")[0]
    program = browser.Browser(stage.folder / "ca.pem")
    wish = {"name": "nightly", "expires_in": 3600}
    assert ask(stage, anna, "/api/v1/tokens", "POST", wish)[0] == 403  # from nowhere
    status, made = ask(stage, anna, "/api/v1/tokens", "POST", wish, SAME_ORIGIN)
    assert status == 201 and made["token"].startswith("dwt_"), made
    bearer = {"Authorization": "Bearer " + made["token"]}
    assert ask(stage, program, headers=bearer)[1]["email"] == "anna.chao@example.test"
    assert ask(stage, program, "/api/v1/tokens", "POST", wish, bearer)[1]["code"] == "DW-ADM-TOKENS"
    listed = stage.doorctl_json("token", "list", "anna.chao@example.test")["tokens"]
    assert [t["id"] for t in listed] == [made["id"]] and listed[0]["used_at"] is not None, listed
    stage.doorctl("admin", "unlink", "anna.chao@example.test")
    assert ask(stage, program, headers=bearer)[0] == 401

    stage.doorctl("admin", "add", "robot@example.test", "--role", "observer", "--no-sso", "--api-only")
    stage.doorctl("token", "create", "robot@example.test", "sync", "--days", "366", expect=64)
    stage.doorctl("token", "create", "nobody@example.test", "sync", expect=3)
    tokens = [stage.doorctl_json("token", "create", "robot@example.test", name) for name in ("sync", "other")]
    bearers = [{"Authorization": "Bearer " + t["token"]} for t in tokens]
    assert [ask(stage, program, headers=b)[0] for b in bearers] == [200, 200]
    stage.doorctl("token", "revoke", "anna.chao@example.test", tokens[0]["id"], expect=3)
    stage.doorctl("token", "revoke", "robot@example.test", tokens[0]["id"])
    assert [ask(stage, program, headers=b)[0] for b in bearers] == [401, 200]
    stage.doorctl("admin", "deactivate", "robot@example.test")
    stage.doorctl("admin", "activate", "robot@example.test")
    assert [ask(stage, program, headers=b)[0] for b in bearers] == [401, 401]
    assert not any(t["token"] in stage.log() for t in [made] + tokens)


def test_no_other_site_logs_out(stage):
    anna = sign_in(stage, "anna")[0]
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": stage.idp_url}):
        assert anna.request("POST", stage.url + "/admin/logout", {}, headers).status == 403, headers
    assert ask(stage, anna)[0] == 200


def test_the_address_of_the_spec(stage):
    assert ask(stage, browser.Browser(stage.folder / "ca.pem"), "/api/v1/fleet/sso") == (
        200, {"settings": {"idp_name": "Dev IdP", "idp_image_url": "", "sso_enabled": True}})
    person = browser.Browser(stage.folder / "ca.pem")
    status, begun = ask(stage, person, "/api/v1/fleet/sso", "POST", {"relay_url": "/dashboard"})
    assert status == 200, begun
    form = person.sign_in(person.get(begun["url"]), "anna")
    assert form.page.action == stage.url + "/api/v1/fleet/sso/callback", form.page.action
    accepted = person.submit(form)
    page = person.get(stage.url + accepted.headers["Location"])
    assert page.status == 200 and page.url == stage.url + "/admin", (page.status, page.url)
    assert ask(stage, person, "/api/v1/fleet/sso", "POST", {"relay_url": "//evil.example"})[0] == 400


def test_preview(stage):
    preview = stage.folder / "preview.json"
    for content, status, after in (({"groups": ["engineering"]}, 0, "maintainer"),
                                   ({"attributes": {"FLEET_JIT_USER_ROLE_TEAM_7": ["null", "admin"]}}, 0,
                                    "admin in design"),
                                   ({"email": "anna.chao@example.test"}, 0, "helpdesk in design"),
                                   ({"attributes": {"FLEET_JIT_USER_ROLE_GLOBAL": "owner"}}, 4, None),
                                   ({"Groups": ["engineering"]}, 1, None)):
        preview.write_text(json.dumps(content))
        shown = stage.doorctl_json("admin", "preview", preview, expect=status)
        assert shown.get("after") == after, (content, shown)
    rules = stage.folder / "doorward.conf"
    before = rules.read_text()
    rules.write_text(before.replace("Jit=true", "Jit=false"))
    preview.write_text(json.dumps({"email": "nobody@example.test", "groups": ["engineering"]}))
    assert stage.doorctl_json("admin", "preview", preview, expect=4)["error"]["id"] == "DW-ADM-UNKNOWN"
    rules.write_text(before)


def test_preview_of_what_the_provider_sent(stage):
    def preview(*words, expect=0):
        return stage.doorctl_json("admin", "preview", *words, expect=expect).get("after")

    sign_in(stage, "anna")
    assert preview("--last", "anna.chao@example.test") == "helpdesk in design"
    assert preview("--last", "anna.chao@example.test", "--idp", "dev") == "helpdesk in design"
    preview("--last", "anna.chao@example.test", "--idp", "other", expect=3)
    preview("--last", "nobody@example.test", expect=3)
    newest = [s for s in stage.doorctl_json("signin", "list")["signins"] if s["purpose"] == "administration"][0]
    assert preview("--signin", newest["code"]) == "helpdesk in design"
    preview("--signin", "AAAA-AAAA", expect=3)
    preview("--signin", "--last", "anna.chao@example.test", expect=64)
    preview("--idp", "dev", "anna.chao@example.test", expect=64)
    rules = stage.folder / "doorward.conf"
    before = rules.read_text()
    rules.write_text(before.replace("HelpdeskGroups=design", "ObserverGroups=design"))  # not in force
    assert preview("--last", "anna.chao@example.test") == "observer in design"
    rules.write_text(before)


def test_people_of_a_connection_that_is_gone(stage):
    def rename(old, new):
        stage.sql(f"UPDATE administrator_identity SET connection = '{new}' WHERE connection = '{old}'")

    rename("dev", "former")
    person = browser.Browser(stage.folder / "ca.pem")
    refused = person.submit(person.sign_in(person.get(stage.url + "/admin/login"), "anna"))
    assert refused.status == 403, (refused.status, refused.body)
    assert stage.doorctl_json("signin", "list")["signins"][0]["fault"]["id"] == "DW-ADM-LINK"
    stage.doorctl("idp", "adopt", "dev", "dev", expect=1)
    stage.doorctl("idp", "adopt", "dev", "nobody", expect=3)
    stage.doorctl("idp", "adopt", "nobody", "former", expect=3)
    stage.doorctl("idp", "adopt", "dev", "former")
    assert ask(stage, sign_in(stage, "anna")[0])[0] == 200


def test_two_of_one_entity_id(stage):
    config = stage.folder / "two.conf"
    one = (stage.folder / "doorward.conf").read_text()
    second = stage.idp_group("second")
    for more, good in (("", False), ("SharedEntityId=true\n", False), ("Use=test\n", False),
                       ("SharedEntityId=true\nUse=test\n", True)):
        config.write_text(one + "\n" + second + more)
        config.chmod(0o600)
        done = subprocess.run([stage.build / "core/ctl/doorctl", "config", "check", "--dev", "--config", config,
                               "--plugin-dir", stage.build / "plugins"], capture_output=True, text=True, timeout=60)
        said = "[idp/dev] is of the same provider" in done.stdout + done.stderr
        assert said != good, (more, done.returncode, done.stdout, done.stderr)


def told_by(stage, *words):
    """What doorctl tells the journal, or standard error where there is none."""
    began = time.time()
    done = subprocess.run([str(w) for w in (stage.build / "core/ctl/doorctl", *words, *stage.common_options())],
                          capture_output=True, text=True, timeout=60, check=True)
    lines = done.stderr
    if pathlib.Path("/run/systemd/journal/socket").exists():
        lines += subprocess.run(["journalctl", "-o", "json", f"--since=@{int(began)}"], capture_output=True, text=True,
                                check=True).stdout
    return done.stdout, [line for line in map(json.loads, (line for line in lines.splitlines() if line.startswith("{")))
                         if "DOORWARD_EVENT" in line]


def test_doorctl_tells_who_changed_what(stage):
    email, user = "sam@example.test", pwd.getpwuid(os.getuid()).pw_name
    login = pathlib.Path("/proc/self/loginuid")
    if login.exists() and int(login.read_text()) != 2 ** 32 - 1:
        user = pwd.getpwuid(int(login.read_text())).pw_name
    add = told_by(stage, "admin", "add", email, "--role", "admin")
    made = told_by(stage, "token", "create", email, "backup")
    token = stage.doorctl_json("token", "list", email)["tokens"][0]["id"]
    sam = stage.doorctl_json("admin", "show", email)["id"]
    for (_, lines), event, outcome, more in (
            (add, "administrator", "added", {"DOORWARD_ROLES": "admin"}),
            (made, "personal-token", "made", {"DOORWARD_TOKEN_ID": token}),
            (told_by(stage, "token", "revoke", email, token), "personal-token", "revoked",
             {"DOORWARD_TOKEN_ID": token}),
            (told_by(stage, "admin", "set-role", email, "observer"), "administrator", "changed",
             {"DOORWARD_ROLES": "observer", "DOORWARD_STATE": "unchanged"}),
            (told_by(stage, "admin", "set-sso", email, "off"), "administrator", "changed", {"DOORWARD_SSO": "off"}),
            (told_by(stage, "admin", "unlink", email), "administrator", "unlinked", {}),
            (told_by(stage, "admin", "end-sessions", email), "admin-session", "ended", {}),
            (told_by(stage, "admin", "deactivate", email), "administrator", "changed",
             {"DOORWARD_STATE": "deactivated"})):
        wanted = {"DOORWARD_EVENT": event, "DOORWARD_OUTCOME": outcome, "DOORWARD_ADMINISTRATOR": sam,
                  "DOORWARD_BY": f"doorctl {user}", **more}
        assert any(wanted.items() <= line.items() for line in lines), (wanted, lines)
    assert not any(made[0].strip() in str(line) for line in made[1]), "the token is in the log"
    for words, wanted in (
            (("connection", "add", "spare", "DisplayName=Spare"), {"DOORWARD_OUTCOME": "created"}),
            (("connection", "set-metadata", "spare", METADATA),
             {"DOORWARD_OUTCOME": "given metadata"}),
            (("connection", "remove", "spare"), {"DOORWARD_OUTCOME": "removed"})):
        lines = told_by(stage, *words)[1]
        wanted = {"DOORWARD_EVENT": "connection", "DOORWARD_IDP": "spare", "DOORWARD_BY": f"doorctl {user}", **wanted}
        assert any(wanted.items() <= line.items() for line in lines), (wanted, lines)
    for words, outcome in ((("idp", "rotate-key", "dev"), "begun"), (("idp", "rotate-key", "dev", "--finish"), "finished")):
        wanted = {"DOORWARD_EVENT": "sp-key", "DOORWARD_IDP": "dev", "DOORWARD_OUTCOME": outcome,
                  "DOORWARD_BY": f"doorctl {user}"}
        lines = told_by(stage, *words)[1]
        assert any(wanted.items() <= line.items() for line in lines), (wanted, lines)


def test_what_is_so_already(stage):
    """Nobody is signed out by a change that is none."""
    email = "max@example.test"
    stage.doorctl("admin", "add", email, "--role", "observer")
    for words in (("set-role", email, "observer"), ("set-sso", email, "on"), ("activate", email),
                  ("password", email, "--remove")):
        assert "nothing to do: " in stage.doorctl("admin", *words, expect=2), words
    for words in (("set-role", email, "maintainer"), ("set-sso", email, "off"), ("deactivate", email)):
        stage.doorctl("admin", *words)
        assert stage.doorctl_json("admin", *words, expect=2)["email"] == email, words


def test_the_log_and_the_metric_tell(stage):
    log = stage.log()
    assert "session of an administrator opened" in log and "administrator added at the first sign-in" in log
    assert "ben.okafor@example.test" not in log


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1], config=CONFIG, replace=USE), sys.modules[__name__]))
