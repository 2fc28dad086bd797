# SPDX-License-Identifier: LGPL-2.1-or-later
"""Single logout: messages in an address, where the signature covers text that somebody else may have chosen."""

import re
import urllib.parse
import zlib

from play import timed
from provider import (DSIG, EMAIL, MORE, NAMES, RSA_SHA256, SAML, SAMLP, Provider, as_bytes, b64, find, metadata, new_id,
                      parse, sign, sso_service, stamp)
from table import Wrong, attack, begin, control

NAME = "leaving"
REDIRECT = "CVE-2025-27773 (SimpleSAMLphp), CVE-2025-31335 (OpenSAML)"
EVENT = '"DOORWARD_EVENT":"logout"'


def make_leaving(folder, keys):
    """A provider that ends sessions; its metadata says where it hears of them."""
    provider = Provider(NAME, keys["corp"])
    service = sso_service("https://leaving.idp.example.test/sso")
    both = service.replace("SingleSignOnService", "SingleLogoutService").replace("/sso", "/slo") + service
    (folder / f"{NAME}.xml").write_text(metadata(provider, sso=both))
    return provider, (f"[idp/{NAME}]\nType=saml\nMetadataFile={folder}/{NAME}.xml\nSingleLogout=true\n"
                      "EmailDomains=leaving.test\n\n")


class Leaving:
    """One logout: the message, and what is sent of it."""

    def __init__(self, play):
        self.play, self.provider = play, play.providers[NAME]
        self.key, self.stranger = self.provider.key, play.keys["stranger"]
        self.location = f"{play.stage.url}/saml/{NAME}/slo"
        self.root = parse(
            f'<samlp:LogoutRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"'
            f' IssueInstant="{stamp()}" Destination="{self.location}" NotOnOrAfter="{stamp(300)}">'
            f'<saml:Issuer>{self.provider.entity_id}</saml:Issuer><saml:NameID Format="{EMAIL}">anna@leaving.test'
            "</saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex></samlp:LogoutRequest>")

    def deflated(self, data=None):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return b64(packer.compress(as_bytes(self.root) if data is None else data) + packer.flush())

    def query(self, key=None, algorithm=RSA_SHA256, message=None, name="SAMLRequest", write=lambda text: text):
        """The signed query, as bindings 3.4.4.1 has it; write changes how it is escaped before it is signed."""
        text = write(urllib.parse.urlencode({name: message or self.deflated(), "RelayState": "r", "SigAlg": algorithm}))
        signature = (key or self.key).sign(text.encode(), algorithm)
        return text + "&" + urllib.parse.urlencode({"Signature": b64(signature)})


def leaves(title, source, **options):
    """A row that gives the query of a GET, or a dictionary for the form of a POST; source None: it is accepted."""
    def add(make):
        def perform(play):
            made = make(Leaving(play))
            before = play.stage.log().count(EVENT)
            url = f"{play.stage.url}/saml/{options.get('at', NAME)}/slo"
            if isinstance(made, dict):
                reply, seconds = timed(play.person().request, "POST", url, made)
            else:
                reply, seconds = timed(play.person().request, "GET", f"{url}?{made}")
            ended = play.stage.log().count(EVENT) - before
            if source is None and (reply.status != 303 or ended != 1):
                raise Wrong(f"not taken: {reply.status}")
            if source is not None and (not 400 <= reply.status < 500 or ended):
                raise Wrong(f"taken: {reply.status}, {ended} logouts")
            return reply, seconds
        if source is None:
            return control(title, plays=True, judged=True)(perform)
        return attack(title, source, "no logout", plays=True, judged=True)(perform)
    return add


def changed(name, value):
    """A function that sets an attribute before the message is signed, or removes it."""
    def make(m):
        m.root.attrib.pop(name) if value is None else m.root.set(name, value)
        return m.query()
    return make


begin("logout")
leaves("signed request by redirect", None)(lambda m: m.query())


@leaves("signed request by POST", None)
def by_post(m):
    sign(m.root, m.key)
    return {"SAMLRequest": b64(as_bytes(m.root)), "RelayState": "r"}


leaves("escapes in small letters, as AD FS writes them", None)(
    lambda m: m.query(write=lambda text: re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)))
