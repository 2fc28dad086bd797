#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes metadata and responses in the shape of each identity provider, signed with the keys of tests/data/saml.

Needs the command xmlsec1. Signatures are deterministic: a run without a change leaves the files as they are.

    tests/data/make-vendor-responses.py
"""
import pathlib
import subprocess
import tempfile

DATA = pathlib.Path(__file__).resolve().parent
KEYS = DATA / "saml" / "keys"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
WS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MS = "http://schemas.microsoft.com/identity/claims/"
REQUEST = "_5f1c9a7d20b84e6f93d1c0aa4be27e11"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
# The instant the tests judge by is 2026-01-01T12:01:00Z.
ISSUED = "2026-01-01T12:00:00"


def sp(name):
    return f"https://mdm.example.com/saml/{name}"


def acs(name):
    return sp(name) + "/acs"


def certificate(key="rsa"):
    text = (KEYS / f"{key}.crt.pem").read_text(encoding="ascii")
    return "".join(line for line in text.splitlines() if not line.startswith("-----"))


RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
CERTIFICATE_INFO = "<{p}X509Data><{p}X509Certificate>{certificate}</{p}X509Certificate></{p}X509Data>"


def signature(reference, prefix="ds", inclusive="", method=RSA_SHA256, key_info=CERTIFICATE_INFO):
    """An empty enveloped signature; prefix "" declares the namespace as the default."""
    p = prefix + ":" if prefix else ""
    xmlns = f"xmlns:{prefix}" if prefix else "xmlns"
    c14n = (f'<{p}Transform Algorithm="{EXC_C14N}"><ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}"'
            f' PrefixList="{inclusive}"/></{p}Transform>' if inclusive else
            f'<{p}Transform Algorithm="{EXC_C14N}"/>')
    return (f'<{p}Signature {xmlns}="{DSIG}"><{p}SignedInfo>'
            f'<{p}CanonicalizationMethod Algorithm="{EXC_C14N}"/>'
            f'<{p}SignatureMethod Algorithm="{method}"/>'
            f'<{p}Reference URI="#{reference}"><{p}Transforms>'
            f'<{p}Transform Algorithm="{DSIG}enveloped-signature"/>{c14n}</{p}Transforms>'
            f'<{p}DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><{p}DigestValue/>'
            f'</{p}Reference></{p}SignedInfo><{p}SignatureValue/>'
            f'{key_info_of(p, key_info)}</{p}Signature>')


def key_info_of(p, key_info):
    text = key_info.format(p=p, certificate=certificate())
    return f"<{p}KeyInfo>{text}</{p}KeyInfo>" if text else ""


def sign(xml, owner):
    """Fills the signature that is a child of the element of this local name."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "in.xml"
        target = pathlib.Path(folder) / "out.xml"
        source.write_text(xml, encoding="utf-8")
        subprocess.run(
            ["xmlsec1", "--sign", "--privkey-pem", str(KEYS / "rsa.key.pem"),
             "--id-attr:ID", f"{SAMLP}:Response", "--id-attr:ID", f"{SAML}:Assertion",
             "--id-attr:ID", f"{MD}:EntityDescriptor",
             "--node-xpath", f"//*[local-name()='{owner}']/*[local-name()='Signature']",
             "--output", str(target), str(source)], check=True, capture_output=True)
        return target.read_text(encoding="utf-8")


def write(name, xml, *signed):
    """Signs the elements of these local names, the inner first, and writes the file."""
    for owner in signed:
        xml = sign(xml, owner)
    target = DATA / name
    target.parent.mkdir(exist_ok=True)
    target.write_text(xml if xml.endswith("\n") else xml + "\n", encoding="utf-8")


# --- Okta: both parts signed, PrefixList xs, typed values, Format on the Issuer ---------------------------

OKTA_APP = "exk1a2b3c4d5e6f7g8h9"
OKTA_ISSUER = f"http://www.okta.com/{OKTA_APP}"


def okta_metadata():
    sso = f"https://example.okta.com/app/example_doorward_1/{OKTA_APP}/sso/saml"
    return (f'<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="{OKTA_ISSUER}" xmlns:md="{MD}">'
            f'<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data><ds:X509Certificate>'
            f'{certificate()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>'
            f'<md:NameIDFormat>{EMAIL}</md:NameIDFormat>'
            f'<md:SingleSignOnService Binding="{POST}" Location="{sso}"/>'
            f'<md:SingleSignOnService Binding="{REDIRECT}" Location="{sso}"/>'
            f'</md:IDPSSODescriptor></md:EntityDescriptor>')


def okta_attribute(name, *values):
    items = "".join('<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema"'
                    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">'
                    f'{value}</saml2:AttributeValue>' for value in values)
    return (f'<saml2:Attribute Name="{name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified">'
            f'{items}</saml2:Attribute>')


