# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules between files: who includes whom, and whether what a document names is there."""

import re

import rules

OWN_INCLUDE = re.compile(r"^\s*#\s*include\s+\"([^\"]+)\"", re.MULTILINE)
# made by the build, and where their headers belong
GENERATED = {"door-version.h": "api", "door-page-resource.h": "page", "door-schema-resource.h": "store",
             "door-commands-resource.h": "proto/mdm",
             "door-api-resource.h": "http"}
TOP = ("core", "plugins", "data", "docs", "po", "tests")
LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\s]+)`")
ONLY, EXCEPT = "only", "every folder but"
# a paragraph, an item of a list, a row of a table
PARTS = re.compile(r"\n(?=\s*(?:\d+\.|[-*]) |\||\s*\n)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read_table(readme):
    """The first table of core/README.md: {folder: (ONLY or EXCEPT, names of folders)}."""
    table = {}
    for line in readme.text.split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 5 or not cells[1].startswith("`"):
            continue
        folder = cells[1].strip("`").rstrip("/")
        allowed = {name.rstrip("/") for name in QUOTED.findall(cells[3])}
        table[folder] = (EXCEPT, allowed) if cells[3].startswith("every folder but") else (ONLY, allowed | {folder})
    return table


def may_include(table, folder, home):
    """A row that names `service` means `service/policy` and its neighbours too."""
    kind, names = table[folder]
    named = any(home == name or home.startswith(name + "/") for name in names)
    return named == (kind == ONLY)


def core_folder(path):
    """`proto/saml` of `core/proto/saml/door-saml.c`; "." of `core/main.c`."""
    return path.removeprefix("core/").rpartition("/")[0] or "."


def header_homes(files):
    homes = {f.name: core_folder(f.path) for f in files if f.path.startswith("core/") and f.suffix == ".h"}
    return homes | GENERATED


def own_includes(file):
    code = file.without_comments()
    for found in OWN_INCLUDE.finditer(code):
        yield rules.line_of(code, found.start()), found[1]


def check_core(files, table):
    """Each folder includes only what its row allows, and each folder has a row."""
    homes = header_homes(files)
    for file in files:
        if not file.is_c or not file.path.startswith("core/"):
            continue
        folder = core_folder(file.path)
        if folder not in table:
            yield file.path, 1, f"core/README.md has no row for {folder}/"
            continue
        for line, name in own_includes(file):
            home = homes.get(name)
            if home is None:
                yield file.path, line, f"{name} is in no folder of the core"
            elif not may_include(table, folder, home):
                yield file.path, line, f"{name} is in {home}/, which {folder}/ may not include"


def check_plugins(files):
    """A plugin includes core/api, its own folder, and folders named *-common, which are no plugins."""
    homes = header_homes(files)
    shared = {f.name for f in files if f.path.startswith("plugins/") and f.folder.endswith("-common")}
    for file in files:
        if not file.is_c or not file.path.startswith("plugins/"):
            continue
        beside = {f.name for f in files if f.folder == file.folder}
        for line, name in own_includes(file):
            if homes.get(name) != "api" and name not in beside and name not in shared:
                yield file.path, line, f"{name} is neither in core/api nor in this folder"


def check_public(files):
    """What is installed includes only what is installed."""
    for file in files:
        if file.folder == "core/api" and file.suffix == ".h":
            for line, name in own_includes(file):
                if header_homes(files).get(name) != "api":
                    yield file.path, line, f"{name} is not installed"


def named_paths(text):
    """Links and quoted paths of a document, outside code blocks."""
    text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), text)
    for found in LINK.finditer(text):
        if not re.match(r"[a-z]+:|#", found[1]):
            yield rules.line_of(text, found.start()), "link", found[1].split("#")[0]
    for found in QUOTED.finditer(text):
        if found[1].split("/")[0] in TOP and "/" in found[1] and not re.search(r"[*<>{}\[…]|NAME|NNNN|example", found[1]):
            yield rules.line_of(text, found.start()), "path", found[1]


def check_cases(root, files):
    """A row of a table that names a test file and cases of it: the file has each of them."""
    for file in files:
        for number, line in enumerate(file.lines if file.suffix == ".md" else [], 1):
            test = None
            for name in QUOTED.findall(line) if line.startswith("|") else ():
                if name.startswith("tests/"):
                    test = root / name
                elif name.startswith("/") and test is not None and test.is_file():
                    if not re.search(rf"[\"/]{re.escape(name.rpartition('/')[2])}\"", test.read_text()):
                        yield file.path, number, f"{test.name} has no case {name}"


def check_functions(files):
    """A function that a document names behind a file is in it; one that it names without, anywhere in the tree."""
    sources = {f.path: f.text for f in files if f.is_c}
    for file in files:
        if file.suffix != ".md":
            continue
        position = 0
        for part in PARTS.split(FENCE.sub(lambda m: "\n" * m[0].count("\n"), file.text)):
            where, end = None, 0
            for found in QUOTED.finditer(part):
                name = found[1]
                # the next sentence is about something else
                where = None if re.search(r"\.\s", part[end:found.start()]) else where
                end = found.end()
                if name in sources:
                    where = name
                elif re.fullmatch(r"door_\w+", name):
                    homes = [where] if where else sources
                    if not any(re.search(rf"^{name} \(|\b{name};", sources[home], re.MULTILINE) for home in homes):
                        yield file.path, position + rules.line_of(part, found.start()), f"{name} is not in {where or 'core'}"
            position += part.count("\n") + 1


def check_documents(root, files):
    for file in files:
        if file.suffix != ".md":
            continue
        for line, kind, name in named_paths(file.text):
            start = (root / file.path).parent if kind == "link" else root
            if not (start / name.rstrip("/")).exists():
                yield file.path, line, f"{name} does not exist"
