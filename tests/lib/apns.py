# SPDX-License-Identifier: LGPL-2.1-or-later
"""Apple's push service as a mock beside the server, and the push certificates it takes."""

import json
import pathlib
import shutil
import subprocess
import threading
import time

import stage as stage_module

HOST = "apns.localhost"
SCRIPT = pathlib.Path(__file__).resolve().parent / "apns-server.mjs"
TOPIC = "com.apple.mgmt.External.0b1e2c3d-4f50-4a6b-8c7d-9e0f1a2b3c4d"
OTHER_TOPIC = "com.apple.mgmt.External.ffffffff-4f50-4a6b-8c7d-9e0f1a2b3c4d"
WAIT_S = 30


def find_missing():
    return [] if shutil.which("node") else ["nodejs"]


def make_push_ca(folder):
    """The authority of push certificates, in folder/push-ca.pem."""
    stage_module.run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                             f"{folder}/push-ca.key", "-out", f"{folder}/push-ca.pem", "-days", "2", "-subj",
                             "/CN=Mock Application Integration CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def certify(folder, name, request, topic=TOPIC, days=2):
    """What the portal does: a push certificate for the key of a request, in folder/NAME.pem."""
    stage_module.run_openssl("x509", "-req", "-in", str(request), "-CA", f"{folder}/push-ca.pem", "-CAkey",
                             f"{folder}/push-ca.key", "-CAcreateserial", "-days", str(days), "-subj",
                             f"/UID={topic}/CN=APSP:mock/C=US", "-out", f"{folder}/{name}.pem")
    return folder / f"{name}.pem"


def make_push_certificate(folder, name="push", topic=TOPIC, days=2):
    """The same with a key of its own, in folder/NAME.key."""
    if not (folder / "push-ca.pem").exists():
        make_push_ca(folder)
    stage_module.run_openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/{name}.key", "-out",
                             f"{folder}/{name}.csr", "-subj", "/CN=push")
    (folder / f"{name}.key").chmod(0o600)
    return certify(folder, name, folder / f"{name}.csr", topic, days), folder / f"{name}.key"


class Apns:
    """The running mock; a context manager. config() is what the server needs to find it."""

    def __init__(self, folder, quiet=False, streams=1000):
        self.folder, self.quiet, self.streams = pathlib.Path(folder), quiet, streams
        self.port = stage_module.free_port()
        self.process = None
        self.lines, self.lock = [], threading.Condition()

    def config(self):
        return f"PushServer={HOST}:{self.port}\nPushServerCa={self.folder}/ca.pem\n"

    def __enter__(self):
        if not (self.folder / "apns.pem").exists():
            stage_module.make_certificate(self.folder, "apns", HOST)
        if not (self.folder / "push-ca.pem").exists():
            make_push_ca(self.folder)
        (self.folder / "apns.json").write_text(json.dumps({
            "port": self.port, "certificate": f"{self.folder}/apns.pem", "key": f"{self.folder}/apns.key",
            "ca": f"{self.folder}/push-ca.pem", "quiet": self.quiet, "streams": self.streams}))
        self.start()
        return self

    def start(self):
        with open(self.folder / "apns.log", "ab") as log:
            self.process = subprocess.Popen(["node", str(SCRIPT), str(self.folder / "apns.json")], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.wait_for(lambda: "ready" in self.lines)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        with self.lock:
            self.lines = [line for line in self.lines if line != "ready"]

    def __exit__(self, *_):
        self.stop()

    def _read(self, stream):
        for line in stream:
            with self.lock:
                self.lines.append(json.loads(line))
                self.lock.notify_all()

    def wait_for(self, condition, wait_s=WAIT_S):
        with self.lock:
            assert self.lock.wait_for(condition, wait_s), self.lines[-10:]

    def say(self, **command):
        done = sum(line == {"done": True} for line in self.lines)
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        self.wait_for(lambda: sum(line == {"done": True} for line in self.lines) > done)

    def answer(self, rules=None, **everyone):
        """What is answered from now on: by token, and to everyone else."""
        self.say(rules={**(rules or {}), "*": everyone})

    def stats(self):
        self.say(stats=True)
        return [line for line in self.lines if isinstance(line, dict) and "stats" in line][-1]["stats"]

    def pushes(self, token=None):
        with self.lock:
            found = [line for line in self.lines if isinstance(line, dict) and "push" in line]
        return [line for line in found if token in (None, line["push"])]

    def wait_pushes(self, number, token=None, wait_s=WAIT_S):
        end = time.monotonic() + wait_s
        while len(self.pushes(token)) < number:
            assert time.monotonic() < end, f"{len(self.pushes(token))} of {number} pushes: {self.pushes(token)[-3:]}"
            time.sleep(0.05)
        return self.pushes(token)
