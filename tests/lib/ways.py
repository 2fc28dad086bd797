# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ways to an enrollment beside the first: a stage that knows the maker of simulated devices, and what each way ends in."""

import json
import subprocess

from stage import Stage, StageError

CONFIG = "\n[apple]\nDeviceAnchor={stage.folder}/device-ca/device-ca.pem\n"


class WaysStage(Stage):
    """A stage that believes devices made with `doorward-sim device-ca`."""

    def __init__(self, build, config="", **others):
        super().__init__(build, CONFIG + config, **others)

    def prepare(self):
        subprocess.run([self.build / "tests/sim/doorward-sim", "device-ca", self.folder / "device-ca"], check=True)
        super().prepare()

    def device(self, way, *words, user="anna", expect=0, timeout=180):
        """Runs the simulated device in one of its ways; gives its JSON report."""
        done = subprocess.run([str(word) for word in (
            self.build / "tests/sim/doorward-sim", way, "--ca", self.folder / "ca.pem", "--profile-ca",
            self.folder / "state/scep-ca.pem", "--device-ca", self.folder / "device-ca", "--user", user, "--password",
            user, "--json", *words)], capture_output=True, text=True, timeout=timeout)
        if expect is not None and done.returncode != expect:
            raise StageError(f"doorward-sim {way} {words} ended with {done.returncode}:\n{done.stdout}{done.stderr}\n"
                             f"server:\n{self.server.tail()}")
        return json.loads(done.stdout)

    def unbox(self, *words, **others):
        return self.device("unbox", "--server", self.url, *words, **others)


def said(report, text):
    """Whether a step of the report has the text."""
    return any(text in step["what"] + " " + step["result"] for step in report["steps"])


def owner(stage, name):
    people = stage.doorctl_json("device", "show", name)["people"]
    return people[0]["email"] if people and people[0]["to"] is None else None


def unboxed_mac(stage):
    """A new Mac: its account is prepared, it is let go, and it is its user's."""
    report = stage.unbox("--model-family", "Mac")
    assert report["outcome"] == "enrolled", report
    assert said(report, "local account: anna.chao (Anna Chao), cannot be changed"), report["steps"]
    assert said(report, "the device is released"), report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert found["kind"] == "device" and found["product"] == "Mac15,7", found
    assert [e["state"] for e in found["enrollments"]] == ["active"], found
    assert owner(stage, report["enrollment_id"]) == "anna.chao@example.test", found
    return report


def unboxed_phone(stage):
    """A new iPhone has no local account, but waits to be let go as well."""
    report = stage.unbox(user="ben")
    assert report["outcome"] == "enrolled" and not said(report, "local account"), report
    assert said(report, "the device is released"), report["steps"]
    assert owner(stage, report["enrollment_id"]) == "ben.okafor@example.test"


def handed_on(stage):
    """A device that is set up again by somebody else is his from then on; who had it is known."""
    report = stage.unbox("--serial", "C02HANDED1", "--udid", "00008101-00AA11BB22CC33DD")
    again = stage.unbox("--serial", "C02HANDED1", "--udid", "00008101-00AA11BB22CC33DD", user="ben")
    assert report["enrollment_id"] == again["enrollment_id"], (report, again)
    found = stage.doorctl_json("device", "show", again["enrollment_id"])
    assert [p["email"] for p in found["people"]] == ["ben.okafor@example.test", "anna.chao@example.test"], found
    assert found["people"][1]["to"] is not None, found
    assert [e["state"] for e in found["enrollments"]] == ["active", "ended"], found


def account_driven_device(stage):
    """The whole of a Mac, with an account."""
    report = stage.device("adde", "--server", stage.url, "--account", "anna.chao@example.test", "--model-family", "Mac")
    assert report["outcome"] == "enrolled", report
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert found["kind"] == "device", found
    assert owner(stage, report["enrollment_id"]) == "anna.chao@example.test"


def linked_phone(stage):
    """A phone of one's own, by a link that an administrator has made."""
    link = stage.doorctl_json("enroll-link", "create")
    report = stage.device("enroll-link", "--link", link["url"], user="ben")
    assert report["outcome"] == "enrolled", report
    assert owner(stage, report["enrollment_id"]) == "ben.okafor@example.test"


def over_the_air(stage):
    """The same where the team wants to know which device it is: the profile comes after an identity."""
    link = stage.doorctl_json("enroll-link", "create")
    report = stage.device("ota", "--link", link["url"], user="ben")
    assert report["outcome"] == "enrolled", report
    assert said(report, "by Apple's certificate") and said(report, "by the identity"), report["steps"]
    found = stage.doorctl_json("device", "show", report["enrollment_id"])
    assert found["kind"] == "device" and [e["state"] for e in found["enrollments"]] == ["active"], found
    assert owner(stage, report["enrollment_id"]) == "ben.okafor@example.test"
