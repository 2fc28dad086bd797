# SPDX-License-Identifier: LGPL-2.1-or-later
"""The way of an administrator's browser: whose sign-in it ends, for which purpose, and where it is sent."""

import copy
import re
import urllib.parse

import stage as stage_module
from administration import (CHIEF, DOMAIN, ENTER, FLOW_COOKIE, GROWS, SESSION_COOKIE, USED, Visit, ask, fresh, hop, post_unasked,
                            signed_in, unasked)
from play import Post, timed
from provider import Message
from table import Wrong, attack, begin, control

CSRF = "login CSRF; RFC 6749 10.12, Fleet pentest"
FIXATION = "session fixation; CWE-384"
MIX_UP = "CVE-2026-49284; mix-up"
PURPOSE = "confusion of purposes; fleet-mender 5.4-1"
REDIRECT = "CWE-601 open redirect; Fleet InitiateSSO check"
UNASKED = "Fleet PR 53655; rule 22"
HANDOVER, SHARED = "DW-ADM-HANDOVER", "/api/v1/fleet/sso/callback"
EVIL = ("//evil.example.test", "\\\\evil.example.test", "/\\evil.example.test", "\\/evil.example.test", "///evil.example.test",
        "https://evil.example.test/", "https:evil.example.test", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
        "data:text/html,x", "%2F%2Fevil.example.test", "%5C%5Cevil.example.test", "/%2f/../..//evil.example.test\\",
        "/\t/evil.example.test", "/admin\r\nLocation: https://evil.example.test",
        "/\u2028evil", "/" + "a" * 2000, "//evil.example.test@admin", "http://[::1]/admin")
UNREAD = {"recorded": False, "plays": True}


def accepted(play):
    """A sign-in up to its last hop: the visit and the address of the hop; what was stored is the row's beginning."""
    visit = Visit(play, account=fresh("enter"))
    target = hop(play, visit.answer()[0])
    play.baseline = play.watch.counts()
    return visit, target


def entering(title, source, **options):
    """A row that tries the last hop of somebody else's sign-in, or one that is none."""
    def add(make):
        def perform(play):
            visit, target = accepted(play)
            person, target, *headers = make(play, visit, target)
            reply, seconds = timed(person.request, "GET", target, None, headers[0] if headers else None)
            if any(SESSION_COOKIE in line for line in reply.headers.get_all("Set-Cookie", [])):
                raise Wrong("a session is given")
            return reply, seconds
        return attack(title, source, HANDOVER, **UNREAD, status=options.get("status", 400))(perform)
    return add


begin("administrators' last hop")


@control("the last hop gives a session", plays=True, status=303)
def good_hop(play):
    visit, target = accepted(play)
    found = timed(visit.person.request, "GET", target)
    if ask(play, visit.person)[0].status != 200:
        raise Wrong("nobody is signed in")
    return found


@entering("the attacker's hop in a browser that never began", CSRF)
def hop_without_flow(play, visit, target):
    return play.person(), target


@entering("the attacker's hop in the browser of a victim who is signing in", CSRF)
def hop_with_other_flow(play, visit, target):
    return Visit(play).person, target


@entering("the attacker's hop in a browser with an enrollment that has begun", CSRF)
def hop_with_enrollment(play, visit, target):
    return play.begin()[0], target


@entering("the victim's hop, seen on the way, in the attacker's browser", "code injection; RFC 9700 4.5")
def stolen_hop(play, visit, target):
    return Visit(play).person, target


@entering("the hop with a cookie of the flow under another name", "cookie tossing")
def tossed(play, visit, target):
    good = visit.person.cookies[stage_module.SERVER_HOST][FLOW_COOKIE]
    return play.person(), target, {"Cookie": f"dw_flow={good}; __host-dw_flow={good}"}


@entering("the hop with the cookie of the flow twice", "cookie tossing")
def two_cookies(play, visit, target):
    good = visit.person.cookies[stage_module.SERVER_HOST][FLOW_COOKIE]
    return play.person(), target, {"Cookie": f"{FLOW_COOKIE}={'a' * 43}; {FLOW_COOKIE}={good}"}


