#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-rules.py SOURCE-ROOT [TEST...]: each house rule finds what it is for. TAP on standard output."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
sys.dont_write_bytecode = True

import folders  # noqa: E402
import rules  # noqa: E402
import sources  # noqa: E402
import tap  # noqa: E402
from sources import File  # noqa: E402

LICENCE = "/* SPDX-License-Identifier: LGPL-2.1-or-later */\n"
LONG = "static int\nf (void)\n{\n" + "  g ();\n" * 60 + "}\n"
SHORT = "static int\nf (void)\n{\n" + "  g ();\n" * 58 + "}\n"

# rule, path, text that breaks it, text that does not
SAMPLES = [
    ("licence", "core/x.c", "int x;\n", LICENCE),
    ("file_length", "core/x.c", "\n" * 801, "\n" * 800),
    ("function_length", "core/x.c", LONG, SHORT),
    ("parameters", "core/x.c", "void\nf (int a, int b, int c, int d, int e, int f, int g)\n{\n}\n",
     "void\nf (int a, int (*b) (int, int), int c, int d, int e, int f)\n{\n}\n"),
    ("no_goto", "core/x.c", "goto out;\n", "/* goto */ f (\"goto\");\n"),
    ("forbidden_calls", "core/x.c", "n = atoi (text);\n", "/* atoi (text) */ f (\"atoi (x)\"); my_atoi (x);\n"),
    ("forbidden_calls", "core/x.c", "sprintf (a, b);\n", "g_string_append_printf (a, b); snprintf (a, 2, b);\n"),
    ("clock_and_random", "core/http/x.c", "now = g_get_real_time ();\n", "now = g_get_monotonic_time ();\n"),
    ("clock_and_random", "core/http/x.c", "now = time (NULL);\n", "now = door_clock_now_ms (clock); lifetime (x);\n"),
    ("clock_and_random", "tests/core/x.c", "x = g_random_int ();\n", "/* g_random_int () */\n"),
    ("sql", "core/service/x.c", "q = \"SELECT id FROM device\";\n", "m = \"DELETE\"; s = \"SELECTED\";\n"),
    ("sql", "core/http/x.c", "q = \"UPDATE device SET x = 1\";\n", "m = \"UPDATE\";\n"),
    ("vendors", "core/service/x.c", "if (strcmp (type, \"entra\") == 0)\n", "/* Entra ID refuses it */ central ();\n"),
    ("library_homes", "core/service/x.c", "#include <libsoup/soup.h>\n", "#include <gio/gio.h>\n"),
    ("library_homes", "plugins/okta/x.c", "#include <libxml/tree.h>\n", "/* #include <libxml/tree.h> */\n"),
    ("library_homes", "core/base/x.c", "#include <gmodule.h>\n", "#include <glib.h>\n"),
    ("json_writing", "core/http/x.c", "text = json_to_string (node, FALSE);\n", "/* json_to_string */ door_json_build (node);\n"),
    ("json_writing", "core/ctl/x.c", "g = json_generator_new ();\n", "f (\"json_generator_new\");\n"),
    ("pragma_once", "core/x.h", "#ifndef X\n", "#pragma once\n"),
    ("empty_names", "core/base/door-utils.c", "\n", None),
    ("finished", "core/x.c", "/* TO" "DO: this */\n", "g_dir_make_tmp (\"x-XX" "XXXX\");\n"),
    ("private_paths", "docs/x.md", "cd /ho" "me/anna/src\n", "cd build/home/x\n"),
    ("readme_length", "README.md", "\n" * 151, "\n" * 150),
]


def found(rule, path, text):
    return list(getattr(rules, rule)(File(path, text)))


def test_rules_find_what_they_are_for():
    for rule, path, bad, good in SAMPLES:
        assert found(rule, path, bad), f"{rule} accepts {bad[:80]!r}"
        if good is not None:
            assert not found(rule, path, good), f"{rule} refuses {good[:80]!r}: {found(rule, path, good)}"


def test_every_rule_has_a_sample():
    assert {rule.__name__ for rule in rules.RULES} == {sample[0] for sample in SAMPLES}


