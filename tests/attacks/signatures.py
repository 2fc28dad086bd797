# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signatures: whose key, which algorithm, what is done to the bytes before they are digested."""

import hashlib
import hmac
import http.server
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding

from play import Post
from provider import (C14N, DSIG, ENVELOPED, EXC_C14N, MORE, SHA256, as_bytes, b64, canonical, digest_of, find,
                      key_info_x509, new_id, parse, put_signature, reference_xml, sign, signature_xml,
                      signed_info_xml, transforms_xml)
from table import Wrong, attack, begin, control

SIGNATURE, ALGORITHM, STRUCTURE = "DW-SAML-SIGNATURE", "DW-SAML-ALGORITHM", "DW-SAML-STRUCTURE"
CONFUSION = "CVE-2021-21239 (pysaml2, xmlsec1)"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo of SHA-256, RFC 8017 9.2

begin("keys")


@control("signed with the provider's key, without KeyInfo")
def without_key_info(m):
    return m.signed(key_info="")


@control("key of an elliptic curve", idp="ec")
def elliptic(m):
    return m.signed()


@control("RSA key with exponent 3", idp="three")
def exponent_three(m):
    return m.signed()


@attack("nothing is signed", "baseline", "DW-SAML-UNSIGNED")
def unsigned(m):
    return m


@attack("Signature taken away", "CVE-2024-45409 class; Fleet CVE-2025-27509", "DW-SAML-UNSIGNED")
def stripped(m):
    m.signed("both")
    for part in (m.root, m.assertion):
        part.remove(find(part, "ds:Signature"))
    return m


def by_stranger(m, key_info):
    """Signed with a key that the provider does not have."""
    return m.signed(key=m.stranger, key_info=key_info)


@attack("key of an attacker, nothing about it in KeyInfo", "baseline", SIGNATURE)
def stranger(m):
    return by_stranger(m, "")


@attack("X509Certificate of an attacker in KeyInfo", CONFUSION, SIGNATURE)
def stranger_x509(m):
    return by_stranger(m, key_info_x509(m.stranger))


@attack("certificate of an attacker, then the provider's", CONFUSION, SIGNATURE)
def stranger_chain(m):
    return by_stranger(m, key_info_x509(m.stranger) + key_info_x509(m.key))


