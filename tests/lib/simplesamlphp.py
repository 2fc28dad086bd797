#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs Debian's SimpleSAMLphp as an identity provider on loopback: a second opinion that is not ours.

    with SimpleSamlPhp(folder, users, [ServiceProvider(entity_id, [acs_url])], https=True) as idp:
        ... idp.metadata_url, idp.metadata_file, idp.entity_id ...

Everything it writes is in `folder`: configuration, keys, sessions, logs. PHP's own server speaks plain HTTP; with
`https=True` Debian's nginx terminates TLS in front of it. Needs the packages simplesamlphp, php-cli, openssl and, for
https, nginx. As a program it runs until SIGTERM or SIGINT, after printing `ready METADATA-URL`.
"""

import argparse
import errno
import http.client
import json
import os
import pathlib
import queue
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import typing
import urllib.parse

HOST = "sso.localhost"
PROGRAM_DIR = pathlib.Path("/usr/share/simplesamlphp/www")
TEMPLATE_DIR = pathlib.Path(__file__).resolve().parent / "simplesamlphp"
START_TIMEOUT_S = 30
PORT_TRIES = 20
AES128_CBC = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"


class ServiceProvider(typing.NamedTuple):
    """A service that may ask; with an encryption certificate (PEM) its assertions are encrypted, with one for signing
    its requests must be signed."""
    entity_id: str
    acs_urls: typing.Sequence[str]
    encryption_certificate: typing.Optional[str] = None
    encryption_algorithm: str = AES128_CBC
    signing_certificate: typing.Optional[str] = None


def find_missing(https=True, artifact=False):
    """Returns the Debian packages that have to be installed before this can run."""
    missing = [] if PROGRAM_DIR.is_dir() else ["simplesamlphp"]
    if artifact and not list(pathlib.Path("/etc/php").glob("*/cli/conf.d/*pdo_sqlite.ini")):
        missing.append("php-sqlite3")
    programs = {"php": "php-cli", "openssl": "openssl"}
    if https:
        programs["nginx"] = "nginx"
    return missing + [package for program, package in programs.items() if _find_program(program) is None]


def make_certificate(certificate, key, key_type, name):
    """Makes a key without passphrase and a self-signed certificate for it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *key_type, "-nodes", "-keyout", str(key), "-out", str(certificate),
         "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True)
    os.chmod(key, 0o600)


def _find_program(name):
    # nginx lives in /usr/sbin, which is not in the PATH of ordinary users.
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")


def _open_sockets(port):
    """Listens on one port in both address families; clients differ in what *.localhost is for them."""
    for _ in range(PORT_TRIES):
        first = socket.create_server(("127.0.0.1", port))
        try:
            second = socket.create_server(("::1", first.getsockname()[1]), family=socket.AF_INET6)
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                return [first]
            first.close()
            if port != 0:
                raise
        else:
            return [first, second]
    raise RuntimeError("no port is free in both address families")


