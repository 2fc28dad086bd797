#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices of Apple Business Manager: token, lists, profiles, and a service that is slow, throttled or lies."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "dep-mock"))

import tap  # noqa: E402
from dep_mock import Apple, Refusal, make_device, make_token, stamp  # noqa: E402
import postgresql  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage, run_openssl  # noqa: E402

PATIENCE_S = 200  # a lease of an instance that was killed ends after 150 s
GROUP = "[ade/abm]\nServer={apple}\nSyncInterval={interval}\nDefaultTeamMac=macs\nDefaultTeam=phones\n{more}\n"
TEAMS = "[team/macs]\nTitle=Macs\n\n[team/phones]\nTitle=Phones\n\n[team/lab]\nTitle=Lab\n\n"


class AppleStage(Stage):
    """A stage with a server of Apple Business Manager that has its token."""

    def __init__(self, build, apple, interval="24h", more="", **options):
        self.apple = apple
        super().__init__(build, config=TEAMS + GROUP.format(apple=apple.url, interval=interval, more=more), idp=False,
                         **options)

    def import_token(self, **options):
        certificate, token = self.folder / "dep.pem", self.folder / "token.p7m"
        self.doorctl("dep", "keypair", "abm", "--output", certificate)
        make_token(certificate, token, self.folder, **options)
        return self.doorctl_json("dep", "import-token", "abm", token)

    def show(self, expect=0):
        return self.doorctl_json("dep", "show", "abm", expect=expect)

    def sync(self, *words, expect=0):
        return self.doorctl_json("dep", "sync", "abm", *words, expect=expect)

    def doctor(self):
        return self.doorctl_json("doctor", expect=None)["findings"]

    def devices(self, *words):
        found, after = [], []
        while True:
            page = self.doorctl_json("dep", "devices", *words, *after)
            found += page["devices"]
            if page["next"] is None:
                return {device["serial"]: device for device in found}
            after = ["--after", page["next"]]


def wait_for(what, condition):
    until(what, condition, PATIENCE_S, pause_s=0.2)


def all_have_their_profile(stage, apple):
    """What both sides believe of each device, and that a team has one profile."""
    found, by_team = stage.devices(), {}
    assert set(found) == set(apple.devices), set(found) ^ set(apple.devices)
    for serial, device in found.items():
        assert apple.profile_of(serial) == device["profile"] != "", device
        by_team.setdefault(device["team"], set()).add(device["profile"])
    assert all(len(profiles) == 1 for profiles in by_team.values()), by_team
    return by_team


def test_token_and_first_list(build):
    with Apple(25, page=10, session_calls=3) as apple, AppleStage(build, apple) as stage:
        stage.doorctl("dep", "show", "abm", expect=3)
        first = stage.doorctl_json("dep", "keypair", "abm")
        again = stage.doorctl_json("dep", "keypair", "abm")
        assert first["made"] and not again["made"] and first["certificate"] == again["certificate"]
        assert "there is no server token yet" in json.dumps(stage.doctor())
        unread = stage.doorctl("dep", "show", "abm")
        assert "is being read" not in unread and "doorctl dep import-token abm FILE.p7m" in unread, unread
        apple.devices["IPHONE1"] = dict(make_device(1, "iPhone"), serial_number="IPHONE1")
        stage.import_token()
        wait_for("the first list", lambda: stage.show(expect=None)["synced_at"] is not None)
        shown = stage.show()
        assert shown["devices"] == 26 and shown["waiting"] == shown["refused"] == 0, shown
        assert shown["organization"] == "Example Corp" and shown["server_uuid"] == apple.server_uuid, shown
        by_team = all_have_their_profile(stage, apple)
        assert set(by_team) == {"macs", "phones"}, by_team
        assert apple.calls["/server/devices"] >= 3 and apple.calls["/session"] > 1, apple.calls
        profile = apple.profiles[by_team["macs"].pop()]
        assert profile["url"] == f"{stage.url}/mdm/apple/enroll/macs", profile
        assert profile["configuration_web_url"] == f"{stage.url}/mdm/sso?team=macs", profile
        assert profile["await_device_configured"] is True and profile["org_magic"] and profile["anchor_certs"], profile
        secrets = stage.own_database.dump() + stage.log().encode()
        assert b"AS_b8529" not in secrets and b"CS_7c4d" not in secrets


