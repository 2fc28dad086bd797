# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts doorward-dev-idp and plays the browser in front of it, with the standard library alone."""

import base64
import html.parser
import http.client
import pathlib
import selectors
import signal
import socket
import ssl
import subprocess
import urllib.parse
import zlib

HOST = "idp.localhost"
START_TIMEOUT_S = 60


def make_certificate(folder):
    """Makes a TLS key and certificate for HOST in folder; returns (certificate, key)."""
    certificate, key = folder / "tls.crt", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={HOST}",
         "-addext", f"subjectAltName=DNS:{HOST}"],
        check=True, capture_output=True)
    return certificate, key


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.action = None
        self.fields = {}
        self.options = []
        self.tags = []
        self.text = []
        self.button = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input":
            self.fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "option":
            self.options.append(attributes["value"])
            if "selected" in attributes:
                self.fields["fault"] = attributes["value"]

    def handle_data(self, data):
        self.text.append(data)
        if self.tags and self.tags[-1] == "button" and self.button is None:
            self.button = data


class Reply:
    """Status, headers and body of one answer, and what is in its form."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.forms = _Forms()
        if self.headers.get_content_type() == "text/html":
            self.forms.feed(self.body.decode())

    @property
    def text(self):
        return "".join(self.forms.text)

    @property
    def fields(self):
        return self.forms.fields

    def saml_response(self):
        """The XML of the SAMLResponse in the page."""
        return base64.b64decode(self.fields["SAMLResponse"], validate=True)


class Browser:
    """One cookie jar and no more, in front of one identity provider."""

    def __init__(self, port, certificate, address="127.0.0.1"):
        self.address = address
        self.port = port
        self.context = ssl.create_default_context(cafile=str(certificate))
        self.cookie = None

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection(HOST, self.port, context=self.context, timeout=30)
        plain = socket.create_connection((self.address, self.port), timeout=30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = self.context.wrap_socket(plain, server_hostname=HOST)
        headers = dict(headers or {})
        if self.cookie:
            headers["Cookie"] = f"other=1; {self.cookie}"
        try:
            connection.request(method, path, body, headers)
            reply = Reply(connection.getresponse())
        finally:
            connection.close()
        if "Set-Cookie" in reply.headers:
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]
        return reply

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urllib.parse.urlencode(fields), headers)

    def start(self, request, relay_state=None, fault=None):
        """Goes to the identity provider by the Redirect binding."""
        query = {"SAMLRequest": encode_redirect(request)}
        if relay_state is not None:
            query["RelayState"] = relay_state
        if fault is not None:
            query["fault"] = fault
        return self.get("/sso?" + urllib.parse.urlencode(query))

    def fill(self, reply, username, password, fault=None):
        """Fills in and sends the sign-in form of reply."""
        fields = dict(reply.fields, username=username, password=password)
        if fault is not None:
            fields["fault"] = fault
        return self.post(reply.forms.action, fields)

    def sign_in(self, request, username="anna", fault=None):
        """The whole way to the page that leads back to the service."""
        return self.fill(self.start(request), username, username, fault)


class DevIdp:
    """A running doorward-dev-idp; a context manager that stops it."""

    def __init__(self, binary, folder, config, *options):
        self.folder = pathlib.Path(folder)
        self.state_dir = self.folder / "state"
        self.options = options
        self.binary = str(binary)
        self.config = self.folder / "dev-idp.conf"
        self.config.write_text(config)
        self.certificate, self.key = make_certificate(self.folder)
        self.process = None
        self.base_url = None
        self.port = None

    def command(self, *more):
        return [self.binary, "--config", str(self.config), "--tls-certificate", str(self.certificate),
                "--tls-key", str(self.key), "--state-dir", str(self.state_dir), *self.options, *more]

    def __enter__(self):
        listen = () if "--listen" in self.options else ("--listen", "127.0.0.1:0")
        self.process = subprocess.Popen(self.command(*listen), stdout=subprocess.PIPE, text=True)
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(START_TIMEOUT_S)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("ready "):
            self.stop()
            raise RuntimeError(f"doorward-dev-idp did not start: {line!r}")
        self.base_url = line.split()[1]
        self.port = urllib.parse.urlsplit(self.base_url).port
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGTERM):
        """Stops the process by its own id; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=START_TIMEOUT_S)
        self.process.stdout.close()
        return status

    def browser(self, **more):
        return Browser(self.port, self.certificate, **more)


def encode_redirect(xml):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(compressor.compress(xml.encode()) + compressor.flush()).decode()


def encode_post(xml):
    return base64.b64encode(xml.encode()).decode()
