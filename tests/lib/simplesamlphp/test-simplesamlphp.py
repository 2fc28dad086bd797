#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signs in at SimpleSAMLphp with the standard library and looks at what it sends."""

import base64
import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback
import urllib.parse
import xml.etree.ElementTree as ET
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import simplesamlphp  # noqa: E402

SP = "https://doorward.localhost:8443/saml/ssp"
ACS = SP + "/acs"
NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
      "ds": "http://www.w3.org/2000/09/xmldsig#", "md": "urn:oasis:names:tc:SAML:2.0:metadata",
      "xenc": "http://www.w3.org/2001/04/xmlenc#"}
USERS = {
    "anna": {"password": "se:cret", "attributes": {
        "uid": ["anna"], "email": ["anna.chao@example.test"], "displayName": ["Anna Chao"],
        "groups": ["design", "mac-users"]}},
    "ben": {"password": "ben", "attributes": {"uid": ["ben"], "email": ["ben.okafor@example.test"]}},
}


class Form(html.parser.HTMLParser):
    """The only form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.action = attributes.get("action")
        elif tag == "input" and "name" in attributes:
            self.fields[attributes["name"]] = attributes.get("value", "")


class Browser:
    """Follows redirects and keeps cookies, for one site."""

    def __init__(self, idp):
        self.idp = idp
        self.cookies = {}

    def request(self, method, url, fields=None):
        """Returns (address, status, page) at the end of the redirects."""
        for _ in range(10):
            parts = urllib.parse.urlsplit(urllib.parse.urljoin(self.idp.base_url, url))
            assert f"{parts.scheme}://{parts.netloc}/" == self.idp.base_url, url
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            body = None
            if fields is not None:
                body = urllib.parse.urlencode(fields)
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection = simplesamlphp.open_connection(self.idp.port, self.idp.ca_file if self.idp.https else None)
            connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers)
            response = connection.getresponse()
            page = response.read().decode()
            connection.close()
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            if response.status not in (301, 302, 303):
                return parts.geturl(), response.status, page
            method, url, fields = "GET", urllib.parse.urljoin(parts.geturl(), response.headers["Location"]), None
        raise AssertionError("too many redirects")

    def sign_in(self, name, password, acs=ACS):
        """Returns the form that leads to the service, or the page where it did not get that far."""
        query = urllib.parse.urlencode({"SAMLRequest": authn_request(acs), "RelayState": "state-1"})
        address, status, page = self.request("GET", self.idp.sso_url + "?" + query)
        if status != 200:
            return page
        form = Form(page)
        fields = dict(form.fields, username=name, password=password)
        address, status, page = self.request("POST", urllib.parse.urljoin(address, form.action or ""), fields)
        form = Form(page)
        return form if "SAMLResponse" in form.fields else page


def authn_request(acs):
    xml = (f'<samlp:AuthnRequest xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="_request1" Version="2.0" '
           f'IssueInstant="2026-01-01T00:00:00Z" AssertionConsumerServiceURL="{acs}" '
           'ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST">'
           f"<saml:Issuer>{SP}</saml:Issuer></samlp:AuthnRequest>")
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(compressor.compress(xml.encode()) + compressor.flush()).decode()


def certificate_of(idp):
    metadata = ET.parse(idp.metadata_file).getroot()
    der = base64.b64decode(metadata.findtext(".//ds:X509Certificate", None, NS))
    path = idp.folder / "metadata.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(der).decode())
    return path


def verify(idp, xml, element):
    path = idp.folder / "answer.xml"
    path.write_bytes(xml)
    command = ["xmlsec1", "--verify", "--id-attr:ID", NS["saml"] + ":Assertion", "--id-attr:ID",
               NS["samlp"] + ":Response", "--pubkey-cert-pem", str(certificate_of(idp)), "--node-xpath",
               f"//*[local-name()='{element}']/*[local-name()='Signature']", str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0


def providers(encryption_certificate=None):
    return [simplesamlphp.ServiceProvider(SP, [ACS, ACS + "2"], encryption_certificate),
            simplesamlphp.ServiceProvider("https://other.localhost/sp", ["https://other.localhost/acs"])]


def check_answer(idp):
    """A sign-in, and that the answer is about the person, for the service, and signed by the key of the metadata."""
    metadata = ET.parse(idp.metadata_file).getroot()
    assert metadata.get("entityID") == idp.entity_id
    sso = [s.get("Location") for s in metadata.iterfind("md:IDPSSODescriptor/md:SingleSignOnService", NS)]
    assert set(sso) == {idp.sso_url}, sso
    form = Browser(idp).sign_in("anna", "se:cret")
    assert isinstance(form, Form), form
    assert form.action == ACS and form.fields["RelayState"] == "state-1"
    xml = base64.b64decode(form.fields["SAMLResponse"])
    root = ET.fromstring(xml)
    assert root.get("InResponseTo") == "_request1" and root.get("Destination") == ACS
    assertion = root.find("saml:Assertion", NS)
    assert assertion.findtext("saml:Issuer", None, NS) == idp.entity_id
    name_id = assertion.find("saml:Subject/saml:NameID", NS)
    assert name_id.text == "anna.chao@example.test" and name_id.get("Format").endswith(":emailAddress")
    assert assertion.findtext(".//saml:Audience", None, NS) == SP
    attributes = {a.get("Name"): [v.text for v in a] for a in assertion.iterfind(".//saml:Attribute", NS)}
    assert attributes["email"] == ["anna.chao@example.test"] and attributes["groups"] == ["design", "mac-users"]
    for element, signed in (("Assertion", idp.signed != "response"), ("Response", idp.signed != "assertion")):
        assert verify(idp, xml, element) == signed, (idp.signed, element)


def plain_http(folder):
    with simplesamlphp.SimpleSamlPhp(folder, USERS, providers(), signed="assertion") as idp:
        assert idp.metadata_url.startswith("http://sso.localhost:")
        check_answer(idp)
    try:
        simplesamlphp.open_connection(idp.port)
    except ConnectionRefusedError:
        return
    raise AssertionError("it still runs")


def https(folder):
    with simplesamlphp.SimpleSamlPhp(folder, USERS, providers(), https=True) as idp:
        assert idp.metadata_url.startswith("https://sso.localhost:")
        check_answer(idp)


def response_signed_with_a_given_certificate(folder):
    certificate, key = folder / "given.crt", folder / "given.key"
    simplesamlphp.make_certificate(certificate, key, ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
                                   simplesamlphp.HOST)
    with simplesamlphp.SimpleSamlPhp(folder, USERS, providers(), https=True, tls_certificate=certificate,
                                     tls_key=key, signed="response") as idp:
        check_answer(idp)


def refusals(folder):
    with simplesamlphp.SimpleSamlPhp(folder, USERS, providers(), https=True) as idp:
        assert isinstance(Browser(idp).sign_in("anna", "wrong"), str)
        assert isinstance(Browser(idp).sign_in("nobody", "se:cret"), str)
        other = Browser(idp).sign_in("ben", "ben", acs="https://evil.localhost/acs")
        assert isinstance(other, str) or other.action != "https://evil.localhost/acs"
        assert Browser(idp).sign_in("ben", "ben", acs=ACS + "2").action == ACS + "2"


def encrypted_assertion(folder):
    certificate, key = folder / "sp.crt", folder / "sp.key"
    simplesamlphp.make_certificate(certificate, key, ["rsa:2048"], "doorward.localhost")
    with simplesamlphp.SimpleSamlPhp(folder, USERS, providers(certificate.read_text()), https=True) as idp:
        form = Browser(idp).sign_in("anna", "se:cret")
        assert isinstance(form, Form), form
        path = folder / "encrypted.xml"
        path.write_bytes(base64.b64decode(form.fields["SAMLResponse"]))
        root = ET.parse(path).getroot()
        assert root.find("saml:Assertion", NS) is None
        method = root.find("saml:EncryptedAssertion/xenc:EncryptedData/xenc:EncryptionMethod", NS)
        assert method.get("Algorithm") == simplesamlphp.AES128_CBC
        done = subprocess.run(["xmlsec1", "--decrypt", "--privkey-pem", str(key), str(path)], capture_output=True)
        assert done.returncode == 0, done.stderr
        assert b"anna.chao@example.test" in done.stdout


def program(folder):
    process = subprocess.Popen(
        [sys.executable, simplesamlphp.__file__, "--folder", str(folder), "--user", "ben:b:en:ben@example.test",
         "--sp", SP, ACS, "--https"], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        match = re.fullmatch(r"ready (https://sso\.localhost:(\d+)/saml2/idp/metadata\.php)\n", line)
        assert match, line
        connection = simplesamlphp.open_connection(int(match[2]), folder / "tls.crt")
        connection.request("GET", "/saml2/idp/metadata.php")
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


TESTS = (plain_http, https, response_signed_with_a_given_certificate, refusals, encrypted_assertion, program)


def main():
    """Runs everything and prints TAP."""
    if missing := simplesamlphp.find_missing():
        print("1..0 # SKIP needs " + " ".join(missing))
        return 0
    failed = 0
    print(f"1..{len(TESTS)}", flush=True)
    for number, function in enumerate(TESTS, 1):
        name = "simplesamlphp/" + function.__name__.replace("_", "-")
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(pathlib.Path(folder))
            except Exception:  # a test may fail in any way; the others still have to run
                failed += 1
                print("".join("# " + line for line in traceback.format_exc().splitlines(True)))
                print(f"not ok {number} - {name}", flush=True)
            else:
                print(f"ok {number} - {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
