# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of attacks: its rows, what is expected of the server, and how both are printed."""

import contextlib
import dataclasses
import json
import sqlite3
import sys
import time
import traceback
import typing

MAX_SECONDS = 1.0
# What the server answers for each fault; written here once more so that a change of it is seen.
STATUS = {
    "DW-SAML-FORM": 400, "DW-SAML-XML": 400, "DW-SAML-STRUCTURE": 400, "DW-SAML-ENCRYPTED": 400, "DW-SAML-DECRYPT": 403, "DW-SAML-CLEAR": 403,
    "DW-SAML-UNSIGNED": 403, "DW-SAML-SIGNATURE": 403, "DW-SAML-ALGORITHM": 403, "DW-SAML-ISSUER": 403,
    "DW-SAML-STATUS": 403, "DW-SAML-DESTINATION": 403, "DW-SAML-AUDIENCE": 403, "DW-SAML-CONDITIONS": 403,
    "DW-SAML-EARLY": 403, "DW-SAML-LATE": 403, "DW-SAML-RECIPIENT": 403, "DW-SAML-INRESPONSETO": 403,
    "DW-SAML-UNSOLICITED": 403, "DW-SAML-NAMEID": 403, "DW-SAML-AUTHN": 403, "DW-SAML-REPLAY": 403,
    "DW-ID-SUBJECT": 403, "DW-ID-DOMAIN": 403, "DW-ID-MISMATCH": 403, "DW-ID-NOACCOUNT": 403, "DW-ID-GROUP": 403,
    "DW-FLOW-COOKIE": 400, "DW-FLOW-UNKNOWN": 400, "DW-FLOW-SPENT": 400, "DW-FLOW-LATE": 410, "DW-FLOW-EXPIRED": 410,
    "DW-IDP-UNKNOWN": 404,
    "DW-ADM-ROLE": 403, "DW-ADM-ROLECONFLICT": 403, "DW-ADM-LINK": 403, "DW-ADM-EMAIL": 403, "DW-ADM-UNKNOWN": 403,
    "DW-ADM-DISABLED": 403,
    "DW-OIDC-ANSWER": 400, "DW-OIDC-DENIED": 403, "DW-OIDC-TOKEN": 403, "DW-OIDC-ALGORITHM": 403, "DW-OIDC-KEY": 403,
    "DW-OIDC-SIGNATURE": 403, "DW-OIDC-ISSUER": 403, "DW-OIDC-AUDIENCE": 403, "DW-OIDC-EARLY": 403,
    "DW-OIDC-LATE": 403, "DW-OIDC-NONCE": 403, "DW-OIDC-HASH": 403, "DW-OIDC-SUBJECT": 403,
    "DW-OIDC-PROVIDER": 503,
    "DW-SAML-ARTIFACT": 400, "DW-SAML-ARTINDEX": 503, "DW-SAML-ARTUSED": 403, "DW-SAML-ARTPROVIDER": 503,
    "DW-SAML-ARTANSWER": 403, "DW-SAML-ARTUNKNOWN": 403,
}
ACCEPTED = 308
# What a refused answer may leave behind: that a sign-in was begun, with the key made for its request, and the record of
# its refusal.
MAY_GROW = {"sp_key", "flow", "sign_in_request", "attempt", "lease", "connection_metadata", "schema_version", "schema_migration",
            "doorward_schema"}


@dataclasses.dataclass
class Row:
    family: str
    title: str
    source: str
    fault: typing.Optional[str]  # None: it must be accepted
    make: typing.Callable
    options: dict


class Table:
    """Rows in the order in which they are written down."""

    def __init__(self):
        self.rows = []
        self.family = None

    def begin(self, family):
        """What follows belongs to this family."""
        self.family = family

    def attack(self, title, source, fault, **options):
        """Decorates a function that makes the message of a row and expects this fault."""
        def add(make):
            self.rows.append(Row(self.family, title, source, fault, make, options))
            return make
        return add

    def control(self, title, **options):
        """The same for a message that must be accepted: without it a family could be refused for a wrong reason."""
        return self.attack(title, "control", None, **options)


TABLE = Table()
attack, control, begin = TABLE.attack, TABLE.control, TABLE.begin


class Wrong(Exception):
    """The server did something else than the row expects."""


