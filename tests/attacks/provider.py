# SPDX-License-Identifier: LGPL-2.1-or-later
"""Identity providers of the attack suite: their keys, and messages that are right until a row spoils them.

Canonicalisation is lxml's, keys are python3-cryptography's, the form of every message and signature is written here:
nothing is shared with the product, and a signature may have any form that an attacker likes.
"""

import base64
import copy
import datetime
import hashlib
import pathlib
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XMLENC = "http://www.w3.org/2001/04/xmlenc#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DSIG + "enveloped-signature"
RSA_SHA256 = MORE + "rsa-sha256"
ECDSA_SHA256 = MORE + "ecdsa-sha256"
SHA256 = XMLENC + "sha256"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
NAMES = {"saml": SAML, "samlp": SAMLP, "ds": DSIG, "md": MD}

DIGESTS = {SHA256: hashlib.sha256, DSIG + "sha1": hashlib.sha1, XMLENC + "sha512": hashlib.sha512,
           MORE + "sha384": hashlib.sha384, MORE + "md5": hashlib.md5, XMLENC + "ripemd160": hashlib.sha1}
HASHES = {RSA_SHA256: hashes.SHA256, MORE + "rsa-sha384": hashes.SHA384, MORE + "rsa-sha512": hashes.SHA512,
          DSIG + "rsa-sha1": hashes.SHA1, MORE + "rsa-md5": hashes.MD5, ECDSA_SHA256: hashes.SHA256,
          MORE + "ecdsa-sha1": hashes.SHA1, MORE + "ecdsa-sha384": hashes.SHA384}


def b64(data):
    return base64.b64encode(data).decode()