@attack("RSAKeyValue of an attacker in KeyInfo", CONFUSION, SIGNATURE)
def stranger_key_value(m):
    numbers = m.stranger.private.public_key().public_numbers()
    modulus, exponent = (b64(n.to_bytes((n.bit_length() + 7) // 8, "big")) for n in (numbers.n, numbers.e))
    return by_stranger(m, f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>{exponent}"
                          "</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>")


@attack("DEREncodedKeyValue of an attacker", "xmldsig11 4.5.10", SIGNATURE)
def stranger_der(m):
    return by_stranger(m, '<dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">'
                          f"{b64(m.stranger.public_bytes())}</dsig11:DEREncodedKeyValue>")


@attack("KeyName of the provider, key of an attacker", CONFUSION, SIGNATURE)
def stranger_key_name(m):
    return by_stranger(m, "<ds:KeyName>corp</ds:KeyName>")


@attack("EncryptedKey in KeyInfo", "xmlenc-core 3.5.1", SIGNATURE)
def stranger_encrypted_key(m):
    return by_stranger(m, '<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:EncryptionMethod '
                          'Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-1_5"/><xenc:CipherData><xenc:CipherValue>'
                          "AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>")


class _Called(http.server.BaseHTTPRequestHandler):
    """Notes that somebody came."""

    def do_GET(self):  # noqa: N802: the library's name
        self.server.called.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


class Outside:
    """A server that nobody should call."""

    def __enter__(self):
        self.server = http.server.HTTPServer(("127.0.0.1", 0), _Called)
        self.server.called = []
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/x.pem"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        if self.server.called:
            raise Wrong(f"the server called {self.server.called}")


@attack("RetrievalMethod to a certificate somewhere else", "SSRF by KeyInfo; Mender CVE-2024-46947 class", SIGNATURE,
        plays=True)
def stranger_retrieval(play):
    with Outside() as outside:
        m = play.message()
        by_stranger(m, f'<ds:RetrievalMethod URI="{outside.url}" Type="{DSIG}rawX509Certificate"/>')
        return play.answer(m)


@attack("RetrievalMethod to a file", CONFUSION, SIGNATURE)
def stranger_retrieval_file(m):
    return by_stranger(m, f'<ds:RetrievalMethod URI="file:///etc/passwd" Type="{DSIG}rawX509Certificate"/>')


@attack("key of another provider of this server", "mix-up; Mender CVE-2024-37019", SIGNATURE, plays=True)
def key_of_another(play):
    m = play.message()
    return play.answer(m.signed(key=play.providers["other"].key))


@attack("RSA signature for a provider that has an elliptic curve", "key confusion", SIGNATURE, idp="ec")
def rsa_for_ec(m):
    return m.signed(key=m.stranger)


begin("algorithms")


@control("rsa-sha512 with digest SHA-512")
def sha512(m):
    return m.signed(method=MORE + "rsa-sha512", digest_method="http://www.w3.org/2001/04/xmlenc#sha512")


@control("AllowSha1=true: rsa-sha1", idp="old")
def sha1_allowed(m):
    return m.signed(method=DSIG + "rsa-sha1", digest_method=DSIG + "sha1")


@attack("rsa-sha1", "SHAttered (2017); NIST SP 800-131A", ALGORITHM)
def sha1(m):
    return m.signed(method=DSIG + "rsa-sha1")


@attack("digest SHA-1", "SHAttered (2017); NIST SP 800-131A", ALGORITHM)
def sha1_digest(m):
    return m.signed(digest_method=DSIG + "sha1")


@attack("ecdsa-sha1", "NIST SP 800-131A", ALGORITHM, idp="ec")
def ecdsa_sha1(m):
    return m.signed(method=MORE + "ecdsa-sha1")


@attack("rsa-md5", "RFC 6931 2.3.1", ALGORITHM)
def md5(m):
    return m.signed(method=MORE + "rsa-md5", sign_value=lambda data: m.key.private.sign(
        data, padding.PKCS1v15(), hashes.MD5()))


@attack("digest MD5", "RFC 6931 2.1.1", ALGORITHM)
def md5_digest(m):
    return m.signed(digest_method=MORE + "md5")


def with_hmac(m, secret, method=MORE + "hmac-sha256", **form):
    return m.signed(method=method, sign_value=lambda data: hmac.new(secret, data, hashlib.sha256).digest(), **form)


@attack("HMAC with the provider's public key (DER) as the secret", "CVE-2018-7644 class; JWT key confusion",
        ALGORITHM)
def hmac_der(m):
    return with_hmac(m, m.key.public_bytes())


@attack("HMAC with the provider's certificate (PEM) as the secret", "CVE-2018-7644 class", ALGORITHM)
def hmac_pem(m):
    return with_hmac(m, m.key.pem)


@attack("HMAC with an empty secret", "xmldsig-core 6.3", ALGORITHM)
def hmac_empty(m):
    return with_hmac(m, b"", key_info="")


@attack("HMACOutputLength 0", "CVE-2009-0217", ALGORITHM)
def hmac_no_output(m):
    return with_hmac(m, b"x", DSIG + "hmac-sha1", inside_method="<ds:HMACOutputLength>0</ds:HMACOutputLength>")


@attack("HMACOutputLength in an RSA signature", "CVE-2009-0217", STRUCTURE)
def rsa_with_output_length(m):
    return m.signed(inside_method="<ds:HMACOutputLength>0</ds:HMACOutputLength>")


@attack("dsa-sha1 with an attacker's key", "xmldsig-core 6.4.1", ALGORITHM)
def dsa_sha1(m):
    key = dsa.generate_private_key(1024)
    return m.signed(method=DSIG + "dsa-sha1", key_info="", sign_value=lambda data: key.sign(data, hashes.SHA1())[:40])


@attack("dsa-sha256", "xmldsig11", ALGORITHM)
def dsa_sha256(m):
    return m.signed(method="http://www.w3.org/2009/xmldsig11#dsa-sha256")


@attack("RSA-PSS under the name of an algorithm that is not known", "RFC 6931 2.3.9", ALGORITHM)
def unknown_algorithm(m):
    return m.signed(method="urn:evil:rsa-pss")


@attack("name of the algorithm with a blank behind it", "strict comparison", ALGORITHM)
def algorithm_with_blank(m):
    return m.signed(method=MORE + "rsa-sha256 ")


@attack("no name of an algorithm", "fail closed", ALGORITHM)
def algorithm_empty(m):
    return m.signed(method="")


@attack("digest without a name", "fail closed", ALGORITHM)
def digest_empty_method(m):
    m.signed()
    find(m.assertion, ".//ds:DigestMethod").attrib.pop("Algorithm")
    return m


@attack("SignatureValue empty", "fail closed", STRUCTURE)
def empty_value(m):
    m.signed()
    find(m.assertion, ".//ds:SignatureValue").text = None
    return m


@attack("DigestValue empty", "fail closed", STRUCTURE)
def empty_digest(m):
    m.signed()
    find(m.assertion, ".//ds:DigestValue").text = None
    return m


@attack("DigestValue cut to one byte", "CVE-2009-0217 class", STRUCTURE)
def short_digest(m):
    m.signed()
    find(m.assertion, ".//ds:DigestValue").text = b64(b"x")
    return m


@attack("SignatureValue of zeros", "fail closed", SIGNATURE)
def zeros(m):
    return m.signed(sign_value=lambda data: bytes(256))


@attack("SignatureValue 1", "fail closed", SIGNATURE)
def one(m):
    return m.signed(sign_value=lambda data: bytes(255) + b"\x01")


@attack("SignatureValue not base64", "fail closed", SIGNATURE)
def not_base64(m):
    m.signed()
    find(m.assertion, ".//ds:SignatureValue").text = "%%%%"
    return m


@attack("SignatureValue of 100 KB", "denial of service", SIGNATURE)
def long_value(m):
    return m.signed(sign_value=lambda data: bytes(100000))


@attack("ECDSA with r = s = 0", "CVE-2022-21449 (psychic signatures)", SIGNATURE, idp="ec")
def psychic(m):
    return m.signed(sign_value=lambda data: bytes(64))


@attack("ECDSA with r = s = order of the curve", "CVE-2022-21449 (psychic signatures)", SIGNATURE, idp="ec")
def psychic_order(m):
    order = bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    return m.signed(sign_value=lambda data: order + order)


@attack("ECDSA value as DER instead of two numbers", "xmldsig-core 6.4.3", SIGNATURE, idp="ec")
def ecdsa_der(m):
    return m.signed(sign_value=lambda data: m.key.private.sign(data, ec.ECDSA(hashes.SHA256())))


def cube_root(number):
    """The smallest integer whose cube is not less."""
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle ** 3 < number else (low, middle)
    return low


@attack("forged RSA signature with garbage behind the hash, exponent 3",
        "Bleichenbacher 2006, CVE-2006-4339; BERserk CVE-2014-1568", SIGNATURE, idp="three")
def cube(m):
    def forge(data):
        block = b"\x00\x01" + b"\xff" * 8 + b"\x00" + DIGEST_INFO + hashlib.sha256(data).digest()
        root = cube_root(int.from_bytes(block.ljust(256, b"\x00"), "big"))
        if (root ** 3).to_bytes(256, "big")[:len(block)] != block:
            raise AssertionError("the forgery is not one")
        return root.to_bytes(256, "big")

    return m.signed(sign_value=forge)


begin("transforms")


@control("exclusive c14n with comments as the second transform")
def with_comments(m):
    return m.signed(transforms=transforms_xml(ENVELOPED, EXC_C14N + "WithComments"))


@control("prefix list of one prefix")
def one_prefix(m):
    return m.signed(transforms=transforms_xml(ENVELOPED, prefixes("saml2")))


def prefixes(names):
    return (f'<ds:Transform Algorithm="{EXC_C14N}"><ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" '
            f'PrefixList="{names}"/></ds:Transform>')


def transform(algorithm, inside):
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


XSLT = transform("http://www.w3.org/TR/1999/REC-xslt-19991116",
                 '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template '
                 'match="/"><xsl:value-of select="document(\'file:///etc/passwd\')"/></xsl:template>'
                 "</xsl:stylesheet>")
XPATH = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>self::text()</ds:XPath>")
XPATH2 = transform("http://www.w3.org/2002/06/xmldsig-filter2",
                   '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">//*</f:XPath>')
BAD_TRANSFORMS = [
    ("XSLT", "CVE-2022-47966 (Apache Santuario in ManageEngine)", (ENVELOPED, XSLT), ALGORITHM),
    ("XSLT first", "CVE-2022-47966", (XSLT, ENVELOPED), ALGORITHM),
    ("XPath that selects nothing", "xmldsig-bestpractices 2.3", (ENVELOPED, XPATH), ALGORITHM),
    ("XPath Filter 2 that takes everything away", "xmldsig-bestpractices 2.3", (ENVELOPED, XPATH2), ALGORITHM),
    ("base64", "xmldsig-core 6.6.2", (ENVELOPED, DSIG + "base64"), ALGORITHM),
    ("one that nobody knows", "fail closed", (ENVELOPED, "urn:evil:nothing"), ALGORITHM),
    ("enveloped-signature twice", "xmldsig-bestpractices 2.1", (ENVELOPED, ENVELOPED), ALGORITHM),
    ("canonicalisation before enveloped-signature", "rule 6", (EXC_C14N, ENVELOPED), ALGORITHM),
    ("canonicalisation alone", "rule 6", (EXC_C14N,), ALGORITHM),
    ("none", "rule 6", (), STRUCTURE),
    ("three", "xmldsig-bestpractices 2.1", (ENVELOPED, EXC_C14N, C14N), STRUCTURE),
    ("a hundred canonicalisations", "xmldsig-bestpractices 2.1", (ENVELOPED, *([EXC_C14N] * 100)), STRUCTURE),
    ("prefix list of 1000 prefixes", "denial of service", (ENVELOPED, prefixes(" ".join(f"p{i}" for i in range(1000)))),
     STRUCTURE),
    ("XPath as a parameter of canonicalisation", "fail closed",
     (ENVELOPED, transform(EXC_C14N, "<ds:XPath>1</ds:XPath>")), STRUCTURE),
]


def make_transform_row(algorithms):
    return lambda m: m.signed(transforms=transforms_xml(*algorithms))


for what, source, algorithms, fault in BAD_TRANSFORMS:
    attack(f"transform: {what}", source, fault)(make_transform_row(algorithms))


@attack("transforms left out", "rule 6", STRUCTURE)
def no_transforms(m):
    return m.signed(transforms="")


@attack("canonicalisation of SignedInfo that nobody knows", "fail closed", ALGORITHM)
def unknown_c14n(m):
    return m.signed(c14n="urn:evil:c14n")


@attack("canonicalisation of SignedInfo by XSLT", "xmldsig-bestpractices 2.2", ALGORITHM)
def xslt_c14n(m):
    return m.signed(c14n="http://www.w3.org/TR/1999/REC-xslt-19991116")


@attack("Reference to an address outside", "SSRF; xmldsig-bestpractices 2.4", STRUCTURE, plays=True)
def external_reference(play):
    with Outside() as outside:
        return play.answer(play.message().signed(uri=outside.url))


@attack("second Reference to an address outside", "SSRF; xmldsig-bestpractices 2.4", STRUCTURE, plays=True)
def second_external_reference(play):
    with Outside() as outside:
        m = play.message()
        both = reference_xml("#" + m.assertion.get("ID"), digest_of(m.assertion)) + reference_xml(
            outside.url, b64(bytes(32)), SHA256, "")
        info = signed_info_xml(both)
        put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))))))
        return play.answer(m)