def okta_response(attributes, issuer=OKTA_ISSUER, name_format=EMAIL, response_signed=True):
    format_entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    response, assertion = "id16042871209436041789", "id16042871209512061303"
    statement = f'<saml2:AttributeStatement xmlns:saml2="{SAML}">{attributes}</saml2:AttributeStatement>'
    return (f'<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="{acs("okta")}" ID="{response}"'
            f' InResponseTo="{REQUEST}" IssueInstant="{ISSUED}.311Z" Version="2.0" xmlns:saml2p="{SAMLP}"'
            f' xmlns:xs="http://www.w3.org/2001/XMLSchema">'
            f'<saml2:Issuer Format="{format_entity}" xmlns:saml2="{SAML}">{issuer}</saml2:Issuer>'
            f'{signature(response, inclusive="xs") if response_signed else ""}'
            f'<saml2p:Status xmlns:saml2p="{SAMLP}">'
            f'<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>'
            f'<saml2:Assertion ID="{assertion}" IssueInstant="{ISSUED}.311Z" Version="2.0" xmlns:saml2="{SAML}"'
            f' xmlns:xs="http://www.w3.org/2001/XMLSchema">'
            f'<saml2:Issuer Format="{format_entity}" xmlns:saml2="{SAML}">{issuer}</saml2:Issuer>'
            f'{signature(assertion, inclusive="xs")}<saml2:Subject xmlns:saml2="{SAML}">'
            f'<saml2:NameID Format="{name_format}">ada@example.com</saml2:NameID>'
            f'<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml2:SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="2026-01-01T12:05:00.311Z"'
            f' Recipient="{acs("okta")}"/></saml2:SubjectConfirmation></saml2:Subject>'
            f'<saml2:Conditions NotBefore="2026-01-01T11:55:00.311Z" NotOnOrAfter="2026-01-01T12:05:00.311Z"'
            f' xmlns:saml2="{SAML}"><saml2:AudienceRestriction><saml2:Audience>{sp("okta")}</saml2:Audience>'
            f'</saml2:AudienceRestriction></saml2:Conditions>'
            f'<saml2:AuthnStatement AuthnInstant="{ISSUED}.311Z" SessionIndex="{REQUEST}" xmlns:saml2="{SAML}">'
            f'<saml2:AuthnContext><saml2:AuthnContextClassRef>'
            f'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef>'
            f'</saml2:AuthnContext></saml2:AuthnStatement>{statement if attributes else ""}'
            f'</saml2:Assertion></saml2p:Response>')


def make_okta():
    proposed = (okta_attribute("email", "ada@example.com") + okta_attribute("name", "Ada Lovelace") +
                okta_attribute("firstName", "Ada") + okta_attribute("lastName", "Lovelace"))
    groups = okta_attribute("groups", "Everyone", "mac-admins")
    write("okta/metadata.xml", okta_metadata())
    write("okta/response.xml", okta_response(proposed + groups), "Assertion", "Response")
    write("okta/response-id.xml", okta_response(proposed + okta_attribute("id", "00u1a2b3c4d5e6f7g8h9")),
          "Assertion", "Response")
    write("okta/response-bare.xml", okta_response("", name_format=UNSPECIFIED, response_signed=False), "Assertion")
    write("okta/response-other-app.xml", okta_response(proposed, issuer="http://www.okta.com/exk9z8y7x6w5v4u3t2s1"),
          "Assertion", "Response")


# --- Entra ID: signed metadata with other roles and all certificates; assertion signed, default namespaces ---

TENANT = "5d2fbb0b-6f05-4d2a-9a3e-0c8f6e1b7a10"
OTHER_TENANT = "c1a7e5f2-3b94-4e08-8d61-9f4b2a7c0e55"
ENTRA_ISSUER = f"https://sts.windows.net/{TENANT}/"
OBJECT = "8a6d1f3c-70be-4a55-b0c9-2e4f9d13c6a7"


def entra_metadata():
    entity = "_3c0f8f5e-6e5f-4d59-9a55-7d0b7a2f4b1e"
    sso = f"https://login.microsoftonline.com/{TENANT}/saml2"

    def key(name):
        return (f'<KeyDescriptor use="signing"><KeyInfo xmlns="{DSIG}"><X509Data><X509Certificate>'
                f'{certificate(name)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>')

    def role(kind):
        return (f'<RoleDescriptor xsi:type="fed:{kind}"'
                f' protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706"'
                f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                f' xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">{key("rsa-other")}'
                f'<fed:PassiveRequestorEndpoint><wsa:EndpointReference'
                f' xmlns:wsa="http://www.w3.org/2005/08/addressing">'
                f'<wsa:Address>https://login.microsoftonline.com/{TENANT}/wsfed</wsa:Address>'
                f'</wsa:EndpointReference></fed:PassiveRequestorEndpoint></RoleDescriptor>')

    return (f'<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="{entity}" entityID="{ENTRA_ISSUER}"'
            f' xmlns="{MD}">{signature(entity, prefix="")}'
            f'{role("SecurityTokenServiceType")}{role("ApplicationServiceType")}'
            f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{key("rsa-other")}{key("rsa")}'
            f'<SingleLogoutService Binding="{REDIRECT}" Location="{sso}"/>'
            f'<SingleSignOnService Binding="{REDIRECT}" Location="{sso}"/>'
            f'<SingleSignOnService Binding="{POST}" Location="{sso}"/>'
            f'</IDPSSODescriptor></EntityDescriptor>')


