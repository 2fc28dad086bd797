#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices that come out of their box, or by other ways than an account in Settings, on the real programs."""

import contextlib
import json
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "update-mock"))

import device  # noqa: E402
import tap  # noqa: E402
import update_mock  # noqa: E402
import ways  # noqa: E402
from patience import until  # noqa: E402

PATIENCE_S = 120
CONFIG = "\n[enrollment]\nAccountDeviceFamilies=Mac\n"


def test_unboxed_mac(stage):
    ways.unboxed_mac(stage)


def test_unboxed_phone(stage):
    ways.unboxed_phone(stage)


def test_handed_on(stage):
    ways.handed_on(stage)


def test_account_driven_device(stage):
    ways.account_driven_device(stage)


def test_enrollment_link(stage):
    ways.linked_phone(stage)


def test_over_the_air(stage):
    """By the Profile Service; a device that nobody vouches for is refused there."""
    with stage.configured("Ota=true\n"):
        ways.over_the_air(stage)
        other = stage.folder / "ota-ca"
        subprocess.run([stage.build / "tests/sim/doorward-sim", "device-ca", other], check=True)
        before = stage.lists()[0]
        link = stage.doorctl_json("enroll-link", "create")["url"]
        wrong = stage.device("enroll-link", "--link", link, expect=None)
        assert wrong["outcome"] != "enrolled" and "doorward-sim ota" in str(wrong), wrong
        report = stage.device("ota", "--link", link, "--device-ca", other, expect=1)
        assert report["outcome"] == "refused", report
        assert "is the device-ca.pem in the folder of --device-ca the one that DeviceAnchor=" in report["error"]["message"]
        assert stage.lists()[0] == before


def test_a_link_is_not_told_whole(stage):
    """What refuses a link shows the way to it and not the word that opens it."""
    link = stage.doorctl_json("enroll-link", "create")["url"]
    path, _, word = link.rpartition("/")
    for url in (f"{path}/{word[::-1]}", f"{path}/{'A' * len(word)}"):
        report = stage.device("enroll-link", "--link", url, expect=1)
        assert report["outcome"] == "refused" and "/enroll/… answered 4" in report["error"]["message"], report
        assert url.rpartition("/")[2] not in str(report), report


def test_enroll_reference(stage):
    """By each way the address of the profile has a reference, and the device is known to bring its own."""
    with stage.configured("EnrollReference=compatible\nOta=true\n"):
        link = stage.doorctl_json("enroll-link", "create")
        account = "--server", stage.url, "--account", "anna.chao@example.test"
        for report in (stage.unbox("--model-family", "Mac"), stage.device("ota", "--link", link["url"]),
                       stage.device("adde", *account, "--model-family", "Mac"), stage.device("byod", *account)):
            assert report["outcome"] == "enrolled", report
            found = [(e["MESSAGE"], e.get("DOORWARD_REFERENCE")) for e in stage.events("check-in")
                     if e["DOORWARD_DEVICE"] == report["enrollment_id"]]
            assert found[:2] == [("Authenticate", "matched"), ("TokenUpdate", "matched")], found
    assert stage.events("enroll-reference") == []


def test_a_device_of_a_link_is_neither_locked_nor_erased(stage):
    """Its profile asks for no right to that; what the device leaves with the server can be read."""
    link = stage.doorctl_json("enroll-link", "create")["url"]
    name = stage.device("enroll-link", "--link", link, "--escrow")["enrollment_id"]
    for command, right in (("EraseDevice", "8"), ("DeviceLock", "4")):
        error = stage.doorctl_json("device", "command", name, command, expect=1)["error"]
        assert error["id"] == "DW-CMD-INVALID" and f"AccessRights lacks {right}" in error["text"], error
    assert "DeviceLock" in stage.doorctl("device", "command", name, "DeviceLock", "--force")
    assert len(stage.doorctl("device", "unlock-token", name).strip()) == 88
    stage.doorctl("device", "bootstrap-token", name, expect=3)
    stage.doorctl("device", "command", name, expect=64)
    assert "declaration" in stage.doorctl("device", "declarations", name)


def test_a_mac_leaves_its_bootstrap_token(stage):
    report = stage.device("adde", "--server", stage.url, "--account", "anna.chao@example.test", "--model-family", "Mac", "--escrow")
    assert len(stage.doorctl("device", "bootstrap-token", report["enrollment_id"]).strip()) == 88
    stage.doorctl("device", "unlock-token", report["enrollment_id"], expect=3)


