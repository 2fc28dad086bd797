# SPDX-License-Identifier: LGPL-2.1-or-later
"""Browsers: whose sign-in an answer ends, how often, and where a person is sent."""

import copy
import json
import re
import threading
import urllib.parse

import stage
from play import Post, timed
from provider import Message, as_bytes, b64
from table import ACCEPTED, Wrong, attack, begin, control

COOKIE, SPENT, REPLAY, UNKNOWN = "DW-FLOW-COOKIE", "DW-FLOW-SPENT", "DW-SAML-REPLAY", "DW-FLOW-UNKNOWN"
FLEET_REPLAY = "Fleet PR 53655"
SHARED = "/api/v1/fleet/mdm/sso/callback"
CSRF = "login CSRF; Fleet pentest, rule 18"


def accepted(play, name="corp"):
    """A sign-in that has ended well, with its message."""
    m = play.message(name).signed()
    reply, _ = play.answer(m)
    if reply.status != ACCEPTED:
        raise Wrong(f"the sign-in before it was refused with {reply.status}")
    return m


def after_accepted(title, source, fault, **options):
    """A row that begins after somebody has signed in; what that has stored is none of its business."""
    def add(perform):
        def after(play):
            m = accepted(play)
            play.baseline = play.watch.counts()
            return perform(play, m)
        return attack(title, source, fault, plays=True, **options)(after)
    return add


begin("replay")


@control("another answer of the same browser", plays=True)
def again(play):
    m = accepted(play)
    play.baseline = play.watch.counts()
    return play.answer(play.message(person=m.person).signed())


@after_accepted("same answer, same browser", FLEET_REPLAY, SPENT)
def same_browser(play, m):
    return play.answer(m)


@after_accepted("same answer, no cookie", FLEET_REPLAY, COOKIE)
def no_cookie(play, m):
    return play.send(m, Post(m.root, person=play.person()))


@after_accepted("same answer, browser of somebody else who is signing in", FLEET_REPLAY, COOKIE)
def other_browser(play, m):
    return play.send(m, Post(m.root, person=play.begin()[0]))


@after_accepted("same Assertion for a new request in a new Response", FLEET_REPLAY, "DW-SAML-INRESPONSETO")
def new_wrapper(play, m):
    fresh_one = play.message(person=m.person)
    fresh_one.root.replace(fresh_one.assertion, copy.deepcopy(m.assertion))
    return play.answer(fresh_one)


@after_accepted("same id of the Assertion, signed anew for a new request", FLEET_REPLAY, REPLAY)
def same_id(play, m):
    new = play.message(person=m.person)
    new.assertion.set("ID", m.assertion.get("ID"))
    return play.answer(new.signed())


@after_accepted("second Assertion for a request that was answered", "rule 18", SPENT)
def second_assertion(play, m):
    return play.answer(answer_again(m))


def answer_again(m):
    """Another answer to the same request."""
    new = Message(m.provider, m.request, m.account)
    new.person, new.stranger = m.person, m.stranger
    return new.signed()


@after_accepted("same answer after a restart", FLEET_REPLAY, SPENT)
def after_restart(play, m):
    play.restart()
    return play.answer(m)


@after_accepted("same answer at another server on the same database", FLEET_REPLAY, SPENT)
def other_server(play, m):
    with play.second_server() as url:
        moved = m.request.acs_url.replace(play.stage.url, url)
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in m.person.cookies[stage.SERVER_HOST].items()),
                   "Host": urllib.parse.urlsplit(play.stage.url).netloc}
        return play.send(m, Post(m.root, url=moved, headers=headers))


@attack("a good answer twice at the same moment", "race on single use", SPENT, plays=True)
def twice_at_once(play):
    m = play.message().signed()
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(play.answer(m))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [each for each in replies if each[0].status == ACCEPTED]
    if len(replies) != 4 or len(good) != 1:
        raise Wrong(f"accepted {len(good)} times: {[r.status for r, _ in replies]}")
    play.baseline = play.watch.counts()
    return next(each for each in replies if each[0].status != ACCEPTED)


begin("login forgery")


@control("answer after a restart of the server", plays=True)
def answer_after_restart(play):
    m = play.message().signed()
    play.restart()
    return play.answer(m)


