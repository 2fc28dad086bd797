# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenID Connect behind the sign-in: documents of a provider, its logout messages, its answers to a refresh token."""

import copy
import hashlib
import hmac
import json
import secrets
import time
import urllib.parse

from openid import CLIENT_ID, SECRET, Jwk, compact, encode
from play import timed
from table import Wrong, attack, begin, control
from tokens import Visit

CORE, DISCOVERY = "OIDC Core", "OIDC Discovery 4.3"
LOGOUT = "OIDC Back-Channel Logout 1.0"
ENOUGH_S = 20
EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}
LIVE = "live"
# connections of their own, each with an issuer of its own below the provider's: what is known of one is kept
VARIANTS = {}


class Variant:
    """What one issuer publishes; discovery and keys change the right ones."""

    def __init__(self, name, discovery=None, keys=None, raw=None, status=200):
        self.name, self.change_discovery, self.change_keys, self.raw, self.status = name, discovery, keys, raw, status

    def respond(self, provider, path):
        """Status and value of one request; None where the provider itself answers."""
        issuer = f"{provider.issuer}/{self.name}"
        if path == f"/{self.name}/.well-known/openid-configuration":
            document = json.loads(json.dumps(provider.discovery()).replace(provider.issuer, issuer))
            if self.change_discovery is not None:
                document = self.change_discovery(document) or document
            return self.status, self.raw(document) if self.raw else document
        if path == f"/{self.name}/keys":
            keys = [key.public() for key in provider.keys.values()]
            return 200, {"keys": self.change_keys(provider, keys) if self.change_keys else keys}
        return None

    def group(self, provider, secret_file):
        return provider.group(self.name, secret_file).replace(f"Issuer={provider.issuer}\n",
                                                              f"Issuer={provider.issuer}/{self.name}\n")


def add_variant(**options):
    name = f"d{len(VARIANTS)}"
    VARIANTS[name] = Variant(name, **options)
    return name


def groups(provider, secret_file):
    """The connections' groups for the configuration, and one whose sessions are asked about once a second."""
    live = provider.group(LIVE, secret_file).replace("EmailDomains=example.test\n", "Use=admin\nLivenessCheck=1s\n")
    return live + "".join(v.group(provider, secret_file) for v in VARIANTS.values())


def start(play, name):
    """The answer of the last step of ours before the provider."""
    person = play.person()
    reply, seconds = timed(person.request, "GET", f"{play.stage.url}/mdm/sso/start?idp={name}")
    if reply.status == 303 and not reply.headers["Location"].startswith(play.oidc.issuer):
        reply, seconds = timed(person.request, "GET", urllib.parse.urljoin(play.stage.url, reply.headers["Location"]))
    return reply, seconds


def document(title, source, reason, **options):
    """A row: what a provider publishes, for which nobody is sent there; reason stands in the log."""
    name = add_variant(**options)

    def perform(play):
        begun = len(play.stage.log())
        reply, seconds = start(play, name)
        said = play.stage.log()[begun:]
        if reply.status < 400 or "Location" in reply.headers:
            raise Wrong(f"{reply.status}: somebody is sent to {reply.headers.get('Location')}")
        if reason not in said:
            raise Wrong(f"the server says: {said[-400:]}")
        return reply, seconds
    attack(title, source, "nobody is sent", plays=True, judged=True)(perform)


def entry(name, value):
    """Changes one member of the discovery document; None leaves it out."""
    def change(found):
        found[name] = value(found) if callable(value) else value
        if found[name] is None:
            del found[name]
    return change


begin("discovery documents")
RIGHT = add_variant()


@control("a good document", plays=True, judged=True)
def good_document(play):
    reply, seconds = start(play, RIGHT)
    if reply.status != 303 or not reply.headers["Location"].startswith(f"{play.oidc.issuer}/{RIGHT}/authorize?"):
        raise Wrong(f"{reply.status}: nobody is sent")
    return reply, seconds


document("issuer of another provider", f"{DISCOVERY}; mix-up, RFC 9700 4.4", "issuer is not the one",
         discovery=entry("issuer", "https://accounts.evil.test"))
document("issuer with a slash more", DISCOVERY, "issuer is not the one",
         discovery=entry("issuer", lambda found: found["issuer"] + "/"))
document("no issuer", DISCOVERY, "issuer is missing", discovery=entry("issuer", None))
for there in ("http://login.localhost:9/", "https://127.0.0.1:9/latest/meta-data/", "https://other.localhost:9/x"):
    document(f"redirect to {there}", "SSRF; CVE-2024-46947 (Mender)", "answered 302", status=302,
             discovery=lambda found, there=there: {"location": there})