def test_the_simulator_says_what_is_missing(stage):
    """What keeps a way shut, and what opens it."""
    account = "anna.chao@example.test"
    link = stage.doorctl_json("enroll-link", "create")["url"]
    for words, hint in ((("ota", "--link", link), "Ota=true"),
                        (("adde", "--server", stage.url, "--account", account), "AccountDeviceFamilies=iPhone"),
                        (("byod", "--server", stage.url, "--account", account, "--model-family", "Mac"), "doorward-sim adde"),
                        (("oauth2", "--server", stage.url, "--account", account), "AccountSignIn=oauth2")):
        report = stage.device(*words, expect=1)
        assert hint in report["error"]["message"], report
    done = subprocess.run([stage.build / "tests/sim/doorward-sim", "unbox", "--server", stage.url, "--ca",
                           stage.folder / "ca.pem", "--user", "anna", "--password", "anna"], capture_output=True, text=True)
    assert done.returncode == 1 and "doorward-sim device-ca FOLDER" in done.stderr, done


def fleet(stage, way, *words, expect=0):
    """Two devices at once; the report, and how many more are on record."""
    before = len(stage.lists()[0])
    report = stage.device("fleet", "-n", "2", "--concurrency", "2", "--way", way, *words, expect=expect)
    return report, len(stage.lists()[0]) - before


def test_fleets(stage):
    """Many devices come by each of the ways; a way that there is not is refused before one begins."""
    account = "--server", stage.url, "--account", "anna.chao@example.test"
    link = stage.doorctl_json("enroll-link", "create", "--uses", "2")
    for way, words in (("byod", account), ("adde", (*account, "--model-family", "Mac")),
                       ("unbox", ("--server", stage.url)), ("enroll-link", ("--link", link["url"]))):
        report, more = fleet(stage, way, *words)
        assert (report["enrolled"], report["failed"], more) == (2, 0, 2), (way, report, more)
    with stage.configured("Ota=true\nAccountSignIn=oauth2\n"):
        air = stage.doorctl_json("enroll-link", "create", "--uses", "2")
        for way, words in (("oauth2", account), ("ota", ("--link", air["url"]))):
            report, more = fleet(stage, way, *words)
            assert (report["enrolled"], report["failed"], more) == (2, 0, 2), (way, report, more)
    report, more = fleet(stage, "enroll-link", "--link", link["url"], expect=1)
    assert (report["enrolled"], report["failed"], more) == (0, 2, 0), "a link that is used up"
    report = stage.device("fleet", "-n", "2", "--way", "teleport", *account, expect=None)
    assert report["outcome"] == "usage", report


def test_what_is_done_already(stage):
    """2 is the end of a command that has nothing to do, and a line says so."""
    def state():
        line, = [line for line in stage.doorctl("enroll-link", "list").splitlines() if link["id"] in line]
        return line.split()[-1]

    link = stage.doorctl_json("enroll-link", "create")
    assert state() == "open"
    name = stage.device("enroll-link", "--link", link["url"])["enrollment_id"]
    command = stage.doorctl_json("device", "command", name, "ProfileList")["uuid"]
    again = stage.doorctl("device", "command", name, "ProfileList", "--uuid", command, expect=2)
    assert "nothing to do: the command was queued before" in again, again
    assert len(stage.doorctl_json("device", "commands", name)["commands"]) == 1
    for words in (("enroll-link", "revoke", link["id"]), ("device", "command-cancel", name, command),
                  ("device", "end", name)):
        stage.doorctl(*words)
        said = stage.doorctl(*words, expect=2)
        assert "nothing to do: " in said, said
        assert "error" not in stage.doorctl_json(*words, expect=2), words
    assert state() == "revoked"
    with stage.configured("Flows=account;ade\n"):
        error = stage.doorctl_json("enroll-link", "create", expect=1)["error"]
        assert error["id"] == "DW-FLOW-NOLINK" and "[enrollment]" in error["text"], error


def test_unknown_maker(stage):
    """A device that nobody vouches for gets a page, and nothing else."""
    other = stage.folder / "other-ca"
    subprocess.run([stage.build / "tests/sim/doorward-sim", "device-ca", other], check=True)
    before = stage.lists()
    report = stage.unbox("--device-ca", other, expect=1)
    assert report["outcome"] == "refused", report
    assert stage.lists() == before


def test_terms(stage):
    """What must be agreed to comes before the profile, and who agreed is kept."""
    terms = stage.folder / "terms.html"
    terms.write_text("<!DOCTYPE html><html lang='en'><title>Terms</title><p>Be kind.</p></html>")
    config = f"Eula=terms\n[eula/terms]\nFile={terms}\nVersion=1\n"
    with stage.configured(config):
        report = stage.unbox("--model-family", "Mac")
        assert report["outcome"] == "enrolled", report
        kept = stage.doorctl_json("eula", "acceptances", "terms")["eula_acceptances"]
        assert len(kept) == 1 and kept[0]["version"] == "1", kept