@attack("Reference to a file", "xmldsig-bestpractices 2.4", STRUCTURE)
def file_reference(m):
    return m.signed(uri="file:///etc/passwd")


@attack("five hundred References", "denial of service, xmldsig-bestpractices 2.1", STRUCTURE)
def many_references(m):
    one_reference = reference_xml("#" + m.assertion.get("ID"), digest_of(m.assertion))
    info = signed_info_xml(one_reference * 500)
    put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))))))
    return m


@attack("fifty Signatures", "denial of service", STRUCTURE)
def many_signatures(m):
    m.signed()
    text = signature_xml(signed_info_xml(reference_xml("#x", b64(bytes(32)))), b64(bytes(256)))
    for _ in range(50):
        m.root.append(parse(text))
    return m


@attack("good Assertion signature, Response signature by an attacker", "rule 6", SIGNATURE)
def response_by_stranger(m):
    m.signed()
    sign(m.root, m.stranger)
    return m


@attack("good Response signature, Assertion signature by an attacker", "rule 6", SIGNATURE)
def assertion_by_stranger(m):
    sign(m.assertion, m.stranger)
    sign(m.root, m.key)
    return m


@attack("attribute of the signed Assertion changed by one letter", "baseline", SIGNATURE)
def tampered(m):
    m.signed()
    m.name_id.text = "bnna.chao@example.test"
    return m


