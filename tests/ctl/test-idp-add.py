#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-idp-add.py BUILD [TEST…]: doorctl idp add and idp instructions on a staged tree. TAP on standard output."""

import json
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
DOORCTL = BUILD / "core" / "ctl" / "doorctl"
BASE = """[doorward]
ExternalUrl=https://mdm.example.com
OrganizationName=Example Corp
SupportEmail=it@example.com
[plugins]
Load=sqlite;saml
[idp/old]
Type=saml
MetadataUrl=https://idp.example/metadata
"""
PRESETS = ("adfs", "authentik", "aws", "entra", "google", "jumpcloud", "keycloak", "okta", "onelogin", "ping", "saml",
           "shibboleth")


class Tree:
    """A staged root."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="add-", dir=BUILD / "tests"))
        check = json.loads(self.run("config", "check", "--json", expect=4).stdout)
        # the path is compiled in; the message names it
        folder = next(p["text"] for p in check["problems"] if "doorward.conf" in p["text"]).split(" stand in ")[1]
        self.etc = self.root / pathlib.Path(folder).parent.relative_to("/")
        (self.etc / "conf.d").mkdir(parents=True)
        (self.etc / "doorward.conf").write_text(BASE, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        shutil.rmtree(self.root)

    def run(self, *words, expect=0, given=b""):
        done = subprocess.run([str(w) for w in (DOORCTL, *words, "--root", self.root, "--plugin-dir",
                                                BUILD / "plugins")], input=given, capture_output=True, timeout=60,
                              check=False)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done

    def add(self, *words, expect=0, given=b""):
        return self.run("idp", "add", *words, expect=expect, given=given)

    def files(self):
        return {str(path.relative_to(self.etc)): path.read_text(encoding="utf-8")
                for path in self.etc.rglob("*") if path.is_file()}


def test_a_connection_of_its_own():
    with Tree() as tree:
        done = tree.add("keycloak", "--name=corp", "--set=Url=https://login.example.com", "--set=Realm=example",
                        "--set=DisplayName=Company login")
        files = tree.files()
        assert sorted(files) == ["conf.d/50-idp-corp.conf", "conf.d/90-doorctl.conf", "doorward.conf"], files
        assert files["conf.d/50-idp-corp.conf"].endswith(
            "\n[idp/corp]\nType=keycloak\nUrl=https://login.example.com\nRealm=example\nDisplayName=Company login\n")
        assert files["conf.d/90-doorctl.conf"].endswith("\n[plugins]\nLoad=sqlite;saml;keycloak\n")
        assert files["doorward.conf"] == BASE
        for name in ("50-idp-corp.conf", "90-doorctl.conf"):
            assert stat.S_IMODE((tree.etc / "conf.d" / name).stat().st_mode) == 0o640
        out = done.stdout.decode()
        assert "+ idp/corp" in out and "https://mdm.example.com/saml/corp/acs" in out, out
        assert "systemctl restart doorward" in out, out
        # a second one of the same type loads nothing more
        tree.add("keycloak", "--name=lab", "--set=Url=https://login.example.com", "--set=Realm=lab")
        assert tree.files()["conf.d/90-doorctl.conf"] == files["conf.d/90-doorctl.conf"]
        shown = json.loads(tree.run("config", "show", "--json").stdout)
        assert {"idp/old", "idp/corp", "idp/lab"} <= set(shown), shown


def test_what_it_is_for():
    with Tree() as tree:
        tree.add("okta", "--metadata-url=https://example.okta.com/m", "--use=enrollment,admin")
        assert "\nUse=enrollment;admin\n" in tree.files()["conf.d/50-idp-okta.conf"], tree.files()
        before = tree.files()
        done = tree.add("saml", "--name=x", "--metadata-url=https://x.example/m", "--use=admins", expect=1)
        assert "admins" in done.stderr.decode() and tree.files() == before, done.stderr


def test_what_is_wrong_is_not_written():
    with Tree() as tree:
        before = tree.files()
        for status, words, needle in (
                (1, ("keycloak", "--set=Url=https://login.example.com"), "Url needs Realm"),
                (1, ("keycloak",), "there is no source of metadata"),
                (1, ("okta", "--set=OrgUrl=https://example-admin.okta.com", "--set=AppId=exk1"), "-admin"),
                (1, ("okta", "--metadata-url=https://x.example/m", "--set=DisplayNam=X"), 'did you mean "DisplayName"'),
                (1, ("saml", "--name=old", "--metadata-url=https://x.example/m"), "[idp/old] already"),
                (3, ("okto", "--metadata-url=https://x.example/m"), 'did you mean "okta"'),
                (3, ("sqlite", "--metadata-url=https://x.example/m"), "sqlite"),
                (64, ("okta", "--name=../x", "--metadata-url=https://x.example/m"), "--name"),
                (64, ("okta", "--name=Work", "--metadata-url=https://x.example/m"), "--name"),
                (64, ("okta", "--name=", "--metadata-url=https://x.example/m"), "--name"),
                (64, ("okta", "--set=nonsense"), "is not KEY=VALUE"),
                (64, ("okta", "--set=A=b\nType=saml"), "is not KEY=VALUE"),
                (1, ("saml", "--metadata-file=-"), "DW-IDP-METADATA"),
                (64, ("saml", "--metadata-file=-", "--dry-run"), "--dry-run"),
                (64, (), "PRESET is missing")):
            done = tree.add(*words, expect=status, given=b"<html/>")
            assert needle in done.stderr.decode(), (words, done.stderr)
            assert tree.files() == before, (words, tree.files())


def test_metadata_from_standard_input():
    with Tree() as tree:
        metadata = (TESTS / "data" / "jumpcloud" / "metadata.xml").read_bytes()
        tree.add("jumpcloud", "--metadata-file=-", given=metadata)
        files = tree.files()
        assert files["idp-jumpcloud.xml"] == metadata.decode()
        assert stat.S_IMODE((tree.etc / "idp-jumpcloud.xml").stat().st_mode) == 0o640
        path = "/" + str((tree.etc / "idp-jumpcloud.xml").relative_to(tree.root))
        assert f"MetadataFile={path}\n" in files["conf.d/50-idp-jumpcloud.conf"], files
        before = tree.files()
        tree.add("okta", "--metadata-file=-", "--set=WantSigned=perhaps", expect=1, given=metadata)
        assert tree.files() == before, "what was made of standard input is gone again"


def test_dry_run_and_json():
    with Tree() as tree:
        before = tree.files()
        answer = json.loads(tree.add("okta", "--metadata-url=https://x.example/m", "--dry-run", "--json").stdout)
        assert tree.files() == before and answer["written"] is False and "+ idp/okta" in answer["changes"], answer
        answer = json.loads(tree.add("okta", "--metadata-url=https://x.example/m", "--json").stdout)
        assert answer["written"] is True and answer["name"] == "okta", answer
        values = {value["value"] for value in answer["instructions"]["values"]}
        assert {"https://mdm.example.com/saml/okta/acs", "https://mdm.example.com/saml/okta"} <= values, values


def test_all_that_is_wrong_is_told():
    """Who has made two mistakes does not find the second by mending the first; no configuration is one mistake."""
    with Tree() as tree:
        done = tree.add("okta", "--metadata-url=https://x.example/m", "--use=admn", "--set=Emaildomains=a", expect=1)
        assert b"admn" in done.stderr and b'(did you mean "EmailDomains"?)' in done.stderr, done.stderr
        (tree.etc / "doorward.conf").unlink()
        done = tree.add("saml", "--metadata-url=https://x.example/m", expect=1)
        assert b"there is no configuration" in done.stderr, done.stderr


def test_openid_connect():
    """The callback stands where SAML has its ACS address; a type that speaks one of the two says so."""
    with Tree() as tree:
        for words in (("oidc",), ("okta", "--protocol=oidc"), ("entra", "--protocol=oidc")):
            shown = json.loads(tree.run("idp", "instructions", *words, "--name=door", "--json").stdout)
            values = " ".join(value["value"] for value in shown["values"])
            assert shown["protocol"] == "oidc" and "https://mdm.example.com/oidc/door/callback" in values, values
            assert "/saml/" not in values, values
            forward = shown["oauth2_forward"]
            assert forward["redirect_uri"] == "apple-remotemanagement-user-login:/oauth2/redirection", forward
            assert "Only with AccountSignIn=oauth2-forward" in tree.run("idp", "instructions", *words).stdout.decode()
        assert json.loads(tree.run("idp", "instructions", "okta", "--json").stdout)["protocol"] == "saml"
        for words, status in (("keycloak", "--protocol=oidc"), 3), (("oidc", "--protocol=saml"), 3), (
                ("okta", "--protocol=ldap"), 64):
            tree.run("idp", "instructions", *words, expect=status)
        (tree.etc / "secrets").mkdir()
        (tree.etc / "secrets" / "okta-secret").write_text("secret", encoding="utf-8")
        done = tree.add("okta", "--set=Protocol=oidc", "--set=OrgUrl=https://example.okta.com", "--set=ClientId=0oa1",
                        "--set=ClientSecret=credential:okta-secret")
        assert b"https://mdm.example.com/oidc/okta/callback" in done.stdout, done.stdout
        assert "Protocol=oidc\n" in tree.files()["conf.d/50-idp-okta.conf"]


def test_instructions_of_every_preset():
    """Before there is a connection, and without its plugin in Load; each has all that is needed."""
    with Tree() as tree:
        before = tree.files()
        for preset in PRESETS:
            shown = json.loads(tree.run("idp", "instructions", preset, "--name=door", "--json").stdout)
            values = " ".join(value["value"] for value in shown["values"])
            assert "https://mdm.example.com/saml/door/acs" in values, (preset, values)
            assert "https://mdm.example.com/saml/door" in values.replace("/acs", ""), (preset, values)
            assert shown["where"] and shown["metadata"] and len(shown["notes"]) >= 3, shown
            assert "{" not in values.replace("${", ""), values
            assert "oauth2_forward" not in shown, "devices go to providers of OpenID Connect only"
            text = tree.run("idp", "instructions", preset).stdout.decode()
            assert shown["title"] in text and all(note in text for note in shown["notes"]), text
        tree.run("idp", "instructions", "nobody", expect=3)
        assert tree.files() == before


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
