# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stage in the form of production without its proxy: requests go straight to the server's unix sockets."""

import http.client
import itertools
import socket
import threading

import browser
from stage import SERVER_HOST, Stage

TIMEOUT_S = 120


class SocketStage(Stage):
    """The server believes what its sockets' peer says, as it does nginx.

    listen: more lines of [listen]; the other options are those of Stage.
    """

    def __init__(self, build, listen="", **options):
        super().__init__(build, **options)
        self.listen = listen
        self.sockets = [self.folder / f"http-{i}.sock" for i in range(2)]
        self.turn = itertools.cycle(self.sockets)

    def listen_group(self):
        return ("[listen]\nTlsMode=proxy\nIoThreads=2\nSignInsPerMinute=60000\n"
                f"Sockets={';'.join(str(path) for path in self.sockets)}\n{self.listen}")


class UnixConnection(http.client.HTTPConnection):
    """HTTP/1.1 over a unix socket."""

    def __init__(self, path, host, timeout):
        super().__init__(host, timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class SocketBrowser(browser.Browser):
    """Reaches the server through its sockets in turn, everybody else over TLS.

    aside: called with the stage before a request to the server; gives the stage that gets it.
    """

    timeout = TIMEOUT_S

    def __init__(self, stage, aside=lambda stage: stage):
        super().__init__(stage.folder / "ca.pem")
        self.stage, self.aside = stage, aside
        self.lock = threading.Lock()

    def connect(self, url):
        if not url.startswith(self.stage.url + "/"):
            return super().connect(url)
        with self.lock:
            path = next(self.aside(self.stage).turn)
        return UnixConnection(path, f"{SERVER_HOST}:{self.stage.port}", self.timeout)

    def request(self, method, url, body=None, headers=None):
        if url.startswith(self.stage.url + "/"):
            headers = dict(headers or {}, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        return super().request(method, url, body, headers)
