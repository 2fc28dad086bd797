#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-new-folder.py BUILD: adding a provider takes one folder.

A preset is copied to a folder of another name in a copy of the tree, plugins/meson.build gets one line, and the doorctl
of this build loads what comes out. TAP on standard output.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
MODEL, NAME = "keycloak", "example"
LINE = f"    '{MODEL}',\n"
PARTS = ("core", "plugins", "data", "docs", "po", "meson.build", "meson_options.txt")


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=280, **options)
    assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def copy_tree(target):
    for part in PARTS:
        source = SOURCE / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / part)


def add_folder(tree):
    """The model under another name, in its file names too; and the one line."""
    folder = tree / "plugins" / NAME
    folder.mkdir()
    for file in (tree / "plugins" / MODEL).iterdir():
        text = file.read_text(encoding="utf-8")
        for word in (MODEL, MODEL.upper(), MODEL.capitalize()):
            replacement = NAME.upper() if word.isupper() else NAME.capitalize() if word[0].isupper() else NAME
            text = text.replace(word, replacement)
        (folder / file.name.replace(MODEL, NAME)).write_text(text, encoding="utf-8")
    listing = tree / "plugins" / "meson.build"
    text = listing.read_text(encoding="utf-8")
    assert text.count(LINE) == 1, text
    listing.write_text(text.replace(LINE, LINE + LINE.replace(MODEL, NAME)), encoding="utf-8")


def test_one_folder_is_a_provider():
    with tempfile.TemporaryDirectory(prefix="doorward-folder-") as folder:
        tree = pathlib.Path(folder) / "tree"
        build = pathlib.Path(folder) / "build"
        tree.mkdir()
        copy_tree(tree)
        add_folder(tree)
        run("meson", "setup", build, tree, "-Dtests=false", "-Dman=disabled", "-Ddocs=disabled")
        run("ninja", "-j2", "-C", build, f"plugins/{NAME}/libdoor-plugin-{NAME}.so")
        config = pathlib.Path(folder) / "doorward.conf"
        config.write_text(f"[plugins]\nLoad={NAME}\n", encoding="utf-8")
        listed = run(BUILD / "core" / "ctl" / "doorctl", "plugin", "list", "--json", "--config", config,
                     "--plugin-dir", build / "plugins")
        found = [plugin for plugin in json.loads(listed)["plugins"] if plugin["name"] == NAME]
        assert found and found[0]["state"] == "loaded", listed
        assert any(NAME in str(brought) for brought in found[0]["brings"]), listed
        shown = json.loads(run(BUILD / "core" / "ctl" / "doorctl", "idp", "instructions", NAME, "--json",
                               "--plugin-dir", build / "plugins"))
        assert shown["preset"] == NAME and shown["title"] == NAME.capitalize() and shown["values"], shown


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
