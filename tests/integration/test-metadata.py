#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Metadata that is put in or fetched, a provider that changes its key, and what doorctl doctor says of it."""

import http.server
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import IDP_HOST, Stage, run_openssl  # noqa: E402

PATIENCE_S = 30


class MetadataStage(Stage):
    """A stage whose provider is known by its metadata alone; source: the key that says where from."""

    def __init__(self, build, source):
        super().__init__(build)
        self.source = source

    def idp_group(self, name="dev"):
        return f"[idp/{name}]\nType=saml\nDisplayName=Dev IdP\n{self.source}\n"

    def metadata(self):
        """What the provider publishes."""
        return self.request("GET", "/metadata", host=IDP_HOST, port=self.idp_port)[2].decode()

    def put(self, *words, text, expect=0):
        """doorctl idp set-metadata dev - with this text at its standard input."""
        done = subprocess.run([str(w) for w in (self.build / "core/ctl/doorctl", "idp", "set-metadata", "dev", "-", *words,
                                                *self.common_options())],
                              input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def begins(self):
        """Whether somebody can begin to sign in."""
        return self.request("GET", "/mdm/sso/start?idp=dev")[0] == 303

    def reload(self):
        self.server.process.send_signal(signal.SIGHUP)


class Provider:
    """Publishes a text by plain HTTP, and counts how often it was asked for."""

    def __init__(self):
        provider = self
        self.count, self.text = 0, ""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.count += 1
                document = provider.text.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/metadata"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.server.shutdown()
        self.server.server_close()


def wait_for(what, condition):
    until(what, condition, PATIENCE_S)


def with_other_key(stage, text, name):
    """The same metadata with a certificate that nobody signs with."""
    run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{stage.folder}/{name}.key", "-out",
                f"{stage.folder}/{name}.pem", "-days", "10", "-subj", f"/CN={name}")
    pem = (stage.folder / f"{name}.pem").read_text()
    base64 = "".join(pem.splitlines()[1:-1])
    changed, count = re.subn(r"(?s)(X509Certificate>)[^<]+(<)", rf"\g<1>{base64}\g<2>", text)
    assert count == 1, text
    return changed


def stored(stage):
    """The metadata in the database."""
    with sqlite3.connect(stage.folder / "state/doorward.db") as database:
        return database.execute("SELECT xml FROM connection_metadata WHERE connection = 'dev'").fetchone()[0]


def finding(report, name):
    return next(line for line in report["findings"] if line["id"] == name)


def test_metadata_is_put_in(build):
    with MetadataStage(build, "MetadataUpload=true") as stage:
        assert not stage.begins()
        report = stage.doorctl_json("doctor", expect=4)
        assert report["state"] == "fail", report
        assert finding(report, "metadata/dev")["state"] == "fail", report
        assert finding(report, "metadata/dev")["fix"] == "doorctl idp set-metadata dev FILE", report
        assert finding(report, "database")["state"] == finding(report, "config")["state"] == "ok", report

        document = stage.metadata()
        assert "HTML" in stage.put(text="<html></html>", expect=1)
        assert f"metadata of {stage.idp_url}/metadata is stored" in stage.put(text=document)
        stage.reload()
        wait_for("the metadata in the running server", stage.begins)
        stage.sim()
        assert "the entity id changed" in stage.put(
            text=document.replace(f'entityID="{stage.idp_url}/metadata"', 'entityID="urn:other"'), expect=1)
        stage.sim()

        stage.server.stop()
        report = stage.doorctl_json("doctor")
        assert finding(report, "metadata/dev")["state"] == "ok", report
        assert "[ok  ] metadata/dev: stored 0 hours ago" in stage.doorctl("doctor")
        soon = with_other_key(stage, document, "soon")
        stage.put(text=soon)
        line = finding(stage.doorctl_json("doctor"), "certificate/dev")
        assert line["state"] == "warn" and "in 9 days" in line["text"], line
        stage.put(text=document)
        stage.start_server()
        assert stage.begins()


def test_a_provider_changes_its_key(build):
    with Provider() as provider, MetadataStage(build, f"MetadataUrl={provider.url}") as stage:
        document = stage.metadata()
        provider.text = with_other_key(stage, document, "before")
        stage.doorctl("idp", "refresh", "dev")
        stage.reload()
        wait_for("the first metadata", stage.begins)
        provider.text = document
        count = provider.count
        report = stage.sim(expect=None)
        assert "DW-SAML-SIGNATURE" in stage.log(), report
        wait_for("another look at the metadata", lambda: provider.count == count + 1)
        wait_for("the new document", lambda: stored(stage) == document)
        stage.sim()
        assert provider.count == count + 1, provider.count


def test_refresh_refuses(build):
    with MetadataStage(build, "MetadataUpload=true") as stage:
        stage.doorctl("idp", "refresh", "dev", expect=1)
        stage.doorctl("idp", "refresh", "nobody", expect=3)
        stage.doorctl("idp", "set-metadata", "dev", "/nonexistent.xml", expect=3)


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__], sys.argv[1]))
