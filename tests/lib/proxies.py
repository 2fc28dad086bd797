# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs Caddy or HAProxy with the example from data/examples on a free loopback port."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "data" / "examples"
PATIENCE_S = 30


def fill(example, values):
    """The text of an example with what every site changes changed; each must stand in it."""
    text = (EXAMPLES / example).read_text()
    for old, new in values.items():
        if old not in text:
            raise RuntimeError(f"{example} does not have: {old}")
        text = text.replace(old, new)
    return text


class Proxy:
    """A proxy as a context manager; classes below say which."""

    name = package = None

    def __init__(self, sockets, host, port, certificate, key):
        self.sockets, self.host, self.port = sockets, host, port
        self.certificate, self.key = pathlib.Path(certificate), pathlib.Path(key)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"doorward-{self.name}-"))
        self.process = None

    @classmethod
    def find(cls):
        return shutil.which(cls.name, path="/usr/bin:/usr/sbin")

    def __enter__(self):
        words, env = self.prepare()
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S).close()
                return self
            except ConnectionRefusedError:
                time.sleep(0.02)
        text = (self.dir / "log").read_text(errors="replace")
        self.__exit__()
        raise RuntimeError(f"{self.name} did not start:\n{text[-2000:]}")

    def __exit__(self, *unused):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        shutil.rmtree(self.dir)


class Caddy(Proxy):
    name = package = "caddy"

    def prepare(self):
        text = fill("Caddyfile", {
            "mdm.example.com {\n": f"https://{self.host}:{self.port} {{\n\tbind 127.0.0.1\n",
            "/etc/ssl/certs/mdm.example.com.pem": str(self.certificate),
            "/etc/ssl/private/mdm.example.com.key": str(self.key),
            "unix//run/doorward/http-0.sock unix//run/doorward/http-1.sock": " ".join(f"unix/{s}" for s in self.sockets),
            # a test's own: nothing is administered, fetched or listened on beside the site
            "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
        })
        (self.dir / "Caddyfile").write_text(text)
        env = {"HOME": str(self.dir), "XDG_DATA_HOME": str(self.dir), "XDG_CONFIG_HOME": str(self.dir), "PATH": "/usr/bin"}
        return [self.find(), "run", "--config", str(self.dir / "Caddyfile"), "--adapter", "caddyfile"], env


class Haproxy(Proxy):
    name = package = "haproxy"

    def prepare(self):
        both = self.dir / "both.pem"
        both.touch(0o600)
        both.write_text(self.certificate.read_text() + self.key.read_text())
        text = fill("haproxy.cfg", {
            "bind :443 ssl crt /etc/haproxy/mdm.example.com.pem": f"bind 127.0.0.1:{self.port} ssl crt {both}",
            "unix@/run/doorward/http-0.sock": f"unix@{self.sockets[0]}",
            "unix@/run/doorward/http-1.sock": f"unix@{self.sockets[1]}",
        })
        (self.dir / "haproxy.cfg").write_text(text)
        return [self.find(), "-db", "-f", str(self.dir / "haproxy.cfg")], None
