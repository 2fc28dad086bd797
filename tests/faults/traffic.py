# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices that go through whole journeys whatever happens to the server, and write down what it acknowledged."""

import collections
import http.client
import random
import shutil
import ssl
import threading
import time
import traceback
import urllib.parse

import device
import scep
import socket_stage
from ledger import Broken, sha256

STEPS = ("begin", "answer", "replay", "profile", "certificate", "authenticate", "token-update", "poll", "renewal",
         "renewed", "check-out")
RETRY_S = 0.05  # devices wait longer; who kills a server all the time cannot


class Stopped(Exception):
    """The run is over."""


class Lost(Exception):
    """No whole answer came."""


class Gate:
    """Between the devices and the server: knows which steps are on their way, and holds them back when told to."""

    def __init__(self, steps=STEPS):
        self.changed = threading.Condition()
        self.up = self.stopping = False
        self.flights = collections.Counter()
        self.entered = []  # steps in the order they were sent, since the gate was opened
        self.answered, self.lost, self.refused = (collections.Counter() for _ in range(3))
        self.seconds = dict.fromkeys(steps, 0.02)  # of an answer, a moving average
        self.slowest = 0.0

    def open(self):
        with self.changed:
            self.up, self.entered = True, []
            self.changed.notify_all()

    def close(self, timeout_s=60):
        """Holds back what comes; waits for what is on its way."""
        with self.changed:
            self.up = False
            if not self.changed.wait_for(lambda: not self.flights.total(), timeout_s):
                raise Broken(f"no answer and no end of the connection after {timeout_s} s: {dict(self.flights)}")

    def stop(self):
        with self.changed:
            self.stopping = True
            self.changed.notify_all()

    def enter(self, step):
        with self.changed:
            self.changed.wait_for(lambda: self.up or self.stopping)
            if self.stopping:
                raise Stopped
            self.flights[step] += 1
            self.entered.append(step)
            self.changed.notify_all()

    def leave(self, step, counter, seconds=None):
        with self.changed:
            self.flights[step] -= 1
            counter[step] += 1
            if seconds is not None:
                self.seconds[step] += (min(seconds, 1) - self.seconds[step]) / 8
                self.slowest = max(self.slowest, seconds)
            self.changed.notify_all()

    def wait_for_step(self, step, timeout_s):
        """Until that step is sent; False when it was not in time."""
        with self.changed:
            seen = len(self.entered)
            return self.changed.wait_for(lambda: step in self.entered[seen:], timeout_s)

    def wait_for_answers(self, n, timeout_s):
        """Until the server has answered so many requests more."""
        with self.changed:
            until = self.answered.total() + n
            return self.changed.wait_for(lambda: self.answered.total() >= until, timeout_s)


class Browser(socket_stage.SocketBrowser):
    """Requests to the server pass the gate; one without a whole answer, or with 503, is lost."""

    def __init__(self, stage, gate, **options):
        super().__init__(stage, **options)
        self.gate, self.step = gate, None

    def request(self, method, url, body=None, headers=None):
        if not url.startswith(self.stage.url + "/"):
            return super().request(method, url, body, headers)
        step, begun = self.step, time.monotonic()
        self.gate.enter(step)
        counter, seconds = self.gate.lost, None
        try:
            begun = time.monotonic()
            reply = super().request(method, url, body, headers)
            counter, seconds = self.gate.answered, time.monotonic() - begun
            if reply.status == 503:
                counter = self.gate.refused
                if not reply.headers["Retry-After"]:
                    raise Broken(f"{step}: 503 without Retry-After:\n{reply.body.decode()[:400]}")
                raise Lost("503")
            return reply
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            raise Lost(f"{step}: {error!r}") from error
        finally:
            self.gate.leave(step, counter, seconds)


class Keys:
    """Keys of devices take long to make: each phone has two, used again and again; certificates are new."""

    def __init__(self, stage, n):
        self.folder = stage.folder / "keys"
        self.folder.mkdir()
        for i in range(2 * n):
            scep.Client(self.folder, f"key-{i}", None)
        device.Device(stage, "first")  # makes what all devices of a stage share

    def copy(self, number, folder):
        for name, which in (("identity", 0), ("renewed", 1)):
            for end in (".key", ".self.pem"):
                shutil.copy(self.folder / f"key-{2 * number + which}{end}", folder / (name + end))