def _stop(process):
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=START_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class SimpleSamlPhp:
    """One running SimpleSAMLphp; a context manager that stops it.

    users: {name: {"password": "…", "attributes": {"email": ["…"], …}}}; the attribute email becomes the NameID.
    service_providers: an iterable of ServiceProvider.
    signed: "assertion", "response" or "both".
    tls_certificate, tls_key: for https; made for sso.localhost when not given. ca_file is what clients then trust.
    port: where it listens; 0 lets the system choose.
    artifact: whether it answers by the HTTP-Artifact binding whoever asks for that; needs php-sqlite3.
    """

    def __init__(self, folder, users, service_providers, https=False, tls_certificate=None, tls_key=None,
                 signed="both", port=0, artifact=False):
        if signed not in ("assertion", "response", "both"):
            raise ValueError(f"signed: {signed}")
        if bad := [name for name in users if ":" in name]:
            raise ValueError(f"user names with a colon: {bad}")
        self.folder = pathlib.Path(folder).resolve()
        self.users = users
        self.service_providers = list(service_providers)
        self.https = https
        self.ca_file = pathlib.Path(tls_certificate) if tls_certificate else self.folder / "tls.crt"
        self.tls_key = pathlib.Path(tls_key) if tls_key else self.folder / "tls.key"
        self.signed = signed
        self.port = port
        self.artifact = artifact
        self.config_dir = self.folder / "config"
        self.metadata_file = self.folder / "metadata.xml"
        self.log_file = self.folder / "log" / "simplesamlphp.log"
        self.processes = []
        self.pumps = []

    @property
    def base_url(self):
        return f"{'https' if self.https else 'http'}://{HOST}:{self.port}/"

    @property
    def metadata_url(self):
        return self.base_url + "saml2/idp/metadata.php"

    @property
    def entity_id(self):
        return self.metadata_url

    @property
    def sso_url(self):
        return self.base_url + "saml2/idp/SSOService.php"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts it and waits until its metadata can be fetched, which is also kept in metadata_file."""
        try:
            self._prepare()
            php_port = self._start_php(0 if self.https else self.port)
            if self.https:
                self._start_nginx(php_port)
            else:
                self.port = php_port
            self._write_site()
            self.metadata_file.write_bytes(self._fetch_metadata())
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Stops the processes by their ids; what they wrote stays in the folder."""
        while self.processes:
            _stop(self.processes.pop())
        while self.pumps:
            self.pumps.pop().join()

    def know(self, service_providers):
        """Changes the services that may ask, from the next request on."""
        self.service_providers = list(service_providers)
        self._write_site()

    def _prepare(self):
        if missing := find_missing(self.https, self.artifact):
            raise RuntimeError("please install " + " ".join(missing))
        for name in ("log", "data"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copytree(TEMPLATE_DIR, self.config_dir, dirs_exist_ok=True, ignore=lambda _, names: [
            name for name in names if not (name == "metadata" or name.endswith(".php"))])
        if not (self.config_dir / "idp.key").exists():
            make_certificate(self.config_dir / "idp.crt", self.config_dir / "idp.key", ["rsa:2048"], HOST)
        if self.https and not self.ca_file.exists():
            make_certificate(self.ca_file, self.tls_key, ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], HOST)

    def _write_site(self):
        site = {
            "base_url": self.base_url,
            "entity_id": self.entity_id,
            "https": self.https,
            "signed": self.signed,
            "artifact": self.artifact,
            "log_dir": str(self.folder / "log"),
            "data_dir": str(self.folder / "data"),
            "secret_salt": secrets.token_hex(16),
            "admin_password": secrets.token_hex(16),
            "users": self.users,
            "service_providers": [
                dict(provider._asdict(), encryption_certificate=_strip_pem(provider.encryption_certificate),
                     signing_certificate=_strip_pem(provider.signing_certificate))
                for provider in self.service_providers],
        }
        path = self.config_dir / "site.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(site, indent=2))

    def _start_php(self, port):
        command = [_find_program("php"), "-d", "display_errors=0", "-d", "session.gc_probability=0",
                   "-S", f"127.0.0.1:{port}", "-t", str(PROGRAM_DIR)]
        process = subprocess.Popen(
            command, env=dict(os.environ, SIMPLESAMLPHP_CONFIG_DIR=str(self.config_dir)), cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        ports = queue.Queue()
        pump = threading.Thread(target=_pump, args=(process.stderr, self.folder / "log" / "php.log", ports))
        pump.start()
        self.pumps.append(pump)
        chosen = ports.get(timeout=START_TIMEOUT_S)
        if chosen is None:
            raise RuntimeError(f"PHP did not start, see {self.folder / 'log' / 'php.log'}")
        return chosen

    def _start_nginx(self, php_port):
        sockets = _open_sockets(self.port)
        self.port = sockets[0].getsockname()[1]
        addresses = [f"127.0.0.1:{self.port}", f"[::1]:{self.port}"][:len(sockets)]
        values = {
            "DIR": str(self.folder / "data"),
            "LISTEN": "\n".join(f"    listen {address} ssl;" for address in addresses),
            "CERTIFICATE": str(self.ca_file.resolve()),
            "KEY": str(self.tls_key.resolve()),
            "PHP_PORT": str(php_port),
        }
        text = (TEMPLATE_DIR / "nginx.conf.in").read_text()
        config = self.config_dir / "nginx.conf"
        config.write_text(re.sub("@([A-Z_]+)@", lambda match: values[match[1]], text))
        numbers = [sock.fileno() for sock in sockets]
        # nginx takes over the sockets named in NGINX as it does in an upgrade, so nobody can take the port meanwhile.
        environment = dict(os.environ, NGINX="".join(f"{number};" for number in numbers))
        with open(self.folder / "log" / "nginx.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                [_find_program("nginx"), "-p", str(self.folder), "-c", str(config), "-e", "stderr"],
                env=environment, pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        for sock in sockets:
            sock.close()

    def _fetch_metadata(self):
        connection = open_connection(self.port, self.ca_file if self.https else None)
        try:
            connection.request("GET", urllib.parse.urlsplit(self.metadata_url).path)
            response = connection.getresponse()
            body = response.read()
        except OSError as error:
            raise RuntimeError(f"SimpleSAMLphp does not answer, see {self.folder / 'log'}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(f"no metadata: status {response.status}, see {self.folder / 'log'}")
        return body


def open_connection(port, ca_file=None):
    """An HTTP connection to a server for HOST on loopback, with TLS when ca_file is given."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if ca_file is None:
        connection = http.client.HTTPConnection(HOST, port)
        connection.sock = plain
        return connection
    context = ssl.create_default_context(cafile=str(ca_file))
    connection = http.client.HTTPSConnection(HOST, port, context=context)
    connection.sock = context.wrap_socket(plain, server_hostname=HOST)
    return connection


def _pump(stream, log_file, ports):
    """Copies what PHP says to a log; the first line about it names the port it chose, None says there is none."""
    with stream, open(log_file, "a") as log:
        for line in stream:
            log.write(line)
            log.flush()
            if match := re.search(r"Development Server \(http://127\.0\.0\.1:(\d+)\) started", line):
                ports.put(int(match[1]))
    ports.put(None)


def _strip_pem(pem):
    """Base64 of a PEM certificate alone, as SAML metadata has it."""
    return None if pem is None else re.sub(r"-----[A-Z ]+-----|\s", "", pem)


def parse_arguments():
    """Returns the arguments of the program."""
    parser = argparse.ArgumentParser(description="Run SimpleSAMLphp as an identity provider on loopback.")
    parser.add_argument("--folder", required=True, help="where configuration, keys and logs go")
    parser.add_argument("--user", action="append", required=True, metavar="NAME:PASSWORD:EMAIL")
    parser.add_argument("--sp", action="append", required=True, nargs="+", metavar=("ENTITY-ID", "ACS-URL"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--signed", choices=("assertion", "response", "both"), default="both")
    parser.add_argument("--https", action="store_true")
    parser.add_argument("--tls-certificate")
    parser.add_argument("--tls-key")
    arguments = parser.parse_args()
    if any(user.count(":") < 2 for user in arguments.user):
        parser.error("--user wants NAME:PASSWORD:EMAIL")
    if any(len(provider) < 2 for provider in arguments.sp):
        parser.error("--sp wants an entity id and at least one ACS address")
    return arguments


def main():
    """Runs until a signal says stop."""
    arguments = parse_arguments()
    users = {}
    for text in arguments.user:
        name, rest = text.split(":", 1)
        password, email = rest.rsplit(":", 1)
        users[name] = {"password": password, "attributes": {"uid": [name], "email": [email]}}
    idp = SimpleSamlPhp(
        arguments.folder, users, [ServiceProvider(entity_id, urls) for entity_id, *urls in arguments.sp],
        https=arguments.https, tls_certificate=arguments.tls_certificate, tls_key=arguments.tls_key,
        signed=arguments.signed, port=arguments.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with idp:
        print("ready", idp.metadata_url, flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    main()