@attack("attribute added to the signed Assertion", "baseline", SIGNATURE)
def added_attribute(m):
    m.signed()
    m.assertion.set("x", "y")
    return m


@attack("text added between the elements of the signed Assertion", "baseline", SIGNATURE)
def added_text(m):
    m.signed()
    m.find(".//saml:Subject").tail = " "
    return m


@attack("signature of the Response of an earlier sign-in reused", "baseline", SIGNATURE, plays=True)
def signature_reused(play):
    earlier, m = play.message().signed(), play.message()
    put_signature(m.assertion, find(earlier.assertion, "ds:Signature"))
    m.assertion.set("ID", earlier.assertion.get("ID"))
    return play.answer(m)


@attack("ID is no NCName", "SAML core 1.3.4", STRUCTURE)
def strange_id(m):
    m.assertion.set("ID", "1 2")
    return m.signed()


@attack("ID of 2000 characters", "denial of service", STRUCTURE)
def long_id(m):
    m.assertion.set("ID", new_id() + "a" * 2000)
    return m.signed()


@attack("KeyInfo of 256 KiB", "denial of service", "DW-SAML-FORM", plays=True)
def big_key_info(play):
    m = play.message()
    m.signed(key_info="<ds:KeyName>" + "k" * 262144 + "</ds:KeyName>")
    return play.answer(m, Post(as_bytes(m.root)))
