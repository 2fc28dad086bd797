# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is different about the answer with each fault, seen through other people's tools (xmllint, xmlsec1)."""

import base64
import datetime
import pathlib
import subprocess
import xml.etree.ElementTree as ET

NS = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
RESPONSE = "{%(samlp)s}Response" % NS
ASSERTION = "{%(saml)s}Assertion" % NS
EVE = "eve@evil.example"
UTC = datetime.timezone.utc
SCHEMAS = pathlib.Path("/usr/share/simplesamlphp/schemas")
EMPTY_SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


class Answer:
    """A SAMLResponse, as bytes and as a tree with comments."""

    def __init__(self, reply):
        assert reply.status == 200, (reply.status, reply.text)
        self.xml = reply.saml_response()
        self.root = ET.fromstring(self.xml, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))

    def find(self, path):
        return self.root.find(path, NS)

    def text(self, path):
        return self.root.findtext(path, None, NS)

    def all(self, path):
        return self.root.findall(path, NS)

    def get(self, path, name):
        element = self.find(path)
        return None if element is None else element.get(name)

    def name_id(self):
        return self.text("saml:Assertion/saml:Subject/saml:NameID")

    def times(self):
        """Everything that is an instant in the message, in document order."""
        names = ("IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant")
        return [e.get(n) for e in self.root.iter() if isinstance(e.tag, str) for n in names if e.get(n)]


