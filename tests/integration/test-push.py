#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server pushes devices through a mock of Apple's push service, with certificates that doorctl takes in."""

import contextlib
import http.client
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import apns  # noqa: E402
import device  # noqa: E402
import stored_devices  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Program, Stage, StageError, free_port  # noqa: E402

WAVE = 300
LOST_S = 60  # a push that libsoup has lost with its connection is sent again after this
CLAIM_S = 40  # what an instance that dies has taken is sent by another after this


class PushStage(Stage):
    """A stage whose server pushes through the mock, which waits for it in .apns."""

    def prepare(self):
        super().prepare()
        self.apns = apns.Apns(self.folder)
        self.apns.__enter__()
        self.management_port = free_port()
        self.replace = {"SignInsPerMinute=6000": f"SignInsPerMinute=6000\nManagement=127.0.0.1:{self.management_port}"}
        self.extra += f"[apple]\n{self.apns.config()}\n"
        self.write_config()

    def ask_management(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.management_port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def metrics(self):
        return self.ask_management("/metrics")

    def ready(self):
        return self.ask_management("/readyz")

    def close(self, keep=False):
        if self.apns.process is not None:
            self.apns.stop()
        super().close(keep)

    def wish(self, where):
        now = int(time.time() * 1000)
        self.sql("INSERT INTO push_wish (channel_id, enrollment_id, wished_at, due_at, claim, attempts, sent_at, status, "
                 f"reason) SELECT id, id, {now}, {now}, '', 0, 0, 0, '' FROM enrollment WHERE {where} "
                 "ON CONFLICT (channel_id) DO NOTHING")

    def wait_rows(self, query, expected, wait_s=apns.WAIT_S):
        until(f"{query} finds {expected}", lambda: self.rows(query), wait_s, accept=lambda found: found == expected)


def remove_fleet(stage):
    stage.sql("DELETE FROM push_wish", "DELETE FROM association WHERE id LIKE '%-4000-8000-%00000000'",
              "DELETE FROM enrollment WHERE id LIKE '%-4000-8000-%00000000'",
              "DELETE FROM device WHERE id LIKE '%-4000-8000-%00000000'",
              "DELETE FROM certificate WHERE enrollment_id LIKE '%-4000-8000-%00000000'",
              "DELETE FROM person WHERE id LIKE '%-4000-8000-%00000000'")


@contextlib.contextmanager
def fleet(stage, number=WAVE):
    stage.sql(*stored_devices.bulk_statements(stage.own_database.plugin, 1, number, apns.TOPIC))
    before = len(stage.apns.pushes())
    try:
        yield before
    finally:
        stage.apns.answer()
        remove_fleet(stage)


def test_a_certificate_is_requested_and_imported(stage):
    """The key never leaves the database; the topic of the server follows from the certificate."""
    stage.doorctl("apns", "request", stage.folder / "request.csr")
    stage.doorctl("apns", "request", stage.folder / "request.csr", expect=1)
    made = apns.certify(stage.folder, "requested", stage.folder / "request.csr")
    shown = stage.doorctl_json("apns", "import", made)
    assert shown["topic"] == apns.TOPIC, shown
    listed = stage.doorctl_json("apns", "list")["certificates"]
    assert [(c["topic"], c["source"]) for c in listed] == [(apns.TOPIC, "database")], listed
    assert stage.rows("SELECT count(*) FROM push_request") == [(0,)]
    assert not any("PRIVATE" in str(row) for row in stage.rows("SELECT * FROM push_certificate"))
    until("the reload that follows is over", lambda: apns.TOPIC in stage.metrics(), apns.WAIT_S, pause_s=0.2)
    phone = device.Device(stage, "topic")
    phone.sign_in()
    phone.fetch_profile()
    assert phone.topic == apns.TOPIC


def test_what_cannot_be_a_renewal_is_refused(stage):
    other, key = apns.make_push_certificate(stage.folder, "other", apns.OTHER_TOPIC)
    web = stage.folder / "server.pem"
    assert "no device" not in str(
        stage.doorctl_json("apns", "import", other, "--key", stage.folder / "server.key", expect=1))
    stage.doorctl("apns", "import", web, "--key", stage.folder / "server.key", expect=1)
    stage.doorctl("apns", "import", other, expect=1)
    alone = stage.doorctl_json("apns", "import", web, expect=1)
    assert alone["error"]["id"] == "DW-PUSH-CERTIFICATE" and "not a push certificate" in str(alone), alone
    none = stage.doorctl_json("apns", "import", stage.folder / "doorward.conf", expect=1)
    assert none["error"]["id"] == "DW-PUSH-CERTIFICATE" and "no certificate in it" in str(none), none
    apart = stage.doorctl_json("apns", "import", other, "--key", stage.folder / "ca.key", expect=1)
    assert apart["error"]["id"] == "DW-PUSH-KEY", apart
    app, app_key = apns.make_push_certificate(stage.folder, "app", "com.example.application.topic")
    assert "not a push certificate" in str(stage.doorctl_json("apns", "import", app, "--key", app_key, expect=1))
    with fleet(stage, 3):
        refused = stage.doorctl_json("apns", "import", other, "--key", key, expect=1)
        assert "3 devices" in str(refused) and "DW-PUSH-TOPIC" in str(refused), refused
        stage.doorctl("apns", "remove", apns.TOPIC, expect=1)
    listed = stage.doorctl_json("apns", "list")["certificates"]
    assert [c["topic"] for c in listed] == [apns.TOPIC], listed


def test_a_wave_goes_out_over_one_connection(stage):
    connections = stage.apns.stats()["connections"]
    with fleet(stage) as before:
        stage.wish("1 = 1")
        stage.apns.wait_pushes(before + WAVE)
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, WAVE)])
        stage.wish("1 = 1")
        time.sleep(3)
        pushes = stage.apns.pushes()[before:]
        assert len({p["push"] for p in pushes}) == len(pushes) == WAVE, "each once, however often it is wished"
    stats = stage.apns.stats()
    assert stats["violations"] == [], stats
    assert stats["connections"] <= connections + 1, stats


