# SPDX-License-Identifier: LGPL-2.1-or-later
"""Encrypted assertions: everybody can encrypt for us, so what comes out is worth as little as what comes in."""

import re
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from play import Post
from provider import DSIG, SAML, XMLENC, as_bytes, b64, base64, canonical, find, parse, sign
from signatures import Outside
from table import ACCEPTED, Wrong, attack, begin, control

ENC11 = "http://www.w3.org/2009/xmlenc11#"
JAGER = "Jager, Somorovsky, CCS 2011; CVE-2011-1096"
BLEICHENBACHER = "Bleichenbacher 1998; CVE-2011-2487"
DECRYPT, STRUCTURE, ALGORITHM = "DW-SAML-DECRYPT", "DW-SAML-STRUCTURE", "DW-SAML-ALGORITHM"
IDP = {"idp": "sealed"}
MGF1P = (f'<xenc:EncryptionMethod Algorithm="{XMLENC}rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="{DSIG}sha1"/>'
         "</xenc:EncryptionMethod>")
OAEP = (f'<xenc:EncryptionMethod Algorithm="{ENC11}rsa-oaep"><ds:DigestMethod Algorithm="{XMLENC}sha256"/>'
        f'<xenc11:MGF xmlns:xenc11="{ENC11}" Algorithm="{ENC11}mgf1sha256"/></xenc:EncryptionMethod>')
PKCS1 = f'<xenc:EncryptionMethod Algorithm="{XMLENC}rsa-1_5"/>'
PADDINGS = {
    MGF1P: padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
    OAEP: padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
    PKCS1: padding.PKCS1v15(),
}


def public_key(play, name="sealed"):
    """The key that the server publishes in its metadata for this connection."""
    reply = play.person().request("GET", f"{play.stage.url}/saml/{name}/metadata")
    document = parse(reply.body)
    found = document.xpath("//*[local-name()='KeyDescriptor'][@use='encryption']//*[local-name()='X509Certificate']")
    return x509.load_der_x509_certificate(base64.b64decode(found[0].text)).public_key()


