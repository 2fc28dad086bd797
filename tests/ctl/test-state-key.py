#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-state-key.py BUILD [TEST…]: a state key that is another, or is lost. Needs a database in a file."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402
from stage import Stage, StageError  # noqa: E402

COMMAND = "sealed:"
OTHER = base64.b64encode(bytes(48)).decode()  # what some other key has sealed


def make_stage():
    os.environ["DOORWARD_TEST_DATABASE"] = "sqlite"
    return Stage(sys.argv[1])


class Stopped:
    """The server stopped; its folder is as it was when this ends."""

    def __init__(self, stage):
        self.stage, self.state, self.kept = stage, stage.folder / "state", stage.folder / "state.kept"

    def __enter__(self):
        self.stage.server.stop()
        shutil.copytree(self.state, self.kept)
        return self

    def __exit__(self, *reason):
        self.stage.server.stop()
        self.restore()
        shutil.rmtree(self.kept)
        self.stage.start_server()

    def restore(self):
        shutil.rmtree(self.state)
        shutil.copytree(self.kept, self.state)

    @contextlib.contextmanager
    def database(self):
        with contextlib.closing(sqlite3.connect(self.state / "doorward.db", isolation_level=None)) as database:
            yield database

    def refuses(self):
        """Whether a key that is to seal or open something would be."""
        findings = {f["id"]: f for f in self.stage.doorctl_json("doctor", expect=None)["findings"]}
        return findings["state-key"]["state"] == "fail"


def list_sealed(database):
    """Every column of the schema that has something sealed in it, and how that looks there."""
    found = []
    for table, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        found += [(table, name, OTHER) for name in names if name.startswith("sealed")]
        if table == "command":
            found += [(table, name, COMMAND + OTHER) for name in ("message", "result")]
    return found


def put(database, table, column, value):
    """A row with that in the column and something in the others, or the row that is there."""
    if database.execute(f"UPDATE {table} SET {column} = ?", [value]).rowcount > 0:
        return
    columns = {row[1]: "x" if row[2] == "TEXT" else 1 for row in database.execute(f"PRAGMA table_info({table})")}
    columns.update({name: "" for name in columns if name.startswith("sealed")})
    columns[column] = value
    marks = ", ".join("?" * len(columns))
    database.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))


def count(database, table):
    return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_without_a_mark_every_kind_must_open(stage):
    stage.doorctl("dep", "keypair", "probe", "--output", stage.folder / "probe.pem")
    stage.doorctl("apns", "request", stage.folder / "probe-request.pem")
    with Stopped(stage) as stopped:
        with stopped.database() as database:
            columns = list_sealed(database)
        assert len(columns) >= 14, columns
        for table, column, value in columns:
            stopped.restore()
            with stopped.database() as database:
                database.execute("DELETE FROM state_key")
            assert not stopped.refuses(), table
            with stopped.database() as database:
                put(database, table, column, value)
            assert stopped.refuses(), (table, column)


def test_a_lost_key_is_replaced(stage):
    stage.doorctl("dep", "keypair", "probe", "--output", stage.folder / "kept-probe.pem")
    stage.doorctl("apns", "request", stage.folder / "kept.pem")
    with Stopped(stage) as stopped:
        owner = (stopped.state / "state.key").stat().st_uid
        (stopped.state / "state.key").unlink()
        with stopped.database() as database:
            database.execute("DELETE FROM state_key")
            put(database, "signing_key", "sealed", OTHER)
            put(database, "sp_key", "sealed_key", OTHER)
            requests = count(database, "push_request")
        assert stopped.refuses()
        report = stage.doorctl_json("state-key", "replace")
        assert report["changed"] and {"push-key", "signing-key", "sp-key"} <= set(report["lost"]), report
        assert (stopped.state / "state.key").stat().st_uid == owner
        assert (stopped.state / "state.key").stat().st_mode & 0o777 == 0o600
        with stopped.database() as database:
            assert [count(database, table) for table in ("signing_key", "sp_key", "push_request")] == [0, 0, requests]
        stage.start_server()
        findings = {f["id"]: f for f in stage.doorctl_json("doctor", expect=None)["findings"]}
        assert findings["state-key"]["state"] == "warn", findings["state-key"]  # the requests are as they were
        stage.server.stop()
        again = stage.doorctl_json("state-key", "replace", expect=2)
        assert again == {"changed": False, "lost": ["push-key", "dep-key"]}, again
        useless = stage.doorctl_json("dep", "keypair", "probe", expect=1)  # what Apple encrypts for it nobody can read
        assert useless["error"]["id"] == "DW-CFG-STATEKEY", useless
        with stopped.database() as database:  # a server that ran meanwhile, with the former key
            put(database, "sp_key", "sealed_key", OTHER)
        assert stage.doorctl_json("state-key", "replace")["changed"]
        with stopped.database() as database:
            assert count(database, "sp_key") == 0
            database.execute("DELETE FROM push_request")
            database.execute("DELETE FROM dep_server")
        findings = {f["id"]: f for f in stage.doorctl_json("doctor", expect=None)["findings"]}
        assert findings["state-key"]["state"] == "ok", findings["state-key"]


def test_another_key_in_its_place_is_taken(stage):
    with Stopped(stage) as stopped:
        (stopped.state / "state.key").write_text(base64.b64encode(os.urandom(48)).decode())
        assert stopped.refuses()
        assert stage.doorctl_json("state-key", "replace")["changed"]
        assert not stopped.refuses()


def test_nothing_is_replaced_below_a_server(stage):
    key = (stage.folder / "state/state.key").read_text()
    os.environ["RUNTIME_DIRECTORY"] = str(stage.folder)
    try:
        refused = stage.doorctl_json("state-key", "replace", expect=1)
    finally:
        del os.environ["RUNTIME_DIRECTORY"]
    assert "systemctl stop" in json.dumps(refused), refused
    assert (stage.folder / "state/state.key").read_text() == key


def test_a_server_that_was_not_seen_ends_by_itself(stage):
    """One that is elsewhere, on the same database; here one with another RUNTIME_DIRECTORY."""
    key = stage.folder / "state/state.key"
    former = key.read_text()
    key.write_text(base64.b64encode(os.urandom(48)).decode())
    assert stage.doorctl_json("state-key", "replace")["changed"]
    assert stage.server.process.wait(timeout=20) == 1
    assert "the state key of the database was replaced" in stage.server.tail(), stage.server.tail()
    assert "DW-CFG-STATEKEY" in stage.server.tail()
    stage.start_server()
    stage.server.stop()
    key.write_text(former)
    assert stage.doorctl_json("state-key", "replace")["changed"]
    stage.start_server()


def test_the_right_key_stays(stage):
    stage.doorctl("idp", "sp-metadata", "dev")  # has a key of its own
    with Stopped(stage) as stopped:
        assert stage.doorctl_json("state-key", "replace", expect=2) == {"changed": False, "lost": []}
        with stopped.database() as database:
            keys = count(database, "sp_key")
            database.execute("DELETE FROM state_key")
        assert keys > 0
        assert stage.doorctl_json("state-key", "replace") == {"changed": True, "lost": []}
        with stopped.database() as database:
            assert (count(database, "sp_key"), count(database, "state_key")) == (keys, 1)


if __name__ == "__main__":
    sys.exit(tap.run_on(make_stage, sys.modules[__name__]))