document("redirect to the document of another issuer", f"{DISCOVERY}; mix-up", "issuer is not the one", status=302,
         discovery=lambda found: {"location": found["issuer"].rpartition("/")[0] + "/.well-known/openid-configuration"})
for place in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
    document(f"{place} without TLS", "RFC 6749 3.1, 3.2", f"{place} is not an https",
             discovery=entry(place, lambda found: found["issuer"].replace("https:", "http:") + "/x"))
for place in ("authorization_endpoint", "end_session_endpoint"):
    document(f"{place} that is a script", "XSS; CVE-2023-0264 class", f"{place} is not an https",
             discovery=entry(place, "javascript:alert(1)"))
document("token endpoint that is a file", "SSRF; CVE-2020-10770 (Keycloak)", "token_endpoint is not an https",
         discovery=entry("token_endpoint", "file:///etc/passwd"))
document("token endpoint with a name and a password", "RFC 3986 3.2.1", "token_endpoint is not an https",
         discovery=entry("token_endpoint", "https://a:b@login.localhost/token"))
document("document of 300 KB", "denial of service", "larger than", raw=lambda found: json.dumps(
    dict(found, filler="a" * 300_000)).encode())
document("document nested 1 000 deep", "denial of service", "discovery document",
         raw=lambda found: b'{"a":' * 1000 + b"1" + b"}" * 1000)
document("member twice", "parser differentials; RFC 8259 4", "same name",
         raw=lambda found: json.dumps(found)[:-1].encode() + b', "token_endpoint": "https://login.localhost/t"}')
document("only none and HMAC sign ID tokens", "RFC 8725 3.1", "no algorithm that is safe",
         discovery=entry("id_token_signing_alg_values_supported", ["none", "HS256"]))
document("no code flow", "RFC 9700 2.1.2", "does not list code", discovery=entry("response_types_supported", ["token"]))
document("PKCE by plain only", "RFC 9700 2.1.1; PKCE downgrade", "does not list S256",
         discovery=entry("code_challenge_methods_supported", ["plain"]))
document("no authentication of clients that we want", "RFC 9700 2.5; downgrade", "lists no method",
         discovery=entry("token_endpoint_auth_methods_supported", ["tls_client_auth"]))

begin("key sets")
NO_KEY = "no key that can be used"


def alone(**changes):
    """The RSA key only, with other members."""
    return lambda provider, keys: [dict(keys[0], **changes)]


document("only a shared key (HMAC)", "CVE-2016-5431; key confusion", NO_KEY,
         keys=lambda provider, keys: [{"kty": "oct", "kid": "r1", "k": encode(SECRET), "alg": "HS256"}])
document("only a private key", "RFC 7517 9.2", NO_KEY, keys=alone(d=encode(bytes(255) + b"\1")))
document("only a key for encryption", "RFC 7517 4.2", NO_KEY, keys=alone(use="enc"))
document("only a key that may not verify", "RFC 7517 4.3", NO_KEY, keys=alone(key_ops=["encrypt"], use="enc"))
document("only RSA of 512 bits", "RFC 7518 3.3", NO_KEY, keys=alone(n=encode(b"\xff" * 64)))
document("65 keys", "denial of service", "too many keys", keys=lambda provider, keys: keys[:1] * 65)
document("key set of 300 KB", "denial of service", "larger than", keys=alone(x="a" * 300_000))
document("no keys", "fail closed", NO_KEY, keys=lambda provider, keys: [])


def signed_under(title, source, fault, keys, make):
    """A row: a token with a key set of its own."""
    name = add_variant(keys=keys)

    def perform(play):
        visit = Visit(play, name)
        visit.claims["iss"] = f"{play.oidc.issuer}/{name}"
        return visit.callback(make(visit), iss=visit.claims["iss"])
    (control(title, plays=True) if fault is None else attack(title, source, fault, plays=True))(perform)


SECOND = Jwk("RSA", "r1")
signed_under("two keys of one id: the second one signs", "control", None,
             lambda provider, keys: [keys[0], SECOND.public()], lambda visit: visit.signed(key=SECOND))
signed_under("two keys of one id: a third one signs", "RFC 7517 4.5", "DW-OIDC-SIGNATURE",
             lambda provider, keys: [keys[0], SECOND.public()], lambda visit: visit.signed(key=visit.provider.stranger))
signed_under("shared key of the same id, and HS256 with it", "CVE-2016-5431; key confusion", "DW-OIDC-ALGORITHM",
             lambda provider, keys: [keys[0], {"kty": "oct", "kid": "r1", "k": encode("known")}],
             lambda visit: compact(dict(visit.header, alg="HS256"), visit.claims,
                                   lambda data: hmac.new(b"known", data, hashlib.sha256).digest()))
