#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packaged nginx site in front of a real engine.

Usage: test_nginx.py SERVER, the program made of server.c. Exits with 77 where nginx is missing.
"""

import grp
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(SOURCE, "..", "..", "lib"))
import nginx  # noqa: E402

HOST = b"Host: doorward.test\r\n"
SERVER = None

# what bodies the site lets through, by a path of each kind, and the constant that says so in the core
LIMITS = {
    "/": "SMALL",
    "/mdm/sso": "SMALL",
    "/oidc/x/callback": "SMALL",
    "/mdm/apple/scep": "SCEP",
    "/mdm/apple/mdm": "MDM",
    "/mdm/apple/account_driven_enroll": "MDM",
    "/api/mdm/apple/enroll": "MDM",
    "/account_driven_enroll": "MDM",
    "/saml/x/acs": "SAML",
    "/api/v1/fleet/mdm/sso/callback": "SAML",
    "/api/latest/fleet/sso/callback": "SAML",
    "/scim/v2/x/Users": "SCIM",
    "/api/v1/fleet/scim/Users": "SCIM",
}


class Server:
    """The engine behind two unix sockets."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="doorward-server-")
        os.chmod(self.dir, 0o755)
        self.sockets = [f"{self.dir}/http-{i}.sock" for i in range(2)]
        self.process = None
        self.answered = None

    def __enter__(self):
        group = grp.getgrnam("nogroup").gr_name if os.geteuid() == 0 else ""
        self.process = subprocess.Popen([SERVER, group, *self.sockets], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def stop(self):
        self.process.terminate()
        out, _ = self.process.communicate(timeout=nginx.PATIENCE_S)
        self.answered = int(out)

    def __exit__(self, *unused):
        if self.answered is None:
            self.stop()
        shutil.rmtree(self.dir)


def read_answer(stream):
    """(status, head, body) of one answer, None at the end of the connection."""
    line = stream.readline()
    if not line:
        return None
    head = line
    while line not in (b"\r\n", b""):
        line = stream.readline()
        head += line
    length = re.search(rb"\r\ncontent-length: (\d+)\r\n", head, re.I)
    body = stream.read(int(length[1])) if length else b""
    if length and len(body) != int(length[1]):
        return None
    return int(head.split()[1]), head, body


def ask(front, request):
    """The answer to one raw request."""
    with front.connect() as connection:
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            return read_answer(stream)


def ask_all(front, request):
    """All answers on a connection, until the other side closes it."""
    answers = []
    with front.connect() as connection:
        try:
            connection.sendall(request)
            with connection.makefile("rb") as stream:
                while (answer := read_answer(stream)) is not None:
                    answers.append(answer)
        except ConnectionError:
            pass
    return answers


def post(path, body, more=b""):
    return b"POST %s HTTP/1.1\r\n" % path.encode() + HOST + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


def get(path, more=b""):
    return b"GET %s HTTP/1.1\r\n" % path.encode() + HOST + more + b"\r\n"


def core_limits():
    path = os.path.join(SOURCE, "..", "..", "..", "core", "http", "door-limits.h")
    with open(path, encoding="utf-8") as header:
        return {m[1]: int(m[2]) for m in re.finditer(r"DOOR_LIMIT_(\w+)_BYTES (\d+)", header.read())}


class Site(unittest.TestCase):
    """What the site lets through and what not."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.front = nginx.Nginx(cls.server.sockets)
        cls.front.__enter__()
        cls.addClassCleanup(cls.front.__exit__)

    def test_configuration(self):
        result = self.front.test()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("warn", result.stderr)

    def test_no_placeholder_left(self):
        with open(os.path.join(self.front.dir, "site.conf"), encoding="utf-8") as site:
            self.assertNotRegex(site.read(), r"@\w+@")

    def test_request(self):
        status, head, body = ask(self.front, get("/"))
        self.assertEqual(status, 200)
        self.assertIn(b"peer=127.0.0.1 scheme=https host=doorward.test ", body)
        self.assertRegex(head, rb"\r\nX-Request-Id: [0-9A-Z]{16}\r\n")
        self.assertIn(b"\r\nStrict-Transport-Security: ", head)
        self.assertNotIn(b"nginx/", head)

    def test_http2(self):
        result = subprocess.run(
            ["curl", "-s", "-k", "--http2", "--resolve", f"doorward.test:{self.front.port}:127.0.0.1", "-d", "abc",
             "-w", "%{http_version}", f"https://doorward.test:{self.front.port}/mdm/apple/mdm"],
            capture_output=True, text=True, timeout=nginx.PATIENCE_S, check=True)
        self.assertIn("body=3 ", result.stdout)
        self.assertTrue(result.stdout.endswith("\n2"), result.stdout)

    def test_old_tls(self):
        result = subprocess.run(
            ["curl", "-s", "-k", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", f"https://127.0.0.1:{self.front.port}/"],
            capture_output=True, timeout=nginx.PATIENCE_S, check=False)
        self.assertEqual(result.returncode, 35)

    def test_plain_http(self):
        result = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", "Host: evil.example",
             f"http://127.0.0.1:{self.front.http_port}/x?y"],
            capture_output=True, text=True, timeout=nginx.PATIENCE_S, check=True)
        self.assertEqual(result.stdout, "301 https://doorward.test/x?y")

    def test_limits_are_the_cores(self):
        limits = core_limits()
        for path, kind in LIMITS.items():
            with self.subTest(path):
                fits, too_large = limits[kind], limits[kind] + 1
                head = b"POST %s HTTP/1.1\r\n" % path.encode() + HOST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                self.assertEqual(ask(self.front, head % too_large)[0], 413)
                self.assertEqual(ask(self.front, head % fits)[0], 100)

    def test_large_bodies_pass(self):
        for path, size in (("/mdm/apple/mdm", 1 << 20), ("/mdm/apple/scep", 1 << 16), ("/saml/x/acs", 1 << 20),
                           ("/scim/v2/x/Users", 1 << 20)):
            status, _, body = ask(self.front, post(path, b"x" * size))
            self.assertEqual(status, 200)
            self.assertIn(b"body=%d " % size, body)

    def test_spoofed_headers(self):
        more = (b"X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: evil.example\r\n"
                b"Forwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nClient-Cert: :MAMCAQA=:\r\n"
                b"X-Request-Id: theirs\r\n")
        status, head, body = ask(self.front, get("/", more))
        self.assertEqual(status, 200)
        self.assertIn(b"peer=127.0.0.1 scheme=https host=doorward.test ", body)
        self.assertIn(b"certificate=no", body)
        self.assertNotIn(b"theirs", head)

    def test_long_headers(self):
        status, _, body = ask(self.front, post("/mdm/apple/mdm", b"", b"Mdm-Signature: " + b"x" * 6000 + b"\r\n"))
        self.assertEqual(status, 200)
        self.assertIn(b"signature=6000 ", body)
        self.assertEqual(ask(self.front, get("/", b"X-A: " + b"x" * 40000 + b"\r\n"))[0], 400)
        many = b"".join(b"X-%d: %s\r\n" % (i, b"x" * 10000) for i in range(4))
        self.assertEqual(ask(self.front, get("/", many))[0], 431)
        more = b"".join(b"X-%d: %s\r\n" % (i, b"x" * 30000) for i in range(4))
        self.assertEqual(ask(self.front, get("/", more))[0], 400, "no more than the server reads")
        self.assertNotIn("no live upstreams", self.front.log("error.log"))

    def test_range_is_ignored(self):
        self.assertEqual(ask(self.front, get("/", b"Range: bytes=0-,0-,0-\r\n"))[0], 200)

    def test_hostile_heads(self):
        """What the server library is lax about never reaches it."""
        heads = {
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nabcde": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabcde\r\n0\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n": 501,
            b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n": 400,
            b"GET / HTTP/1.1\r\n\r\n": 400,
            b"GET / HTTP/1.1\r\nHost: a b\"<>@\r\n\r\n": 400,
            b"GET / HTTP/1.1\r\nHost : doorward.test\r\n\r\n": 400,
            b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
            b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
            b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
            b"GET /../../x HTTP/1.1\r\n" + HOST + b"\r\n": 400,
        }
        for request, status in heads.items():
            with self.subTest(request):
                answers = ask_all(self.front, request)
                self.assertEqual([answer[0] for answer in answers], [status])

    def test_paths_are_read_alike(self):
        """What nginx reads in another way than the server would walk around rules for a path."""
        for path in ("/mdm//../sso", "/api//../v1/me", "/admin//../login", "//mdm/sso", "/mdm//sso", "/mdm/./sso",
                     "/mdm/%2e%2e/sso", "/mdm/.%2E/sso", "/mdm/..", "/mdm/../", "/mdm/.?x=1", "/mdm//?x=1"):
            with self.subTest(path):
                self.assertEqual(ask(self.front, get(path))[0], 400)
        for path in ("/mdm/sso?x=https://a/../b", "/enroll/a..b", "/.well-known/x", "/mdm/..x/y"):
            with self.subTest(path):
                self.assertEqual(ask(self.front, get(path))[0], 404, "the server's own answer")

    def test_odd_heads_are_cleaned(self):
        """Lines that nginx takes but should not reach us as they came."""
        answer = ask(self.front, b"GET / HTTP/1.1\nHost: doorward.test\n\n")
        self.assertEqual(answer[0], 200)
        for odd in (b"X-Odd : 1\r\n", b"X_Odd: 1\r\n", b"X-A: 1\r\n X-Odd: 2\r\n"):
            with self.subTest(odd):
                status, _, body = ask(self.front, get("/", odd))
                self.assertIn(status, (200, 400))
                if status == 200:
                    self.assertIn(b"odd=-.", body)

    def test_chunks_become_a_length(self):
        request = b"POST /mdm/apple/mdm HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        status, _, body = ask(self.front, request)
        self.assertEqual(status, 200)
        self.assertIn(b"body=5 ", body)

    def test_log_has_no_path(self):
        ask(self.front, get("/saml/secret-in-path/start?token=secret-in-query"))
        self.assertNotIn("secret", self.front.log("access.log"))

    def test_sign_in_rate(self):
        with self.front.connect() as connection, connection.makefile("rb") as stream:
            statuses = []
            for _ in range(200):
                connection.sendall(get("/saml/x/start"))
                statuses.append(read_answer(stream)[0])
        self.assertEqual(set(statuses), {200, 429})
        # the burst, but for what the other tests have used of it
        self.assertGreaterEqual(statuses.count(200), 80)


class Busy(unittest.TestCase):
    """Too much at once, and a server that goes away."""

    @staticmethod
    def ask_aside(front, count, request):
        """A queue that gets the answers to so many requests, each on a connection and thread of its own."""
        answers = queue.Queue()
        for _ in range(count):
            threading.Thread(target=lambda: answers.put(ask(front, request)), daemon=True).start()
        return answers

    @staticmethod
    def open_gate(front, answers, count):
        """The next answers, the gate being opened as often as needed."""
        got = []
        while len(got) < count:
            ask(front, post("/open", b""))
            try:
                got.append(answers.get(timeout=0.1))
            except queue.Empty:
                pass
        return got

    def test_full_queue(self):
        with Server() as server, nginx.Nginx(server.sockets) as front:
            answers = self.ask_aside(front, 40, get("/gate"))
            # two run and eight wait: the others are sent away before anything is opened
            refused = [answers.get(timeout=nginx.PATIENCE_S) for _ in range(30)]
            self.assertEqual({answer[0] for answer in refused}, {503})
            self.assertIn(b"\r\nRetry-After: 1\r\n", refused[0][1])
            self.assertEqual({answer[0] for answer in self.open_gate(front, answers, 10)}, {200})

    def test_connections_of_one_address(self):
        changes = [(r"limit_conn doorward_connections \d+;", "limit_conn doorward_connections 3;")]
        with Server() as server, nginx.Nginx(server.sockets, changes) as front:
            answers = self.ask_aside(front, 4, get("/gate"))
            self.assertEqual(answers.get(timeout=nginx.PATIENCE_S)[0], 429)
            server.stop()
            self.assertEqual({answers.get(timeout=nginx.PATIENCE_S)[0] for _ in range(3)}, {200})

    def test_requests_of_one_address(self):
        changes = [(r"zone=doorward_requests burst=\d+", "zone=doorward_requests burst=5")]
        with Server() as server, nginx.Nginx(server.sockets, changes) as front:
            with front.connect() as connection, connection.makefile("rb") as stream:
                connection.sendall(get("/") * 60)
                statuses = [read_answer(stream)[0] for _ in range(60)]
            self.assertEqual(set(statuses), {200, 429})

    def test_slow_clients(self):
        changes = [(r"client_(header|body)_timeout \d+s;", r"client_\1_timeout 1s;")]
        slow = (b"GET / HTTP/1.1\r\nHo", post("/", b"x" * 10)[:-5])
        with Server() as server, nginx.Nginx(server.sockets, changes) as front:
            for request in slow:
                self.assertEqual(ask_all(front, request), [])
            server.stop()
            self.assertEqual(server.answered, 0)
            self.assertEqual(front.log("access.log").count(" 408 "), 2)

    def test_server_away(self):
        with Server() as server, nginx.Nginx(server.sockets) as front:
            self.assertEqual(ask(front, get("/"))[0], 200)
            server.stop()
            status, head, body = ask(front, get("/"))
            self.assertEqual(status, 503)
            self.assertIn(b"\r\nRetry-After: 5\r\n", head)
            self.assertIn(b"try again later", body)

    def test_stop_under_load(self):
        """Every request a handler has answered reaches its client, and nothing breaks off."""
        with Server() as server, nginx.Nginx(server.sockets) as front:
            warm = threading.Semaphore(0)
            answered = []
            broken = []

            def hammer():
                with front.connect() as connection, connection.makefile("rb") as stream:
                    for i in range(100000):
                        connection.sendall(get("/") if i % 2 else post("/mdm/apple/mdm", b"abc"))
                        answer = read_answer(stream)
                        if answer is None:
                            broken.append(i)
                            return
                        if answer[0] != 200:
                            # nobody listens any more: nginx says so for us
                            if answer[0] != 503:
                                broken.append(answer[0])
                            return
                        answered.append(1)
                        if i == 20:
                            warm.release()

            threads = [threading.Thread(target=hammer) for _ in range(4)]
            for thread in threads:
                thread.start()
            for _ in threads:
                self.assertTrue(warm.acquire(timeout=nginx.PATIENCE_S))
            server.stop()
            for thread in threads:
                thread.join()
            self.assertEqual(broken, [])
            self.assertEqual(len(answered), server.answered)


if __name__ == "__main__":
    if nginx.find() is None or shutil.which("curl") is None:
        print("nginx or curl is missing")
        sys.exit(77)
    SERVER = sys.argv.pop(1)
    unittest.main(verbosity=2)
