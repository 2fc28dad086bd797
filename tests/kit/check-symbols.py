#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that libdoorward-1 offers plugins what the installed headers declare: all of it, and nothing else.

    check-symbols.py LIBRARY HEADER…

The headers are those that are installed.
"""
import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DIRECTIVE = re.compile(r"^#(?:.*\\\n)*.*$", re.MULTILINE)
FUNCTION = re.compile(r"\b(door_\w+) \(")
INTERFACE = re.compile(r"G_DECLARE_INTERFACE \(\w+, (\w+),")


def declared(headers):
    for header in headers:
        text = DIRECTIVE.sub("", COMMENT.sub("", pathlib.Path(header).read_text()))
        yield from FUNCTION.findall(text)
        yield from (name + "_get_type" for name in INTERFACE.findall(text))


def exported(library):
    """What the library has under the version DOORWARD_1."""
    lines = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        name, _, version = line.split()[-1].partition("@@")
        if version == "DOORWARD_1" and name != "DOORWARD_1":
            yield name


def main():
    library, headers = sys.argv[1], sys.argv[2:]
    wanted, found = set(declared(headers)), set(exported(library))
    problems = [f"{name}: declared in core/api, missing in core/doorward-1.map" for name in sorted(wanted - found)]
    problems += [f"{name}: in core/doorward-1.map, but no installed header declares it"
                 for name in sorted(found - wanted)]
    if len(wanted) < 50:
        problems.append(f"only {len(wanted)} functions were found in {len(headers)} headers")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