signed_under("key for encryption signs", "RFC 7517 4.2", "DW-OIDC-KEY",
             lambda provider, keys: [dict(keys[0], kid="other"), dict(SECOND.public(), use="enc")],
             lambda visit: visit.signed(key=SECOND))

begin("back-channel logout")


def logout_claims(provider):
    now = int(time.time())
    return {"iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8),
            "sub": "subject-of-anna.chao@example.test", "events": copy.deepcopy(EVENTS)}


def post_logout(play, token):
    return timed(play.person().request, "POST", f"{play.stage.url}/oidc/oidc/logout", {"logout_token": token})


def logs_out(title, source, change=None, make=None):
    """A row that changes the claims or makes the token of it; source None: it is accepted."""
    def perform(play):
        claims = logout_claims(play.oidc)
        if change is not None:
            change(claims)
        claims = {n: v for n, v in claims.items() if v is not None}
        key = play.oidc.keys["RSA"]
        token = make(play, claims) if make is not None else compact(
            {"alg": "RS256", "kid": "r1", "typ": "logout+jwt"}, claims, lambda data: key.sign("RS256", data))
        reply, seconds = post_logout(play, token)
        if reply.status != (200 if source is None else 400):
            raise Wrong(f"answered {reply.status}")
        return reply, seconds
    if source is None:
        control(title, plays=True, judged=True)(perform)
    else:
        attack(title, source, "no logout", plays=True, judged=True)(perform)


logs_out("a good token", None)
logs_out("without typ, as most send it", None, make=lambda play, claims: compact(
    {"alg": "RS256", "kid": "r1"}, claims, lambda data: play.oidc.keys["RSA"].sign("RS256", data)))
logs_out("for another client", f"{LOGOUT}, 2.6", lambda c: c.update(aud="other-client"))
logs_out("for nobody", f"{LOGOUT}, 2.6", lambda c: c.update(aud=None))
logs_out("of another issuer", f"{LOGOUT}, 2.6", lambda c: c.update(iss="https://evil.example.test"))
logs_out("without events", f"{LOGOUT}, 2.6; an ID token in its place", lambda c: c.update(events=None))
logs_out("another event", f"{LOGOUT}, 2.6", lambda c: c.update(events={"urn:evil": {}}))
logs_out("event that is no object", f"{LOGOUT}, 2.4", lambda c: c.update(events={n: True for n in EVENTS}))
logs_out("with a nonce", f"{LOGOUT}, 2.4; an ID token in its place", lambda c: c.update(nonce="n"))
logs_out("with a nonce that is null", f"{LOGOUT}, 2.4", lambda c: c.update(nonce=[]))
logs_out("without jti", f"{LOGOUT}, 2.4; replay", lambda c: c.update(jti=None))
logs_out("about nobody and no session", f"{LOGOUT}, 2.6", lambda c: c.update(sub=None))
logs_out("expired", f"{LOGOUT}, 2.6", lambda c: c.update(exp=int(time.time()) - 600))
logs_out("without an end", f"{LOGOUT}, 2.4", lambda c: c.update(exp=None))
logs_out("made in the future", f"{LOGOUT}, 2.6", lambda c: c.update(iat=int(time.time()) + 3600))
logs_out("alg none", "CVE-2015-9235; Back-Channel Logout 1.0, 2.6", make=lambda play, claims: compact(
    {"alg": "none"}, claims, lambda data: b""))
logs_out("HS256 with the client secret", "RFC 8725 3.2", make=lambda play, claims: compact(
    {"alg": "HS256", "kid": "r1"}, claims, lambda data: hmac.new(SECRET.encode(), data, hashlib.sha256).digest()))
logs_out("key of an attacker under the provider's key id", "baseline", make=lambda play, claims: compact(
    {"alg": "RS256", "kid": "r1"}, claims, lambda data: play.oidc.stranger.sign("RS256", data)))
logs_out("typ of another kind of token", "RFC 8725 3.11", make=lambda play, claims: compact(
    {"alg": "RS256", "kid": "r1", "typ": "at+jwt"}, claims, lambda data: play.oidc.keys["RSA"].sign("RS256", data)))


@attack("the same token twice", f"{LOGOUT}, 2.6; replay of jti", "no logout", plays=True, judged=True, uses_up=("replay",))
def logout_again(play):
    key = play.oidc.keys["RSA"]
    token = compact({"alg": "RS256", "kid": "r1"}, logout_claims(play.oidc), lambda data: key.sign("RS256", data))
    if post_logout(play, token)[0].status != 200:
        raise Wrong("the first was refused")
    reply, seconds = post_logout(play, token)
    if reply.status != 400:
        raise Wrong(f"answered {reply.status}")
    return reply, seconds


