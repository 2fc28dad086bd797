# SPDX-License-Identifier: LGPL-2.1-or-later
"""A browser without scripts for tests that send by hand what the simulated device does by itself."""

import html.parser
import http.client
import socket
import ssl
import urllib.parse

MAX_HOPS = 12
FORM_TYPE = "application/x-www-form-urlencoded"


class _Page(html.parser.HTMLParser):
    """The first form of a page, its links, and the texts of elements with an id."""

    def __init__(self):
        super().__init__()
        self.action = None
        self.method = "get"
        self.fields = {}
        self.links = {}
        self.texts = {}
        self.link = self.inside = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.inside = attributes.get("id")
        if tag == "form" and self.action is None:
            self.action = attributes.get("action", "")
            self.method = attributes.get("method", "get").lower()
        elif tag in ("input", "select") and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "a" and "href" in attributes:
            self.link = attributes["href"]
            self.links[self.link] = ""
            if self.inside:
                self.texts[self.inside] = self.link

    def handle_endtag(self, tag):
        self.inside = None
        if tag == "a":
            self.link = None

    def handle_data(self, data):
        if self.link is not None:
            self.links[self.link] += data
        elif self.inside:
            self.texts[self.inside] = self.texts.get(self.inside, "") + data


class Reply:
    """One answer: url, status, headers, body, and what is on the page."""

    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers, self.body = url, status, headers, body
        self.page = _Page()
        if headers.get_content_type() == "text/html":
            self.page.feed(body.decode())

    @property
    def code(self):
        """The code for support on an error page."""
        return self.page.texts.get("code")

    @property
    def retry(self):
        """Where "Try again" leads."""
        return self.page.texts.get("try-again")


def connect(url, context, timeout=30):
    """An HTTPS connection to a *.localhost name, wherever that resolves."""
    parts = urllib.parse.urlsplit(url)
    plain = socket.create_connection(("127.0.0.1", parts.port), timeout=timeout)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=timeout)
    connection.sock = context.wrap_socket(plain, server_hostname=parts.hostname)
    return connection


class Browser:
    """Cookies by host, redirects when told."""

    def __init__(self, *anchors):
        self.context = ssl.create_default_context()
        for anchor in anchors:
            self.context.load_verify_locations(str(anchor))
        self.cookies = {}

    def connect(self, url):
        return connect(url, self.context)

    def request(self, method, url, body=None, headers=None):
        """One request, nothing followed."""
        parts = urllib.parse.urlsplit(url)
        jar = self.cookies.setdefault(parts.hostname, {})
        headers = dict({"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
                       **(headers or {}))
        if jar and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            headers.setdefault("Content-Type", FORM_TYPE)
        connection = self.connect(url)
        try:
            connection.request(method, urllib.parse.urlunsplit(("", "", parts.path, parts.query, "")), body, headers)
            answer = connection.getresponse()
            reply = Reply(url, answer.status, answer.headers, answer.read())
        finally:
            connection.close()
        for line in reply.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            jar[name.strip()] = value.strip()
        return reply

    def get(self, url, follow=True):
        reply = self.request("GET", url)
        for _ in range(MAX_HOPS):
            target = urllib.parse.urljoin(reply.url, reply.headers.get("Location", ""))
            if not follow or reply.status not in (301, 302, 303) or not target.startswith("https:"):
                return reply
            reply = self.request("GET", target)
        raise RuntimeError(f"more than {MAX_HOPS} redirects from {url}")

    def submit(self, reply, **fields):
        """Sends the form of a page with some fields filled in; nothing is followed after a POST."""
        url = urllib.parse.urljoin(reply.url, reply.page.action)
        filled = dict(reply.page.fields, **fields)
        if reply.page.method == "post":
            return self.request("POST", url, filled)
        return self.get(f"{url}?{urllib.parse.urlencode(filled)}", follow=False)

    def sign_in(self, reply, user, fault=None):
        """From the sign-in form of the identity provider to the page with the SAMLResponse, not yet posted."""
        more = {"fault": fault} if fault else {}
        for _ in range(MAX_HOPS):
            if "SAMLResponse" in reply.page.fields:
                return reply
            if "password" in reply.page.fields:
                reply = self.submit(reply, username=user, password=user, **more)
            target = reply.headers.get("Location")
            if target:
                reply = self.get(urllib.parse.urljoin(reply.url, target))
        raise RuntimeError(f"no SAMLResponse but {reply.status} from {reply.url}:\n{reply.body.decode()[:600]}")
