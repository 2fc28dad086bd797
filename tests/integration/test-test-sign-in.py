#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""doorctl idp test NAME --interactive, on the real programs, with a provider on another site."""

import json
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import tap  # noqa: E402
from stage import Stage  # noqa: E402

CONFIG = """[admin]
Jit=true
MaintainerGroups=engineering
"""
USE = {"DisplayName=Dev IdP\n": "DisplayName=Dev IdP\nUse=enrollment;admin;test\n"}


def begin(stage, *words):
    """doorctl while it waits, and the address it has printed."""
    line = [str(w) for w in (stage.build / "core/ctl/doorctl", "idp", "test", "dev", "--interactive", *words,
                             *stage.common_options())]
    doorctl = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for text in doorctl.stderr:
        if text.startswith(stage.url + "/test/"):
            return doorctl, text.strip()
    raise AssertionError(doorctl.communicate())


def end(doorctl, status):
    out, more = doorctl.communicate(timeout=60)
    assert doorctl.returncode == status, (doorctl.returncode, out, more)
    return out


def nothing_stays(stage):
    assert stage.lists() == ([], []) and stage.doorctl_json("admin", "list")["administrators"] == []


def test_accepted(stage):
    doorctl, url = begin(stage, "--json")
    person = browser.Browser(stage.folder / "ca.pem")
    page = person.submit(person.sign_in(person.get(url), "ben"))
    assert page.status == 200 and b"nothing was enrolled" in page.body, (page.status, page.body)
    assert page.page.texts["roles"] == "maintainer", page.page.texts
    assert "script" not in page.headers["Content-Security-Policy"], page.headers["Content-Security-Policy"]
    shown = json.loads(end(doorctl, 0))
    assert shown["outcome"] == "accepted" and shown["connection"] == "dev", shown
    assert {"name": "Email", "value": "ben.okafor@example.test"} in shown["identity"], shown["identity"]
    assert "engineering" in shown["groups"] and shown["admin_roles"] == "maintainer", shown
    assert shown["may_enroll"] and shown["may_administer"], shown
    assert all(check["passed"] for check in shown["checks"]) and len(shown["checks"]) > 5, shown["checks"]
    nothing_stays(stage)
    assert browser.Browser(stage.folder / "ca.pem").get(url).status == 400  # nothing is there any more
    rows = stage.doorctl_json("signin", "list")["signins"]
    assert rows[0]["purpose"] == "test" and rows[0]["outcome"] == "accepted", rows


def test_in_german_and_as_text(stage):
    doorctl, url = begin(stage)
    person = browser.Browser(stage.folder / "ca.pem")
    form = person.sign_in(person.get(url), "anna")
    page = person.request("POST", form.page.action, form.page.fields, {"Accept-Language": "de"})
    assert "Die Anmeldung funktioniert" in page.body.decode(), page.body
    out = end(doorctl, 0)
    assert "the sign-in is accepted" in out and "anna.chao@example.test" in out, out


def test_refused_tells_the_check(stage):
    doorctl, url = begin(stage, "--json")
    person = browser.Browser(stage.folder / "ca.pem")
    form = person.sign_in(person.get(url), "ben", fault="wrong-audience")
    page = person.submit(form)
    assert b"DW-SAML-AUDIENCE" in page.body, (page.status, page.body)
    shown = json.loads(end(doorctl, 4))
    assert shown["outcome"] == "refused" and shown["fault"] == "DW-SAML-AUDIENCE", shown
    assert shown["checks"][-1]["passed"] is False and shown["checks"][0]["passed"] is True, shown["checks"]
    nothing_stays(stage)


def test_stopped(stage):
    doorctl, url = begin(stage)
    doorctl.send_signal(signal.SIGINT)
    end(doorctl, 1)
    assert browser.Browser(stage.folder / "ca.pem").get(url).status == 400
    stage.doorctl("idp", "test", "nobody", "--interactive", expect=3)


def test_list_tells_the_use(stage):
    assert stage.doorctl_json("idp", "list")["idps"][0]["use"] == ["enrollment", "admin", "test"]
    assert " enrollment,admin,test " in stage.doorctl("idp", "list")


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1], config=CONFIG, replace=USE), sys.modules[__name__]))