class Phone(threading.Thread):
    """One device: enrolls, is renewed, leaves or comes back, over and over until the gate says stop."""

    def __init__(self, stage, number, gate, ledger, keys, **options):
        super().__init__(daemon=True)
        self.stage, self.number, self.gate, self.ledger, self.keys = stage, number, gate, ledger, keys
        self.random = random.Random(number)
        self.options = options
        self.failure = None
        self.journeys = self.updates = self.again = 0
        self.enrollment_id = None

    def run(self):
        try:
            while True:
                self.travel()
        except Stopped:
            pass
        except BaseException:  # noqa: BLE001: the main thread tells it
            self.failure = traceback.format_exc()
            self.gate.stop()

    def ask(self, step, send, expected=None):
        """Sends until there is an answer, as devices do; gives it, and whether an earlier one was lost."""
        lost = False
        while True:
            self.device.browser.step = step
            try:
                reply = send()
            except Lost:
                lost = True
                time.sleep(RETRY_S)
                continue
            if expected is not None and reply.status != expected:
                raise Broken(f"{step}: {reply.status} instead of {expected}{' after a lost answer' if lost else ''}: "
                             f"{reply.body.decode(errors='replace')[:600]}")
            return reply, lost

    def travel(self):
        """One journey from the first page to the end, by chance without the end: then the next one replaces it."""
        name = f"{self.number}-{self.journeys}"
        self.device = device.Device(self.stage, name, enrollment_id=self.enrollment_id)
        self.enrollment_id = None if self.random.random() < 0.5 else self.device.enrollment_id
        self.device.browser = Browser(self.stage, self.gate, **self.options)
        self.keys.copy(self.number, self.device.folder)
        try:
            self.sign_in()
            self.get_profile()
            self.get_certificate()
            self.enroll()
            self.renew()
            if self.enrollment_id is None:
                self.check_out()
            self.journeys += 1
        finally:
            shutil.rmtree(self.device.folder)

    def sign_in(self):
        phone = self.device
        while True:
            redirect, _ = self.ask("begin", lambda: phone.start(follow=False), 303)
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect.headers["Location"]).query)
            relay = f"sign_in_request WHERE relay_hash = '{sha256(query['RelayState'][0])}'"
            self.ledger.add("a sign-in request", relay)
            answer = phone.browser.sign_in(phone.browser.get(redirect.headers["Location"]), phone.user)
            reply, lost = self.ask("answer", lambda: phone.browser.submit(answer))
            if reply.status == 308:
                break
            if not lost:
                raise Broken(f"the answer was refused: {reply.status} {reply.body.decode()[:600]}")
            self.again += 1  # it was spent by a request whose answer was lost; a person begins again
        phone.read_token(reply)
        self.ledger.add("a spent request", f"{relay} AND spent_at <> 0")
        self.ledger.add("an access token", f"access_token WHERE hash = '{sha256(phone.token)}'")
        reply, _ = self.ask("replay", lambda: phone.browser.submit(answer))
        if reply.status == 308:
            raise Broken("an answer was accepted twice")

    def get_profile(self):
        self.ask("profile", self.device.fetch_profile)
        self.ledger.add("a challenge", f"scep_challenge WHERE hash = '{sha256(self.device.challenge)}' "
                        f"AND token_hash = '{sha256(self.device.token)}'")

    def add_certificate(self, path):
        digest = sha256(scep.openssl("x509", "-in", path, "-outform", "DER"))
        self.ledger.add("a certificate", f"certificate WHERE sha256 = '{digest}'")
        return digest

    def get_certificate(self):
        client = self.device.scep_client()
        message = client.build(self.device.challenge)
        reply, _ = self.ask("certificate", lambda: self.device.post_scep(message), 200)
        self.add_certificate(client.read(reply.body))

    def check_in(self, step, body, fact, kind=device.CHECKIN_TYPE):
        signature = self.device.sign(body)
        self.ask(step, lambda: self.device.put(body, kind, signature=signature), 200)
        if fact:
            self.ledger.add(step, "enrollment e JOIN device d ON d.id = e.device_id JOIN certificate c "
                            f"ON c.enrollment_id = e.id WHERE d.apple_id = '{self.device.enrollment_id}' "
                            f"AND c.sha256 = '{self.certificate()}' AND {fact}")

    def certificate(self):
        return sha256(scep.openssl("x509", "-in", self.device.certificate, "-outform", "DER"))

    def update_token(self):
        """Tokens count up: a later one may stand there, an earlier one never again."""
        self.updates += 1
        token = self.updates.to_bytes(32, "big")
        self.check_in("token-update", self.device.token_update_body(Token=token),
                      f"e.active_at <> 0 AND (e.push_token >= '{token.hex()}' OR e.ended_at <> 0)")

    def enroll(self):
        self.check_in("authenticate", self.device.authenticate_body(), "e.created_at <> 0")
        self.update_token()
        self.check_in("poll", self.device.idle_body(), None, device.COMMAND_TYPE)

    def renew(self):
        phone = self.device
        client = phone.scep_client("renewed")
        new_key = client.key
        message = client.sign(client.envelop(client.make_csr(None)), scep.RENEWAL_REQ, phone.certificate, phone.key)
        reply, _ = self.ask("renewal", lambda: phone.post_scep(message), 200)
        client.signer, client.key = phone.certificate, phone.key  # the answer is for who signed
        renewed = client.read(reply.body)
        self.add_certificate(renewed)
        old = phone.key, phone.certificate
        phone.key, phone.certificate = new_key, renewed
        self.check_in("renewed", phone.idle_body(), "e.certificate_sha256 = c.sha256", device.COMMAND_TYPE)
        body = phone.idle_body()
        signature = phone.sign(body, *old)
        self.ask("poll", lambda: phone.put(body, device.COMMAND_TYPE, signature=signature), 403)
        self.update_token()

    def check_out(self):
        self.check_in("check-out", self.device.check_out_body(), "e.ended_at <> 0 AND e.end_reason = 'check-out'")
        self.ledger.add("a closed link", "association a JOIN device d ON d.id = a.device_id WHERE "
                        f"d.apple_id = '{self.device.enrollment_id}' AND a.end_reason = 'check-out'")
        body = self.device.idle_body()
        signature = self.device.sign(body)
        self.ask("poll", lambda: self.device.put(body, device.COMMAND_TYPE, signature=signature), 403)


