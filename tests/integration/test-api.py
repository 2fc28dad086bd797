#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The API from a connection without metadata to the end of a person, over HTTP on the real programs.

Every answer is held to the server's own description of the API. Tokens are verified by another implementation.
"""

import base64
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.parse

import jsonschema
import jwt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import browser  # noqa: E402
import tap  # noqa: E402
from stage import SERVER_HOST, Stage, run_openssl  # noqa: E402

CONFIG = "[admin]\nJit=false\nPasswords=true\n"
# the connection of every stage is to another provider: there is one connection to each
OTHER = {"/metadata\nSsoUrl=": "/elsewhere\nSsoUrl="}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
BEN = "ben.okafor@example.test"
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/api.md"
COOKIE = "__Host-dw_admin"


class Description:
    """What the server says of itself."""

    def __init__(self, document):
        self.document, self.seen = document, set()

    def find(self, method, target):
        path = urllib.parse.urlsplit(target).path
        for pattern, item in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern)), path) and method.lower() in item:
                return pattern, item[method.lower()]
        raise AssertionError(f"{method} {path} is not described")

    def validator(self, schema):
        resolver = jsonschema.RefResolver("", self.document)
        return jsonschema.Draft202012Validator(schema, resolver=resolver,
                                               format_checker=jsonschema.draft202012_format_checker)

    def check_body(self, operation, content, kind="application/json"):
        self.validator(operation["requestBody"]["content"][kind]["schema"]).validate(content)

    def check_answer(self, method, target, status, kind, body):
        pattern, operation = self.find(method, target)
        answer = operation["responses"].get(str(status))
        if answer is None:
            assert status >= 400, (method, target, status)
            answer = self.document["components"]["responses"]["Problem"]
        self.seen.add((method, pattern, status))
        if "content" not in answer:
            assert body == b"", (method, target, body)
            return
        schema = answer["content"][kind]["schema"]
        self.validator(schema).validate(json.loads(body) if kind.endswith("json") else body.decode())


class Client:
    """A program or a browser that calls the API; whatever comes back is held to the description."""

    def __init__(self, stage, bearer=None, person=None):
        self.stage, self.bearer = stage, bearer
        self.person = person or browser.Browser(stage.folder / "ca.pem")

    def call(self, method, path, content=None, headers=None, kind="application/json"):
        description = self.stage.description
        sent = dict({"Accept": "application/json"}, **(headers or {}))
        if self.bearer:
            sent["Authorization"] = "Bearer " + self.bearer
        if content is not None:
            sent["Content-Type"] = kind
        body = json.dumps(content) if content is not None and kind.endswith("json") else content
        reply = self.person.request(method, self.stage.url + path, body, sent)
        description.check_answer(method, path, reply.status, reply.headers.get_content_type(), reply.body)
        if content is not None and reply.status < 300:
            description.check_body(description.find(method, path)[1], content, kind)
        if reply.status < 300:
            assert "no-store" in reply.headers["Cache-Control"], path
        return reply.status, json.loads(reply.body) if reply.headers.get_content_type().endswith("json") else reply.body

    def get(self, path):
        return self.call("GET", path)

    def refresh(self, token, headers=None):
        return self.call("POST", "/api/v1/auth/token", {"grant_type": "refresh_token", "refresh_token": token}, headers)


def prepare(stage):
    """The description, and a program with every right, which doorctl has made."""
    status, headers, body = stage.request("GET", "/api/v1/openapi.json")
    assert status == 200 and headers["Content-Type"] == "application/json", (status, headers)
    stage.description = Description(json.loads(body))
    stage.doorctl("admin", "add", "robot@example.test", "--role", "admin", "--no-sso", "--api-only")
    made = stage.doorctl_json("token", "create", "robot@example.test", "tests")
    stage.robot = Client(stage, made["token"])
    stage.doorctl("admin", "add", "root@example.test", "--role", "admin")  # who is left
    stage.doorctl("admin", "add", BEN, "--role", "maintainer")


def metadata(stage):
    return browser.Browser(stage.folder / "ca.pem").get(stage.idp_url + "/metadata").body.decode()


def put_metadata(stage, xml):
    return stage.robot.call("PUT", "/api/v1/connections/corp/metadata", xml, kind="application/samlmetadata+xml")


def sign_in(stage):
    """Through the Start URL to the session."""
    person = browser.Browser(stage.folder / "ca.pem")
    accepted = person.submit(person.sign_in(person.get(stage.corp["start_url"]), "ben"))
    assert accepted.status == 303, (accepted.status, accepted.body)
    assert person.get(stage.url + accepted.headers["Location"]).status == 200
    return Client(stage, person=person)


def first_tokens(client):
    status, tokens = client.call("POST", "/api/v1/auth/token", {}, SAME_ORIGIN)
    assert status == 201 and tokens["refresh_token"].startswith("dwr_"), tokens
    return tokens


def verify(stage, token):
    """What the token says, by PyJWT and the published keys."""
    keys = json.loads(stage.request("GET", "/.well-known/jwks.json")[2])["keys"]
    header = jwt.get_unverified_header(token)
    key = next(k for k in keys if k["kid"] == header["kid"])
    assert header["alg"] == "EdDSA" and "d" not in key, (header, key)
    return jwt.decode(token, jwt.algorithms.OKPAlgorithm.from_jwk(json.dumps(key)), algorithms=["EdDSA"],
                      audience=stage.url, issuer=stage.url, options={"require": ["exp", "iat", "sub", "sid", "jti"]})


def test_the_description_is_valid(stage):
    prepare(stage)
    document = stage.description.document
    assert document["openapi"] == "3.1.0" and document["info"]["title"] and document["info"]["version"]
    text = json.dumps(document)
    for target in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        found = document
        for word in target.split("/"):
            found = found[word]
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert f'"#/components/schemas/{name}"' in text, f"{name} is not used"
    operations = [o for item in document["paths"].values() for o in item.values()]
    assert len({o["operationId"] for o in operations}) == len(operations) > 20
    tags = {tag["name"] for tag in document["tags"]}
    schemes = set(document["components"]["securitySchemes"])
    for o in operations:
        assert o["summary"] and o["responses"]["default"] and set(o["tags"]) <= tags, o
        assert {name for choice in o["security"] for name in choice} <= schemes, o


def test_a_connection_without_metadata_has_its_addresses(stage):
    status, stage.corp = stage.robot.call("POST", "/api/v1/connections", {"name": "corp", "display_name": "Corp",
                                                                          "use": ["admin"]})
    assert status == 201 and stage.corp["metadata"] == "missing", stage.corp
    assert stage.corp["entity_id"].startswith(stage.url) and stage.corp["start_url"] == stage.url + "/saml/corp/start"
    assert stage.corp["acs_url"] == stage.url + "/saml/corp/acs", stage.corp
    answer = urllib.parse.urlencode({"SAMLResponse": base64.b64encode(b"<x/>").decode()})
    assert stage.request("POST", "/saml/corp/acs", answer, {"Content-Type": browser.FORM_TYPE})[0] == 422
    assert browser.Browser(stage.folder / "ca.pem").get(stage.corp["start_url"]).status == 422
    status, problem = stage.robot.get("/api/v1/connections/corp/metadata")
    assert status == 404 and problem["code"] == "DW-IDP-UNKNOWN", problem


def test_metadata_makes_it_work(stage):
    status, after = put_metadata(stage, metadata(stage))
    assert status == 200 and after["metadata"] == "present", after
    assert after["idp_entity_id"] == stage.idp_url + "/metadata", after
    same = ("id", "entity_id", "acs_url", "start_url", "sp_metadata_url")
    assert [after[name] for name in same] == [stage.corp[name] for name in same], after
    stage.ben = sign_in(stage)
    status, me = stage.ben.get("/api/v1/me")
    assert status == 200 and me["email"] == BEN and me["session"]["idp"] == "corp", me
    assert me["roles"] == [{"role": "maintainer", "team": None}], me


def test_the_token_is_verified_by_others(stage):
    tokens = first_tokens(stage.ben)
    claims = verify(stage, tokens["access_token"])
    me = stage.ben.get("/api/v1/me")[1]
    assert claims["sub"] == me["id"] and claims["sid"] == me["session"]["id"], (claims, me)
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 600, claims
    stage.program = Client(stage, tokens["access_token"])
    assert stage.program.get("/api/v1/me")[1]["email"] == BEN
    stage.tokens = tokens


def test_refreshed_in_turn(stage):
    program = Client(stage)
    status, following = program.refresh(stage.tokens["refresh_token"])
    assert status == 200 and following["refresh_token"] != stage.tokens["refresh_token"], following
    assert verify(stage, following["access_token"])["sid"] == verify(stage, stage.tokens["access_token"])["sid"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:  # threads of one client, each with the same token
        answers = list(pool.map(lambda _: Client(stage).refresh(following["refresh_token"]), range(8)))
    assert {status for status, _ in answers} == {200}, answers
    assert len({tokens["refresh_token"] for _, tokens in answers}) == 1, answers
    stage.tokens = answers[0][1]


def test_an_answer_that_a_crash_has_eaten(stage):
    lost = Client(stage).refresh(stage.tokens["refresh_token"])[1]
    stage.restart(signal.SIGKILL)
    status, again = Client(stage).refresh(stage.tokens["refresh_token"])
    assert status == 200 and again["refresh_token"] == lost["refresh_token"], again
    assert Client(stage, again["access_token"]).get("/api/v1/me")[0] == 200
    stage.tokens = again


def test_a_copied_refresh_token_ends_the_session(stage):
    other = sign_in(stage)
    first = first_tokens(other)
    second = Client(stage).refresh(first["refresh_token"])[1]
    third = Client(stage).refresh(second["refresh_token"])[1]
    status, problem = Client(stage).refresh(first["refresh_token"])
    assert status == 400 and problem["code"] == "DW-ADM-REFRESH" and problem["error"] == "invalid_grant", problem
    assert Client(stage).refresh(third["refresh_token"])[0] == 400
    assert Client(stage, third["access_token"]).get("/api/v1/me")[0] == 401 == other.get("/api/v1/me")[0]
    assert [e["DOORWARD_OUTCOME"] for e in stage.events("refresh-token")] == ["reused"]
    assert stage.ben.get("/api/v1/me")[0] == 200
    assert not any(t["refresh_token"] in stage.log() for t in (first, second, third))


def test_the_cookie_is_no_refresh_token(stage):
    jar = stage.ben.person.cookies[SERVER_HOST]
    refused = Client(stage, person=stage.ben.person).refresh("dwr_" + jar[COOKIE], SAME_ORIGIN)
    assert refused[0] == 400, refused
    assert Client(stage, stage.tokens["refresh_token"]).get("/api/v1/me")[0] == 401


def test_a_personal_token_and_the_lists(stage):
    status, made = Client(stage, stage.tokens["access_token"]).call("POST", "/api/v1/tokens",
                                                                    {"name": "nightly", "expires_in": 3600})
    assert status == 201 and made["token"].startswith("dwt_"), made
    stage.personal = Client(stage, made["token"])
    assert stage.personal.get("/api/v1/tokens?limit=1")[1]["tokens"][0]["id"] == made["id"]
    assert stage.personal.call("POST", "/api/v1/tokens", {"name": "x", "expires_in": 1})[1]["code"] == "DW-ADM-TOKENS"
    spare = Client(stage, stage.tokens["access_token"]).call("POST", "/api/v1/tokens", {"name": "x", "expires_in": 60})
    assert stage.personal.call("DELETE", "/api/v1/tokens/" + spare[1]["id"])[0] == 204
    for path in ("devices", "dep/devices", "people", "sign-ins", "eula-acceptances", "administrators", "connections",
                 "connections/corp"):
        assert stage.robot.get("/api/v1/" + path)[0] == 200, path
    assert stage.robot.get("/api/v1/connections/corp/metadata")[0] == 200
    assert stage.robot.get("/api/v1/administrators?limit=501")[1]["code"] == "DW-HTTP-BADREQUEST"
    first = stage.robot.get("/api/v1/administrators?limit=1")[1]
    second = stage.robot.get("/api/v1/administrators?limit=1&after=" + first["next"])[1]
    assert first["administrators"] != second["administrators"], second
    assert Client(stage).get("/api/v1/fleet/sso")[1]["settings"]["sso_enabled"] is True
    status, link = Client(stage).call("POST", "/api/v1/fleet/sso", {"relay_url": "/dashboard"})
    assert status == 200 and link["url"].startswith(stage.idp_url), link
    assert Client(stage).call("POST", "/api/v1/fleet/mdm/sso", {})[0] == 200


def test_a_change_is_in_force_when_it_is_answered(stage):
    """Whoever has the answer finds the connection there, and gone when it has been removed."""
    start = browser.Browser(stage.folder / "ca.pem")
    for i in range(20):
        status, made = stage.robot.call("POST", "/api/v1/connections", {"name": f"quick{i}", "use": ["admin"]})
        assert status == 201 and start.get(made["start_url"]).status == 422, (i, made)
        assert stage.robot.call("DELETE", f"/api/v1/connections/quick{i}")[0] == 204
        assert start.get(made["start_url"]).status == 404, i


def test_metadata_is_replaced_fully(stage):
    """Keys of the old metadata count no more, and those of the new one do."""
    before = metadata(stage)
    run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{stage.folder}/other.key", "-out",
                f"{stage.folder}/other.pem", "-days", "2", "-subj", "/CN=Other")
    other = "".join((stage.folder / "other.pem").read_text().splitlines()[1:-1])
    changed, n = re.subn(r"(<(?:\w+:)?X509Certificate>)[^<]*", r"\g<1>" + other, before)
    assert n > 0 and put_metadata(stage, changed)[0] == 200
    person = browser.Browser(stage.folder / "ca.pem")
    refused = person.submit(person.sign_in(person.get(stage.corp["start_url"]), "ben"))
    assert refused.status == 403, (refused.status, refused.body)
    assert stage.doorctl_json("explain", refused.code)["fault"]["id"] == "DW-SAML-SIGNATURE", refused.code
    assert stage.robot.get("/api/v1/connections/corp/metadata")[1].decode() == changed
    assert put_metadata(stage, before)[0] == 200
    stage.again = sign_in(stage)


def test_a_disabled_connection_signs_nobody_in(stage):
    """Not at the start, not with an answer that was on its way, and who came by it is out."""
    person = browser.Browser(stage.folder / "ca.pem")
    form = person.sign_in(person.get(stage.corp["start_url"]), "ben")
    off = "\n[idp/corp]\nType=saml\nMetadataUpload=true\nUse=admin\nEnabled=false\n"
    with stage.configured(off):
        refused = person.submit(form)
        assert refused.status == 404 and "Location" not in refused.headers, (refused.status, refused.body)
        start = browser.Browser(stage.folder / "ca.pem").get(stage.corp["start_url"])
        assert start.status == 404 and start.url == stage.corp["start_url"], (start.status, start.url)
        assert stage.again.get("/api/v1/me")[0] == 401
        assert Client(stage, stage.tokens["access_token"]).get("/api/v1/me")[0] == 401
        assert stage.personal.get("/api/v1/me")[0] == 403
        assert Client(stage).refresh(stage.tokens["refresh_token"])[0] == 400
    assert stage.again.get("/api/v1/me")[0] == 200
    sign_in(stage)


def test_the_lines_of_the_page_run(stage):
    """docs/api.md, line by line in one shell, for who is signed in."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert len(blocks) > 6
    client = sign_in(stage)
    (stage.folder / "idp.xml").write_text(metadata(stage).replace(stage.idp_url + "/metadata", "urn:example:partner"))
    stage.doorctl("admin", "set-role", BEN, "admin")
    client = sign_in(stage)
    environment = dict(os.environ, SERVER=stage.url, COOKIE=f"{COOKIE}={client.person.cookies[SERVER_HOST][COOKIE]}",
                       CURL_CA_BUNDLE=f"{stage.folder}/ca.pem")
    done = subprocess.run(["bash", "-euxo", "pipefail", "-c", "curl() { command curl -fsS \"$@\"; }\n" + "\n".join(blocks)],
                          cwd=stage.folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert stage.robot.get("/api/v1/connections/partner")[1]["code"] == "DW-IDP-UNKNOWN"


def test_the_end_of_a_person_is_the_end_of_all_they_have(stage):
    client = sign_in(stage)
    tokens = first_tokens(client)
    program = Client(stage, tokens["access_token"])
    personal = Client(stage, program.call("POST", "/api/v1/tokens", {"name": "a", "expires_in": 60})[1]["token"])
    me = client.get("/api/v1/me")[1]["id"]
    assert [c.get("/api/v1/me")[0] for c in (client, program, personal)] == [200, 200, 200]
    assert stage.robot.call("DELETE", f"/api/v1/administrators/{me}/sessions")[0] == 204
    assert [c.get("/api/v1/me")[0] for c in (client, program, personal)] == [401, 401, 200]
    client = sign_in(stage)
    tokens = first_tokens(client)
    program = Client(stage, tokens["access_token"])
    assert stage.robot.call("PATCH", f"/api/v1/administrators/{me}", {"state": "deactivated"})[0] == 204
    assert [c.get("/api/v1/me")[0] for c in (client, program, personal)] == [401, 401, 401]
    assert Client(stage).refresh(tokens["refresh_token"])[0] == 400
    person = browser.Browser(stage.folder / "ca.pem")
    refused = person.submit(person.sign_in(person.get(stage.corp["start_url"]), "ben"))
    assert refused.headers["Doorward-Sign-In-Status"] == "account_disabled", refused.status
    assert stage.robot.call("PATCH", f"/api/v1/administrators/{me}", {"state": "active"})[0] == 204
    assert [c.get("/api/v1/me")[0] for c in (client, program, personal)] == [401, 401, 401]
    assert Client(stage).refresh(tokens["refresh_token"])[0] == 400


def test_a_connection_that_is_removed(stage):
    assert stage.robot.call("DELETE", "/api/v1/connections/corp")[0] == 204
    assert stage.robot.call("POST", "/api/v1/connections", {"name": "corp"})[1]["code"] == "DW-CONN-EXISTS"


def test_administrators_with_a_password(stage):
    """Added, found, signed in, changed and removed over the API."""
    robot, collection = stage.robot, "/api/v1/administrators"
    wish = {"email": "local@example.test", "roles": [{"role": "observer"}], "password": "correct horse battery"}
    status, made = robot.call("POST", collection, wish)
    assert status == 201 and made["sso_enabled"] is False, made
    assert robot.call("POST", collection, wish)[1]["code"] == "DW-ADM-EXISTS"
    one = f"{collection}/{made['id']}"
    assert robot.get(one) == (200, made) and robot.get(collection + "?email=Local@example.test")[1]["administrators"] == [made]
    pair = base64.b64encode(b"local@example.test:correct horse battery").decode()
    basic = {"Authorization": "Basic " + pair}
    status, token = Client(stage).call("POST", "/api/v1/auth/login", headers=basic)
    assert status == 200 and verify(stage, token.decode())["sub"] == made["id"]
    program = Client(stage, token.decode())
    assert program.get("/api/v1/me")[0] == 200
    assert robot.call("PATCH", one, {"password": "another long one"})[0] == 204
    assert program.get("/api/v1/me")[0] == 401
    assert Client(stage).call("POST", "/api/v1/auth/login", headers=basic)[1]["code"] == "DW-ADM-PASSWORD"
    assert robot.call("DELETE", one)[0] == 204 and robot.get(one)[0] == 404


def test_commands(stage):
    """Queued, shown, taken back; a wish for something that Apple does not know is refused with the reason."""
    phone = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"
    stage.sql("INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, seen_at) "
              f"VALUES ('d1', '{phone}', 'user-enrollment', 'iPhone15,4', '18.2', '22C', 1, 1)",
              "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, push_token, "
              "created_at, active_at, token_updated_at, ended_at, end_reason) VALUES "
              "('e1', 'd1', '', 'active', '', '', '', '', 1, 1, 1, 0, '')")
    status, device = stage.robot.get(f"/api/v1/devices/{phone}")
    assert status == 200 and (device["id"], device["state"], device["people"]) == ("d1", "active", []), device
    assert device == stage.doorctl_json("device", "show", phone) and not any(device["enrollments"][0]["escrow"].values())
    assert stage.robot.get("/api/v1/devices/d2")[0] == 404
    robot, collection = stage.robot, f"/api/v1/devices/{phone}/commands"
    status, made = robot.call("POST", collection, {"request_type": "ProfileList"})
    assert status == 201 and made["state"] == "queued", made
    assert robot.get(f"{collection}/{made['uuid']}")[1]["request_type"] == "ProfileList"
    assert [c["uuid"] for c in robot.get(collection)[1]["commands"]] == [made["uuid"]]
    assert robot.call("POST", collection, {"request_type": "Juggle"})[1]["code"] == "DW-CMD-INVALID"
    assert robot.call("POST", collection, {"request_type": "EraseDevice"})[1]["code"] == "DW-CMD-INVALID"
    status, forced = robot.call("POST", collection, {"request_type": "EraseDevice", "force": True})
    assert status == 201 and "forced although" in forced["warning"] and "warning" not in made, forced
    assert robot.call("DELETE", f"{collection}/{forced['uuid']}")[0] == 204
    assert robot.call("DELETE", f"{collection}/{made['uuid']}")[0] == 204
    assert robot.get(f"{collection}/{made['uuid']}")[1]["state"] == "cancelled"


def test_enrollment_links(stage):
    robot, collection = stage.robot, "/api/v1/enrollment-links"
    status, made = robot.call("POST", collection, {})
    assert status == 201 and made["url"].startswith(f"{stage.url}/enroll/"), made
    links = robot.get(collection)[1]["enrollment_links"]
    assert [link["id"] for link in links if link["revoked_at"] is None] == [made["id"]]  # the page's own is revoked
    assert robot.call("DELETE", f"{collection}/{made['id']}")[0] == 204


def test_declarations(stage):
    """Made, listed, changed and removed; what does not fit to the others is refused with the reason."""
    robot, collection = stage.robot, "/api/v1/declarations"
    code = {"Identifier": "test.code", "Type": "com.apple.configuration.passcode.settings", "Payload": {"MinimumLength": 6}}
    act = {"Identifier": "test.act", "Type": "com.apple.activation.simple",
           "Payload": {"StandardConfigurations": ["test.code"]}}
    assert robot.call("PUT", collection + "/test.act", act)[1]["code"] == "DW-DECL-CONFLICT"
    status, made = robot.call("PUT", collection + "/test.code", code)
    assert status == 201 and made["payload"] == {"MinimumLength": 6}, made
    assert robot.call("PUT", collection + "/test.code", code) == (200, made)
    assert robot.call("PUT", collection + "/test.act", act)[0] == 201
    first = robot.get(collection + "?limit=1")[1]
    assert [d["identifier"] for d in first["declarations"]] == ["test.act"], first
    assert robot.get(f"{collection}?after={first['next']}")[1]["declarations"][0]["identifier"] == "test.code"
    assert robot.get(collection + "/test.code") == (200, made)
    assert stage.doorctl_json("declaration", "show", "test.code") == made
    assert robot.call("DELETE", collection + "/test.code")[1]["detail"].endswith("test.act")
    assert [robot.call("DELETE", f"{collection}/{name}")[0] for name in ("test.act", "test.code", "test.code")] == [204, 204, 404]
    assert robot.get(collection + "?team=nobody")[1]["code"] == "DW-TEAM-UNKNOWN"
    assert robot.get("/api/v1/devices/d1/declarations") == (200, {"channels": []})
    assert [e["DOORWARD_OUTCOME"] for e in stage.events("declaration")] == ["stored", "stored", "removed", "removed"]


def test_every_address_was_seen(stage):
    """Each operation has answered here as described, but for those that browsers are sent to by a provider."""
    described = {(method.upper(), path) for path, item in stage.description.document["paths"].items() for method in item}
    answered = {(method, path) for method, path, status in stage.description.seen if status < 300}
    left = {(method, path) for method, path in described - answered if not path.endswith("/sso/callback")}
    assert left <= {("GET", "/api/v1/openapi.json")}, left


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: Stage(sys.argv[1], config=CONFIG, replace=OTHER), sys.modules[__name__]))