leaves("not signed", "rule 25")(lambda m: urllib.parse.urlencode({"SAMLRequest": m.deflated(), "RelayState": "r"}))
leaves("signed by an attacker", "rule 25")(lambda m: m.query(m.stranger))
leaves("not signed, by POST", "rule 25")(lambda m: {"SAMLRequest": b64(as_bytes(m.root))})
leaves("rsa-sha1", "NIST SP 800-131A")(lambda m: m.query(algorithm=DSIG + "rsa-sha1"))
leaves("HMAC named as the algorithm", "key confusion")(lambda m: m.query().replace("rsa-sha256", "hmac-sha256"))
leaves("RelayState changed after signing", REDIRECT)(lambda m: m.query().replace("RelayState=r", "RelayState=s"))
leaves("RelayState added after signing", REDIRECT)(lambda m: m.query() + "&RelayState=s")
leaves("second SAMLRequest before the signed one", REDIRECT)(
    lambda m: f"SAMLRequest={urllib.parse.quote(m.deflated(), safe='')}&" + m.query())
leaves("second SAMLRequest behind the signed one", REDIRECT)(
    lambda m: m.query() + f"&SAMLRequest={urllib.parse.quote(m.deflated(), safe='')}")
leaves("SAMLResponse beside the signed SAMLRequest", REDIRECT)(
    lambda m: m.query() + f"&SAMLResponse={urllib.parse.quote(m.deflated(), safe='')}")
leaves("signed SAMLRequest sent as SAMLResponse", REDIRECT)(
    lambda m: m.query().replace("SAMLRequest=", "SAMLResponse="))
leaves("two SigAlg", REDIRECT)(lambda m: m.query() + "&" + urllib.parse.urlencode({"SigAlg": MORE + "rsa-sha256"}))
leaves("Signature twice", REDIRECT)(lambda m: m.query() + "&Signature=AAAA")
leaves("SAMLEncoding that nobody knows", "bindings 3.4.4")(lambda m: m.query() + "&SAMLEncoding=urn:evil")
leaves("second SAMLRequest under an escaped name, before the signed one", REDIRECT)(
    lambda m: f"SAML%52equest={urllib.parse.quote(Leaving(m.play).deflated(), safe='')}&" + m.query())
leaves("second SAMLRequest under an escaped name, behind the signed one", REDIRECT)(
    lambda m: m.query() + f"&SAML%52equest={urllib.parse.quote(Leaving(m.play).deflated(), safe='')}")
leaves("DEFLATE bomb", "CVE-2023-28119 (crewjam/saml)")(lambda m: m.query(message=m.deflated(bytes(20_000_000))))
leaves("DEFLATE bomb of white space inside XML", "CVE-2023-28119 (crewjam/saml)")(
    lambda m: m.query(message=m.deflated(as_bytes(m.root) + b" " * 5_000_000)))
leaves("not deflated", "bindings 3.4.4.1")(lambda m: m.query(message=b64(as_bytes(m.root))))
leaves("DOCTYPE", "XXE")(lambda m: m.query(message=m.deflated(b"<!DOCTYPE x>" + as_bytes(m.root))))
leaves("request has ended", "CVE-2023-40178 (node-saml)")(changed("NotOnOrAfter", stamp(-3600)))
leaves("another Destination", "rule 25")(changed("Destination", "https://other.example.test/slo"))
leaves("no Destination", "rule 25")(changed("Destination", None))
leaves("another connection's address", "mix-up", at="corp")(lambda m: m.query())
leaves("answer to a request that never was", "rule 25")(lambda m: m.query(message=m.deflated(as_bytes(m.root).replace(
    b"LogoutRequest", b"LogoutResponse")), name="SAMLResponse"))


@leaves("another Issuer", "rule 25")
def other_issuer(m):
    m.root.find("saml:Issuer", NAMES).text = "https://other.example.test/metadata"
    return m.query()


@leaves("XSW by POST: signed request inside a forged one", "Somorovsky et al., USENIX Security 2012")
def wrapped(m):
    sign(m.root, m.key)
    evil = Leaving(m.play).root
    find(evil, "saml:NameID").text = "ben@leaving.test"
    evil.append(m.root)
    return {"SAMLRequest": b64(as_bytes(evil))}
