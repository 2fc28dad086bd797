# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a private nginx with the packaged site on free loopback ports."""

import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SITE = SOURCE / "data" / "nginx-doorward.conf.in"
CERTIFICATE = SOURCE / "tests" / "data" / "http" / "one.pem"
PATIENCE_S = 20

MAIN = """
daemon off;
master_process on;
worker_processes {workers};
worker_rlimit_nofile {nofile};
{user}
pid {dir}/nginx.pid;
error_log {dir}/error.log info;
events {{ worker_connections {connections}; }}
http {{
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    include {dir}/site.conf;
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find():
    """The nginx program, or None."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def fill_site(values, changes=()):
    """The site with its placeholders filled; changes are (pattern, replacement), each of which must fit."""
    text = re.sub(r"@(\w+)@(?=[\s;$/])", lambda m: values.get(m[1], m[0]), SITE.read_text())
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        assert count > 0, pattern
    return text


class Nginx:
    """A running nginx in front of the given unix sockets."""

    def __init__(self, sockets, changes=(), group=None, server_name="doorward.test", certificate=None, key=None,
                 port=None, workers=1, connections=2048):
        self.certificate = pathlib.Path(certificate or CERTIFICATE)
        self.dir = tempfile.mkdtemp(prefix="doorward-nginx-")
        os.chmod(self.dir, 0o755)
        self.port = port or free_port()
        self.http_port = free_port()
        self.process = None
        root = os.geteuid() == 0
        user = f"user nobody {group or 'nogroup'};" if root else ""
        values = {
            "sockets": "\n    ".join(f"server unix:{path} max_fails=0;" for path in sockets),
            "listen_https": f"listen 127.0.0.1:{self.port} ssl http2;",
            "listen_http": f"listen 127.0.0.1:{self.http_port};",
            "server_name": server_name,
            "certificate": str(self.certificate),
            "certificate_key": str(key or self.certificate),
            "access_log": f"{self.dir}/access.log",
        }
        pathlib.Path(self.dir, "site.conf").write_text(fill_site(values, changes))
        pathlib.Path(self.dir, "nginx.conf").write_text(MAIN.format(
            dir=self.dir, user=user, workers=workers, connections=connections, nofile=2 * connections))

    def command(self, *more):
        return [find(), "-p", self.dir, "-c", f"{self.dir}/nginx.conf", "-e", f"{self.dir}/error.log", *more]

    def test(self):
        """What nginx -t says."""
        return subprocess.run(self.command("-t"), capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def __enter__(self):
        self.process = subprocess.Popen(self.command())
        for _ in range(2000):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S).close()
                return self
            except ConnectionRefusedError:
                try:
                    self.process.wait(0.01)
                except subprocess.TimeoutExpired:
                    continue
                break
        self.__exit__()
        raise RuntimeError("nginx did not start")

    def __exit__(self, *unused):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        shutil.rmtree(self.dir)

    def log(self, name):
        return pathlib.Path(self.dir, name).read_text()

    def connect(self):
        """A TLS connection that speaks HTTP/1.1."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False
        context.set_alpn_protocols(["http/1.1"])
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return context.wrap_socket(plain)
