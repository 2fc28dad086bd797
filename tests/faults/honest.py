# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices and people who only want to be served, in a process of its own: so many requests a second, whatever becomes
of the ones before, and how long each took from the moment it was due."""

import queue
import re
import socket
import ssl
import threading
import time

THREADS = 24
PATIENCE_S = 30
FRESH = 5  # every so many requests come on a new connection, with a whole TLS handshake
SENDINGS = 3  # times a request is sent; a connection that the server had closed meanwhile is nobody's fault


class Client:
    """One thread's connection."""

    def __init__(self, port, ca, host, number):
        self.port, self.host = port, host
        self.address = f"127.0.0.{10 + number}"
        self.tls = ssl.create_default_context(cafile=ca)
        self.tls.set_alpn_protocols(["http/1.1"])
        self.socket = self.stream = None

    def open(self):
        plain = socket.socket()
        plain.settimeout(PATIENCE_S)
        plain.bind((self.address, 0))
        plain.connect(("127.0.0.1", self.port))
        self.socket = self.tls.wrap_socket(plain, server_hostname=self.host)
        self.stream = self.socket.makefile("rb")

    def close(self):
        if self.socket is not None:
            self.stream.close()
            self.socket.close()
            self.socket = None

    def exchange(self, request):
        self.socket.sendall(request)
        line = self.stream.readline()
        if not line:
            raise ConnectionError("closed before the answer")
        head = line
        while line not in (b"\r\n", b""):
            line = self.stream.readline()
            head += line
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        size = int(length[1]) if length else 0
        if len(self.stream.read(size)) != size:
            raise ConnectionError("the answer broke off")
        return int(head.split()[1]), b"\r\nretry-after:" in head.lower()

    def ask(self, request, fresh):
        """The answer; a connection that was kept and is closed now is opened anew, as every client does."""
        if fresh:
            self.close()
        kept = self.socket is not None
        for turn in range(SENDINGS):
            if self.socket is None:
                self.open()
            try:
                return self.exchange(request)
            except (ConnectionError, ssl.SSLError):
                self.close()
                if not kept or turn + 1 == SENDINGS:
                    raise
        return None


class Load:
    """The threads and what they found."""

    def __init__(self, port, ca, host, requests):
        self.requests = requests  # (name, bytes, statuses that are right)
        self.due = queue.Queue()
        self.lock = threading.Lock()
        self.found = []  # (seconds, whether on a fresh connection)
        self.failed = []
        self.turned_away = 0
        for number in range(THREADS):
            client = Client(port, ca, host, number)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        while True:
            when, (name, request, right), fresh = self.due.get()
            try:
                status, has_time = client.ask(request, fresh)
                problem = None if status in right else f"{name}: {status}"
            except OSError as error:
                status, has_time, problem = 0, False, f"{name}: {error!r}"
                client.close()
            took = time.monotonic() - when
            with self.lock:
                if problem is None:
                    self.found.append((took, fresh))
                elif status == 503 and has_time:
                    self.turned_away += 1
                else:
                    self.failed.append(problem)
            self.due.task_done()

    def run(self, seconds, rate):
        """Open loop: a request is due when it is due, so that a stall is seen by all that come in it."""
        self.found, self.failed, self.turned_away = [], [], 0
        begin = time.monotonic()
        for i in range(int(seconds * rate)):
            when = begin + i / rate
            time.sleep(max(0, when - time.monotonic()))
            self.due.put((when, self.requests[i % len(self.requests)], i % FRESH == 0))
        self.due.join()
        return {"found": self.found, "failed": self.failed, "turned_away": self.turned_away}


def run(pipe, *arguments):
    """The process: for each (seconds, rate) that comes, one result; None ends it."""
    load = Load(*arguments)
    while (what := pipe.recv()) is not None:
        pipe.send(load.run(*what))