def cbc(key, plain, last=None):
    """AES-CBC with the padding of XML encryption; last overrides its last byte."""
    count = 16 - len(plain) % 16
    padded = plain + secrets.token_bytes(count - 1) + bytes([count if last is None else last])
    vector = secrets.token_bytes(16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()


def gcm(key, plain):
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def seal(public, plain, **form):
    """An EncryptedAssertion. Of form: wrap, method, key_bytes, wrapped, data, key_info, beside, wrapping, cipher_data."""
    wrap, method = form.get("wrap", OAEP), form.get("method", ENC11 + "aes256-gcm")
    key = secrets.token_bytes(form.get("key_bytes", 32))
    wrapped = form.get("wrapped") or public.encrypt(key, PADDINGS[wrap])
    content = form["data"](key) if "data" in form else gcm(key, plain)
    encrypted_key = (f'<xenc:EncryptedKey xmlns:xenc="{XMLENC}" xmlns:ds="{DSIG}">{wrap}<xenc:CipherData>'
                     f"<xenc:CipherValue>{b64(wrapped)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>")
    info = form.get("key_info", "") + ("" if form.get("beside") or not form.get("wrapping", True) else encrypted_key)
    info = f'<ds:KeyInfo xmlns:ds="{DSIG}">{info}</ds:KeyInfo>' if info else ""
    data = form.get("cipher_data") or f"<xenc:CipherValue>{b64(content)}</xenc:CipherValue>"
    return parse(f'<saml:EncryptedAssertion xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="{XMLENC}" '
                 f'Type="{XMLENC}Element"><xenc:EncryptionMethod Algorithm="{method}"/>{info}'
                 f"<xenc:CipherData>{data}</xenc:CipherData></xenc:EncryptedData>"
                 f"{encrypted_key if form.get('beside') else ''}</saml:EncryptedAssertion>")


def enclose(m, plain=None, **form):
    """Exchanges the Assertion of a message for an encrypted one, of other bytes if these are given."""
    content = canonical(m.assertion) if plain is None else plain
    m.root.replace(m.assertion, seal(form.pop("public", None) or m.public, content, **form))
    return m


def encrypted(title, source, fault, **options):
    """A row that gets a message for the connection that decrypts, with its public key; only posts what it makes."""
    def add(make):
        def perform(play):
            m = play.message("sealed")
            m.public, m.play = public_key(play), play
            play.baseline = play.watch.counts()
            made = make(m)
            return play.answer(m, made.root if made is m else made)
        return attack(title, source, fault, plays=True, **options)(perform)
    return add


begin("encryption")


def good(title, **form):
    """A row that must be accepted."""
    encrypted(title, "control", None)(lambda m: enclose(m.signed(), **form))


def aes_cbc(m, last=None):
    plain = canonical(m.assertion)
    return {"method": XMLENC + "aes256-cbc", "data": lambda key: cbc(key, plain, last)}


good("AES-GCM and OAEP with SHA-256")
good("AES-GCM and OAEP with SHA-1", wrap=MGF1P)
good("EncryptedKey beside EncryptedData", beside=True)
for what, size, algorithm in (("not whole blocks of CBC", 33, XMLENC + "aes256-cbc"),
                              ("one block of CBC", 16, XMLENC + "aes256-cbc"),
                              ("shorter than a tag of GCM", 8, ENC11 + "aes256-gcm")):
    encrypted(f"content {what}", "fail closed", STRUCTURE)(
        lambda m, size=size, algorithm=algorithm: enclose(m.signed(), method=algorithm, data=lambda key: bytes(size)))
encrypted("AES-CBC, as most providers encrypt", "control", None)(lambda m: enclose(m.signed(), **aes_cbc(m)))


@control("connection that decrypts takes a clear Assertion", **IDP)
def clear(m):
    return m.signed()


@encrypted("signature around the encrypted Assertion only", "control", None)
def signed_around(m):
    enclose(m)
    sign(m.root, m.key)
    return m


@attack("encrypted for a connection that does not decrypt", "rule 12", "DW-SAML-ENCRYPTED", plays=True)
def not_switched_on(play):
    m, public = play.message("corp").signed(), public_key(play)
    play.baseline = play.watch.counts()
    return play.answer(enclose(m, public=public))


@attack("encrypted for another connection of this server", "mix-up", DECRYPT, plays=True)
def other_connection(play):
    m, public = play.message("sealed").signed(), public_key(play, "only-sealed")
    play.baseline = play.watch.counts()
    return play.answer(enclose(m, public=public))


@encrypted("nothing signed, inside or around", "rule 12; wrapping inside encryption", DECRYPT)
def unsigned(m):
    return enclose(m)


@encrypted("signed by an attacker inside", "wrapping inside encryption", DECRYPT)
def stranger_inside(m):
    return enclose(m.signed(key=m.stranger))


@encrypted("XSW3 inside: forged and signed Assertion together", "wrapping inside encryption", DECRYPT)
def two_inside(m):
    m.signed()
    return enclose(m, as_bytes(m.forged()) + canonical(m.assertion))


@encrypted("XSW4 inside: signed Assertion inside a forged one", "wrapping inside encryption", DECRYPT)
def nested_inside(m):
    m.signed()
    evil = m.forged()
    evil.append(parse(canonical(m.assertion)))
    return enclose(m, as_bytes(evil))


@encrypted("forged Assertion inside, signed one in Extensions", "wrapping inside encryption", STRUCTURE)
def signed_outside(m):
    m.signed()
    evil, original = m.forged(), m.assertion
    enclose(m, as_bytes(evil))
    extensions = m.root.makeelement("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    extensions.append(original)
    m.root.insert(1, extensions)
    return m


@encrypted("ID inside that stands outside as well", "XSW with ID types", DECRYPT)
def same_id(m):
    m.signed()
    m.root.set("ID", m.assertion.get("ID"))
    return enclose(m)


@encrypted("Response inside instead of an Assertion", "wrapping inside encryption", DECRYPT)
def response_inside(m):
    m.signed("both")
    inner = canonical(m.root)
    m.root.remove(find(m.root, "ds:Signature"))
    return enclose(m, inner)


@encrypted("encrypted Assertion inside the encrypted one", "wrapping inside encryption", DECRYPT)
def encrypted_inside(m):
    m.signed()
    return enclose(m, as_bytes(seal(m.public, canonical(m.assertion))))


@encrypted("DOCTYPE inside", "XXE inside encryption", DECRYPT)
def doctype_inside(m):
    return enclose(m, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + canonical(m.signed().assertion))


@encrypted("20 000 attributes inside", "denial of service inside encryption", DECRYPT)
def bomb_inside(m):
    return enclose(m, b"<a " + b" ".join(b'a%d=""' % n for n in range(20000)) + b"/>")


@encrypted("elements 10 000 deep inside", "denial of service inside encryption", DECRYPT)
def deep_inside(m):
    return enclose(m, b"<a>" * 10000 + b"</a>" * 10000)


@encrypted("nothing inside", "fail closed", STRUCTURE)
def empty_inside(m):
    return enclose(m, b"")


@encrypted("two EncryptedAssertions", "profiles 4.1.4.2", STRUCTURE)
def two_encrypted(m):
    m.signed()
    m.root.append(seal(m.public, canonical(m.assertion)))
    return enclose(m)


@encrypted("RSA 1.5", BLEICHENBACHER, ALGORITHM)
def pkcs1(m):
    return enclose(m.signed(), wrap=PKCS1)


@encrypted("3DES", "Sweet32, CVE-2016-2183", ALGORITHM)
def triple_des(m):
    return enclose(m.signed(), method=XMLENC + "tripledes-cbc", key_bytes=24)


@encrypted("no cipher that anybody knows", "fail closed", ALGORITHM)
def unknown_cipher(m):
    return enclose(m.signed(), method="urn:evil:null")


@encrypted("content in an address outside", "SSRF; xmlenc-core 3.3.1", STRUCTURE)
def cipher_reference(m):
    with Outside() as outside:
        enclose(m.signed(), cipher_data=f'<xenc:CipherReference URI="{outside.url}"/>')
        return send_now(m)


@encrypted("key in an address outside", "SSRF; xmlenc-core 3.5.3", STRUCTURE)
def key_reference(m):
    with Outside() as outside:
        enclose(m.signed(), wrapping=False, key_info=f'<ds:RetrievalMethod Type="{XMLENC}EncryptedKey" '
                f'URI="{outside.url}"/>')
        return send_now(m)


def send_now(m):
    """What stands outside must still be there while the server answers; the row posts it once more."""
    m.play.answer(m)
    return m


@encrypted("fifty wrapped keys", "denial of service", STRUCTURE)
def many_keys(m):
    one = as_bytes(seal(m.public, b"x").find(f".//{{{XMLENC}}}EncryptedKey")).decode()
    return enclose(m.signed(), key_info=one * 50)


def page(reply):
    """All that somebody without the log can tell two refusals apart by, but for its time."""
    body = reply.body.replace((reply.code or "none").encode(), b"CODE")
    heads = sorted((name, value) for name, value in reply.headers.items()
                   if name.lower() not in ("date", "x-request-id", "content-length"))
    return reply.status, re.sub(rb"[A-Z0-9]{16}|\d{4}-\d\d-\d\dT[\d:]+Z", b"...", body), heads


def flipped(m, place):
    """A message whose ciphertext has one bit changed."""
    plain = canonical(m.assertion)

    def data(key):
        whole = bytearray(cbc(key, plain))
        whole[place] ^= 1
        return bytes(whole)

    return {"method": XMLENC + "aes256-cbc", "data": data}


# Each way in which decryption can fail; an attacker must see one and the same page.
FAILURES = [
    ("last byte says 0", lambda m: enclose(m.signed(), **aes_cbc(m, 0))),
    ("last byte says 17", lambda m: enclose(m.signed(), **aes_cbc(m, 17))),
    ("last byte says 255", lambda m: enclose(m.signed(), **aes_cbc(m, 255))),
    ("first block changed", lambda m: enclose(m.signed(), **flipped(m, 20))),
    ("last block changed", lambda m: enclose(m.signed(), **flipped(m, -1))),
    ("two blocks of zeros", lambda m: enclose(m.signed(), method=XMLENC + "aes256-cbc", data=lambda key: bytes(32))),
    ("tag of GCM changed", lambda m: enclose(m.signed(), data=lambda key: gcm(key, b"<x/>")[:-1] + b"\0")),
    ("key that is not wrapped for us", lambda m: enclose(m.signed(), public=m.stranger.private.public_key())),
    ("wrapped key of zeros", lambda m: enclose(m.signed(), wrapped=bytes(384))),
    ("wrapped key too short", lambda m: enclose(m.signed(), wrapped=b"x")),
    ("key of the wrong length", lambda m: enclose(m.signed(), key_bytes=16)),
    ("well encrypted, no XML", lambda m: enclose(m, b"\0" * 100)),
    ("well encrypted, not signed", enclose),
]
SEEN = []


def failure(what, make):
    @encrypted(f"one page for all failures: {what}", JAGER if "key" not in what else BLEICHENBACHER, DECRYPT,
               also=(same_page,))
    def perform(m):
        return make(m)


def same_page(_, reply):
    """The same as that of the first failure."""
    SEEN.append(page(reply))
    if SEEN[0] != page(reply):
        different = [(a, b) for a, b in zip(str(SEEN[0]).split(), str(page(reply)).split()) if a != b]
        raise Wrong(f"another page than that of the first failure: {different}")


for what, how in FAILURES:
    failure(what, how)


@attack("fourth try for one request, even if it is good", JAGER + "; rule 12", DECRYPT, plays=True, reason="tries")
def fourth_try(play):
    m = play.message("sealed")
    public = public_key(play)
    plain = canonical(m.signed().assertion)
    for _ in range(3):
        bad = play.make(m.person, m.request, "sealed")
        reply, _ = play.answer(enclose(bad, b"<x/>", public=public))
        if reply.status == ACCEPTED:
            raise Wrong("ACCEPTED")
    return play.answer(enclose(m, plain, public=public))


@attack("browser without the cookie: nothing is decrypted", JAGER + "; rule 12", "DW-FLOW-COOKIE", plays=True)
def no_cookie(play):
    m = enclose(play.message("sealed").signed(), public=public_key(play))
    found = play.send(m, Post(m.root, person=play.person()))
    used = play.watch.query("SELECT decryptions FROM sign_in_request WHERE id = ?", m.request.id)
    if used != [(0,)]:
        raise Wrong(f"the private key was used: {used}")
    return found


@attack("same Assertion encrypted anew after it was accepted", "Fleet PR 53655", "DW-SAML-REPLAY", plays=True)
def replayed(play):
    public = public_key(play)
    m = play.message("sealed").signed()
    name = m.assertion.get("ID")
    if play.answer(enclose(m, public=public))[0].status != ACCEPTED:
        raise Wrong("the first was refused")
    play.baseline = play.watch.counts()
    again = play.message("sealed", person=m.person)
    again.assertion.set("ID", name)
    return play.answer(enclose(again.signed(), public=public))


@attack("WantEncrypted=true: Assertion in the clear", "downgrade", "DW-SAML-CLEAR", idp="only-sealed")
def downgrade(m):
    return m.signed()