for guess in ("", "x", "' OR '1'='1", "a" * 43, "a" * 20000, "%00", "../../admin"):
    entering(f"a code that is guessed: {guess[:12]!r}", "brute force; rule 18")(
        lambda play, visit, target, text=guess: (
            visit.person, play.stage.url + ENTER + urllib.parse.quote(text, safe="%")))


@entering("no code", "fail closed")
def no_code(play, visit, target):
    return visit.person, play.stage.url + "/admin/enter"


@entering("two codes, the good one last", "HTTP parameter pollution")
def two_codes(play, visit, target):
    return visit.person, target.replace("code=", "code=x&code=")


@entering("RelayState in place of the code", "confusion of tokens")
def relay_state(play, visit, target):
    return visit.person, play.stage.url + ENTER + visit.request.relay_state


@entering("cookie of the flow in place of the code", "confusion of tokens")
def flow_as_code(play, visit, target):
    return visit.person, play.stage.url + ENTER + visit.person.cookies[stage_module.SERVER_HOST][FLOW_COOKIE]


@entering("access token of an enrollment in place of the code", PURPOSE)
def token_as_code(play, visit, target):
    m = play.message("dual", account="anna@dual.test").signed()
    reply, _ = play.answer(m)
    if reply.status != 308:
        raise Wrong(f"the enrollment was refused with {reply.status}")
    play.baseline = play.watch.counts()
    return m.person, play.stage.url + ENTER + reply.headers["Location"].partition("access-token=")[2]


@attack("the same hop again, without the session it gave", "replay", HANDOVER, **UNREAD, status=400)
def hop_again(play):
    visit, target = accepted(play)
    visit.person.request("GET", target)
    visit.person.cookies[stage_module.SERVER_HOST].pop(SESSION_COOKIE)
    play.baseline = play.watch.counts()
    return timed(visit.person.request, "GET", target)


@attack("the same hop after a restart", "replay", HANDOVER, **UNREAD, status=400)
def hop_after_restart(play):
    visit, target = accepted(play)
    visit.person.request("GET", target)
    visit.person.cookies[stage_module.SERVER_HOST].pop(SESSION_COOKIE)
    play.baseline = play.watch.counts()
    play.restart()
    return timed(visit.person.request, "GET", target)


@attack("a session's cookie that was there before", FIXATION, "another session", plays=True, judged=True,
        uses_up=(*GROWS, "admin_session"))
def planted(play):
    visit, target = accepted(play)
    jar = visit.person.cookies[stage_module.SERVER_HOST]
    jar[SESSION_COOKIE] = "a" * 43
    found = timed(visit.person.request, "GET", target)
    attacker = play.person()
    attacker.cookies[stage_module.SERVER_HOST] = {SESSION_COOKIE: "a" * 43}
    if jar[SESSION_COOKIE] == "a" * 43 or ask(play, attacker)[0].status != 401:
        raise Wrong("the planted cookie is a session")
    return found


@attack("the attacker's session in the browser that a victim signs in with", FIXATION, "another session", plays=True, judged=True,
        uses_up=(*GROWS, "admin_session"))
def planted_session(play):
    attacker = signed_in(play, CHIEF, fresh("attacker"))
    own = attacker.cookies[stage_module.SERVER_HOST][SESSION_COOKIE]
    visit, target = accepted(play)
    visit.person.cookies[stage_module.SERVER_HOST][SESSION_COOKIE] = own
    found = timed(visit.person.request, "GET", target)
    reply, _ = ask(play, attacker)
    if reply.status != 401 or visit.person.cookies[stage_module.SERVER_HOST][SESSION_COOKIE] == own:
        raise Wrong("the attacker's session is the victim's")
    return found


@attack("cookie of the session: attributes", "rule 18; CWE-1275", "no way out", plays=True, judged=True,
        uses_up=("admin_session", "admin_handover"))