def test_nothing_is_lost_when_the_server_is_killed(stage):
    """Once before anything is sent; once while pushes are under way, whose claims end by themselves."""
    with fleet(stage, 20) as before:
        assert stage.server.stop(signal.SIGKILL) == -signal.SIGKILL
        stage.wish("1 = 1")
        stage.start_server()
        stage.apns.wait_pushes(before + 20)
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, 20)])
        stage.sql("DELETE FROM push_wish")
        stage.apns.answer(delayMs=600000)
        stage.wish("1 = 1")
        stage.apns.wait_pushes(before + 40)
        assert stage.server.stop(signal.SIGKILL) == -signal.SIGKILL
        stage.apns.answer()
        stage.start_server()
        stage.apns.wait_pushes(before + 60, wait_s=CLAIM_S + apns.WAIT_S)
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, 20)])


def test_two_servers_share_the_queue(stage):
    """Two processes on one database: nothing is sent twice."""
    words = [str(word) for word in stage.common_options()]
    config = (stage.folder / "doorward.conf").read_text()
    second = stage.folder / "second.conf"
    second.touch(0o600)
    second.write_text(config.replace(f":{stage.port}", f":{free_port()}")
                      .replace(f":{stage.management_port}", f":{free_port()}"))
    words[words.index(str(stage.folder / "doorward.conf"))] = str(second)
    (stage.folder / "second").mkdir(exist_ok=True)
    twin = Program([stage.build / "core/doorward", *words], stage.folder / "second.log",
                   dict(os.environ, RUNTIME_DIRECTORY=str(stage.folder / "second")))
    try:
        twin.wait_ready()
        connections = set()
        for _ in range(20):
            with fleet(stage) as before:
                for part in range(6):
                    stage.wish(f"id IN (SELECT id FROM enrollment ORDER BY id LIMIT {WAVE // 6} OFFSET {part * WAVE // 6})")
                    time.sleep(0.4)
                stage.apns.wait_pushes(before + WAVE)
                time.sleep(3)
                pushes = stage.apns.pushes()[before:]
            assert len({p["push"] for p in pushes}) == len(pushes) == WAVE
            connections |= {p["connection"] for p in pushes}
            if len(connections) == 2:
                break
        assert len(connections) == 2, "both have sent some"
    finally:
        twin.stop()