@control("answer with the account that was typed on the device", plays=True)
def typed_account(play):
    return play.answer(play.message(**{"user-identifier": "Anna.Chao@example.test"}).signed())


@attack("somebody else signs in than was typed on the device", "fleet-mender 5.4-2", "DW-ID-MISMATCH", plays=True,
        **{"uses_up": ("replay", "requests spent")})
def other_account(play):
    return play.answer(play.message(account="ben.okafor@example.test",
                                    **{"user-identifier": "anna.chao@example.test"}).signed())


def aged(play, table):
    """A good answer after its request, or the flow of it, has ended."""
    m = play.message().signed()
    play.age(table, m.request.id)
    play.baseline = play.watch.counts()
    return play.answer(m)


@attack("good answer, the request is too old", "rule 18", "DW-FLOW-LATE", plays=True)
def late_request(play):
    return aged(play, "sign_in_request")


@attack("good answer, the visit has ended", "rule 18", "DW-FLOW-EXPIRED", plays=True)
def late_flow(play):
    return aged(play, "flow")


@attack("answer for the attacker posted by the browser of the victim, who has no cookie", CSRF, COOKIE)
def victim_without_cookie(m):
    return Post(m.signed().root, headers={"Cookie": "other=1"})


@attack("answer for the attacker posted by a victim who is signing in", CSRF, COOKIE, plays=True)
def victim_with_cookie(play):
    m = play.message().signed()
    victim, _ = play.begin()
    return play.send(m, Post(m.root, person=victim))


@attack("answer for the attacker with the victim's RelayState", CSRF, UNKNOWN, plays=True)
def victim_relay_state(play):
    m = play.message().signed()
    victim, request = play.begin()
    return play.send(m, Post(m.root, person=victim, relay_state=request.relay_state))


@attack("cookie of another flow", CSRF, COOKIE)
def wrong_cookie(m):
    m.signed()
    return Post(m.root, headers={"Cookie": "__Host-dw_flow=" + "a" * 43})


@attack("cookie twice, a good and a strange one", "cookie tossing", "DW-SAML-FORM", recorded=False)
def two_cookies(m):
    m.signed()
    good = m.person.cookies[stage.SERVER_HOST]["__Host-dw_flow"]
    return Post(m.root, headers={"Cookie": f"__Host-dw_flow={'a' * 43}; __Host-dw_flow={good}"})


@attack("cookie under a name without the prefix", "cookie tossing", COOKIE)
def cookie_without_prefix(m):
    m.signed()
    good = m.person.cookies[stage.SERVER_HOST]["__Host-dw_flow"]
    return Post(m.root, headers={"Cookie": f"dw_flow={good}; __host-dw_flow={good}"})


@attack("RelayState missing", "rule 22", UNKNOWN)
def no_relay_state(m):
    return Post(body=urllib.parse.urlencode({"SAMLResponse": b64(as_bytes(m.signed().root))}))


@attack("RelayState is an address", "open redirect; rule 22", UNKNOWN)
def relay_state_url(m):
    return Post(m.signed().root, relay_state="https://evil.example.test/")


@attack("RelayState of 80 KB", "denial of service", UNKNOWN)
def long_relay_state(m):
    return Post(m.signed().root, relay_state="r" * 80000)


@attack("RelayState of an expired or unknown request", "rule 18", UNKNOWN)
def unknown_relay_state(m):
    return Post(m.signed().root, relay_state="A" * len(m.request.relay_state))


@attack("RelayState with SQL", "injection", UNKNOWN)
def relay_state_sql(m):
    return Post(m.signed().root, relay_state="' OR '1'='1")


begin("mix-up")


@control("shared ACS, the request named it", plays=True)
def shared(play):
    with play.only("corp"):
        play.baseline = play.watch.counts()
        return play.answer(play.shared_message("corp").signed())


@attack("Response of the shared ACS posted to the connection", "rule 18", "DW-SAML-RECIPIENT", plays=True)
def from_shared(play):
    with play.only("corp"):
        m = play.shared_message("corp").signed()
        return play.send(m, Post(m.root, url=play.stage.url + "/saml/corp/acs"))


@attack("request with the ACS of the connection, everything else for the shared ACS", "rule 18", "DW-SAML-RECIPIENT",
        plays=True, reason="another ACS")