def attributes(play):
    visit, target = accepted(play)
    found = timed(visit.person.request, "GET", target)
    cookie, = [line for line in found[0].headers.get_all("Set-Cookie") if line.startswith(SESSION_COOKIE)]
    for wanted in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        if not re.search(f"; {wanted}(;|$)", cookie):
            raise Wrong(f"{wanted} is missing")
    if "domain" in cookie.lower():
        raise Wrong("the cookie has a Domain")
    return found


@attack("the code of the last hop in a Referer", "RFC 9700 4.2: leaks by Referer and cache", "no way out", plays=True,
        judged=True, uses_up=("admin_session", "admin_handover"))
def referer(play):
    visit = Visit(play, account=fresh("enter"))
    first, _ = visit.answer()
    play.baseline = play.watch.counts()
    found = timed(visit.person.request, "GET", hop(play, first))
    for reply in (first, found[0]):
        if reply.headers.get("Referrer-Policy") != "no-referrer" or "no-store" not in reply.headers.get("Cache-Control", ""):
            raise Wrong(f"{reply.url}: {reply.headers.get('Referrer-Policy')}, {reply.headers.get('Cache-Control')}")
    return found


begin("administrators' answers")


@attack("answer for the attacker posted by a browser that has not begun", CSRF, "DW-FLOW-COOKIE", plays=True)
def answer_without_cookie(play):
    visit = Visit(play)
    return play.send(visit.message, Post(visit.message.signed().root, person=play.person()))


@attack("answer for the attacker posted by a victim who is signing in", CSRF, "DW-FLOW-COOKIE", plays=True)
def answer_of_another(play):
    visit = Visit(play)
    return play.send(visit.message, Post(visit.message.signed().root, person=Visit(play).person))


@attack("answer for the attacker posted by a victim who has a session", CSRF, "DW-FLOW-COOKIE", plays=True)
def answer_with_session(play):
    victim = signed_in(play, CHIEF, fresh("enter"))
    victim.cookies[stage_module.SERVER_HOST].pop(FLOW_COOKIE)
    visit = Visit(play)
    play.baseline = play.watch.counts()
    return play.send(visit.message, Post(visit.message.signed().root, person=victim))


@attack("answer used twice", "replay", "DW-FLOW-SPENT", plays=True)
def answer_twice(play):
    visit = Visit(play, account=fresh("enter"))
    hop(play, visit.answer()[0])
    play.baseline = play.watch.counts()
    return play.answer(visit.message)


def answered_by(play, asked, answers):
    """The second signs well, for its own audience and address, an answer to a request of the first."""
    visit = Visit(play, asked)
    moved = copy.copy(visit.request)
    moved.acs_url = moved.acs_url.replace(f"/{asked}/", f"/{answers}/")
    moved.sp_entity_id = moved.sp_entity_id.replace(f"/{asked}", f"/{answers}")
    m = Message(play.providers[answers], moved, f"anna@{DOMAIN}")
    m.person, m.stranger = visit.person, play.keys["stranger"]
    return m.signed()


@attack("second provider answers what the first was asked, at its own ACS", MIX_UP, "DW-SAML-INRESPONSETO", plays=True)
def mixed_up(play):
    return play.answer(answered_by(play, CHIEF, "rival"))


@attack("second provider answers what the first was asked, at the first's ACS", MIX_UP, "DW-SAML-SIGNATURE", plays=True)
def at_the_first(play):
    visit = Visit(play)
    return play.answer(visit.message.signed(key=play.keys["rival"]))


@attack("provider of the same entity id answers what the first was asked", MIX_UP, "DW-SAML-SIGNATURE", plays=True)
def twin_at_the_first(play):
    visit = Visit(play)
    return play.answer(visit.message.signed(key=play.keys["twin"]))


@attack("provider for devices answers what one for administrators was asked", MIX_UP, "DW-SAML-INRESPONSETO", plays=True)
def device_provider(play):
    return play.answer(answered_by(play, CHIEF, "corp"))


@attack("answer at the ACS that connections for administrators share", "rule 18", "DW-SAML-RECIPIENT", plays=True)
def at_shared(play):
    visit = Visit(play)
    return play.send(visit.message, Post(visit.message.signed().root, url=play.stage.url + SHARED))


begin("purposes")