def entra_attribute(name, *values):
    items = "".join(f"<AttributeValue>{value}</AttributeValue>" for value in values)
    return f'<Attribute Name="{name}">{items}</Attribute>'


def entra_person(tenant=TENANT, oid=OBJECT, upn="ada@example.com"):
    return (entra_attribute(MS + "tenantid", tenant) +
            (entra_attribute(MS + "objectidentifier", oid) if oid else "") +
            entra_attribute(MS + "displayname", "Ada Lovelace") +
            entra_attribute(MS + "identityprovider", ENTRA_ISSUER) +
            entra_attribute("http://schemas.microsoft.com/claims/authnmethodsreferences",
                            "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
                            "http://schemas.microsoft.com/claims/multipleauthn") +
            entra_attribute(WS + "givenname", "Ada") + entra_attribute(WS + "surname", "Lovelace") +
            entra_attribute(WS + "emailaddress", "Ada.Lovelace@example.com") + entra_attribute(WS + "name", upn))


def entra_response(attributes, name_id="ada@example.com"):
    assertion = "_c7f2b1a0-58d3-4c55-9d1e-4b8f2a6e7d00"
    return (f'<samlp:Response ID="_0b1e6c52-9a4f-4d0b-8a7e-2f6f0c3d9b11" Version="2.0" IssueInstant="{ISSUED}.547Z"'
            f' Destination="{acs("entra")}" InResponseTo="{REQUEST}" xmlns:samlp="{SAMLP}">'
            f'<Issuer xmlns="{SAML}">{ENTRA_ISSUER}</Issuer>'
            f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<Assertion ID="{assertion}" IssueInstant="{ISSUED}.532Z" Version="2.0" xmlns="{SAML}">'
            f'<Issuer>{ENTRA_ISSUER}</Issuer>{signature(assertion, prefix="")}'
            f'<Subject><NameID Format="{EMAIL}">{name_id}</NameID>'
            f'<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="2026-01-01T13:00:00.438Z"'
            f' Recipient="{acs("entra")}"/></SubjectConfirmation></Subject>'
            f'<Conditions NotBefore="2026-01-01T11:55:00.438Z" NotOnOrAfter="2026-01-01T13:00:00.438Z">'
            f'<AudienceRestriction><Audience>{sp("entra")}</Audience></AudienceRestriction></Conditions>'
            f'<AttributeStatement>{attributes}</AttributeStatement>'
            f'<AuthnStatement AuthnInstant="2026-01-01T11:59:58.000Z" SessionIndex="{assertion}"><AuthnContext>'
            f'<AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef>'
            f'</AuthnContext></AuthnStatement></Assertion></samlp:Response>')


def entra_refusal():
    return (f'<samlp:Response ID="_7e0f6a3c-4d2b-4f19-b8f7-5a0e6c1d2b33" Version="2.0" IssueInstant="{ISSUED}.120Z"'
            f' Destination="{acs("entra")}" InResponseTo="{REQUEST}" xmlns:samlp="{SAMLP}">'
            f'<Issuer xmlns="{SAML}">{ENTRA_ISSUER}</Issuer>'
            f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>'
            f'<samlp:StatusMessage>AADSTS50105: Your administrator has configured the application Doorward to block'
            f' users unless they are specifically granted access.</samlp:StatusMessage></samlp:Status></samlp:Response>')


def make_entra():
    groups = entra_attribute("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
                             "2f1d6c3b-8a47-4e0c-9d5f-6b0a3c7e1f22", "b40c9e61-5d2f-4c7a-8e13-1a9f7d6c0b88")
    link = entra_attribute("http://schemas.microsoft.com/claims/groups.link",
                           f"https://graph.windows.net/{TENANT}/users/{OBJECT}/getMemberObjects")
    guest = "grace_partner.example#EXT#@example.onmicrosoft.com"
    write("entra/metadata.xml", entra_metadata(), "EntityDescriptor")
    write("entra/response.xml", entra_response(entra_person() + groups), "Assertion")
    write("entra/response-overage.xml", entra_response(entra_person() + link), "Assertion")
    write("entra/response-no-groups.xml", entra_response(entra_person()), "Assertion")
    write("entra/response-no-oid.xml", entra_response(entra_person(oid=None) + groups), "Assertion")
    write("entra/response-other-tenant.xml", entra_response(entra_person(tenant=OTHER_TENANT) + groups), "Assertion")
    write("entra/response-guest.xml", entra_response(entra_person(upn=guest) + groups, name_id=guest), "Assertion")
    write("entra/response-not-assigned.xml", entra_refusal())


# --- Google: one key for all apps, response or assertion signed, no attributes unless mapped ---------------