def test_terms_of_devices_with_tokens(stage):
    """Whichever way its token came to it, the device is named once there is one."""
    terms = stage.folder / "mind.html"
    terms.write_text("<!DOCTYPE html><html lang='en'><title>Terms</title><p>Mind.</p></html>")
    for way in ("web", "oauth2"):
        config = f"Eula={way}\nAccountSignIn={way}\n[eula/{way}]\nFile={terms}\nVersion=1\n"
        with stage.configured(config):
            words = ("--enroll-url", stage.url + device.ENROLL_PATH, "--account", "anna.chao@example.test")
            report = stage.device("oauth2", *words) if way == "oauth2" else stage.sim()
            assert report["outcome"] == "enrolled", report
            kept, = stage.doorctl_json("eula", "acceptances", way)["eula_acceptances"]
            owned = stage.doorctl_json("device", "show", report["enrollment_id"])
            assert kept["device"] == owned["id"], (kept, owned)


def check_older_enrollment(stage, serial, shown):
    """What a device has is not hidden by a newer enrollment of somebody else."""
    mine = stage.doorctl_json("device", "show", serial)["enrollments"][0]["id"]
    words = ("device", "admin-password", serial)
    assert stage.doorctl_json(*words, "--enrollment", mine) == shown
    stage.doorctl(*words, "--enrollment", "no-such-one", expect=3)
    with contextlib.closing(stage.own_database.connect()) as database:
        cursor = database.cursor()
        cursor.execute("SELECT * FROM enrollment LIMIT 1")
        columns = [column[0] for column in cursor.description]
    changed = {"id": "'newer'", "ended_at": "1", "created_at": "created_at + 1", "certificate_sha256": "'newer'"}
    values = ", ".join(changed.get(column, column) for column in columns)
    stage.sql(f"INSERT INTO enrollment ({', '.join(columns)}) SELECT {values} FROM enrollment WHERE id = '{mine}'")
    stage.doorctl(*words, expect=3)
    assert stage.doorctl_json(*words, "--enrollment", mine) == shown
    stage.sql("DELETE FROM enrollment WHERE id = 'newer'")


def test_oauth2_comes_as_the_server_offers(stage):
    """A Mac as a whole, since its kind is in AccountDeviceFamilies, a phone for its user; the other way is told what to play."""
    words = "--server", stage.url, "--account", "anna.chao@example.test"
    mac = "--product", "Mac14,2", "--model-family", "Mac"
    with stage.configured("AccountSignIn=oauth2\n"):
        for more, mode in ((), "BYOD"), ((*mac, "--escrow"), "ADDE"):
            report = stage.device("oauth2", *words, *more)
            assert report["outcome"] == "enrolled", report
            apple_id = report["enrollment_id"]
            assert stage.rows("SELECT e.mode, e.way FROM enrollment e JOIN device d ON d.id = e.device_id WHERE "
                              f"d.apple_id = '{apple_id}'") == [(mode, "oauth2")], report
        assert "play it with doorward-sim oauth2" in json.dumps(stage.device("adde", *words, *mac, expect=1))
        assert "--escrow: a user enrollment" in json.dumps(stage.device("oauth2", *words, "--escrow", expect=None))


def test_managed_administrator(stage):
    with stage.configured("ManagedAdmin=itadmin\nPrimaryAccount=standard\n"):
        report = stage.unbox("--model-family", "Mac")
        assert ways.said(report, "administrator: itadmin, hidden"), report["steps"]
        shown = stage.doorctl_json("device", "admin-password", report["enrollment_id"])
        assert shown["account"] == "itadmin" and len(shown["password"]) == 24, shown
        serial = stage.doorctl_json("device", "show", report["enrollment_id"])["serial"]
        assert stage.doorctl_json("device", "admin-password", serial) == shown
        assert stage.doorctl_json("device", "show", serial)["enrollment_id"] == report["enrollment_id"]
        check_older_enrollment(stage, serial, shown)
        other = stage.unbox("--model-family", "Mac")["enrollment_id"]
        assert stage.doorctl_json("device", "admin-password", other)["password"] != shown["password"]
    stage.doorctl("device", "admin-password", ways.unboxed_mac(stage)["enrollment_id"], expect=3)


