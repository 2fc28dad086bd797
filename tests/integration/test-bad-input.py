#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Malformed, oversized, stale and foreign input on every route: refused in order, nothing stored, nothing broken."""

import base64
import os
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import raw  # noqa: E402
import scep  # noqa: E402
import tap  # noqa: E402
from stage import SERVER_HOST, Stage  # noqa: E402

ENROLL = device.ENROLL_PATH
MDM = device.MDM_PATH
PKIOP = "/mdm/apple/scep?operation=PKIOperation"
ACS = "/saml/dev/acs"
SHARED_ACS = "/api/v1/fleet/mdm/sso/callback"
JSON_START = "/api/latest/fleet/mdm/sso"
SIGNED = "application/pkcs7-signature"
FORM = "application/x-www-form-urlencoded"
CHECKIN = device.CHECKIN_TYPE
COMMAND = device.COMMAND_TYPE
REFUSED = range(400, 500)
BEN = ("ben.okafor@example.test", "ben")


def call(stage, method, target, kind=None, body=b"", headers=(), length=True):
    """One request as bytes."""
    every = [("Host", f"{SERVER_HOST}:{stage.port}"), ("Connection", "close"), *headers]
    if kind is not None:
        every.append(("Content-Type", kind))
    if body and length or method in ("POST", "PUT") and length:
        every.append(("Content-Length", str(len(body))))
    return raw.request(stage, method, target, every, body)


def id_in(answer):
    """The catalogue id of a plain answer, None on pages."""
    found = re.search(rb"DW-[A-Z]+-[A-Z]+", answer.body)
    return found[0].decode() if found else None


class Unchanged:
    """Nothing that doorctl lists differs afterwards, the server lives and found no bug of its own."""

    def __init__(self, stage):
        self.stage = stage

    def __enter__(self):
        self.before = self.stage.lists()

    def __exit__(self, kind, *_):
        if kind is None:
            assert self.stage.lists() == self.before
            assert self.stage.server.process.poll() is None, self.stage.server.tail()
            assert '"level":"critical"' not in self.stage.log(), self.stage.server.tail()
            assert call(self.stage, "GET", "/healthz").status == 200


def run_table(stage, table):
    """Sends each row: (name, request, wanted status or range, catalogue id or None)."""
    wrong = []
    with Unchanged(stage):
        for name, request, status, fault in table:
            answer = call(stage, *request[:2], **request[2]) if isinstance(request, tuple) else request()
            wanted = status if isinstance(status, range) else (status,)
            if answer.status not in wanted or (fault and id_in(answer) != fault):
                wrong.append((name, answer.status, id_in(answer)))
    assert not wrong, wrong


def der_nest(depth):
    """A CMS that is nothing but constructed elements inside each other."""
    data = b""
    for _ in range(depth):
        data = scep.der(0x30, data)
    return data


def signed_data(*parts):
    return scep.der(0x30, scep.oid(scep.SIGNED_DATA_OID), scep.der(0xA0, *parts))


def test_prepare_two_enrollments(stage):
    stage.anna = device.Device(stage, "anna").enroll()
    stage.ben = device.Device(stage, "ben", *BEN).enroll()


