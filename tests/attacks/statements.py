# SPDX-License-Identifier: LGPL-2.1-or-later
"""Statements: messages that a provider has really signed, and that say the wrong thing."""

import provider
from provider import BEARER, ENTITY, SAML, find, parse, stamp
from table import Wrong, attack, begin, control

ISSUER, AUDIENCE, CONDITIONS = "DW-SAML-ISSUER", "DW-SAML-AUDIENCE", "DW-SAML-CONDITIONS"
EARLY, LATE, AUTHN, STRUCTURE = "DW-SAML-EARLY", "DW-SAML-LATE", "DW-SAML-AUTHN", "DW-SAML-STRUCTURE"
RECIPIENT, DESTINATION, MISMATCH = "DW-SAML-RECIPIENT", "DW-SAML-DESTINATION", "DW-SAML-INRESPONSETO"
UNSOLICITED, STATUS = "DW-SAML-UNSOLICITED", "DW-SAML-STATUS"
FLEET = "CVE-2022-23600 (Fleet)"
SKEW_S = 90  # [security] ClockSkew as it is by default
PROFILE = "SAML profiles 4.1.4.2"


def saml(text):
    """An element with the prefix saml."""
    return parse(f'<x xmlns:saml="{SAML}">{text}</x>')[0]


def remove(element):
    element.getparent().remove(element)


def row(title, source, fault, change, part="assertion"):
    """A row that changes the message before the provider signs it."""
    def make(m):
        change(m)
        return m.signed(part)
    return attack(title, source, fault)(make) if fault else control(title)(make)


def attribute(path, name, value):
    """Sets an attribute, or removes it."""
    def change(m):
        element = m.root if path == "." else m.find(path)
        if value is None:
            element.attrib.pop(name)
        else:
            element.set(name, value(m) if callable(value) else value)
    return change


def audiences(*restrictions):
    """Puts restrictions, each a list of audiences; "us" is what we are called."""
    def change(m):
        ours = m.request.sp_entity_id
        for old in m.conditions.findall("saml:AudienceRestriction", provider.NAMES):
            m.conditions.remove(old)
        for restriction in restrictions:
            inner = "".join(f"<saml:Audience>{name(ours) if callable(name) else name}</saml:Audience>"
                            for name in restriction)
            m.conditions.append(saml(f"<saml:AudienceRestriction>{inner}</saml:AudienceRestriction>"))
    return change


def us(name):
    return name


OTHER = "https://other.example.test/sp"
A, R, C = "saml:Assertion", ".", ".//saml:Conditions"
S = ".//saml:SubjectConfirmationData"

begin("issuer")
row("Issuer with white space around it", "", None, lambda m: setattr(
    find(m.assertion, "saml:Issuer"), "text", f"\n {m.provider.entity_id} "))
row("Issuer with the format entity", "", None, lambda m: find(m.assertion, "saml:Issuer").set("Format", ENTITY))
row("another Issuer in the Assertion", PROFILE, ISSUER,
    lambda m: setattr(find(m.assertion, "saml:Issuer"), "text", OTHER))
row("Issuer of another provider of this server", "CVE-2026-49284 class (mix-up)", ISSUER, lambda m: setattr(
    find(m.assertion, "saml:Issuer"), "text", "https://other.idp.example.test/metadata"))
row("another Issuer in the signed Response", PROFILE, ISSUER,
    lambda m: setattr(find(m.root, "saml:Issuer"), "text", OTHER), "both")
row("no Issuer in the Assertion", PROFILE, ISSUER, lambda m: remove(find(m.assertion, "saml:Issuer")))
row("Issuer with a slash more", "strict comparison", ISSUER, lambda m: setattr(
    find(m.assertion, "saml:Issuer"), "text", m.provider.entity_id + "/"))
row("Issuer in capital letters", "strict comparison", ISSUER, lambda m: setattr(
    find(m.assertion, "saml:Issuer"), "text", m.provider.entity_id.upper()))
row("Issuer in the format of an e-mail address", PROFILE, ISSUER,
    lambda m: find(m.assertion, "saml:Issuer").set("Format", provider.EMAIL))
row("two Issuers in the Assertion", "parser differentials", STRUCTURE, lambda m: m.assertion.insert(
    0, saml(f"<saml:Issuer>{OTHER}</saml:Issuer>")))

begin("addressee")
row("Response signed, with Destination", "", None, lambda m: None, "response")
row("no Destination, only the Assertion is signed", "", None, attribute(R, "Destination", None))
row("another Destination", "bindings 3.5.5.2", DESTINATION, attribute(R, "Destination", OTHER))
row("another Destination, Response signed", "bindings 3.5.5.2", DESTINATION,
    attribute(R, "Destination", OTHER), "response")
