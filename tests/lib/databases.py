# SPDX-License-Identifier: LGPL-2.1-or-later
"""The database of a stage: SQLite in its folder, or one of its own on a private PostgreSQL.

DOORWARD_TEST_DATABASE=postgresql chooses the second, for every stage that does not ask for one by itself.
"""

import atexit
import contextlib
import os
import sqlite3
import subprocess
import uuid

import postgresql
import tap


class Sqlite:
    """One file."""

    plugin = "sqlite"

    def __init__(self, path):
        self.path = path
        self.keys = f"Driver=sqlite\nPath={path}"

    def connect(self):
        return sqlite3.connect(self.path, timeout=60)

    def dump(self):
        """All that is stored, as bytes."""
        return self.path.read_bytes()

    def drop(self):
        """It goes with its folder."""


class Postgresql:
    """One database of a cluster that all stages of this program share."""

    plugin = "postgresql"
    cluster = None

    def __init__(self):
        if Postgresql.cluster is None:
            kept = contextlib.ExitStack()
            try:
                Postgresql.cluster = kept.enter_context(postgresql.temporary_cluster())
            except postgresql.NotAvailable as reason:
                raise tap.Skip(str(reason)) from None
            atexit.register(kept.close)
        self.name = "stage_" + uuid.uuid4().hex[:12]
        self.cluster.execute(f"CREATE DATABASE {self.name}")
        self.keys = f"Driver=postgresql\nUri=postgresql://{postgresql.NAME}@/{self.name}?host={self.cluster.folder}"

    def connect(self):
        import psycopg2  # only who asks for it needs it
        return psycopg2.connect(host=self.cluster.folder, user=postgresql.NAME, dbname=self.name)

    def dump(self):
        """All that is stored, as bytes."""
        return subprocess.run([f"{self.cluster.programs}/pg_dump", "-h", self.cluster.folder, "-U", postgresql.NAME, self.name],
                              check=True, capture_output=True).stdout

    def drop(self):
        self.cluster.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


def choose(folder):
    """The one that the environment asks for; raises tap.Skip where it is not installed."""
    if os.environ.get("DOORWARD_TEST_DATABASE") == "postgresql":
        return Postgresql()
    return Sqlite(folder / "state/doorward.db")
