# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thousands of clients that mean no good, in one process: each is a generator that an epoll loop goes on with.

A generator yields (events, seconds): what its socket is to be ready for, and the longest it waits. Everything has a
bound: how many there are, how many may be in the middle of a TLS handshake, how fast they come back when the server
has closed them.
"""

import collections
import heapq
import itertools
import os
import random
import re
import select
import socket
import ssl
import time

import shapes

IN, OUT = select.EPOLLIN, select.EPOLLOUT
MAX_OPENING = 64  # connections at once that are not yet where they want to be
PATIENCE_S = 90  # longest that an attacker waits for anything
MAX_WRONG = 20
# so many addresses that no limit for one address helps; every one is loopback
ADDRESSES = [f"127.66.{i // 250}.{i % 250 + 1}" for i in range(500)]


class Closed(Exception):
    """The server has ended the connection."""


class Client:
    """One connection of one attacker; every method that waits is a generator."""

    def __init__(self, crew, kind, number):
        self.crew, self.kind, self.number = crew, kind, number
        self.address = ADDRESSES[(number * 7 + len(kind)) % len(ADDRESSES)]
        self.socket = None
        self.answers = b""

    def open(self, receive_buffer=None):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind((self.address, 0))
        if self.socket.connect_ex(("127.0.0.1", self.crew.port)) != 0:
            yield OUT, PATIENCE_S
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
            raise Closed

    def secure(self):
        self.socket = self.crew.tls.wrap_socket(self.socket, do_handshake_on_connect=False)
        yield from self.retry(self.socket.do_handshake)

    def retry(self, action, *arguments):
        while True:
            try:
                return action(*arguments)
            except (ssl.SSLWantReadError, BlockingIOError):
                yield IN, PATIENCE_S
            except ssl.SSLWantWriteError:
                yield OUT, PATIENCE_S
            except OSError as error:
                raise Closed from error

    def send(self, data):
        """All of it; what a socket does not take now it may take later."""
        view = memoryview(data)
        while view:
            try:
                view = view[self.socket.send(view):]
            except (ssl.SSLWantWriteError, BlockingIOError):
                yield OUT, 1
            except ssl.SSLWantReadError:
                yield IN, 1
            except OSError as error:
                raise Closed from error

    def receive(self):
        data = yield from self.retry(self.socket.recv, 65536)
        if not data:
            raise Closed
        self.answers += data

    def rest(self, seconds):
        """Does nothing for a while, but for noticing that it is over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            yield IN, left
            try:
                data = self.socket.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                continue
            except OSError as error:
                raise Closed from error
            if not data:
                raise Closed
            self.answers += data

    def take_answer(self):
        """The next answer that is there as a whole, or None."""
        head, mark, rest = self.answers.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        size = int(length[1]) if length else 0
        if not mark or len(rest) < size:
            return None
        self.answers = rest[size:]
        return int(head.split()[1])

    def read_answer(self):
        while (status := self.take_answer()) is None:
            yield from self.receive()
        self.crew.count(self.kind, str(status))
        return status

    def expect(self, what, status, allowed):
        if status not in allowed:
            self.crew.wrong.append(f"{self.kind}: {what}: {status}")

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


# What follows are the attackers. Each runs until it raises Closed or ends, and then comes again.


def silent(client):
    """Connects and says nothing."""
    yield from client.open()
    client.crew.settle(client)
    yield from client.rest(PATIENCE_S)


def half_handshake(client):
    """Sends a part of a ClientHello, or a whole one and never what must follow."""
    yield from client.open()
    hello = client.crew.hello
    yield from client.send(hello[:(5, 60, len(hello) - 1, len(hello))[client.number % 4]])
    client.crew.settle(client)
    yield from client.rest(PATIENCE_S)


def drip(client, beginning):
    """The beginning of a request, then a byte a second."""
    yield from client.open()
    yield from client.secure()
    yield from client.send(beginning)
    client.crew.settle(client)
    while True:
        yield from client.send(b"a")
        yield from client.rest(1)


