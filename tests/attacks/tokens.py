# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenID Connect: tokens that are wrong in one thing, and answers that belong to somebody else's request."""

import hashlib
import hmac
import json
import time
import urllib.parse

from openid import CLIENT_ID, SECRET, compact, encode
from play import timed
from table import ACCEPTED, Wrong, attack, begin, control

TOKEN, ALGORITHM, KEY, SIGNATURE = "DW-OIDC-TOKEN", "DW-OIDC-ALGORITHM", "DW-OIDC-KEY", "DW-OIDC-SIGNATURE"
ISSUER, AUDIENCE, EARLY, LATE = "DW-OIDC-ISSUER", "DW-OIDC-AUDIENCE", "DW-OIDC-EARLY", "DW-OIDC-LATE"
NONCE, SUBJECT, ANSWER = "DW-OIDC-NONCE", "DW-OIDC-SUBJECT", "DW-OIDC-ANSWER"
NONE = "CVE-2015-9235, CVE-2026-23518 (Fleet); alg none"
CONFUSION = "CVE-2016-5431, CVE-2026-23518 (Fleet); key confusion"
FLEET = "CVE-2026-24899 (Fleet)"
HEADERS = "RFC 8725 3.10; CVE-2018-0114"


class Visit:
    """One sign-in that has begun: the browser, what was asked, and the right claims for it."""

    def __init__(self, play, name="oidc"):
        self.play, self.provider = play, play.oidc
        self.person = play.person()
        reply = self.person.request("GET", f"{play.stage.url}/mdm/sso/start?idp={name}")
        if reply.status == 303 and not reply.headers["Location"].startswith(self.provider.issuer):
            reply = self.person.request("GET", urllib.parse.urljoin(play.stage.url, reply.headers["Location"]))
        if reply.status != 303:
            raise Wrong(f"no sign-in begins: {reply.status} at {reply.url}")
        query = urllib.parse.urlsplit(reply.headers["Location"]).query
        self.query = {n: v[0] for n, v in urllib.parse.parse_qs(query).items()}
        self.claims = self.provider.claims(self.query["nonce"])
        self.header = {"alg": "RS256", "kid": "r1", "typ": "JWT"}

    def signed(self, kind="RSA", algorithm="RS256", key=None, claims=None):
        """The token, signed by one of the provider's keys."""
        key = key or self.provider.keys[kind]
        header = dict(self.header, alg=algorithm, kid=self.header.get("kid") if kind == "RSA" else key.kid)
        return compact(header, self.claims if claims is None else claims, lambda data: key.sign(algorithm, data))

    def callback(self, token, person=None, **more):
        """The browser comes back; gives the reply and how long it took. more: other parameters, None leaves one out."""
        self.provider.token = token
        query = dict({"code": "code-" + self.query["state"][:8], "state": self.query["state"],
                      "iss": self.provider.issuer}, **more)
        query = urllib.parse.urlencode({n: v for n, v in query.items() if v is not None}, doseq=True)
        return timed((person or self.person).request, "GET", f"{self.query['redirect_uri']}?{query}")


def token(title, source, fault, **options):
    """A row that makes the token of a visit."""
    def add(make):
        def perform(play):
            visit = Visit(play)
            return visit.callback(make(visit))
        return attack(title, source, fault, plays=True, **options)(perform)
    return add


def claims(title, source, fault, change):
    """A row that changes the claims before the provider signs them."""
    @token(title, source, fault)
    def perform(visit):
        made = dict(visit.claims)
        change(made, visit)
        return visit.signed(claims={n: v for n, v in made.items() if v is not None})


begin("tokens")
for name, (key_kind, signed_by) in {"RS256": ("RSA", "RS256"), "RS512": ("RSA", "RS512"), "PS256": ("RSA", "PS256"),
                                    "ES256": ("EC", "ES256"), "EdDSA": ("OKP", "EdDSA")}.items():
    token(f"signed with {name}", "control", None)(
        lambda visit, kind=key_kind, algorithm=signed_by: visit.signed(kind, algorithm))

for spelling in ("none", "None", "NONE", "nOnE", ""):
    token(f"alg {spelling!r} and no signature", NONE, ALGORITHM)(
        lambda visit, word=spelling: compact(dict(visit.header, alg=word), visit.claims, lambda data: b""))


