#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PostgreSQL away, cut off, silent, full, or no primary any more, while devices are on their way."""

import contextlib
import json
import pathlib
import shutil
import sys
import threading
import time

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import postgresql  # noqa: E402
import private_mount  # noqa: E402
import storm  # noqa: E402
import tap  # noqa: E402
from ledger import Postgresql  # noqa: E402
from patience import until  # noqa: E402
from relay import Relay  # noqa: E402
from socket_stage import SocketStage, UnixConnection  # noqa: E402

MIB = 1024 * 1024
# Shorter than in production, so that the test is; what is measured is that there is an end.
SILENCE_S = 1
# So long that whoever asks the database meanwhile is seen to wait.
LONG_SILENCE_S = 10


@contextlib.contextmanager
def clusters(n_bytes=None):
    """A private cluster; n_bytes: on a file system of that size."""
    folder = pathlib.Path(postgresql.make_temporary())
    cluster = None
    try:
        if n_bytes:
            private_mount.mount_small(folder, n_bytes, 0o755)
        cluster = postgresql.Cluster(str(folder))
        cluster.start()
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
        if n_bytes:
            private_mount.unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def stage_on(build, folder, silence_s=SILENCE_S):
    uri = f"postgresql://{postgresql.NAME}@/{postgresql.NAME}?host={folder}&tcp_user_timeout={1000 * silence_s}"
    return SocketStage(build, plugins="postgresql;saml", database=f"Driver=postgresql\nUri={uri}")


@contextlib.contextmanager
def wired(build, silence_s=SILENCE_S):
    """Server, with a management listener, and cluster with a wire between that can be cut."""
    with clusters() as cluster:
        wire = pathlib.Path(cluster.folder) / "w"
        wire.mkdir()
        front = wire / ".s.PGSQL.5432"
        stage = stage_on(build, wire, silence_s)
        stage.listen = f"Management={stage.folder}/management.sock\n"
        with Relay(front, f"{cluster.folder}/.s.PGSQL.5432") as relay, stage:
            yield stage, relay, Postgresql(cluster)


def ask_management(stage, path):
    """Status of the answer, how long it took, and its text."""
    begun = time.monotonic()
    connection = UnixConnection(stage.folder / "management.sock", "localhost", 60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, time.monotonic() - begun, answer.read().decode()
    finally:
        connection.close()


def test_stopped_and_started(build):
    with clusters() as cluster, stage_on(build, cluster.folder) as stage:
        storm.run(stage, Postgresql(cluster), cluster.stop, cluster.start)


def test_rounds_say_once_that_they_fail(build):
    """What looks into the database every other second does not fill the log while that is away, and says when it is back."""
    def said(text):
        return [e["level"] for e in map(json.loads, stage.log().splitlines()) if text in e["MESSAGE"]]

    def wait_for(text, count):
        until(f"{count} times: {text}", lambda: said(text), 60, pause_s=0.2, accept=lambda found: len(found) >= count)

    with clusters() as cluster, stage_on(build, cluster.folder) as stage:
        cluster.stop()
        for what in ("objects of the configuration are not looked at: ", "devices are not told of their declarations: ",
                     "devices are not asked to renew their identity: "):
            wait_for(what, 3)
            assert said(what).count("warning") == 1, said(what)
        cluster.start()
        wait_for("devices are not told of their declarations: it works again", 1)


def test_connections_cut(build):
    with wired(build) as (stage, relay, database):
        storm.run(stage, database, relay.cut, relay.mend)


def test_connections_that_fall_silent(build):
    """Both ends hold them, nothing passes; new ones are good. The server gives the old ones up by itself, and
    whoever had done nothing yet on one is not even refused."""
    with wired(build) as (stage, relay, database):
        storm.run(stage, database, lambda: relay.silence(new_ones_too=False), lambda: None, refusals=0)
        assert "the database has not answered for" in stage.log(), "it has met none of the silent ones"


def test_database_that_falls_silent(build):
    """A proxy that hangs: new connections are taken, too, and nothing is ever said on them."""
    with wired(build) as (stage, relay, database):
        storm.run(stage, database, lambda: relay.silence(new_ones_too=True), relay.speak)


def test_management_while_the_database_is_silent(build):
    """Who asks how the server does is told soon, and who asks whether it lives at once."""
    with wired(build, LONG_SILENCE_S) as (stage, relay, _):
        assert ask_management(stage, "/readyz")[::2] == (200, "ready\ndatabase: ok\nidp/dev: ok\n")
        relay.silence(new_ones_too=True)
        waited = []
        threads = [threading.Thread(target=lambda path=path: waited.append((path, *ask_management(stage, path))))
                   for path in ("/readyz", "/metrics")]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        assert not waited, "the database is not silent"
        health = ask_management(stage, "/healthz")
        was_first = not waited
        for thread in threads:
            thread.join()
        relay.speak()
        assert (health[0], was_first) == (200, True), (health, waited)
        assert all(took_s < LONG_SILENCE_S / 2 for _, _, took_s, _ in waited), waited
        found = {path: (status, text) for path, status, _, text in waited}
        assert found["/readyz"][0] == 503 and "database: no answer" in found["/readyz"][1], found
        assert found["/metrics"][0] == 200 and 'doorward_ready{part="database"} 0\n' in found["/metrics"][1], found


def test_read_only(build):
    """The server it is connected to becomes a standby, as before a failover, and then the primary again."""
    with clusters() as cluster, stage_on(build, cluster.folder) as stage:
        mark = pathlib.Path(cluster.data) / "standby.signal"

        def demote():
            cluster.stop()
            mark.touch()
            cluster.start()

        def promote():
            database.ask("SELECT pg_promote()")

        database = Postgresql(cluster)
        storm.run(stage, database, demote, promote)


def test_full_disk(build):
    with clusters(160 * MIB) as cluster, stage_on(build, cluster.folder) as stage:
        filler = pathlib.Path(cluster.folder) / "filler"

        def begin():
            # a table that grows takes new pages at once; of what there is some may be free
            private_mount.fill(filler)
            eat = f"CREATE TABLE IF NOT EXISTS eaten (x TEXT); INSERT INTO eaten SELECT repeat('x', 900) FROM " \
                  "generate_series(1, 20000)"
            with contextlib.suppress(RuntimeError):
                database.ask(eat)

        def answers():
            if cluster.process.poll() is not None:
                cluster.start()  # the log itself had no room: PostgreSQL ends then, and its manager starts it
            with contextlib.suppress(RuntimeError):
                return database.ask("SELECT 1")

        def end():
            filler.unlink()
            until("PostgreSQL answers", answers, 30)

        database = Postgresql(cluster)
        storm.run(stage, database, begin, end)


def main():
    try:
        private_mount.enter()
    except tap.Skip as reason:
        print(f"# {reason}")
    try:
        postgresql.find_programs()
    except postgresql.NotAvailable as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
