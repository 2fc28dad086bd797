# SPDX-License-Identifier: LGPL-2.1-or-later
"""Metadata: where the keys come from. A bad file leaves the old one in force, and none of its keys is believed."""

import os
import subprocess

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from patience import until
from play import read_request, timed
from provider import DSIG, MD, SAMLP, Key, as_bytes, metadata, parse, sso_service, stamp
from table import ACCEPTED, Wrong, attack, begin, control

REFUSED = "DW-IDP-METADATA"
WAIT_S = 30
KEPT, READ = "what was read before stays in force", "idp/filed: metadata read from its files"
DESCRIPTOR = ('<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate>'
              "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>")


def put(play, text, wanted):
    """Puts the file there, and waits until the server says what it has made of it."""
    stage = play.stage
    before = stage.log().count(wanted)
    target = stage.folder / "filed.xml"
    new = target.with_suffix(".new")
    new.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.replace(new, target)
    until(f"the server says: {wanted}", lambda: stage.log().count(wanted) != before, WAIT_S, pause_s=0.02, error=Wrong)


def config_check(play):
    """What the command for administrators finds."""
    stage = play.stage
    done = subprocess.run([str(w) for w in (stage.build / "core/ctl/doorctl", "config", "check", "--config",
                                            stage.folder / "doorward.conf", "--plugin-dir", stage.build / "plugins",
                                            "--dev")], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def sign_in(play, key):
    """A sign-in at this provider with a key; or the answer of the server that does not begin one."""
    person = play.person()
    start, seconds = timed(person.request, "GET", play.stage.url + "/mdm/sso/start?idp=filed")
    if start.status != 303:
        return start, seconds
    message = play.make(person, read_request(start.headers["Location"]), "filed")
    return play.answer(message.signed(key=key))


def refused_file(title, source, make, reason):
    """A file that is refused as a whole, and names the reason."""
    def perform(play):
        put(play, make(play), KEPT)
        said = config_check(play)
        if REFUSED not in said or reason not in said:
            raise Wrong(f"doorctl config check says: {said[:400]}")
        if sign_in(play, play.providers["filed"].key)[0].status != ACCEPTED:
            raise Wrong("the metadata before it is not in force any more")
        play.baseline = play.watch.counts()
        reply, seconds = sign_in(play, play.keys["stranger"])
        if reply.status == ACCEPTED:
            raise Wrong("ACCEPTED")
        return reply, seconds
    attack(title, source, REFUSED, plays=True, judged=True)(perform)


def believed_file(title, source, make, good=True, stranger=False):
    """A file that is read: whether the provider's key is believed, and that of a stranger."""
    def perform(play):
        try:
            put(play, make(play), READ)
            reply, seconds = sign_in(play, play.providers["filed"].key)
            if (reply.status == ACCEPTED) != good:
                raise Wrong(f"the provider's key: {reply.status} {play.watch.fault(reply.code)}")
            if stranger and sign_in(play, play.keys["stranger"])[0].status != ACCEPTED:
                raise Wrong("the second key is not believed")
            if good and stranger is False:
                play.baseline = play.watch.counts()
            if stranger is False:
                reply, seconds = sign_in(play, play.keys["stranger"])
                if reply.status == ACCEPTED:
                    raise Wrong("the stranger's key is believed")
        finally:
            put(play, metadata(play.providers["filed"]), READ)
        return reply, seconds
    if stranger or stranger is None:
        control(title, plays=True)(perform)
    else:
        attack(title, source, "no key believed", plays=True, judged=True)(perform)


def with_sso(location):
    return lambda play: metadata(play.providers["filed"], sso=sso_service(location))


def evil(play):
    """The descriptor of a stranger's key."""
    return DESCRIPTOR.format(play.keys["stranger"].certificate_b64)


def only_key(**options):
    """Metadata whose only key is made for it, like this."""
    def make(play):
        key = Key(play.stage.folder, "made", **options)
        return metadata(play.providers["filed"], [("signing", key.certificate_b64)])
    return make


def entities(*members):
    return f'<md:EntitiesDescriptor xmlns:md="{MD}" xmlns:ds="{DSIG}">{"".join(members)}</md:EntitiesDescriptor>'


def role(play, name, inner):
    """The provider's metadata with another role of this name before its own."""
    text = metadata(play.providers["filed"])
    at = text.index("<md:IDPSSODescriptor")
    return f'{text[:at]}<md:{name} protocolSupportEnumeration="{SAMLP}">{inner}</md:{name}>{text[at:]}'


def of_stranger(play, **options):
    return metadata(play.providers["stranger"], **options)


begin("metadata")
believed_file("two signing keys: both are believed", "", lambda play: metadata(play.providers["filed"], [
    ("signing", play.providers["filed"].key.certificate_b64), (None, play.keys["stranger"].certificate_b64)]),
    stranger=True)
believed_file("certificate that has expired: the key is believed, it is pinned", "", lambda play: metadata(
    play.providers["filed"], [("signing", play.expired(play.providers["filed"].key))]), stranger=None)

for location, reason in (("javascript:alert(1)", "sign-in address"), ("data:text/html,x", "sign-in address"),
                         ("vbscript:x", "sign-in address"), ("http://idp.example.test/sso", "not https"),
                         ("//evil.example.test/sso", "sign-in address"), ("/sso", "sign-in address"),
                         ("", "sign-in address"), ("https://user:pw@idp.example.test/sso", "sign-in address"),
                         ("https://idp.example.test/sso#x", "sign-in address"),
                         ("https://idp.example.test/&#13;&#10;Set-Cookie:%20a=b", "sign-in address"),
                         ("ftp://idp.example.test/sso", "not https"), ("file:///etc/passwd", "sign-in address")):
    refused_file(f"sign-in address {location!r}", "CVE-2023-45683 (crewjam/saml); Fleet InitiateSSO check",
                 with_sso(location), reason)

refused_file("no sign-in address", "fail closed", lambda play: metadata(play.providers["filed"], sso=""),
             "no sign-in address")
refused_file("no signing key", "fleet-mender 5.4-12", lambda play: metadata(play.providers["filed"], []),
             "no signing certificate")
refused_file("only a key for encryption", "fleet-mender 5.4-12", lambda play: metadata(
    play.providers["filed"], [("encryption", play.keys["stranger"].certificate_b64)]), "no signing certificate")
refused_file("RSA key of 1024 bits", "NIST SP 800-131A", only_key(bits=1024), "shorter than 2048 bits")
refused_file("curve secp256k1", "rule 8", only_key(kind="ec", curve=ec.SECP256K1), "curve")
refused_file("certificate that is none", "fail closed", lambda play: metadata(
    play.providers["filed"], [("signing", "AAAA")]), "certificate")
refused_file("another entity of two, none named", "rule 24", lambda play: entities(
    metadata(play.providers["filed"]), of_stranger(play)), "several identity providers")
refused_file("the same entity twice, with two keys", "rule 24", lambda play: entities(
    metadata(play.providers["filed"]), metadata(play.providers["filed"], key_of(play))), "several identity providers")
refused_file("two roles of an identity provider in one entity", "metadata 2.4.1", lambda play: role(
    play, "IDPSSODescriptor", evil(play) + sso_service("https://evil.example.test/sso")), "two SAML 2.0")
refused_file("no entity id", "rule 24", lambda play: metadata(play.providers["filed"]).replace("entityID", "entityId"),
             "entity id")
refused_file("entity id of 2000 characters", "denial of service", lambda play: metadata(
    play.providers["filed"], entity_id="https://" + "a" * 2000), "entity id")
refused_file("SAML 1.1 only", "rule 24", lambda play: metadata(play.providers["filed"]).replace(
    f'protocolSupportEnumeration="{SAMLP}"', 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"'),
    "no SAML 2.0 identity provider")
refused_file("a service provider", "rule 24", lambda play: metadata(play.providers["filed"]).replace(
    "IDPSSODescriptor", "SPSSODescriptor"), "no SAML 2.0 identity provider")
refused_file("validUntil is no time", "rule 24", lambda play: metadata(
    play.providers["filed"], attributes='validUntil="soon"'), "validUntil")
refused_file("DOCTYPE", "CVE-2025-25291; XXE", lambda play: "<!DOCTYPE x>" + metadata(play.providers["filed"]),
             "document type")
refused_file("external entity", "CVE-2024-52596 (SimpleSAMLphp)", lambda play:
             '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + metadata(play.providers["filed"]), "document type")
refused_file("UTF-16", "parser differentials", lambda play: metadata(play.providers["filed"]).encode("utf-16"), "UTF-8")
refused_file("9 000 namespaces", "c14n bomb", lambda play: metadata(play.providers["filed"], attributes=" ".join(
    f'xmlns:n{n}="u"' for n in range(9000))), "too many attributes")
refused_file("elements 10 000 deep", "stack overflow", lambda play: metadata(
    play.providers["filed"], more="<md:x>" * 10000 + "</md:x>" * 10000), "nested too deeply")
refused_file("more than a megabyte", "rule 24", lambda play: metadata(
    play.providers["filed"], more="<!--" + "x" * (1 << 20) + "-->"), "large")
refused_file("a web page", "fail closed", lambda play: "<!DOCTYPE html><html></html>", "HTML")


def key_of(play):
    return [("signing", play.keys["stranger"].certificate_b64)]


def in_extensions(play):
    document = parse(metadata(play.providers["filed"]))
    extensions = etree.SubElement(document, f"{{{MD}}}Extensions")
    extensions.append(parse(metadata(play.providers["filed"], key_of(play))))
    document.insert(0, extensions)
    return as_bytes(document)


EVIL_KEY = "key injection, rule 24"
believed_file("a stranger's key in the role of a service provider", EVIL_KEY,
              lambda play: role(play, "SPSSODescriptor", evil(play)))
believed_file("a stranger's key in the role of an attribute authority", EVIL_KEY,
              lambda play: role(play, "AttributeAuthorityDescriptor", evil(play)))
believed_file("a stranger's key in another entity of the file", EVIL_KEY, lambda play: entities(
    metadata(play.providers["filed"]), metadata(play.providers["stranger"]).replace(
        "IDPSSODescriptor", "SPSSODescriptor")))
believed_file("a stranger's key for encryption", EVIL_KEY, lambda play: metadata(play.providers["filed"], [
    ("signing", play.providers["filed"].key.certificate_b64), ("encryption", play.keys["stranger"].certificate_b64)]))
believed_file("a stranger's certificate as the issuer in a chain", EVIL_KEY, lambda play: metadata(
    play.providers["filed"]).replace("</ds:X509Data>", f"<ds:X509Certificate>{play.keys['stranger'].certificate_b64}"
                                     "</ds:X509Certificate></ds:X509Data>"))
believed_file("a whole entity in Extensions", EVIL_KEY, in_extensions)
believed_file("key descriptor in another namespace", EVIL_KEY, lambda play: metadata(
    play.providers["filed"], more=f'<evil:KeyDescriptor xmlns:evil="urn:evil">{evil(play)}</evil:KeyDescriptor>'))
believed_file("validUntil is over", "rule 24", lambda play: metadata(
    play.providers["filed"], attributes=f'validUntil="{stamp(-3600)}"'), good=False)
believed_file("good again: what was refused has left no trace", "", lambda play: metadata(play.providers["filed"]),
              stranger=None)