def test_released_after_a_restart(stage):
    """A server that is killed while a Mac waits lets it go when it is back."""
    report = stage.unbox("--model-family", "Mac", "--only-until", "token-update", expect=None)
    assert report["outcome"] == "enrolled", report
    assert stage.restart(signal.SIGKILL) == -signal.SIGKILL
    stage.sql("UPDATE device_setup SET begun_at = begun_at - 1000000, due_at = 1 WHERE finished_at = 0")
    until("it is let go, as if it had been away all the time",  # longer than ReleaseAfter
          lambda: stage.doorctl_json("device", "commands", report["enrollment_id"])["commands"], PATIENCE_S, pause_s=0.3,
          accept=lambda found: sorted(c["request_type"] for c in found) == ["AccountConfiguration", "DeviceConfigured"])


def wait_for_log(stage, text):
    until(f"the log says: {text}", lambda: text in stage.server.log.read_text(errors="replace"), PATIENCE_S, pause_s=0.2)


def test_newest_system(stage):
    """Old devices are told which update to install, once the list of updates is there; without one they enroll."""
    updates = update_mock.Updates(iOS=[update_mock.release("18.2.1", "22C161", "iPhone15,4"),
                                       update_mock.release("26.1", "23B85", "iPhone15,4", "iPhone17,1")])
    updates.broken = True
    old, new = ("--product", "iPhone15,4", "--os-version", "18.2.1"), ("--product", "iPhone15,4", "--os-version", "26.1")
    config = "MinimumOs=iPhone:latest\n"
    replace = {"[apple]\n": f"[apple]\nUpdateList={updates.url}\n"}
    try:
        with stage.configured(config, replace):
            wait_for_log(stage, "the list of updates was not fetched")
            assert stage.unbox(*old)["outcome"] == "enrolled"
        updates.broken = False
        with stage.configured(config, replace):
            wait_for_log(stage, "the list of updates was read")
            refused = json.dumps(stage.unbox(*old, expect=1))
            assert "com.apple.softwareupdate.required" in refused and "26.1 (23B85)" in refused, refused
            assert stage.unbox(*new)["outcome"] == "enrolled"
            assert stage.unbox("--model-family", "Mac")["outcome"] == "enrolled"
            assert updates.n_asked == 2, updates.n_asked
    finally:
        updates.close()


def ask_agent(stage, path, **members):
    """What an agent of osquery sends, and the answer."""
    status, _, body = stage.request("POST", "/api/osquery" + path, json.dumps(members), {"Content-Type": "application/json"})
    assert status == 200, (path, status, body)
    return json.loads(body)


def test_agent_of_osquery(stage):
    """It confirms the Mac it runs on by what it was asked, and nothing else; who has not the secret gets no key."""
    secret = stage.folder / "osquery"
    secret.write_text("a secret of all our agents\n")
    secret.chmod(0o600)
    with stage.configured(f"OsquerySecret=file:{secret}\n"):
        name = stage.unbox("--model-family", "Mac")["enrollment_id"]
        before = stage.doorctl_json("device", "show", name)
        assert "agent" not in before, before
        assert ask_agent(stage, "/enroll", enroll_secret="guessed", host_identifier="x")["node_invalid"] is True
        key = ask_agent(stage, "/enroll", enroll_secret=secret.read_text().strip(), host_identifier=name)["node_key"]
        assert ask_agent(stage, "/config", node_key=key) == {"node_invalid": False, "schedule": {}}
        questions = ask_agent(stage, "/distributed/read", node_key=key)["queries"]
        rows = {"doorward_system": [{"uuid": name, "hardware_serial": before["serial"], "hostname": "anna.local"}],
                "doorward_mdm": [{"enrolled": "true", "server_url": f"{stage.url}/mdm/apple/mdm"}]}
        assert set(questions) == set(rows), questions
        assert ask_agent(stage, "/distributed/write", node_key=key, queries=rows) == {"node_invalid": False}
        after = stage.doorctl_json("device", "show", name)
        assert after["agent"]["hostname"] == "anna.local" and after["agent"]["serial_number"] == before["serial"], after
        assert (after["people"], after["enrollments"]) == (before["people"], before["enrollments"])
        assert ask_agent(stage, "/distributed/read", node_key="x" * 43)["node_invalid"] is True
        stage.restart(signal.SIGKILL)
        assert ask_agent(stage, "/distributed/read", node_key=key) == {"node_invalid": False, "queries": {}}


if __name__ == "__main__":
    sys.exit(tap.run_on(lambda: ways.WaysStage(sys.argv[1], CONFIG), sys.modules[__name__]))