def test_tokens_that_are_none(build):
    with Apple(1) as apple, AppleStage(build, apple) as stage:
        certificate, token = stage.folder / "dep.pem", stage.folder / "t.p7m"
        stage.doorctl("dep", "keypair", "abm", "--output", certificate)
        run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{stage.folder}/other.key", "-out",
                    f"{stage.folder}/other.pem", "-days", "2", "-subj", "/CN=other")
        make_token(stage.folder / "other.pem", token, stage.folder)
        assert stage.doorctl_json("dep", "import-token", "abm", token, expect=1)["error"]["id"] == "DW-DEP-TOKEN"
        make_token(certificate, token, stage.folder, expires=time.time() - 60)
        assert stage.doorctl_json("dep", "import-token", "abm", token, expect=1)["error"]["id"] == "DW-DEP-EXPIRED"
        make_token(certificate, token, stage.folder, changed={"access_secret": 7})
        assert stage.doorctl_json("dep", "import-token", "abm", token, expect=1)["error"]["id"] == "DW-DEP-TOKEN"
        token.write_text("nothing of the kind")
        stage.doorctl("dep", "import-token", "abm", token, expect=1)
        stage.doorctl("dep", "import-token", "nobody", token, expect=3)
        # by another's credentials Apple lets nobody in
        make_token(certificate, token, stage.folder, changed={"access_secret": "AS_wrong"})
        stage.doorctl("dep", "import-token", "abm", token)
        assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-DENIED"
        assert stage.show(expect=4)["fault"] == "DW-DEP-DENIED"


def test_changes(build):
    with Apple(6, page=2) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        calls = apple.calls["/server/devices"]
        device = make_device(2)
        apple.change("modified", dict(device, color="LATER"), at=stamp(time.time() + 50))
        apple.change("deleted", device, at=stamp(time.time() - 50))  # older than what is known
        apple.devices[device["serial_number"]] = dict(device)
        apple.change("deleted", make_device(0))
        apple.change("added", make_device(77))
        apple.change("modified", dict(make_device(77), color="BLUE"), at=stamp(time.time() - 500))
        stage.sync()
        found = stage.devices()
        assert apple.calls["/server/devices"] == calls, apple.calls
        assert found["C00000000002"]["color"] == "LATER" and "C00000000000" not in found, found
        assert found["C00000000077"]["color"] == "GRAY", found["C00000000077"]
        gone = stage.devices("--serial", "C00000000000")["C00000000000"]
        assert gone["removed_at"] is not None, gone
        # what Apple took the profile from gets it again
        serial = "C00000000003"
        apple.devices[serial].pop("profile_uuid", None)
        apple.change("modified", dict(make_device(3), profile_status="removed"), at=stamp(time.time() + 60))
        stage.sync()
        assert apple.profile_of(serial) == stage.devices()[serial]["profile"] != ""


def test_cursors(build):
    with Apple(7, page=3) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        apple.expire_cursors()
        del apple.devices["C00000000006"]  # no change says so
        assert stage.sync()["whole"]
        assert "C00000000006" not in stage.devices()
        apple.cursors.clear()
        assert stage.sync()["whole"]
        apple.next["/devices/sync"] = [Refusal(400, "EXHAUSTED_CURSOR", bare=True)]
        assert not stage.sync()["whole"]
        assert stage.sync("--full")["whole"]
        all_have_their_profile(stage, apple)


def test_teams_and_profiles(build):
    with Apple(4) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        first = all_have_their_profile(stage, apple)["macs"]
        stage.doorctl("dep", "assign", "C00000000001", "--team", "nothing", expect=3)
        stage.doorctl("dep", "assign", "NOBODY", "--team", "lab", expect=3)
        stage.doorctl("dep", "assign", "C00000000001", "--team", "lab")
        wait_for("the other team's profile", lambda: stage.devices()["C00000000001"]["profile"] not in first | {""})
        wait_for("its end", lambda: stage.show()["waiting"] == 0)
        by_team = all_have_their_profile(stage, apple)
        assert by_team["macs"] == first and set(by_team) == {"macs", "lab"}, by_team
        stage.doorctl("dep", "assign", "C00000000001", expect=64)
        stage.doorctl("dep", "assign", "C00000000001", "--team=")
        assert stage.devices("--team=").keys() == {"C00000000001"}
        stage.doorctl("dep", "assign", "C00000000001", "--team", "lab")
        wait_for("lab again", lambda: stage.show()["waiting"] == 0)
        with stage.configured(replace={"[team/lab]": "[team/lab]\nRequireSignIn=false"}):
            stage.sync()
            profile = apple.profiles[list(all_have_their_profile(stage, apple)["lab"])[0]]
            assert "configuration_web_url" not in profile and profile["url"].endswith("/mdm/apple/enroll/lab"), profile
        custom = stage.folder / "profile.json"
        custom.write_text(json.dumps({"department": "IT", "skip_setup_items": ["Siri"]}))
        with stage.configured(replace={"DefaultTeamMac=macs": f"DefaultTeamMac=phones\nProfile={custom}"}):
            stage.sync()
            by_team = all_have_their_profile(stage, apple)
            assert set(by_team) == {"phones", "lab"}, by_team
            profile = apple.profiles[list(by_team["lab"])[0]]
            assert profile["department"] == "IT" and profile["skip_setup_items"] == ["Siri"], profile
            custom.write_text(json.dumps({"configuration_web_url": "https://attacker.example/"}))
            assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-PROFILE"
            shown = stage.show(expect=4)
            assert "configuration_web_url" in shown["detail"], shown
        assert not any("attacker" in json.dumps(p) for p in apple.profiles.values())