def test_paths_and_methods(stage):
    run_table(stage, [
        ("no such path", ("GET", "/nowhere", {}), 404, None),
        ("dots", ("GET", "/assets/../../etc/passwd", {}), REFUSED, None),
        ("escaped dots", ("GET", "/assets/%2e%2e/%2e%2e/etc/passwd", {}), REFUSED, None),
        ("escaped slash", ("GET", "/assets/..%2f..%2fetc%2fpasswd", {}), REFUSED, None),
        ("NUL in the path", ("GET", "/assets/style.css%00.html", {}), REFUSED, None),
        ("path that is not UTF-8", ("GET", "/assets/%ff%fe", {}), REFUSED, None),
        ("broken escape", ("GET", "/mdm/%zz", {}), REFUSED, None),
        ("double slash", ("GET", "//mdm//sso", {}), REFUSED, None),
        ("very long path", ("GET", "/" + "a" * 20000, {}), REFUSED, None),
        ("GET on enroll", ("GET", ENROLL, {}), 405, None),
        ("PUT on enroll", ("PUT", ENROLL, {"kind": SIGNED}), 405, None),
        ("POST on mdm", ("POST", MDM, {"kind": CHECKIN}), 405, None),
        ("GET on mdm", ("GET", MDM, {}), 405, None),
        ("PUT on acs", ("PUT", ACS, {"kind": FORM}), 405, None),
        ("POST on sso", ("POST", "/mdm/sso", {"kind": FORM}), 405, None),
        ("DELETE on scep", ("DELETE", PKIOP, {}), 405, None),
        ("GET on the JSON start", ("GET", JSON_START, {}), 405, None),
        ("TRACE", ("TRACE", "/mdm/sso", {}), REFUSED, None),
        ("unknown method", ("BREW", "/mdm/sso", {}), REFUSED, None),
        ("team with a slash escaped", ("POST", ENROLL + "/a%2fb", {"kind": SIGNED}), REFUSED, None),
        ("unknown team", ("POST", ENROLL + "/nowhere", {"kind": SIGNED, "body": stage.anna.machine_info}), 404,
         "DW-TEAM-UNKNOWN"),
        ("connection of another name", ("POST", "/saml/nobody/acs", {"kind": FORM, "body": b"SAMLResponse=AAAA"}), 404,
         None),
    ])


def test_heads_of_requests(stage):
    host = f"Host: {SERVER_HOST}:{stage.port}\r\n"

    def send(text):
        return lambda: raw.exchange(stage, text.encode("latin-1"))

    refused_or_closed = range(0, 500)
    run_table(stage, [
        ("40,000 bytes of header", send(f"GET /mdm/sso HTTP/1.1\r\n{host}X-Long: {'a' * 40000}\r\n\r\n"), REFUSED, None),
        ("2,000 headers", send(f"GET /mdm/sso HTTP/1.1\r\n{host}" + "".join(f"X-{n}: 1\r\n" for n in range(2000)) +
                               "\r\n"), refused_or_closed, None),
        ("no host", send("GET /mdm/sso HTTP/1.1\r\nConnection: close\r\n\r\n"), REFUSED, None),
        ("two hosts", send(f"GET /mdm/sso HTTP/1.1\r\n{host}Host: evil.test\r\nConnection: close\r\n\r\n"), REFUSED,
         None),
        ("two lengths", send(f"POST {ACS} HTTP/1.1\r\n{host}Content-Length: 3\r\nContent-Length: 4\r\nContent-Type: "
                             f"{FORM}\r\nConnection: close\r\n\r\nabcd"), REFUSED, None),
        ("length and chunks", send(f"POST {ACS} HTTP/1.1\r\n{host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
                                   f"Content-Type: {FORM}\r\nConnection: close\r\n\r\n0\r\n\r\n"), REFUSED, None),
        ("negative length", send(f"POST {ACS} HTTP/1.1\r\n{host}Content-Length: -1\r\nConnection: close\r\n\r\n"),
         REFUSED, None),
        ("not HTTP", send("\x00\x01\x02\x03 rubbish\r\n\r\n"), refused_or_closed, None),
        ("10,000 bytes of cookie", ("GET", "/mdm/sso", {"headers": [("Cookie", "__Host-dw_flow=" + "a" * 10000)]}),
         range(300, 500), None),
        ("the cookie twice", ("GET", "/mdm/sso", {"headers": [("Cookie", "__Host-dw_flow=a; __Host-dw_flow=b")]}),
         range(300, 500), None),
        ("cookie with bytes above ASCII", ("GET", "/mdm/sso", {"headers": [("Cookie", "__Host-dw_flow=\xff\xfe")]}),
         range(300, 500), None),
        ("strange Accept-Language", ("GET", "/nowhere", {"headers": [("Accept-Language", "x" * 5000 + ";q=\xff")]}),
         404, None),
    ])


