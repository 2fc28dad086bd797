# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device moved by hand: own keys, messages signed with openssl(1), and requests sent one by one."""

import base64
import pathlib
import plistlib
import re
import subprocess
import urllib.parse
import uuid

import browser
import scep

ENROLL_PATH = "/mdm/apple/account_driven_enroll"
MDM_PATH = "/mdm/apple/mdm"
CHECKIN_TYPE = "application/x-apple-aspen-mdm-checkin"
COMMAND_TYPE = "application/x-apple-aspen-mdm"
TOKEN_URL = "apple-remotemanagement-user-login://authentication-results?access-token="


def openssl(*words, data=None):
    """Runs openssl(1); returns what it prints."""
    done = subprocess.run(["openssl", *(str(word) for word in words)], input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def plist(**values):
    return plistlib.dumps(values)


class Device:
    """One device of one person; what it has got so far is in its attributes."""

    def __init__(self, stage, name, account="anna.chao@example.test", user="anna", enrollment_id=None):
        self.stage, self.account, self.user = stage, account, user
        self.folder = pathlib.Path(stage.folder) / f"device-{name}"
        self.folder.mkdir()
        self.browser = browser.Browser(stage.folder / "ca.pem")
        self.enrollment_id = enrollment_id or str(uuid.uuid4()).upper()
        self.key, self.certificate = self.folder / "identity.key", self.folder / "identity.pem"
        self.token = self.profile = None
        # what devices sign their description with says nothing about which one it is, so all share one
        self.device_key, self.device_certificate = stage.folder / "device.key", stage.folder / "device.pem"
        if not self.device_key.exists():
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.device_key, "-out",
                    self.device_certificate, "-days", "2", "-subj", "/CN=Simulated device identity")
        self.machine_info = self.sign_machine_info(
            plist(LANGUAGE="en", PRODUCT="iPhone12,1", VERSION="22C161"))

    def sign_machine_info(self, content):
        return openssl("cms", "-sign", "-binary", "-nodetach", "-md", "sha1", "-outform", "DER", "-signer",
                       self.device_certificate, "-inkey", self.device_key, data=content)

    def sign(self, body, key=None, certificate=None):
        """Mdm-Signature of a body, in the form of real devices: SHA-1, no signed attributes."""
        return base64.b64encode(openssl(
            "cms", "-sign", "-binary", "-noattr", "-md", "sha1", "-outform", "DER", "-signer",
            certificate or self.certificate, "-inkey", key or self.key, data=body)).decode()

    def url(self, path):
        return self.stage.url + path

    def post_machine_info(self, path=ENROLL_PATH, token=None, headers=None, body=None):
        headers = dict({"Accept": "*/*", "User-Agent": "DeviceManagementClient/1.0",
                        "Content-Type": "application/pkcs7-signature"}, **(headers or {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.browser.request("POST", self.url(path), body or self.machine_info, headers)

    def start(self, path=ENROLL_PATH, follow=True):
        """POST without token, then the page the 401 names; gives the identity provider's first page.

        follow: whether to go there; else the redirect to it is given."""
        reply = self.post_machine_info(path)
        challenge = re.search(r'url="([^"]+)"', reply.headers["WWW-Authenticate"])[1]
        mark = "&" if "?" in challenge else "?"
        return self.browser.get(challenge + mark + urllib.parse.urlencode({"user-identifier": self.account}), follow)

    def read_token(self, reply):
        """Keeps the access token of a 308."""
        location = reply.headers.get("Location", "")
        if reply.status != 308 or not location.startswith(TOKEN_URL):
            raise RuntimeError(f"no access token but {reply.status}:\n{reply.body.decode()[:800]}")
        self.token = location[len(TOKEN_URL):]
        return self.token

    def answer_with(self, fault, path=ENROLL_PATH):
        """A broken answer of the development identity provider, in the session of an earlier sign-in."""
        address = self.start(path, follow=False).headers["Location"]
        return self.browser.submit(self.browser.get(f"{address}&fault={fault}"))

    def sign_in(self, path=ENROLL_PATH):
        answer = self.browser.sign_in(self.start(path), self.user)
        return self.read_token(self.browser.submit(answer))

    def fetch_profile(self, path=ENROLL_PATH):
        reply = self.post_machine_info(path, self.token)
        if reply.status != 200:
            raise RuntimeError(f"no profile but {reply.status}: {reply.body.decode()[:300]}")
        self.profile = plistlib.loads(openssl("cms", "-verify", "-noverify", "-binary", "-inform", "DER",
                                              data=reply.body))
        return reply

    def payload(self, kind):
        return next(p for p in self.profile["PayloadContent"] if p["PayloadType"] == kind)

    @property
    def challenge(self):
        return self.payload("com.apple.security.scep")["PayloadContent"]["Challenge"]

    @property
    def topic(self):
        return self.payload("com.apple.mdm")["Topic"]

    def scep_client(self, name="identity"):
        return scep.Client(self.folder, name, self.stage.folder / "state" / "scep-ca.pem")

    def post_scep(self, message):
        return self.browser.request("POST", self.url("/mdm/apple/scep?operation=PKIOperation"), message,
                                    {"Content-Type": "application/x-pki-message"})

    def get_certificate(self):
        client = self.scep_client()
        reply = self.post_scep(client.build(self.challenge))
        return client.read(reply.body)

    def put(self, body, kind=CHECKIN_TYPE, token="own", signature="own", headers=None, query=""):
        """A check-in or report; token and signature may be replaced, None leaves them out."""
        every = {"Accept": "*/*", "User-Agent": "MDM/1.0", "Content-Type": kind, "Cache-Control": "no-cache"}
        token = self.token if token == "own" else token
        signature = self.sign(body) if signature == "own" else signature
        if token:
            every["Authorization"] = f"Bearer {token}"
        if signature:
            every["Mdm-Signature"] = signature
        return self.browser.request("PUT", self.url(MDM_PATH + query), body, dict(every, **(headers or {})))

    def authenticate_body(self, **more):
        return plist(**dict({"BuildVersion": "22C161", "EnrollmentID": self.enrollment_id, "MessageType":
                             "Authenticate", "OSVersion": "18.2.1", "ProductName": "iPhone12,1", "Topic": self.topic},
                            **more))

    def token_update_body(self, **more):
        return plist(**dict({"AwaitingConfiguration": False, "EnrollmentID": self.enrollment_id, "MessageType":
                             "TokenUpdate", "PushMagic": "7B8A04B0-E9B8-4BB3-8A85-4FD5FA1F70E9", "Token": bytes(32),
                             "Topic": self.topic}, **more))

    def check_out_body(self):
        return plist(EnrollmentID=self.enrollment_id, MessageType="CheckOut", Topic=self.topic)

    def idle_body(self, **more):
        return plist(**dict({"EnrollmentID": self.enrollment_id, "Status": "Idle"}, **more))

    def poll(self, **options):
        return self.put(self.idle_body(), COMMAND_TYPE, **options)

    def prepare(self, path=ENROLL_PATH):
        """Everything up to the identity certificate."""
        self.sign_in(path)
        self.fetch_profile(path)
        self.get_certificate()
        return self

    def enroll(self, path=ENROLL_PATH):
        """The whole way."""
        self.prepare(path)
        for body in (self.authenticate_body(), self.token_update_body()):
            reply = self.put(body)
            if reply.status != 200:
                raise RuntimeError(f"check-in ended with {reply.status}: {reply.body.decode()[:300]}")
        return self
