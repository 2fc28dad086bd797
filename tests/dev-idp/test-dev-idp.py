#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives doorward-dev-idp as a browser would and checks what it says."""

import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as ET

import idp_driver
from fault_checks import FAULTS, INVALID_BY_SCHEMA, NS, SCHEMAS, Answer, Tools
from idp_driver import DevIdp, encode_post

ACS = "https://doorward.localhost:8443/saml/dev/acs"
SP = "https://doorward.localhost:8443/saml/dev"
NAME_ID_FORMAT = "urn:oasis:names:tc:SAML:{}:nameid-format:{}"
USERS = """
[user/anna]
Password=anna
Email=anna.chao@example.test
DisplayName=Anna <Chao> & "Co"
GivenName=Anna
FamilyName=Chao
Groups=design;mac-users
Department=Design

[user/plain]
Password=plain
Email=plain@example.test

[user/late]
Password=late
Email=late@example.test
Fault=expired
"""
CONFIG = "[idp]\nTitle=Example sign-in\n" + USERS


def authn_request(acs=ACS, issuer=SP, request_id="_request1", attributes="", children=""):
    acs = f'AssertionConsumerServiceURL="{acs}"' if acs else ""
    issuer = f"<saml:Issuer>{issuer}</saml:Issuer>" if issuer else ""
    return (f'<samlp:AuthnRequest xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="{request_id}" '
            f'Version="2.0" IssueInstant="2026-01-01T00:00:00Z" {acs} {attributes}>{issuer}{children}'
            "</samlp:AuthnRequest>")


TESTS = []


def test(function):
    """Registers a test; its name is what the function is called."""
    TESTS.append(function)
    return function