GOOGLE_ISSUER = "https://accounts.google.com/o/saml2?idpid=C0a1b2c3d"


def google_metadata():
    sso = "https://accounts.google.com/o/saml2/idp?idpid=C0a1b2c3d"
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
            f'<md:EntityDescriptor xmlns:md="{MD}" entityID="{GOOGLE_ISSUER}" validUntil="2030-11-20T08:14:07.000Z">\n'
            f'  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">\n'
            f'    <md:KeyDescriptor use="signing">\n      <ds:KeyInfo xmlns:ds="{DSIG}">\n        <ds:X509Data>\n'
            f'          <ds:X509Certificate>{certificate()}</ds:X509Certificate>\n'
            f'        </ds:X509Data>\n      </ds:KeyInfo>\n    </md:KeyDescriptor>\n'
            f'    <md:NameIDFormat>{EMAIL}</md:NameIDFormat>\n'
            f'    <md:SingleSignOnService Binding="{REDIRECT}" Location="{sso}"/>\n'
            f'    <md:SingleSignOnService Binding="{POST}" Location="{sso}"/>\n'
            f'  </md:IDPSSODescriptor>\n</md:EntityDescriptor>\n')


def google_attribute(name, *values):
    items = "".join('<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema"'
                    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:anyType">'
                    f'{value}</saml2:AttributeValue>' for value in values)
    return f'<saml2:Attribute Name="{name}">{items}</saml2:Attribute>'


def google_response(signed, name_id="ada@example.com", name_format=None, attributes="", audience=sp("google")):
    response, assertion = "_2f6a1c9e8b7d4053a1e6f0c2d4b8a973", "_9d3b7e5f1a2c4866b0d7e8f9a1c3b542"
    statement = f"<saml2:AttributeStatement>{attributes}</saml2:AttributeStatement>"
    attribute_format = f' Format="{name_format}"' if name_format else ""
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="no"?><saml2p:Response xmlns:saml2p="{SAMLP}"'
            f' Destination="{acs("google")}" ID="{response}" InResponseTo="{REQUEST}" IssueInstant="{ISSUED}.089Z"'
            f' Version="2.0"><saml2:Issuer xmlns:saml2="{SAML}">{GOOGLE_ISSUER}</saml2:Issuer>'
            f'{signature(response) if signed == "Response" else ""}'
            f'<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>'
            f'<saml2:Assertion xmlns:saml2="{SAML}" ID="{assertion}" IssueInstant="{ISSUED}.089Z" Version="2.0">'
            f'<saml2:Issuer>{GOOGLE_ISSUER}</saml2:Issuer>{signature(assertion) if signed == "Assertion" else ""}'
            f'<saml2:Subject><saml2:NameID{attribute_format}>{name_id}</saml2:NameID>'
            f'<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml2:SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="2026-01-01T12:05:00.089Z"'
            f' Recipient="{acs("google")}"/></saml2:SubjectConfirmation></saml2:Subject>'
            f'<saml2:Conditions NotBefore="2026-01-01T11:55:00.089Z" NotOnOrAfter="2026-01-01T12:05:00.089Z">'
            f'<saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience></saml2:AudienceRestriction>'
            f'</saml2:Conditions>{statement if attributes else ""}'
            f'<saml2:AuthnStatement AuthnInstant="2026-01-01T11:59:57.000Z" SessionIndex="{assertion}">'
            f'<saml2:AuthnContext><saml2:AuthnContextClassRef>'
            f'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml2:AuthnContextClassRef></saml2:AuthnContext>'
            f'</saml2:AuthnStatement></saml2:Assertion></saml2p:Response>')


def make_google():
    mapped = (google_attribute("firstName", "Ada") + google_attribute("lastName", "Lovelace") +
              google_attribute("department", "Engines") + google_attribute("groups", "All Staff", "Mac Admins"))
    write("google/metadata.xml", google_metadata())
    write("google/response.xml", google_response("Response"), "Response")
    write("google/response-mapped.xml", google_response("Assertion", name_format=EMAIL, attributes=mapped), "Assertion")
    write("google/response-other-domain.xml", google_response("Assertion", name_id="ada@other.example"), "Assertion")
    write("google/response-other-email.xml",
          google_response("Assertion", attributes=google_attribute("email", "ada@other.example")), "Assertion")
    write("google/response-employee-id.xml", google_response("Assertion", name_id="1815"), "Assertion")
    write("google/response-other-app.xml",
          google_response("Assertion", audience="https://crm.example.com/saml"), "Assertion")


# --- authentik: plain attributes in the order of their names, long session, signed metadata ----------------

AUTHENTIK_ISSUER = "https://auth.example.com/doorward"
OWN = "http://schemas.goauthentik.io/2021/02/saml/"
AUTHENTIK_NS = f'xmlns:ds="{DSIG}" xmlns:md="{MD}" xmlns:saml="{SAML}" xmlns:samlp="{SAMLP}"'


