#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-tree.py SOURCE-ROOT [TEST...]: the house rules, on every file of the tree. TAP on standard output."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
sys.dont_write_bytecode = True

import folders  # noqa: E402
import rules  # noqa: E402
import sources  # noqa: E402
import tap  # noqa: E402

ROOT = pathlib.Path(sys.argv[1]).resolve()
FILES = sources.read_tree(ROOT)


def report(problems):
    """Fails with every problem, each as FILE:LINE: TEXT."""
    problems = list(problems)
    if problems:
        raise AssertionError("\n" + "\n".join(f"{path}:{line}: {text}" for path, line, text in problems))


def make_test(rule):
    def test():
        report((file.path, line, text) for file in FILES for line, text in rule(file))
    return test


for the_rule in rules.RULES:
    globals()[f"test_{the_rule.__name__}"] = make_test(the_rule)


def test_tree_was_found():
    """A rule that looks at nothing finds nothing."""
    counts = {suffix: sum(f.suffix == suffix for f in FILES) for suffix in (".c", ".h", ".py", ".md")}
    assert counts[".c"] > 200 and counts[".h"] > 100 and counts[".py"] > 5 and counts[".md"] > 5, counts


def test_folders_of_the_core():
    """Who may include whom: the table in core/README.md, against each #include."""
    readme = next(f for f in FILES if f.path == "core/README.md")
    report(folders.check_core(FILES, folders.read_table(readme)))


def test_plugins_see_only_the_public_headers():
    report(folders.check_plugins(FILES))


def test_public_headers_stay_public():
    report(folders.check_public(FILES))


def test_paths_in_documents_exist():
    """A link or a path in a document leads somewhere."""
    report(folders.check_documents(ROOT, FILES))


def test_functions_in_documents_exist():
    """The lives of a request are told as lists of files and functions; they must not drift from the code."""
    report(folders.check_functions(FILES))


def test_test_cases_in_documents_exist():
    report(folders.check_cases(ROOT, FILES))


def test_manual_page_of_the_simulator():
    """The pages of the other programs are made of their options; this one is written: it has them all, and no others."""
    page = (ROOT / "data/doorward-sim.1.rst").read_text()
    sources = "".join((ROOT / f"tests/sim/sim-{name}.c").read_text() for name in ("options", "fleet"))
    options = {f"--{name}" for name in re.findall(r'\{ "([a-z-]{2,})", (?:0|\'[a-z]\'), 0, G_OPTION', sources)}
    described = set(re.findall(r"^(?:-[a-z] [A-Z]+, )?(--[a-z-]+)(?= )", page, re.M))
    ways = [f"**{name}**\n" for name in re.findall(r'\[SIM_WAY_[A-Z0-9]+\] = "([a-z0-9-]+)"', sources)]
    assert len(options) > 30 and len(ways) > 5, "the tables are written another way now"
    missing = [f"does not describe {word}" for word in options - described]
    missing += [f"describes {word}, which there is not" for word in described - options]
    missing += [f"does not name {word.strip()}" for word in ways if word not in page]
    report(("data/doorward-sim.1.rst", 1, text) for text in missing)


def test_no_path_of_this_tree():
    report((f.path, 1, "names the folder this tree is in") for f in FILES if str(ROOT) + "/" in f.text)


def test_clang_format():
    program = shutil.which("clang-format-14")
    if program is None:
        raise tap.Skip("no clang-format-14")
    names = [f.path for f in FILES if f.is_c]
    done = subprocess.run([program, "--dry-run", "-Werror", *names], cwd=ROOT, capture_output=True, text=True,
                          timeout=300, check=False)
    wrong = dict.fromkeys(re.findall(r"^(\S+\.[ch]):\d+", done.stderr, re.MULTILINE))
    report((name, 1, "run clang-format-14 -i") for name in wrong)
    assert done.returncode == 0, done.stderr


def test_programs_can_be_run():
    """What names its interpreter is run by its path, as the documents do."""
    report((file.path, 1, "begins with #! and is not executable: chmod +x") for file in FILES
           if file.text.startswith("#!") and not os.access(ROOT / file.path, os.X_OK))


def test_shell_scripts_parse():
    for file in FILES:
        if file.is_shell:
            shell = "sh" if re.match(r"#!\s*/bin/sh\b", file.lines[0]) else "bash"
            done = subprocess.run([shell, "-n", ROOT / file.path], capture_output=True, text=True, timeout=60,
                                  check=False)
            assert done.returncode == 0, f"{file.path}: {done.stderr}"


def test_python_compiles():
    for file in FILES:
        if file.is_python:
            compile(file.text, file.path, "exec")


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