class Fixture:
    """One identity provider that most tests share."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.idp = None
        self.tools = None

    def other(self, name, config, *options):
        """An identity provider of its own for one test, not started yet."""
        folder = self.folder / name
        folder.mkdir()
        return DevIdp(self.binary, folder, config, *options)

    def refuse(self, name, config, *options):
        """Runs one that is expected not to start; returns (exit status, message)."""
        idp = self.other(name, config)
        done = subprocess.run(idp.command(*options), capture_output=True, text=True, timeout=60)
        assert done.stdout == "", done.stdout
        return done.returncode, done.stderr


@test
def refuses_what_is_not_loopback(fixture):
    for number, address in enumerate(("0.0.0.0:0", "[::]:0", "192.0.2.1:0", "idp.example:0", "127.0.0.1", "127.0.0.1:x",
                                      "127.0.0.1:65536")):
        status, message = fixture.refuse(f"listen{number}", CONFIG, "--listen", address)
        assert status == 64 and address in message, (status, message)


@test
def refuses_bad_configurations(fixture):
    bad = {
        "[idp]\nTitel=x\n" + USERS: "unknown key Titel",
        "[idp]\nSign=nothing\n" + USERS: "Sign=nothing",
        "[user/x]\nPassword=x\nEmail=x@example.test\nFault=no-such\n": "no-such",
        "[user/x]\nPassword=x\n": "Email=",
        "[idp]\nTitle=x\n": "nobody could sign in",
        "[people]\n" + USERS: "unknown section [people]",
    }
    for number, (config, text) in enumerate(bad.items()):
        status, message = fixture.refuse(f"config{number}", config, "--listen", "127.0.0.1:0")
        assert status == 1 and text in message, (status, message)
    done = subprocess.run([fixture.binary, "--config", os.devnull], capture_output=True, text=True)
    assert done.returncode == 64 and "--tls-key" in done.stderr, done


@test
def keeps_its_key_and_stops_cleanly(fixture):
    idp = fixture.other("restart", CONFIG)
    with idp:
        before = idp.browser().get("/metadata").body
        port = idp.port
        assert idp.base_url == f"https://idp.localhost:{port}"
        assert idp.stop(signal.SIGINT) == 0
    key = idp.state_dir / "signing-rsa.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with idp:
        after = idp.browser().get("/metadata").body
        certificate = ".//ds:X509Certificate"
        assert (ET.fromstring(before).findtext(certificate, None, NS) ==
                ET.fromstring(after).findtext(certificate, None, NS))
        assert idp.stop(signal.SIGTERM) == 0


@test
def answers_in_both_address_families(fixture):
    assert fixture.idp.browser(address="127.0.0.1").get("/").status == 200
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        return "SKIP no IPv6 on this machine"
    assert fixture.idp.browser(address="::1").get("/").status == 200


@test
def uses_the_base_url_and_entity_id_it_is_told(fixture):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = "[idp]\nEntityId=urn:example:idp\n" + USERS
    options = ("--base-url", "https://sso.example.localhost", "--listen", f"127.0.0.1:{port}")
    with fixture.other("told", config, *options) as idp:
        assert idp.base_url == "https://sso.example.localhost"
        browser = idp_driver.Browser(port, idp.certificate)
        metadata = ET.fromstring(browser.get("/metadata").body)
        assert metadata.get("entityID") == "urn:example:idp"
        assert {s.get("Location") for s in metadata.iterfind(".//md:SingleSignOnService", NS)} == {
            "https://sso.example.localhost/sso"}
        assert Answer(browser.sign_in(authn_request())).text("saml:Issuer") == "urn:example:idp"


@test
def describes_itself_in_metadata(fixture):
    reply = fixture.idp.browser().get("/metadata")
    assert reply.headers.get_content_type() == "application/samlmetadata+xml"
    assert fixture.tools.is_valid(reply.body, "saml-schema-metadata-2.0.xsd")
    root = ET.fromstring(reply.body)
    base = fixture.idp.base_url
    assert root.get("entityID") == base + "/metadata"
    role = root.find("md:IDPSSODescriptor", NS)
    assert [k.get("use") for k in role.iterfind("md:KeyDescriptor", NS)] == ["signing"]
    binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
    assert {(s.get("Binding"), s.get("Location")) for s in role.iterfind("md:SingleSignOnService", NS)} == {
        (binding + "Redirect", base + "/sso"), (binding + "POST", base + "/sso")}
    assert NAME_ID_FORMAT.format("1.1", "emailAddress") in [e.text for e in role.iterfind("md:NameIDFormat", NS)]


@test
def shows_what_it_is(fixture):
    browser = fixture.idp.browser()
    home = browser.get("/")
    assert home.status == 200 and "toy" in home.text
    for text in ("anna", "plain@example.test", "expired"):
        assert text in home.text
    assert browser.get("/style.css").headers.get_content_type() == "text/css"
    assert browser.get("/nothing").status == 404
    assert browser.request("DELETE", "/sso").status == 405
    assert browser.get("/login").status == 405
    lines = [line.split("\t") for line in browser.get("/faults").body.decode().splitlines()]
    assert [line[0] for line in lines] == list(FAULTS)
    assert all(len(line) == 2 and line[1] for line in lines)


@test
def pages_need_no_script_and_let_the_answer_leave(fixture):
    browser = fixture.idp.browser()
    login = browser.start(authn_request())
    answer = browser.fill(login, "anna", "anna")
    for page in (browser.get("/"), login, answer):
        assert "script" not in page.forms.tags
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in login.headers["Content-Security-Policy"]
    assert "form-action" not in answer.headers["Content-Security-Policy"]
    assert login.forms.options == ["", *FAULTS]
    assert {"label", "details", "summary", "select"} <= set(login.forms.tags)
    assert answer.forms.action == ACS and answer.forms.button == "Continue"


@test
def carries_the_relay_state(fixture):
    state = 'a<b>"&\' +%/'
    browser = fixture.idp.browser()
    login = browser.start(authn_request(), relay_state=state)
    assert login.fields["RelayState"] == state
    assert browser.fill(login, "anna", "anna").fields["RelayState"] == state
    assert "RelayState" not in browser.start(authn_request()).fields


@test
def refuses_a_wrong_password_with_the_form(fixture):
    browser = fixture.idp.browser()
    login = browser.start(authn_request(), relay_state="r")
    for username, password in (("anna", "Anna"), ("anna", ""), ("anna", "annaa"), ("nobody", "anna"), ("", "")):
        again = browser.fill(login, username, password)
        assert again.status == 200 and "do not go together" in again.text
        assert again.forms.action == "/login" and "SAMLResponse" not in again.fields
        assert again.fields["username"] == username and again.fields["RelayState"] == "r"
        assert browser.cookie is None
    assert "SAMLResponse" in browser.fill(again, "anna", "anna").fields


@test
def remembers_the_person(fixture):
    browser = fixture.idp.browser()
    first = browser.sign_in(authn_request())
    for flag in ("__Host-", "Secure", "HttpOnly", "SameSite=None", "Path=/"):
        assert flag in first.headers["Set-Cookie"]
    first = Answer(first)
    second = Answer(browser.start(authn_request(request_id="_two")))
    statement = "saml:Assertion/saml:AuthnStatement"
    assert second.name_id() == "anna.chao@example.test"
    assert second.root.get("InResponseTo") == "_two"
    assert second.get("saml:Assertion", "ID") != first.get("saml:Assertion", "ID")
    for name in ("SessionIndex", "AuthnInstant"):
        assert first.get(statement, name) == second.get(statement, name)
    for attribute in ('ForceAuthn="true"', 'ForceAuthn="1"'):
        assert "username" in browser.start(authn_request(attributes=attribute)).fields
    assert "signed in as anna" in browser.get("/").text
    kept = browser.cookie
    browser.get("/logout")
    browser.cookie = kept
    assert "username" in browser.start(authn_request()).fields


@test
def answers_passive_requests_without_a_page(fixture):
    browser = fixture.idp.browser()
    answer = Answer(browser.start(authn_request(attributes='IsPassive="true"')))
    assert answer.find("saml:Assertion") is None
    assert answer.get(".//samlp:StatusCode/samlp:StatusCode", "Value").endswith(":NoPassive")
    assert browser.cookie is None
    browser.sign_in(authn_request())
    assert Answer(browser.start(authn_request(attributes='IsPassive="true"'))).name_id()


@test
def takes_requests_by_post(fixture):
    browser = fixture.idp.browser()
    login = browser.post("/sso", {"SAMLRequest": encode_post(authn_request()), "RelayState": "p"})
    answer = browser.fill(login, "anna", "anna")
    assert Answer(answer).name_id() == "anna.chao@example.test" and answer.fields["RelayState"] == "p"
    broken = browser.post("/sso?fault=wrong-audience", {"SAMLRequest": encode_post(authn_request())})
    FAULTS["wrong-audience"](Answer(broken), fixture.tools)


@test
def says_everything_a_service_needs(fixture):
    answer = Answer(fixture.idp.browser().sign_in(authn_request()))
    assert fixture.tools.is_valid(answer.xml, "saml-schema-protocol-2.0.xsd")
    assert answer.root.get("Destination") == ACS and answer.root.get("InResponseTo") == "_request1"
    assert answer.text("saml:Issuer") == answer.text("saml:Assertion/saml:Issuer") == fixture.idp.base_url + "/metadata"
    assert answer.get("samlp:Status/samlp:StatusCode", "Value").endswith(":Success")
    assert answer.get(".//saml:NameID", "Format") == NAME_ID_FORMAT.format("1.1", "emailAddress")
    data = answer.find(".//saml:SubjectConfirmationData")
    assert data.get("Recipient") == ACS and data.get("InResponseTo") == "_request1"
    assert answer.get(".//saml:SubjectConfirmation", "Method").endswith(":cm:bearer")
    assert [a.text for a in answer.all(".//saml:Audience")] == [SP]
    attributes = {a.get("Name"): [v.text for v in a] for a in answer.all(".//saml:Attribute")}
    assert attributes == {
        "email": ["anna.chao@example.test"], "displayName": ['Anna <Chao> & "Co"'], "givenName": ["Anna"],
        "sn": ["Chao"], "department": ["Design"], "groups": ["design", "mac-users"]}
    assert list({a.get("Name"): 0 for a in Answer(fixture.idp.browser().sign_in(authn_request(), "plain")).all(
        ".//saml:Attribute")}) == ["email"]


@test
def chooses_the_name_id_the_request_wants(fixture):
    def ask(username, name_id_format, issuer=SP):
        policy = f'<samlp:NameIDPolicy Format="{name_id_format}"/>'
        return Answer(fixture.idp.browser().sign_in(authn_request(issuer=issuer, children=policy), username))

    email = ask("anna", NAME_ID_FORMAT.format("1.1", "unspecified"))
    assert email.name_id() == "anna.chao@example.test"
    persistent = NAME_ID_FORMAT.format("2.0", "persistent")
    names = [ask("anna", persistent), ask("anna", persistent), ask("plain", persistent),
             ask("anna", persistent, issuer="https://second.example")]
    assert {n.get(".//saml:NameID", "Format") for n in names} == {persistent}
    names = [n.name_id() for n in names]
    assert names[0] == names[1] and len(set(names)) == 3 and "anna" not in names[0]
    transient = NAME_ID_FORMAT.format("2.0", "transient")
    assert ask("anna", transient).name_id() != ask("anna", transient).name_id()
    kerberos = ask("anna", NAME_ID_FORMAT.format("2.0", "kerberos"))
    assert kerberos.find("saml:Assertion") is None
    assert kerberos.get(".//samlp:StatusCode/samlp:StatusCode", "Value").endswith(":InvalidNameIDPolicy")


@test
def refuses_bad_requests(fixture):
    browser = fixture.idp.browser()
    bad = {
        authn_request(request_id=""): "no ID",
        authn_request(request_id="1x"): "no ID",
        authn_request(issuer=""): "no Issuer",
        authn_request(acs=""): "no AssertionConsumerServiceURL",
        authn_request().replace("AuthnRequest", "LogoutRequest"): "not an AuthnRequest",
        authn_request().replace(NS["samlp"], "urn:example"): "not an AuthnRequest",
        "<!DOCTYPE x>" + authn_request(): "document type",
        "no XML": "not XML",
    }
    for request, text in bad.items():
        reply = browser.start(request)
        assert reply.status == 400 and text in reply.text, (request, reply.text)
    for query in ("", "?SAMLRequest=%25", "?SAMLRequest=AAAA", "?RelayState=x"):
        assert browser.get("/sso" + query).status == 400
    assert browser.post("/sso", {"SAMLRequest": "%"}).status == 400
    assert browser.post("/login", {"username": "anna", "password": "anna"}).status == 400
    assert browser.start(authn_request(), fault="no-such").status == 400


@test
def answers_this_machine_only(fixture):
    browser = fixture.idp.browser()
    good = ("http://127.0.0.1:80/a", "https://[::1]/a", "https://LOCALHOST/a", "https://a.b.localhost:8443/a?b=c")
    for acs in good:
        reply = browser.start(authn_request(acs=acs))
        assert reply.status == 200 and "username" in reply.fields, (acs, reply.text)
    bad = ("https://sp.example/acs", "https://localhost.sp.example/acs", "https://127.0.0.1.sp.example/acs",
           "https://notlocalhost/acs", "https://10.0.0.1/acs", "https://sp.example\\@localhost/acs",
           "https://sp.example\\.localhost/acs", "https://user@localhost/acs", "https://localhost@sp.example/acs",
           "https://sp.example#.localhost", "javascript:alert(1)", "//localhost/acs",
           "ftp://localhost/acs")
    for acs in bad:
        reply = browser.start(authn_request(acs=acs))
        assert reply.status == 400 and "AssertionConsumerServiceURL" in reply.text, (acs, reply.text)


@test
def bounds_what_it_reads(fixture):
    browser = fixture.idp.browser()
    bomb = authn_request(children=" " * (256 * 1024))
    reply = browser.start(bomb)
    assert reply.status == 400 and "256 KiB" in reply.text
    reply = browser.post("/sso", {"SAMLRequest": encode_post(bomb)})
    assert reply.status == 400 and "256 KiB" in reply.text
    fields = {"SAMLRequest": encode_post(authn_request()), "padding": "x" * 1024 * 1024}
    assert browser.post("/sso", fields).status == 413
    assert browser.request("POST", "/sso", iter([b"a=b"])).status == 413


@test
def closes_its_connections(fixture):
    descriptors = pathlib.Path(f"/proc/{fixture.idp.process.pid}/fd")
    browser = fixture.idp.browser()
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        browser.get("/faults")
    assert len(list(descriptors.iterdir())) < before + 10


@test
def signs_what_the_configuration_says(fixture):
    wanted = {"assertion": (True, False), "response": (False, True), "both": (True, True)}
    for parts, (assertion, response) in wanted.items():
        with fixture.other("sign-" + parts, f"[idp]\nSign={parts}\n" + USERS) as idp:
            tools = Tools(idp)
            answer = Answer(idp.browser().sign_in(authn_request()))
            assert bool(answer.all("saml:Assertion/ds:Signature")) == assertion
            assert bool(answer.all("ds:Signature")) == response
            assert not assertion or tools.verify(answer)
            assert not response or tools.verify(answer, parent="samlp:Response")
            assert tools.is_valid(answer.xml, "saml-schema-protocol-2.0.xsd")
            for fault in ("unsigned", "xsw1", "xsw4", "duplicate-ids", "two-assertions", "status-denied"):
                broken = Answer(idp.browser().sign_in(authn_request(), fault=fault))
                count = {"unsigned": 0, "xsw1": 1, "xsw4": 1, "two-assertions": 2 * assertion + response,
                         "status-denied": int(response)}.get(fault, assertion + response)
                assert len(broken.all(".//ds:Signature")) == count, (parts, fault)


@test
def signs_with_an_elliptic_curve_too(fixture):
    with fixture.other("ecdsa", CONFIG, "--key-type", "ecdsa") as idp:
        tools = Tools(idp)
        assert (idp.state_dir / "signing-ecdsa.pem").exists()
        answer = Answer(idp.browser().sign_in(authn_request()))
        assert answer.get(".//ds:SignatureMethod", "Algorithm").endswith("ecdsa-sha256")
        assert tools.verify(answer)
        broken = Answer(idp.browser().sign_in(authn_request(), fault="sha1"))
        assert broken.get(".//ds:SignatureMethod", "Algorithm").endswith("ecdsa-sha1") and tools.verify(broken)
        for fault in ("bad-signature", "other-key", "hmac-signature", "empty-digest"):
            broken = Answer(idp.browser().sign_in(authn_request(), fault=fault))
            assert broken.all(".//ds:Signature") and not tools.verify(broken), fault


@test
def takes_the_fault_from_form_query_or_person(fixture):
    browser = fixture.idp.browser()
    by_form = browser.sign_in(authn_request(), fault="expired")
    assert "broken on purpose" in by_form.text
    FAULTS["expired"](Answer(by_form), fixture.tools)
    FAULTS["none"](Answer(browser.start(authn_request())), fixture.tools)
    FAULTS["not-yet-valid"](Answer(browser.start(authn_request(), fault="not-yet-valid")), fixture.tools)
    browser.cookie = None
    login = browser.start(authn_request(), fault="expired")
    assert login.fields["fault"] == "expired"
    FAULTS["expired"](Answer(browser.fill(login, "anna", "anna")), fixture.tools)
    FAULTS["expired"](Answer(fixture.idp.browser().sign_in(authn_request(), "late")), fixture.tools)
    FAULTS["none"](Answer(fixture.idp.browser().sign_in(authn_request(), "late", fault="none")), fixture.tools)


@test
def repeats_the_last_assertion_id(fixture):
    browser = fixture.idp.browser()
    first = Answer(browser.sign_in(authn_request()))
    again = Answer(browser.start(authn_request(request_id="_two"), fault="replayed-id"))
    assert again.get("saml:Assertion", "ID") == first.get("saml:Assertion", "ID")
    assert again.root.get("ID") != first.root.get("ID") and again.root.get("InResponseTo") == "_two"
    assert fixture.tools.verify(again)


def fault_test(fault):
    """A test of one fault: the answer shows it, a correct one does not."""
    def run(fixture):
        browser = fixture.idp.browser()
        good = Answer(browser.sign_in(authn_request()))
        answer = Answer(browser.start(authn_request(), fault=fault))
        FAULTS[fault](answer, fixture.tools)
        if SCHEMAS.is_dir():
            valid = fixture.tools.is_valid(answer.xml, "saml-schema-protocol-2.0.xsd")
            assert valid == (fault not in INVALID_BY_SCHEMA), f"valid by schema: {valid}"
        if fault in ("none", "replayed-id"):
            return
        try:
            FAULTS[fault](good, fixture.tools)
        except (AssertionError, AttributeError, TypeError, StopIteration, IndexError, KeyError):
            return
        raise AssertionError("a correct answer passes for a broken one")
    run.__name__ = "fault/" + fault
    return run


def run_all(fixture):
    """Runs everything and prints TAP; returns how many failed."""
    tests = TESTS + [fault_test(fault) for fault in FAULTS]
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", "-")
        try:
            skip = function(fixture)
        except Exception:  # a test may fail in any way; the others still have to run
            failed += 1
            print("".join("# " + line for line in traceback.format_exc().splitlines(True)))
            print(f"not ok {number} - dev-idp/{name}", flush=True)
        else:
            print(f"ok {number} - dev-idp/{name}" + (f" # {skip}" if skip else ""), flush=True)
    return failed


def main():
    """Takes the path of doorward-dev-idp as the only argument."""
    with tempfile.TemporaryDirectory() as name:
        fixture = Fixture(sys.argv[1], pathlib.Path(name))
        with fixture.other("shared", CONFIG) as idp:
            fixture.idp = idp
            fixture.tools = Tools(idp)
            return 1 if run_all(fixture) else 0


if __name__ == "__main__":
    sys.exit(main())
