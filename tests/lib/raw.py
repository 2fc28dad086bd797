# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests as bytes: what http.client would correct, reorder or refuse goes out as it is."""

import socket
import ssl

MAX_ANSWER_BYTES = 4 * 1024 * 1024


class Answer:
    """status, reason, headers as (name, value) in the order they came, body; status 0: nothing came."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ", 2)
        self.status = int(words[1]) if len(words) > 1 else 0
        self.headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]

    def get(self, name):
        """The only header of that name, None when there is none."""
        found = [value for known, value in self.headers if known.lower() == name.lower()]
        if len(found) > 1:
            raise AssertionError(f"{name} stands there {len(found)} times")
        return found[0] if found else None

    def get_all(self, name):
        return [value for known, value in self.headers if known.lower() == name.lower()]


def exchange(stage, data, port=None, host=None, ca=None, timeout=20):
    """Sends bytes and reads until the server closes the connection or one answer is whole."""
    context = ssl.create_default_context(cafile=str(ca or stage.folder / "ca.pem"))
    plain = socket.create_connection(("127.0.0.1", port or stage.port), timeout=timeout)
    received = b""
    with context.wrap_socket(plain, server_hostname=host or "doorward.localhost") as stream:
        try:
            stream.sendall(data)
            while len(received) < MAX_ANSWER_BYTES and not _is_whole(received, data.startswith(b"HEAD ")):
                more = stream.recv(65536)
                if not more:
                    break
                received += more
        except (ConnectionError, ssl.SSLError):
            pass  # a server may refuse by closing; what it said before counts
    return Answer(received)


def request(stage, method, target, headers, body=b"", **options):
    """One request with these headers in this order and no others."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return exchange(stage, f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body, **options)


def _is_whole(data, head_only):
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    if head_only:
        return True
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return len(body) >= int(value)
    return False