def test_names_that_are_not_there(build):
    def find(stage, name):
        lines = stage.doctor()
        return [line["text"] for line in lines if line["id"] == name and line["state"] == "warn"]

    with Apple(2) as apple, AppleStage(build, apple, more="[ade/abn]\nDefaultTeam=lab\n") as stage:
        stage.import_token()
        stage.sync()
        assert "[ade/abn]" in find(stage, "ade/abn")[0], find(stage, "ade/abn")
        assert not find(stage, "ade/abm") and not find(stage, "dep/abm")
        stage.doorctl("dep", "assign", "C00000000001", "--team", "lab")
        with stage.configured(replace={"[team/lab]\nTitle=Lab": "", "DefaultTeam=lab": "DefaultTeam=macs"}):
            assert "no [team/lab]" in find(stage, "dep/abm")[0], find(stage, "dep/abm")
            said = stage.sync()
            assert not find(stage, "dep/abm"), said
            assert set(all_have_their_profile(stage, apple)) == {"macs"}


def test_statuses(build):
    with Apple(5) as apple, AppleStage(build, apple) as stage:
        apple.statuses.update({"C00000000001": "THROTTLED", "C00000000002": "FAILED", "C00000000003": "NOT_ACCESSIBLE"})
        apple.retry_after = 5
        stage.import_token()
        stage.sync()
        shown = stage.show()
        assert shown["waiting"] == 3 and shown["refused"] == 2, shown
        found = stage.devices()
        assert found["C00000000001"]["status"] == "THROTTLED" and found["C00000000000"]["status"] == "SUCCESS", found
        calls = apple.calls["/profile/devices"]
        stage.sync()
        assert apple.calls["/profile/devices"] == calls, "Apple was asked before the time"
        apple.statuses.clear()
        wait_for("the throttled one", lambda: stage.show()["waiting"] == 2)


def test_service_in_trouble(build):
    with Apple(3) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        apple.next["/account"] = [Refusal(403, "T_C_NOT_SIGNED")]
        assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-TERMS"
        report = stage.doorctl_json("doctor", expect=4)
        line = next(line for line in report["findings"] if line["id"] == "dep/abm")
        assert line["state"] == "fail" and line["fix"] == "doorctl explain DW-DEP-TERMS", line
        apple.next["/account"] = [Refusal(403, "ACCESS_DENIED")]
        assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-DENIED"
        apple.next["/account"] = [Refusal(401, "UNAUTHORIZED")]
        stage.sync()  # a new session
        apple.next["/devices/sync"] = [Refusal(429, "", {"Retry-After": "3"})]
        begun = time.monotonic()
        stage.sync()
        assert time.monotonic() - begun > 2.9
        apple.next["/devices/sync"] = [Refusal(500, "")]
        error = stage.sync(expect=1)["error"]
        assert error["id"] == "DW-DEP-UNAVAILABLE" and apple.url in error["text"], error
        apple.next["/devices/sync"] = [Refusal(302, "", {"Location": "https://attacker.example/"})]
        assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-ANSWER"
        assert stage.devices().keys() == apple.devices.keys()
        stage.sync()
        assert stage.show()["fault"] == ""


