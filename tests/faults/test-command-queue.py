#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands are queued and carried out while the server is killed again and again.

Programs queue through the API and with doorctl, and repeat what was not acknowledged under the same id; devices ask,
put some off, answer, repeat an answer that was not acknowledged, and now and then one that was. Whatever is killed
between: each command that was acknowledged reaches its device, in order, once, and keeps its first answer.
"""

import json
import os
import pathlib
import plistlib
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import device  # noqa: E402
import postgresql  # noqa: E402
import tap  # noqa: E402
import traffic  # noqa: E402
from ledger import Broken, Sqlite  # noqa: E402
from patience import until  # noqa: E402
from socket_stage import SocketBrowser, SocketStage  # noqa: E402
from twins import at_once, pair  # noqa: E402

STEPS = ("queue", "ask", "answer")
KILLS = {"sqlite": 24, "postgresql": 10}
DEVICES = 3
STEP_TIMEOUT_S = 20
FINISH_TIMEOUT_S = 60
PAUSE_S = 0.15
PUT_OFF_EVERY, REPEATED_EVERY = 5, 3  # which of the commands a device puts off first, and answers once more later
CONFIG = "[admin]\nPasswords=true\n"
LATE = "said again"


class Part(threading.Thread):
    """One that goes on until it is told to stop; what goes wrong in it is kept."""

    def __init__(self, phone):
        super().__init__(daemon=True)
        self.phone, self.failure = phone, None

    def run(self):
        try:
            self.work()
        except traffic.Stopped:
            pass
        except Exception:  # noqa: BLE001: it is raised again by whoever waits
            self.failure = traceback.format_exc()

    def persist(self, act):
        """What it gives, tried again until an answer came."""
        while True:
            try:
                return act()
            except traffic.Lost:
                time.sleep(traffic.RETRY_S)


class Feeder(Part):
    """Queues commands for one device, one after the other."""

    def __init__(self, phone, bearer):
        super().__init__(phone)
        self.bearer, self.enough = bearer, threading.Event()
        self.browser = traffic.Browser(phone.stage, phone.gate, aside=phone.aside)
        self.browser.step = "queue"
        self.queued = []

    def work(self):
        while not self.enough.is_set():
            name = str(uuid.uuid4()).upper()
            self.persist(lambda name=name: self.queue(name))
            self.queued.append(name)
            # a queue that is empty at times and never long
            while len(self.queued) > len(self.phone.answered) + 4 and not self.enough.wait(0.02):
                pass

    def queue(self, name):
        url = f"{self.phone.stage.url}/api/v1/devices/{self.phone.device.enrollment_id}/commands"
        reply = self.browser.request("POST", url, json.dumps({"request_type": "ProfileList", "uuid": name}), {
            "Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"})
        if reply.status not in (200, 201):
            raise Broken(f"{reply.status}: {reply.body.decode()[:400]}")


class ControlFeeder(Feeder):
    """The same with doorctl, which needs no server; every other time it is killed and asked again."""

    def queue(self, name):
        stage = self.phone.stage
        words = [str(word) for word in (stage.build / "core/ctl/doorctl", "device", "command", self.phone.device.enrollment_id,
                                        "ProfileList", "--uuid", name, *stage.common_options())]
        if len(self.queued) % 2:
            broken = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.phone.random.uniform(0, 0.2))
            broken.kill()
            broken.wait()
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 2):  # 2: the one that was killed had queued it
            raise Broken(f"doorctl ended with {done.returncode}: {done.stdout}{done.stderr}")


class Phone(Part):
    """A device that asks for commands all the time."""

    def __init__(self, stage, number, gate, aside):
        super().__init__(self)
        self.stage, self.gate, self.aside = stage, gate, aside
        self.random = random.Random(number)
        self.device = device.Device(stage, f"queue-{number}")
        self.device.browser = SocketBrowser(stage, aside)
        self.device.enroll()
        self.device.browser = traffic.Browser(stage, gate, aside=aside)
        self.delivered = []  # in the order of their first delivery
        self.put_off, self.answered = set(), set()
        self.attempts = {}

    def say(self, step, **words):
        """A report; gives the id of the command it was answered with."""
        body = self.device.idle_body(**words)
        signature = self.device.sign(body)
        self.device.browser.step = step
        reply = self.device.put(body, device.COMMAND_TYPE, signature=signature)
        if reply.status != 200:
            raise Broken(f"{step}: {reply.status} {reply.body.decode()[:400]}")
        return plistlib.loads(reply.body)["CommandUUID"] if reply.body else None

    def answer(self, name):
        """Says it is done until that is acknowledged; each attempt has its own words."""
        def attempt():
            self.attempts[name] = self.attempts.get(name, 0) + 1
            return self.say("answer", Status="Acknowledged", CommandUUID=name, Remark=f"attempt {self.attempts[name]}.")

        following = self.persist(attempt)
        self.answered.add(name)
        if len(self.answered) % REPEATED_EVERY == 0:
            following = self.persist(lambda: self.say("answer", Status="Acknowledged", CommandUUID=name, Remark=LATE))
        return following

    def carry_out(self, name):
        if name in self.answered:
            raise Broken(f"{name} was sent again after its answer was acknowledged")
        if name not in self.delivered:
            self.delivered.append(name)
        if self.delivered.index(name) % PUT_OFF_EVERY == 0 and name not in self.put_off:
            self.put_off.add(name)
            return self.persist(lambda: self.say("answer", Status="NotNow", CommandUUID=name))
        return self.answer(name)

    def work(self):
        while True:
            name = self.persist(lambda: self.say("ask"))
            while name:
                name = self.carry_out(name)
            time.sleep(0.02)


class Run:
    """Devices, those that queue for them, and who kills."""

    def __init__(self, stages, database, aside):
        self.stages, self.database, self.gate = stages, database, traffic.Gate(STEPS)
        stage = stages[0]
        stage.doorctl("admin", "add", "robot@example.test", "--role", "admin", "--no-sso", "--api-only")
        bearer = stage.doorctl_json("token", "create", "robot@example.test", "tests")["token"]
        self.phones = [Phone(stage, number, self.gate, aside) for number in range(DEVICES)]
        self.feeders = [(ControlFeeder if number == 0 else Feeder)(phone, bearer)
                        for number, phone in enumerate(self.phones)]
        self.random = random.Random(os.urandom(8))

    def check(self):
        for part in self.phones + self.feeders:
            if part.failure:
                raise Broken(part.failure)

    def go(self, kills):
        hits = dict.fromkeys(STEPS, 0)
        self.gate.open()
        for part in self.phones + self.feeders:
            part.start()
        try:
            for number in range(kills):
                step = STEPS[number % len(STEPS)]
                if not self.gate.wait_for_step(step, STEP_TIMEOUT_S):
                    self.check()
                    raise Broken(f"no {step} in {STEP_TIMEOUT_S} s: it goes on no more")
                time.sleep(self.random.uniform(0, 1.2 * self.gate.seconds[step]))
                for name, count in (+self.gate.flights).items():
                    hits[name] += count
                self.kill(self.random.choice(self.stages))
                self.check()
                time.sleep(self.random.uniform(0, PAUSE_S))
            self.finish()
        finally:
            self.gate.stop()
            for feeder in self.feeders:
                feeder.enough.set()
            for part in self.phones + self.feeders:
                part.join(FINISH_TIMEOUT_S)
        self.check()
        self.compare()
        print(f"# {kills} kills, on their way: {hits}; {sum(len(feeder.queued) for feeder in self.feeders)} commands, "
              f"{sum(sum(phone.attempts.values()) for phone in self.phones)} attempts to answer them")

    def kill(self, stage):
        stage.server.process.kill()
        if (status := stage.server.process.wait()) != -signal.SIGKILL:
            raise Broken(f"it had ended by itself, with {status}:\n{stage.server.tail()}")
        stage.start_server()

    def finish(self):
        """Until all that is queued is carried out."""
        for feeder in self.feeders:
            feeder.enough.set()
        for feeder in self.feeders:
            feeder.join(FINISH_TIMEOUT_S)

        def left():
            found = [len(set(feeder.queued) - feeder.phone.answered) for feeder in self.feeders]
            if any(found):
                self.check()
            return found

        until("all are delivered", left, FINISH_TIMEOUT_S, pause_s=0.05, accept=lambda found: not any(found), error=Broken)

    def compare(self):
        rows = {row[0]: row[1:] for row in self.database.ask(
            "SELECT uuid, state, replace(result, char(10), ' ') FROM command" if self.database.name == "sqlite" else
            "SELECT uuid, state, replace(result, chr(10), ' ') FROM command")}
        for feeder in self.feeders:
            phone = feeder.phone
            assert feeder.queued, "nothing was queued"
            assert phone.delivered == feeder.queued, "not in the order in which they were queued"
            for name in feeder.queued:
                state, result = rows.pop(name)
                kept = [n for n in range(1, phone.attempts[name] + 1) if f"attempt {n}." in result]
                assert state == "acknowledged" and len(kept) == 1 and LATE not in result, (state, result)
        assert not rows, f"queued more than once: {rows}"
        for stage in self.stages:
            assert '"level":"critical"' not in stage.log(), "the server has reported a bug of its own"


def test_killed_on_sqlite(build):
    with SocketStage(build, config=CONFIG) as stage:
        database = Sqlite(stage.folder / "state" / "doorward.db")
        Run([stage], database, lambda stage: stage).go(KILLS["sqlite"])
        database.check_files()


def needs_postgresql():
    try:
        postgresql.find_programs()
    except postgresql.NotAvailable as reason:
        raise tap.Skip(str(reason)) from reason


def test_one_of_two_killed_on_postgresql(build):
    """Requests alternate between two servers, of which now one, now the other is killed."""
    needs_postgresql()
    with pair(build, CONFIG) as (sides, database):
        Run(list(sides.stages), database, sides).go(KILLS["postgresql"])


def test_both_asked_at_once(build):
    """The same report to both at the same moment gets the same command from both, and each command has its turn once."""
    needs_postgresql()
    with pair(build, CONFIG) as (sides, database):
        one, two = sides.stages
        phone = device.Device(one, "asks-both")
        phone.browser = SocketBrowser(one, sides.only(0))
        phone.enroll()
        queued = [(one, two)[number % 2].doorctl_json("device", "command", phone.enrollment_id, "ProfileList")["uuid"]
                  for number in range(6)]
        carried_out, words = [], {}
        while True:
            body = phone.idle_body(**words)
            headers = {"Content-Type": device.COMMAND_TYPE, "Authorization": f"Bearer {phone.token}",
                       "Mdm-Signature": phone.sign(body)}

            def send(number, body=body, headers=headers):
                return SocketBrowser(one, sides.only(number)).request("PUT", phone.url(device.MDM_PATH), body, headers)

            replies = at_once([lambda number=number: send(number % 2) for number in range(6)])
            assert [reply.status for reply in replies] == [200] * 6, [reply.status for reply in replies]
            given = {plistlib.loads(reply.body)["CommandUUID"] if reply.body else None for reply in replies}
            assert len(given) == 1, f"two commands at once: {given}"
            name = given.pop()
            if name is None:
                break
            carried_out.append(name)
            words = {"Status": "Acknowledged", "CommandUUID": name}
        assert carried_out == queued, (carried_out, queued)
        assert database.ask("SELECT count(*) FROM command WHERE state = 'acknowledged'") == [["6"]]


def main():
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