def shared_by_provider(play):
    person, request = play.begin()
    moved = copy.copy(request)
    moved.acs_url = play.stage.url + SHARED
    m = play.make(person, moved)
    return play.answer(m.signed())


@attack("answer of a provider for the request to another, at that one's ACS", "CVE-2026-49284; mix-up",
        "DW-SAML-INRESPONSETO", plays=True)
def other_acs(play):
    m = play.message("other").signed()
    return play.send(m, Post(m.root, url=m.request.acs_url.replace("/other/", "/corp/")))


def for_request_of(play, asked, answers):
    """The provider that answers signs well, for its own audience and address, an answer to another's request."""
    person, request = play.begin(asked)
    moved = copy.copy(request)
    moved.acs_url = request.acs_url.replace(f"/{asked}/", f"/{answers}/")
    moved.sp_entity_id = request.sp_entity_id.replace(f"/{asked}", f"/{answers}")
    m = Message(play.providers[answers], moved)
    m.person, m.stranger = person, play.keys["stranger"]
    return m


@attack("provider answers the request that another was asked, at its own ACS", "CVE-2026-49284; rule 15",
        "DW-SAML-INRESPONSETO", plays=True)
def answers_for_another(play):
    return play.answer(for_request_of(play, "corp", "second").signed())


@attack("provider answers as another provider of this server", "CVE-2024-37019 (Mender)", "DW-SAML-SIGNATURE",
        plays=True)
def answers_as_another(play):
    m = play.message("corp")
    return play.answer(m.signed(key=play.providers["second"].key))


@attack("answer for a connection posted to the shared ACS", "rule 18", "DW-SAML-RECIPIENT", plays=True)
def at_shared(play):
    m = play.message().signed()
    return play.send(m, Post(m.root, url=play.stage.url + SHARED))


@attack("ACS of a connection that does not exist", "fail closed", "DW-IDP-UNKNOWN", plays=True)
def no_such_connection(play):
    m = play.message().signed()
    return play.send(m, Post(m.root, url=m.request.acs_url.replace("/corp/", "/nobody/")))


@attack("ACS of a connection named ../corp", "path traversal", "DW-HTTP", recorded=False, status=400, plays=True)
def traversal(play):
    m = play.message().signed()
    return play.send(m, Post(m.root, url=m.request.acs_url.replace("/corp/", "/..%2fcorp/")))


@control("same subject at two providers: two people, none taken over (CVE-2024-37019, Mender)", plays=True)
def same_subject(play):
    accepted(play)
    before = play.watch.query("SELECT count(*) FROM person")[0][0]
    issuers = {row[0] for row in play.watch.query("SELECT issuer FROM person_identity")}
    m = play.message("second").signed()
    found = play.answer(m)
    after = play.watch.query("SELECT count(*) FROM person")[0][0]
    if m.provider.entity_id not in issuers and after != before + 1:
        raise Wrong("the person of another provider was taken over")
    rows = play.watch.query("SELECT count(DISTINCT person_id), count(*) FROM person_identity WHERE issuer IN (?, ?)",
                            m.provider.entity_id, play.providers["corp"].entity_id)
    if rows[0][0] != rows[0][1]:
        raise Wrong("two identities have one person")
    return found


begin("forms")


def form(m, *fields):
    """A body of these fields in this order."""
    return Post(body="&".join(f"{n}={urllib.parse.quote(v, safe='')}" for n, v in fields))


def good(m):
    return b64(as_bytes(m.signed().root))


UNREAD = {"recorded": False}


@control("fields in the other order, and one that nobody knows")
def other_order(m):
    return form(m, ("x", "y"), ("RelayState", m.request.relay_state), ("SAMLResponse", good(m)))


@attack("SAMLResponse twice, the good one first", "HTTP parameter pollution", "DW-SAML-FORM", **UNREAD)
def response_twice(m):
    return form(m, ("SAMLResponse", good(m)), ("SAMLResponse", b64(b"<x/>")), ("RelayState", m.request.relay_state))


@attack("SAMLResponse twice, the good one last", "HTTP parameter pollution", "DW-SAML-FORM", **UNREAD)
def response_twice_last(m):
    return form(m, ("SAMLResponse", b64(b"<x/>")), ("SAMLResponse", good(m)), ("RelayState", m.request.relay_state))