@attack("answer for an enrollment, at the ACS that administrators share", PURPOSE, "DW-SAML-RECIPIENT", plays=True)
def enrollment_at_admin(play):
    m = play.message("dual", account="anna@dual.test").signed()
    return play.send(m, Post(m.root, url=play.stage.url + SHARED))


def moved_to(play, m, path):
    """The provider itself has addressed its answer there."""
    url = play.stage.url + path
    m.root.set("Destination", url)
    m.confirmation.set("Recipient", url)
    return play.send(m, Post(m.signed().root, url=url))


@attack("answer for an enrollment that names the ACS that administrators share", PURPOSE, "DW-SAML-RECIPIENT", plays=True)
def enrollment_for_admin(play):
    return moved_to(play, play.message("dual", account="anna@dual.test"), SHARED)


@attack("answer for administration that names the ACS that enrollments share", PURPOSE, "DW-SAML-RECIPIENT", plays=True)
def admin_for_enrollment(play):
    return moved_to(play, Visit(play, "dual").message, "/api/v1/fleet/mdm/sso/callback")


@attack("answer for administration: no access token for a device comes of it", PURPOSE, "no way out", plays=True, judged=True,
        uses_up=GROWS)
def no_token(play):
    before = play.watch.counts()
    visit = Visit(play, "dual")
    found = visit.answer()
    hop(play, found[0])
    after = play.watch.counts()
    if any(after[name] != before[name] for name in ("access_token", "person", "person_identity")):
        raise Wrong("something for a device was stored")
    return found


@attack("answer for an enrollment: no handover comes of it", PURPOSE, "no way out", plays=True, judged=True,
        uses_up=(*USED, "access_token", "person", "person_identity", "person_group"))
def no_handover(play):
    before = play.watch.counts()
    found = play.answer(play.message("dual", account="ben@dual.test").signed())
    after = play.watch.counts()
    if found[0].status != 308 or any(after[name] != before[name] for name in ("admin_handover", "administrator")):
        raise Wrong("an administrator came of it")
    return found


def not_offered(title, path):
    """A start that must not lead to a provider of the other purpose."""
    @attack(title, PURPOSE, "no way out", plays=True, judged=True)
    def perform(play):
        found = timed(play.person().request, "GET", play.stage.url + path)
        if not 400 <= found[0].status < 500 or b"SAMLRequest" in found[0].body:
            raise Wrong(f"{found[0].status} {found[0].headers.get('Location')}")
        return found


not_offered("enrollment by a provider that is for administrators only", f"/mdm/sso/start?idp={CHIEF}")
not_offered("administration by a provider that is for enrollment only", "/admin/login?idp=corp")


begin("answers nobody asked for")


def lands(play, message, relay_state):
    """Where the browser is at the end, and the answer to the post with its seconds."""
    reply, seconds = post_unasked(play, message, relay_state)
    target = hop(play, reply)
    end = message.person.request("GET", target)
    return end.headers.get("Location"), (reply, seconds)


@control("an answer that nobody asked for, where that is allowed, to a path on the list", plays=True, status=303)
def allowed(play):
    where, found = lands(play, unasked(play).signed(), "/admin?tab=1")
    if where != "/admin?tab=1":
        raise Wrong(f"it leads to {where}")
    return found


for evil in (*EVIL, "/admin/logout", "/admin?tab=2", "/ADMIN", "/admin/../x", "/admin%2f..%2f", "/api/v1/me"):
    def ends_at_home(play, text=evil):
        where, found = lands(play, unasked(play).signed(), text)
        if where != "/admin":
            raise Wrong(f"it leads to {where}")
        return found
    attack(f"RelayState {evil[:40]!a}", REDIRECT, "no way out", plays=True, judged=True, uses_up=(*GROWS, "admin_session"))(
        ends_at_home)


@attack("RelayState with a control character", REDIRECT, "DW-SAML-FORM", recorded=False, plays=True, status=400)
def control_character(play):
    return post_unasked(play, unasked(play).signed(), "\x01//evil.example.test")