class Traffic:
    """Some phones at once; a context manager. What went wrong in one of them is raised by check()."""

    def __init__(self, stage, ledger, n=3, **options):
        self.stage, self.ledger, self.gate = stage, ledger, Gate()
        keys = Keys(stage, n)
        self.phones = [Phone(stage, i, self.gate, ledger, keys, **options) for i in range(n)]

    def __enter__(self):
        self.gate.open()
        for phone in self.phones:
            phone.start()
        return self

    def __exit__(self, *reason):
        self.gate.stop()
        for phone in self.phones:
            phone.join(60)

    def check(self):
        for phone in self.phones:
            if phone.failure:
                raise Broken(phone.failure)

    def go_on(self, n, timeout_s=60):
        """Until so many more requests were answered."""
        done = self.gate.wait_for_answers(n, timeout_s)
        self.check()
        if not done:
            raise Broken(f"fewer than {n} answers in {timeout_s} s; on their way: {dict(self.gate.flights)}")

    def finish(self):
        """Ends the traffic and checks everything."""
        self.gate.stop()
        for phone in self.phones:
            phone.join(60)
            if phone.is_alive():
                raise Broken("a device still waits for an answer")
        self.check()
        return self.ledger.check_all()


def compare_lists(stage, database):
    """doorctl tells the same as the tables."""
    devices, people = stage.lists()
    open_links = database.ask("SELECT count(*) FROM association WHERE to_at = 0")[0][0]
    linked = sum(1 for entry in devices if entry["person"] is not None)
    if int(open_links) != linked or not people:
        raise Broken(f"doorctl shows {linked} links and {len(people)} people, the table has {open_links} links")
