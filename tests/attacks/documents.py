# SPDX-License-Identifier: LGPL-2.1-or-later
"""Documents: bombs, document types, encodings, text that two readers read in two ways."""

import base64
import zlib

from play import Post
from provider import SAML, as_bytes, b64, find
from table import attack, begin, control

XML, FORM = "DW-SAML-XML", "DW-SAML-FORM"


def posted(m, xml, **more):
    """The bytes as they are, as SAMLResponse."""
    return Post(saml_response=b64(xml), **more) if xml is not None else Post(**more)


def signed_bytes(m):
    return as_bytes(m.signed().root)


begin("bombs")


@control("many attributes and namespaces, within the limits")
def wide(m):
    for number in range(40):
        m.find(".//saml:Subject").set(f"a{number}", "x")
    return m.signed()


@attack("100 000 attributes on one element", "libxml2 2.9.14 takes minutes; rule 1", "DW-HTTP", recorded=False, status=413)
def attributes(m):
    many = " ".join(f'a{n}=""' for n in range(100000))
    return signed_bytes(m).replace(b"<saml:Subject>", f"<saml:Subject {many}>".encode())


@attack("20 000 attributes on one element", "libxml2 is quadratic; rule 3", XML)
def less_attributes(m):
    many = " ".join(f'a{n}=""' for n in range(20000))
    return signed_bytes(m).replace(b"<saml:Subject>", f"<saml:Subject {many}>".encode())


@attack("65 attributes on one element", "rule 3", XML, reason="too many attributes")
def few_attributes(m):
    many = " ".join(f'a{n}=""' for n in range(65))
    return signed_bytes(m).replace(b"<saml:Subject>", f"<saml:Subject {many}>".encode())


@attack("9 000 namespaces on one element", "c14n is quadratic; mod_auth_mellon 24 s", XML)
def namespaces(m):
    many = " ".join(f'xmlns:n{n}="u"' for n in range(9000))
    return signed_bytes(m).replace(b"<saml:Subject>", f"<saml:Subject {many}>".encode())


@attack("namespaces spread over nested elements", "c14n bomb, Fleet PR 47463", XML)
def nested_namespaces(m):
    start = "".join(f'<a{n} xmlns:n{n}="u" xmlns:m{n}="u" xmlns:o{n}="u" xmlns:p{n}="u">' for n in range(60))
    end = "".join(f"</a{n}>" for n in reversed(range(60)))
    return signed_bytes(m).replace(b"<saml:Subject>", (start + end + "<saml:Subject>").encode())


@attack("elements 10 000 deep", "c14n recursion, Fleet PR 47463", XML)
def deep(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b"<a>" * 10000 + b"</a>" * 10000 + b"<saml:Subject>")


@attack("elements 70 deep", "rule 3", XML)
def little_deep(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b"<a>" * 70 + b"</a>" * 70 + b"<saml:Subject>")


@attack("60 000 elements beside each other", "Fleet PR 47463", "DW-SAML-SIGNATURE")
def many_elements(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b"<a/>" * 60000 + b"<saml:Subject>")


@attack("40 000 elements under 60 namespaces, 50 deep", "c14n bomb within each single limit", XML)
def product(m):
    start = "".join(f'<a xmlns:n{n}="u">' for n in range(50)).encode()
    return signed_bytes(m).replace(b"<saml:Subject>",
                                   start + b"<b/>" * 40000 + b"</a>" * 50 + b"<saml:Subject>")


@attack("an attribute of 100 KB", "rule 3", XML)
def long_attribute(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b'<saml:Subject a="' + b"x" * 100000 + b'">')


@attack("an element name of 100 KB", "rule 3", XML)
def long_name(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b"<" + b"x" * 100000 + b"/><saml:Subject>")


@attack("300 IDs", "table of IDs made slow", "DW-SAML-STRUCTURE")
def many_ids(m):
    ids = "".join(f'<a ID="i{n}"/>' for n in range(300))
    return signed_bytes(m).replace(b"<saml:Subject>", ids.encode() + b"<saml:Subject>")


@attack("a comment of 200 KB", "rule 3", "DW-SAML-SIGNATURE")
def long_comment(m):
    xml = signed_bytes(m).replace(b"anna.chao", b"ben.okafor")
    return xml.replace(b"<saml:Subject>", b"<!--" + b"x" * 200000 + b"--><saml:Subject>")


