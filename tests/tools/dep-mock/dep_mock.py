#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Apple's service for device assignment as its documentation describes it: signed sessions, pages with cursors,
changes, profiles. It can also be throttled, slow, out of terms, or lie. For tests; no part of the server."""

import argparse
import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

TOKEN = {"consumer_key": "CK_48dd68d198350f51258e885ce9a5c37a", "consumer_secret": "CS_7c4d86941763d98c612327a0d85b113f",
         "access_token": "AT_927696831c59ba510cfe4ec1a69e5267", "access_secret": "AS_b8529a906af7bef92f7ceb1fe4bfc3f6"}
CURSOR_DAYS = 7
OAUTH_SKEW_S = 300
ENDINGS = (signal.SIGINT, signal.SIGTERM)


def stamp(at=None):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def make_device(number, family="Mac"):
    return {"serial_number": f"C{number:011d}", "model": f"{family} model", "description": f"{family} number {number}",
            "color": "GRAY", "asset_tag": "", "os": "OSX" if family == "Mac" else "iOS", "device_family": family,
            "profile_status": "empty", "device_assigned_date": stamp(), "device_assigned_by": "ada@example.test"}


def encode(text):
    return urllib.parse.quote(text, safe="-._~")


class Refusal(Exception):
    def __init__(self, status, code="", headers=None, bare=False):
        super().__init__(code)
        self.status, self.headers = status, headers or {}
        self.body = (code if bare else json.dumps(code)).encode() if code else b""


class Apple:
    """The state of the service; its address is url once it is started."""

    def __init__(self, n_devices=0, page=1000, session_calls=10**9):
        self.lock = threading.RLock()
        self.devices = collections.OrderedDict()
        for number in range(n_devices):
            device = make_device(number)
            self.devices[device["serial_number"]] = device
        self.changes = []  # each with op_type and op_date
        self.page, self.session_calls = page, session_calls
        self.sessions, self.nonces, self.cursors = {}, set(), {}
        self.profiles, self.statuses, self.retry_after = {}, {}, 30
        self.calls = collections.Counter()
        self.next = collections.defaultdict(list)  # path: what is answered in place of the truth
        self.lies = {}  # path: function of the true answer
        self.slow_s, self.server_uuid, self.discovery = 0, str(uuid.uuid4()), None
        self.discovery_code, self.asked = None, {}
        self.url = self.server = None

    # what an organization does at Apple

    def change(self, op_type, device, at=None):
        """A change that the next sync hears of."""
        with self.lock:
            if op_type == "deleted":
                self.devices.pop(device["serial_number"], None)
            else:
                self.devices[device["serial_number"]] = device
            self.changes.append(dict(device, op_type=op_type, op_date=at or stamp()))

    def expire_cursors(self):
        with self.lock:
            for cursor in self.cursors.values():
                cursor["made"] -= (CURSOR_DAYS + 1) * 86400

    def profile_of(self, serial):
        return self.devices[serial].get("profile_uuid")

    # the service

    def check_oauth(self, header, method, url):
        if not header.startswith("OAuth "):
            raise Refusal(400, "INVALID_AUTHORIZATION_HEADER")
        sent = {}
        for part in header[6:].split(","):
            name, _, value = part.strip().partition("=")
            sent[name] = urllib.parse.unquote(value.strip('"'))
        signature = sent.pop("oauth_signature", "")
        sent.pop("realm", None)
        if sent.get("oauth_consumer_key") != TOKEN["consumer_key"] or sent.get("oauth_token") != TOKEN["access_token"]:
            raise Refusal(401, "UNAUTHORIZED")
        if sent.get("oauth_signature_method") != "HMAC-SHA1" or sent.get("oauth_version", "1.0") != "1.0":
            raise Refusal(400, "UNSUPPORTED_SIGNATURE_METHOD")
        if abs(int(sent["oauth_timestamp"]) - time.time()) > OAUTH_SKEW_S or sent["oauth_nonce"] in self.nonces:
            raise Refusal(403, "FORBIDDEN")
        self.nonces.add(sent["oauth_nonce"])
        params = "&".join(sorted(f"{encode(k)}={encode(v)}" for k, v in sent.items()))
        base = "&".join([method, encode(url), encode(params)])
        key = f"{encode(TOKEN['consumer_secret'])}&{encode(TOKEN['access_secret'])}"
        good = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        if not hmac.compare_digest(good, signature):
            raise Refusal(401, "UNAUTHORIZED")

    def session(self, headers, path):
        self.check_oauth(headers.get("Authorization", ""), "GET", self.url + path)
        return {"auth_session_token": self.new_session()}

    def new_session(self):
        token = uuid.uuid4().hex + uuid.uuid4().hex
        self.sessions[token] = self.session_calls
        return token

    def take_session(self, headers):
        """Each answer carries the session that is to be used next."""
        token = headers.get("X-ADM-Auth-Session", "")
        left = self.sessions.pop(token, 0)
        if left <= 0:
            raise Refusal(403, "FORBIDDEN") if token else Refusal(401, "UNAUTHORIZED")
        following = uuid.uuid4().hex
        self.sessions[following] = left - 1
        self.sessions[token] = 1 if left > 1 else 0  # the one before is good for a repeat
        return following

    def keep_cursor(self, kind, at, snapshot=None):
        token = base64.b64encode(f"{kind}:{at}:{uuid.uuid4().hex}".encode()).decode()
        self.cursors[token] = {"kind": kind, "at": at, "snapshot": snapshot, "made": time.time(),
                               "changes": len(self.changes)}
        return token

    def find_cursor(self, token):
        cursor = self.cursors.get(token)
        if cursor is None:
            raise Refusal(400, "INVALID_CURSOR")
        if time.time() - cursor["made"] > CURSOR_DAYS * 86400:
            raise Refusal(400, "EXPIRED_CURSOR")
        return cursor

    def fetch(self, question):
        cursor = self.find_cursor(question["cursor"]) if "cursor" in question else None
        if cursor is not None and cursor["kind"] != "fetch":
            raise Refusal(400, "EXHAUSTED_CURSOR")
        snapshot = cursor["snapshot"] if cursor else list(self.devices)
        at, begun = (cursor["at"], cursor["changes"]) if cursor else (0, len(self.changes))
        limit = min(question.get("limit", 100), self.page)
        part = [dict(self.devices[s]) for s in snapshot[at:at + limit] if s in self.devices]
        more = at + limit < len(snapshot)
        token = self.keep_cursor("fetch" if more else "sync", at + limit if more else begun, snapshot if more else None)
        self.cursors[token]["changes"] = begun
        return {"devices": part, "cursor": token, "fetched_until": stamp(), "more_to_follow": more}

    def sync(self, question):
        if "cursor" not in question:
            raise Refusal(400, "CURSOR_REQUIRED")
        cursor = self.find_cursor(question["cursor"])
        if cursor["kind"] != "sync":
            raise Refusal(400, "INVALID_CURSOR")
        limit = min(question.get("limit", 100), self.page)
        part = self.changes[cursor["at"]:cursor["at"] + limit]
        following = cursor["at"] + len(part)
        return {"devices": part, "cursor": self.keep_cursor("sync", following), "fetched_until": stamp(),
                "more_to_follow": following < len(self.changes)}

    def define(self, question):
        if not question.get("url", "").startswith("https://"):
            raise Refusal(400, "CONFIG_URL_REQUIRED")
        if not question.get("profile_name"):
            raise Refusal(400, "CONFIG_NAME_REQUIRED")
        name = uuid.uuid4().hex.upper()
        self.profiles[name] = question
        return {"profile_uuid": name, "devices": {}}

    def assign(self, question):
        if question.get("profile_uuid") not in self.profiles:
            raise Refusal(404, "NOT_FOUND")
        answer = {"profile_uuid": question["profile_uuid"], "devices": {}}
        for serial in question["devices"]:
            status = self.statuses.get(serial, "SUCCESS" if serial in self.devices else "NOT_ACCESSIBLE")
            answer["devices"][serial] = status
            if status == "SUCCESS":
                self.devices[serial].update(profile_uuid=question["profile_uuid"], profile_status="assigned")
            if status == "THROTTLED":
                answer["retry_after_seconds"] = self.retry_after
        return answer

    def unassign(self, question):
        answer = {"devices": {}}
        for serial in question["devices"]:
            status = self.statuses.get(serial, "SUCCESS" if serial in self.devices else "NOT_ACCESSIBLE")
            answer["devices"][serial] = status
            if status == "SUCCESS":
                self.devices[serial].pop("profile_uuid", None)
                self.devices[serial]["profile_status"] = "removed"
        return answer

    def account(self, _question):
        limit = {"default": 1000, "maximum": 5000}
        return {"server_name": "Doorward", "server_uuid": self.server_uuid, "admin_id": "ada@example.test",
                "org_name": "Example Corp", "org_email": "it@example.test", "org_phone": "", "org_address": "",
                "urls": [{"uri": "/server/devices", "http_method": ["POST"], "limit": limit}]}

    def set_discovery(self, question):
        if self.discovery_code:
            raise Refusal(400, self.discovery_code)
        if "mdm_service_discovery_url" not in question:
            raise Refusal(400, "MDM_SERVICE_DISCOVERY_URL_REQUIRED")
        self.discovery = question["mdm_service_discovery_url"]
        return {}

    def remove_discovery(self, _question):
        if self.discovery_code:
            raise Refusal(400, self.discovery_code)
        if self.discovery is None:
            raise Refusal(404, "NOT_FOUND")
        self.discovery = None
        return {}

    def answer(self, method, path, headers, body):
        """Status, headers, body."""
        routes = {("GET", "/account"): self.account, ("POST", "/server/devices"): self.fetch,
                  ("POST", "/devices/sync"): self.sync, ("POST", "/profile"): self.define,
                  ("PUT", "/profile/devices"): self.assign, ("DELETE", "/profile/devices"): self.unassign,
                  ("POST", "/account-driven-enrollment/profile"): self.set_discovery,
                  ("DELETE", "/account-driven-enrollment/profile"): self.remove_discovery}
        more = {}
        with self.lock:
            self.calls[path] += 1
            try:
                if not headers.get("User-Agent"):
                    raise Refusal(400, "USER_AGENT_MISSING")
                if self.next[path]:
                    raise self.next[path].pop(0)
                if (method, path) == ("GET", "/session"):
                    reply = self.session(headers, path)
                else:
                    if not headers.get("X-Server-Protocol-Version", "").isdigit():
                        raise Refusal(400, "MALFORMED_REQUEST_HEADER")
                    if not headers.get("Content-Type", "").lower().startswith("application/json"):
                        raise Refusal(400, "UNSUPPORTED_CONTENT_TYPE")
                    more["X-ADM-Auth-Session"] = self.take_session(headers)
                    if (method, path) not in routes:
                        raise Refusal(404, "NOT_FOUND")
                    self.asked = json.loads(body) if body else {}
                    reply = routes[method, path](self.asked)
                if path in self.lies:
                    reply = self.lies[path](reply)
            except Refusal as refusal:
                return refusal.status, dict(more, **refusal.headers), refusal.body
        return 200, more, reply if isinstance(reply, bytes) else json.dumps(reply).encode()

    def start(self, port=0):
        apple = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                time.sleep(apple.slow_s)
                status, headers, answer = apple.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json;charset=UTF8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_words):
                pass  # a client that was killed

        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __enter__(self):
        return self.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __exit__(self, *_reason):
        self.close()


def make_token(certificate, target, folder, expires=None, changed=None):
    """The server token that Apple would give for a certificate: a mail, encrypted."""
    token = dict(TOKEN, access_token_expiry=stamp(expires or time.time() + 365 * 86400), **(changed or {}))
    clear = pathlib.Path(folder) / "token.txt"
    clear.write_text("Content-Type: text/plain;charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n"
                     f"-----BEGIN MESSAGE-----\n{json.dumps(token)}\n-----END MESSAGE-----\n")
    subprocess.run(["openssl", "smime", "-encrypt", "-aes-256-cbc", "-in", clear, "-out", target, certificate], check=True)
    clear.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token-for", metavar="CERTIFICATE", help="also write token.p7m for it")
    words = parser.parse_args()
    if words.token_for:
        make_token(words.token_for, "token.p7m", ".")
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # of the threads too; one that comes early is not lost
    with contextlib.closing(Apple(words.devices).start(words.port)) as apple:
        print(apple.url, flush=True)
        signal.sigwait(ENDINGS)


if __name__ == "__main__":
    main()