def stamp(seconds=0):
    """An instant so many seconds from now."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id():
    return "_" + secrets.token_hex(16)


def canonical(node, exclusive=True):
    return etree.tostring(node, method="c14n", exclusive=exclusive, with_comments=False)


def find(node, path):
    """The first element of a path with the usual prefixes."""
    found = node.find(path, NAMES)
    if found is None:
        raise LookupError(path)
    return found


def parse(text):
    return etree.fromstring(text)


def as_bytes(message):
    return message if isinstance(message, bytes) else etree.tostring(message)


class Key:
    """A key pair with a certificate in folder/NAME.pem."""

    def __init__(self, folder, name, kind="rsa", days=2, **options):
        self.name, self.kind = name, kind
        if "private" in options:
            self.private = options["private"]
        elif kind == "ec":
            self.private = ec.generate_private_key(options.get("curve", ec.SECP256R1)())
        else:
            self.private = rsa.generate_private_key(options.get("exponent", 65537), options.get("bits", 2048))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        ends = now + datetime.timedelta(days=days)
        self.certificate = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(
            self.private.public_key()).serial_number(x509.random_serial_number()).not_valid_before(
            ends - datetime.timedelta(days=30)).not_valid_after(ends).sign(self.private, hashes.SHA256())
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        self.file = pathlib.Path(folder) / f"{name}.pem"
        self.file.write_bytes(self.pem)

    @property
    def certificate_b64(self):
        return b64(self.certificate.public_bytes(serialization.Encoding.DER))

    @property
    def method(self):
        return ECDSA_SHA256 if self.kind == "ec" else RSA_SHA256

    def public_bytes(self, encoding="DER"):
        return self.private.public_key().public_bytes(getattr(serialization.Encoding, encoding),
                                                      serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data, method=None):
        algorithm = HASHES.get(method or self.method, hashes.SHA256)()
        if self.kind == "ec":
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(algorithm)))
            size = (self.private.curve.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        return self.private.sign(data, padding.PKCS1v15(), algorithm)


def key_info_x509(key):
    return f"<ds:X509Data><ds:X509Certificate>{key.certificate_b64}</ds:X509Certificate></ds:X509Data>"


def transforms_xml(*algorithms):
    """Transforms by their names; one that has something inside is given as a whole element."""
    inner = "".join(a if a.startswith("<") else f'<ds:Transform Algorithm="{a}"/>' for a in algorithms)
    return f"<ds:Transforms>{inner}</ds:Transforms>"


def reference_xml(uri, digest, method=SHA256, transforms=None):
    attribute = "" if uri is None else f' URI="{uri}"'
    return (f"<ds:Reference{attribute}>{transforms_xml(ENVELOPED, EXC_C14N) if transforms is None else transforms}"
            f'<ds:DigestMethod Algorithm="{method}"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>')


def signed_info_xml(references, method=RSA_SHA256, c14n=EXC_C14N, attributes="", inside_method=""):
    return (f'<ds:SignedInfo xmlns:ds="{DSIG}"{attributes}><ds:CanonicalizationMethod Algorithm="{c14n}"/>'
            f'<ds:SignatureMethod Algorithm="{method}">{inside_method}</ds:SignatureMethod>{references}'
            "</ds:SignedInfo>")


def signature_xml(signed_info, value, key_info="", after=""):
    info = f"<ds:KeyInfo>{key_info}</ds:KeyInfo>" if key_info else ""
    return (f'<ds:Signature xmlns:ds="{DSIG}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>'
            f"{info}{after}</ds:Signature>")


def digest_of(element, method=SHA256, exclusive=True):
    """The digest of an element as it is now, without a signature in it."""
    return b64(DIGESTS[method](canonical(element, exclusive)).digest())


def put_signature(element, signature):
    """Where the schema wants it: behind the Issuer."""
    issuer = element.find("saml:Issuer", NAMES)
    element.insert(0 if issuer is None else element.index(issuer) + 1, signature)
    return signature


def sign(element, key, *, sign_value=None, **form):
    """Signs an element that has no signature yet. Returns the Signature.

    Of form: uri, method, digest_method, transforms, c14n, key_info, attributes, inside_method, after. sign_value makes
    the signature's value of the canonical SignedInfo in another way than with the key.
    """
    method = form.get("method", key.method)
    uri = form.get("uri", "#" + element.get("ID"))
    digest_method = form.get("digest_method", SHA256)
    reference = reference_xml(uri, digest_of(element, digest_method), digest_method, form.get("transforms"))
    info = signed_info_xml(reference, method, form.get("c14n", EXC_C14N), form.get("attributes", ""),
                           form.get("inside_method", ""))
    make = sign_value or (lambda data: key.sign(data, method))
    value = make(canonical(parse(info), form.get("c14n", EXC_C14N).startswith(EXC_C14N)))
    text = signature_xml(info, b64(value), form.get("key_info", key_info_x509(key)), form.get("after", ""))
    return put_signature(element, parse(text))


class Message:
    """One answer to one request. Built right; rows spoil it before or after they sign it."""

    def __init__(self, provider, request, account="anna.chao@example.test"):
        self.provider, self.request = provider, request
        self.key = provider.key
        self.account = account
        self.root = parse(self.text())

    def text(self):
        request = self.request
        times = f'NotBefore="{stamp(-60)}" NotOnOrAfter="{stamp(300)}"'
        return (
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"'
            f' IssueInstant="{stamp()}" Destination="{request.acs_url}" InResponseTo="{request.id}">'
            f"<saml:Issuer>{self.provider.entity_id}</saml:Issuer>"
            f'<samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>'
            f'<saml:Assertion ID="{new_id()}" Version="2.0" IssueInstant="{stamp()}">'
            f"<saml:Issuer>{self.provider.entity_id}</saml:Issuer>"
            f'<saml:Subject><saml:NameID Format="{EMAIL}">{self.account}</saml:NameID>'
            f'<saml:SubjectConfirmation Method="{BEARER}"><saml:SubjectConfirmationData'
            f' NotOnOrAfter="{stamp(300)}" Recipient="{request.acs_url}" InResponseTo="{request.id}"/>'
            f"</saml:SubjectConfirmation></saml:Subject><saml:Conditions {times}><saml:AudienceRestriction>"
            f"<saml:Audience>{request.sp_entity_id}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{stamp()}" SessionIndex="{new_id()}"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>"
            '<saml:Attribute Name="displayName"><saml:AttributeValue>Anna Chao</saml:AttributeValue></saml:Attribute>'
            '<saml:Attribute Name="groups"><saml:AttributeValue>design</saml:AttributeValue></saml:Attribute>'
            "</saml:AttributeStatement></saml:Assertion></samlp:Response>")

    def find(self, path):
        return find(self.root, path)

    @property
    def assertion(self):
        return self.find("saml:Assertion")

    @property
    def name_id(self):
        return self.find(".//saml:NameID")

    @property
    def conditions(self):
        return self.find(".//saml:Conditions")

    @property
    def confirmation(self):
        return self.find(".//saml:SubjectConfirmationData")

    def signed(self, part="assertion", key=None, **form):
        """Signs assertion, response or both, and gives the message."""
        if part in ("assertion", "both"):
            sign(self.assertion, key or self.key, **form)
        if part in ("response", "both"):
            sign_response(self.root, key or self.key, **form)
        return self

    def forged(self, source=None, account="ben.okafor@example.test"):
        """A copy of an element (the assertion) about somebody else, with another ID and without signatures."""
        evil = copy.deepcopy(source if source is not None else self.assertion)
        for signature in list(evil.iter(f"{{{DSIG}}}Signature")):
            signature.getparent().remove(signature)
        for element in (evil, evil.find("saml:Assertion", NAMES)):
            if element is not None:
                element.set("ID", new_id())
        find(evil, ".//saml:NameID").text = account
        evil.tail = None
        return evil


def sign_response(root, key, **form):
    """Like sign(), but what is digested has the signature of the assertion in it."""
    return sign(root, key, **form)


class Provider:
    """An identity provider: entity id, key, and how it stands in the configuration of the server."""

    def __init__(self, name, key, domains="example.test", more="SignRequests=false"):
        self.name, self.key, self.domains, self.more = name, key, domains, more
        self.entity_id = f"https://{name}.idp.example.test/metadata"

    def group(self):
        return (f"[idp/{self.name}]\nType=saml\nDisplayName={self.name}\nEntityId={self.entity_id}\n"
                f"SsoUrl=https://{self.name}.idp.example.test/sso\nCertificates={self.key.file}\n"
                f"EmailDomains={self.domains}\n{self.more}\n")


def metadata(provider, keys=None, *, entity_id=None, sso=None, attributes="", role_attributes="", more=""):
    """An EntityDescriptor; keys are (use or None, certificate in base64), sso whole elements."""
    listed = [("signing", provider.key.certificate_b64)] if keys is None else keys
    descriptors = "".join(
        f'<md:KeyDescriptor{f" use={chr(34)}{use}{chr(34)}" if use else ""}><ds:KeyInfo><ds:X509Data>'
        f"<ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for use, text in listed)
    service = sso if sso is not None else sso_service(f"https://{provider.name}.idp.example.test/sso")
    return (f'<md:EntityDescriptor xmlns:md="{MD}" xmlns:ds="{DSIG}" entityID="{entity_id or provider.entity_id}"'
            f' {attributes}><md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}" {role_attributes}>'
            f"{descriptors}{service}{more}</md:IDPSSODescriptor></md:EntityDescriptor>")


def sso_service(url, binding="HTTP-Redirect"):
    return f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:{binding}" Location="{url}"/>'