def drip_head(client):
    """A head that does not end."""
    yield from drip(client, b"GET /healthz HTTP/1.1\r\nHost: doorward.localhost\r\nX-Slow: ")


def drip_body(client):
    """A body of a mebibyte that takes days."""
    yield from drip(client, b"PUT /mdm/apple/mdm HTTP/1.1\r\nHost: doorward.localhost\r\nContent-Length: 1048576\r\n\r\n")


def keep_alive(client):
    """One request, then idle until nginx has had enough."""
    yield from client.open()
    yield from client.secure()
    yield from client.send(b"GET /healthz HTTP/1.1\r\nHost: doorward.localhost\r\n\r\n")
    client.expect("GET /healthz", (yield from client.read_answer()), (200, 429, 503))
    client.crew.settle(client)
    yield from client.rest(PATIENCE_S)


def slow_reader(client):
    """Asks for much and does not read."""
    yield from client.open(receive_buffer=4096)
    yield from client.secure()
    client.crew.settle(client)
    for _ in range(1000):
        yield from client.send(b"GET /assets/style.css HTTP/1.1\r\nHost: doorward.localhost\r\n\r\n" * 10)
    while True:
        # closed by the server: seen by writing, since nothing is read
        yield from client.send(b"\r\n")
        yield 0, 1