def test_lies(build):
    """Nothing of an answer that is wrong anywhere is stored."""
    with Apple(3) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        known = stage.devices()
        good = make_device(50)
        lies = [lambda r: b"[]", lambda r: b"{", lambda r: b"x" * (3 << 20), lambda r: dict(r, cursor=7),
                lambda r: {k: v for k, v in r.items() if k != "cursor"}, lambda r: dict(r, cursor="x" * 1001),
                lambda r: {k: v for k, v in r.items() if k != "more_to_follow"}, lambda r: dict(r, devices=None),
                lambda r: dict(r, devices=[good, 7]), lambda r: dict(r, devices=[good, dict(good, serial_number="A/B")]),
                lambda r: dict(r, devices=[good, dict(good, serial_number="")]),
                lambda r: dict(r, devices=[good, dict(good, serial_number="D", model=7)]),
                lambda r: dict(r, devices=[dict(make_device(n)) for n in range(2000, 3001)])]
        for number, lie in enumerate(lies):
            apple.lies["/server/devices"] = lie
            assert stage.sync("--full", expect=1)["error"]["id"] in ("DW-DEP-ANSWER", "DW-DEP-UNAVAILABLE"), number
            assert stage.devices().keys() == known.keys(), number
        apple.lies.clear()
        apple.lies["/devices/sync"] = lambda r: dict(r, devices=[dict(good, op_type="added", op_date="yesterday")])
        stage.sync()
        assert stage.sync(expect=1)["error"]["id"] == "DW-DEP-ANSWER"
        apple.lies["/devices/sync"] = lambda r: dict(r, more_to_follow=True, cursor=apple.asked["cursor"])
        assert "same cursor" in stage.sync(expect=1)["error"]["text"]
        apple.lies.clear()
        stage.sync()
        assert stage.devices().keys() == known.keys()


def test_killed_in_the_middle(build):
    """No page is lost and none is skipped, whenever the server is killed."""
    with Apple(60, page=3) as apple, AppleStage(build, apple, interval="5s") as stage:
        apple.slow_s = 0.05
        stage.import_token()
        for n_pages in (2, 7, 13):
            wait_for("pages", lambda: stage.show(expect=None)["read"] >= 3 * n_pages)
            stage.restart(signal.SIGKILL)
            # whoever was killed cannot give its lease back: here nobody waits for its end
            count = stage.rows("SELECT count(*) FROM dep_device")
            assert count == stage.rows("SELECT n_read FROM dep_server"), count
            stage.sql("DELETE FROM lease WHERE name = 'dep/abm'")
        begun = apple.calls["/server/devices"]
        wait_for("the end", lambda: stage.show(expect=None)["synced_at"] is not None)
        assert apple.calls["/server/devices"] <= begun + 15, apple.calls  # it went on and did not begin again
        wait_for("profiles", lambda: stage.show()["waiting"] == 0)
        all_have_their_profile(stage, apple)


def test_two_instances(build):
    """Each page is asked for once, and each device is given its profile once."""
    folder = postgresql.make_temporary()
    try:
        cluster = postgresql.Cluster(folder)
    except postgresql.NotAvailable as reason:
        shutil.rmtree(folder, ignore_errors=True)
        raise tap.Skip(str(reason)) from reason
    cluster.start()
    try:
        see_two_instances(build, f"Driver=postgresql\nUri={cluster.uri}")
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def see_two_instances(build, database):
    options = {"interval": "5s", "database": database, "plugins": "postgresql;saml"}
    with Apple(40, page=4) as apple, AppleStage(build, apple, **options) as one:
        two = AppleStage(build, apple, **options)
        two.prepare()
        shutil.rmtree(two.folder / "state")
        shutil.copytree(one.folder / "state", two.folder / "state")  # the same keys
        with two.prepared():
            apple.slow_s = 0.05
            one.import_token()
            wait_for("profiles", lambda: one.show(expect=None)["synced_at"] and one.show()["waiting"] == 0)
            all_have_their_profile(one, apple)
            assert apple.calls["/server/devices"] == 10 and len(apple.profiles) == 1, apple.calls
            assert apple.calls["/profile/devices"] == 1, apple.calls
            one.server.stop(signal.SIGKILL)
            apple.change("added", make_device(500))
            wait_for("the other instance", lambda: "C00000000500" in two.devices())


