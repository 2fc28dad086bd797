#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exchange an iPhone was recorded to have: the same requests, header by header, in the same order."""

import json
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import raw  # noqa: E402
import tap  # noqa: E402
from stage import SERVER_HOST, Stage  # noqa: E402

SAFARI = ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
          "Version/18.2 Mobile/15E148 Safari/604.1")
DOCUMENT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ENROLLMENT_ID = "FB833D84-50C0-41DD-99DE-F748E44FFEF5"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' \
       '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n'
AUTHENTICATE = HEAD + """    <dict>
        <key>BuildVersion</key>
        <string>22C161</string>
        <key>EnrollmentID</key>
        <string>{id}</string>
        <key>MessageType</key>
        <string>Authenticate</string>
        <key>OSVersion</key>
        <string>18.2.1</string>
        <key>ProductName</key>
        <string>iPhone12,1</string>
        <key>Topic</key>
        <string>{topic}</string>
    </dict>
</plist>
"""
TOKEN_UPDATE = HEAD + """<dict>
	<key>AwaitingConfiguration</key>
	<false/>
	<key>EnrollmentID</key>
	<string>{id}</string>
	<key>MessageType</key>
	<string>TokenUpdate</string>
	<key>PushMagic</key>
	<string>7B8A04B0-E9B8-4BB3-8A85-4FD5FA1F70E9</string>
	<key>Token</key>
	<data>
	ftAoCo4gNk3mxQgFVRXRJfO8qYsMpS46kHClaugCnt8=
	</data>
	<key>Topic</key>
	<string>{topic}</string>
</dict>
</plist>
"""
IDLE = HEAD + """<dict>
	<key>EnrollmentID</key>
	<string>{id}</string>
	<key>Status</key>
	<string>Idle</string>
</dict>
</plist>
"""


class Phone:
    """What the recorded phone knows between two requests."""
    hands = None
    cookie = None
    idp_url = None
    answer = None
    topic = None


PHONE = Phone()


def send(stage, method, target, before, after=(), body=b"", content_type=None):
    """One recorded request: the headers that all have, between those special to it, sorted as recorded.

    The recording was made behind a tunnel; its X-Forwarded headers come from nobody the server trusts here.
    """
    host = f"{SERVER_HOST}:{stage.port}"
    headers = [("Accept-Encoding", "gzip, deflate, br"), ("Accept-Language", "en-US,en;q=0.9"), ("Host", host),
               ("X-Forwarded-For", "192.0.2.44"), ("X-Forwarded-Host", host), ("X-Forwarded-Proto", "https"),
               *before, *after]
    if content_type:
        headers += [("Content-Length", str(len(body))), ("Content-Type", content_type)]
    if PHONE.cookie and any(name == "Sec-Fetch-Mode" for name, _ in headers):
        headers.append(("Cookie", PHONE.cookie))
    answer = raw.request(stage, method, target, sorted(headers), body)
    for line in answer.get_all("Set-Cookie"):
        PHONE.cookie = line.split(";")[0]
    return answer


def web(mode, site, accept=DOCUMENT, **more):
    headers = {"Accept": accept, "Priority": "u=3, i" if mode == "cors" else "u=0, i", "Sec-Fetch-Mode": mode,
               "Sec-Fetch-Dest": "empty" if mode == "cors" else "document", "Sec-Fetch-Site": site,
               "User-Agent": SAFARI}
    return [*headers.items(), *more.items()]


def post_machine_info(stage, *more):
    return send(stage, "POST", "/api/mdm/apple/enroll",
                [("Accept", "*/*"), ("User-Agent", "DeviceManagementClient/1.0"), *more],
                body=PHONE.hands.machine_info, content_type="application/pkcs7-signature")


def put(stage, text, kind):
    body = text.format(id=ENROLLMENT_ID, topic=PHONE.topic).encode()
    return send(stage, "PUT", "/mdm/apple/mdm",
                [("Accept", "*/*"), ("User-Agent", "MDM/1.0"), ("Cache-Control", "no-cache"),
                 ("Authorization", f"Bearer {PHONE.hands.token}"), ("Mdm-Signature", PHONE.hands.sign(body))],
                body=body, content_type=kind)


def test_1_enrollment_asks_for_a_sign_in(stage):
    PHONE.hands = device.Device(stage, "recorded", enrollment_id=ENROLLMENT_ID)
    answer = post_machine_info(stage)
    assert answer.status == 401 and answer.body == b"" and answer.get("Content-Length") == "0", answer.headers
    assert answer.get("Content-Type") == "application/json; charset=utf-8", answer.headers
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.get("Date")), answer.headers
    # recorded with a space between the parameters; RFC 9110, 11.6.1 and Apple's text want a comma
    wanted = f'Bearer method="apple-as-web", url="{stage.url}/mdm/sso"'
    assert answer.get("WWW-Authenticate") == wanted, answer.get("WWW-Authenticate")


