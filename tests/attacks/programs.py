# SPDX-License-Identifier: LGPL-2.1-or-later
"""The API: tokens that are forged or outlive what they stand for, and pages of other sites that use the cookie."""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import stage as stage_module
from administration import CHIEF, SAME_ORIGIN, SESSION_COOKIE, Visit, ask, attribute, fresh, signed_in
from openid import Jwk, compact, encode
from play import timed
from table import Wrong, attack, begin, control

NONE = "CVE-2015-9235, CVE-2026-23518 (Fleet); alg none"
CONFUSION = "CVE-2016-5431, CVE-2026-23518 (Fleet); key confusion"
HEADERS = "RFC 8725 3.10; CVE-2018-0114"
FLEET = "CVE-2026-24899 (Fleet)"
LIVENESS = "fleet-mender 4-18; RFC 7009 1"
CSRF = "CSRF; Fetch Metadata 2.3, RFC 6454 7.3"
LEAK = "cross-origin reads; CVE-2026-22808 (Fleet)"
REFUSED = "401"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Caller:
    """An administrator with a session and a token of it, as they are."""

    def __init__(self, play):
        self.play = play
        self.email = fresh("caller")
        self.person = signed_in(play, CHIEF, self.email, attribute("FLEET_JIT_USER_ROLE_GLOBAL", "admin"))
        reply, _ = ask(play, self.person, "/api/v1/auth/token", "POST", {}, SAME_ORIGIN)
        if reply.status not in (200, 201):
            raise Wrong(f"no token: {reply.status} {reply.body[:200]}")
        made = json.loads(reply.body)
        self.token = made.get("access_token") or made["token"]
        self.header, self.claims = (json.loads(decode(part)) for part in self.token.split(".")[:2])

    def jwk(self):
        """The public key that signs, as it is published."""
        keys = json.loads(ask(self.play, self.person, "/.well-known/jwks.json")[0].body)["keys"]
        return next(key for key in keys if key["kid"] == self.header["kid"])

    def personal(self):
        """A personal access token."""
        reply, _ = ask(self.play, self.person, "/api/v1/tokens", "POST", {"name": "x", "expires_in": 3600}, SAME_ORIGIN)
        return json.loads(reply.body)["token"]


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def me(play, token):
    """What a program with this token gets."""
    return ask(play, play.person(), headers={"Authorization": f"Bearer {token}"})


def bearer(title, source, **options):
    """A row that makes a token of a caller's; it opens nothing."""
    def add(make):
        def perform(play):
            caller = Caller(play)
            token = make(caller)
            play.baseline = play.watch.counts()
            reply, seconds = me(play, token)
            if reply.status != 401 or b"email" in reply.body:
                raise Wrong(f"{reply.status}: {reply.body[:200]}")
            return reply, seconds
        return attack(title, source, REFUSED, plays=True, judged=True, **options)(perform)
    return add


begin("tokens of sessions")


@control("the token of a session", plays=True, status=200)
def good_token(play):
    caller = Caller(play)
    found = me(play, caller.token)
    if json.loads(found[0].body)["email"] != caller.email:
        raise Wrong("it is somebody else's")
    return found


for word in ("none", "None", "NONE", ""):
    bearer(f"alg {word!r} and no signature", NONE)(
        lambda caller, text=word: compact(dict(caller.header, alg=text), caller.claims, lambda data: b""))
bearer("alg none and the old signature", NONE)(
    lambda caller: compact(dict(caller.header, alg="none"), caller.claims, lambda data: decode(caller.token.split(".")[2])))
bearer("no signature", NONE)(lambda caller: caller.token.rpartition(".")[0] + ".")


def with_hmac(caller, secret):
    return compact(dict(caller.header, alg="HS256"), caller.claims, lambda data: hmac.new(secret, data, hashlib.sha256).digest())


bearer("HS256 with the public key as the secret", CONFUSION)(lambda caller: with_hmac(caller, decode(caller.jwk()["x"])))
bearer("HS256 with the text of the public key as the secret", CONFUSION)(
    lambda caller: with_hmac(caller, caller.jwk()["x"].encode()))