def test_discovery_and_removal(build):
    with Apple(3) as apple:
        apple.discovery_code = "ORG_NOT_SUPPORTED"
        with AppleStage(build, apple, more="ServiceDiscovery=true") as stage:
            stage.import_token()
            stage.sync()
            assert "ORG_NOT_SUPPORTED" in stage.show()["discovery_detail"]
            apple.discovery_code = None
            stage.sync()
            assert apple.discovery == f"{stage.url}/.well-known/com.apple.remotemanagement"
            assert stage.show()["discovery_url"] == apple.discovery
            apple.next["/profile/devices"] = [Refusal(503)]
            stage.doorctl("dep", "remove", "abm", expect=1)
            kept, gone, *_ = apple.devices
            apple.statuses.update({kept: "FAILED", gone: "NOT_ACCESSIBLE"})
            refused = stage.doorctl_json("dep", "remove", "abm", expect=1)["error"]
            assert f"off 1 devices, of which the first is {kept}: FAILED" in refused["text"], refused
            assert len(stage.doorctl_json("dep", "list")["servers"]) == 1
            apple.statuses.clear()
            stage.doorctl("dep", "remove", "abm")
            assert not any(apple.profile_of(serial) for serial in apple.devices)
            assert stage.doorctl_json("dep", "list")["servers"] == []


def test_removal_beside_a_sync(build):
    """Who takes the profiles off waits for who gives them."""
    with Apple(30, page=3) as apple, AppleStage(build, apple) as stage:
        apple.slow_s = 0.7
        stage.import_token()
        wait_for("pages", lambda: stage.show(expect=None)["read"] >= 3)
        refused = stage.doorctl_json("dep", "remove", "abm", "--keep-profiles", expect=1)["error"]
        assert "abm is being asked for its devices now" in refused["text"], refused
        apple.slow_s = 0
        wait_for("profiles", lambda: stage.show(expect=None)["synced_at"] and stage.show()["waiting"] == 0)
        wait_for("the end", lambda: not stage.rows("SELECT name FROM lease WHERE name = 'dep/abm'"))
        stage.doorctl("dep", "remove", "abm")
        assert not any(apple.profile_of(serial) for serial in apple.devices)
        assert stage.doorctl_json("dep", "list")["servers"] == []


def test_discovery_taken_back(build):
    """Who does not want to be found any more is not; what Apple refuses is tried again, what was never told is left."""
    path = "/account-driven-enrollment/profile"
    with Apple(1) as apple, AppleStage(build, apple, more="ServiceDiscovery=true") as stage:
        stage.import_token()
        stage.sync()
        told = apple.discovery
        assert told == stage.show()["discovery_url"] != ""
        with stage.configured(replace={"ServiceDiscovery=true": "ServiceDiscovery=false"}):
            apple.discovery_code = "BUSY"
            stage.sync()
            assert apple.discovery == told == stage.show()["discovery_url"]
            assert "BUSY" in stage.show()["discovery_detail"]
            apple.discovery_code = None
            stage.sync()
            assert apple.discovery is None
            shown = stage.show()
            assert (shown["discovery_url"] or "", shown["discovery_detail"] or "") == ("", ""), shown
            asked = apple.calls[path]
            stage.sync()
            assert apple.calls[path] == asked
        stage.sync()
        assert apple.discovery == told
        with stage.configured(replace={"ServiceDiscovery=true": "ServiceDiscovery=false"}):
            apple.discovery = None  # somebody took it back at Apple
            stage.sync()
            shown = stage.show()
            assert (shown["discovery_url"] or "", shown["discovery_detail"] or "") == ("", ""), shown


def test_another_account(build):
    with Apple(2) as apple, AppleStage(build, apple) as stage:
        stage.import_token()
        stage.sync()
        before = all_have_their_profile(stage, apple)["macs"]
        apple.server_uuid = "another"
        apple.profiles.clear()
        for device in apple.devices.values():
            device.pop("profile_uuid")
        assert stage.sync()["whole"]
        assert all_have_their_profile(stage, apple)["macs"] != before


def test_development_only(build):
    """Nobody but a developer sends the token elsewhere."""
    with Apple(1) as apple, AppleStage(build, apple) as stage:
        config = stage.folder / "doorward.conf"
        words = [stage.build / "core/ctl/doorctl", "config", "check", "--config", config, "--plugin-dir",
                 stage.build / "plugins", "--json"]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 4 and "Server is understood in development mode only" in done.stdout, done.stdout
        config.write_text(config.read_text().replace("DefaultTeamMac=macs", "DefaultTeamMac=nobody"))
        done = subprocess.run([*words, "--dev"], capture_output=True, text=True)
        assert done.returncode == 4 and "DefaultTeamMac: there is no [team/nobody]" in done.stdout, done.stdout


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__], sys.argv[1]))