def test_queries(stage):
    discovery = "/.well-known/com.apple.remotemanagement"
    run_table(stage, [
        ("account twice", ("GET", discovery + "?user-identifier=a@b.test&user-identifier=c@d.test", {}), 400, None),
        ("family twice", ("GET", discovery + "?user-identifier=a@b.test&model-family=Mac&model-family=Mac", {}), 400,
         None),
        ("account that is not UTF-8", ("GET", discovery + "?user-identifier=%ff@b.test", {}), REFUSED, None),
        ("NUL in the account", ("GET", discovery + "?user-identifier=a%00@b.test", {}), REFUSED, None),
        ("line break in the account", ("GET", discovery + "?user-identifier=a%0d%0ab@c.test", {}), REFUSED, None),
        ("account of 10,000 letters", ("GET", discovery + "?user-identifier=" + "a" * 10000 + "@b.test", {}), REFUSED,
         None),
        ("no account", ("GET", discovery, {}), 403, None),
        ("team twice", ("GET", "/mdm/sso?team=a&team=b", {}), 400, None),
        ("unknown team", ("GET", "/mdm/sso?team=nowhere", {}), 404, None),
        ("unknown provider", ("GET", "/mdm/sso/start?idp=nobody", {}), 404, None),
        ("no provider", ("GET", "/mdm/sso/start", {}), 404, None),
        ("account with markup", ("GET", "/mdm/sso/start?idp=nobody&user-identifier=%3Cscript%3E", {}), 404, None),
        ("NUL in the sign-in's account", ("GET", "/mdm/sso?user-identifier=a%00b@c.test", {}), REFUSED, None),
        ("long account", ("GET", "/mdm/sso?user-identifier=" + "a" * 20000, {}), range(300, 500), None),
        ("operation twice", ("GET", "/mdm/apple/scep?operation=GetCACaps&operation=GetCACert", {}), 400, None),
        ("no operation", ("GET", "/mdm/apple/scep", {}), 400, "DW-HTTP-BADREQUEST"),
        ("unknown operation", ("GET", "/mdm/apple/scep?operation=Format", {}), 400, "DW-HTTP-BADREQUEST"),
    ])


def test_nothing_typed_comes_back_as_markup(stage):
    for target in ("/mdm/sso?user-identifier=%3Cscript%3Ealert(1)%3C/script%3E@example.test",
                   "/mdm/sso/start?idp=%3Cscript%3E", "/%3Cscript%3E", "/mdm/sso?team=%3Cscript%3E"):
        answer = call(stage, "GET", target)
        assert b"<script" not in answer.body and b"<script" not in (answer.get("Location") or "").encode(), target


