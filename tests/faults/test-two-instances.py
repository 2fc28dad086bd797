#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two servers behind one address, on one PostgreSQL: any request may go to either, what is to be done once is."""

import contextlib
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import device  # noqa: E402
import postgresql  # noqa: E402
import tap  # noqa: E402
import traffic  # noqa: E402
from ledger import Ledger, Postgresql  # noqa: E402
from patience import until  # noqa: E402
from socket_stage import SocketBrowser  # noqa: E402
from stage import IDP_HOST  # noqa: E402
from twins import at_once, pair  # noqa: E402

METADATA_TIMEOUT_S = 30
ENROLLMENTS = 8  # more than half of them meet
WAITERS_TIMEOUT_S = 10  # less than the server waits for a lock
ANSWER_S = 3  # of the provider: longer than the two starts are apart


def test_every_step_on_the_other_instance(build):
    """Requests alternate; then each flow begins here and ends there, and its replay is refused on both."""
    with pair(build) as (sides, database):
        one, two = sides.stages
        phone = device.Device(one, "between")
        phone.browser = browser = SocketBrowser(one, sides.only(0))
        page = browser.get(phone.start(follow=False).headers["Location"])
        answer = browser.sign_in(page, phone.user)
        browser.aside = sides.only(1)
        phone.read_token(browser.submit(answer))
        for number in (0, 1):
            browser.aside = sides.only(number)
            assert browser.submit(answer).status == 400, f"instance {number} has taken the answer again"
        profiles = []
        for number in (0, 1):
            browser.aside = sides.only(number)
            phone.fetch_profile()
            profiles.append(phone.profile)
        assert profiles[0] == profiles[1], "the same token gets the same profile"
        client = phone.scep_client()
        message = client.build(phone.challenge)
        issued = []
        for number in (1, 0):
            browser.aside = sides.only(number)
            issued.append(client.read(phone.post_scep(message).body).read_bytes())
        assert issued[0] == issued[1], "the same key gets the same certificate"
        for number, body in ((0, phone.authenticate_body()), (1, phone.token_update_body())):
            browser.aside = sides.only(number)
            assert phone.put(body).status == 200
        browser.aside = sides.only(0)
        assert phone.put(phone.check_out_body()).status == 200
        browser.aside = sides.only(1)
        assert phone.poll().status == 403, "it has left, on the other instance too"
        assert one.lists() == two.lists()


def test_whole_journeys_across_both_while_one_dies(build):
    with pair(build) as (sides, database):
        one, two = sides.stages
        with traffic.Traffic(one, Ledger(database), aside=sides) as running:
            running.go_on(25)
            two.server.process.send_signal(signal.SIGKILL)
            time.sleep(0.2)
            sides.stages = (one,)
            running.go_on(15)
            two.server.process.wait()
            two.start_server()
            sides.stages = (one, two)
            running.go_on(25)
            running.finish()
        assert one.lists() == two.lists()


