# SPDX-License-Identifier: LGPL-2.1-or-later
"""A wire between a client and a unix socket that can be cut, or go silent while both ends still hold it."""

import pathlib
import selectors
import socket
import threading

CHUNK = 65536


class Relay:
    """Listens at front, leads to back; a context manager.

    silence() keeps every connection and passes nothing more, for ever; new ones are silent too until speak().
    cut() ends every connection, and nothing listens until mend().
    """

    def __init__(self, front, back):
        self.front, self.back = pathlib.Path(front), str(back)
        self.lock = threading.Lock()
        self.pairs = {}  # socket: the one it leads to
        self.dumb = set()  # of which nothing is passed any more
        self.is_silent = False
        self.listener = None
        self.selector = selectors.DefaultSelector()
        self.wake, self.woken = socket.socketpair()
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.mend()
        self.thread.start()
        return self

    def __exit__(self, *reason):
        self.ended = True
        self.wake.send(b"x")
        self.thread.join(10)
        self.cut()

    def _run(self):
        while not self.ended:
            for key, _ in self.selector.select(1):
                with self.lock:
                    self._serve(key.fileobj)

    def _serve(self, ready):
        if ready is self.woken:
            ready.recv(1)
        elif ready is self.listener:
            self._accept()
        elif ready in self.pairs and ready not in self.dumb:
            self._pass_on(ready)

    def _accept(self):
        client, _ = self.listener.accept()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.back)
        except OSError:
            client.close()
            return
        self.pairs[client], self.pairs[server] = server, client
        if self.is_silent:
            self.dumb |= {client, server}
            return
        for end in (client, server):
            self.selector.register(end, selectors.EVENT_READ)

    def _pass_on(self, end):
        try:
            data = end.recv(CHUNK)
            if data:
                self.pairs[end].sendall(data)
                return
        except OSError:
            pass
        self._drop(end)

    def _drop(self, end):
        other = self.pairs.pop(end)
        self.pairs.pop(other)
        for one in (end, other):
            if one not in self.dumb:
                self.selector.unregister(one)
            self.dumb.discard(one)
            one.close()

    def silence(self, new_ones_too):
        """new_ones_too: else only what is connected now falls silent, as after a failover or in a NAT that forgot."""
        with self.lock:
            self.is_silent = new_ones_too
            for end in set(self.pairs) - self.dumb:
                self.selector.unregister(end)
                self.dumb.add(end)

    def speak(self):
        """New connections work; those that fell silent stay so."""
        with self.lock:
            self.is_silent = False

    def cut(self):
        with self.lock:
            if self.listener is not None:
                self.selector.unregister(self.listener)
                self.listener.close()
                self.front.unlink()
                self.listener = None
            for end in list(self.pairs):
                if end in self.pairs:
                    self._drop(end)

    def mend(self):
        with self.lock:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.front))
            self.listener.listen(64)
            self.front.chmod(0o777)
            self.selector.register(self.listener, selectors.EVENT_READ)
            self.is_silent = False