def test_enrollment_bodies(stage):
    anna = stage.anna

    def body(content, kind=SIGNED):
        return ("POST", ENROLL, {"kind": kind, "body": content})

    def info(content):
        return body(anna.sign_machine_info(content))

    good = anna.machine_info
    binary_plist = device.plistlib.dumps({"PRODUCT": "iPhone12,1", "VERSION": "1", "LANGUAGE": "en"},
                                         fmt=device.plistlib.FMT_BINARY)
    deep = device.plist(PRODUCT="iPhone12,1", VERSION="1", LANGUAGE="en").replace(
        b"</dict>", b"<key>X</key>" + b"<array>" * 400 + b"</array>" * 400 + b"</dict>")
    entity = b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>' \
             b"<plist><dict><key>PRODUCT</key><string>&x;</string></dict></plist>"
    run_table(stage, [
        ("empty", body(b""), REFUSED, None),
        ("wrong content type", body(good, "application/octet-stream"), 415, "DW-HTTP-MEDIATYPE"),
        ("no content type", body(good, None), 415, "DW-HTTP-MEDIATYPE"),
        ("plain property list", body(device.plist(PRODUCT="iPhone12,1", VERSION="1", LANGUAGE="en")), REFUSED, None),
        ("rubbish", body(os.urandom(4000)), REFUSED, None),
        ("cut off", body(good[:-200]), REFUSED, None),
        ("cut in the middle", body(good[:len(good) // 2]), REFUSED, None),
        ("something behind it", body(good + b"\0" * 50), REFUSED, None),
        ("one bit in the signature", body(good[:-1] + bytes([good[-1] ^ 1])), 403, "DW-DEV-BADSIG"),
        ("other content", body(good.replace(b"22C161", b"22C162")), 403, "DW-DEV-BADSIG"),
        ("larger than the limit", body(b"0" * 70000), 413, None),
        ("nested 5,000 deep", body(der_nest(5000)), REFUSED, None),
        ("nested inside SignedData", body(signed_data(der_nest(4000))), REFUSED, None),
        ("indefinite lengths without end", body(b"\x30\x80" * 8000), REFUSED, None),
        ("length of 4 GiB", body(b"\x30\x84\xff\xff\xff\xff" + b"\0" * 100), REFUSED, None),
        ("binary property list", info(binary_plist), REFUSED, None),
        ("nested property list", info(deep), REFUSED, None),
        ("entity", info(entity), REFUSED, None),
        ("signed nothing", info(b""), REFUSED, None),
        ("no product", info(device.plist(VERSION="1", LANGUAGE="en")), 400, "DW-DEV-INFO"),
        ("product is a number", info(device.plist(PRODUCT=7, VERSION="1", LANGUAGE="en")), 400, "DW-DEV-INFO"),
        ("not UTF-8", info(device.plist(PRODUCT="xyz", VERSION="1").replace(b"xyz", b"\xff\xfe\xfd")), REFUSED, None),
    ])


def test_access_tokens(stage):
    anna = stage.anna
    with Unchanged(stage):
        for token in ("x", "A" * 43, "a" * 300, "a" * 9000, "\xff\xfe", "a b", "'; DROP TABLE person; --"):
            answer = call(stage, "POST", ENROLL, kind=SIGNED, body=anna.machine_info,
                          headers=[("Authorization", f"Bearer {token}")])
            assert answer.status in (400, 401), (token[:20], answer.status)
            if answer.status == 401:
                assert answer.get("WWW-Authenticate").startswith('Bearer method="apple-as-web", url="https://')
        for header in ("Basic YTpi", "Bearer", "Bearer ", "bearer null"):
            answer = call(stage, "POST", ENROLL, kind=SIGNED, body=anna.machine_info,
                          headers=[("Authorization", header)])
            assert answer.status == 401, (header, answer.status)


def test_answers_of_identity_providers(stage):
    anna = stage.anna
    spent = urllib.parse.urlencode(anna.browser.sign_in(anna.start(), "anna").page.fields).encode()
    deep = base64.b64encode(b"<a>" * 5000)
    bomb = base64.b64encode(b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><r>&b;</r>')

    def form(content, target=ACS, kind=FORM):
        return ("POST", target, {"kind": kind, "body": content})

    def saml(content):
        return form(b"SAMLResponse=" + urllib.parse.quote_from_bytes(content).encode())

    run_table(stage, [
        ("empty", form(b""), 400, None),
        ("no SAMLResponse", form(b"RelayState=x"), 400, None),
        ("empty SAMLResponse", form(b"SAMLResponse="), 400, None),
        ("SAMLResponse twice", form(b"SAMLResponse=AAAA&SAMLResponse=BBBB"), 400, None),
        ("RelayState twice", form(b"SAMLResponse=AAAA&RelayState=a&RelayState=b"), 400, None),
        ("many fields", form(b"&".join(b"a%d=1" % n for n in range(2000))), 400, None),
        ("JSON", form(b"{}", kind="application/json"), REFUSED, None),
        ("multipart", form(b"--x\r\n\r\n--x--", kind="multipart/form-data; boundary=x"), REFUSED, None),
        ("not base64", saml(b"%%%%"), 400, None),
        ("NUL", form(b"SAMLResponse=AA%00AA"), 400, None),
        ("not UTF-8", form(b"SAMLResponse=%ff%fe"), 400, None),
        ("broken escape", form(b"SAMLResponse=%zz"), 400, None),
        ("rubbish", saml(base64.b64encode(os.urandom(3000))), 400, None),
        ("not closed", saml(base64.b64encode(b"<samlp:Response")), 400, None),
        ("other XML", saml(base64.b64encode(b"<html/>")), 400, None),
        ("nested", saml(deep), 400, None),
        ("entities", saml(bomb), 400, None),
        ("UTF-16", saml(base64.b64encode('<?xml version="1.0"?><r/>'.encode("utf-16"))), 400, None),
        ("larger than the limit", saml(b"A" * 1100000), 413, None),
        ("shared address, no RelayState", form(b"SAMLResponse=AAAA", SHARED_ACS), 400, None),
        ("shared address, unknown RelayState", form(b"SAMLResponse=AAAA&RelayState=x", SHARED_ACS), 400, None),
        ("right answer, no cookie", form(spent), 400, None),
        ("right answer, wrong address", form(spent, SHARED_ACS), REFUSED, None),
        ("right answer, RelayState left out", form(re.sub(rb"&?RelayState=[^&]*", b"", spent)), REFUSED, None),
    ])


def test_answer_twice_and_to_others(stage):
    anna = stage.anna
    answer = anna.browser.sign_in(anna.start(), "anna")
    with Unchanged(stage):
        thief = device.Device(stage, "thief", *BEN)
        thief.start()
        reply = thief.browser.submit(answer)
        assert reply.status == 400, "another browser with a cookie of its own"
        assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-FLOW-COOKIE"
        # the page shown to a stranger does not say who signs in
        assert b"anna" not in reply.body, reply.body
    assert anna.browser.submit(answer).status == 308, "the attempt of the other does not spend it"
    with Unchanged(stage):
        reply = anna.browser.submit(answer)
        assert reply.status == 400, reply.status
        assert stage.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-FLOW-SPENT"


def test_json_start(stage):
    def start(body, kind="application/json"):
        return ("POST", JSON_START, {"kind": kind, "body": body})

    run_table(stage, [
        ("form", start(b"a=b", FORM), 415, "DW-HTTP-MEDIATYPE"),
        ("no content type", start(b"{}", None), 415, "DW-HTTP-MEDIATYPE"),
        ("too large", start(b"{" + b" " * 5000 + b"}"), 413, None),
        ("unknown version", ("POST", "/api/v2/fleet/mdm/sso", {"kind": "application/json", "body": b"{}"}), 404, None),
    ])


def test_scep_messages(stage):
    anna = stage.anna
    client = anna.scep_client("second")
    good = client.build("0" * 64)
    inner = client.make_csr("0" * 64)

    def post(body):
        return ("POST", PKIOP, {"kind": "application/x-pki-message", "body": body})

    def get(text):
        return ("GET", f"{PKIOP}&message={text}", {})

    run_table(stage, [
        ("empty", post(b""), 400, "DW-SCEP-MESSAGE"),
        ("rubbish", post(os.urandom(3000)), 400, "DW-SCEP-MESSAGE"),
        ("cut off", post(good[:-100]), 400, "DW-SCEP-MESSAGE"),
        ("a CSR alone", post(inner), 400, "DW-SCEP-MESSAGE"),
        ("one bit in the signature", post(good[:-1] + bytes([good[-1] ^ 1])), 400, "DW-SCEP-MESSAGE"),
        ("nested 10,000 deep", post(der_nest(10000)), 400, "DW-SCEP-MESSAGE"),
        ("nested inside SignedData", post(signed_data(der_nest(9000))), 400, "DW-SCEP-MESSAGE"),
        ("indefinite lengths without end", post(b"\x30\x80" * 20000), 400, "DW-SCEP-MESSAGE"),
        ("too large", post(b"0" * 70000), 413, None),
        ("no message", ("GET", PKIOP, {}), 400, "DW-SCEP-MESSAGE"),
        ("message is not base64", get("%25%25"), 400, "DW-SCEP-MESSAGE"),
        ("message twice", get("AAAA&message=BBBB"), 400, None),
        ("messageType 3", post(client.sign(client.envelop(inner), "3")), 400, "DW-SCEP-MESSAGE"),
    ])


def fail_info(client, answer):
    """What a signed CertRep refuses with."""
    assert answer.status == 200 and answer.get("Content-Type") == "application/x-pki-message", answer.status
    try:
        client.read(answer.body)
    except scep.Refused as refusal:
        return refusal.fail_info
    raise AssertionError("a certificate was issued")


def test_scep_requests_inside_good_messages(stage):
    anna = stage.anna
    client = anna.scep_client("inside")
    stranger = anna.scep_client("stranger")
    with Unchanged(stage):
        for name, message in (
                ("unknown challenge", client.build("0" * 64)),
                ("no challenge", client.build(None)),
                ("spent challenge", client.build(anna.challenge)),
                ("garbage in the envelope", client.sign(client.envelop(os.urandom(500)))),
                ("nothing in the envelope", client.sign(client.envelop(b""))),
                ("nested in the envelope", client.sign(client.envelop(der_nest(3000)))),
                ("garbage for an envelope", client.sign(os.urandom(500))),
                ("CSR of another key", client.sign(client.envelop(stranger.make_csr("0" * 64)))),
                ("GetCert, which is not served", client.sign(client.envelop(client.make_csr("0" * 64)), "21")),
                ("single DES", client.build("0" * 64, "-des3").replace(b"\x2a\x86\x48\x86\xf7\x0d\x03\x07",
                                                                      b"\x2a\x86\x48\x86\xf7\x0d\x03\x04")),
                ("renewal by a stranger", client.sign(client.envelop(client.make_csr(None)), "17"))):
            answer = call(stage, "POST", PKIOP, kind="application/x-pki-message", body=message)
            if answer.status == 400:
                assert id_in(answer) == "DW-SCEP-MESSAGE", (name, id_in(answer))
            else:
                assert fail_info(client, answer) in (0, 1, 2), name


def test_check_in_messages(stage):
    anna = stage.anna

    def put(body, kind=CHECKIN, **options):
        def send():
            reply = anna.put(body, kind, **options)
            return raw.Answer(f"HTTP/1.1 {reply.status} \r\n\r\n".encode() + reply.body)
        return send

    good = anna.authenticate_body()
    idle = anna.idle_body()
    deep = good.replace(b"</dict>", b"<key>X</key>" + b"<array>" * 400 + b"</array>" * 400 + b"</dict>")
    binary = device.plistlib.dumps({"MessageType": "Authenticate"}, fmt=device.plistlib.FMT_BINARY)
    run_table(stage, [
        ("wrong content type", put(good, "text/xml"), 415, "DW-HTTP-MEDIATYPE"),
        ("no signature", put(good, signature=None), 403, "DW-DEV-BADSIG"),
        ("signature is not base64", put(good, signature="%%%"), 403, "DW-DEV-BADSIG"),
        ("signature is empty CMS", put(good, signature="MAA="), 403, "DW-DEV-BADSIG"),
        ("signature of another body", put(good, signature=anna.sign(idle)), 403, "DW-DEV-BADSIG"),
        ("signature of 14,000 bytes", put(good, signature="A" * 14000), REFUSED, None),
        ("nested signature", put(good, signature=base64.b64encode(der_nest(1500)).decode()), 403, "DW-DEV-BADSIG"),
        ("foreign certificate", put(good, signature=anna.sign(good, anna.device_key, anna.device_certificate)), 403,
         "DW-DEV-UNKNOWN"),
        ("empty body", put(b""), REFUSED, None),
        ("binary property list", put(binary), 400, "DW-DEV-MESSAGE"),
        ("nested property list", put(deep), 400, "DW-DEV-MESSAGE"),
        ("rubbish", put(os.urandom(500)), 400, "DW-DEV-MESSAGE"),
        ("unknown message", put(good.replace(b"Authenticate", b"Hello")), 400, "DW-DEV-MESSAGE"),
        ("no EnrollmentID", put(good.replace(b"EnrollmentID", b"Something")), REFUSED, None),
        ("UDID instead", put(good.replace(b"EnrollmentID", b"UDID")), REFUSED, None),
        ("other topic", put(good.replace(b"com.apple.mgmt", b"com.other.mgmt")), REFUSED, None),
        ("NUL", put(good.replace(b"22C161", b"22\x00161")), 400, "DW-DEV-MESSAGE"),
        ("not UTF-8", put(good.replace(b"22C161", b"\xff\xfe\xfd")), 400, "DW-DEV-MESSAGE"),
        ("a report at the check-in type", put(idle), 400, "DW-DEV-MESSAGE"),
        ("a check-in at the report type", put(good, COMMAND), 400, "DW-DEV-MESSAGE"),
        ("report without status", put(device.plist(EnrollmentID=anna.enrollment_id), COMMAND), 400, "DW-DEV-MESSAGE"),
        ("token that is text", put(anna.token_update_body(Token="text")), 400, "DW-DEV-MESSAGE"),
        ("token of 5,000 bytes", put(anna.token_update_body(Token=bytes(5000))), 400, "DW-DEV-MESSAGE"),
        ("more than the limit", ("PUT", MDM, {"kind": CHECKIN, "body": b"0" * 1100000}), 413, None),
    ])


def test_one_device_in_the_name_of_another(stage):
    anna, ben = stage.anna, stage.ben
    fresh = device.Device(stage, "bens-second", *BEN, enrollment_id=anna.enrollment_id)
    fresh.prepare()
    own = device.Device(stage, "bens-third", *BEN).prepare()
    with Unchanged(stage):
        # an enrolled certificate that names another device
        for body, kind in ((ben.idle_body(EnrollmentID=anna.enrollment_id), COMMAND),
                           (ben.token_update_body(EnrollmentID=anna.enrollment_id), CHECKIN),
                           (ben.authenticate_body(EnrollmentID=anna.enrollment_id), CHECKIN)):
            reply = ben.put(body, kind)
            assert reply.status == 403 and b"DW-DEV-MISMATCH" in reply.body, (reply.status, reply.body)
        # a new certificate of Ben's that claims to be Anna's device
        reply = fresh.put(fresh.authenticate_body())
        assert reply.status == 403 and b"DW-DEV-MISMATCH" in reply.body, (reply.status, reply.body)
        # a certificate whose key the sender has, another person's token
        reply = own.put(own.authenticate_body(), token=anna.token)
        assert reply.status == 401 and reply.headers["WWW-Authenticate"], reply.status
        assert own.put(own.token_update_body()).status == 403, "TokenUpdate before Authenticate"
        assert own.put(own.idle_body(), COMMAND).status == 403
        # the certificate of one with the key of another
        body = anna.idle_body()
        assert anna.put(body, COMMAND, signature=ben.sign(body)).status == 403
    assert anna.poll().status == 200 and ben.poll().status == 200


def test_a_query_of_a_device_ends_nothing(stage):
    """What stands behind the address decides nothing, so it is no reason to refuse a device."""
    name, before = "?enroll_reference=", len(stage.events("enroll-reference"))
    for query in ("?", name + "%00", name + "%ff", name + "a&enroll_reference=a", name + "a" * 4000, "?" + "x&" * 500,
                  name + "a&enrollment_reference=a"):
        reply = stage.anna.put(stage.anna.token_update_body(), query=query)
        assert reply.status == 200, (query, reply.status, reply.body)
    assert len(stage.events("enroll-reference")) == before, "none of them is a reference"
    assert stage.anna.put(stage.anna.token_update_body(), query=name + "a'--").status == 200
    assert [e["DOORWARD_REFERENCE"] for e in stage.events("enroll-reference")[before:]] == ["other"]


def test_token_of_another_team(stage):
    with stage.configured("[team/design]\nTitle=Design\n[team/makers]\nTitle=Makers\n"):
        phone = device.Device(stage, "team")
        path = ENROLL + "/design"
        phone.sign_in(path)
        with Unchanged(stage):
            for other in (ENROLL, ENROLL + "/makers", "/api/mdm/apple/enroll"):
                reply = phone.post_machine_info(other, phone.token)
                assert reply.status == 401, (other, reply.status)
            assert "team=makers" in phone.post_machine_info(ENROLL + "/makers").headers["WWW-Authenticate"]
        assert phone.post_machine_info(path, phone.token).status == 200
        # the certificate belongs to the team of its sign-in, whatever token comes along later
        phone.fetch_profile(path)
        phone.get_certificate()
        first = phone.token
        phone.sign_in(ENROLL + "/makers")
        assert phone.put(phone.authenticate_body()).status == 401
        assert phone.put(phone.authenticate_body(), token=first).status == 200


def test_bound_token_is_good_for_one_device(stage):
    one = device.Device(stage, "bound").prepare()
    with Unchanged(stage):
        client = one.scep_client("copy")
        assert fail_info(client, call(stage, "POST", PKIOP, kind="application/x-pki-message",
                                      body=client.build(one.challenge))) == 2
    assert one.put(one.authenticate_body()).status == 200
    two = device.Device(stage, "bound-2").prepare()
    with Unchanged(stage):
        reply = two.put(two.authenticate_body(), token=one.token)
        assert reply.status == 401, reply.status
    assert one.put(one.token_update_body()).status == 200


def test_what_is_too_old(stage):
    with stage.configured("[sign-in]\nAccessTokenLifetime=2s\n[scep]\nChallengeLifetime=1s\n"):
        phone = device.Device(stage, "old")
        phone.sign_in()
        phone.fetch_profile()
        time.sleep(1.1)  # the lifetimes under test are whole seconds of the real server
        with Unchanged(stage):
            client = phone.scep_client("old")
            message = client.build(phone.challenge)
            assert fail_info(client, call(stage, "POST", PKIOP, kind="application/x-pki-message", body=message)) == 2
            time.sleep(1.1)
            reply = phone.post_machine_info(token=phone.token)
            assert reply.status == 401, "a profile must not be had with an expired token"
            assert reply.headers["WWW-Authenticate"] == f'Bearer method="apple-as-web", url="{stage.url}/mdm/sso"'
    with stage.configured("[sign-in]\nAccessTokenLifetime=3s\n"):
        phone = device.Device(stage, "slow").prepare()
        time.sleep(3.1)
        with Unchanged(stage):
            reply = phone.put(phone.authenticate_body())
            assert reply.status == 401 and reply.headers["WWW-Authenticate"], reply.status
        # the device asks for a new sign-in and goes on with the certificate it has
        phone.sign_in()
        assert phone.put(phone.authenticate_body()).status == 200


def test_all_is_well_in_the_end(stage):
    assert stage.anna.poll().status == 200 and stage.ben.poll().status == 200
    assert stage.sim()["outcome"] == "enrolled"
    statuses = [event["DOORWARD_STATUS"] for event in stage.events("request")]
    assert not [status for status in statuses if status.startswith("5")], "a status of the 500s"


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1]), sys.modules[__name__]))
