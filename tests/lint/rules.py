# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house rules that can be checked by reading. A rule takes one File and yields (line, what is wrong)."""

import re

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 6
MAX_README_LINES = 150

# Functions nobody may call, and what to use instead.
FORBIDDEN_CALLS = {
    "strtok": "g_strsplit",
    "strcpy": "g_strlcpy or memcpy with a length that was checked",
    "strcat": "GString",
    "sprintf": "g_strdup_printf or g_snprintf",
    "vsprintf": "g_strdup_vprintf",
    "gets": "nothing",
    "atoi": "g_ascii_string_to_unsigned",
    "atol": "g_ascii_string_to_unsigned",
    "atoll": "g_ascii_string_to_unsigned",
    "system": "GSubprocess",
    "popen": "GSubprocess",
    "g_object_set_data": "a struct field",
    "g_task_run_in_thread": "door-job-pool: GTask's threads are few and shared with TLS and name resolution",
    "g_time_zone_new_local": "UTC",
}

# The wall clock and randomness have one home, so that everything else can be tested with given values. The two
# programs that stand in for the world outside need the real ones, and what sets a server's clock replaces it.
CLOCK = re.compile(r"\b(g_get_real_time|g_date_time_new_now\w*|gettimeofday|getrandom|g_random_\w+|"
                   r"clock_gettime \(CLOCK_REALTIME)|\btime \((NULL|&\w+)\)")
CLOCK_HOMES = ("core/base/", "tests/dev-idp/", "tests/sim/", "tests/faults/wall-clock.c")

SQL = re.compile(r"\"\s*(INSERT INTO|SELECT \S|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|(UNIQUE )?INDEX)|ALTER TABLE|"
                 r"DROP TABLE|PRAGMA )")
SQL_HOMES = ("core/store/", "plugins/gda-common/", "plugins/sqlite/", "plugins/postgresql/", "tests/storage/",
             "tests/core/store/", "tests/core/service/", "tests/lib/", "core/proto/osquery/", "tests/core/osquery/")

VENDORS = re.compile(r"okta|\bentra\b|microsoft|authentik|google|keycloak|onelogin|jumpcloud", re.IGNORECASE)

# Which folder may include the headers of which library. The programs that stand in for the world outside and the
# tests choose their own.
LIBRARY_HOMES = {
    "libsoup": ("core/http/", "core/net/"),
    "libxml": ("core/proto/saml/",),
    "xmlsec": ("core/proto/saml/",),
    "gnutls": ("core/proto/cms/", "core/proto/oidc/"),
    "openssl": ("core/proto/cms/", "core/proto/saml/"),
    "plist": ("core/proto/plist/",),
    "libgda": ("plugins/gda-common/", "plugins/sqlite/", "plugins/postgresql/"),
    "gmodule": ("core/plugin/", "core/ctl/"),
    "json-glib": ("core/api/", "core/proto/", "core/http/", "core/ctl/", "plugins/"),
}
# Functions whose form another library decides.
FOREIGN_CALLBACKS = {"xmlsec_error_cb", "PQexecPrepared"}
JSON_WRITING = re.compile(r"\bjson_(to_string|generator_new)\b")
EMPTY_WORDS = {"utils", "util", "common", "helper", "helpers", "misc", "manager"}
INCLUDE = re.compile(r"^\s*#\s*include\s+[<\"]([^>\"]+)[>\"]", re.MULTILINE)
LABEL = re.compile(r"\bgoto\b")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b|\bX" r"XX\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.])/(home|root)/\w+")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def matches(pattern, text, what):
    for found in pattern.finditer(text):
        yield line_of(text, found.start()), what.format(found[0].strip())


def licence(file):
    """The licence stands in the first lines of each source."""
    if file.suffix in (".md", ".po", ".in", ".xml", ".supp") and not file.is_c:
        return
    if not any("SPDX-License-Identifier: LGPL-2.1-or-later" in line for line in file.lines[:3]):
        yield 1, "no SPDX-License-Identifier: LGPL-2.1-or-later in the first lines"


def file_length(file):
    """A file is short enough to be read in one sitting."""
    if (file.is_c or file.is_python or file.is_shell) and len(file.lines) > MAX_FILE_LINES:
        yield len(file.lines), f"{len(file.lines)} lines; at most {MAX_FILE_LINES}"