def authentik_metadata():
    entity = "_1f7c0d5b6a2e4938"
    sso = "https://auth.example.com/application/saml/doorward/sso/binding"
    formats = [EMAIL, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
               "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
               "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"]
    items = "".join(f"<md:NameIDFormat>{item}</md:NameIDFormat>" for item in formats)
    return (f'<md:EntityDescriptor {AUTHENTIK_NS} ID="{entity}" entityID="{AUTHENTIK_ISSUER}">{signature(entity)}'
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}" WantAuthnRequestsSigned="false">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate()}'
            f'</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>{items}'
            f'<md:SingleSignOnService Binding="{REDIRECT}" Location="{sso}/redirect/"/>'
            f'<md:SingleSignOnService Binding="{POST}" Location="{sso}/post/"/>'
            f'</md:IDPSSODescriptor></md:EntityDescriptor>')


def authentik_attributes(uid=True):
    person = [
        (OWN + "uid", ["3f8e6d0c9b7a51423f8e6d0c9b7a51423f8e6d0c9b7a5142"]),
        (OWN + "username", ["ada"]),
        ("http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname", ["ada"]),
        ("http://schemas.xmlsoap.org/claims/Group", ["staff", "mac-admins"]),
        (WS + "emailaddress", ["ada@example.com"]),
        (WS + "name", ["Ada Lovelace"]),
        (WS + "upn", ["ada@auth.example.com"]),
    ]
    text = ""
    for name, values in person if uid else person[1:]:
        items = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
        text += f'<saml:Attribute Name="{name}">{items}</saml:Attribute>'
    return text


def authentik_response(attributes, audience=True, signed=True):
    response, assertion = "_6c1d9e2f7a0b4385", "_b2a4c6e8f0135797"
    restriction = (f"<saml:AudienceRestriction><saml:Audience>{sp('authentik')}</saml:Audience>"
                   f"</saml:AudienceRestriction>" if audience else "")
    return (f'<samlp:Response {AUTHENTIK_NS} Version="2.0" IssueInstant="{ISSUED}Z" Destination="{acs("authentik")}"'
            f' ID="{response}" InResponseTo="{REQUEST}"><saml:Issuer>{AUTHENTIK_ISSUER}</saml:Issuer>'
            f'{signature(response) if signed else ""}'
            f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<saml:Assertion {AUTHENTIK_NS} Version="2.0" ID="{assertion}" IssueInstant="{ISSUED}Z">'
            f'<saml:Issuer>{AUTHENTIK_ISSUER}</saml:Issuer>{signature(assertion) if signed else ""}'
            f'<saml:Subject><saml:NameID Format="{UNSPECIFIED}">ada@example.com</saml:NameID>'
            f'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="2026-01-01T12:05:00Z"'
            f' Recipient="{acs("authentik")}"/></saml:SubjectConfirmation></saml:Subject>'
            f'<saml:Conditions NotBefore="2026-01-01T11:55:00Z" NotOnOrAfter="2026-01-01T12:05:00Z">{restriction}'
            f'</saml:Conditions><saml:AuthnStatement AuthnInstant="2026-01-01T11:55:00Z" SessionIndex="{assertion}"'
            f' SessionNotOnOrAfter="2026-03-02T12:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>'
            f'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>'
            f'</saml:AuthnContext></saml:AuthnStatement>'
            f'<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>')


def make_authentik():
    both = ("Assertion", "Response")
    write("authentik/metadata.xml", authentik_metadata(), "EntityDescriptor")
    write("authentik/response.xml", authentik_response(authentik_attributes()), *both)
    write("authentik/response-no-uid.xml", authentik_response(authentik_attributes(uid=False)), *both)
    write("authentik/response-no-audience.xml", authentik_response(authentik_attributes(), audience=False), *both)
    write("authentik/response-unsigned.xml", authentik_response(authentik_attributes(), signed=False))


# --- Any other provider, here with object identifiers, friendly names and a qualified persistent NameID -----

CAMPUS = "https://idp.campus.example/idp/shibboleth"


def campus_metadata():
    sso = "https://idp.campus.example/idp/profile/SAML2"
    return (f'<?xml version="1.0" encoding="UTF-8"?><EntityDescriptor xmlns="{MD}" xmlns:ds="{DSIG}"'
            f' xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" entityID="{CAMPUS}">'
            f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP} urn:mace:shibboleth:1.0">'
            f'<Extensions><shibmd:Scope regexp="false">campus.example</shibmd:Scope></Extensions>'
            f'<KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate()}</ds:X509Certificate>'
            f'</ds:X509Data></ds:KeyInfo></KeyDescriptor>'
            f'<SingleSignOnService Binding="{POST}" Location="{sso}/POST/SSO"/>'
            f'<SingleSignOnService Binding="{REDIRECT}" Location="{sso}/Redirect/SSO"/>'
            f'</IDPSSODescriptor></EntityDescriptor>')


def campus_attribute(name, friendly, *values):
    items = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return (f'<saml2:Attribute FriendlyName="{friendly}" Name="urn:oid:{name}"'
            f' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">{items}</saml2:Attribute>')


