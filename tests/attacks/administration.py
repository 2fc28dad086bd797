# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sign-ins of administrators, for the rows that attack them: providers, visits, sessions, and what a role row expects."""

import contextlib
import json
import secrets
import sqlite3
import urllib.parse

import stage as stage_module
from play import Post, read_request, timed
from provider import SAML, Key, Message, Provider, parse
from table import Wrong, attack, control

CHIEF, DOMAIN = "chief", "admins.test"
SESSION_COOKIE, FLOW_COOKIE = "__Host-dw_admin", "__Host-dw_flow"
ENTER = "/admin/enter?code="
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
USED = ("replay", "requests spent")  # by an answer that was verified, whatever became of the person
TEAMS = "[team/red]\nId=1\n\n[team/blue]\nId=2\n\n"
CONFIG = "[admin]\nJit=true\n\n" + TEAMS


def make_providers(folder, keys):
    """Providers by which administrators sign in; gives them and their part of the configuration."""
    for name in ("chief", "rival", "twin", "open"):
        keys[name] = Key(folder, name)
    use = "Use=admin\nSignRequests=false"
    made = [Provider(CHIEF, keys["chief"], DOMAIN, use),
            Provider("rival", keys["rival"], f"{DOMAIN};rival.test", use),
            Provider("twin", keys["twin"], "twin.test", use),
            Provider("open", keys["open"], "open.test", use + "\nAllowIdpInitiated=true\nRelayStatePaths=/admin;/admin?tab=1"),
            Provider("dual", keys["chief"], "dual.test", "Use=enrollment;admin\nSignRequests=false")]
    made[2].entity_id = made[0].entity_id
    return {each.name: each for each in made}, CONFIG + "".join(each.group() for each in made)


def attribute(name, *values):
    """An Attribute as it stands in an AttributeStatement."""
    inner = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return parse(f'<x xmlns:saml="{SAML}"><saml:Attribute Name="{name}">{inner}</saml:Attribute></x>')[0]


class Visit:
    """One administrator's sign-in that has begun."""

    def __init__(self, play, name=CHIEF, account=None, person=None, **query):
        self.play, self.name = play, name
        self.person = person or play.person()
        target = f"{play.stage.url}/admin/login?{urllib.parse.urlencode(dict(query, idp=name))}"
        reply = self.person.request("GET", target)
        if reply.status != 303:
            raise Wrong(f"no sign-in begins: {reply.status} at {target}")
        self.request = read_request(reply.headers["Location"])
        domain = play.providers[name].domains.split(";")[0]
        self.message = play.make(self.person, self.request, name)
        self.message.account = self.message.name_id.text = account or f"anna@{domain}"

    def add(self, *attributes):
        """Puts attributes into the message; call it before it is signed."""
        statement = self.message.find(".//saml:AttributeStatement")
        for each in attributes:
            statement.append(each)
        return self

    def answer(self, part="assertion"):
        """Signs and posts; gives reply and seconds."""
        return self.play.answer(self.message.signed(part))

    def enter(self):
        """The whole way; gives the answer of the last hop."""
        reply, _ = self.answer()
        return self.person.request("GET", hop(self.play, reply))


def hop(play, reply):
    """Where an accepted answer leads."""
    location = reply.headers.get("Location", "")
    if reply.status != 303 or not location.startswith(ENTER):
        raise Wrong(f"not accepted: {reply.status} {location} {play.watch.fault(reply.code)}")
    return play.stage.url + location


def signed_in(play, name=CHIEF, account=None, *attributes):
    """A browser with a session."""
    visit = Visit(play, name, account).add(*attributes)
    reply = visit.enter()
    if reply.status != 303 or SESSION_COOKIE not in visit.person.cookies[stage_module.SERVER_HOST]:
        raise Wrong(f"no session: {reply.status}")
    return visit.person


def roles_of(play, email):
    """What somebody may do, as the database has it."""
    return play.watch.query("SELECT team, role FROM administrator_role WHERE administrator_id = (SELECT id FROM administrator"
                            " WHERE email = ?) ORDER BY team", email)


def change(play, sql, *values):
    """Changes rows behind the server's back, as what is not for this suite to do through the front."""
    with contextlib.closing(sqlite3.connect(play.stage.folder / "state" / "doorward.db", timeout=10)) as db:
        if db.execute(sql, values).rowcount < 1:
            raise RuntimeError(f"nothing changed: {sql}")
        db.commit()


def ask(play, person, path="/api/v1/me", method="GET", body=None, headers=None):
    """A request to the API; gives reply and seconds."""
    more = dict({"Accept": "application/json"}, **(headers or {}))
    if body is not None:
        more["Content-Type"] = "application/json"
    return timed(person.request, method, play.stage.url + path, None if body is None else json.dumps(body), more)


def fresh(prefix, domain=DOMAIN):
    """Nobody has had this address yet."""
    return f"{prefix}{secrets.token_hex(6)}@{domain}"


def gets(title, *expected, source=None, make=None):
    """A row whose sign-in is accepted and gives these roles, as (team, role); with a source it is an attack."""
    def add(function):
        def perform(play):
            account = fresh("role")
            visit = Visit(play, account=account)
            made = function(visit)
            found = play.answer(visit.message, made) if made is not None else visit.answer()
            hop(play, found[0])
            if roles_of(play, account) != list(expected):
                raise Wrong(f"the roles are {roles_of(play, account)}")
            return found
        if source is None:
            return control(title, plays=True, status=303)(perform)
        return attack(title, source, "no other role", plays=True, judged=True, uses_up=GROWS)(perform)
    return add if make is None else add(make)


# what an accepted sign-in of somebody new leaves
GROWS = (*USED, "administrator", "administrator_identity", "administrator_role", "admin_handover")


def refused(title, source, fault, **options):
    """A row that changes a visit and may give what is to be posted; the person is refused."""
    def add(function):
        def perform(play):
            visit = Visit(play, account=fresh("role"))
            made = function(visit)
            return play.answer(visit.message, made) if made is not None else visit.answer()
        return attack(title, source, fault, plays=True, **options)(perform)
    return add


def unasked(play, name="open", account=None, url=None):
    """A message that a provider sends of its own accord; for the address of the connection, or another."""
    class Request:
        id = "_none"
        acs_url = url or f"{play.stage.url}/saml/{name}/acs"
        sp_entity_id = f"{play.stage.url}/saml/{name}"
        relay_state = ""
    message = Message(play.providers[name], Request, account or f"anna@{name}.test")
    message.person, message.stranger = play.person(), play.keys["stranger"]
    message.root.attrib.pop("InResponseTo")
    message.confirmation.attrib.pop("InResponseTo")
    return message


def post_unasked(play, message, relay_state, person=None):
    return play.send(message, Post(message.root, relay_state=relay_state, person=person))
