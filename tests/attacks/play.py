# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a row: begins a sign-in as a browser does, lets the row make its answer, posts it and takes the time."""

import base64
import contextlib
import dataclasses
import json
import os
import sqlite3
import time
import typing
import urllib.parse
import zlib

from lxml import etree

import browser
import outgoing
import provider
import stage as stage_module
from table import Watch

ALLOWED_DOMAIN = "example.test"


@dataclasses.dataclass
class Request:
    """What the server has asked, as it stands in the address of the provider."""
    id: str
    acs_url: str
    sp_entity_id: str
    relay_state: str
    location: str


@dataclasses.dataclass
class Post:
    """What is sent instead of an ordinary form with one SAMLResponse and the RelayState."""
    message: typing.Any = None  # (nullable): what becomes SAMLResponse
    body: typing.Optional[str] = None  # instead of everything
    url: typing.Optional[str] = None
    relay_state: typing.Optional[str] = None
    saml_response: typing.Optional[str] = None  # instead of base64 of the message
    headers: typing.Optional[dict] = None
    method: str = "POST"
    person: typing.Optional[browser.Browser] = None


def read_request(location):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
    xml = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
    return Request(xml.get("ID"), xml.get("AssertionConsumerServiceURL"),
                   xml.findtext("saml:Issuer", namespaces=provider.NAMES), query["RelayState"][0], location)


class Play:
    """The stage with its providers; what rows get to work with."""

    def __init__(self, stage, providers, keys):
        self.stage, self.providers, self.keys = stage, providers, keys
        self.watch = Watch(stage)
        self.anchor = stage.folder / "ca.pem"
        self.in_production = self.oidc = None

    def guarded(self):
        """The server in the form of production, which fetches metadata; made when it is first needed."""
        if self.in_production is None:
            self.in_production = outgoing.Guarded(self.stage.build)
        return self.in_production

    def close(self, keep):
        if self.in_production is not None:
            self.in_production.stage.close(keep)

    def person(self):
        """A browser nobody has used."""
        return browser.Browser(self.anchor)

    def begin(self, name="corp", person=None, url=None, **query):
        """Begins a sign-in; gives the browser and the request."""
        person = person or self.person()
        target = f"{url or self.stage.url}/mdm/sso/start?{urllib.parse.urlencode(dict(query, idp=name))}"
        reply = person.request("GET", target)
        if reply.status != 303:
            raise RuntimeError(f"no sign-in begins: {reply.status} at {target}")
        return person, read_request(reply.headers["Location"])

    def message(self, name="corp", person=None, account="anna.chao@example.test", **query):
        """A message for a request that has just been made, with the browser that made it as its .person."""
        person, request = self.begin(name, person, **query)
        return self.make(person, request, name, account)

    def make(self, person, request, name="corp", account="anna.chao@example.test"):
        """A message of a provider for a request."""
        message = provider.Message(self.providers[name], request, account)
        message.person, message.stranger = person, self.keys["stranger"]
        return message

    def only(self, name):
        """The server offers one provider only, for as long as the block runs."""
        return self.stage.configured(replace={"[enrollment]\n": f"[enrollment]\nIdps={name}\n"})

    def shared_message(self, name):
        """A message for a request that names the ACS which all connections share, as the start for scripts does."""
        person = self.person()
        reply = person.request("POST", self.stage.url + "/api/v1/fleet/mdm/sso", "{}",
                               {"Content-Type": "application/json"})
        return self.make(person, read_request(json.loads(reply.body)["url"]), name)

    def expired(self, key):
        """Another certificate of a key, one that ended yesterday; in base64."""
        again = provider.Key(self.stage.folder, "expired", days=-1, private=key.private)
        return again.certificate_b64

    def age(self, table, request_id):
        """Lets the request of this id, or the flow it belongs to, have ended long ago."""
        where = "id = ?" if table == "sign_in_request" else \
            "key_hash = (SELECT flow_hash FROM sign_in_request WHERE id = ?)"
        with contextlib.closing(sqlite3.connect(self.stage.folder / "state" / "doorward.db", timeout=10)) as db:
            changed = db.execute(f"UPDATE {table} SET expires_at = 1000 WHERE {where}", (request_id,)).rowcount
            db.commit()
        if changed != 1:
            raise RuntimeError(f"{changed} rows of {table}")

    def restart(self):
        """Stops and starts the server; its log begins anew."""
        self.stage.restart()

    @contextlib.contextmanager
    def second_server(self):
        """Another process on the same database; gives its address."""
        port = stage_module.free_port()
        config = (self.stage.folder / "doorward.conf").read_text().replace(
            f"Https=127.0.0.1:{self.stage.port};[::1]:{self.stage.port}", f"Https=127.0.0.1:{port};[::1]:{port}")
        target = self.stage.folder / "second.conf"
        target.touch(0o600)
        target.write_text(config)
        runtime = self.stage.folder / "second"
        runtime.mkdir(exist_ok=True)
        words = [str(w) for w in self.stage.common_options()]
        words[words.index("--config") + 1] = str(target)
        server = stage_module.Program([self.stage.build / "core/doorward", *words], self.stage.folder / "second.log",
                                      dict(os.environ, RUNTIME_DIRECTORY=str(runtime)))
        try:
            server.wait_ready()
            yield f"https://{stage_module.SERVER_HOST}:{port}"
        finally:
            server.stop()

    def send(self, message, post):
        """Posts; gives the reply and how long it took."""
        form = {"SAMLResponse": post.saml_response, "RelayState": post.relay_state or message.request.relay_state}
        if post.saml_response is None:
            form["SAMLResponse"] = provider.b64(provider.as_bytes(post.message))
        person = post.person or message.person
        headers = dict(post.headers or {})
        if post.body is not None:
            headers.setdefault("Content-Type", browser.FORM_TYPE)
        body = post.body if post.body is not None else form
        if post.method == "GET":
            body = None
        begun = time.monotonic()
        reply = person.request(post.method, post.url or message.request.acs_url, body, headers)
        return reply, time.monotonic() - begun

    def answer(self, message, made=None):
        """Posts what a row has made: a message, bytes, or a Post."""
        if isinstance(made, Post):
            if made.message is None:
                made.message = message.root
            return self.send(message, made)
        return self.send(message, Post(made if made is not None else message.root))

    def perform(self, row):
        """Makes and sends one row; a row that does it all itself gets the play and gives reply and seconds."""
        if row.options.get("plays"):
            return row.make(self)
        message = self.message(row.options.get("idp", "corp"))
        made = row.make(message)
        return self.answer(message, made.root if isinstance(made, provider.Message) else made)


def timed(call, *arguments, **options):
    """What a call gives, and its seconds."""
    begun = time.monotonic()
    result = call(*arguments, **options)
    return result, time.monotonic() - begun