@token("alg none with a signature", NONE, ALGORITHM)
def none_signed(visit):
    return compact(dict(visit.header, alg="none"), visit.claims,
                   lambda data: visit.provider.keys["RSA"].sign("RS256", data))


@token("no alg", NONE, TOKEN)
def no_alg(visit):
    return compact({"kid": "r1"}, visit.claims, lambda data: visit.provider.keys["RSA"].sign("RS256", data))


def with_hmac(visit, secret, algorithm="HS256"):
    return compact(dict(visit.header, alg=algorithm), visit.claims,
                   lambda data: hmac.new(secret, data, hashlib.sha256).digest())


token("HS256 with the public key (PEM) as the secret", CONFUSION, ALGORITHM)(
    lambda visit: with_hmac(visit, visit.provider.keys["RSA"].pem()))
token("HS256 with the modulus as the secret", CONFUSION, ALGORITHM)(
    lambda visit: with_hmac(visit, visit.provider.keys["RSA"].public()["n"].encode()))
token("HS256 with the client secret", "RFC 8725 3.2", ALGORITHM)(lambda visit: with_hmac(visit, SECRET.encode()))
token("HS256 with an empty secret", CONFUSION, ALGORITHM)(lambda visit: with_hmac(visit, b""))


@token("alg ES256, signed with the RSA key", "RFC 8725 3.1", KEY)
def wrong_kind(visit):
    return compact(dict(visit.header, alg="ES256"), visit.claims,
                   lambda data: visit.provider.keys["RSA"].sign("RS256", data))


@token("RS384, which the provider does not announce", "RFC 8725 3.1", ALGORITHM)
def not_announced(visit):
    return visit.signed(algorithm="RS384")


@token("RS512 in the header, RS256 in the signature", "RFC 8725 3.1", SIGNATURE)
def wrong_digest(visit):
    return compact(dict(visit.header, alg="RS512"), visit.claims,
                   lambda data: visit.provider.keys["RSA"].sign("RS256", data))


@token("ECDSA with r = s = 0", "CVE-2022-21449 (psychic signatures)", SIGNATURE)
def psychic(visit):
    return compact({"alg": "ES256", "kid": "e1"}, visit.claims, lambda data: bytes(64))


token("key of an attacker under the provider's key id", "baseline", SIGNATURE)(
    lambda visit: visit.signed(key=visit.provider.stranger))


@token("signature of another token", "baseline", SIGNATURE)
def moved_signature(visit):
    head, _, signature = visit.signed().split(".")
    return f"{head}.{encode(dict(visit.claims, email='ben.okafor@example.test'))}.{signature}"


@token("signature empty", "baseline", SIGNATURE)
def no_signature(visit):
    return visit.signed().rpartition(".")[0] + "."


for kid, refusal in (("unknown", KEY), ("../../../../dev/null", KEY), ("' OR 1=1 --", KEY), ("r1\0", TOKEN),
                     ("a" * 10000, TOKEN)):
    token(f"key id {kid[:24]!r}", "CVE-2018-0114 class; kid injection", refusal)(
        lambda visit, kid=kid: compact(dict(visit.header, kid=kid), visit.claims,
                                       lambda data: visit.provider.stranger.sign("RS256", data)))


def with_header(**more):
    """Signed by the attacker, whose key the header brings along."""
    def make(visit):
        fields = {n: v(visit) if callable(v) else v for n, v in more.items()}
        return compact(dict(visit.header, kid="evil", **fields), visit.claims,
                       lambda data: visit.provider.stranger.sign("RS256", data))
    return make


token("key of the attacker in jwk", HEADERS, KEY)(with_header(jwk=lambda visit: visit.provider.stranger.public()))
token("address of the attacker's keys in jku", HEADERS, KEY)(with_header(jku="https://evil.example.test/keys"))
token("address of the attacker's certificate in x5u", HEADERS, KEY)(with_header(x5u="https://evil.example.test/c"))
token("certificate of the attacker in x5c", HEADERS, KEY)(with_header(x5c=["AAAA"]))


def by_provider(**more):
    """Signed by the provider, with more in the header."""
    return lambda visit: compact(dict(visit.header, **more), visit.claims,
                                 lambda data: visit.provider.keys["RSA"].sign("RS256", data))