def functions(file):
    """(line of the name, head, number of lines of the body) of each function, by the layout clang-format gives."""
    code = file.without_strings().splitlines()
    begin = None
    for number, line in enumerate(code):
        if line.rstrip() == "{":
            begin = number
        elif line.startswith("}"):
            if line.rstrip() == "}" and begin is not None:
                top = begin
                while top > 0 and code[top - 1].strip() != "" and not code[top - 1].startswith(("}", "#")):
                    top -= 1
                yield top + 1, " ".join(code[top:begin]), number - begin + 1
            begin = None


def function_length(file):
    """A function fits on a screen."""
    for line, head, length in functions(file) if file.suffix == ".c" else ():
        if length > MAX_FUNCTION_LINES:
            yield line, f"a function of {length} lines; at most {MAX_FUNCTION_LINES}"


def parameters(file):
    """What needs more parameters is a struct."""
    for line, head, _ in functions(file) if file.suffix == ".c" else ():
        inside = head[head.find("(") + 1:head.rfind(")")]
        flat = re.sub(r"\([^()]*\)", "", inside)
        name = head[:head.find("(")].split()[-1:]
        if flat.count(",") + 1 > MAX_PARAMETERS and not FOREIGN_CALLBACKS.intersection(name):
            yield line, f"{flat.count(',') + 1} parameters; at most {MAX_PARAMETERS}"


def no_goto(file):
    """Owned values are freed by g_autoptr; nothing needs a label."""
    if file.is_c:
        yield from matches(LABEL, file.without_strings(), "{}")


def forbidden_calls(file):
    """Functions that are unsafe or break a rule of the threads."""
    if file.is_c:
        code = file.without_strings()
        for name, instead in FORBIDDEN_CALLS.items():
            yield from matches(re.compile(rf"\b{name} *\("), code, "{} " + f"is not used here; take {instead}")


def clock_and_random(file):
    """Wall clock and randomness come from core/base."""
    if file.is_c and not file.path.startswith(CLOCK_HOMES):
        yield from matches(CLOCK, file.without_strings(), "{} outside core/base")


def sql(file):
    """All the SQL is in core/store; tests look into the database behind the back of what they test. Agents of osquery
    are asked in SQL too, of tables of theirs."""
    if file.is_c and not file.path.startswith(SQL_HOMES):
        yield from matches(SQL, file.without_comments(), "SQL outside core/store: {}")


def vendors(file):
    """The core knows no vendor; a comment may name the source of a fact."""
    if file.is_c and file.path.startswith("core/"):
        yield from matches(VENDORS, file.without_comments(), "the core names a vendor: {}")


def library_homes(file):
    """Each library has one home."""
    if not file.is_c or not file.path.startswith(("core/", "plugins/")):
        return
    code = file.without_comments()
    for found in INCLUDE.finditer(code):
        library = found[1].split("/")[0].removesuffix(".h")
        homes = LIBRARY_HOMES.get(library)
        if homes is not None and not file.path.startswith(homes):
            yield line_of(code, found.start()), f"<{found[1]}> is for {', '.join(homes)} only"


def json_writing(file):
    """The core writes JSON in one place, which knows what json-glib gets wrong."""
    if file.is_c and file.path.startswith("core/") and not file.path.startswith("core/proto/json/"):
        yield from matches(JSON_WRITING, file.without_strings(), "{} outside core/proto/json; take door_json_build")


def pragma_once(file):
    """A header guards itself with #pragma once."""
    if file.suffix == ".h" and "\n#pragma once\n" not in "\n" + file.text:
        yield 1, "no #pragma once"


def empty_names(file):
    """A file is named after what is in it."""
    if file.is_c and EMPTY_WORDS & set(file.name.split(".")[0].split("-")):
        yield 1, "a name that says nothing"


def finished(file):
    """What is not finished is not here, or is an issue."""
    if file.suffix != ".po":
        yield from matches(UNFINISHED, file.text, "{}")


def private_paths(file):
    """No path of somebody's machine."""
    yield from matches(SOMEBODYS_FOLDER, file.text, "{} is a path of one machine")


def readme_length(file):
    """The first page is one page."""
    if file.path == "README.md" and len(file.lines) > MAX_README_LINES:
        yield len(file.lines), f"{len(file.lines)} lines; at most {MAX_README_LINES}"


RULES = [licence, file_length, function_length, parameters, no_goto, forbidden_calls, clock_and_random, sql, vendors,
         library_homes, json_writing, pragma_once, empty_names, finished, private_paths, readme_length]
