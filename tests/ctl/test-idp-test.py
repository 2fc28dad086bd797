#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-idp-test.py BUILD [TEST…]: doorctl idp test, against a provider of this file. TAP on standard output."""

import email.utils
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
DOORCTL = BUILD / "core" / "ctl" / "doorctl"
METADATA = (TESTS / "data" / "okta" / "metadata.xml").read_text(encoding="utf-8")
ENTITY = "http://www.okta.com/exk1a2b3c4d5e6f7g8h9"


class Provider(http.server.ThreadingHTTPServer):
    """Answers as it is told: status and text of the metadata, status of its page, and what time it is."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status, self.page, self.ahead_s = 200, 302, 0
        self.text = METADATA.replace("https://example.okta.com/app/example_doorward_1/exk1a2b3c4d5e6f7g8h9/sso/saml",
                                     self.url + "/sso")
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802: the name is given
        is_page = self.path.startswith("/sso")
        body = b"" if is_page else self.server.text.encode()
        self.send_response_only(self.server.page if is_page else self.server.status)
        if is_page and self.server.page == 302:
            self.send_header("Location", "https://elsewhere.example/")
        self.send_header("Date", email.utils.formatdate(time.time() + self.server.ahead_s, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # noqa: A002: the name is given
        pass


class Bench:
    """A configuration with one connection to the provider."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="idp-test-", dir=BUILD / "tests"))
        self.provider = Provider()

    def __enter__(self):
        self.configure(f"MetadataUrl={self.provider.url}/metadata")
        return self

    def __exit__(self, *reason):
        self.provider.shutdown()
        self.provider.server_close()
        shutil.rmtree(self.folder)

    def configure(self, keys):
        (self.folder / "doorward.conf").write_text(f"""[doorward]
ExternalUrl=http://mdm.localhost:8080
OrganizationName=Example Corp
SupportEmail=it@example.com
[plugins]
Load=sqlite;saml
[database]
Path={self.folder}/doorward.db
[idp/work]
Type=saml
{keys}
""", encoding="utf-8")
        (self.folder / "doorward.conf").chmod(0o600)

    def run(self, *words, expect=0, name="work"):
        done = subprocess.run([str(w) for w in (
            DOORCTL, "idp", "test", name, "--dev", f"--config={self.folder}/doorward.conf",
            f"--state-dir={self.folder}", f"--plugin-dir={BUILD / 'plugins'}", *words)],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def checks(self, *words, expect=0):
        answer = json.loads(self.run("--json", *words, expect=expect))
        return answer["state"], {check["check"]: check for check in answer["checks"]}


def test_good():
    with Bench() as bench:
        state, checks = bench.checks()
        assert state == "warn", checks  # nothing is stored yet, and there is no database
        assert checks["configuration"]["state"] == "ok" and checks["stored"]["state"] == "warn", checks
        for name, needle in (("metadata", ENTITY), ("certificate", "RSA"), ("entity id", ENTITY),
                             ("sign-in page", "answered 302"), ("clock", "ClockSkew= is 90 s")):
            assert checks[name]["state"] == "ok" and needle in checks[name]["text"], (name, checks)
        lines = bench.run().splitlines()
        assert lines[0].startswith("ok    configuration"), lines
        assert all(line.startswith(("ok ", "warn ", "fail ", "   ")) for line in lines), lines


def test_what_fails_says_the_next_step():
    with Bench() as bench:
        good = bench.provider.text
        for change, name, needle in (
                ({"status": 404}, "fetch", "answered 404"),
                ({"text": "<html/>"}, "fetch", "metadata"),
                ({"text": good.replace("entityID=", 'validUntil="2020-01-01T00:00:00Z" entityID=')}, "metadata",
                 "2020-01-01"),
                ({"ahead_s": 300}, "clock", "behind the provider"),
                ({"ahead_s": -300}, "clock", "before the provider")):
            for key, value in change.items():
                setattr(bench.provider, key, value)
            state, checks = bench.checks(expect=4)
            assert state == "fail" and checks[name]["state"] == "fail", (change, checks)
            assert needle in checks[name]["text"] and checks[name]["next"], (change, checks)
            bench.provider.status, bench.provider.text, bench.provider.ahead_s = 200, good, 0
        bench.provider.ahead_s = 60
        assert bench.checks()[1]["clock"]["state"] == "warn"
        bench.provider.ahead_s, bench.provider.page = 0, 503
        assert bench.checks()[1]["sign-in page"]["state"] == "warn"


def test_nobody_answers():
    with Bench() as bench:
        bench.provider.shutdown()
        bench.provider.server_close()
        state, checks = bench.checks(expect=4)
        assert state == "fail" and checks["fetch"]["state"] == "fail" and "sign-in page" not in checks, checks
        assert bench.checks("--offline")[0] == "warn"
        bench.provider = Provider()


def test_files():
    with Bench() as bench:
        file = bench.folder / "metadata.xml"
        file.write_text(bench.provider.text, encoding="utf-8")
        bench.configure(f"MetadataFile={file}")
        state, checks = bench.checks()
        assert state == "ok" and str(file) in checks["metadata"]["text"] and "fetch" not in checks, checks
        assert set(bench.checks("--offline")[1]) == {"configuration", "metadata", "certificate"}
        file.write_text("<html/>", encoding="utf-8")
        state, checks = bench.checks(expect=4)
        assert checks["metadata"]["state"] == "fail" and "HTML" in checks["metadata"]["text"], checks


def test_openid_connect():
    """Its document is fetched, and must be that of the issuer."""
    with Bench() as bench:
        bench.configure(f"Protocol=oidc\nIssuer=https://127.0.0.1:{bench.provider.server_port}\nClientId=x\n"
                        f"ClientSecret=file:{bench.folder}/secret")
        (bench.folder / "secret").write_text("secret", encoding="utf-8")
        (bench.folder / "secret").chmod(0o600)
        config = (bench.folder / "doorward.conf").read_text(encoding="utf-8")
        (bench.folder / "doorward.conf").write_text(
            config.replace("Type=saml", "Type=oidc").replace("Load=sqlite;saml", "Load=sqlite;oidc"), encoding="utf-8")
        state, checks = bench.checks(expect=4)
        assert checks["discovery"]["state"] == "fail" and checks["discovery"]["next"], checks
        assert "/.well-known/openid-configuration" in checks["discovery"]["text"], checks
        assert "metadata" not in checks and "stored" not in checks, checks
        offline = bench.checks("--offline")[1]
        assert "configuration" in offline and "discovery" not in offline, offline


def test_names():
    with Bench() as bench:
        bench.run(name="nobody", expect=3)
        bench.configure("MetadataUrl=https://x.example/m\nWantSigned=perhaps")
        state, checks = bench.checks("--offline", expect=4)
        assert checks["configuration"]["state"] == "fail" and "WantSigned" in checks["configuration"]["text"], checks


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
