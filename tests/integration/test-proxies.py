#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example configurations of other proxies, each with whole journeys through it: test-proxies.py BUILD PROXY."""

import base64
import pathlib
import re
import socket
import ssl
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "lib"), str(TESTS / "faults")]

import device  # noqa: E402
import production  # noqa: E402
import proxies  # noqa: E402
import shapes  # noqa: E402
import tap  # noqa: E402
from stage import SERVER_HOST  # noqa: E402

KINDS = {"caddy": proxies.Caddy, "haproxy": proxies.Haproxy}
# of an address that is for documentation only, so it can come from nowhere but these headers
FORGED = "203.0.113.9"
DISCOVERY = "/.well-known/com.apple.remotemanagement?user-identifier=anna.chao%40example.test&model-family=iPhone"


class ProxyStage(production.ProductionStage):
    """A stage with the proxy of this run in front; client certificates would be believed from it."""

    def __init__(self, build, kind):
        super().__init__(build, listen="ClientCertHeader=Client-Cert\n")
        self.kind = kind

    def make_front(self):
        return self.kind([str(s) for s in self.sockets], SERVER_HOST, self.port, self.folder / "server.pem",
                         self.folder / "server.key")


def open_connection(stage, timeout=30):
    context = ssl.create_default_context(cafile=str(stage.folder / "ca.pem"))
    plain = socket.create_connection(("127.0.0.1", stage.port), timeout=timeout)
    return context.wrap_socket(plain, server_hostname=SERVER_HOST)


def ask_raw(stage, data):
    """The status that answers these bytes; None when the connection is cut before they are all sent."""
    with open_connection(stage) as connection:
        try:
            connection.sendall(data)
            return int(connection.makefile("rb").readline().split()[1])
        except OSError:
            return None


def read_statuses(stage, data):
    """The status of every answer to these bytes, until a second has passed without another or the end."""
    seen = b""
    with open_connection(stage, timeout=1) as connection:
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                seen += piece
        except OSError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", seen)]


def count_smuggled(stage):
    return sum(record["MESSAGE"].startswith("DELETE") for record in stage.events("request"))


def test_smuggling(stage):
    """No request reaches the server that the proxy does not know of: one that it knows of is answered to the client.

    Taking what follows a body for the next request of the same client is right, wherever a proxy sees the end of the
    body, as long as the server sees it there too."""
    for name, data, _ in shapes.SMUGGLED:
        before = count_smuggled(stage)
        statuses = read_statuses(stage, data)
        hidden = count_smuggled(stage) - before
        assert hidden <= max(len(statuses) - 1, 0), f"{name}: {hidden} reached the server, answers: {statuses}"
    # the trap works
    before = count_smuggled(stage)
    assert stage.request("DELETE", "/smuggled")[0] == 404
    assert count_smuggled(stage) == before + 1


def test_the_whole_journey(stage):
    report = stage.sim("--renew", "--check-out")
    assert report["outcome"] == "enrolled", report
    shown = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert shown["people"][0]["email"] == "anna.chao@example.test" and shown["people"][0]["end_reason"] == "check-out"


def test_lost_replies(stage):
    assert stage.sim("--misbehave", "lost-replies")["outcome"] in ("as-expected", "enrolled")


def test_the_address_of_the_client_comes_from_the_proxy_alone(stage):
    """With the limit at one sign-in a minute, a second one from "elsewhere" is still the second one from here."""
    forged = {"X-Forwarded-For": FORGED, "Forwarded": f"for={FORGED}", "X-Real-IP": FORGED}
    with stage.configured(replace={"SignInsPerMinute=6000": "SignInsPerMinute=1"}):
        statuses = [stage.request("GET", "/mdm/sso?user-identifier=anna%40example.test", headers=headers)[0]
                    for headers in ({}, forged)]
    assert statuses == [303, 429], statuses


def test_the_host_and_scheme_come_from_the_proxy_alone(stage):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "1"}
    status, headers, body = stage.request("GET", DISCOVERY, headers=forged)
    assert status == 200 and b"evil" not in body, (status, body)
    status, headers, _ = stage.request("GET", "/mdm/sso?user-identifier=anna%40example.test", headers=forged)
    assert status == 303 and "evil" not in headers["Location"] and "Secure" in headers["Set-Cookie"], dict(headers)


def test_a_client_certificate_from_outside_is_not_believed(stage):
    phone = device.Device(stage, "outside").enroll()
    der = device.openssl("x509", "-in", phone.certificate, "-outform", "DER")
    for name in ("Client-Cert", "client-cert", "CLIENT-CERT"):
        header = {name: f":{base64.b64encode(der).decode()}:"}
        assert phone.poll(signature=None, headers=header).status == 403, name
    assert phone.poll().status == 200


def test_limits(stage):
    head = f"PUT /mdm/apple/mdm HTTP/1.1\r\nHost: {SERVER_HOST}\r\nContent-Length: {(1 << 20) + 1}\r\n\r\n"
    # Caddy reads a body to its end before it passes an answer on, HAProxy answers at once and reads no more
    size = (1 << 20) + 1 if stage.kind is proxies.Caddy else 100000
    assert ask_raw(stage, head.encode() + bytes(size)) == 413
    # who is cut while sending may not get to see the answer
    status = ask_raw(stage, f"GET / HTTP/1.1\r\nHost: {SERVER_HOST}\r\nX-A: {'a' * 100000}\r\n\r\n".encode())
    assert status in (400, 431, None), status
    status, headers, _ = stage.request("GET", "/healthz", headers={"Range": "bytes=0-0"})
    assert status == 200 and re.match(r"max-age=\d{7,}", headers["Strict-Transport-Security"]), (status, dict(headers))


def test_a_stopped_server_is_a_503_with_a_time(stage):
    stage.server.stop()
    status, headers, _ = stage.request("GET", "/healthz")
    assert status == 503 and headers["Retry-After"], (status, dict(headers))
    stage.start_server()
    assert stage.request("GET", "/healthz")[0] == 200


if __name__ == "__main__":
    the_kind = KINDS[sys.argv.pop(2)]
    if the_kind.find() is None:
        print(f"1..0 # SKIP {the_kind.name} is not installed (Debian package {the_kind.package})")
        sys.exit(0)
    sys.exit(tap.run_on_stage(ProxyStage(sys.argv[1], the_kind), sys.modules[__name__]))