row("no Destination in a signed Response", "bindings 3.5.5.2", DESTINATION,
    attribute(R, "Destination", None), "response")
row("Destination empty", "bindings 3.5.5.2", DESTINATION, attribute(R, "Destination", ""))
row("Destination is the ACS of another connection", "mix-up", DESTINATION,
    attribute(R, "Destination", lambda m: m.request.acs_url.replace("/corp/", "/other/")))
row("Destination with a query", "strict comparison", DESTINATION,
    attribute(R, "Destination", lambda m: m.request.acs_url + "?x=1"))
row("another Recipient", PROFILE, RECIPIENT, attribute(S, "Recipient", OTHER))
row("no Recipient", PROFILE, RECIPIENT, attribute(S, "Recipient", None))
row("Recipient empty", PROFILE, RECIPIENT, attribute(S, "Recipient", ""))
row("Recipient is a prefix of our address", "strict comparison", RECIPIENT,
    attribute(S, "Recipient", lambda m: m.request.acs_url[:-4]))
row("Recipient is the ACS of another connection", "mix-up", RECIPIENT,
    attribute(S, "Recipient", lambda m: m.request.acs_url.replace("/corp/", "/other/")))
row("Recipient is the shared ACS, posted to that of the connection", "mix-up", RECIPIENT,
    attribute(S, "Recipient", lambda m: m.request.acs_url.replace("/saml/corp/acs", "/api/v1/fleet/mdm/sso/callback")))
row("no confirmation", PROFILE, RECIPIENT, lambda m: remove(m.confirmation.getparent()))
row("no data in the confirmation", PROFILE, RECIPIENT, lambda m: remove(m.confirmation))
row("holder of key instead of bearer", PROFILE, RECIPIENT, attribute(
    ".//saml:SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"))
row("sender vouches", PROFILE, RECIPIENT, attribute(
    ".//saml:SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"))
row("bearer in capital letters", "strict comparison", RECIPIENT,
    attribute(".//saml:SubjectConfirmation", "Method", BEARER.upper()))

begin("audience")
row("ours among several audiences", "", None, audiences(["https://a.example.test", us]))
row("two restrictions that both name us", "", None, audiences([us], [OTHER, us]))
row("another audience", FLEET, AUDIENCE, audiences([OTHER]))
row("no restriction", FLEET + "; authentik's default", AUDIENCE, audiences())
row("restriction without an audience", FLEET, AUDIENCE, audiences([]))
row("audience empty", FLEET, AUDIENCE, audiences([""]))
row("two restrictions, one without us", FLEET + "; SAML core 2.5.1.4", AUDIENCE, audiences([us], [OTHER]))
row("ours as a prefix", "strict comparison", AUDIENCE, audiences([lambda n: n + ".evil.test"]))
row("a prefix of ours", "strict comparison", AUDIENCE, audiences([lambda n: n[:-1]]))
row("ours in capital letters", "strict comparison", AUDIENCE, audiences([lambda n: n.upper()]))
row("ours with a slash", "strict comparison", AUDIENCE, audiences([lambda n: n + "/"]))
row("two audiences in one element", "parser differentials", AUDIENCE, audiences([lambda n: f"{n} {OTHER}"]))
row("audience of another connection of this server", "Google: one key for all apps", AUDIENCE,
    audiences([lambda n: n.replace("/corp", "/other")]))
row("no Conditions", "SAML core 2.5.1", CONDITIONS, lambda m: remove(m.conditions))
row("two Conditions, the first without a restriction", "parser differentials", STRUCTURE,
    lambda m: m.conditions.addprevious(saml("<saml:Conditions></saml:Conditions>")))
row("a condition that nobody knows", "SAML core 2.5.1.1", CONDITIONS,
    lambda m: m.conditions.append(parse('<evil:Only xmlns:evil="urn:evil"/>')))
row("OneTimeUse and ProxyRestriction", "", None, lambda m: (
    m.conditions.append(saml("<saml:OneTimeUse/>")), m.conditions.append(saml('<saml:ProxyRestriction Count="0"/>'))))


begin("time")
row(f"NotOnOrAfter {SKEW_S - 10} s ago, within the skew", "", None, lambda m: (
    attribute(C, "NotOnOrAfter", stamp(10 - SKEW_S))(m), attribute(C, "NotBefore", stamp(-600))(m)))
row(f"NotBefore in {SKEW_S - 10} s, within the skew", "", None, attribute(C, "NotBefore", lambda m: stamp(SKEW_S - 10)))
row("fraction of a second and an offset", "", None, attribute(C, "NotBefore", lambda m: stamp(-60)[:-1] + ".123+00:00"))
row(f"NotOnOrAfter {SKEW_S + 1} s ago", "rule 16", LATE, lambda m: (
    attribute(C, "NotOnOrAfter", stamp(-SKEW_S - 1))(m), attribute(C, "NotBefore", stamp(-600))(m)))
