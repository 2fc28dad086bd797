#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The management listener, what is counted, and a server that has more to do than it can."""

import http.client
import pathlib
import queue
import re
import resource
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import SERVER_HOST, Stage, StageError, free_port, make_certificate  # noqa: E402

SIGN_IN = "/mdm/sso?user-identifier=anna.chao%40example.test"
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)+)\})? (-?[0-9.e+-]+)\Z')
LIMITS = {"connections", "idle", "descriptors", "handshakes", "handshake_time", "client_time", "head", "body", "large_bodies",
          "queue", "request_time", "sign_ins", "agents", "passwords"}


class ManagedStage(Stage):
    """A stage with a management listener on a port and on a socket."""

    def __init__(self, build):
        super().__init__(build)
        self.management_port = free_port()
        self.replace = {"SignInsPerMinute=6000": "SignInsPerMinute=6000\n"
                        f"Management=127.0.0.1:{self.management_port};{self.folder}/management.sock"}


def ask_management(stage, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", stage.management_port, timeout=30)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def read_metrics(stage):
    """{(name, labels): value}; fails where the text is not what Prometheus reads."""
    status, headers, text = ask_management(stage, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), (status, dict(headers))
    assert text.endswith("\n")
    values, types, family = {}, {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family not in types, f"{family} stands in two places"
            types[family] = kind
        elif not line.startswith("# HELP "):
            match = LINE.match(line)
            assert match, line
            base = re.sub(r"_(bucket|sum|count)$", "", match[1]) if types.get(family) == "histogram" else match[1]
            assert base == family, line
            key = match[1], match[2] or ""
            assert key not in values, line
            values[key] = float(match[3])
    return values


def limit(values, name):
    return values["doorward_limit_hits_total", f'limit="{name}"']


def check_config(stage):
    """What doorctl finds in the configuration, as one text."""
    done = subprocess.run([stage.build / "core/ctl/doorctl", "config", "check", f"--config={stage.folder}/doorward.conf",
                           f"--plugin-dir={stage.build}/plugins"], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def persist(action):
    """What it gives, tried again for a while when the connection is refused or reset."""
    return until("a connection", action, 20, accept=lambda _: True, ignore=ConnectionError)


def test_health_and_readiness(stage):
    assert ask_management(stage, "/healthz")[::2] == (200, "ok\n")
    status, _, text = ask_management(stage, "/readyz")
    assert (status, text) == (200, "ready\ndatabase: ok\nidp/dev: ok\n"), (status, text)
    assert ask_management(stage, "/readyz", "POST")[0] == 405


def test_the_socket_answers_too(stage):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(f"{stage.folder}/management.sock")
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def test_nothing_of_it_is_for_the_outside(stage):
    for path in ("/readyz", "/metrics"):
        assert stage.request("GET", path)[0] == 404, path
    assert ask_management(stage, SIGN_IN)[0] == 404


def test_a_network_address_is_refused(stage):
    for address in ("0.0.0.0:9280", "192.0.2.1:9280", "[::]:9280", "management.sock", "127.0.0.1"):
        before = stage.replace
        stage.replace = {"SignInsPerMinute=6000": f"SignInsPerMinute=6000\nManagement={address}"}
        try:
            stage.write_config()
            assert "Management: \"" in check_config(stage), address
        finally:
            stage.replace = before
            stage.write_config()


def test_metrics_tell_what_happened(stage):
    before = read_metrics(stage)
    assert {labels[7:-1] for name, labels in before if name == "doorward_limit_hits_total"} == LIMITS
    assert before["doorward_ready", 'part="database"'] == before["doorward_ready", 'part="idp/dev"'] == 1
    count = ("doorward_http_request_duration_seconds_count", 'route="sso",code="3xx"')
    for _ in range(3):
        assert stage.request("GET", SIGN_IN)[0] == 303
    assert stage.request("GET", "/no/such/thing")[0] == 404
    after = read_metrics(stage)
    assert after[count] == before.get(count, 0) + 3
    assert after["doorward_http_request_duration_seconds_count", 'route="none",code="4xx"'] >= 1
    assert after["doorward_requests_queued", 'pool="worker"'] == 0
    status = pathlib.Path(f"/proc/{stage.server.process.pid}/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
    assert 0.8 * resident <= after["process_resident_memory_bytes", ""] <= 1.2 * resident
    assert 10 < after["process_open_fds", ""] < after["process_max_fds", ""]
    assert after["process_cpu_seconds_total", ""] > 0
    began = after["process_start_time_seconds", ""]
    assert began == before["process_start_time_seconds", ""] and 0 <= time.time() - began < 600


SIGN_INS = "doorward_sign_ins_total"
ENDS = "doorward_certificate_expiry_timestamp_seconds"


def end_of(path):
    """When the certificate in the file ends, in seconds since 1970."""
    done = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-enddate"], check=True, capture_output=True,
                          text=True)
    return ssl.cert_time_to_seconds(done.stdout.strip().removeprefix("notAfter="))


def test_ends_of_certificates(stage):
    values = read_metrics(stage)
    assert values[ENDS, 'certificate="tls"'] == end_of(stage.folder / "server.pem")
    assert values[ENDS, 'certificate="scep-authority"'] == end_of(stage.folder / "state/scep-ca.pem")
    for key in ("earliest", "latest"):
        assert values[ENDS, f'certificate="idp-signing",idp="dev",key="{key}"'] == end_of(stage.folder / "idp.sign.pem")
    # development mode signs with the authority
    assert values[ENDS, 'certificate="profile-signing"'] == values[ENDS, 'certificate="scep-authority"']
    old = end_of(stage.folder / "server.pem")
    make_certificate(stage.folder, "server", SERVER_HOST)  # it is watched
    new = end_of(stage.folder / "server.pem")
    assert new > old
    until("the end of the new certificate is told", lambda: read_metrics(stage)[ENDS, 'certificate="tls"'], 30,
          accept=lambda told: told == new)


def test_an_enrollment_is_counted_and_a_reload_forgets_nothing(stage):
    before = read_metrics(stage)
    assert before[SIGN_INS, 'idp="dev",outcome="accepted"'] >= 0  # there before the first one
    stage.sim()
    stage.sim("--misbehave=replay")

    def check(values):
        def more(name, labels=""):
            return values[name, labels] - before.get((name, labels), 0)

        assert more(SIGN_INS, 'idp="dev",outcome="accepted"') == 2
        assert more(SIGN_INS, 'idp="dev",outcome="refused",fault="DW-FLOW-SPENT"') == 1
        assert more("doorward_enrollments_begun_total") >= 1
        assert more("doorward_enrollments_begun_total") == more("doorward_enrollments_activated_total")
        assert more("doorward_check_ins_total", 'message="Authenticate"') >= 1
        assert more("doorward_check_ins_total", 'message="TokenUpdate"') >= 1
        assert more("doorward_command_reports_total", 'status="Idle"') >= 1
        assert more("doorward_scep_requests_total", 'outcome="issued"') >= 1

    check(read_metrics(stage))
    known = len(stage.events("reload"))
    stage.server.process.send_signal(signal.SIGHUP)
    until("a reload", lambda: len(stage.events("reload")) != known, 30, pause_s=0.02)
    check(read_metrics(stage))


def test_metrics_name_nobody(stage):
    stage.sim()
    text = ask_management(stage, "/metrics")[2]
    assert 'route="mdm",code="2xx"' in text
    for word in ("anna", "example.test", "127.0.0.1", "@"):
        assert word not in text, word


def test_too_large_is_counted(stage):
    before = read_metrics(stage)
    assert stage.request("POST", "/mdm/apple/mdm", bytes((1 << 20) + 1))[0] in (405, 413)
    assert stage.request("PUT", "/mdm/apple/mdm", bytes((1 << 20) + 1))[0] == 413
    assert stage.request("GET", "/healthz", headers={f"X-{i}": "a" * 4000 for i in range(12)})[0] == 431
    after = read_metrics(stage)
    assert limit(after, "body") >= limit(before, "body") + 1
    assert limit(after, "head") == limit(before, "head") + 1


def test_sign_ins_of_one_address_are_counted(stage):
    with stage.configured(replace={"SignInsPerMinute=6000": "SignInsPerMinute=2" + stage.replace[
            "SignInsPerMinute=6000"].removeprefix("SignInsPerMinute=6000")}):
        assert [stage.request("GET", SIGN_IN)[0] for _ in range(4)] == [303, 303, 429, 429]
        assert limit(read_metrics(stage), "sign_ins") == 2


def test_a_part_that_is_missing(stage):
    """A provider without metadata is told and no reason to be taken out of service; a wrong database is."""
    lost = f"\n[idp/lost]\nType=saml\nMetadataFile={stage.folder}/none.xml\n"
    with stage.configured(config=lost):
        status, _, text = ask_management(stage, "/readyz")
        assert status == 200 and text.startswith("ready\n") and re.search("^idp/lost: (?!ok)", text, re.M), text
        assert read_metrics(stage)["doorward_ready", 'part="idp/lost"'] == 0
        with sqlite3.connect(f"{stage.folder}/state/doorward.db", timeout=30) as database:
            table, column = next((row[0], row[1]) for row in database.execute(
                "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.name LIKE '%schema%' AND c.name LIKE '%version%'"))
            database.execute(f"UPDATE {table} SET {column} = {column} + 1000")
        database.close()
        try:
            status, _, text = ask_management(stage, "/readyz")
            assert status == 503 and text.startswith("not ready\n") and "database: ok" not in text, text
            assert read_metrics(stage)["doorward_ready", 'part="database"'] == 0
        finally:
            with sqlite3.connect(f"{stage.folder}/state/doorward.db", timeout=30) as database:
                database.execute(f"UPDATE {table} SET {column} = {column} - 1000")
            database.close()
        assert ask_management(stage, "/readyz")[0] == 200


def test_direct_tls_says_what_it_is_not_for(stage):
    assert "laboratories" in stage.log()
    assert "put a proxy in front" in check_config(stage)


def test_a_full_queue_is_answered_at_once(stage):
    """One thread that waits for the database, four requests that wait for it: all others are sent away at once, the
    management listener goes on, and nothing is left waiting when the database is back."""
    keys = stage.replace["SignInsPerMinute=6000"] + "\nWorkers=1\nQueueLength=4\nRequestTimeout=5s"
    with stage.configured(replace={"SignInsPerMinute=6000": keys}):
        answers = queue.Queue()

        def ask():
            begun = time.monotonic()
            status, headers, _ = stage.request("GET", SIGN_IN)
            answers.put((status, headers["Retry-After"], time.monotonic() - begun))

        database = sqlite3.connect(f"{stage.folder}/state/doorward.db", timeout=30, isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        try:
            threads = [threading.Thread(target=ask) for _ in range(30)]
            for thread in threads:
                thread.start()
            refused = [answers.get(timeout=60) for _ in range(25)]
            assert ask_management(stage, "/healthz")[0] == 200
            values = read_metrics(stage)
        finally:
            database.execute("ROLLBACK")
            database.close()
        for thread in threads:
            thread.join()
        waited = [answers.get(timeout=60) for _ in range(5)]
        assert all(status == 503 and later for status, later, _ in refused), refused
        assert limit(values, "queue") == 25 and values["doorward_requests_queued", 'pool="worker"'] <= 4, values
        assert all(status == 303 or (status == 503 and later) for status, later, _ in waited), waited
        assert stage.request("GET", SIGN_IN)[0] == 303
        assert read_metrics(stage)["doorward_requests_queued", 'pool="worker"'] == 0


def test_a_request_that_takes_too_long_is_given_up(stage):
    keys = stage.replace["SignInsPerMinute=6000"] + "\nRequestTimeout=1s"
    with stage.configured(replace={"SignInsPerMinute=6000": keys}):
        database = sqlite3.connect(f"{stage.folder}/state/doorward.db", timeout=30, isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        try:
            status, headers, _ = stage.request("GET", SIGN_IN)
        finally:
            database.execute("ROLLBACK")
            database.close()
        assert status == 503 and headers["Retry-After"], (status, dict(headers))
        assert limit(read_metrics(stage), "request_time") >= 1
        assert stage.request("GET", SIGN_IN)[0] == 303


def test_few_descriptors_bound_the_connections(stage):
    """With a low limit of descriptors the server says what that means, and keeps enough for itself."""

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, before[1]))
    try:
        stage.restart()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    try:
        assert "at most 172 connections" in stage.log()
        silent = [socket.create_connection(("127.0.0.1", stage.port), timeout=30) for _ in range(250)]
        try:
            # the first of the silent ones may still be on their way out
            assert persist(lambda: stage.request("GET", SIGN_IN)[0]) == 303
            assert read_metrics(stage)["process_open_fds", ""] < 300
        finally:
            for one in silent:
                one.close()
    finally:
        stage.restart()


def test_two_servers_do_not_share_the_listener(stage):
    """The address is in use: the second one says so and does not start."""
    second = ManagedStage(stage.build)
    second.replace = {k: v.replace(str(second.management_port), str(stage.management_port))
                      for k, v in second.replace.items()}
    try:
        with second:
            raise AssertionError("it started")
    except StageError as error:
        assert "cannot listen on" in str(error), error


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(ManagedStage(sys.argv[1]), sys.modules[__name__]))