@attack("5 000 attribute values", "denial of service", "DW-SAML-SIGNATURE")
def many_values(m):
    xml = signed_bytes(m)
    return xml.replace(b"</saml:AttributeStatement>",
                       b"<saml:AttributeValue>x</saml:AttributeValue>" * 5000 + b"</saml:AttributeStatement>")


@attack("document of more than 256 KiB", "rule 1", FORM)
def large(m):
    return signed_bytes(m) + b" " * (256 * 1024)


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@attack("a good answer, deflated, by POST", "bindings 3.5.4; CVE-2025-27773 class", XML)
def deflated_post(m):
    return posted(m, deflated(signed_bytes(m)))


@attack("DEFLATE bomb by POST", "CVE-2023-28119 (crewjam/saml)", XML)
def deflate_bomb(m):
    return posted(m, deflated(bytes(100_000_000)))


@attack("gzip bomb as Content-Encoding", "HTTP", FORM, recorded=False)
def gzip_bomb(m):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(b"SAMLResponse=" + bytes(50_000_000)) + packer.flush()
    return Post(body=body, headers={"Content-Encoding": "gzip"})


begin("document types")


def with_doctype(m, doctype, old=b"", new=b""):
    return doctype + signed_bytes(m).replace(old, new, 1) if old else doctype + signed_bytes(m)


@attack("DOCTYPE, empty", "CVE-2025-25291 (ruby-saml)", XML)
def doctype(m):
    return with_doctype(m, b"<!DOCTYPE x>")


