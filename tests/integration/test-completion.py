#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What shells offer behind doorctl: asked of the shells themselves."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "data/completions"
CONFIG = """[doorward]
ExternalUrl=https://mdm.example.com
OrganizationName=Example
[plugins]
Load=saml
[idp/okta]
Type=saml
DisplayName[de]=Anmeldung
[idp/other]
Type=saml
"""

# a bash that thinks a key was pressed behind the words: prints what it would offer
BASH = """
compopt () { echo "compopt $*" >&2; }
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_doorctl
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


class Place:
    """A folder with a configuration and doorctl in the path."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="complete-", dir=self.build / "tests"))
        (self.folder / "x.conf").write_text(CONFIG)
        self.options = [f"--config={self.folder}/x.conf", f"--plugin-dir={self.build}/plugins"]
        self.env = dict(os.environ, PATH=f"{self.build}/core/ctl:{os.environ['PATH']}", HOME=str(self.folder))
        return self

    def __exit__(self, *reason):
        shutil.rmtree(self.folder)

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=60, env=self.env)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done

    def bash(self, *words):
        done = self.run("bash", "--norc", "-c", BASH, "bash", COMPLETIONS / "doorctl.bash", "doorctl", *words)
        return done.stdout.splitlines(), done.stderr

    def doorctl(self, *words):
        lines = self.run("doorctl", "--complete", *words).stdout.splitlines()
        assert all(line.count("\t") == 1 for line in lines), lines
        return [line.split("\t")[0] for line in lines]


def test_commands_come_from_the_table(build):
    with Place(build) as place:
        nouns = {line.split()[0] for line in place.run("doorctl", "--help").stdout.split("\nOptions")[0].splitlines()
                 if line.startswith("  ")}
        assert set(place.doorctl("")) == nouns and {"config", "idp", "explain"} <= nouns, nouns
        assert place.doorctl("config", "") == ["check", "show", "set", "reload"]
        assert place.doorctl("config", "sh") == ["show"]
        assert place.doorctl("conf") == ["config"]
        assert place.doorctl("nonsense", "") == [] and place.doorctl() and place.doorctl("config", "check", "") == []
        assert "--origin" in place.doorctl("config", "show", "--") and "--root=" in place.doorctl("config", "show", "--r")
        assert place.doorctl("--v") == ["--version"]


def test_words_come_from_the_configuration(build):
    with Place(build) as place:
        assert place.doorctl("idp", "show", *place.options, "") == ["okta", "other"]
        assert place.doorctl("config", "set", *place.options, "idp/o") == ["idp/okta", "idp/other"]
        assert "sign-in" in place.doorctl("config", "set", *place.options, "s")
        assert place.doorctl("config", "set", *place.options, "idp/okta", "Display") == ["DisplayName=", "DisplayName[de]="]
        assert "SsoUrl=" in place.doorctl("config", "set", *place.options, "idp/okta", "A=1", "")
        assert place.doorctl("config", "set", *place.options, "nonsense", "") == []
        assert "DW-SAML-AUDIENCE" in place.doorctl("explain", "DW-SAML-A")
        assert place.doorctl("explain", "DW-SAML-A", "") == place.doorctl("explain", "")


def test_bash(build):
    with Place(build) as place:
        assert place.bash("config", "s")[0] == ["show", "set"]
        assert place.bash("config", "show", "--eff") == (["--effective"], "")
        assert place.bash("config", "set", "sign-in", "ClockS") == (["ClockSkew="], "compopt -o nospace\n")
        assert place.bash("config", "show", "--root", "=", "/e") == ([], "compopt -o default\n")
        assert place.bash("nonsense", "")[0] == []
        registered = place.run("bash", "--norc", "-c", f"source {COMPLETIONS}/doorctl.bash; complete -p doorctl").stdout
        assert registered == "complete -F _doorctl doorctl\n", registered


def test_zsh(build):
    if shutil.which("zsh") is None:
        raise tap.Skip("zsh is not installed")
    with Place(build) as place:
        place.run("zsh", "-fn", COMPLETIONS / "_doorctl")
        script = ("_describe () { echo $3; print -l -- ${(P)4} }; words=(doorctl config set sign-in ClockS); CURRENT=5; "
                  f"source {COMPLETIONS}/_doorctl; words=(doorctl config s); CURRENT=3; _doorctl")
        lines = [line.split(":")[0] for line in place.run("zsh", "-f", "-c", script).stdout.splitlines() if line]
        assert [line for line in lines if line != "doorctl"] == ["ClockSkew=", "show", "set"], lines


def test_fish(build):
    if shutil.which("fish") is None:
        raise tap.Skip("fish is not installed")
    with Place(build) as place:
        place.run("fish", "--no-execute", COMPLETIONS / "doorctl.fish")
        script = f"source {COMPLETIONS}/doorctl.fish; complete -C 'doorctl config s'; complete -C 'doorctl config set sign-in ClockS'"
        lines = [line.split("\t")[0] for line in place.run("fish", "--no-config", "-c", script).stdout.splitlines()]
        assert sorted(lines) == ["ClockSkew=", "set", "show"], lines


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__], sys.argv[1]))