def large_body(client):
    """A body over the limit of its address, said at the head or found on the way; then a pause."""
    for _ in range(1000):
        (path, limit), is_announced = next(client.crew.large)
        head = f"POST {path} HTTP/1.1\r\nHost: doorward.localhost\r\n".encode()
        yield from client.open()
        yield from client.secure()
        client.crew.settle(client)
        try:
            if is_announced:
                yield from client.send(head + b"Content-Length: %d\r\n\r\n" % (limit + 1) + bytes(4096))
            else:
                yield from client.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
                for _ in range(limit // 16384 + 2):
                    yield from client.send(b"4000\r\n" + bytes(16384) + b"\r\n")
            client.expect(path, (yield from client.read_answer()), (413,))
        except Closed:
            client.crew.count(client.kind, "closed")
        client.close()
        yield None, 2


def pipeline(client):
    """Many requests in one write: as many answers, in order."""
    for _ in range(1000):
        yield from client.open()
        yield from client.secure()
        client.crew.settle(client)
        client.answers = b""
        yield from client.send(b"GET /healthz HTTP/1.1\r\nHost: doorward.localhost\r\n\r\n" * 50)
        for _ in range(50):
            client.expect("GET /healthz", (yield from client.read_answer()), (200, 429, 503))
        client.close()
        yield None, 2


def smuggler(client):
    """Requests of which two readers could see the end in two places; each carries another request."""
    for _ in range(1000):
        name, data, most = next(client.crew.smuggled)
        yield from client.open()
        yield from client.secure()
        client.crew.settle(client)
        client.answers = b""
        statuses = []
        try:
            yield from client.send(data)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                while (status := client.take_answer()) is not None:
                    statuses.append(status)
                yield from client.rest(0.3)
        except Closed:
            pass
        while (status := client.take_answer()) is not None:
            statuses.append(status)
        client.crew.count(client.kind, "/".join(map(str, statuses)) or "closed")
        if len(statuses) > most:
            client.crew.wrong.append(f"{name}: {statuses}")
        client.crew.answers_by_shape[name] = statuses
        client.close()
        yield None, 1


KINDS = {f.__name__.replace("_", "-"): f for f in (
    silent, half_handshake, drip_head, drip_body, keep_alive, slow_reader, large_body, pipeline, smuggler)}


class Crew:
    """All attackers; runs in a process of its own."""

    def __init__(self, port, counts):
        self.port, self.counts = port, counts
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.tls.set_alpn_protocols(["http/1.1"])
        self.hello = self.make_hello()
        self.random = random.Random(1)
        self.number = itertools.count()
        self.large = itertools.cycle(itertools.product(shapes.LIMITS, (True, False)))
        self.smuggled = itertools.cycle(shapes.SMUGGLED)
        self.tallies = collections.defaultdict(collections.Counter)
        self.wrong = collections.deque(maxlen=MAX_WRONG)
        self.answers_by_shape = {}
        self.most = collections.Counter()
        self.clear()

    def clear(self):
        self.poll = select.epoll()
        self.waiting = {}  # fd → (client, generator, turn)
        self.timers = []  # (when, turn, client, generator)
        self.queue = collections.deque()
        self.opening, self.settled = set(), set()
        self.held = collections.Counter()

    def make_hello(self):
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self.tls.wrap_bio(into, out).do_handshake()
        except ssl.SSLWantReadError:
            pass
        return out.read()

    def next(self):
        return next(self.number)

    def count(self, kind, what):
        self.tallies[kind][what] += 1

    def settle(self, client):
        """This one is where it wants to be."""
        self.opening.discard(client)
        if client in self.settled:
            return
        self.settled.add(client)
        self.held[client.kind] += 1
        self.most[client.kind] = max(self.most[client.kind], self.held[client.kind])

    def begin(self):
        self.clear()
        kinds = [(kind, i) for kind, count in self.counts.items() for i in range(count)]
        self.random.shuffle(kinds)
        for kind, i in kinds:
            self.queue.append(Client(self, kind, i))

    def end(self):
        for client in {c for c, _, _ in self.waiting.values()} | {t[2] for t in self.timers}:
            client.close()
        self.poll.close()
        self.clear()

    def start_next(self):
        while self.queue and len(self.opening) < MAX_OPENING:
            client = self.queue.popleft()
            self.opening.add(client)
            self.count(client.kind, "opened")
            self.advance(client, KINDS[client.kind](client))

    def advance(self, client, generator):
        try:
            events, seconds = next(generator)
        except (Closed, StopIteration, OSError):
            self.lose(client)
            return
        turn = self.next()
        heapq.heappush(self.timers, (time.monotonic() + seconds, turn, client, generator))
        client.turn = turn
        if events is None:
            return
        descriptor = client.socket.fileno()
        try:
            self.poll.modify(descriptor, events | select.EPOLLONESHOT)
        except FileNotFoundError:
            self.poll.register(descriptor, events | select.EPOLLONESHOT)
        self.waiting[descriptor] = (client, generator, turn)

    def lose(self, client):
        """The server closed it, or it has done what it wanted; it comes again a little later."""
        if client in self.settled:
            self.count(client.kind, "ended")
            self.held[client.kind] -= 1
        else:
            self.count(client.kind, "refused")
        self.settled.discard(client)
        self.opening.discard(client)
        client.close()
        again = Client(self, client.kind, client.number)
        again.turn = self.next()
        heapq.heappush(self.timers, (time.monotonic() + self.random.uniform(0.5, 1.5), again.turn, again, None))

    def work(self, seconds):
        """Goes on with everybody for so long."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self.start_next()
            first = self.timers[0][0] if self.timers else end
            for descriptor, _ in self.poll.poll(max(0, min(first, end, now + 0.2) - now), 256):
                client, generator, turn = self.waiting.pop(descriptor, (None, None, None))
                if client is not None and client.turn == turn:
                    client.turn = None
                    self.advance(client, generator)
            self.run_timers()

    def run_timers(self):
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            _, turn, client, generator = heapq.heappop(self.timers)
            if client.turn != turn:
                continue
            client.turn = None
            if generator is None:
                self.queue.append(client)
            else:
                self.advance(client, generator)

    def report(self):
        return {"held": dict(self.held), "most": dict(self.most), "opening": len(self.opening) + len(self.queue),
                "tallies": {kind: dict(tally) for kind, tally in self.tallies.items()}, "wrong": list(self.wrong),
                "shapes": dict(self.answers_by_shape)}


def run(pipe, port, counts, nice):
    """The process: obeys "begin", "end", "report" and "quit" that come through the pipe."""
    os.nice(nice)
    crew = Crew(port, counts)
    running = False
    while True:
        while pipe.poll(None if not running else 0):
            word = pipe.recv()
            if word == "begin":
                crew.begin()
                running = True
            elif word == "end":
                crew.end()
                running = False
            elif word == "quit":
                return
            pipe.send(crew.report())
        crew.work(0.1)