def test_2_page_that_orchestrates_the_sign_in(stage):
    answer = send(stage, "GET", "/mdm/sso", web("navigate", "none"))
    assert answer.status == 200 and answer.get("Content-Type").startswith("text/html"), answer.headers
    cookie = answer.get("Set-Cookie")
    assert cookie.startswith("__Host-") and "SameSite=None" in cookie and "Secure" in cookie, cookie
    assert "HttpOnly" in cookie and "Path=/" in cookie, cookie
    assert "default-src 'none'" in answer.get("Content-Security-Policy"), answer.headers


def test_3_start_by_json(stage):
    referer = f"{stage.url}/mdm/sso?" + urllib.parse.urlencode({"user-identifier": PHONE.hands.account})
    answer = send(stage, "POST", "/api/latest/fleet/mdm/sso",
                  web("cors", "same-origin", "application/json, text/plain, */*",
                      **{"Authorization": "Bearer null", "Origin": stage.url, "Referer": referer}),
                  body=b"{}", content_type="application/json")
    assert answer.status == 200 and answer.get("Content-Type") == "application/json; charset=utf-8", answer.headers
    assert answer.get("Content-Length") == str(len(answer.body)), answer.headers
    found = json.loads(answer.body)
    assert list(found) == ["url"] and found["url"].startswith(f"{stage.idp_url}/sso?SAMLRequest="), found
    PHONE.idp_url = found["url"]


def test_4_identity_provider(stage):
    hands = PHONE.hands
    PHONE.answer = hands.browser.sign_in(hands.browser.get(PHONE.idp_url), hands.user)
    assert PHONE.answer.page.action == f"{stage.url}/api/v1/fleet/mdm/sso/callback", PHONE.answer.page.action


def test_5_callback_hands_out_the_token(stage):
    body = urllib.parse.urlencode(PHONE.answer.page.fields).encode()
    answer = send(stage, "POST", "/api/v1/fleet/mdm/sso/callback",
                  web("navigate", "cross-site", Origin=stage.idp_url, Referer=f"{stage.idp_url}/"),
                  body=body, content_type="application/x-www-form-urlencoded")
    assert answer.status == 308 and answer.body == b"" and answer.get("Content-Length") == "0", answer.headers
    assert answer.get("Content-Type") == "application/json; charset=utf-8", answer.headers
    location = answer.get("Location")
    assert re.fullmatch(re.escape(device.TOKEN_URL) + "[A-Za-z0-9_-]{22,}", location), location
    PHONE.hands.token = location[len(device.TOKEN_URL):]


def test_6_profile(stage):
    answer = post_machine_info(stage, ("Authorization", f"Bearer {PHONE.hands.token}"))
    assert answer.status == 200 and answer.get("Content-Type") == "application/x-apple-aspen-config", answer.headers
    assert answer.get("X-Content-Type-Options") == "nosniff", answer.headers
    assert answer.get("Content-Length") == str(len(answer.body)), answer.headers
    # recorded without "filename=", which RFC 6266 requires
    assert re.fullmatch(r'attachment; ?filename="[\w-]+\.mobileconfig"', answer.get("Content-Disposition"))
    PHONE.hands.profile = device.plistlib.loads(
        device.openssl("cms", "-verify", "-noverify", "-binary", "-inform", "DER", data=answer.body))
    PHONE.topic = PHONE.hands.topic
    assert PHONE.topic.startswith("com.apple.mgmt.External."), PHONE.topic


def test_7_certificate(stage):
    PHONE.hands.get_certificate()


def test_8_authenticate(stage):
    answer = put(stage, AUTHENTICATE, device.CHECKIN_TYPE)
    assert answer.status == 200 and answer.body == b"" and answer.get("Content-Length") == "0", answer.headers


def test_9_token_update(stage):
    answer = put(stage, TOKEN_UPDATE, device.CHECKIN_TYPE)
    assert answer.status == 200 and answer.body == b"" and answer.get("Content-Length") == "0", answer.headers


def test_10_idle(stage):
    answer = put(stage, IDLE, device.COMMAND_TYPE)
    assert answer.status == 200 and answer.body == b"", answer.body
    assert answer.get("Content-Type") == "text/xml; charset=utf-8", answer.headers


def test_11_person_and_device_are_linked(stage):
    found = stage.doorctl_json("device", "show", ENROLLMENT_ID)
    assert found["product"] == "iPhone12,1" and found["os_version"] == "18.2.1", found
    assert [p["email"] for p in found["people"] if p["to"] is None] == [PHONE.hands.account], found
    assert found["enrollments"][0]["state"] == "active" and found["enrollments"][0]["push"], found


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1], "[sign-in]\nAutoRedirect=false\n"), sys.modules[__name__]))
