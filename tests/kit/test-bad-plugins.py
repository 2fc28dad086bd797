#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugins that are wrong, on the real server: it does not start and says what to do, or goes on without the object."""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import tap  # noqa: E402
from stage import Stage  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
MODULES = BUILD / "tests" / "core" / "plugin"
START_TIMEOUT_S = 60
E_MACHINE_OFFSET, EM_68K = 18, 4
NOBODY = 65534


def file_name(plugin):
    return f"libdoor-plugin-{plugin}.so"


class PluginStage(Stage):
    """A stage with a folder of plugins of its own; nothing runs until a test starts it."""

    def __init__(self):
        super().__init__(BUILD)
        self.plugins_folder = self.folder / "plugins"

    def prepare(self):
        super().prepare()
        self.plugins_folder.mkdir(mode=0o755)
        for name in ("sqlite", "saml"):
            self.add(name, BUILD / "plugins" / name / file_name(name))

    def add(self, name, source=None):
        """A copy with modes as they should be; gives its path."""
        path = self.plugins_folder / file_name(name)
        shutil.copyfile(source or MODULES / file_name(name), path)
        path.chmod(0o755)
        return path

    def common_options(self):
        return ["--dev", "--config", self.folder / "doorward.conf", "--state-dir", self.folder / "state",
                "--plugin-dir", self.plugins_folder]

    def load(self, *names):
        self.plugins = ";".join(("sqlite", "saml", *names))
        self.write_config()

    def offline(self, *words):
        """doorctl without a server; gives the exit status and what it printed."""
        done = subprocess.run([BUILD / "core/ctl/doorctl", *words, "--file", self.folder / "doorward.conf",
                               "--plugin-dir", self.plugins_folder], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def fail_to_start(self):
        """What the server says instead of starting."""
        done = subprocess.run([str(w) for w in (BUILD / "core/doorward", *self.common_options())],
                              capture_output=True, text=True, timeout=START_TIMEOUT_S,
                              env=dict(os.environ, RUNTIME_DIRECTORY=str(self.folder)))
        assert done.returncode == 1, done
        assert "ready" not in done.stdout, done
        assert list((self.folder / "state").iterdir()) == [], "it has made something before it knew"
        return done.stderr


def refused(stage, name, *needles, before=()):
    """The start ends with the plugin, its file, reason and next step; doorctl says the same and goes on."""
    stage.load(*before, name)
    said = stage.fail_to_start()
    start = next(line for line in said.splitlines() if line.startswith("doorward: cannot start: "))
    assert start.startswith(f"doorward: cannot start: plugin {name}: "), said
    assert f"{stage.plugins_folder}" in start, said
    for needle in needles:
        assert needle in start, (needle, said)
    assert "; " in start.removeprefix(f"doorward: cannot start: plugin {name}: "), start
    assert "  DW-CFG-PLUGIN: " in said, said
    status, listed = stage.offline("plugin", "list")
    row = next(line for line in listed.splitlines() if line.split()[:2] == [name, "failed"])
    assert status == 4 and all(needle in row for needle in needles), listed
    assert any(line.split()[:2] == ["sqlite", "loaded"] for line in listed.splitlines()), listed
    status, checked = stage.offline("config", "check")
    assert status == 4 and all(needle in checked for needle in needles), checked


def test_good_ones_start(stage):
    """What the other cases change is what stops them."""
    stage.load("double")
    stage.add("double")
    stage.start_server()
    stage.server.stop()
    stage.server = None
    shutil.rmtree(stage.folder / "state")
    (stage.folder / "state").mkdir(mode=0o700)


def test_descriptor_that_does_not_fit(stage):
    for name, needle in (("abi", "was built for the plugin ABI 4, this is 3; install"), ("size", "; build it again"),
                         ("symbol", "has no symbol door_plugin; write DOOR_DEFINE_PLUGIN"),
                         ("name", 'calls itself "somebody-else"; name'), ("null", "registers nothing; give")):
        stage.add(name)
        refused(stage, name, needle)


def test_registration_that_fails(stage):
    step = "; correct the plugin, or take it out of [plugins] Load"
    stage.add("double")
    for name, needle in (("fails", "the moon is full"), ("silent", "without a reason"), ("both", "the moon is new"),
                         ("nothing", "it registers nothing"), ("twice", 'the plugin twice has the idp "bad" already'),
                         ("interface", "does not implement DoorDirectory"),
                         ("functions", "does not implement map_claims"), ("keys-twice", "the key Tenant stands twice")):
        stage.add(name)
        refused(stage, name, needle, step)
    for name, needle in (("duplicate", 'the plugin double has the idp "double" already'), ("class", "has no class")):
        stage.add(name)
        refused(stage, name, needle, step, before=["double"])


def test_file_that_is_no_module(stage):
    good = (MODULES / file_name("double")).read_bytes()
    for name, content, needle in (
            ("text", b"#!/bin/sh\nexit 0\n", "is not a shared object; build or install"),
            ("empty", b"", "is not a shared object; build or install"),
            ("half", good[:2048], "is not complete; build or install"),
            ("foreign", good[:E_MACHINE_OFFSET] + struct.pack("=H", EM_68K) + good[E_MACHINE_OFFSET + 2:],
             "was built for another kind of processor; install"),
            ("needs", good.replace(b"libdoorward-1.so.0", b"libdoorward-9.so.0"),
             "libdoorward-9.so.0: cannot open shared object file")):
        path = stage.plugins_folder / file_name(name)
        path.write_bytes(content)
        path.chmod(0o755)
        refused(stage, name, needle)
    stage.add("unresolved")
    refused(stage, "unresolved", "undefined symbol: door_function_of_the_future; build it against this version")
    refused(stage, "absent", "No such file or directory; install the plugin, or take it out")


def test_file_others_could_change(stage):
    stage.add("double").chmod(0o757)
    refused(stage, "double", "may be written by others; run: chmod go-w ")
    path = stage.add("double")
    stage.plugins_folder.chmod(0o777)
    stage.load("double")
    # the folder is the same for every plugin, so the first one is refused
    assert f"{stage.plugins_folder} may be written by others; run: chmod go-w" in stage.fail_to_start()
    stage.plugins_folder.chmod(0o755)
    path.unlink()
    outside = stage.folder / "outside.so"
    shutil.copy(MODULES / file_name("double"), outside)
    path.symlink_to(outside)
    refused(stage, "double", "is a symbolic link; put in its place")
    path.unlink()
    stage.add("double")


def test_file_of_somebody_else(stage):
    if os.geteuid() != 0:
        raise tap.Skip("giving a file away takes root")
    os.chown(stage.add("double"), NOBODY, NOBODY)
    refused(stage, "double", "belongs to another user; run: chown root ")
    stage.add("double").unlink()
    stage.add("double")


def test_two_of_one_name(stage):
    stage.add("double")
    stage.load("double", "double")
    said = stage.fail_to_start()
    assert "plugin double: it stands twice in [plugins] Load; remove one" in said, said
    twin = stage.plugins_folder / "double"
    twin.mkdir(mode=0o755)
    shutil.copy(MODULES / file_name("double"), twin)
    refused(stage, "double", "there are two, ", "; remove one")
    shutil.rmtree(twin)


def test_directory_that_breaks_its_contract_stops_the_start(stage):
    """Nobody would meet it while signing in, so it would stay unnoticed."""
    stage.add("faulty")
    stage.extra = "[directory/people]\nType=faulty\n"
    stage.load("faulty")
    said = stage.fail_to_start()
    stage.extra = ""
    assert re.search(r"doorward: cannot start: \S+:\d+: \[directory/people\]", said), said
    assert "DoorDirectory.configure failed without an error" in said, said


def test_provider_that_breaks_its_contract_is_switched_off(stage):
    """The others go on, and nobody can sign in through it."""
    types = {"faulty-configure": "Realm is nowhere", "faulty-silent": "DoorIdp.configure failed without an error",
             "faulty-both": "Realm is elsewhere", "faulty-profile": "FaultyIdp has no profile; its author"}
    stage.add("faulty")
    stage.load("faulty")
    stage.extra = "\n".join(stage.idp_group(name).replace("Type=saml", f"Type={name}") for name in types)
    stage.write_config()
    stage.start_idp()
    stage.start_server()
    for name, reason in types.items():
        line = next(line for line in stage.log().splitlines() if f"[idp/{name}]" in line)
        assert reason in line and "is switched off" in line, line
        status, checked = stage.offline("config", "check")
        assert status == 4 and reason in checked, checked
    # one provider is left, so there is nothing to choose
    assert stage.sim()["outcome"] == "enrolled"


def test_decision_that_breaks_its_contract_is_a_refusal(stage):
    with stage.configured(replace={"Type=saml": "Type=faulty-claims"}):
        report = stage.sim("--only-until", "profile", expect=1)
        told = stage.doorctl_json("explain", report["refusal"]["code"])
        assert told["fault"]["id"] == "DW-INT-ERROR", told
        assert "DoorIdp.map_claims failed without an error" in told["detail"], told
        assert stage.server.process.poll() is None
    assert stage.sim()["outcome"] == "enrolled"


def main():
    stage = PluginStage()
    failed = 1
    try:
        stage.prepare()
        failed = tap.run(sys.modules[__name__], stage)
    finally:
        stage.close(keep=failed != 0)
    return failed


if __name__ == "__main__":
    sys.exit(main())