token("crit with an extension that nobody knows", "RFC 7515 4.1.11", TOKEN)(by_provider(crit=["evil"], evil=1))
token("b64 false", "RFC 7797", TOKEN)(by_provider(b64=False, crit=["b64"]))
token("zip", "RFC 8725 3.6; DEFLATE bomb", TOKEN)(by_provider(zip="DEF"))
token("type of a logout token", "RFC 8725 3.11", TOKEN)(by_provider(typ="logout+jwt"))
token("type of an access token", "RFC 8725 3.11", TOKEN)(by_provider(typ="at+jwt"))

claims("another issuer", FLEET, ISSUER, lambda c, v: c.update(iss="https://evil.example.test"))
claims("issuer with a slash more", "strict comparison", ISSUER, lambda c, v: c.update(iss=c["iss"] + "/"))
claims("no issuer", "fail closed", TOKEN, lambda c, v: c.update(iss=None))
claims("issuer in a list", "fail closed", TOKEN, lambda c, v: c.update(iss=[c["iss"]]))
claims("another audience", FLEET, AUDIENCE, lambda c, v: c.update(aud="other-client"))
claims("no audience", FLEET, TOKEN, lambda c, v: c.update(aud=None))
claims("audience empty", FLEET, AUDIENCE, lambda c, v: c.update(aud=[]))
claims("audience in capital letters", "strict comparison", AUDIENCE, lambda c, v: c.update(aud=CLIENT_ID.upper()))
claims("another audience beside ours, without azp", "OIDC Core 3.1.3.7", AUDIENCE,
       lambda c, v: c.update(aud=[CLIENT_ID, "other"]))
claims("azp of another client", "OIDC Core 3.1.3.7", AUDIENCE, lambda c, v: c.update(azp="other"))
claims("expired", "OIDC Core 3.1.3.7", LATE, lambda c, v: c.update(exp=int(time.time()) - 600))
claims("no end", "fail closed", TOKEN, lambda c, v: c.update(exp=None))
claims("end as text", "fail closed", TOKEN, lambda c, v: c.update(exp=str(c["exp"])))
claims("end that is no number of this world", "overflow", TOKEN, lambda c, v: c.update(exp=10 ** 40))
claims("made in the future", "OIDC Core 3.1.3.7", EARLY, lambda c, v: c.update(iat=int(time.time()) + 3600))
claims("not valid yet", "RFC 7519 4.1.5", EARLY, lambda c, v: c.update(nbf=int(time.time()) + 3600))
claims("no nonce", "replay; OIDC Core 15.5.2", NONCE, lambda c, v: c.update(nonce=None))
claims("nonce of another request", "replay; OIDC Core 15.5.2", NONCE, lambda c, v: c.update(nonce=Visit(v.play).query["nonce"]))
claims("nonce empty", "fail closed", TOKEN, lambda c, v: c.update(nonce=""))
claims("no subject", "OIDC Core 2", SUBJECT, lambda c, v: c.update(sub=None))
claims("subject empty", "OIDC Core 2", SUBJECT, lambda c, v: c.update(sub=""))
claims("subject of 300 characters", "OIDC Core 2", SUBJECT, lambda c, v: c.update(sub="a" * 300))
claims("at_hash of another access token", "token substitution; OIDC Core 3.1.3.8", "DW-OIDC-HASH",
       lambda c, v: c.update(at_hash=encode(bytes(16))))


@token("claim twice", "RFC 8725 3.12; parser differentials", TOKEN)
def claim_twice(visit):
    text = json.dumps(visit.claims)[:-1] + ', "email": "ben.okafor@example.test"}'
    return visit.signed(claims=text)


token("claims nested 1 000 deep", "denial of service", TOKEN)(
    lambda visit: visit.signed(claims='{"a":' * 1000 + "1" + "}" * 1000))
token("claims that are a list", "fail closed", TOKEN)(lambda visit: visit.signed(claims="[]"))
token("five parts, as an encrypted token has", "fail closed", TOKEN)(lambda visit: visit.signed() + ".a.b")
token("two parts", "fail closed", TOKEN)(lambda visit: visit.signed().rpartition(".")[0])
token("base64 with padding", "RFC 7515 2", TOKEN)(lambda visit: visit.signed() + "==")
token("JSON serialization", "RFC 7515 7.2", TOKEN)(lambda visit: json.dumps({"payload": "x", "signatures": []}))
token("token of 100 KB", "denial of service", ANSWER)(
    lambda visit: visit.signed(claims=dict(visit.claims, x="a" * 100000)))