@bearer("HS256 with the public key (PEM) as the secret", CONFUSION)
def hmac_pem(caller):
    key = ed25519.Ed25519PublicKey.from_public_bytes(decode(caller.jwk()["x"]))
    return with_hmac(caller, key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def by_attacker(caller, claims=None, **header):
    """Signed with a key of the attacker's."""
    key = Jwk("OKP", caller.header["kid"])
    made = dict(caller.header, **{n: v(key) if callable(v) else v for n, v in header.items()})
    return compact({n: v for n, v in made.items() if v is not None}, dict(caller.claims, **(claims or {})),
                   lambda data: key.sign("EdDSA", data))


bearer("signed by an attacker under our kid", HEADERS)(by_attacker)
bearer("kid that nobody knows", HEADERS)(lambda caller: by_attacker(caller, kid="other"))
bearer("kid that is a path", HEADERS)(lambda caller: by_attacker(caller, kid="../../../dev/null"))
bearer("kid with SQL", HEADERS)(lambda caller: by_attacker(caller, kid="' OR '1'='1"))
bearer("no kid", HEADERS)(lambda caller: by_attacker(caller, kid=None))
bearer("key of the attacker in jwk", HEADERS)(lambda caller: by_attacker(caller, jwk=lambda key: key.public()))
bearer("address of the attacker's keys in jku", HEADERS)(lambda caller: by_attacker(caller, jku="https://evil.example.test/keys"))
bearer("crit with an extension that nobody knows", "RFC 7515 4.1.11")(lambda caller: by_attacker(caller, crit=["evil"], evil=1))


def changed(**claims):
    """Other claims under the signature of the good token."""
    def make(caller):
        made = {n: v(caller.claims) if callable(v) else v for n, v in claims.items()}
        return compact(caller.header, dict(caller.claims, **made), lambda data: decode(caller.token.split(".")[2]))
    return make


bearer("another audience", FLEET)(changed(aud="https://other.example.test"))
bearer("another issuer", FLEET)(changed(iss="https://other.example.test"))
bearer("another person", FLEET)(changed(sub="00000000-0000-4000-8000-000000000000"))
bearer("a longer life", "RFC 8725 3.1")(changed(exp=lambda old: old["exp"] + 86400))
bearer("over since yesterday", "RFC 7519 4.1.4")(changed(exp=lambda old: int(time.time()) - 86400))
bearer("made tomorrow", "RFC 7519 4.1.6")(changed(iat=lambda old: int(time.time()) + 86400, exp=lambda old: old["exp"] + 86400))


@bearer("ID token of a provider", "confusion of tokens; RFC 8725 3.12")
def id_token(caller):
    provider = caller.play.oidc
    return compact({"alg": "RS256", "kid": "r1", "typ": "JWT"}, provider.claims("n"),
                   lambda data: provider.keys["RSA"].sign("RS256", data))


bearer("cookie of the session as a token", "confusion of tokens")(
    lambda caller: caller.person.cookies[stage_module.SERVER_HOST][SESSION_COOKIE])
bearer("id of the session as a token", "confusion of tokens")(lambda caller: caller.claims["sid"])
bearer("token of 100 KB", "denial of service")(lambda caller: "a" * 20000 + "." + "b" * 5000 + ".c")
bearer("claims nested 1 000 deep", "denial of service")(
    lambda caller: compact(caller.header, '{"a":' * 500 + "1" + "}" * 500, lambda data: bytes(64)))
bearer("JSON serialization", "RFC 7515 7.2")(lambda caller: encode({"payload": "x", "signatures": []}))


begin("tokens whose time is over")


def ended(title, end, kind="token"):
    """A row that ends something; what stood for it opens nothing any more."""
    @attack(title, LIVENESS, REFUSED, plays=True, judged=True)
    def perform(play):
        caller = Caller(play)
        token = caller.token if kind == "token" else caller.personal()
        if me(play, token)[0].status != 200:
            raise Wrong("it was refused before")
        end(caller)
        play.baseline = play.watch.counts()
        reply, seconds = me(play, token)
        if reply.status != 401:
            raise Wrong(f"{reply.status}: {reply.body[:200]}")
        return reply, seconds


def spare_admin(caller):
    """Somebody else who may do everything, so that this one may go."""
    caller.play.stage.doorctl("admin", "add", fresh("spare"), "--role", "admin")


def log_out(caller):
    caller.person.request("POST", caller.play.stage.url + "/admin/logout", {}, SAME_ORIGIN)


def by_doorctl(*words):
    def end(caller):
        spare_admin(caller)
        caller.play.stage.doorctl("admin", words[0], caller.email, *words[1:])
    return end


def anew(caller):
    """The person is deactivated and comes back: what there was stays dead."""
    by_doorctl("deactivate")(caller)
    caller.play.stage.doorctl("admin", "activate", caller.email)


def sign_in_again(caller):
    """The browser signs in as somebody else."""
    visit = Visit(caller.play, account=fresh("other"), person=caller.person)
    visit.enter()


ended("token of a session that was logged out", log_out)
ended("token of a session that was ended by another administrator", by_doorctl("end-sessions"))
ended("token of a deactivated person", by_doorctl("deactivate"))
ended("token of a deactivated person who is active again", anew)
ended("token of a person whose single sign-on was switched off", by_doorctl("set-sso", "off"))
ended("token of a person whose identity was taken away", by_doorctl("unlink"))
ended("token of a person whose roles have changed", by_doorctl("set-role", "observer"))
ended("token of a session that another one has replaced in the browser", sign_in_again)
ended("personal token of a deactivated person", by_doorctl("deactivate"), "personal")
ended("personal token of a deactivated person who is active again", anew, "personal")
ended("personal token of a person whose identity was taken away", by_doorctl("unlink"), "personal")

begin("other sites")
FOREIGN = {
    "no word of where it comes from": {},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed by hand": {"Sec-Fetch-Site": "none"},
    "cross-site, our own Origin": {"Sec-Fetch-Site": "cross-site", "Origin": "{url}"},
    "Origin null": {"Origin": "null"},
    "Origin of another site": {"Origin": "https://evil.example.test"},
    "Origin that begins like ours": {"Origin": "{url}.evil.example.test"},
    "Origin that ends like ours": {"Origin": "https://evil.example.test#{url}"},
    "our Origin without TLS": {"Origin": "http://{host}"},
    "our Origin on another port": {"Origin": "https://{name}:1"},
    "another Host that is the Origin": {"Origin": "https://evil.example.test", "Host": "evil.example.test"},
    "a Referer of ours": {"Referer": "{url}/admin"},
}
# Begin or end a sign-in, or exchange what only a program has: a cookie of a session opens nothing there.
WITHOUT_SESSION = re.compile(r"/api/(v1|latest)/fleet/|/auth/(login|refresh)$|/useradm/")


def changing_routes():
    """Method and address of everything that the session's cookie could change, from the table of addresses."""
    text = (ROOT / "core" / "http" / "door-routes.c").read_text()
    paths = (ROOT / "core" / "base" / "door-paths.h").read_text()
    names = dict(re.findall(r'#define (DOOR_PATH_ADMIN\w*) "([^"]+)"', paths))
    names.update({n: names[base] + rest for n, base, rest in
                  re.findall(r'#define (DOOR_PATH_ADMIN\w*) (DOOR_PATH_ADMIN\w*) "([^"]+)"', paths) if base in names})
    found = []
    for methods, path in re.findall(r"\{ (DOOR_METHOD_[A-Z_| DOR]+), (\"/api/[^\"]+\"|DOOR_PATH_ADMIN\w*),", text):
        path = names.get(path, path.strip('"'))
        for method in re.findall("DOOR_METHOD_([A-Z]+)", methods):
            if method != "GET" and not WITHOUT_SESSION.search(path) and path.startswith(("/api/v1/", "/admin")):
                found.append((method, re.sub(r"\{\w+\}", "x", path)))
    if ("POST", "/admin/logout") not in found or ("POST", "/api/v1/tokens") not in found:
        raise RuntimeError("the table of addresses is not understood")
    return found


def crosses(method, path):
    """A row that sends a change with the cookie, as every kind of other site would."""
    @attack(f"{method} {path} with the cookie, from elsewhere", CSRF, "403", plays=True, judged=True)
    def perform(play):
        caller = Caller(play)
        play.baseline = play.watch.counts()
        slowest, reply = 0.0, None
        for title, headers in FOREIGN.items():
            url = play.stage.url
            host = url.partition("//")[2]
            more = {n: v.format(url=url, host=host, name=host.partition(":")[0]) for n, v in headers.items()}
            form = path.startswith("/admin")
            if method == "DELETE":
                reply, seconds = timed(caller.person.request, method, url + path, None, more)
            else:
                reply, seconds = timed(caller.person.request, method, url + path, {} if form else "{}",
                                       more if form else dict(more, **{"Content-Type": "application/json"}))
            slowest = max(slowest, seconds)
            if reply.status != 403 or (not form and json.loads(reply.body)["code"] != "DW-ADM-ORIGIN"):
                raise Wrong(f"{title}: {reply.status} {reply.body[:200]}")
        if ask(play, caller.person)[0].status != 200:
            raise Wrong("the session is over")
        return reply, slowest


for each in changing_routes():
    crosses(*each)


@control("the same from a page of this server", plays=True, status=201)
def from_here(play):
    return ask(play, Caller(play).person, "/api/v1/tokens", "POST", {"name": "x", "expires_in": 3600}, SAME_ORIGIN)


@attack("changes as a form, as text and by another method", CSRF, "no change", plays=True, judged=True)
def simple_requests(play):
    caller = Caller(play)
    play.baseline = play.watch.counts()
    url, slowest, reply = play.stage.url + "/api/v1/tokens", 0.0, None
    body = json.dumps({"name": "x", "expires_in": 3600})
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        reply, seconds = timed(caller.person.request, "POST", url, body, dict(SAME_ORIGIN, **{"Content-Type": kind}))
        slowest = max(slowest, seconds)
        if not 400 <= reply.status < 500:
            raise Wrong(f"{kind}: {reply.status}")
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        reply, _ = timed(caller.person.request, "GET", url + "?_method=POST&name=x&expires_in=60", None, {name: "POST"})
        if reply.status != 200 or json.loads(reply.body)["tokens"]:
            raise Wrong(f"{name}: {reply.status}")
    return reply, slowest


def read_elsewhere(path):
    """What a script of another site could read, or make a script of."""
    @attack(f"GET {path} from a page of another site", LEAK, "nothing to read", plays=True, judged=True)
    def perform(play):
        caller = Caller(play)
        play.baseline = play.watch.counts()
        slowest, reply = 0.0, None
        for origin in ("https://evil.example.test", "null", play.stage.url + ".evil.example.test"):
            headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
            for target in (path, path + "?callback=steal&jsonp=steal"):
                reply, seconds = ask(play, caller.person, target, headers=headers)
                slowest = max(slowest, seconds)
                check_unreadable(reply)
            reply, _ = ask(play, caller.person, path, "OPTIONS",
                           headers=dict(headers, **{"Access-Control-Request-Method": "GET"}))
            check_unreadable(reply)
            if reply.status < 400:
                raise Wrong(f"a preflight is answered with {reply.status}")
        return reply, slowest


def check_unreadable(reply):
    allowed = [name for name in reply.headers if name.lower().startswith("access-control-")]
    if allowed:
        raise Wrong(f"{reply.url}: {allowed}")
    if reply.headers.get("Cross-Origin-Resource-Policy") != "same-origin":
        raise Wrong(f"{reply.url}: Cross-Origin-Resource-Policy is {reply.headers.get('Cross-Origin-Resource-Policy')}")
    if reply.body and (not reply.headers.get_content_type().endswith("json") or b"steal" in reply.body or
                       reply.headers.get("X-Content-Type-Options") != "nosniff" or
                       "no-store" not in reply.headers.get("Cache-Control", "")):
        raise Wrong(f"{reply.url}: {reply.headers.items()}")


for each in ("/api/v1/me", "/api/v1/administrators", "/api/v1/tokens", "/api/v1/connections", "/api/v1/people",
             "/api/v1/sign-ins"):
    read_elsewhere(each)
