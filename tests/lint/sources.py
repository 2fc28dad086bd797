# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds the files of the source tree and reads C the way the house rules need it: without comments or strings."""

import os
import pathlib
import re
import subprocess

# made by the build, by the version control system, or by whoever packages
SKIPPED_FOLDERS = {".git", "__pycache__", "debian", ".cache"}
C_SUFFIXES = {".c", ".h"}
TEXT_SUFFIXES = {".c", ".h", ".py", ".sh", ".md", ".build", ".sql", ".rst", ".in", ".conf", ".html", ".css", ".php",
                 ".po", ".xml", ".map", ".txt", ".supp", ".service", ".sysusers"}
TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


class File:
    """One file of the tree; path is relative to its root, with slashes."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.splitlines()

    @property
    def folder(self):
        return self.path.rpartition("/")[0]

    @property
    def name(self):
        return self.path.rpartition("/")[2]

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def is_c(self):
        return self.suffix in C_SUFFIXES

    @property
    def is_python(self):
        return self.suffix == ".py" or self.first_line_names("python")

    @property
    def is_shell(self):
        return self.suffix == ".sh" or self.first_line_names("sh")

    def first_line_names(self, program):
        first = self.lines[0] if self.lines else ""
        return first.startswith("#!") and re.search(rf"\b(ba|da)?{program}[0-9.]*$", first) is not None

    def without_comments(self):
        """The C code with comments blanked; the number of lines stays."""
        return TOKEN.sub(lambda m: blank(m[0]) if m[0].startswith("/") else m[0], self.text)

    def without_strings(self):
        """The C code with comments and the content of strings blanked."""
        return TOKEN.sub(lambda m: blank(m[0]), self.text)


def blank(text):
    inside = "".join("\n" if c == "\n" else " " for c in text[1:-1])
    return ('"' + inside + '"') if text.startswith('"') else " " + inside + " " * (len(text) > 1)


def is_build_folder(path):
    return (path / "meson-private").exists() or (path / "build.ninja").exists()


def list_of_git(root):
    """What git tracks below root; nothing where there is no checkout."""
    try:
        done = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        return []
    return [root / os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def list_of_folder(root):
    """The files of a tree without git, such as the archive of a release."""
    for folder, names, leaves in os.walk(root):
        here = pathlib.Path(folder)
        names[:] = [n for n in names if n not in SKIPPED_FOLDERS and not is_build_folder(here / n)]
        yield from (here / leaf for leaf in leaves)


def is_foreign(parts):
    """In a folder that is not ours to judge: of the build, of a packager, or data that tests read as input."""
    return parts[0] == "build" or parts[:2] == ("tests", "data") or not SKIPPED_FOLDERS.isdisjoint(parts[:-1])


def read_tree(root):
    """All text files of the tree, sorted by path. What lies there and git does not track is none of it."""
    root = pathlib.Path(root)
    files = []
    for path in list_of_git(root) or list_of_folder(root):
        if is_foreign(path.relative_to(root).parts) or path.is_symlink() or not path.is_file():
            continue
        if path.suffix in TEXT_SUFFIXES or os.access(path, os.X_OK):
            files.append(File(path.relative_to(root).as_posix(), path.read_text(errors="replace")))
    return sorted(files, key=lambda f: f.path)
