#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Account-driven enrollment from service discovery to CheckOut, on the real programs."""

import base64
import json
import pathlib
import sys
import urllib.parse
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import device  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage  # noqa: E402

WAIT_S = 20
BEN = {"user": "ben", "account": "ben.okafor@example.test"}
DISCOVERY = "/.well-known/com.apple.remotemanagement?"
ENROLL_PATHS = ("/mdm/apple/account_driven_enroll", "/api/mdm/apple/account_driven_enroll", "/account_driven_enroll",
                "/api/mdm/apple/enroll")
TEAM_PATHS = ("/mdm/apple/account_driven_enroll/design", "/api/mdm/apple/account_driven_enroll/design")


def show(stage, enrollment_id):
    return stage.doorctl_json("device", "show", enrollment_id)


def owner_of(stage, enrollment_id):
    """E-mail address of who has the device now, None for nobody."""
    people = show(stage, enrollment_id)["people"]
    return people[0]["email"] if people and people[0]["to"] is None else None


def team_of(stage, enrollment_id):
    return show(stage, enrollment_id)["enrollments"][0]["team"]


def discover(stage, account="anna.chao@example.test", family="iPhone", method="GET"):
    query = {"user-identifier": account, "model-family": family}
    return stage.request(method, DISCOVERY + urllib.parse.urlencode({k: v for k, v in query.items() if v}))