def test_a_dead_token_waits_for_the_next_one(stage):
    phone = device.Device(stage, "dead-token").enroll()
    token = "00" * 32
    stage.apns.answer({token: {"status": 410, "reason": "Unregistered", "timestamp": int(time.time() * 1000) + 60000}})
    before = len(stage.apns.pushes(token))
    shown = stage.doorctl_json("apns", "test", phone.enrollment_id, expect=4)
    assert (shown["sent"], shown["status"], shown["reason"]) == (False, 410, "Unregistered"), shown
    time.sleep(8)
    assert len(stage.apns.pushes(token)) == before + 1, "not again with the same token"
    assert phone.put(phone.token_update_body(Token=bytes([7]) * 32)).status == 200
    assert len(stage.apns.wait_pushes(1, "07" * 32)) == 1
    stage.wait_rows("SELECT status FROM push_wish", [(200,)])
    stage.apns.answer()
    assert phone.put(phone.check_out_body()).status == 200


def test_an_old_410_does_not_stop_a_newer_token(stage):
    phone = device.Device(stage, "newer-token").enroll()
    token = "00" * 32
    stage.apns.answer({token: {"status": 410, "reason": "Unregistered", "timestamp": 1000, "times": 1}})
    before = len(stage.apns.pushes(token))
    stage.doorctl("apns", "test", phone.enrollment_id, expect=4)
    stage.apns.wait_pushes(before + 2, token)
    stage.wait_rows("SELECT status FROM push_wish", [(200,)])
    stage.apns.answer()
    assert phone.put(phone.check_out_body()).status == 200


def test_all_wait_when_apns_is_busy(stage):
    with fleet(stage, 20) as before:
        stage.apns.answer(status=503, reason="ServiceUnavailable", retryAfter=6)
        stage.wish("1 = 1")
        stage.apns.wait_pushes(before + 20)
        stage.apns.answer()
        time.sleep(4)
        assert len(stage.apns.pushes()) == before + 20, "the topic is left alone"
        stage.apns.wait_pushes(before + 40)
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, 20)])
    assert 'doorward_pushes_refused_total{reason="ServiceUnavailable"} ' in stage.metrics()


def test_what_ends_under_way_is_sent_again(stage):
    """GOAWAY, then connections that are cut."""
    with fleet(stage, 20) as before:
        stage.wish("1 = 1")
        stage.apns.wait_pushes(before + 20)
        stage.apns.say(goaway=True)
        stage.sql("DELETE FROM push_wish")
        stage.apns.answer(drop=True, times=2)
        stage.wish("1 = 1")
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, 20)],
                        wait_s=LOST_S + apns.WAIT_S)
    assert stage.apns.stats()["violations"] == [], stage.apns.stats()["violations"]