token("answer of the token endpoint of a megabyte", "denial of service", "DW-OIDC-PROVIDER")(
    lambda visit: visit.signed(claims=dict(visit.claims, x="a" * 1000000)))

begin("authorization answers")


def answers(title, source, fault, **options):
    """A row that comes back with a good token; the function says with which browser and parameters."""
    def add(change):
        def perform(play):
            visit = Visit(play)
            return visit.callback(visit.signed(), **change(visit))
        return attack(title, source, fault, plays=True, **options)(perform)
    return add


@control("a good answer; the code comes with the right verifier", plays=True)
def good_answer(play):
    visit = Visit(play)
    found = visit.callback(visit.signed())
    body = urllib.parse.parse_qs([b for p, b, _ in visit.provider.requests if p == "/token"][-1])
    challenge = encode(hashlib.sha256(body["code_verifier"][0].encode()).digest())
    if challenge != visit.query["code_challenge"] or visit.query["code_challenge_method"] != "S256":
        raise Wrong("the verifier does not fit the challenge")
    return found


answers("no state", "login CSRF, RFC 6749 10.12", "DW-FLOW-UNKNOWN")(lambda visit: {"state": None})
answers("state of nobody", "login CSRF", "DW-FLOW-UNKNOWN")(lambda visit: {"state": "a" * 43})
answers("state of another browser", "login CSRF", "DW-FLOW-COOKIE")(
    lambda visit: {"state": Visit(visit.play).query["state"]})
answers("browser without the cookie", "login CSRF", "DW-FLOW-COOKIE")(lambda visit: {"person": visit.play.person()})
answers("another issuer in iss", "RFC 9207; mix-up", ISSUER)(lambda visit: {"iss": "https://evil.example.test"})
answers("no iss although the provider sends it", "RFC 9207; mix-up", ISSUER)(lambda visit: {"iss": None})
answers("no code", "fail closed", ANSWER)(lambda visit: {"code": None})
answers("code twice", "HTTP parameter pollution", "DW-HTTP", recorded=False, status=400)(lambda visit: {"code": ["a", "b"]})
answers("error and code together", "fail closed", "DW-OIDC-DENIED")(lambda visit: {"error": "access_denied"})


@attack("answer used twice", "replay", "DW-FLOW-SPENT", plays=True)
def twice(play):
    visit = Visit(play)
    good = visit.signed()
    if visit.callback(good)[0].status != ACCEPTED:
        raise Wrong("the first was refused")
    play.baseline = play.watch.counts()
    return visit.callback(good)


@attack("token of a sign-in that ended well, for a new request", "replay", NONCE, plays=True)
def token_again(play):
    first = Visit(play)
    good = first.signed()
    if first.callback(good)[0].status != ACCEPTED:
        raise Wrong("the first was refused")
    play.baseline = play.watch.counts()
    return Visit(play).callback(good)


@attack("what is refused before the code is exchanged asks the provider nothing", "mix-up: code theft", ISSUER, plays=True)
def nothing_asked(play):
    visit = Visit(play)
    before = sum(path == "/token" for path, _, _ in visit.provider.requests)
    found = visit.callback(visit.signed(), iss="https://evil.example.test")
    if sum(path == "/token" for path, _, _ in visit.provider.requests) != before:
        raise Wrong("the code was sent")
    return found


@attack("script in error_description", "XSS; rule 26", "DW-OIDC-DENIED", plays=True)
def script(play):
    visit = Visit(play)
    reply, seconds = visit.callback("x", code=None, error="access_denied", error_description="<script>alert(1)</script>")
    if b"<script" in reply.body:
        raise Wrong("the page has the provider's markup")
    return reply, seconds


@attack("answer of OpenID Connect at the callback of a SAML connection", "mix-up", "DW-IDP-UNKNOWN", plays=True)
def protocol_mix(play):
    visit = Visit(play)
    visit.query["redirect_uri"] = visit.query["redirect_uri"].replace("/oidc/oidc/", "/oidc/corp/")
    return visit.callback(visit.signed())