@attack("RelayState twice", "HTTP parameter pollution", "DW-SAML-FORM", **UNREAD)
def relay_twice(m):
    return form(m, ("SAMLResponse", good(m)), ("RelayState", m.request.relay_state), ("RelayState", "x"))


@attack("SAMLResponse in the query of a POST", "HTTP parameter pollution", "DW-SAML-FORM")
def response_in_query(m):
    value = urllib.parse.quote(good(m), safe="")
    return Post(body=f"RelayState={m.request.relay_state}", url=f"{m.request.acs_url}?SAMLResponse={value}")


@attack("a hundred fields", "denial of service", "DW-SAML-FORM", **UNREAD)
def many_fields(m):
    return form(m, *((f"f{n}", "x") for n in range(100)), ("SAMLResponse", good(m)))


@attack("field name in capital letters", "strict comparison", "DW-SAML-FORM")
def other_case(m):
    return form(m, ("samlresponse", good(m)), ("RelayState", m.request.relay_state))


@attack("escape cut short", "lax form decoding", "DW-SAML-FORM", **UNREAD)
def half_escape(m):
    return Post(body=f"SAMLResponse={urllib.parse.quote(good(m), safe='')}%2&RelayState=x")


@attack("NUL in a field", "lax form decoding", "DW-SAML-FORM", **UNREAD)
def nul_in_field(m):
    return Post(body=f"SAMLResponse={urllib.parse.quote(good(m), safe='')}%00&RelayState=x")


@attack("form as multipart", "two parsers", "DW-SAML-FORM", recorded=False)
def multipart(m):
    value = good(m)
    return Post(body=f'--b\r\nContent-Disposition: form-data; name="SAMLResponse"\r\n\r\n{value}\r\n--b--\r\n',
                headers={"Content-Type": "multipart/form-data; boundary=b"})


@attack("form as text/plain", "two parsers; CSRF", "DW-SAML-FORM", recorded=False)
def text_plain(m):
    return Post(body=f"SAMLResponse={urllib.parse.quote(good(m))}", headers={"Content-Type": "text/plain"})


@attack("form as JSON", "two parsers; CSRF", "DW-SAML-FORM", recorded=False)
def as_json(m):
    return Post(body='{"SAMLResponse": "' + good(m) + '"}', headers={"Content-Type": "application/json"})


@attack("form of 2 MiB", "denial of service; rule 1", "DW-HTTP", recorded=False, status=413)
def large_form(m):
    return Post(body="SAMLResponse=" + "A" * (2 << 20))


@attack("Response by GET", "profiles 4.1.2; rule 2", "DW-HTTP", recorded=False, status=400)
def by_get(m):
    value = urllib.parse.quote(good(m), safe="")
    return Post(method="GET", url=f"{m.request.acs_url}?SAMLResponse={value}&RelayState={m.request.relay_state}")


@attack("Response by PUT", "fail closed", "DW-HTTP", recorded=False, status=405)
def by_put(m):
    return Post(m.signed().root, method="PUT")


@attack("POST that says it is a GET", "method override", "DW-SAML-FORM", recorded=False, status=400)
def override(m):
    value = urllib.parse.quote(good(m), safe="")
    return Post(method="GET", headers={"X-HTTP-Method-Override": "POST"}, url=f"{m.request.acs_url}?SAMLResponse={value}")


@control("head of the request names another host: nothing of it is believed", stores_nothing=False)
def forwarded(m):
    m.signed()
    return Post(m.root, headers={"X-Forwarded-Host": "evil.example.test", "Forwarded": "host=evil.example.test",
                                 "X-Forwarded-For": "192.0.2.1", "X-Original-URL": "/evil"})


begin("redirects")
EVIL = ("https://evil.example.test/", "//evil.example.test/", "/\\evil.example.test/", "\\\\evil.example.test",
        "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
        " https://evil.example.test/", "https:evil.example.test", "/%0d%0aSet-Cookie:%20evil=1",
        "\r\nSet-Cookie: evil=1\r\n", "http://evil.example.test@doorward.localhost/", "////evil.example.test")
PARAMETERS = ("team", "user-identifier", "idp", "again", "RelayState", "return", "relay_url", "next", "url", "TARGET",
              "SAMLRequest", "appru", "login_hint")