class Tools:
    """What Debian's xmlsec1 and xmllint say."""

    def __init__(self, idp):
        self.folder = idp.folder
        metadata = ET.fromstring(idp.browser().get("/metadata").body)
        self.der = base64.b64decode(metadata.findtext(".//ds:X509Certificate", None, NS))
        self.certificate = self.folder / "metadata.pem"
        self.der_file = self.folder / "metadata.der"
        self.der_file.write_bytes(self.der)
        body = base64.encodebytes(self.der).decode()
        self.certificate.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")

    def verify(self, answer, parent="saml:Assertion", key=None, xpath=None):
        """Whether the signature that is a child of parent is good by the key of the metadata."""
        path = self.folder / "answer.xml"
        path.write_bytes(answer.xml)
        prefix, name = parent.split(":")
        place = f"//*[local-name()='{name}' and namespace-uri()='{NS[prefix]}']"
        xpath = xpath or f"({place}/*[local-name()='Signature'])[1]"
        command = ["xmlsec1", "--verify", "--id-attr:ID", NS["saml"] + ":Assertion", "--id-attr:ID",
                   NS["samlp"] + ":Response", *(key or ["--pubkey-cert-pem", str(self.certificate)]),
                   "--node-xpath", xpath, str(path)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def is_valid(self, xml, schema):
        """Whether xml is valid by an OASIS schema, or well-formed where Debian's simplesamlphp has not brought them."""
        path = self.folder / "document.xml"
        path.write_bytes(xml)
        extra = ["--schema", str(SCHEMAS / schema)] if SCHEMAS.is_dir() else []
        command = ["xmllint", "--nonet", "--noout", *extra, str(path)]
        return subprocess.run(command, capture_output=True).returncode == 0


# Each check says what is different from a correct answer, and nothing but that.

def value_of(path, name, wanted):
    def check(answer, tools):
        assert answer.get(path, name) == wanted, ET.tostring(answer.find(path))
        assert tools.verify(answer)
    return check


def absent(path):
    def check(answer, tools):
        assert answer.find(path) is None
        assert tools.verify(answer)
    return check


def present(path):
    def check(answer, tools):
        assert answer.find(path) is not None
        assert tools.verify(answer)
    return check


def check_audience(answer, tools):
    assert answer.text(".//saml:Audience") == "https://somebody-else.example/saml"
    assert tools.verify(answer)


def check_issuers(response, assertion):
    def check(answer, tools):
        other = "https://another-idp.example/metadata"
        assert (answer.text("saml:Issuer") == other) == response
        assert (answer.text("saml:Assertion/saml:Issuer") == other) == assertion
        assert tools.verify(answer)
    return check


def check_window(offset_s):
    def check(answer, tools):
        now = datetime.datetime.now(UTC)
        conditions = answer.find("saml:Assertion/saml:Conditions")
        data = answer.find(".//saml:SubjectConfirmationData")
        for element, name, offset in ((conditions, "NotBefore", -60), (conditions, "NotOnOrAfter", 300),
                                      (data, "NotOnOrAfter", 300)):
            instant = datetime.datetime.fromisoformat(element.get(name).replace("Z", "+00:00"))
            assert abs((instant - now).total_seconds() - offset_s - offset) < 30, element.get(name)
        assert tools.verify(answer)
    return check


def check_unsigned(answer, tools):
    assert answer.all(".//ds:Signature") == []
    assert answer.name_id() == "anna.chao@example.test"


def check_not_verifying(answer, tools):
    assert len(answer.all("saml:Assertion/ds:Signature")) == 1
    assert not tools.verify(answer)


def check_other_key(answer, tools):
    check_not_verifying(answer, tools)
    shown = base64.b64decode(answer.text(".//ds:X509Certificate"))
    assert shown != tools.der
    pem = tools.folder / "other.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(shown).decode())
    assert tools.verify(answer, key=["--pubkey-cert-pem", str(pem)])


def check_sha1(answer, tools):
    assert answer.get(".//ds:SignatureMethod", "Algorithm").endswith("rsa-sha1")
    assert answer.get(".//ds:DigestMethod", "Algorithm").endswith("#sha1")
    assert tools.verify(answer)


def check_hmac(answer, tools):
    assert answer.get(".//ds:SignatureMethod", "Algorithm").endswith("hmac-sha256")
    assert tools.verify(answer, key=["--hmackey", str(tools.der_file)])


def check_in_response_to(answer, tools):
    value = answer.root.get("InResponseTo")
    assert value not in (None, "_request1")
    assert answer.get(".//saml:SubjectConfirmationData", "InResponseTo") == value
    assert tools.verify(answer)


def check_unsolicited(answer, tools):
    assert answer.root.get("InResponseTo") is None
    assert answer.get(".//saml:SubjectConfirmationData", "InResponseTo") is None
    assert tools.verify(answer)


def check_denied(answer, tools):
    assert answer.find("saml:Assertion") is None
    assert answer.get("samlp:Status/samlp:StatusCode", "Value").endswith(":Responder")
    assert answer.get("samlp:Status/samlp:StatusCode/samlp:StatusCode", "Value").endswith(":RequestDenied")
    assert "AADSTS50105" in answer.text("samlp:Status/samlp:StatusMessage")


def check_comment(answer, tools):
    name_id = answer.find(".//saml:NameID")
    assert name_id.text == "anna.chao@example.test"
    assert [child.tag for child in name_id] == [ET.Comment] and name_id[0].tail == ".evil.example"
    assert tools.verify(answer)


def check_two(answer, tools):
    names = [a.findtext("saml:Subject/saml:NameID", None, NS) for a in answer.all("saml:Assertion")]
    assert names == ["anna.chao@example.test", EVE]
    assert len({a.get("ID") for a in answer.all("saml:Assertion")}) == 2
    assert len(answer.all("saml:Assertion/ds:Signature")) == 2
    assert tools.verify(answer)
    for assertion in answer.all("saml:Assertion"):
        assert assertion.find(".//ds:Reference", NS).get("URI") == "#" + assertion.get("ID")
    last = "(//*[local-name()='Assertion'])[2]/*[local-name()='Signature']"
    assert tools.verify(answer, xpath=last)


def check_wrapping(kind, parent, original, signed_in_place):
    """The forged element comes first, the original is at the path `original`, its signature in `parent`."""
    def check(answer, tools):
        forged = answer.root if kind == RESPONSE else next(answer.root.iter(ASSERTION))
        assert forged.get("ID").startswith("_evil")
        subject = "saml:Assertion/saml:Subject" if kind == RESPONSE else "saml:Subject"
        assert forged.find(subject + "/saml:NameID", NS).text == EVE
        genuine = answer.find(original)
        assert genuine.tag == kind and not genuine.get("ID").startswith("_evil")
        assert genuine.find(".//saml:NameID", NS).text == "anna.chao@example.test"
        assert len(answer.all(".//ds:Signature")) == 1
        signature = answer.find(parent + "/ds:Signature")
        assert signature.find(".//ds:Reference", NS).get("URI") == "#" + genuine.get("ID")
        # xmlsec1 takes everything in the signature away before it digests, so what is wrapped in there is safe from it.
        element = "samlp:Response" if kind == RESPONSE else "saml:Assertion"
        assert tools.verify(answer, parent=element) == signed_in_place
    return check


def check_doctype(answer, tools):
    assert b"<!DOCTYPE samlp:Response [" in answer.xml and b"<!ENTITY mail" in answer.xml
    assert tools.verify(answer)


def check_nesting(answer, tools):
    depth, node = 0, answer.find("samlp:Extensions")
    while len(node):
        depth, node = depth + 1, node[0]
    assert depth == 201, depth
    assert tools.verify(answer)


def check_many(answer, tools):
    assert len(answer.find("samlp:Extensions")[0].attrib) == 5000
    assert tools.verify(answer)


def check_duplicate(answer, tools):
    assert answer.root.get("ID") == answer.get("saml:Assertion", "ID")
    assert len(answer.all("saml:Assertion/ds:Signature")) == 1


def check_empty_digest(answer, tools):
    assert answer.text(".//ds:DigestValue") == EMPTY_SHA256
    assert not tools.verify(answer)
    # The signature itself is right: with the reference taken out of the way only that is left to check.
    signed_info = answer.find(".//ds:SignedInfo")
    octets = ET.canonicalize(cut(answer.xml, signed_info.tag), with_comments=False)
    value = tools.folder / "value.bin"
    value.write_bytes(base64.b64decode(answer.text(".//ds:SignatureValue")))
    key = tools.folder / "key.pem"
    key.write_bytes(subprocess.run(["openssl", "x509", "-in", str(tools.certificate), "-pubkey", "-noout"],
                                   check=True, capture_output=True).stdout)
    subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(value)],
                   input=octets.encode(), check=True, capture_output=True)