def campus_response():
    response, assertion = "_aa18d2c04e7f49b6", "_f3b09c7e51d24a68"
    attributes = (campus_attribute("0.9.2342.19200300.100.1.1", "uid", "alovelace") +
                  campus_attribute("0.9.2342.19200300.100.1.3", "mail", "ada@campus.example") +
                  campus_attribute("2.16.840.1.113730.3.1.241", "displayName", "Ada Lovelace") +
                  campus_attribute("2.5.4.42", "givenName", "Ada") + campus_attribute("2.5.4.4", "sn", "Lovelace") +
                  campus_attribute("1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf", "staff", "engines"))
    return (f'<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="{acs("campus")}" ID="{response}"'
            f' InResponseTo="{REQUEST}" IssueInstant="{ISSUED}.402Z" Version="2.0" xmlns:saml2p="{SAMLP}">'
            f'<saml2:Issuer xmlns:saml2="{SAML}">{CAMPUS}</saml2:Issuer>{signature(response)}'
            f'<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>'
            f'<saml2:Assertion ID="{assertion}" IssueInstant="{ISSUED}.402Z" Version="2.0" xmlns:saml2="{SAML}">'
            f'<saml2:Issuer>{CAMPUS}</saml2:Issuer><saml2:Subject>'
            f'<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="{CAMPUS}"'
            f' SPNameQualifier="{sp("campus")}">k7Q2v9XmT4</saml2:NameID>'
            f'<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml2:SubjectConfirmationData Address="192.0.2.7" InResponseTo="{REQUEST}"'
            f' NotOnOrAfter="2026-01-01T12:05:00.402Z" Recipient="{acs("campus")}"/></saml2:SubjectConfirmation>'
            f'</saml2:Subject><saml2:Conditions NotBefore="{ISSUED}.402Z" NotOnOrAfter="2026-01-01T12:05:00.402Z">'
            f'<saml2:AudienceRestriction><saml2:Audience>{sp("campus")}</saml2:Audience></saml2:AudienceRestriction>'
            f'</saml2:Conditions><saml2:AuthnStatement AuthnInstant="{ISSUED}.107Z" SessionIndex="_5d1e">'
            f'<saml2:AuthnContext><saml2:AuthnContextClassRef>'
            f'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef>'
            f'</saml2:AuthnContext></saml2:AuthnStatement>'
            f'<saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion></saml2p:Response>')


def make_campus():
    write("saml-plugin/metadata.xml", campus_metadata())
    write("saml-plugin/response.xml", campus_response(), "Response")


# --- Presets: what differs between them is in their tables ------------------------------------------------

def shape_metadata(entity, redirect, post=None, key_name="", prefix="md:"):
    p, xmlns = prefix, "xmlns:md" if prefix else "xmlns"
    name = f"<ds:KeyName>{key_name}</ds:KeyName>" if key_name else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?><{p}EntityDescriptor {xmlns}="{MD}" entityID="{entity}">'
            f'<{p}IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">'
            f'<{p}KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DSIG}">{name}<ds:X509Data><ds:X509Certificate>'
            f'{certificate()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></{p}KeyDescriptor>'
            f'<{p}SingleSignOnService Binding="{POST}" Location="{post or redirect}"/>'
            f'<{p}SingleSignOnService Binding="{REDIRECT}" Location="{redirect}"/>'
            f'</{p}IDPSSODescriptor></{p}EntityDescriptor>')


def shape_attribute(name, *values, p="saml:", extra="", typed=False):
    xsi = (' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
           ' xsi:type="xs:string"' if typed else "")
    items = "".join(f"<{p}AttributeValue{xsi}>{value}</{p}AttributeValue>" for value in values)
    return f'<{p}Attribute Name="{name}"{extra}>{items}</{p}Attribute>'


def shape_response(name, issuer, name_id, attributes, *, signed, p="saml:", sign_prefix="ds", before="11:55:00",
                   after="12:05:00", ids=("_71c3e6a9d20b4f58", "_0b9e4d7a63f1c285"), extra="", **signing):
    """A Response with the parts of `signed` signed; p is the prefix of the assertion's namespace, "" for none."""
    xmlns = f"xmlns:{p[:-1]}" if p else "xmlns"
    response, assertion = ids

    def sig(owner, reference):
        return signature(reference, prefix=sign_prefix, **signing) if owner in signed else ""

    return (f'<samlp:Response xmlns:samlp="{SAMLP}" ID="{response}" Version="2.0" IssueInstant="{ISSUED}.218Z"'
            f' Destination="{acs(name)}" InResponseTo="{REQUEST}"{extra}>'
            f'<{p}Issuer {xmlns}="{SAML}">{issuer}</{p}Issuer>{sig("Response", response)}'
            f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<{p}Assertion {xmlns}="{SAML}" ID="{assertion}" Version="2.0" IssueInstant="{ISSUED}.218Z">'
            f'<{p}Issuer>{issuer}</{p}Issuer>{sig("Assertion", assertion)}<{p}Subject>{name_id}'
            f'<{p}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<{p}SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="2026-01-01T12:05:00.218Z"'
            f' Recipient="{acs(name)}"/></{p}SubjectConfirmation></{p}Subject>'
            f'<{p}Conditions NotBefore="2026-01-01T{before}.218Z" NotOnOrAfter="2026-01-01T{after}.218Z">'
            f'<{p}AudienceRestriction><{p}Audience>{sp(name)}</{p}Audience></{p}AudienceRestriction></{p}Conditions>'
            f'<{p}AuthnStatement AuthnInstant="{ISSUED}.104Z" SessionIndex="{assertion}"><{p}AuthnContext>'
            f'<{p}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
            f'</{p}AuthnContextClassRef></{p}AuthnContext></{p}AuthnStatement>'
            f'<{p}AttributeStatement>{attributes}</{p}AttributeStatement></{p}Assertion></samlp:Response>')


