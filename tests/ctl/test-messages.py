#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-messages.py BUILD [TEST…]: what doorctl says when it cannot do what it was told. TAP on standard output."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
DOORCTL = BUILD / "core" / "ctl" / "doorctl"
CONFIG = """[doorward]
ExternalUrl=https://mdm.example.com
OrganizationName=Example
SupportEmail=it@example.com

[plugins]
Load=sqlite;saml

[listen]
TlsMode=proxy
Sockets={folder}/door.socket

[database]
Driver=sqlite
Path={folder}/doorward.db

[idp/inline]
Type=saml
EntityId=https://idp.example.com
SsoUrl=https://idp.example.com/sso
Certificates={folder}/idp.pem
"""


class Office:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "state").mkdir(mode=0o700)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-out",
                        self.folder / "idp.pem", "-days", "30", "-subj", "/CN=idp"], check=True, capture_output=True)
        self.configure("")
        with subprocess.Popen([BUILD / "core" / "doorward", *self.options()], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "RUNTIME_DIRECTORY": str(self.folder)}) as server:
            log = []
            for line in server.stdout:  # until its database is made
                log.append(line)
                if line.startswith("ready"):
                    break
            server.terminate()
            log.append(server.stdout.read())
        assert server.returncode == 0, log

    def options(self):
        return ("--dev", f"--config={self.folder}/doorward.conf", f"--state-dir={self.folder}/state",
                f"--plugin-dir={BUILD}/plugins")

    def configure(self, more):
        (self.folder / "doorward.conf").write_text(CONFIG.format(folder=self.folder) + more, encoding="utf-8")
        (self.folder / "doorward.conf").chmod(0o640)

    def run(self, *words, expect):
        done = subprocess.run([DOORCTL, *words, *self.options()], capture_output=True, text=True, timeout=60,
                              check=False)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done

    def refused(self, *words, expect=1):
        return self.run(*words, expect=expect).stderr


def test_a_name_that_is_not_there_leads_to_the_list(office):
    for words, step in ((("connection", "show", "nope"), "doorctl connection list"),
                        (("connection", "remove", "nope"), "doorctl connection list"),
                        (("declaration", "show", "nope"), "doorctl declaration list"),
                        (("declaration", "remove", "nope"), "doorctl declaration list")):
        said = office.refused(*words, expect=3)
        assert "nope" in said and step in said and "link" not in said, said
        fix = json.loads(office.run(*words, "--json", expect=3).stdout)["error"]["fix"]
        assert step in fix, fix


def test_a_file_that_cannot_be_read(office):
    for words in (("declaration", "set"), ("connection", "set-metadata", "inline"), ("idp", "set-metadata", "inline")):
        said = office.refused(*words, str(office.folder / "absent"), expect=3)
        assert "absent" in said and "No such file" in said and "list" not in said, said
        assert "Is a directory" in office.refused(*words, str(office.folder))


def test_doctor_says_what_the_start_would(office):
    (office.folder / "doorward.conf").chmod(0o644)
    found = json.loads(office.run("doctor", "--json", expect=4).stdout)["findings"]
    told = [finding for finding in found if finding["id"] == "config"]
    assert [finding["state"] for finding in told] == ["fail"] and "chmod 0640" in told[0]["text"], found
    assert "DW-CFG-PERMISSIONS" in told[0]["fix"], told
    (office.folder / "doorward.conf").chmod(0o640)


def test_bad_json_names_line_and_column(office):
    path = office.folder / "declaration.json"
    path.write_text('{"Type": "x",\n "Identifier": "a"\n "Payload": {}}', encoding="utf-8")
    said = office.refused("declaration", "set", str(path))
    assert "comma or } expected at line 3, column 2" in said, said


def test_a_key_without_a_name(office):
    assert '"=x" is not KEY=VALUE' in office.refused("connection", "add", "new", "=x", expect=64)


def test_options_that_change_nothing_together(office):
    for words, said in ((("--interactive", "--ca", "ca.pem"), "leave --interactive away"),
                        (("--offline", "--ca", "ca.pem"), "leave --offline away"),
                        (("--interactive", "--offline"), "give one of them")):
        assert said in office.refused("idp", "test", "inline", *words, expect=64), words


def test_metadata_that_stands_in_the_configuration(office):
    said = office.refused("idp", "refresh", "inline")
    assert "no MetadataUrl=" in said and "doorctl idp show inline" in said, said
    (office.folder / "metadata.xml").write_text("<x/>", encoding="utf-8")
    said = office.refused("idp", "set-metadata", "inline", str(office.folder / "metadata.xml"))
    assert "Certificates= stand in its place" in said and "MetadataUpload=true" in said, said


def test_an_empty_key(office):
    """A line is not to be removed that is needed."""
    page = office.folder / "terms.html"
    page.write_text("<p>Terms</p>", encoding="utf-8")
    for key, said, not_said in (("Version=", "it is required", "remove the line"),
                                ("Version=1\nReprompt=", "remove the line", "it is required")):
        office.configure(f"\n[eula/terms]\nFile={page}\n{key}\n")
        done = subprocess.run([DOORCTL, "config", "check", "--dev", f"--config={office.folder}/doorward.conf",
                               f"--plugin-dir={BUILD}/plugins"], capture_output=True, text=True, timeout=60, check=False)
        text = done.stdout + done.stderr
        assert done.returncode == 4 and said in text and not_said not in text, text
    office.configure("")


def test_an_empty_list_has_a_head_and_says_so(office):
    for words, head in ((("declaration", "list"), "DECLARATION"), (("device", "list"), "DEVICE"),
                        (("person", "list"), "PERSON"), (("admin", "list"), "EMAIL"), (("dep", "list"), "SERVER"),
                        (("enroll-link", "list"), "LINK"), (("eula", "list"), "DOCUMENT"), (("signin", "list"), "CODE"),
                        (("dep", "devices"), "SERIAL")):
        lines = office.run(*words, expect=0).stdout.splitlines()
        assert len(lines) == 2 and lines[0].startswith(head) and lines[1].startswith("(none; "), (words, lines)
        assert "none" not in office.run(*words, "--json", expect=0).stdout
    lines = office.run("idp", "list", expect=0).stdout.splitlines()
    assert len(lines) == 2 and lines[0].startswith("CONNECTION") and lines[1].startswith("inline"), lines


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(tap.run(sys.modules[__name__], Office(temporary)))
