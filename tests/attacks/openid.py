# SPDX-License-Identifier: LGPL-2.1-or-later
"""An OpenID provider that answers what a row wants: tokens of every form, documents, and nothing on its own."""

import base64
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

CLIENT_ID = "doorward-client"
SECRET = "a-secret-of-the-client"
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


def encode(data):
    """base64url without padding; a text or a JSON value first becomes bytes."""
    if not isinstance(data, (bytes, str)):
        data = json.dumps(data)
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Jwk:
    """A key pair with a key id."""

    def __init__(self, kind, kid):
        self.kind, self.kid = kind, kid
        self.private = {"RSA": lambda: rsa.generate_private_key(65537, 2048),
                        "EC": lambda: ec.generate_private_key(ec.SECP256R1()),
                        "OKP": ed25519.Ed25519PrivateKey.generate}[kind]()

    def public(self):
        """The public key as it stands in a key set."""
        key = self.private.public_key()
        if self.kind == "RSA":
            numbers = key.public_numbers()
            fields = {"n": number(numbers.n), "e": number(numbers.e)}
        elif self.kind == "EC":
            numbers = key.public_numbers()
            fields = {"crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
        else:
            raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            fields = {"crv": "Ed25519", "x": encode(raw)}
        return dict(fields, kty=self.kind, kid=self.kid, use="sig")

    def pem(self):
        return self.private.public_key().public_bytes(serialization.Encoding.PEM,
                                                      serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, algorithm, data):
        if self.kind == "OKP":
            return self.private.sign(data)
        digest = HASHES[algorithm[2:]]()
        if self.kind == "EC":
            r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if algorithm.startswith("PS"):
            pad = padding.PSS(padding.MGF1(digest), digest.digest_size)
            return self.private.sign(data, pad, digest)
        return self.private.sign(data, padding.PKCS1v15(), digest)


def compact(header, claims, sign):
    """A token of a header, claims (or the text of them), and what signs both."""
    text = f"{encode(header)}.{encode(claims)}"
    return f"{text}.{encode(sign(text.encode()))}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        status, value = self.server.provider.respond(urllib.parse.urlsplit(self.path).path, body, self.headers)
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 302:
            self.send_header("Location", value["location"])
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class OidcProvider:
    """The provider; a context manager. What is put into .token, .userinfo and .variants is answered."""

    def __init__(self, host, certificate, key):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.provider = self
        self.server.handle_error = lambda *_: None  # who hangs up on what is too long
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://{host}:{self.server.server_port}"
        self.keys = {"RSA": Jwk("RSA", "r1"), "EC": Jwk("EC", "e1"), "OKP": Jwk("OKP", "o1")}
        self.stranger = Jwk("RSA", "r1")
        self.token = self.access_token = None
        self.userinfo = {}
        self.refresh_token = self.refreshed = None  # the second: answers one
        self.variants = {}
        self.requests = []
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def discovery(self):
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                "userinfo_endpoint": self.issuer + "/userinfo", "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256", "RS512", "PS256", "ES256", "EdDSA"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": True}

    def respond(self, path, body, headers):
        """Status and value of one request of the server's."""
        self.requests.append((path, body, dict(headers)))
        name = path.split("/")[1]
        if name in self.variants:
            found = self.variants[name].respond(self, path)
            if found is not None:
                return found
            path = path[len(name) + 1:]
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [key.public() for key in self.keys.values()]}
        presented = urllib.parse.parse_qs(body).get("refresh_token")
        if path == "/token" and presented:
            return self.refreshed(presented[0]) if self.refreshed else (400, {"error": "invalid_grant"})
        if path == "/token":
            self.access_token = secrets.token_urlsafe(16)
            further = {"refresh_token": self.refresh_token} if self.refresh_token else {}
            return 200, dict(further, access_token=self.access_token, token_type="Bearer", expires_in=300,
                             id_token=self.token)
        if path == "/userinfo":
            return 200, self.userinfo
        return 404, {}

    def claims(self, nonce, account="anna.chao@example.test"):
        """Right claims of a person."""
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT_ID, "sub": "subject-of-" + account, "nonce": nonce, "iat": now,
                "exp": now + 300, "email": account, "email_verified": True, "name": "Anna Chao"}

    def group(self, name, secret_file):
        return (f"[idp/{name}]\nType=oidc\nDisplayName={name}\nIssuer={self.issuer}\nClientId={CLIENT_ID}\n"
                f"ClientSecret=file:{secret_file}\nEmailDomains=example.test\n\n")