@attack("billion laughs", "CVE-2003-1564", XML)
def laughs(m):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return with_doctype(m, f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'.encode(), b">anna.chao", b">&l9;anna.chao")


@attack("quadratic blowup", "CVE-2013-0338 class", XML)
def blowup(m):
    return with_doctype(m, b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 50000 + b'">]>', b">anna.chao", b">" + b"&a;" * 10000)


@attack("external entity: a file", "XXE; CVE-2024-52596 (SimpleSAMLphp)", XML)
def xxe(m):
    return with_doctype(m, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', b">anna.chao", b">&a;anna.chao")


@attack("external entity: an address", "XXE; CVE-2024-52596 (SimpleSAMLphp)", XML)
def xxe_http(m):
    return with_doctype(m, b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">')


@attack("parameter entity", "XXE, CVE-2025-23369 (GitHub, libxml2)", XML)
def parameter_entity(m):
    return with_doctype(m, b'<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>')


@attack("attribute of type ID by the document type", "CVE-2025-23369 (GitHub, libxml2)", XML)
def id_by_doctype(m):
    return with_doctype(m, b"<!DOCTYPE x [<!ATTLIST samlp:Status Value ID #IMPLIED>]>")


@attack("attribute default by the document type", "PortSwigger, The Fragile Lock (2025)", XML)
def default_by_doctype(m):
    return with_doctype(m, b'<!DOCTYPE x [<!ATTLIST saml:Assertion ID CDATA "_evil">]>')


@attack("DOCTYPE behind a comment", "CVE-2025-25291 (ruby-saml)", XML)
def doctype_behind_comment(m):
    return with_doctype(m, b"<!-- --><!DOCTYPE x>")


@attack("doctype in small letters", "HTML readers", XML)
def small_doctype(m):
    return with_doctype(m, b"<!doctype html>")


@attack("entity that nobody declared", "fail closed", XML)
def undeclared_entity(m):
    return signed_bytes(m).replace(b">anna.chao", b">&evil;anna.chao", 1)


@attack("XInclude of a file", "XInclude", "DW-SAML-SIGNATURE")
def xinclude(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                                   b'href="file:///etc/passwd" parse="text"/><saml:Subject>')


@attack("style sheet by processing instruction", "rule 4", XML)
def stylesheet(m):
    return b'<?xml-stylesheet href="http://127.0.0.1:9/evil.xsl" type="text/xsl"?>' + signed_bytes(m)


@attack("two roots", "parser differentials", XML)
def two_roots(m):
    xml = signed_bytes(m)
    return xml + xml


@attack("text behind the root", "parser differentials", XML)
def trailing(m):
    return signed_bytes(m) + b"x"


@attack("end missing", "fail closed; RECOVER", XML)
def cut(m):
    return signed_bytes(m)[:-10]


@attack("not XML: JSON", "fail closed", XML)
def json_text(m):
    return b'{"user": "anna.chao@example.test"}'


@attack("not SAML: HTML", "fail closed", "DW-SAML-STRUCTURE")
def html(m):
    return b"<html><body>anna</body></html>"


@attack("SAML 1.1 Response", "fail closed", "DW-SAML-STRUCTURE")
def saml_one(m):
    return signed_bytes(m).replace(b"urn:oasis:names:tc:SAML:2.0:protocol", b"urn:oasis:names:tc:SAML:1.0:protocol")


@attack("LogoutResponse instead of Response", "fail closed", "DW-SAML-STRUCTURE")
def logout_response(m):
    return signed_bytes(m).replace(b"samlp:Response", b"samlp:LogoutResponse")


@attack("Assertion as the root", "fail closed", "DW-SAML-STRUCTURE")
def assertion_alone(m):
    m.signed()
    return as_bytes(m.assertion)


begin("encodings")


@control("UTF-8 with its mark at the start and a declaration")
def utf8_mark(m):
    return b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>' + signed_bytes(m)


@control("line breaks in the base64")
def wrapped(m):
    return Post(saml_response=base64.encodebytes(signed_bytes(m)).decode())


def transcoded(encoding, declared=None):
    def make(m):
        head = f'<?xml version="1.0" encoding="{declared or encoding}"?>'
        return (head + signed_bytes(m).decode()).encode(encoding)
    return make


for name, declared in (("utf-16", "UTF-16"), ("utf-16-be", "UTF-16BE"), ("utf-16-le", "UTF-16LE"),
                       ("utf-32", "UTF-32"), ("cp037", "EBCDIC-CP-US"), ("utf-7", "UTF-7")):
    attack(f"encoded in {declared}", "filters that read bytes; rule 3", XML)(transcoded(name, declared))
for declared in ("ISO-8859-1", "US-ASCII", "UTF-16", "UTF-7", "utf-8x"):
    attack(f"declared as {declared}, without being it", "parser differentials; rule 3", XML)(
        transcoded("utf-8", declared))


@attack("bytes that are not UTF-8", "parser differentials", XML)
def not_utf8(m):
    return signed_bytes(m).replace(b"Anna Chao", b"Anna \xff\xfe")


@attack("overlong UTF-8", "CVE-2000-0884 class", XML)
def overlong(m):
    return signed_bytes(m).replace(b"Anna Chao", b"Anna \xc0\xbc")


@attack("NUL inside", "CVE-2009-2408 class", XML)
def nul(m):
    return signed_bytes(m).replace(b"Anna Chao", b"Anna \0Chao")


@attack("NUL behind the NameID as a reference", "CVE-2009-2408 class", XML)
def nul_reference(m):
    return signed_bytes(m).replace(b"anna.chao@example.test<", b"anna.chao@example.test&#0;<")


@attack("version 1.1 of XML", "parser differentials", "DW-SAML-SIGNATURE")
def xml_one_one(m):
    xml = signed_bytes(m).replace(b"anna.chao", b"ben.okafor")
    return b'<?xml version="1.1"?>' + xml


@attack("base64 with other characters", "lax base64", FORM)
def lax_base64(m):
    return Post(saml_response="!" + b64(signed_bytes(m)))


@attack("base64url", "lax base64", FORM)
def base64url(m):
    return Post(saml_response=base64.urlsafe_b64encode(signed_bytes(m) + b"\n<!-- \xc3\xbf\xc3\xbf?>> -->").decode()
                .replace("A", "-", 1))


@attack("base64 twice", "lax base64", XML)
def base64_twice(m):
    return posted(m, b64(signed_bytes(m)).encode())


@attack("two values joined", "lax base64", FORM)
def joined_base64(m):
    return Post(saml_response=b64(b"x") + b64(signed_bytes(m)))


@attack("SAMLResponse empty", "fail closed", FORM)
def empty(m):
    return Post(saml_response="")


@attack("SAMLResponse of white space", "fail closed", FORM)
def white(m):
    return Post(saml_response=" " * 100000)


begin("text")
SPLIT = "CVE-2017-11427, CVE-2018-0489, VU#475445"


@control("CDATA around the whole NameID")
def whole_cdata(m):
    return signed_bytes(m).replace(b">anna.chao@example.test<", b"><![CDATA[anna.chao@example.test]]><")


@control("comment in a place without meaning")
def harmless_comment(m):
    return signed_bytes(m).replace(b"<saml:Subject>", b"<!-- --><saml:Subject>")


def evil_account(m):
    """The account of somebody who has the domain example.test.evil.test; the signature is the provider's."""
    m.name_id.text = "anna.chao@example.test.evil.test"
    return signed_bytes(m)


# The answer is genuine, so it is used up, but what counts is the whole text: a domain that may not enroll.
WHOLE = {"uses_up": ("replay", "requests spent")}


@attack("comment cuts the NameID", SPLIT, "DW-ID-DOMAIN", **WHOLE)
def comment_in_name_id(m):
    return evil_account(m).replace(b"example.test.evil", b"example.test<!-- -->.evil")


@attack("empty comment cuts the NameID", SPLIT, "DW-ID-DOMAIN", **WHOLE)
def empty_comment_in_name_id(m):
    return evil_account(m).replace(b"example.test.evil", b"example.test<!---->.evil")


@attack("comment at the start of the NameID", SPLIT, "DW-ID-DOMAIN", **WHOLE)
def comment_before_name_id(m):
    return evil_account(m).replace(b">anna.chao@example.test.evil", b"><!--x-->anna.chao@example.test.evil")


@attack("CDATA cuts the NameID", SPLIT, "DW-ID-DOMAIN", **WHOLE)
def cdata_in_name_id(m):
    return evil_account(m).replace(b"example.test.evil.test", b"example.test<![CDATA[.evil.test]]>")


@attack("processing instruction cuts the NameID", "CVE-2017-11427 with an instruction", XML)
def instruction_in_name_id(m):
    return evil_account(m).replace(b"example.test.evil", b"example.test<?x?>.evil")


@attack("element inside the NameID", "rule 11", "DW-SAML-NAMEID")
def element_in_name_id(m):
    m.name_id.append(m.name_id.makeelement(f"{{{SAML}}}x"))
    return m.signed()


@attack("comment cuts the Issuer", SPLIT, "DW-SAML-ISSUER")
def comment_in_issuer(m):
    issuer = m.assertion.find(f"{{{SAML}}}Issuer")
    issuer.text += ".evil"
    return signed_bytes(m).replace(b"metadata.evil", b"metadata<!-- -->.evil")


@attack("comment cuts the Audience", SPLIT, "DW-SAML-AUDIENCE")
def comment_in_audience(m):
    m.find(".//saml:Audience").text += ".evil"
    return signed_bytes(m).replace(b"/saml/corp.evil<", b"/saml/corp<!-- -->.evil<")


@attack("element inside the Audience", "rule 11", "DW-SAML-AUDIENCE")
def element_in_audience(m):
    audience = m.find(".//saml:Audience")
    audience.append(audience.makeelement(f"{{{SAML}}}x"))
    return m.signed()


@attack("two NameIDs", "rule 11", "DW-SAML-STRUCTURE")
def two_name_ids(m):
    again = m.name_id.makeelement(m.name_id.tag)
    again.text = "ben.okafor@example.test"
    m.name_id.addprevious(again)
    return m.signed()


@attack("no NameID", "profiles 4.1.4.2", "DW-SAML-NAMEID")
def no_name_id(m):
    m.name_id.getparent().remove(m.name_id)
    return m.signed()


@attack("NameID empty", "fail closed", "DW-SAML-NAMEID")
def empty_name_id(m):
    m.name_id.text = " "
    return m.signed()


@attack("NameID of 2000 characters", "denial of service", "DW-SAML-NAMEID")
def long_name_id(m):
    m.name_id.text = "a" * 2000 + "@example.test"
    return m.signed()


def no_reflection(play, reply):
    """Nothing of the message stands on the page as markup."""
    if b"<script>alert" in reply.body or b"onerror=" in reply.body:
        raise AssertionError("the page has the message's markup")


@attack("script in the Issuer, to be shown on the page", "rule 26; CVE-2023-45683 class", "DW-SAML-ISSUER",
        also=(no_reflection,))
def script_in_issuer(m):
    find(m.assertion, "saml:Issuer").text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    return m.signed()


@attack("script in the message of a failed status", "rule 26", "DW-SAML-STATUS", also=(no_reflection,))
def script_in_status(m):
    status = m.find("samlp:Status")
    status[0].set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
    message = status.makeelement(status.tag.replace("Status", "StatusMessage"))
    message.text = "<script>alert(1)</script>"
    status.append(message)
    return m.signed("response")