def check_answer(play, reply):
    """Leads to the provider that is configured or nowhere, and sets no cookie but ours."""
    location = reply.headers.get("Location", "")
    allowed = tuple(f"{each.entity_id.removesuffix('metadata')}sso?" for each in play.providers.values())
    if location and not location.startswith((*allowed, "/mdm/sso")):
        raise Wrong(f"leads to {location[:200]}")
    if any(not cookie.startswith("__Host-dw_flow=") for cookie in reply.headers.get_all("Set-Cookie", [])):
        raise Wrong("sets a cookie that is not ours")
    for name, value in re.findall(rb'(href|action|src)="([^"]*)"', reply.body):
        if value.lstrip().lower().startswith((b"javascript:", b"data:", b"vbscript:", b"//", b"/\\", b"https://evil")):
            raise Wrong(f"{name} leads to {value[:200]}")
    if b"<script" in reply.body:
        raise Wrong("the page has a script")


def start_row(value, path):
    def perform(play):
        seconds, reply = 0.0, None
        for name in PARAMETERS:
            query = urllib.parse.urlencode({**({} if name == "idp" else {"idp": "corp"}), name: value})
            reply, took = timed(play.person().request, "GET", f"{play.stage.url}{path}?{query}")
            seconds = max(seconds, took)
            check_answer(play, reply)
            if reply.status >= 500:
                raise Wrong(f"{name}: answered with {reply.status}")
        return reply, seconds
    return perform


for evil in EVIL:
    for where in ("/mdm/sso", "/mdm/sso/start"):
        attack(f"{evil!r} as each parameter of {where}".replace("\\\\", "\\"),
               "open redirect, header injection; Fleet InitiateSSO check", "no way out", plays=True, judged=True)(
                   start_row(evil, where))


@attack("addresses in the body of the start for scripts", "Fleet InitiateSSO check", "no way out", plays=True, judged=True)
def json_start(play):
    seconds, reply = 0.0, None
    for evil in EVIL:
        body = json.dumps({"relay_url": evil, "initiator": evil, "url": evil})
        reply, took = timed(play.person().request, "POST", play.stage.url + "/api/v1/fleet/mdm/sso", body,
                            {"Content-Type": "application/json"})
        seconds = max(seconds, took)
        check_answer(play, reply)
        if b"evil" in reply.body or reply.status >= 500:
            raise Wrong(f"{reply.status}: {reply.body[:200]}")
    return reply, seconds


@attack("another Host in the request", "host header injection", "no way out", plays=True, judged=True)
def other_host(play):
    reply, took = timed(play.person().request, "GET", play.stage.url + "/mdm/sso/start?idp=corp", None,
                        {"Host": "evil.example.test", "X-Forwarded-Host": "evil.example.test"})
    check_answer(play, reply)
    if b"evil.example.test" in reply.body or "evil" in str(reply.headers):
        raise Wrong("the name is believed")
    return reply, took


@attack("heads of every answer on the way", "CSP, framing, sniffing, caching; rule 26", "no way out", plays=True, judged=True)
def heads(play):
    m = play.message()
    replies = [play.person().request("GET", play.stage.url + "/mdm/sso"), play.answer(m, b"<x/>")[0]]
    for reply in replies:
        if reply.headers.get("Cache-Control") is None or "no-store" not in reply.headers["Cache-Control"]:
            raise Wrong(f"{reply.url} may be cached")
        if reply.headers.get_content_type() == "text/html":
            policy = reply.headers.get("Content-Security-Policy", "")
            if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
                raise Wrong(f"policy: {policy}")
            if reply.headers.get("X-Content-Type-Options") != "nosniff":
                raise Wrong("no nosniff")
    return play.answer(m, b"<x/>")


@attack("cookie of the flow: attributes", "rule 18", "no way out", plays=True, judged=True)
def cookie_attributes(play):
    reply, took = timed(play.person().request, "GET", play.stage.url + "/mdm/sso")
    cookie = reply.headers["Set-Cookie"]
    for wanted in ("__Host-", "Secure", "HttpOnly", "SameSite=None", "Path=/"):
        if wanted not in cookie:
            raise Wrong(f"{wanted} is missing: {cookie.split('=')[0]}")
    return reply, took

