# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts enrolled devices into a database that the server has made, by SQL in bulk.

The rows are those of an enrollment that has ended well: person, certificate, device, enrollment, association.
"""

import sqlite3
import time

PEOPLE = ("INSERT INTO person (id, state, user_name, email, full_name, given_name, family_name, department, "
          "managed_account, group_names, created_at, updated_at, signed_in_at) ")
CERTIFICATES = ("INSERT INTO certificate (sha256, serial, key_hash, person_id, team, enrollment_id, der, not_before, "
                "not_after, issued_at, revoked_at) ")
DEVICES = ("INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, seen_at) ")
ENROLLMENTS = ("INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, push_token, "
               "created_at, active_at, token_updated_at, ended_at, end_reason) ")
ASSOCIATIONS = "INSERT INTO association (id, person_id, device_id, source, from_at, to_at, end_reason) "

# What the two databases do not write alike. The keys are scattered as those of real devices are.
DIALECTS = {
    "sqlite": {"key": "printf('%08x%08x', (i * 2654435761) % 4294967296, i)",
               "filler": "replace(hex(zeroblob(700)), '0', 'A')"},
    "postgresql": {"key": "lpad(to_hex((i * 2654435761) % 4294967296), 8, '0') || lpad(to_hex(i), 8, '0')",
                   "filler": "repeat('A', 1400)"},
}


def bulk_statements(dialect, first, last, topic):
    """Statements that make the devices numbered first to last, which nobody holds a key of."""
    words = DIALECTS[dialect]
    now = int(time.time() * 1000)
    rows = (f"WITH RECURSIVE n (i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last}), "
            f"k (i, key) AS (SELECT i, {words['key']} FROM n), d (i, key, id, hash) AS (SELECT i, key, "
            "substr(key, 1, 8) || '-' || substr(key, 9, 4) || '-4000-8000-' || substr(key, 13, 4) || '00000000', "
            "key || key || key || key FROM k) SELECT ")
    return [
        PEOPLE + rows + "id, 'active', 'user' || i, 'user' || i || '@example.test', 'User ' || i, 'User', "
        f"'' || i, '', 'user' || i || '@example.test', '', {now}, {now}, {now} FROM d",
        CERTIFICATES + rows + f"hash, key, hash, id, '', id, {words['filler']}, {now - 86400000}, "
        f"{now + 86400000 * 300}, {now}, 0 FROM d",
        DEVICES + rows + f"id, id, 'user-enrollment', 'iPhone15,4', '18.2.1', '22C161', {now}, {now} FROM d",
        ENROLLMENTS + rows + f"id, id, '', 'active', hash, '{topic}', id, hash, {now}, {now}, {now}, 0, '' FROM d",
        ASSOCIATIONS + rows + f"id, id, id, 'sign-in', {now}, 0, '' FROM d",
    ]


def quote(*values):
    """Literals for VALUES; what comes here is hexadecimal, base64, an address or a number of our own."""
    return "VALUES (" + ", ".join(str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'"
                                  for v in values) + ")"


def device_statements(lines, topic):
    """Statements for the devices of bench-devices, one line each."""
    now = int(time.time() * 1000)
    made = []
    for line in lines:
        apple_id, sha256, serial, key_hash, der, not_before, not_after = line.split("\t")
        key, account = apple_id.lower(), apple_id[:8].lower() + "@example.test"
        made += [
            PEOPLE + quote(key, "active", account, account, "A Person", "A", "Person", "", account, "", now, now, now),
            CERTIFICATES + quote(sha256, serial, key_hash, key, "", key, der, int(not_before), int(not_after), now, 0),
            DEVICES + quote(key, apple_id, "user-enrollment", "iPhone15,4", "18.2.1", "22C161", now, now),
            ENROLLMENTS + quote(key, key, "", "active", sha256, topic, key, "00" * 32, now, now, now, 0, ""),
            ASSOCIATIONS + quote(key, key, key, "sign-in", now, 0, ""),
        ]
    return made


def run_sqlite(path, statements):
    """All statements in one transaction."""
    connection = sqlite3.connect(path, timeout=60)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def run_postgresql(cluster, statements):
    """The same on a cluster of postgresql.py, whose statistics are brought up to date as a vacuum daemon would."""
    text = "BEGIN;\n" + ";\n".join(statements) + ";\nCOMMIT;\nANALYZE;\n"
    cluster._call("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", cluster.folder, "-U", "doorward", "-d", "doorward",
                  stdin=text)