class Watch:
    """What the server has stored and said, read from outside: its database and its log."""

    def __init__(self, stage):
        self.stage = stage
        self.path = f"file:{stage.folder}/state/doorward.db?mode=ro"
        self.log_at = 0

    def query(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.path, uri=True, timeout=10)) as db:
            return db.execute(sql, values).fetchall()

    def counts(self):
        """Rows of every table that a refusal must leave alone."""
        with contextlib.closing(sqlite3.connect(self.path, uri=True, timeout=10)) as db:
            tables = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT "
                                                   "LIKE 'sqlite_%' ORDER BY name")]
            found = {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables
                     if name not in MAY_GROW}
            found["requests spent"] = db.execute("SELECT count(*) FROM sign_in_request WHERE spent_at <> 0").fetchone()[0]
        return found

    def fault(self, code):
        """The fault in the record of an attempt, and the reason; the record is what an administrator reads."""
        rows = self.query("SELECT fault, detail FROM attempt WHERE code = ?", code)
        return rows[0] if rows else (None, "")

    def log_since(self):
        """What was logged since the last time, as records."""
        path = self.stage.folder / "server.log"
        with open(path, "rb") as log:
            log.seek(self.log_at)
            new = log.read()
        end = new.rfind(b"\n") + 1
        self.log_at += end
        found = []
        for line in new[:end].decode(errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                found.append({"text": line})
        return found


def check_reply(watch, row, reply):
    """The status, and that the record of the attempt names the fault that was expected. Gives the reason."""
    if row.fault is None:
        if reply.status != row.options.get("status", ACCEPTED):
            raise Wrong(f"refused with {reply.status}: {watch.fault(reply.code)}")
        return ""
    expected = row.options.get("status", STATUS.get(row.fault))
    if reply.status == ACCEPTED:
        raise Wrong("ACCEPTED")
    fault, detail = watch.fault(reply.code) if reply.code else (None, "")
    if not row.options.get("recorded", True):
        if fault is not None or reply.status != expected:
            raise Wrong(f"{reply.status} with record {fault}, expected {expected} without one")
        return ""
    if (fault, reply.status) != (row.fault, expected):
        raise Wrong(f"{reply.status} {fault} ({detail}), expected {expected} {row.fault}")
    wanted = row.options.get("reason")
    if wanted and wanted not in detail:
        raise Wrong(f"refused because: {detail}; expected: {wanted}")
    return detail


def check_stored(row, before, after):
    """A refusal stores nothing; a row may name what its refusal uses up."""
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    if row.fault is None:
        if row.options.get("judged"):
            return
        if not grown and not row.options.get("stores_nothing"):
            raise Wrong("accepted, and nothing was stored")
        return
    allowed = row.options.get("uses_up", ())
    grown = {name: n for name, n in grown.items() if name not in allowed}
    if grown:
        raise Wrong(f"stored: {grown}")


def check_log(watch):
    """No message of ours may call something a bug, whatever comes in."""
    bad = [record for record in watch.log_since()
           if record.get("level") in ("critical", "error") or "level" not in record]
    if bad:
        raise Wrong(f"the log has: {bad[:2]}")


@dataclasses.dataclass
class Result:
    row: Row
    seconds: float
    reason: str = ""
    problem: str = ""
    skipped: str = ""

    @property
    def outcome(self):
        if self.skipped:
            return "skipped"
        return "ok" if not self.problem else "NOT OK"


class NotHere(Exception):
    """Raised by a row for what this server cannot do; the text says why."""


def play_once(play, row):
    play.baseline = None
    before = play.watch.counts()
    reply, seconds = play.perform(row)
    before = play.baseline or before
    reason = "" if row.options.get("judged") else check_reply(play.watch, row, reply)
    for check in row.options.get("also", ()):
        check(play, reply)
    check_stored(row, before, play.watch.counts())
    check_log(play.watch)
    return seconds, reason


def play_row(play, row):
    """One row; a slow answer is tried once more, since the machine may have been busy with something else."""
    try:
        seconds, reason = play_once(play, row)
        if seconds > MAX_SECONDS:
            seconds = min(seconds, play_once(play, row)[0])
        if seconds > MAX_SECONDS:
            raise Wrong(f"the answer took {seconds:.2f} s")
    except NotHere as reason:
        return Result(row, 0.0, skipped=str(reason))
    except Wrong as wrong:
        return Result(row, 0.0, problem=str(wrong))
    except Exception:  # noqa: BLE001: whatever it is, the row has failed
        return Result(row, 0.0, problem=traceback.format_exc())
    return Result(row, seconds, reason)


def expectation(row):
    if row.fault is None:
        return "accepted"
    if row.options.get("judged"):
        return row.fault
    return f"{row.fault} {row.options.get('status', STATUS.get(row.fault))}"


def print_result(number, result):
    title = f"{result.row.family}: {result.row.title}".replace("#", "\\#")
    if result.skipped:
        print(f"ok {number} - {title} # SKIP {result.skipped}", flush=True)
        return
    for line in result.problem.splitlines():
        print(f"# {line}", flush=True)
    print(f"{'not ok' if result.problem else 'ok'} {number} - {title} # {result.seconds * 1000:.0f} ms", flush=True)


def table_lines(results):
    """The table as Markdown."""
    yield "| family | attack | source | expected | refused because | ms | outcome |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        row = result.row
        cells = (row.family, row.title, row.source, expectation(row), result.reason[:120], f"{result.seconds * 1000:.0f}",
                 result.outcome if not result.skipped else f"skipped: {result.skipped}")
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def summary(results):
    attacks = [r for r in results if r.row.fault is not None and not r.skipped]
    slowest = max(attacks, key=lambda r: r.seconds, default=None)
    refused = sum(not r.problem for r in attacks)
    controls = [r for r in results if r.row.fault is None and not r.skipped]
    text = (f"{refused} of {len(attacks)} attacks refused as expected with nothing stored, "
            f"{sum(not r.problem for r in controls)} of {len(controls)} controls accepted, "
            f"{sum(bool(r.skipped) for r in results)} skipped")
    return text + (f"; slowest answer {slowest.seconds * 1000:.0f} ms ({slowest.row.title})" if slowest else "")


def run(play, rows, report):
    """Plays rows, prints TAP and the table, writes the table; gives the exit status."""
    print(f"1..{len(rows)}", flush=True)
    begun = time.monotonic()
    results = []
    for number, row in enumerate(rows, 1):
        results.append(play_row(play, row))
        print_result(number, results[-1])
    lines = [*table_lines(results), "", summary(results) + f"; {time.monotonic() - begun:.0f} s"]
    for line in lines:
        print(f"# {line}")
    report.write_text("\n".join(lines) + "\n")
    sys.stdout.flush()
    return 1 if any(r.problem for r in results) else 0