def cut(xml, tag):
    """The one element of that name, with the namespace of XML signatures declared on it."""
    name = "ds:" + tag.split("}")[1]
    text = xml.decode()
    begin, end = text.index(f"<{name}>"), text.index(f"</{name}>") + len(name) + 3
    return text[begin:end].replace(f"<{name}>", f'<{name} xmlns:ds="{NS["ds"]}">', 1)


def check_transform(answer, tools):
    algorithms = [t.get("Algorithm") for t in answer.all(".//ds:Transform")]
    assert "http://www.w3.org/TR/1999/REC-xslt-19991116" in algorithms
    assert tools.verify(answer)


def check_unknown_condition(answer, tools):
    condition = answer.find(".//saml:Conditions/saml:Condition")
    assert condition.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "dev:OnlyAtFullMoon"
    assert tools.verify(answer)


def check_offset(answer, tools):
    assert all(t.endswith("+02:00") for t in answer.times())
    check_window(0)(answer, tools)


def check_fraction(answer, tools):
    assert all(t.endswith(".123456Z") for t in answer.times())
    assert tools.verify(answer)


def check_huge(answer, tools):
    assert len(answer.xml) > 2 * 1024 * 1024
    assert tools.verify(answer)


def check_replayed(answer, tools):
    assert tools.verify(answer)


FAULTS = {
    "none": check_window(0),
    "wrong-audience": check_audience,
    "no-audience": absent(".//saml:AudienceRestriction"),
    "wrong-recipient": value_of(".//saml:SubjectConfirmationData", "Recipient", "https://somebody-else.example/acs"),
    "wrong-destination": value_of(".", "Destination", "https://somebody-else.example/acs"),
    "wrong-issuer": check_issuers(True, True),
    "response-issuer-differs": check_issuers(True, False),
    "expired": check_window(-3600),
    "not-yet-valid": check_window(3600),
    "no-conditions": absent(".//saml:Conditions"),
    "unsigned": check_unsigned,
    "bad-signature": check_not_verifying,
    "other-key": check_other_key,
    "sha1": check_sha1,
    "hmac-signature": check_hmac,
    "wrong-in-response-to": check_in_response_to,
    "no-in-response-to": check_unsolicited,
    "replayed-id": check_replayed,
    "status-denied": check_denied,
    "no-nameid": absent(".//saml:NameID"),
    "comment-in-nameid": check_comment,
    "two-assertions": check_two,
    "no-authn-statement": absent(".//saml:AuthnStatement"),
    "xsw1": check_wrapping(RESPONSE, ".", "ds:Signature/samlp:Response", False),
    "xsw2": check_wrapping(RESPONSE, ".", "samlp:Response", True),
    "xsw3": check_wrapping(ASSERTION, "saml:Assertion", "saml:Assertion[2]", True),
    "xsw4": check_wrapping(ASSERTION, "saml:Assertion/saml:Assertion", "saml:Assertion/saml:Assertion", True),
    "xsw5": check_wrapping(ASSERTION, "saml:Assertion", "saml:Assertion[2]", True),
    "xsw6": check_wrapping(ASSERTION, "saml:Assertion", "saml:Assertion/ds:Signature/saml:Assertion", False),
    "xsw7": check_wrapping(ASSERTION, "saml:Assertion", "saml:Assertion", True),
    "xsw8": check_wrapping(ASSERTION, "saml:Assertion", "saml:Assertion/ds:Signature/ds:Object/saml:Assertion", False),
    "doctype": check_doctype,
    "deep-nesting": check_nesting,
    "many-attributes": check_many,
    "duplicate-ids": check_duplicate,
    "empty-digest": check_empty_digest,
    "foreign-transform": check_transform,
    "holder-of-key-only": value_of(".//saml:SubjectConfirmation", "Method",
                                   "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
    "no-subject-confirmation-data": absent(".//saml:SubjectConfirmationData"),
    "one-time-use": present(".//saml:Conditions/saml:OneTimeUse"),
    "proxy-restriction": present(".//saml:Conditions/saml:ProxyRestriction"),
    "unknown-condition": check_unknown_condition,
    "offset-time": check_offset,
    "fraction-time": check_fraction,
    "huge": check_huge,
}
INVALID_BY_SCHEMA = {"xsw1", "xsw2", "xsw4", "xsw6", "duplicate-ids", "unknown-condition"}
