#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-identity-providers.py BUILD [--write]: docs/identity-providers.md says what the presets say.

With --write the part below the mark is made anew. TAP on standard output.
"""

import json
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
PAGE = TESTS.parent / "docs" / "identity-providers.md"
MARK = "<!-- made by tests/ctl/test-identity-providers.py BUILD --write; change the presets instead -->\n"
PRESETS = ("okta", "entra", "google", "authentik", "keycloak", "adfs", "jumpcloud", "onelogin", "ping", "shibboleth",
           "aws", "saml")


OIDC = ("okta", "entra", "google", "authentik", "oidc")
PLACEHOLDER = "name-here"  # a name that a connection may have; the document says NAME


def instructions(preset, protocol):
    done = subprocess.run([BUILD / "core" / "ctl" / "doorctl", "idp", "instructions", preset, "--json",
                           f"--name={PLACEHOLDER}", f"--protocol={protocol}",
                           "--root=/nonexistent", f"--plugin-dir={BUILD / 'plugins'}"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, (preset, done.stdout, done.stderr)
    return json.loads(done.stdout.replace(PLACEHOLDER, "NAME"))


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def section(preset, protocol="saml"):
    shown = instructions(preset, protocol)
    title, keys = shown["title"], f"`Type={preset}`"
    if protocol == "oidc" and preset != "oidc":
        title, keys = f"{title} by OpenID Connect", f"{keys}, `Protocol=oidc`"
    lines = [f"## {title}", "", f"{keys}. At the provider: {cell(shown['where'])}.", "",
             "| field | value |", "|---|---|"]
    lines += [f"| {cell(value['label'])} | {cell(value['value'])} |" for value in shown["values"]]
    what = "Here" if protocol == "oidc" else "Its metadata"
    lines += ["", f"{what}: {cell(shown['metadata'])}.", ""]
    if shown["keys"]:
        lines += ["| key | meaning |", "|---|---|"]
        lines += [f"| `{key['key']}` | {cell(key['text'])} |" for key in shown["keys"]] + [""]
    lines += [f"- {cell(note)}" for note in shown["notes"]] + [""]
    if shown["errors"]:
        lines += ["| its error | what to do |", "|---|---|"]
        lines += [f"| {cell(error['text'])} | {cell(error['fix'])} |" for error in shown["errors"]] + [""]
    return "\n".join(lines)


def generate():
    return MARK + "\n" + "\n".join([section(preset) for preset in PRESETS] +
                                   [section(preset, "oidc") for preset in OIDC])


def test_page_says_what_the_presets_say():
    text = PAGE.read_text(encoding="utf-8")
    head, mark, rest = text.partition(MARK)
    assert mark, "the mark is missing"
    assert mark + rest == generate(), "run tests/ctl/test-identity-providers.py BUILD --write"
    for preset in PRESETS:
        assert f"`{preset}`" in head, f"{preset} is missing in the table"


if __name__ == "__main__":
    if sys.argv[2:] == ["--write"]:
        HEAD = PAGE.read_text(encoding="utf-8").partition(MARK)[0].rstrip("\n")
        PAGE.write_text(HEAD + "\n\n" + generate(), encoding="utf-8")
        sys.exit(0)
    sys.exit(tap.run(sys.modules[__name__]))