begin("refresh answers")


class Session(Visit):
    """An administrator's session whose provider gave a refresh token."""

    def __init__(self, play):
        self.play, self.provider, self.person = play, play.oidc, play.person()
        self.refresh = secrets.token_urlsafe(16)
        self.presented, self.answer = [], None
        self.header = {"alg": "RS256", "kid": "r1", "typ": "JWT"}
        reply = self.person.request("GET", f"{play.stage.url}/admin/login?idp={LIVE}")
        if reply.status == 303 and not reply.headers["Location"].startswith(self.provider.issuer):
            reply = self.person.request("GET", urllib.parse.urljoin(play.stage.url, reply.headers["Location"]))
        query = urllib.parse.urlsplit(reply.headers["Location"]).query
        self.query = {n: v[0] for n, v in urllib.parse.parse_qs(query).items()}
        if "offline_access" not in self.query["scope"].split():
            raise Wrong("no refresh token was asked for")
        self.claims = self.provider.claims(self.query["nonce"], f"{self.refresh.lower()}@example.test")
        self.provider.refresh_token, self.provider.refreshed = self.refresh, self.respond
        reply, _ = self.callback(self.signed())
        reply = self.person.request("GET", urllib.parse.urljoin(play.stage.url, reply.headers["Location"]))
        if reply.status != 303:
            raise Wrong(f"no session: {reply.status}")

    def respond(self, presented):
        """What the token endpoint says to a refresh token; only this session's count."""
        if presented != self.refresh:
            return 400, {"error": "invalid_grant"}
        self.presented.append(presented)
        if self.answer is not None:
            return self.answer(self)
        self.refresh = secrets.token_urlsafe(16)
        return 200, {"access_token": "a", "token_type": "Bearer", "refresh_token": self.refresh,
                     "id_token": self.signed(claims=dict(self.claims, iat=int(time.time())))}

    def is_alive(self):
        return self.person.request("GET", f"{self.play.stage.url}/api/v1/me").status == 200

    def wait(self, condition):
        """Uses the session until something is so; whether it came to that."""
        end = time.monotonic() + ENOUGH_S
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.2)
        return False

    def close(self):
        self.provider.refresh_token = self.provider.refreshed = None


def refreshes(title, source, answer=None):
    """A row: what comes for a refresh token; source None: the session goes on."""
    def perform(play):
        session = Session(play)
        play.baseline = play.watch.counts()
        session.answer = answer
        try:
            if source is None:
                times = 2 if answer is None else 1  # after a failure it is left alone for a while
                if not session.wait(lambda: session.is_alive() and len(session.presented) >= times) or \
                        len(set(session.presented)) < times or not session.is_alive():
                    raise Wrong(f"the session has ended, or was not asked about: {len(session.presented)} times")
            elif not session.wait(lambda: not session.is_alive()) or not session.presented:
                raise Wrong("the session goes on")
            if source is not None and play.watch.query("SELECT count(*) FROM admin_session WHERE ended_at <> 0 AND "
                                                       "sealed_refresh <> ''") != [(0,)]:
                raise Wrong("the refresh token is still there")
        finally:
            session.close()
        return None, 0.0
    if source is None:
        control(title, plays=True, judged=True)(perform)
    else:
        attack(title, source, "session ends", plays=True, judged=True)(perform)


def with_token(change=None, make=None):
    """An answer with an ID token that differs from that of the sign-in."""
    def answer(session):
        claims = dict(session.claims, iat=int(time.time()))
        if change is not None:
            change(claims)
        return 200, {"access_token": "a", "token_type": "Bearer",
                     "id_token": make(session, claims) if make else session.signed(claims=claims)}
    return answer


refreshes("good answers, each with the next token", None)
refreshes("no answer that makes sense: the session goes on", None, lambda session: (503, {}))
refreshes("grant revoked", "RFC 6749 5.2", lambda session: (400, {"error": "invalid_grant"}))
refreshes("another person", f"{CORE} 12.2", with_token(lambda c: c.update(sub="subject-of-somebody-else")))
refreshes("another issuer", f"{CORE} 12.2", with_token(lambda c: c.update(iss="https://evil.example.test")))
refreshes("another client", f"{CORE} 12.2", with_token(lambda c: c.update(aud="other-client")))
refreshes("nonce of another sign-in", f"{CORE} 12.2", with_token(lambda c: c.update(nonce="other")))
refreshes("alg none", "CVE-2015-9235; RFC 8725 3.1", with_token(make=lambda session, claims: compact(
    {"alg": "none"}, claims, lambda data: b"")))
refreshes("signed by an attacker", "baseline", with_token(make=lambda session, claims: session.signed(
    key=session.provider.stranger, claims=claims)))
