# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stage for whole journeys: Doorward and an identity provider on different sites, both private to one folder.

Nothing outside the folder is touched, every server listens on loopback and is stopped by process id.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import databases

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 40
SERVER_HOST = "doorward.localhost"
IDP_HOST = "idp.localhost"
# how GLib writes what the program did not make a line of its own of
RAW_LOG = re.compile(r"\w-(Message|WARNING|CRITICAL|ERROR)( \*\*)?:")


class StageError(Exception):
    """A program of the stage did not do its part; the text has its last words."""


def free_port():
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return probe.getsockname()[1]


def run_openssl(*words, **options):
    subprocess.run(["openssl", *words], check=True, capture_output=True, **options)


def make_ca(folder):
    """A certificate authority in folder/ca.pem and folder/ca.key."""
    run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-days", "2", "-subj", "/CN=Stage CA", "-addext",
                "keyUsage=critical,keyCertSign,cRLSign")


def make_certificate(folder, name, host):
    """A certificate of make_ca()'s authority for host, in folder/NAME.pem and folder/NAME.key."""
    (folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\n"
                                        "basicConstraints=CA:FALSE\n")
    run_openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr", "-subj", f"/CN={host}")
    run_openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.pem", "-CAkey",
                f"{folder}/ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/{name}.ext", "-out",
                f"{folder}/{name}.pem")


