#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Administrators sign in with passwords, on the real programs."""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

CONFIG = """[admin]
Passwords=true
"""
USE = {"DisplayName=Dev IdP\n": "DisplayName=Dev IdP\nUse=enrollment;admin\n"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def ask(stage, person, headers=None):
    reply = person.request("GET", stage.url + "/api/v1/me", None, dict({"Accept": "application/json"}, **(headers or {})))
    return reply.status, json.loads(reply.body) if reply.body else None


def log_in(stage, address, password, path="/api/v1/auth/login"):
    basic = base64.b64encode(f"{address}:{password}".encode()).decode()
    return browser.Browser(stage.folder / "ca.pem").request("POST", stage.url + path, "", {"Authorization": "Basic " + basic})


def test_passwords(stage):
    local, password, second = "local@example.test", "correct horse battery", "another long one"
    files = {name: stage.folder / name for name in ("short", "first", "second")}
    for name, text in (("short", "short\n"), ("first", password + "\nsecond line\n"), ("second", second)):
        files[name].write_text(text)
    add = ("admin", "add", local, "--role", "observer", "--password-file")
    assert "DW-ADM-PASSWORDRULES" in json.dumps(stage.doorctl_json(*add, str(files["short"]), expect=1))
    stage.doorctl(*add, str(stage.folder / "none"), expect=3)
    made = stage.doorctl_json(*add, str(files["first"]))
    assert made["sso_enabled"] is False and "password" not in json.dumps(made), made
    reply = log_in(stage, local, password)
    assert reply.status == 200 and reply.headers["Content-Type"] == "application/jwt", (reply.status, reply.body)
    bearer = {"Authorization": "Bearer " + reply.body.decode()}
    program = browser.Browser(stage.folder / "ca.pem")
    assert ask(stage, program, headers=bearer)[1]["email"] == local
    assert log_in(stage, local, second).status == 401
    stage.doorctl("admin", "password", local, "--password-file", str(files["second"]))
    assert ask(stage, program, headers=bearer)[0] == 401
    assert [log_in(stage, local, p).status for p in (password, second)] == [401, 200]
    page = program.get(stage.url + "/admin/login")
    assert b'type="password"' in page.body, page.body
    form = {"email": local, "password": second, "return_to": "/admin"}
    assert program.request("POST", stage.url + "/admin/login", form, {"Origin": stage.idp_url}).status == 403
    entered = program.request("POST", stage.url + "/admin/login", form, SAME_ORIGIN)
    assert entered.status == 303 and ask(stage, program)[1]["email"] == local, entered.status
    stage.doorctl("admin", "password", local, "--remove")
    assert ask(stage, program)[0] == 401 and log_in(stage, local, second).status == 401
    stage.doorctl("admin", "add", "anna.chao@example.test", "--role", "admin")
    stage.doorctl("admin", "password", "anna.chao@example.test", "--password-file", str(files["first"]), expect=1)
    again = ("admin", "password", "anna.chao@example.test", "--no-sso", "--password-file", str(files["first"]))
    assert stage.doorctl_json(*again)["sso_enabled"] is False
    assert log_in(stage, "anna.chao@example.test", password, "/api/management/v1/useradm/auth/login").status == 200
    assert "DW-ADM-LASTADMIN" in json.dumps(
        stage.doorctl_json("admin", "password", "anna.chao@example.test", "--remove", expect=1))
    assert not any(p in stage.log() for p in (password, second, "$y$"))


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1], config=CONFIG, replace=USE), sys.modules[__name__]))