@attack("the same answer again, another browser", UNASKED, "DW-SAML-REPLAY", plays=True)
def unasked_again(play):
    m = unasked(play).signed()
    hop(play, post_unasked(play, m, "/admin")[0])
    play.baseline = play.watch.counts()
    return post_unasked(play, m, "/admin", play.person())


@attack("the same Assertion in another Response", UNASKED, "DW-SAML-REPLAY", plays=True)
def unasked_wrapped(play):
    m = unasked(play).signed()
    hop(play, post_unasked(play, m, "/admin")[0])
    m.root.set("ID", "_" + "f" * 32)
    play.baseline = play.watch.counts()
    return post_unasked(play, m, "/admin", play.person())


@attack("an answer to a request, without the cookie, as if nobody had asked", UNASKED, "DW-FLOW-UNKNOWN", plays=True)
def solicited(play):
    m = Visit(play, "open").message.signed()
    return play.send(m, Post(m.root, relay_state="/admin", person=play.person()))


@attack("the request is named in the Assertion only", UNASKED, "DW-SAML-INRESPONSETO", plays=True)
def half_solicited(play):
    m = unasked(play)
    m.confirmation.set("InResponseTo", Visit(play, "open").request.id)
    return post_unasked(play, m.signed(), "/admin")


@attack("not signed", UNASKED, "DW-SAML-UNSIGNED", plays=True)
def unasked_unsigned(play):
    return post_unasked(play, unasked(play), "/admin")


@attack("signed by another provider of administrators", MIX_UP, "DW-SAML-SIGNATURE", plays=True)
def unasked_signed_by_another(play):
    return post_unasked(play, unasked(play).signed(key=play.keys["rival"]), "/admin")


@attack("for another audience", "CVE-2022-23600 (Fleet)", "DW-SAML-AUDIENCE", plays=True)
def unasked_audience(play):
    m = unasked(play)
    m.find(".//saml:Audience").text = "https://other.example.test/"
    return post_unasked(play, m.signed(), "/admin")


@attack("to a provider for devices", UNASKED, "DW-FLOW-UNKNOWN", plays=True)
def unasked_enrollment(play):
    return post_unasked(play, unasked(play, "corp", "anna@example.test").signed(), "/admin")


@attack("at the ACS that enrollments share", UNASKED, "DW-FLOW-UNKNOWN", plays=True)
def unasked_shared(play):
    url = play.stage.url + "/api/v1/fleet/mdm/sso/callback"
    return post_unasked(play, unasked(play, url=url).signed(), "/admin")


@attack("where it is not allowed: a sign-in begins here, whatever the RelayState", UNASKED, "no way out", plays=True, judged=True)
def not_allowed(play):
    slowest, reply = 0.0, None
    for evil in EVIL:
        reply, seconds = post_unasked(play, unasked(play, CHIEF, f"anna@{DOMAIN}").signed(), evil)
        slowest = max(slowest, seconds)
        if reply.status != 303 or reply.headers["Location"] != f"/admin/login?idp={CHIEF}":
            raise Wrong(f"{reply.status} {reply.headers.get('Location')}")
    return reply, slowest


begin("where administrators go on")
for evil in EVIL:
    attack(f"return_to {evil[:40]!a}", REDIRECT, "DW-ADM-PATH", status=400, **UNREAD)(
        lambda play, text=evil: timed(play.person().request, "GET", play.stage.url + "/admin/login?" +
                                      urllib.parse.urlencode({"idp": CHIEF, "return_to": text})))
    attack(f"relay_url {evil[:40]!a} of the start for scripts", REDIRECT, "DW-ADM-PATH", status=400, **UNREAD)(
        lambda play, text=evil: ask(play, play.person(), "/api/v1/fleet/sso", "POST", {"relay_url": text}))


@control("return_to is a path of this server", plays=True, status=303)
def good_return(play):
    visit = Visit(play, account=fresh("enter"), return_to="/admin?x=%2F%2Fevil")
    found = visit.answer()
    reply = visit.person.request("GET", hop(play, found[0]))
    if reply.headers["Location"] != "/admin?x=%2F%2Fevil":
        raise Wrong(f"it leads to {reply.headers['Location']}")
    return found
