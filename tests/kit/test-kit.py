#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kit for plugins outside this tree: what is installed, and plugins/README.md done to the letter.

The build is installed into a folder of the test, the files and commands of the tutorial are taken from its page, and
the installed server signs people in through what comes out.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import browser  # noqa: E402
import tap  # noqa: E402
from stage import Program, Stage  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
TUTORIAL = SOURCE / "plugins" / "README.md"
FILE_BLOCK = re.compile(r"^Write `([\w.-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
STEP = re.compile(FILE_BLOCK.pattern + r"|^```(sh|ini)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT_S = 120
# what the dynamic linker and the C library say
FOREIGN_MESSAGES = {"No such file or directory", "undefined symbol", "cannot open shared object file"}


def run(words, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=TIMEOUT_S, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def option(name):
    listed = subprocess.run(["meson", "introspect", "--buildoptions", str(BUILD)], capture_output=True, text=True,
                            check=True).stdout
    return next(o["value"] for o in json.loads(listed) if o["name"] == name)


class KitStage(Stage):
    """A stage whose server is the installed one, with the provider of the tutorial."""

    def __init__(self):
        super().__init__(BUILD, plugins="sqlite;campus")
        self.prefix = self.libdir = self.headers = self.plugindir = self.environment = None
        self.root = self.folder / "root"
        self.work = self.folder / "campus"
        self.idp_text = ""
        self.restarts = 0

    def install(self):
        run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.root])
        prefix = option("prefix")
        self.prefix = self.root / prefix.lstrip("/")
        self.libdir = self.prefix / option("libdir")
        self.headers = self.prefix / "include" / "doorward-1"
        config = self.libdir / "pkgconfig" / "doorward-1.pc"
        # it was built for another place than the one it is tried at
        text = config.read_text()
        assert text.count(f"prefix={prefix}\n") == 1, text
        config.write_text(text.replace(f"prefix={prefix}\n", f"prefix={self.prefix}\n"))
        self.environment = dict(
            os.environ, PKG_CONFIG_PATH=str(config.parent), PATH=f"{self.folder}/bin:{os.environ['PATH']}",
            LD_LIBRARY_PATH=f"{self.libdir}:{self.libdir}/doorward")
        self.plugindir = pathlib.Path(self.pkg_config("--variable=plugindir"))
        (self.folder / "bin").mkdir()
        self.work.mkdir()
        offline = self.offline_options()
        self.write_command("doorctl", f"""case $1 in
  config|plugin) exec {self.prefix}/bin/doorctl "$@" {shlex.join(offline)} ;;
  *) exec {self.prefix}/bin/doorctl "$@" {shlex.join(map(str, self.common_options()))} ;;
esac""")
        self.write_command("doorward-sim", f'exec {self.build}/tests/sim/doorward-sim "$@" --ca {self.folder}/ca.pem '
                           f"--profile-ca {self.folder}/state/scep-ca.pem")
        self.write_command("systemctl", f'echo "$@" >>{self.folder}/systemctl.calls')

    def write_command(self, name, script):
        """A command that stands for the installed one of that name, or for the service manager."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def offline_options(self):
        return ["--dev", "--file", str(self.folder / "doorward.conf"), "--plugin-dir", str(self.plugindir)]

    def pkg_config(self, *words):
        return run(["pkg-config", *words, "doorward-1"], env=self.environment).strip()

    def common_options(self):
        return ["--dev", "--config", self.folder / "doorward.conf", "--state-dir", self.folder / "state",
                "--plugin-dir", self.plugindir]

    def idp_group(self, name="dev"):
        return self.idp_text

    def start_server(self):
        (self.folder / "server.out").unlink(missing_ok=True)
        self.server = Program([self.prefix / "libexec/doorward", *self.common_options()], self.folder / "server.log",
                              dict(self.environment, RUNTIME_DIRECTORY=str(self.folder)))
        self.server.wait_ready()

    def doorctl(self, *words, expect=0):
        done = subprocess.run([self.folder / "bin/doorctl", *words], capture_output=True, text=True, timeout=60,
                              env=self.environment)
        assert expect is None or done.returncode == expect, (words, done)
        return done.stdout

    def local(self, text):
        """The names of the tutorial, as they are on this stage."""
        for name, here in (("https://mdm.example.com", self.url), ("https://login.campus.example", self.idp_url),
                           ("/etc/doorward/campus.pem", f"{self.folder}/idp.sign.pem")):
            text = text.replace(name, here)
        return text

    @contextlib.contextmanager
    def written(self, old, new):
        """Another provider in the configuration for as long as the block runs; the server does not know."""
        before = self.idp_text
        assert old in before
        self.idp_text = before.replace(old, new)
        try:
            self.write_config()
            yield
        finally:
            self.idp_text = before
            self.write_config()

    @contextlib.contextmanager
    def changed(self, old, new):
        """The same with a server that was started with it."""
        with self.written(old, new):
            self.restart()
            yield
        self.restart()

    def follow_service_manager(self):
        calls = self.folder / "systemctl.calls"
        if not calls.exists():
            return
        assert calls.read_text() == "restart doorward\n", calls.read_text()
        calls.unlink()
        if self.server is not None:
            self.server.stop()
        self.start_server()
        self.restarts += 1


def steps():
    """(file name or kind, text) of each block of the tutorial that is to be typed, in order."""
    for found in STEP.finditer(TUTORIAL.read_text()):
        yield (found[1], found[2]) if found[1] else (found[3], found[4])


def test_what_is_installed(kit):
    """The headers of core/api, each alone sufficient for a compiler that is asked for everything."""
    private = {"door-contract.h", "door-fault-private.h", "door-key-value.h", "door-owner.h", "door-protocol.h",
               "door-secret-file.h",
               "door-settings-private.h"}
    wanted = {path.name for path in (SOURCE / "core" / "api").glob("*.h")} - private | {"door-version.h"}
    assert {path.name for path in kit.headers.iterdir()} == wanted
    assert list(kit.headers.parent.iterdir()) == [kit.headers]
    flags = kit.pkg_config("--cflags").split()
    for header in kit.headers.iterdir():
        run(["cc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-Wstrict-prototypes", "-Wno-unused-parameter",
             "-fsyntax-only", "-include", header, "-x", "c", "/dev/null", *flags])


def test_pkg_config_knows_the_kit(kit):
    version = re.search(r"version: '([\d.]+)'", (SOURCE / "meson.build").read_text())[1]
    number = re.search(r"#define DOOR_PLUGIN_ABI (\d+)u", (kit.headers / "door-version.h").read_text())[1]
    assert kit.pkg_config("--modversion") == version
    assert kit.pkg_config("--variable=abi") == number
    assert kit.plugindir == kit.libdir / "doorward" / f"plugins-{number}" and kit.plugindir.is_dir()
    libraries = kit.pkg_config("--libs").split()
    assert "-ldoorward-1" in libraries and "-ldoorward-core" not in libraries, libraries
    assert "soup" not in kit.pkg_config("--print-requires") + kit.pkg_config("--print-requires-private")


def test_tutorial(kit):
    """Every file and every command of the page, in its order."""
    done = {"file": 0, "sh": 0, "ini": 0}
    for kind, text in steps():
        if kind == "sh":
            run(["bash", "-euo", "pipefail", "-c", kit.local(text)], cwd=kit.work, env=kit.environment)
            kit.follow_service_manager()
        elif kind == "ini":
            kit.idp_text = kit.local(text)
            kit.write_config()
        else:
            (kit.work / kind).write_text(text)
        done[kind if kind in done else "file"] += 1
    assert done["file"] == 5 and done["sh"] == 4 and done["ini"] == 1 and kit.restarts == 1, (done, kit.restarts)


def test_tutorial_ends_with_an_enrolled_device(kit):
    devices = kit.doorctl_json("device", "list")["devices"]
    assert [d["person"]["email"] for d in devices] == ["anna.chao@example.test"], devices
    person = kit.doorctl_json("person", "show", "anna.chao@example.test")
    assert [i["idp"] for i in person["identities"]] == ["campus"] and person["department"] == "Design", person


def test_module_is_what_the_page_says(kit):
    module = kit.plugindir / "libdoor-plugin-campus.so"
    assert [line.split()[-1] for line in run(["nm", "-D", "--defined-only", module]).splitlines()] == ["door_plugin"]
    calls = [line.split()[-1] for line in run(["nm", "-D", "--undefined-only", "--with-symbol-versions",
                                               module]).splitlines() if " door_" in line]
    assert len(calls) > 5 and all(name.endswith("@DOORWARD_1") for name in calls), calls
    tested = (kit.work / "build" / "meson-logs" / "testlog.txt").read_text()
    assert "ok 1 /campus/departments" in tested, tested


def test_server_knows_the_plugin(kit):
    listed = {p["name"]: p for p in kit.doorctl_json("plugin", "list")["plugins"]}
    campus = listed["campus"]
    assert campus["state"] == "loaded" and campus["brings"] == [{"kind": "idp", "type": "campus"}], campus
    assert campus["path"] == str(kit.plugindir / "libdoor-plugin-campus.so"), campus
    assert campus["abi"] == int(kit.pkg_config("--variable=abi")), campus
    shown = kit.doorctl_json("idp", "show", "campus")
    assert shown["where"] == "Service providers > Register", shown
    assert f"{kit.url}/saml/campus/acs" in kit.doorctl("idp", "show", "campus")


def test_its_decision_counts(kit):
    """Who is of another department is refused with the words of the plugin, and nobody else."""
    ben = {"user": "ben", "account": "ben.okafor@example.test"}
    report = kit.sim("--only-until", "profile", expect=1, **ben)
    told = kit.doorctl_json("explain", report["refusal"]["code"])
    assert told["fault"]["id"] == "DW-ID-NOTALLOWED", told
    assert 'department "Engineering" is not in Departments' in told["detail"], told
    assert len(kit.doorctl_json("device", "list")["devices"]) == 1
    with kit.changed("Departments=Design;Physics", "Departments=Engineering"):
        assert kit.sim(**ben)["outcome"] == "enrolled"


def test_its_parameter_is_sent(kit):
    page = browser.Browser(kit.folder / "ca.pem").get(
        kit.url + "/mdm/sso?" + urllib.parse.urlencode({"user-identifier": "anna.chao@example.test"}), follow=False)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(page.headers["Location"]).query)
    assert query["login_hint"] == ["anna.chao@example.test"], query


def test_its_keys_are_checked(kit):
    with kit.written("Departments=", "Departements="):
        problems = kit.doorctl("config", "check", expect=4)
        assert "Departements" in problems and "Departments" in problems, problems
    kit.doorctl("config", "check")


def test_messages_on_the_page_are_the_real_ones(kit):
    """The table of what goes wrong, against the source of what says it."""
    source = "".join((SOURCE / "core" / "plugin" / name).read_text()
                     for name in ("door-plugin-loader.c", "door-plugin-registry.c"))
    source = re.sub(r"\"\s*\n\s*\"", "", source).replace('\\"', "")
    table = TUTORIAL.read_text().split("\n## When it does not load\n")[1].split("\n## ")[0]
    messages = [m for line in table.splitlines() if line.startswith("| `")
                for m in re.findall(r"`([^`]+)`", line.split("|")[1])]
    assert len(messages) > 15, messages
    for message in set(messages) - FOREIGN_MESSAGES:
        # what stands for a name is a conversion in the source
        pattern = re.escape(message.replace('"', "")).replace("…", "%s").replace("idp", "%s")
        assert re.search(pattern, source), (message, pattern)


def main():
    kit = KitStage()
    failed = 1
    try:
        kit.prepare()
        kit.install()
        kit.write_config()
        kit.start_idp()
        failed = tap.run(sys.modules[__name__], kit)
    finally:
        kit.close(keep=failed != 0)
    return failed


if __name__ == "__main__":
    sys.exit(main())