def name_id(value, name_format=EMAIL, p="saml:", extra=""):
    attribute_format = f' Format="{name_format}"' if name_format else ""
    return f"<{p}NameID{attribute_format}{extra}>{value}</{p}NameID>"


PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BASIC = ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"'
URI = ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"'


def make_keycloak():
    """The response signed, with the name of the realm's key; roles in an attribute each, groups as paths."""
    issuer, key = "https://login.example.com/realms/example", "u2nYw0Jb6Tn3kOe8Kx1m5q"
    own = URI + ' FriendlyName="{}"'
    person = "".join(shape_attribute(oid, value, extra=own.format(friendly), typed=True) for oid, friendly, value in (
        ("urn:oid:1.2.840.113549.1.9.1", "email", "ada@example.com"),
        ("urn:oid:2.5.4.42", "givenName", "Ada"), ("urn:oid:2.5.4.4", "surname", "Lovelace")))
    roles = "".join(shape_attribute("Role", role, extra=BASIC, typed=True) for role in
                    ("offline_access", "mac-admin", "manage-account"))
    groups = shape_attribute("groups", "/staff/mac-admins", "/external/mac-admins", extra=BASIC, typed=True)
    write("keycloak/metadata.xml", shape_metadata(issuer, issuer + "/protocol/saml", key_name=key))
    for file, identifier in (("response", name_id("G-4c7a1e02-9f3b-4d58-8a6e-b1d0c5f27e93", PERSISTENT)),
                             ("response-transient", name_id("G-0d5e", TRANSIENT))):
        write(f"keycloak/{file}.xml",
              shape_response("keycloak", issuer, identifier, person + groups + roles, signed=("Response",),
                             sign_prefix="dsig", before="11:59:58", after="12:00:58",
                             key_info="<{p}KeyName>" + key + "</{p}KeyName>" + CERTIFICATE_INFO), "Response")


def make_adfs():
    """The assertion signed, its namespace the default; times without room before, an hour after."""
    issuer, host = "http://sts.example.com/adfs/services/trust", "https://sts.example.com/adfs/ls/"
    claims = "".join(shape_attribute(name, *values, p="") for name, *values in (
        (WS + "emailaddress", "ada@example.com"), (WS + "name", "Ada Lovelace"), (WS + "givenname", "Ada"),
        (WS + "surname", "Lovelace"), (WS + "upn", "ada@corp.example.com"),
        ("http://schemas.xmlsoap.org/claims/Group", "Domain Users", "Mac Admins")))
    write("adfs/metadata.xml", shape_metadata(issuer, host, prefix=""))
    for file, identifier in (("response", name_id("q1fXk0Tz9kSxNQm8aQ0p7w==", None, p="")), ("response-no-name-id", "")):
        write(f"adfs/{file}.xml",
              shape_response("adfs", issuer, identifier, claims, signed=("Assertion",), p="", before="12:00:00",
                             after="13:00:00", extra=' Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified"'),
              "Assertion")


def make_jumpcloud():
    """Only the response signed; the issuer is free text."""
    sso = "https://sso.jumpcloud.com/saml2/doorward"
    attributes = "".join(shape_attribute(name, *values, p="saml2:", extra=BASIC, typed=True) for name, *values in (
        ("email", "ada@example.com"), ("firstName", "Ada"), ("lastName", "Lovelace"), ("name", "Ada Lovelace"),
        ("memberOf", "Staff", "Mac Admins")))
    write("jumpcloud/metadata.xml", shape_metadata(sso, sso))
    write("jumpcloud/response.xml",
          shape_response("jumpcloud", sso, name_id("ada@example.com", p="saml2:"), attributes, signed=("Response",),
                         p="saml2:"), "Response")
    write("jumpcloud/response-other-app.xml",
          shape_response("jumpcloud", "JumpCloud", name_id("ada@example.com", p="saml2:"), attributes,
                         signed=("Response",), p="saml2:"), "Response")


