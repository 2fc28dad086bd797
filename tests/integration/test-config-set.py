#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""doorctl config set on a staged tree: whole or not at all, and nothing else in the file is touched."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402

BASE = """[doorward]
ExternalUrl=https://mdm.example.com
OrganizationName=Example Corp
SupportEmail=it@example.com
[plugins]
Load=sqlite;saml
[idp/okta]
Type=saml
MetadataUrl=https://idp.example/metadata
"""
OWN = """# written by hand

[idp/okta]
# why it is called so
DisplayName = Old
Enabled=true

# a note at the end of the group
[sign-in]
ClockSkew=60s
"""


class Tree:
    """A staged root."""

    def __init__(self, build, base=BASE, own=None):
        self.build = pathlib.Path(build).resolve()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="set-", dir=self.build / "tests"))
        check = json.loads(self.run("config", "check", "--json", expect=4).stdout)
        # the path is compiled in; the message names it
        folder = next(p["text"] for p in check["problems"] if "doorward.conf" in p["text"]).split(" stand in ")[1]
        self.etc = self.root / pathlib.Path(folder).parent.relative_to("/")
        self.own = self.etc / "conf.d/90-doorctl.conf"
        self.own.parent.mkdir(parents=True)
        (self.etc / "doorward.conf").write_text(base)
        if own is not None:
            self.own.write_text(own)

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        shutil.rmtree(self.root)

    def run(self, *words, expect=0):
        done = subprocess.run([str(w) for w in (self.build / "core/ctl/doorctl", *words, "--root", self.root,
                                                "--plugin-dir", self.build / "plugins")],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done

    def set(self, *words, expect=0):
        return self.run("config", "set", *words, expect=expect)

    def text(self):
        return self.own.read_text() if self.own.exists() else None


def test_a_new_file(build):
    with Tree(build) as tree:
        before = os.umask(0o077)
        try:
            done = tree.set("idp/okta", "DisplayName=Company login", "DisplayName[de]=Firmen-Anmeldung")
        finally:
            os.umask(before)
        assert tree.text().startswith("# ") and tree.text().endswith(
            "\n[idp/okta]\nDisplayName=Company login\nDisplayName[de]=Firmen-Anmeldung\n"), tree.text()
        assert stat.S_IMODE(tree.own.stat().st_mode) == 0o640
        assert done.stdout.splitlines()[:2] == ["~ idp/okta DisplayName", "~ idp/okta DisplayName[de]"], done.stdout
        assert "doorctl config reload" in done.stdout and "Company" not in done.stdout
        shown = json.loads(tree.run("config", "show", "--origin", "--json").stdout)["idp/okta"]["DisplayName"]
        assert shown["value"] == "Company login" and shown["origin"].startswith(str(tree.own) + ":"), shown
        assert [p.name for p in tree.own.parent.iterdir()] == [tree.own.name], "nothing is left over"


def test_comments_and_other_keys_stay(build):
    with Tree(build, own=OWN) as tree:
        tree.set("idp/okta", "DisplayName=New", "WantSigned=both")
        tree.set("scep", "ChallengeLifetime=1h")
        assert tree.text() == OWN.replace("DisplayName = Old", "DisplayName=New").replace(
            "# a note at the end of the group\n", "# a note at the end of the group\nWantSigned=both\n"
        ) + "\n[scep]\nChallengeLifetime=1h\n", tree.text()
        tree.set("scep", "ChallengeLifetime=1h", expect=2)


def test_what_is_wrong_is_not_written(build):
    with Tree(build, own=OWN) as tree:
        for status, words, needle in (
                (1, ("idp/okta", "DisplayNam=X"), 'did you mean "DisplayName"'),
                (1, ("idp/okta", "WantSigned=perhaps"), "WantSigned"),
                (1, ("sign-in", "ClockSkew=1h"), "ClockSkew"),
                (1, ("sign-in", "FlowLifetime=1min"), "RequestLifetime must not be longer"),
                (1, ("doorwards", "X=1"), 'did you mean "doorward"'),
                (1, ("scep", "CaKey=hunter2"), "DW-CFG"),
                (1, ("enrollment", "Idps=okto"), 'did you mean "okta"'),
                (64, ("idp/okta", "DisplayName=A", "WantSigned=both", "DisplayName=B"), "DisplayName is named twice"),
                (64, ("idp/okta]\nEnabled=false\n[sign-in", "ClockSkew=60s"), "named without brackets"),
                (64, ("[idp/okta]", "Enabled=false"), "named without brackets"),
                (64, ("idp/okta", "DisplayName"), "is not KEY=VALUE"),
                (64, ("idp/okta", "=x"), "is not KEY=VALUE"),
                (64, ("idp/okta", "DisplayName=a\nEnabled=false"), "is not KEY=VALUE"),
                (64, ("idp/okta",), "is missing")):
            done = tree.set(*words, expect=status)
            assert needle in done.stderr and "hunter2" not in done.stderr, (words, done.stderr)
            assert tree.text() == OWN, words


def test_what_only_a_plugin_finds_wrong_is_not_written(build):
    stored = BASE.replace("Load=sqlite;saml", "Load=postgresql;saml") + "[database]\nDriver=postgresql\n"
    with Tree(build, base=stored + "Uri=postgresql://doorward@/doorward?host=/run/postgresql\n") as tree:
        done = tree.set("database", "Uri=postgresql://doorward:hunter2@db.example.com/doorward", expect=1)
        assert "a password does not belong here" in done.stderr and "hunter2" not in done.stderr, done.stderr
        assert tree.text() is None
        tree.set("database", "Uri=postgresql://doorward@db.example.com/doorward")


def test_what_was_wrong_before_stands_in_nobodys_way(build):
    with Tree(build, base=BASE + "Nonsense=1\n") as tree:
        tree.set("doorward", "OrganizationName=Other")
        tree.set("idp/okta", "Nonsens=1", expect=1)
        assert "Nonsens" not in tree.text()


def test_dry_run_restart_and_a_later_file(build):
    with Tree(build) as tree:
        found = json.loads(tree.set("listen", "MaxConnections=7", "--dry-run", "--json").stdout)
        assert found == {"file": str(tree.own), "written": False, "needs_restart": True,
                         "changes": ["! listen/MaxConnections needs restart"], "warnings": []}, found
        assert tree.text() is None
        assert "systemctl restart" in tree.set("listen", "MaxConnections=7").stdout
        (tree.own.parent / "95-later.conf").write_text("[listen]\nMaxConnections=8\n")
        assert "95-later.conf:2 comes later" in tree.set("listen", "MaxConnections=9").stderr
        assert "comes later" not in tree.set("doorward", "OrganizationName=X").stderr


def test_a_warning_is_told_and_written(build):
    with Tree(build, base=BASE.replace("[plugins]", "Strict=false\n[plugins]")) as tree:
        done = tree.set("sign-in", "ClockSkw=1s")
        assert "warning: [sign-in] has no key ClockSkw (did you mean" in done.stderr and "ClockSkw=1s" in tree.text(), done
        found = json.loads(tree.set("database", "StateKey=hunter2", "--json").stdout)
        assert found["written"] and len(found["warnings"]) == 1 and "hunter2" not in str(found), found


def test_a_folder_that_cannot_be_written(build):
    with Tree(build) as tree:
        tree.own.parent.rmdir()
        done = tree.set("doorward", "OrganizationName=X", expect=1)
        assert "90-doorctl.conf: No such file" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__], sys.argv[1]))