class Program:
    """A server that says "ready" on its standard output."""

    def __init__(self, words, log, env=None):
        self.log = pathlib.Path(log)
        self.out = self.log.with_suffix(".out")
        with open(self.out, "ab") as out, open(self.log, "ab") as err:
            self.process = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, env=env)

    def wait_ready(self):
        end = time.monotonic() + START_TIMEOUT_S
        while "ready" not in self.out.read_text():
            if self.process.poll() is not None:
                raise StageError(f"{self.log.name} ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > end:
                self.stop()
                raise StageError(f"{self.log.name} is not ready after {START_TIMEOUT_S} s:\n{self.tail()}")
            time.sleep(0.02)

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def stop(self, with_signal=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StageError(f"{self.log.name} did not stop:\n{self.tail()}") from None


class Stage:
    """Doorward with the development identity provider; a context manager.

    config: extra text for doorward.conf, after what every stage has; replace: {old: new} applied to all of it;
    database: keys of [database] where the test brings its own.
    """

    def __init__(self, build, config="", replace=None, database=None, plugins="sqlite;saml", idp=True):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stage-", dir=self.build / "tests"))
        self.extra, self.replace = config, replace or {}
        self.own_database = databases.choose(self.folder) if database is None else None
        self.database = database or self.own_database.keys
        self.plugins = plugins.replace("sqlite", self.own_database.plugin) if self.own_database else plugins
        self.with_idp = idp
        self.port, self.idp_port = free_port(), free_port()
        self.url = f"https://{SERVER_HOST}:{self.port}"
        self.idp_url = f"https://{IDP_HOST}:{self.idp_port}"
        self.environment = {}  # more of it for the server
        self.server = self.idp = None
        self.kept = False

    def __enter__(self):
        try:
            self.prepare()
            if self.with_idp:
                self.start_idp()
            self.start_server()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *reason):
        self.close(keep=self.kept or reason[0] is not None)

    @contextlib.contextmanager
    def prepared(self):
        """For who has called prepare(): only starts and stops what runs."""
        try:
            if self.with_idp:
                self.start_idp()
            self.start_server()
            yield self
        except BaseException:
            self.kept = True
            raise
        finally:
            self.close(keep=self.kept)

    def prepare(self):
        (self.folder / "state").mkdir(mode=0o700, exist_ok=True)
        make_ca(self.folder)
        make_certificate(self.folder, "server", SERVER_HOST)
        make_certificate(self.folder, "idp", IDP_HOST)
        source = pathlib.Path(__file__).resolve().parents[1] / "dev-idp" / "demo.conf"
        shutil.copy(source, self.folder / "idp.conf")
        (self.folder / "idp").mkdir(mode=0o700)
        run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{self.folder}/idp.sign.key", "-out",
                    f"{self.folder}/idp.sign.pem", "-days", "2", "-subj", "/CN=Stage IdP")
        both = (self.folder / "idp.sign.key").read_text() + (self.folder / "idp.sign.pem").read_text()
        target = self.folder / "idp" / "signing-rsa.pem"
        target.touch(0o600)
        target.write_text(both)
        self.write_config()

    def idp_group(self, name="dev"):
        return (f"[idp/{name}]\nType=saml\nDisplayName=Dev IdP\nEntityId={self.idp_url}/metadata\n"
                f"SsoUrl={self.idp_url}/sso\nCertificates={self.folder}/idp.sign.pem\n")

    def listen_group(self):
        return (f"[listen]\nTlsMode=files\nHttps=127.0.0.1:{self.port};[::1]:{self.port}\n"
                f"TlsCertificate={self.folder}/server.pem\nTlsKey=file:{self.folder}/server.key\n"
                "SignInsPerMinute=6000\n")

    def write_config(self):
        text = (f"[doorward]\nExternalUrl={self.url}\nOrganizationName=Example Corp\n"
                f"SupportEmail=it@example.test\n\n[plugins]\nLoad={self.plugins}\n\n{self.listen_group()}\n"
                f"[database]\n{self.database}\n\n")
        if self.with_idp:
            text += self.idp_group() + "\n"
        text += self.extra.format(stage=self) if self.extra else ""
        for old, new in self.replace.items():
            if old not in text:
                raise StageError(f"nothing to replace: {old}")
            text = text.replace(old, new)
        config = self.folder / "doorward.conf"
        config.write_text(text)
        config.chmod(0o600)

    def start_idp(self):
        self.idp = Program([self.build / "tests/dev-idp/doorward-dev-idp", "--config", self.folder / "idp.conf",
                            "--listen", f"127.0.0.1:{self.idp_port}", "--tls-certificate", self.folder / "idp.pem",
                            "--tls-key", self.folder / "idp.key", "--state-dir", self.folder / "idp"],
                           self.folder / "idp.log")
        self.idp.wait_ready()

    def common_options(self):
        return ["--dev", "--config", self.folder / "doorward.conf", "--state-dir", self.folder / "state",
                "--plugin-dir", self.build / "plugins"]

    def start_server(self):
        (self.folder / "server.out").unlink(missing_ok=True)
        env = dict(os.environ, RUNTIME_DIRECTORY=str(self.folder), **self.environment)
        self.server = Program([self.build / "core/doorward", *self.common_options()], self.folder / "server.log", env)
        self.server.wait_ready()

    def restart(self, with_signal=signal.SIGTERM):
        """Stops the server and starts it again on the same state; gives the exit status of the first."""
        status = self.server.stop(with_signal)
        self.start_server()
        return status

    @contextlib.contextmanager
    def configured(self, config="", replace=None):
        """Another configuration for as long as the block runs, on the same state."""
        before = self.extra, self.replace
        self.extra, self.replace = before[0] + config, dict(before[1], **(replace or {}))
        try:
            self.write_config()
            self.restart()
            yield self
        finally:
            self.extra, self.replace = before
            self.write_config()
            self.restart()

    def lists(self):
        """All devices and people as doorctl shows them, for a comparison before and after."""
        return (self.doorctl_json("device", "list")["devices"], self.doorctl_json("person", "list")["people"])

    def close(self, keep=False):
        failures = []
        for program in (self.server, self.idp):
            if program is not None:
                try:
                    program.stop()
                except StageError as error:
                    failures.append(error)
        if self.own_database is not None:
            self.own_database.drop()
        if keep or failures:
            print(f"# what happened is in {self.folder}")
        else:
            shutil.rmtree(self.folder)
        if failures:
            raise failures[0]

    def sql(self, *statements):
        """Runs statements in one transaction, beside the server."""
        with contextlib.closing(self.own_database.connect()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def rows(self, query):
        """What a query finds in the database of the server, a list of tuples."""
        with contextlib.closing(self.own_database.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor.fetchall()

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def events(self, name):
        """The server's log events of one name, oldest first."""
        found = []
        for line in self.log().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if record.get("DOORWARD_EVENT") == name:
                found.append(record)
        return found

    def doorctl(self, *words, expect=0):
        done = subprocess.run([str(w) for w in (self.build / "core/ctl/doorctl", *words, *self.common_options())],
                              capture_output=True, text=True, timeout=60)
        if expect is not None and done.returncode != expect:
            raise StageError(f"doorctl {words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        if RAW_LOG.search(done.stderr):
            raise StageError(f"doorctl {words} shows what is for developers:\n{done.stderr}")
        return done.stdout

    def doorctl_json(self, *words, expect=0):
        return json.loads(self.doorctl(*words, "--json", expect=expect))

    def sim(self, *words, expect=0, user="anna", account="anna.chao@example.test", timeout=120):
        """Runs the simulated device; gives its JSON report."""
        done = subprocess.run([str(w) for w in (
            self.build / "tests/sim/doorward-sim", "byod", "--server", self.url, "--ca", self.folder / "ca.pem",
            "--profile-ca", self.folder / "state/scep-ca.pem", "--account", account, "--user", user, "--password",
            user, "--json", *words)], capture_output=True, text=True, timeout=timeout)
        if expect is not None and done.returncode != expect:
            raise StageError(f"doorward-sim {words} ended with {done.returncode}:\n{done.stdout}{done.stderr}\n"
                             f"server:\n{self.server.tail()}")
        return json.loads(done.stdout)

    def request(self, method, target, body=None, headers=None, host=SERVER_HOST, port=None):
        """One HTTPS request as it is, nothing followed; gives (status, headers, body)."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        connection = http.client.HTTPSConnection(host, port or self.port, context=context, timeout=30)
        plain = socket.create_connection(("127.0.0.1", port or self.port), timeout=30)
        connection.sock = context.wrap_socket(plain, server_hostname=host)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()
