# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the server has acknowledged, and what may be found in its database for that."""

import hashlib
import sqlite3
import subprocess
import threading

import postgresql

CHUNK = 100  # SQLite takes 500 parts in one compound SELECT


class Broken(Exception):
    """A promise was not kept."""


class Sqlite:
    """Reads the file beside the server."""

    name = "sqlite"

    def __init__(self, path):
        self.path = path

    def ask(self, sql):
        """All rows, their values as text."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        try:
            return [[str(value) for value in row] for row in connection.execute(sql)]
        finally:
            connection.close()

    def check_files(self):
        found = self.ask("PRAGMA integrity_check") + self.ask("PRAGMA foreign_key_check")
        if found != [["ok"]]:
            raise Broken(f"SQLite finds {found[:3]}")


class Postgresql:
    """Asks a private cluster."""

    name = "postgresql"

    def __init__(self, cluster):
        self.cluster = cluster

    def ask(self, sql):
        words = [f"{self.cluster.programs}/psql", "-X", "-q", "-A", "-t", "-h", self.cluster.folder, "-U",
                 postgresql.NAME, "-d", postgresql.NAME, "-c", sql]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return [line.split("|") for line in done.stdout.splitlines()]

    def check_files(self):
        """PostgreSQL checks its pages when it reads them."""


# Counts that are 0 whatever was interrupted: each write is there as a whole or not at all.
WHOLE = {
    "a token without its person": "access_token t LEFT JOIN person p ON p.id = t.person_id WHERE p.id IS NULL",
    "a person without an identity":
        "person p LEFT JOIN person_identity i ON i.person_id = p.id WHERE i.person_id IS NULL",
    "a used challenge without its certificate":
        "scep_challenge s LEFT JOIN certificate c ON c.sha256 = s.certificate_sha256 "
        "WHERE (s.key_hash <> '' OR s.certificate_sha256 <> '') AND (c.sha256 IS NULL OR c.key_hash <> s.key_hash)",
    "a certificate nobody asked for":
        "certificate c WHERE NOT EXISTS (SELECT 1 FROM scep_challenge s WHERE s.certificate_sha256 = c.sha256) "
        "AND c.enrollment_id = ''",
    "a device that never enrolled":
        "device d WHERE NOT EXISTS (SELECT 1 FROM enrollment e WHERE e.device_id = d.id)",
    "an enrollment without its certificate":
        "enrollment e WHERE NOT EXISTS (SELECT 1 FROM certificate c WHERE c.enrollment_id = e.id "
        "AND c.sha256 = e.certificate_sha256)",
    "an enrollment whose token is free":
        "enrollment e WHERE NOT EXISTS (SELECT 1 FROM access_token t JOIN certificate c "
        "ON c.sha256 = t.certificate_sha256 WHERE c.enrollment_id = e.id)",
    "an enrollment whose challenge goes on":
        "enrollment e JOIN certificate c ON c.enrollment_id = e.id JOIN scep_challenge s "
        "ON s.certificate_sha256 = c.sha256 WHERE s.ended_at = 0",
    "an open enrollment without an open link":
        "enrollment e WHERE e.ended_at = 0 AND NOT EXISTS (SELECT 1 FROM association a "
        "WHERE a.device_id = e.device_id AND a.to_at = 0)",
    "an open link without an open enrollment":
        "association a WHERE a.to_at = 0 AND NOT EXISTS (SELECT 1 FROM enrollment e "
        "WHERE e.device_id = a.device_id AND e.ended_at = 0)",
    "half a TokenUpdate":
        "enrollment e WHERE e.ended_at = 0 AND ((e.active_at <> 0) <> (e.push_token <> '') "
        "OR (e.active_at <> 0) <> (e.push_magic <> '') OR (e.active_at <> 0) <> (e.state = 'active'))",
    "an ended enrollment whose certificate is good":
        "enrollment e JOIN certificate c ON c.enrollment_id = e.id WHERE e.ended_at <> 0 AND c.revoked_at = 0",
    "half an end": "enrollment e WHERE (e.ended_at <> 0) <> (e.end_reason <> '')",
}
# Pairs that are equal: one write adds one to each.
EQUAL = {
    "spent requests and remembered assertions":
        ("sign_in_request WHERE spent_at <> 0", "replay"),
    "tokens and records of accepted sign-ins":
        ("access_token", "attempt WHERE fault = ''"),
}


class Ledger:
    """Facts from successful replies. Each is (what, table and condition): at least one row, for ever."""

    def __init__(self, database):
        self.database = database
        self.lock = threading.Lock()
        self.old, self.new = [], []

    def add(self, what, condition):
        with self.lock:
            self.new.append((what, condition))

    def _ask_counts(self, conditions):
        parts = [f"SELECT {i} AS i, (SELECT count(*) FROM {text}) AS n" for i, text in enumerate(conditions)]
        rows = self.database.ask(" UNION ALL ".join(parts) + " ORDER BY i")
        return [int(row[1]) for row in rows]

    def _check(self, facts):
        for start in range(0, len(facts), CHUNK):
            chunk = facts[start:start + CHUNK]
            for (what, condition), count in zip(chunk, self._ask_counts([c for _, c in chunk])):
                if count < 1:
                    raise Broken(f"acknowledged and lost: {what} ({condition})")

    def check_new(self):
        """What was acknowledged since the last check is there, and nothing is half there."""
        with self.lock:
            facts, self.new = self.new, []
            self.old += facts
        self._check(facts)
        counts = self._ask_counts([*WHOLE.values()])
        found = [f"{count} x {what}" for what, count in zip(WHOLE, counts) if count != 0]
        sides = self._ask_counts([side for pair in EQUAL.values() for side in pair])
        found += [f"{what}: {sides[2 * i]} and {sides[2 * i + 1]}" for i, what in enumerate(EQUAL)
                  if sides[2 * i] != sides[2 * i + 1]]
        if found:
            raise Broken("; ".join(found))
        return len(facts)

    def check_all(self):
        """Everything ever acknowledged is there; gives how much that is."""
        self.check_new()
        self._check(self.old)
        self.database.check_files()
        return len(self.old)


def sha256(text):
    """As the server stores secrets."""
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()