def saml_request(url):
    """The AuthnRequest in an address of the Redirect binding."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    return zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).decode()


def open_sso(stage, account=None, path="/mdm/sso"):
    query = "?" + urllib.parse.urlencode({"user-identifier": account}) if account else ""
    return browser.Browser(stage.folder / "ca.pem").get(stage.url + path + query, follow=False)


def second_idp(stage):
    """A second connection, to the same provider, under another name."""
    return stage.idp_group("second").replace("DisplayName=Dev IdP", "DisplayName=Second IdP")


def test_plain_journey_ends_linked(stage):
    report = stage.sim()
    assert report["outcome"] == "enrolled", report
    found = show(stage, report["enrollment_id"])
    assert found["product"] == "iPhone15,4" and found["os_version"] == "18.2.1", found
    assert found["build_version"] == "22C161" and found["kind"] == "user-enrollment", found
    assert [p["email"] for p in found["people"]] == ["anna.chao@example.test"], found
    assert found["people"][0]["source"] == "sign-in" and found["people"][0]["to"] is None, found
    assert [e["state"] for e in found["enrollments"]] == ["active"], found
    assert found["enrollments"][0]["push"] is True and found["enrollments"][0]["ended"] is None, found


def test_doorctl_shows_the_link(stage):
    devices, people = stage.lists()
    assert len(devices) == 1 and len(people) == 1, (devices, people)
    name = devices[0]["enrollment_id"]
    assert devices[0]["state"] == "active" and devices[0]["person"]["email"] == "anna.chao@example.test", devices
    assert show(stage, devices[0]["id"]) == show(stage, name)
    for words, wanted in ((("device", "list"), (name, "anna.chao@example.test", "active")),
                          (("device", "show", name), (name, "Anna Chao", "sign-in", "active")),
                          (("device", "show", name, "--brief"), ("linked", "Anna Chao", name)),
                          (("person", "list"), ("anna.chao@example.test", "Anna Chao")),
                          (("person", "show", "anna.chao@example.test"), (name, "Anna Chao"))):
        text = stage.doorctl(*words)
        assert all(piece in text for piece in wanted), text
    person = stage.doorctl_json("person", "show", people[0]["id"])
    assert [d["enrollment_id"] for d in person["devices"]] == [name], person
    assert person["department"] == "Design" and set(person["groups"]) == {"design", "mac-users"}, person
    assert [(i["idp"], i["issuer"]) for i in person["identities"]] == [("dev", f"{stage.idp_url}/metadata")], person


def test_doorctl_shows_the_users(stage):
    """What `doorctl device command --user` takes; the device of the simulator has no users of its own."""
    name = stage.lists()[0][0]["enrollment_id"]
    enrollment = show(stage, name)["enrollments"][0]
    assert enrollment["users"] == [], enrollment
    stage.sql("INSERT INTO user_channel (id, enrollment_id, user_key, short_name, long_name, topic, push_magic, push_token, "
              "not_on_console, awaiting_since, created_at, token_updated_at, seen_at, ended_at) "
              f"VALUES ('u1', '{enrollment['id']}', '501', 'anna', 'Anna Chao', '', '', '', 0, 0, 1, 1, 1, 0)")
    users = show(stage, name)["enrollments"][0]["users"]
    assert [(u["user"], u["short_name"], u["ended"]) for u in users] == [("501", "anna", None)], users
    assert "user 501 (anna, Anna Chao)" in stage.doorctl("device", "show", name)
    stage.sql("DELETE FROM user_channel")


def test_declarations_reach_devices(stage):
    name = stage.lists()[0][0]["enrollment_id"]
    file = stage.folder / "declaration.json"
    file.write_text(json.dumps({"Identifier": "test.code", "Type": "com.apple.configuration.passcode.settings",
                                "Payload": {"MinimumLength": 6}}))
    assert "stored" in stage.doorctl("declaration", "set", file)
    assert "already" in stage.doorctl("declaration", "set", file, expect=2)
    assert '"MinimumLength":6' in stage.doorctl("declaration", "show", "test.code")
    assert [d["identifier"] for d in stage.doorctl_json("declaration", "list")["declarations"]] == ["test.code"]
    until("the device is told", lambda: stage.doorctl("device", "commands", name), WAIT_S,
          accept=lambda told: "DeclarativeManagement" in told)
    assert stage.doorctl_json("device", "declarations", name) == {"channels": []}
    assert "removed" in stage.doorctl("declaration", "remove", "test.code")
    stage.doorctl("declaration", "remove", "test.code", expect=3)
    stage.doorctl("declaration", "list", "--team", "nobody", expect=3)
    for token in ("unlock-token", "bootstrap-token"):
        error = stage.doorctl_json("device", token, name, expect=3)["error"]
        assert f"has left no {token.replace('-', ' ')}" in error["text"], error
    assert "eula list" in stage.doorctl_json("eula", "acceptances", "nope", expect=3)["error"]["text"]


def test_doorctl_exit_codes(stage):
    for words, status in ((("device", "show", "no-such-device"), 3), (("person", "show", "nobody@example.test"), 3),
                          (("explain", "0000-0000"), 3), (("explain", "DW-NO-SUCH"), 3), (("device", "show"), 64),
                          (("device", "destroy"), 64), (("device", "list", "--limit", "x"), 64),
                          (("device", "list", "--after", "no-such-device"), 3),
                          (("person", "list", "--after", "nobody"), 3)):
        stage.doorctl(*words, expect=status)
        assert "error" in stage.doorctl_json(*words, expect=status), words


def test_lists_go_page_by_page(stage):
    stage.sim(**BEN)
    page = stage.doorctl_json("device", "list", "--limit", "1")
    assert len(page["devices"]) == 1 and page["next"] == page["devices"][0]["enrollment_id"], page
    rest = stage.doorctl_json("device", "list", "--limit", "1", "--after", page["next"])
    assert len(rest["devices"]) == 1 and rest["devices"][0]["id"] > page["devices"][0]["id"], rest
    by_id = stage.doorctl_json("device", "list", "--limit", "1", "--after", page["devices"][0]["id"])
    assert by_id["devices"] == rest["devices"], by_id
    assert f"next: --after {page['next']}\n" in stage.doorctl("device", "list", "--limit", "1")
    people = stage.doorctl_json("person", "list", "--limit", "1")
    others = [stage.doorctl_json("person", "list", "--after", people["people"][0][key])["people"]
              for key in ("id", "email")]
    assert others[0] == others[1] and people["people"][0] not in others[0], others


def test_one_person_has_two_devices(stage):
    reports = [stage.sim(**BEN), stage.sim("--product", "Mac15,7", "--model-family", "Mac", **BEN)]
    person = stage.doorctl_json("person", "show", BEN["account"])
    names = [d["enrollment_id"] for d in person["devices"]]
    assert all(report["enrollment_id"] in names for report in reports), person
    assert len([p for p in stage.lists()[1] if p["email"] == BEN["account"]]) == 1
    assert all(owner_of(stage, report["enrollment_id"]) == BEN["account"] for report in reports)


def test_every_kind_of_device(stage):
    for family, product in (("iPad", "iPad14,8"), ("RealityDevice", "RealityDevice14,1"), ("Mac", "Mac15,7")):
        report = stage.sim("--model-family", family, "--product", product)
        assert show(stage, report["enrollment_id"])["product"] == product
    for family in ("AppleTV", "Watch", "iphone", "Toaster"):
        status, headers, body = discover(stage, family=family)
        assert status == 403 and headers.get_content_type() == "application/json", (family, status)
        assert json.loads(body)["code"] == "com.apple.well-known.failed", body
    # before iOS 17 devices did not say what they are
    assert discover(stage, family=None)[0] == 200


def test_only_a_mac_may_leave_the_token_out(stage):
    # Apple: the device channel of macOS has no Authorization header; then the certificate stands for the sign-in
    mac = device.Device(stage, "mac").prepare()
    assert mac.put(mac.authenticate_body(), token=None).status == 401
    body = mac.authenticate_body(ProductName="Mac15,7")
    assert mac.put(body, token="A" * 43).status == 401, "a wrong token is worse than none"
    assert mac.put(body, token=None).status == 200
    assert mac.put(mac.token_update_body(), token=None).status == 200
    assert mac.poll(token=None).status == 200
    assert owner_of(stage, mac.enrollment_id) == "anna.chao@example.test"


def test_discovery_answers(stage):
    status, headers, body = discover(stage)
    assert status == 200 and headers["Content-Type"] == "application/json", headers
    wanted = {"Servers": [{"Version": "mdm-byod", "BaseURL": f"{stage.url}/mdm/apple/account_driven_enroll"}]}
    assert json.loads(body) == wanted, body
    status, headers, empty = discover(stage, method="HEAD")
    assert status == 200 and empty == b"" and headers["Content-Length"] == str(len(body)), (status, empty)
    for account in (None, "", "anna", "@example.test", "anna@", "anna@exa mple.test"):
        status, headers, body = discover(stage, account=account)
        assert status == 403 and json.loads(body)["code"] == "com.apple.well-known.failed", (account, status)
        assert json.loads(body)["message"], body


def test_discovery_refuses_other_domains(stage):
    with stage.configured("[enrollment]\nAllowedDomains=example.test\n"):
        assert discover(stage)[0] == 200
        assert discover(stage, account="anna@EXAMPLE.test")[0] == 200
        status, _, body = discover(stage, account="anna@elsewhere.test")
        assert status == 403 and json.loads(body)["code"] == "com.apple.well-known.failed", body
        assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"


def test_every_spelling_of_the_enrollment_address(stage):
    with stage.configured("[team/design]\nTitle=Design\n"):
        walker = device.Device(stage, "walker")
        for path in ENROLL_PATHS:
            assert f'url="{stage.url}/mdm/sso"' in walker.post_machine_info(path).headers["WWW-Authenticate"], path
            walker.sign_in(path)
            assert walker.fetch_profile(path).status == 200, path
        for path in TEAM_PATHS:
            assert team_of(stage, stage.sim("--enroll-url", stage.url + path)["enrollment_id"]) == "design"
        wanderer = device.Device(stage, "nowhere")
        for path in ("/mdm/apple/account_driven_enroll/nowhere", "/api/mdm/apple/account_driven_enroll/nowhere"):
            assert wanderer.post_machine_info(path).status == 404


def test_discovery_finds_the_team(stage):
    with stage.configured("[team/design]\nAllowedDomains=example.test\n[team/other]\nAllowedDomains=other.test\n"):
        for account, team in (("anna@example.test", "/design"), ("x@other.test", "/other"), ("x@third.test", "")):
            url = json.loads(discover(stage, account=account)[2])["Servers"][0]["BaseURL"]
            assert url == f"{stage.url}/mdm/apple/account_driven_enroll{team}", url
        report = stage.sim()
        assert team_of(stage, report["enrollment_id"]) == "design"
        listed = [d["team"] for d in stage.lists()[0] if d["enrollment_id"] == report["enrollment_id"]]
        assert listed == ["design"], listed


def test_team_limits_who_may_enroll(stage):
    config = "[team/makers]\nAllowedGroups=design\n[team/quiet]\nDeniedGroups=mac-admins\n"
    with stage.configured(config):
        for team in ("makers", "quiet"):
            url = f"{stage.url}/mdm/apple/account_driven_enroll/{team}"
            assert stage.sim("--enroll-url", url, "--only-until", "profile")["outcome"] == "stopped"
            report = stage.sim("--enroll-url", url, "--only-until", "profile", expect=1, **BEN)
            code = report["refusal"]["code"]
            assert stage.doorctl_json("explain", code)["fault"]["id"] == "DW-ID-GROUP", report


def test_chooser_with_two_providers(stage):
    with stage.configured(second_idp(stage)):
        reply = open_sso(stage)
        assert reply.status == 200 and len([link for link in reply.page.links if "idp=" in link]) == 2, reply.page.links
        assert "Sign in with Dev IdP" in reply.body.decode() and "Second IdP" in reply.body.decode()
        for name in ("dev", "second"):
            enrollment_id = stage.sim("--idp", name)["enrollment_id"]
            assert owner_of(stage, enrollment_id) == "anna.chao@example.test"
        # same issuer, same subject: one person, whichever way they came
        assert len([p for p in stage.lists()[1] if p["email"] == "anna.chao@example.test"]) == 1
        assert open_sso(stage, path="/mdm/sso/start?idp=third").status == 404


def test_a_provider_without_metadata_is_not_offered(stage):
    metadata = pathlib.Path(__file__).resolve().parent.parent / "data/saml/metadata/okta.xml"
    stage.doorctl("connection", "add", "spare", "Use=enrollment")
    try:
        until("the server knows it", lambda: open_sso(stage, path="/mdm/sso/start?idp=spare").status, WAIT_S, pause_s=0.2,
              accept=lambda status: status == 422)
        reply = open_sso(stage)
        assert reply.status == 303 and "/saml/dev/acs" in saml_request(reply.headers["Location"]), reply.status
        stage.doorctl("connection", "set-metadata", "spare", metadata)
        until("it is offered with its metadata", lambda: open_sso(stage).status, WAIT_S, pause_s=0.2,
              accept=lambda status: status == 200)
    finally:
        stage.doorctl("connection", "remove", "spare")


def test_team_names_its_providers(stage):
    with stage.configured(second_idp(stage) + "[team/design]\nIdps=second\n"):
        reply = open_sso(stage, path="/mdm/sso?team=design")
        assert reply.status == 303 and "/saml/second/acs" in saml_request(reply.headers["Location"])
        assert open_sso(stage, path="/mdm/sso/start?idp=dev&team=design").status == 404


def test_selection_by_domain(stage):
    with stage.configured(second_idp(stage) + "EmailDomains=other.test\n[sign-in]\nIdpSelection=domain\n",
                          {"DisplayName=Dev IdP": "DisplayName=Dev IdP\nEmailDomains=example.test"}):
        asked = open_sso(stage)
        assert asked.status == 200 and "user-identifier" in asked.page.fields, asked.page.fields
        assert "form-action 'self' https:;" in asked.headers["Content-Security-Policy"], "the form leads on elsewhere"
        visitor = browser.Browser(stage.folder / "ca.pem")
        reply = visitor.submit(asked, **{"user-identifier": "anna.chao@example.test"})
        assert reply.status == 303 and "/saml/dev/acs" in saml_request(reply.headers["Location"])
        assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"


def test_email_domains_route(stage):
    with stage.configured(second_idp(stage) + "EmailDomains=other.test\n",
                          {"DisplayName=Dev IdP": "DisplayName=Dev IdP\nEmailDomains=example.test"}):
        for account, name in (("a@example.test", "dev"), ("a@OTHER.test", "second")):
            reply = open_sso(stage, account)
            assert reply.status == 303, (account, reply.status)
            assert f"/saml/{name}/acs" in saml_request(reply.headers["Location"]), account
        assert open_sso(stage, "a@third.test").status == 403
        assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"


def test_without_auto_redirect_a_page_comes_first(stage):
    with stage.configured("[sign-in]\nAutoRedirect=false\n"):
        reply = open_sso(stage, "anna.chao@example.test")
        assert reply.status == 200 and "Sign in with Dev IdP" in reply.body.decode()
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert b"<script" not in reply.body and reply.headers["Cache-Control"] == "no-store"
        assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"


def test_start_for_scripts(stage):
    for version in ("v1", "latest"):
        phone = device.Device(stage, f"json-{version}")
        phone.browser.get(phone.url("/mdm/sso"), follow=False)
        reply = phone.browser.request("POST", phone.url(f"/api/{version}/fleet/mdm/sso"), b"{}",
                                      {"Content-Type": "application/json", "Authorization": "Bearer null"})
        assert reply.status == 200 and reply.headers["Content-Type"] == "application/json; charset=utf-8"
        url = json.loads(reply.body)["url"]
        assert f"{stage.url}/api/v1/fleet/mdm/sso/callback" in saml_request(url)
        answer = phone.browser.sign_in(phone.browser.get(url), phone.user)
        assert answer.page.action == f"{stage.url}/api/v1/fleet/mdm/sso/callback"
        phone.read_token(phone.browser.submit(answer))
        phone.fetch_profile()
        phone.get_certificate()
        assert phone.put(phone.authenticate_body()).status == 200
        assert phone.put(phone.token_update_body()).status == 200
        assert owner_of(stage, phone.enrollment_id) == "anna.chao@example.test"


def certificates_of(metadata, use="signing"):
    """Certificates of one use in our metadata, in base64."""
    parts = metadata.split(f'use="{use}"')[1:]
    return [part.split("<ds:X509Certificate>")[1].split("<")[0] for part in parts]


def test_keys_towards_a_provider_are_changed(stage):
    assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"
    status, headers, body = stage.request("GET", "/saml/dev/metadata")
    assert status == 200 and headers["Content-Type"].startswith("application/samlmetadata+xml"), headers
    before = certificates_of(body.decode())
    assert len(before) == 1 and not certificates_of(body.decode(), "encryption")
    assert certificates_of(stage.doorctl("idp", "sp-metadata", "dev")) == before
    assert "<ds:SignatureValue>" in stage.doorctl_json("idp", "sp-metadata", "dev", "--signed")["metadata"]
    for words, expect in ((("sp-metadata", "none"), 3), (("rotate-key", "none"), 3), (("rotate-key", "dev", "--finish"), 1)):
        assert "error" in stage.doorctl_json("idp", *words, expect=expect), words
    stage.doorctl("idp", "rotate-key", "dev")
    during = certificates_of(stage.request("GET", "/saml/dev/metadata")[2].decode())
    assert len(during) == 2 and during[0] == before[0]
    assert "error" in stage.doorctl_json("idp", "rotate-key", "dev", expect=1)
    assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"
    stage.doorctl("idp", "rotate-key", "dev", "--finish")
    assert certificates_of(stage.request("GET", "/saml/dev/metadata")[2].decode()) == during[1:]
    assert stage.sim("--only-until", "sign-in")["outcome"] == "stopped"


def test_profile_is_the_same_each_time(stage):
    phone = device.Device(stage, "profile")
    phone.sign_in()
    phone.fetch_profile()
    first = phone.profile
    phone.fetch_profile()
    assert phone.profile == first
    mdm = phone.payload("com.apple.mdm")
    assert mdm["EnrollmentMode"] == "BYOD" and mdm["AssignedManagedAppleID"] == "anna.chao@example.test", mdm
    assert "AccessRights" not in mdm and mdm["SignMessage"] is True, mdm
    assert mdm["ServerURL"] == f"{stage.url}/mdm/apple/mdm", mdm


def test_renewal_replaces_the_certificate(stage):
    folder = stage.folder / "renewed"
    report = stage.sim("--renew", "--save", folder)
    found = show(stage, report["enrollment_id"])
    assert len(found["enrollments"]) == 1 and found["enrollments"][0]["state"] == "active", found
    assert len(found["people"]) == 1, found
    issued = [event["DOORWARD_CERTIFICATE"] for event in stage.events("certificate")][-2:]
    assert found["enrollments"][0]["certificate_sha256"] == issued[1] != issued[0], (found, issued)


def test_old_certificate_is_refused_after_renewal(stage):
    phone = device.Device(stage, "renewing").enroll()
    client = phone.scep_client("renewed")
    request = client.sign(client.envelop(client.make_csr(None)), "17", phone.certificate, phone.key)
    # the answer is enveloped for who signed: the old certificate
    client.signer, new_key = phone.certificate, client.key
    client.key = phone.key
    renewed = client.read(phone.post_scep(request).body)
    body = phone.idle_body()
    assert phone.poll().status == 200
    assert phone.put(body, device.COMMAND_TYPE, signature=phone.sign(body, new_key, renewed)).status == 200
    assert phone.poll().status == 403
    assert len(show(stage, phone.enrollment_id)["enrollments"]) == 1


def test_check_out_ends_the_link_and_keeps_history(stage):
    phone = device.Device(stage, "leaving").enroll()
    assert phone.put(phone.check_out_body()).status == 200
    found = show(stage, phone.enrollment_id)
    assert found["people"][0]["to"] and found["people"][0]["end_reason"] == "check-out", found
    assert found["enrollments"][0]["state"] == "ended" and found["enrollments"][0]["end_reason"] == "check-out", found
    assert owner_of(stage, phone.enrollment_id) is None
    listed = [d for d in stage.lists()[0] if d["enrollment_id"] == phone.enrollment_id]
    assert listed[0]["person"] is None and listed[0]["state"] == "ended", listed
    assert phone.put(phone.check_out_body()).status == 200, "a repeat is no error"
    assert phone.poll().status == 403
    assert phone.put(phone.token_update_body()).status == 403
    assert phone.put(phone.authenticate_body()).status == 403
    assert show(stage, phone.enrollment_id) == found
    report = stage.sim("--check-out")
    assert owner_of(stage, report["enrollment_id"]) is None


def test_same_device_enrolls_again(stage):
    first = device.Device(stage, "again-1").enroll()
    second = device.Device(stage, "again-2", enrollment_id=first.enrollment_id).enroll()
    found = show(stage, first.enrollment_id)
    assert [e["state"] for e in found["enrollments"]] == ["active", "ended"], found
    assert found["enrollments"][1]["end_reason"] == "replaced" and len(found["people"]) == 1, found
    assert second.poll().status == 200 and first.poll().status == 403
    assert second.put(second.check_out_body()).status == 200
    third = device.Device(stage, "again-3", enrollment_id=first.enrollment_id).enroll()
    found = show(stage, first.enrollment_id)
    assert [e["state"] for e in found["enrollments"]] == ["active", "ended", "ended"], found
    assert len(found["people"]) == 2 and owner_of(stage, third.enrollment_id) == "anna.chao@example.test", found


def test_certificate_from_a_trusted_proxy(stage):
    phone = device.Device(stage, "proxied").enroll()
    der = device.openssl("x509", "-in", phone.certificate, "-outform", "DER")
    headers = {"Client-Cert": f":{base64.b64encode(der).decode()}:"}
    escaped = {"Client-Cert": urllib.parse.quote(phone.certificate.read_text())}
    assert phone.poll(signature=None, headers=headers).status == 403, "nobody is trusted by default"
    config = {"SignInsPerMinute=6000": "SignInsPerMinute=6000\nClientCertHeader=Client-Cert\nTrustedProxies={}"}
    trusted = {old: new.format("127.0.0.0/8;::1") for old, new in config.items()}
    with stage.configured(replace=trusted):
        headers["X-Forwarded-For"] = escaped["X-Forwarded-For"] = "192.0.2.7"
        assert phone.poll(signature=None, headers=headers).status == 200
        assert phone.poll(signature=None, headers=escaped).status == 200
        assert phone.poll(signature=None).status == 403
        own = device.openssl("x509", "-in", phone.device_certificate, "-outform", "DER")
        foreign = dict(headers, **{"Client-Cert": f":{base64.b64encode(own).decode()}:"})
        assert phone.poll(signature=None, headers=foreign).status == 403, "not of our authority"
    with stage.configured(replace={old: new.format("192.0.2.1") for old, new in config.items()}):
        assert phone.poll(signature=None, headers=headers).status == 403, "not from that proxy"
        assert phone.poll().status == 200


def test_shapes_of_signatures_and_scep(stage):
    for words in (("--mdm-signature", "modern"), ("--device-info-digest", "sha256"), ("--scep-get",),
                  ("--language", "de")):
        assert stage.sim(*words)["outcome"] == "enrolled", words


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1]), sys.modules[__name__]))