def test_a_refused_certificate_is_told_and_renewed_without_a_restart(stage):
    process = stage.server.process.pid
    with fleet(stage, 20) as before:
        stage.apns.answer(status=403, reason="BadCertificate")
        stage.wish("1 = 1")
        stage.apns.wait_pushes(before + 20)
        until("the refusal is told", stage.ready, apns.WAIT_S, pause_s=0.2, accept=lambda told: "BadCertificate" in told)
        stage.apns.answer()
        renewed, key = apns.make_push_certificate(stage.folder, "renewed")
        stage.doorctl("apns", "import", renewed, "--key", key)
        pushes = stage.apns.wait_pushes(before + 40, wait_s=90)
        stage.wait_rows("SELECT status, count(*) FROM push_wish GROUP BY status", [(200, 20)])
        assert pushes[-1]["serial"] != pushes[before]["serial"], "the renewed certificate is in use"
    assert stage.server.process.pid == process and stage.server.process.poll() is None
    assert "BadCertificate" not in stage.ready(), stage.ready()


def test_a_server_that_nobody_vouches_for_gets_nothing(stage):
    """The mock's certificate is good for its own authority only."""
    with fleet(stage, 3) as before, stage.configured(replace={f"PushServerCa={stage.folder}/ca.pem\n": ""}):
        stage.wish("1 = 1")
        stage.wait_rows("SELECT DISTINCT reason, sent_at FROM push_wish", [("NoAnswer", 0)])

        def find():
            found = [line for line in stage.doorctl_json("doctor", expect=None)["findings"] if line["id"] == "push-failures"]
            assert found and f"APNs ({apns.HOST}:" in found[0]["text"], found
            return found

        until("doctor has them failed", find, apns.WAIT_S, pause_s=0,  # in between they wait for the topic
              accept=lambda found: any(line["state"] == "fail" for line in found))
        device = stage.rows("SELECT apple_id FROM device WHERE id LIKE '%-4000-8000-%00000000'")[0][0]
        said = stage.doorctl("apns", "test", device, expect=4)
        assert f"APNs ({apns.HOST}:" in said and "NoAnswer" not in said, said
        assert len(stage.apns.pushes()) == before


def test_a_topic_without_a_certificate_stops_the_start(stage):
    before = stage.extra
    assert stage.server.stop() == 0
    stage.extra += f"Topic={apns.OTHER_TOPIC}\n"
    stage.write_config()
    try:
        stage.start_server()
        raise AssertionError("it has started")
    except StageError as error:
        assert "leave Topic out" in str(error), error
    finally:
        stage.extra = before
        stage.write_config()
        stage.start_server()


def test_doctor_misses_the_certificate_of_a_topic(stage):
    """Devices take pushes of the topic that they enrolled with, and of no other."""
    with fleet(stage, 2):
        findings = stage.doorctl_json("doctor", expect=None)["findings"]
        assert not any(line["id"] == "push-topic" for line in findings), findings
        stage.sql(f"UPDATE enrollment SET topic = '{apns.OTHER_TOPIC}' WHERE id LIKE '%-4000-8000-%00000000'")
        found = {line["id"]: line for line in stage.doorctl_json("doctor", expect=4)["findings"]}
        assert found["push-topic"]["state"] == "fail" and apns.OTHER_TOPIC in found["push-topic"]["text"], found


def test_an_import_without_its_key_says_so(stage):
    made, _ = apns.make_push_certificate(stage.folder, "foreign")
    error = stage.doorctl_json("apns", "import", made, expect=1)["error"]
    assert error["id"] == "DW-PUSH-KEY" and "--key" in error["fix"], error
    assert "No such file" in stage.doorctl_json("apns", "import", "/nowhere.pem", expect=3)["error"]["text"]


def test_expiry_is_told(stage):
    assert f'certificate="push",key="{apns.TOPIC}"' in stage.metrics(), stage.metrics()
    findings = stage.doorctl_json("doctor", expect=None)["findings"]
    push = [f for f in findings if f["id"].startswith("push/")]
    assert [f["state"] for f in push] == ["warn"] and "import" in push[0]["fix"], findings


if __name__ == "__main__":
    if apns.find_missing():
        print("1..0 # SKIP nodejs is not installed")
        sys.exit(0)
    sys.exit(tap.run_on(lambda: PushStage(sys.argv[1]), sys.modules[__name__]))