class Provider:
    """Hands out the metadata of the identity provider, slowly, and counts how often."""

    def __init__(self):
        provider = self
        self.count, self.stage = 0, None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.count += 1
                document = provider.stage.request("GET", "/metadata", host=IDP_HOST, port=provider.stage.idp_port)[2]
                time.sleep(ANSWER_S)
                self.send_response(200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # whoever asked may have been stopped
                    self.wfile.write(document)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/metadata"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.server.shutdown()
        self.server.server_close()


def wait_for_metadata(stage, aside):
    """Until a sign-in there begins; 503 as long as the instance has no metadata."""
    def ask():
        status = SocketBrowser(stage, aside).request("GET", stage.url + "/mdm/sso/start?idp=fetched").status
        assert status in (303, 503), status
        return status

    until("metadata", ask, METADATA_TIMEOUT_S, accept=lambda status: status == 303)


def test_metadata_is_fetched_by_one(build):
    """Both start at the same moment without any; one takes the lease and fetches, the other takes what is stored."""
    with Provider() as provider:
        group = f"[idp/fetched]\nType=saml\nDisplayName=Fetched\nMetadataUrl={provider.url}\n"
        with pair(build, group, lambda one: setattr(provider, "stage", one)) as (sides, database):
            one, _ = sides.stages
            for number in (0, 1):
                wait_for_metadata(one, sides.only(number))  # so that none is on its way to the provider
            for stage in sides.stages:
                stage.server.stop()
            database.ask("DELETE FROM connection_metadata")
            database.ask("DELETE FROM lease")
            provider.count = 0
            starts = [threading.Thread(target=stage.start_server) for stage in sides.stages]
            for start in starts:
                start.start()
            for start in starts:
                start.join()
            for number in (0, 1):
                wait_for_metadata(one, sides.only(number))
            assert provider.count == 1, provider.count
            assert database.ask("SELECT count(*) FROM lease WHERE name = 'metadata/fetched'") == [["0"]]


def test_racing_answers(build):
    """The same answer sent to both at the same moment, again and again: one token each time, never two."""
    with pair(build) as (sides, database):
        one, _ = sides.stages
        phone = device.Device(one, "racing")
        phone.browser = browser = SocketBrowser(one, sides.only(0))
        for _ in range(6):
            page = browser.get(phone.start(follow=False).headers["Location"])
            answer = browser.sign_in(page, phone.user)
            found, start = [], threading.Barrier(2)

            def submit(number):
                other = SocketBrowser(one, sides.only(number))
                other.cookies = browser.cookies
                start.wait()
                found.append(other.submit(answer).status)

            threads = [threading.Thread(target=submit, args=(number,)) for number in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(found) == [308, 400], found
        Ledger(database).check_new()


def racing_repeats(sides, send, n=3):
    """The same message of a device to both at once, n times each: what a proxy does that gave one of them up."""
    def through(number):
        def act():
            other = SocketBrowser(sides.stages[0], sides.only(number))
            return send(other)
        return act

    return at_once([through(number % 2) for number in range(2 * n)])


def test_racing_repeats(build):
    """A device whose message comes more than once at the same moment gets the same answer each time."""
    with pair(build) as (sides, database):
        one, _ = sides.stages
        first = None
        for number in range(4):
            phone = device.Device(one, f"repeats-{number}", enrollment_id=first)
            phone.browser = SocketBrowser(one, sides.only(0))
            phone.sign_in()
            phone.fetch_profile()
            client = phone.scep_client()
            message = client.build(phone.challenge)
            answers = racing_repeats(sides, lambda to: to.request(
                "POST", phone.url("/mdm/apple/scep?operation=PKIOperation"), message,
                {"Content-Type": "application/x-pki-message"}))
            issued = {client.read(answer.body).read_bytes() for answer in answers}
            assert len(issued) == 1, "one key has got several certificates"
            bodies = [phone.authenticate_body(), phone.token_update_body()]
            # every other one enrolls the device before it once more, which ends the former enrollment, and leaves
            bodies += [phone.check_out_body()] if first else []
            first = None if first else phone.enrollment_id
            for body in bodies:
                headers = {"Content-Type": device.CHECKIN_TYPE, "Authorization": f"Bearer {phone.token}",
                           "Mdm-Signature": phone.sign(body)}
                found = racing_repeats(sides, lambda to: to.request("PUT", phone.url(device.MDM_PATH), body, headers).status)
                assert found == [200] * len(found), (number, body, found)
        Ledger(database).check_new()


def test_racing_refreshes(build):
    """A client that refreshes twice at the same moment gets the same next token from both; an old one ends all."""
    use = {"DisplayName=Dev IdP\n": "DisplayName=Dev IdP\nUse=enrollment;admin\n"}
    with pair(build, "[admin]\nJit=true\n", lambda one: one.replace.update(use)) as (sides, database):
        one, _ = sides.stages
        browser = SocketBrowser(one, sides.only(0))
        accepted = browser.submit(browser.sign_in(browser.get(one.url + "/admin/login"), "ben"))
        assert browser.get(one.url + accepted.headers["Location"]).status == 200
        target = one.url + "/api/v1/auth/token"
        tokens = [json.loads(browser.request("POST", target, None, {"Sec-Fetch-Site": "same-origin"}).body)]
        for _ in range(6):
            form = {"grant_type": "refresh_token", "refresh_token": tokens[-1]["refresh_token"]}
            answers = [json.loads(a.body) for a in racing_repeats(sides, lambda to: to.request("POST", target, form))]
            assert len({answer["refresh_token"] for answer in answers}) == 1, "one token has got several next ones"
            tokens.append(answers[0])
        assert database.ask("SELECT count(*) FROM refresh_chain") == [["1"]]
        form["refresh_token"] = tokens[1]["refresh_token"]
        found = racing_repeats(sides, lambda to: to.request("POST", target, form).status)
        assert found == [400] * len(found), found
        ends = database.ask("SELECT end_reason FROM admin_session")
        assert ends == [["refresh-reuse"]], ends


def test_racing_enrollments(build):
    """Two certificates of one person, for one device that is new: one after the other, as if they had been."""
    with pair(build) as (sides, database):
        one, _ = sides.stages
        for number in range(ENROLLMENTS):
            first = device.Device(one, f"first-{number}")
            second = device.Device(one, f"second-{number}", enrollment_id=first.enrollment_id)
            sends = []
            for which, phone in enumerate((first, second)):
                phone.browser = SocketBrowser(one, sides.only(which))
                phone.prepare()
                body = phone.authenticate_body()
                sends.append(lambda phone=phone, body=body, proof=phone.sign(body): phone.put(body, signature=proof).status)
            found = at_once(sends)
            assert found == [200, 200], found
        Ledger(database).check_new()


class Held:
    """A row of an enrollment that nobody can change before the block ends; a context manager."""

    def __init__(self, database, enrollment_id):
        self.database = database
        self.sql = ("SELECT 1 FROM enrollment e JOIN device d ON d.id = e.device_id "
                    f"WHERE d.apple_id = '{enrollment_id}' FOR UPDATE OF e")

    def __enter__(self):
        cluster = self.database.cluster
        words = [f"{cluster.programs}/psql", "-X", "-q", "-A", "-t", "-h", cluster.folder, "-U", postgresql.NAME,
                 "-d", postgresql.NAME]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"BEGIN;\n{self.sql};\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == "1", "nothing to hold"
        return self

    def wait_for_waiters(self, n):
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        until(f"{n} wait for the row", lambda: self.database.ask(waiting), WAITERS_TIMEOUT_S, pause_s=0.02,
              accept=lambda found: found == [[str(n)]])

    def __exit__(self, *reason):
        self.process.communicate("COMMIT;\n", timeout=WAITERS_TIMEOUT_S)


def test_racing_ends(build):
    """A device enrolls again on one while its old self leaves on the other: in either order it keeps its owner."""
    with pair(build) as (sides, database):
        one, _ = sides.stages
        for number, returns_first in enumerate((True, False)):
            old = device.Device(one, f"old-{number}")
            old.browser = SocketBrowser(one, sides.only(0))
            old.enroll()
            new = device.Device(one, f"new-{number}", enrollment_id=old.enrollment_id)
            new.browser = SocketBrowser(one, sides.only(1))
            new.prepare()
            sends = [lambda: new.put(new.authenticate_body()), lambda: old.put(old.check_out_body())]
            found = [None, None]

            def send(which):
                found[which] = sends[which]().status

            threads = [threading.Thread(target=send, args=(which,)) for which in (0, 1)]
            with Held(database, old.enrollment_id) as held:
                for waiters, thread in enumerate(threads if returns_first else threads[::-1], 1):
                    thread.start()
                    held.wait_for_waiters(waiters)
            for thread in threads:
                thread.join()
            assert found == [200, 403 if returns_first else 200], (returns_first, found)
            assert new.put(new.token_update_body()).status == 200
        Ledger(database).check_new()


def renew(phone, name):
    """Key and certificate of a renewal; the answer is enveloped for who signed, the certificate in use."""
    client = phone.scep_client(name)
    request = client.sign(client.envelop(client.make_csr(None)), "17", phone.certificate, phone.key)
    client.signer, key = phone.certificate, client.key
    client.key = phone.key
    return key, client.read(phone.post_scep(request).body)


def test_racing_renewals(build):
    """Two renewed certificates are first used at once: one retires the other, and not each the other."""
    with pair(build) as (sides, database):
        one, _ = sides.stages
        phone = device.Device(one, "phone")
        phone.browser = SocketBrowser(one, sides.only(0))
        phone.enroll()
        copy = device.Device(one, "copy", enrollment_id=phone.enrollment_id)
        copy.browser, copy.token = SocketBrowser(one, sides.only(1)), phone.token
        renewed = [renew(phone, name) for name in ("renewed-0", "renewed-1")]
        (phone.key, phone.certificate), (copy.key, copy.certificate) = renewed
        found = {}

        def poll(which):
            found[which] = which.poll().status

        threads = [threading.Thread(target=poll, args=(which,)) for which in (phone, copy)]
        with Held(database, phone.enrollment_id) as held:
            for waiters, thread in enumerate(threads, 1):
                thread.start()
                held.wait_for_waiters(waiters)
        for thread in threads:
            thread.join()
        assert [found[phone], found[copy]] == [200, 403], found
        assert phone.poll().status == 200


def main():
    try:
        postgresql.find_programs()
    except postgresql.NotAvailable as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