row(f"NotBefore in {SKEW_S + 5} s", "rule 16", EARLY, lambda m: attribute(C, "NotBefore", stamp(SKEW_S + 5))(m))
row("NotOnOrAfter a year ago", "rule 16", LATE, lambda m: (
    attribute(C, "NotBefore", "2020-01-01T00:00:00Z")(m), attribute(C, "NotOnOrAfter", "2020-01-02T00:00:00Z")(m)))
row("NotBefore behind NotOnOrAfter", "rule 16", CONDITIONS, lambda m: (
    attribute(C, "NotBefore", stamp(60))(m), attribute(C, "NotOnOrAfter", stamp(30))(m)))
row("NotBefore equal to NotOnOrAfter", "rule 16", CONDITIONS, lambda m: (
    attribute(C, "NotBefore", stamp(30))(m), attribute(C, "NotOnOrAfter", stamp(30))(m)))
row(f"confirmation ended {SKEW_S + 1} s ago", "CVE-2023-40178 class", LATE,
    lambda m: attribute(S, "NotOnOrAfter", stamp(-SKEW_S - 1))(m))
row("confirmation without an end", PROFILE, CONDITIONS, attribute(S, "NotOnOrAfter", None))
row("confirmation begins later", "rule 17", EARLY, lambda m: attribute(S, "NotBefore", stamp(600))(m))
for what, value in (("not a time", "soon"), ("empty", ""), ("without a zone", "2026-01-01T00:00:00"),
                    ("a date", "2126-01-01Z"), ("in another calendar", "+292278994-08-17T07:12:55Z"),
                    ("the 31st of February", "2126-02-31T00:00:00Z"), ("hour 24", "2126-01-01T24:00:00Z"),
                    ("negative", "-2126-01-01T00:00:00Z"), ("with text behind it", "2126-01-01T00:00:00Z x"),
                    ("year 10000", "10000-01-01T00:00:00Z"), ("a number", "4102444800"),
                    ("a fraction without end", "2126-01-01T00:00:00." + "9" * 500 + "Z")):
    row(f"NotOnOrAfter {what}", "rule 21", CONDITIONS, attribute(C, "NotOnOrAfter", value))
row("session has ended", "rule 20", AUTHN, attribute(".//saml:AuthnStatement", "SessionNotOnOrAfter",
                                                     "2020-01-01T00:00:00Z"))
row("signed in in the future", "rule 20", AUTHN, lambda m: attribute(
    ".//saml:AuthnStatement", "AuthnInstant", stamp(3600))(m))
row("no AuthnInstant", "rule 20", AUTHN, attribute(".//saml:AuthnStatement", "AuthnInstant", None))
row("no AuthnStatement", PROFILE, AUTHN, lambda m: remove(m.find(".//saml:AuthnStatement")))
row("second AuthnStatement has ended", "rule 20", AUTHN, lambda m: m.assertion.append(saml(
    '<saml:AuthnStatement AuthnInstant="2020-01-01T00:00:00Z" SessionNotOnOrAfter="2020-01-01T00:01:00Z">'
    "</saml:AuthnStatement>")))
row("IssueInstant of the Assertion missing", "SAML core 2.3.3", STRUCTURE, attribute(A, "IssueInstant", None))
row("IssueInstant of the Response no time", "SAML core 3.2.2", STRUCTURE, attribute(R, "IssueInstant", "now"))

begin("answer to what")
row("no InResponseTo anywhere: unsolicited", "profiles 4.1.5; IdP-initiated login", UNSOLICITED, lambda m: (
    attribute(R, "InResponseTo", None)(m), attribute(S, "InResponseTo", None)(m)))
row("InResponseTo only in the Response, which is not signed", "CVE-2026-49284 class", MISMATCH,
    attribute(S, "InResponseTo", None))
row("InResponseTo only in the confirmation", "rule 18", MISMATCH, attribute(R, "InResponseTo", None))
row("InResponseTo of Response and confirmation differ", "rule 18", MISMATCH, attribute(R, "InResponseTo", "_other"))
row("InResponseTo empty", "fail closed", "DW-FLOW-UNKNOWN", lambda m: (
    attribute(R, "InResponseTo", "")(m), attribute(S, "InResponseTo", "")(m)))
row("InResponseTo of a request that never was", "rule 18", "DW-FLOW-UNKNOWN", lambda m: (
    attribute(R, "InResponseTo", "_never")(m), attribute(S, "InResponseTo", "_never")(m)))

