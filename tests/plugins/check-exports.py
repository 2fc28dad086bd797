#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the border between core and plugins: one exported symbol each way, and no vendor named in the core.

    check-exports.py SOURCE BUILD PLUGIN…
"""
import pathlib
import re
import subprocess
import sys

VENDOR = re.compile(r"(?<![a-z])(okta|entra|authentik)(?![a-z])", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s+["<](door[^">]*)[">]', re.MULTILINE)


def exported(module):
    lines = subprocess.run(["nm", "-D", "--defined-only", str(module)], check=True, capture_output=True, text=True)
    return sorted(line.split()[-1] for line in lines.stdout.splitlines())


def check_exports(build, names):
    modules = sorted(build.glob("plugins/*/libdoor-plugin-*.so"))
    found = {module.name.removeprefix("libdoor-plugin-").removesuffix(".so") for module in modules}
    for name in sorted(set(names) - found):
        yield f"plugins/{name}: no module was built"
    for module in modules:
        if exported(module) != ["door_plugin"]:
            yield f"{module.relative_to(build)}: exports {', '.join(exported(module)) or 'nothing'}"


def without_comments(path):
    """The text with comments blanked, so that line numbers stay."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".c", ".h"):
        return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    return re.sub(r"#.*", "", text)


def check_core(source):
    for path in sorted((source / "core").rglob("*")):
        if path.suffix not in (".c", ".h", ".build", ".in", ".map", ".xml", ".sql"):
            continue
        for number, line in enumerate(without_comments(path).splitlines(), 1):
            if VENDOR.search(line):
                yield f"{path.relative_to(source)}:{number}: names a vendor"


def check_includes(source, names):
    public = {path.name for path in (source / "core" / "api").glob("*.h")} | {"door-version.h"}
    for name in names:
        folder = source / "plugins" / name
        own = {path.name for path in folder.glob("*.h")}
        for path in sorted(folder.glob("*.[ch]")):
            for header in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if header not in public | own:
                    yield f"{path.relative_to(source)}: includes {header}, which is not public"


def main():
    source, build, names = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    problems = [*check_exports(build, names), *check_core(source), *check_includes(source, names)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
