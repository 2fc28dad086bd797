#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every plugin module of a build exports its descriptor and nothing else, and of the core calls only
what every plugin may call.

    check-exports.py BUILD PLUGIN…

The plugins named must be among the modules.
"""
import pathlib
import subprocess
import sys


def exported(module):
    lines = subprocess.run(["nm", "-D", "--defined-only", str(module)], check=True, capture_output=True, text=True)
    return sorted(line.split()[-1] for line in lines.stdout.splitlines())


def private_calls(module):
    """Functions of the core that are not in the installed headers."""
    lines = subprocess.run(["nm", "-D", "--undefined-only", "--with-symbol-versions", str(module)], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    return sorted(line.split()[-1].partition("@")[0] for line in lines
                  if " door_" in line and not line.endswith("@DOORWARD_1"))


def check(build, names):
    modules = sorted(build.glob("plugins/*/libdoor-plugin-*.so"))
    found = {module.name.removeprefix("libdoor-plugin-").removesuffix(".so") for module in modules}
    for name in sorted(set(names) - found):
        yield f"plugins/{name}: no module was built"
    for module in modules:
        symbols = exported(module)
        if symbols != ["door_plugin"]:
            yield f"{module.relative_to(build)}: exports {', '.join(symbols) or 'nothing'}"
        for name in private_calls(module):
            yield f"{module.relative_to(build)}: calls {name}, which is not for plugins"


def main():
    problems = list(check(pathlib.Path(sys.argv[1]), sys.argv[2:]))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