begin("status")
SUCCESS = provider.SUCCESS
row("Responder", "SAML core 3.2.2.2", STATUS,
    attribute(".//samlp:StatusCode", "Value", SUCCESS.replace("Success", "Responder")))
row("Success as the second code under Requester", "SAML core 3.2.2.2", STATUS, lambda m: (
    m.find(".//samlp:StatusCode").append(parse(f'<samlp:StatusCode xmlns:samlp="{provider.SAMLP}" Value="{SUCCESS}"/>')),
    attribute(".//samlp:StatusCode", "Value", SUCCESS.replace("Success", "Requester"))(m)))
row("Success in small letters", "strict comparison", STATUS, attribute(".//samlp:StatusCode", "Value", SUCCESS.lower()))
row("Success with text behind it", "strict comparison", STATUS, attribute(".//samlp:StatusCode", "Value", SUCCESS + "x"))
row("no StatusCode", "fail closed", STRUCTURE, lambda m: remove(m.find(".//samlp:StatusCode")))
row("no Status", "fail closed", STRUCTURE, lambda m: remove(m.find("samlp:Status")))
row("two StatusCodes, the second Success", "parser differentials", STRUCTURE, lambda m: m.find("samlp:Status").insert(
    0, parse(f'<samlp:StatusCode xmlns:samlp="{provider.SAMLP}" Value="urn:x"/>')))
row("version 1.1 of the Response", "SAML core 3.2.2", STRUCTURE, attribute(R, "Version", "1.1"))
row("version 1.1 of the Assertion", "SAML core 2.3.3", STRUCTURE, attribute(A, "Version", "1.1"))
row("no version", "fail closed", STRUCTURE, attribute(A, "Version", None))
row("no ID of the Assertion: nothing to remember it by", "Fleet PR 53655", STRUCTURE,
    lambda m: (m.assertion.set("ID", ""),))

begin("identity")
# Genuine answers: what they are used up for is that they are not tried again.
WHOLE = {"uses_up": ("replay", "requests spent")}


def claims(title, source, fault, change, **options):
    def make(m):
        change(m)
        return m.signed()
    return attack(title, source, fault, **dict(options, **WHOLE))(make)


@control("the same person again")
def same_person(m):
    return m.signed()


def no_administrator(play, reply):
    """Who signs in on a device becomes nobody else, whatever the provider says."""
    for table in ("administrator", "administrator_identity", "administrator_role", "admin_session"):
        if play.watch.query(f"SELECT count(*) FROM {table}") != [(0,)]:
            raise Wrong(f"there is a row in {table}")


@control("role attributes on a device make nobody an administrator (CVE-2025-27509, Fleet with JIT)",
         also=(no_administrator,))
def role_attributes(m):
    statement = m.find(".//saml:AttributeStatement")
    for name in ("FLEET_JIT_USER_ROLE_GLOBAL", "FLEET_JIT_USER_ROLE_TEAM_1", "DOORWARD_ROLE"):
        statement.append(saml(f'<saml:Attribute Name="{name}"><saml:AttributeValue>admin</saml:AttributeValue>'
                              "</saml:Attribute>"))
    return m.signed()


def name_id(text):
    return lambda m: setattr(m.name_id, "text", text)


claims("account of a domain that only another provider speaks for", "CVE-2024-37019 (Mender)", "DW-ID-DOMAIN",
       name_id("anna.chao@other.test"))
claims("account of a domain that may not enroll", "AllowedDomains", "DW-ID-DOMAIN", name_id("anna@evil.test"))
claims("no e-mail address at all", "fail closed", "DW-ID-NOACCOUNT", name_id("anna"))
claims("two at signs", "parser differentials", "DW-ID-DOMAIN", name_id("anna@example.test@evil.test"))
claims("domain in letters that look alike", "MEN-6750; homoglyphs", "DW-ID-DOMAIN", name_id("anna@ex\u0430mple.test"))
claims("domain in full width letters", "Unicode folding", "DW-ID-DOMAIN", name_id("anna@\uff45xample.test"))
claims("domain with a dot behind it", "strict comparison", "DW-ID-DOMAIN", name_id("anna@example.test."))
claims("domain below the allowed one", "strict comparison", "DW-ID-DOMAIN", name_id("anna@a.example.test"))
claims("line break and a second address", "header injection", "DW-ID-SUBJECT",
       name_id("anna@evil.test\nbcc: anna@example.test"))
claims("quoted local part with an at sign", "parser differentials", "DW-ID-DOMAIN",
       name_id('"anna@example.test"@evil.test'))
claims("account in a list", "parser differentials", "DW-ID-DOMAIN", name_id("a@example.test,b@evil.test"))