def make_onelogin():
    """All groups in one value; old applications sign with SHA-1."""
    issuer = "https://app.onelogin.com/saml/metadata/5b1f7c2e-3d84-4a09-9c6f-e2d1a0b78435"
    sso = "https://example.onelogin.com/trust/saml2/http-{}/sso/5b1f7c2e-3d84-4a09-9c6f-e2d1a0b78435"
    attributes = "".join(shape_attribute(name, value, extra=BASIC, typed=True) for name, value in (
        ("email", "ada@example.com"), ("firstName", "Ada"), ("lastName", "Lovelace"), ("id", "1815-12-10"),
        ("memberOf", "CN=Mac Admins,OU=Groups,DC=example,DC=com; CN=Staff,OU=Groups,DC=example,DC=com;;")))
    write("onelogin/metadata.xml", shape_metadata(issuer, sso.format("redirect"), sso.format("post")))
    shape = {"before": "11:57:00", "after": "12:03:00"}
    write("onelogin/response.xml",
          shape_response("onelogin", issuer, name_id("ada@example.com"), attributes, signed=("Assertion", "Response"),
                         **shape), "Assertion", "Response")
    write("onelogin/response-sha1.xml",
          shape_response("onelogin", issuer, name_id("ada@example.com"), attributes, signed=("Response",),
                         method=DSIG + "rsa-sha1", **shape), "Response")


def make_ping():
    """PingOne signs both; PingFederate tells no key."""
    issuer = "https://auth.pingone.eu/9d2c4a7e-51b8-4f06-8e3d-7a1b0c9f5d24"
    attributes = "".join(shape_attribute(name, *values, extra=BASIC, typed=True) for name, *values in (
        ("email", "ada@example.com"), ("username", "ada"), ("name", "Ada Lovelace"), ("firstName", "Ada"),
        ("lastName", "Lovelace"), ("groups", "Staff", "Mac Admins")))
    identifier = name_id("3f60b2d8-17c5-4e9a-b804-c6a2e1d79f53", UNSPECIFIED)
    write("ping/metadata.xml", shape_metadata(issuer, issuer + "/saml20/idp/sso"))
    write("ping/response.xml",
          shape_response("ping", issuer, identifier, attributes, signed=("Assertion", "Response")),
          "Assertion", "Response")
    write("ping/response-federate.xml",
          shape_response("ping", issuer, identifier, attributes, signed=("Assertion",), key_info=""), "Assertion")


def make_shibboleth():
    """A transient NameID, and a subject identifier as an attribute; or a persistent NameID."""
    issuer = "https://idp.example.edu/idp/shibboleth"

    def attribute(name, friendly, *values):
        return shape_attribute(name, *values, p="saml2:", extra=f'{URI} FriendlyName="{friendly}"')

    person = (attribute("urn:oid:0.9.2342.19200300.100.1.3", "mail", "ada@example.edu") +
              attribute("urn:oid:2.16.840.1.113730.3.1.241", "displayName", "Ada Lovelace") +
              attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName", "alovelace@example.edu") +
              attribute("urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf", "staff", "engines"))
    pairwise = attribute("urn:oasis:names:tc:SAML:attribute:pairwise-id", "pairwise-id", "HA2TKNZZGE3TOOI@example.edu")
    transient = name_id("AAdzZWNyZXQxb3cq", TRANSIENT, p="saml2:")
    persistent = name_id("k7Q2v9XmT4", PERSISTENT, p="saml2:",
                         extra=f' NameQualifier="{issuer}" SPNameQualifier="{sp("shibboleth")}"')
    write("shibboleth/metadata.xml", shape_metadata(issuer, "https://idp.example.edu/idp/profile/SAML2/Redirect/SSO"))
    for file, identifier, attributes in (("response", transient, person + pairwise),
                                         ("response-persistent", persistent, person),
                                         ("response-transient", transient, person)):
        write(f"shibboleth/{file}.xml",
              shape_response("shibboleth", issuer, identifier, attributes, signed=("Response",), p="saml2:",
                             before="12:00:00"), "Response")


def make_aws():
    """The assertion signed; groups as ids."""
    issuer = "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MDEyMzQ1Njc4OTAxX2lucy0xMjM0NTY3ODkw"
    attributes = "".join(shape_attribute(name, *values, p="saml2:", typed=True,
                                         extra=' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"')
                         for name, *values in (
        ("email", "ada@example.com"), ("name", "Ada Lovelace"), ("firstName", "Ada"), ("lastName", "Lovelace"),
        ("groups", "906765e1f2-1c6b2a4e-5d83-4f70-9b1e-d2c8a7f60b39")))
    write("aws/metadata.xml", shape_metadata(issuer, issuer))
    write("aws/response.xml",
          shape_response("aws", issuer, name_id("ada@example.com", p="saml2:"), attributes, signed=("Assertion",),
                         p="saml2:"), "Assertion")


if __name__ == "__main__":
    make_okta()
    make_entra()
    make_google()
    make_authentik()
    make_campus()
    make_keycloak()
    make_adfs()
    make_jumpcloud()
    make_onelogin()
    make_ping()
    make_shibboleth()
    make_aws()