def test_lines_are_counted():
    assert found("no_goto", "core/x.c", "/* a\nb */\nchar *s = \"x\";\ngoto out;\n")[0][0] == 4


def make_tree(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x\n")


def test_tree_is_what_git_tracks():
    """An installation, or anything else that somebody left in the tree, is not judged."""
    if shutil.which("git") is None:
        raise tap.Skip("git is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_tree(folder, "core/a.c", "tests/data/b.c", "root/usr/include/c.h", "build/d.c")
        subprocess.run(["git", "init", "-q", folder], check=True)
        subprocess.run(["git", "-C", folder, "add", "core", "tests"], check=True)
        assert [f.path for f in sources.read_tree(folder)] == ["core/a.c"]


def test_tree_without_git():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_tree(folder, "core/a.c", "tests/data/b.c", "build/c.c", "other/build.ninja", "other/d.c", "debian/e.c")
        assert [f.path for f in sources.read_tree(folder)] == ["core/a.c"]


def core_files(extra):
    return [File("core/api/door-a.h", ""), File("core/store/door-s.h", ""), File("core/http/door-h.c", extra)]


def test_core_folders():
    table = folders.read_table(File("core/README.md", "| `http/` | x | `api`, GLib | y |\n| `api/` | | | |\n"
                                    "| `store/` | | every folder but `api` | |\n"))
    assert table["http"] == (folders.ONLY, {"http", "api"}), table
    assert folders.may_include(table, "store", "http") and not folders.may_include(table, "store", "api")
    assert folders.may_include({"http": (folders.ONLY, {"service"})}, "http", "service/push")
    assert not folders.may_include({"http": (folders.ONLY, {"service/dep"})}, "http", "service/push")
    assert not list(folders.check_core(core_files('#include "door-a.h"\n'), table))
    assert list(folders.check_core(core_files('#include "door-s.h"\n'), table))
    assert list(folders.check_core(core_files('#include "door-nowhere.h"\n'), table))
    assert list(folders.check_core([File("core/new/x.c", "")], table))


def test_plugin_folders():
    files = core_files("") + [File("plugins/x-common/door-x.h", ""), File("plugins/b/door-b.h", "")]
    for name, wrong in (("door-a.h", 0), ("door-x.h", 0), ("door-s.h", 1), ("door-b.h", 1)):
        plugin = File("plugins/a/door-a.c", f'#include "{name}"\n')
        assert len(list(folders.check_plugins(files + [plugin]))) == wrong, name


def test_public_headers():
    assert list(folders.check_public(core_files("") + [File("core/api/door-b.h", '#include "door-s.h"\n')]))
    assert not list(folders.check_public(core_files("") + [File("core/api/door-b.h", '#include "door-a.h"\n')]))


def test_document_paths():
    root = pathlib.Path(sys.argv[1])
    good = File("core/x.md", "[a](../plugins/README.md#x) [b](https://example.com) `core/api` `tests/core/NAME/x`\n")
    assert not list(folders.check_documents(root, [good]))
    for text in ("[a](nowhere.md)", "`core/nowhere.c`"):
        assert list(folders.check_documents(root, [File("core/x.md", text)])), text


def test_document_functions():
    sources = [File("core/a.c", "bool\ndoor_a (void)\n{\n  door_b ();\n}\n"), File("core/b.c", "int\ndoor_b (void)\n")]
    for text, wrong in (("`core/a.c` `door_a`, `core/b.c` `door_b`", []), ("it is `door_b`", []), ("`door_c`", [1]),
                        ("1. `core/b.c`\n   `door_b`\n2. `core/a.c`\n   `door_b`\n", [4]), ("```\n`door_c`\n```", []),
                        ("`core/a.c` does\n\nand `door_b` too", [])):
        found = [line for _, line, _ in folders.check_functions(sources + [File("docs/x.md", text)])]
        assert found == wrong, (text, found)


def test_document_cases():
    root = pathlib.Path(sys.argv[1])
    row = "| `tests/core/plist/test-plist.c` `/plist/{}` |\n"
    assert not list(folders.check_cases(root, [File("docs/x.md", row.format("depth"))]))
    assert list(folders.check_cases(root, [File("docs/x.md", row.format("nowhere"))]))


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
