# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the identity provider of the npm package oidc-provider: a second opinion on OpenID Connect that is not ours."""

import json
import os
import pathlib
import shutil
import signal
import subprocess

import stage as stage_module

HOST = "login.localhost"
FOLDER = pathlib.Path(__file__).resolve().parent / "npm"
SECRET = "a secret with a space & more"
# One client, so one connection, for each algorithm.
CLIENTS = {"campus": "RS256", "pss": "PS256", "elliptic": "ES256", "edwards": "EdDSA"}
# Two more, for devices that come to the provider themselves: with access tokens that say nothing, and with JWTs.
DEVICES = {"opaque": {}, "jwt": {"resource": "https://mdm.example.test/", "claims": ["email", "name"]}}
DEVICE_REDIRECT = "apple-remotemanagement-user-login:/oauth2/redirection"
# One more, for administrators: it proves itself by a key, and its sessions are asked about.
KEYED = "keyed"


def find_missing():
    """What has to be there before this can run."""
    missing = [] if shutil.which("node") else ["nodejs"]
    if (FOLDER / "node_modules" / "oidc-provider").is_dir():
        return missing
    return [*missing, "oidc-provider (npm ci in tests/lib/npm)"]


class OidcProvider:
    """The running provider; a context manager. Its server gets what stage.environment and groups() say."""

    def __init__(self, stage, users):
        """users: {name: {"password": ..., "claims": {...}}}."""
        self.stage, self.users = stage, users
        self.folder = stage.folder / "oidc"
        self.port = stage_module.free_port()
        self.issuer = f"https://{HOST}:{self.port}"
        self.process = None

    def prepare(self):
        self.folder.mkdir(exist_ok=True)
        stage_module.make_certificate(self.stage.folder, "login", HOST)
        secret = self.folder / "secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        self.stage.environment.update(LD_PRELOAD=str(self.stage.build / "tests/integration/libtrust-ca.so"),
                                      TRUST_CA=str(self.stage.folder / "ca.pem"))
        settings = {"host": HOST, "port": self.port, "tls_certificate": f"{self.stage.folder}/login.pem",
                    "tls_key": f"{self.stage.folder}/login.key", "users": self.users,
                    "algorithms": sorted(set(CLIENTS.values())),
                    "devices": {f"doorward-{name}": dict(more, redirect_uri=DEVICE_REDIRECT)
                                for name, more in DEVICES.items()},
                    "clients": [self._client(name, algorithm) for name, algorithm in CLIENTS.items()] +
                    [self._client(name, "ES256", grant_types=["authorization_code", "refresh_token"])
                     for name in DEVICES] + [self._keyed()]}
        (self.folder / "settings.json").write_text(json.dumps(settings, indent=1))

    def _client(self, name, algorithm, **more):
        return dict({"client_id": f"doorward-{name}", "client_secret": SECRET, "id_token_signed_response_alg": algorithm,
                     "redirect_uris": [f"{self.stage.url}/oidc/{name}/callback"],
                     "post_logout_redirect_uris": [f"{self.stage.url}/oidc/{name}/logout"]}, **more)

    def _keyed(self):
        return {"client_id": f"doorward-{KEYED}", "token_endpoint_auth_method": "private_key_jwt",
                "jwks_uri": f"{self.stage.url}/oidc/{KEYED}/jwks.json",
                "grant_types": ["authorization_code", "refresh_token"],
                "redirect_uris": [f"{self.stage.url}/oidc/{KEYED}/callback"]}

    def __enter__(self):
        # in a session of its own, so that Ctrl+C is for whoever started it; its stdin ends with whoever that is
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["node", str(FOLDER / "oidc-idp.mjs"), str(self.folder / "settings.json")],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                            start_new_session=True,
                                            env=dict(os.environ, NODE_EXTRA_CA_CERTS=str(self.stage.folder / "ca.pem")))
        try:
            self._wait_for("ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(stage_module.STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _signal(self, ending):
        """To its whole session; one that has ended has nobody left to tell."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, ending)

    def _wait_for(self, word):
        for line in self.process.stdout:  # it has warnings as well
            if line.split()[:1] == [word]:
                return
        raise stage_module.StageError(f"oidc-provider said no {word}:\n{(self.folder / 'log').read_text()}")

    def rotate(self):
        """From here on it signs with keys that nobody has seen yet, and publishes no others."""
        self.process.send_signal(signal.SIGHUP)
        self._wait_for("keys")

    def revoke(self):
        """Takes back what everybody was granted, as when an account is closed."""
        self.process.send_signal(signal.SIGUSR2)
        self._wait_for("revoked")

    def count(self, grant_type):
        """How often tokens were given for such a grant since the start."""
        return (self.folder / "log").read_text().split().count(grant_type)

    def groups(self):
        """The connections' groups for the configuration."""
        keyed = (f"[idp/{KEYED}]\nType=oidc\nIssuer={self.issuer}\nClientId=doorward-{KEYED}\n"
                 "ClientAuth=private_key_jwt\nUserInfo=true\nUse=admin\nLivenessCheck=1s\n\n")
        return keyed + "".join(self.group(name) for name in CLIENTS)

    def group(self, name):
        return (f"[idp/{name}]\nType=oidc\nDisplayName={name}\nIssuer={self.issuer}\n"
                f"ClientId=doorward-{name}\nClientSecret=file:{self.folder}/secret\nUserInfo=true\n"
                "Use=enrollment;admin\nSingleLogout=true\n\n")

    def device_groups(self):
        """The same for those that devices are sent to."""
        how = {"opaque": "UserInfo=true\nLivenessCheck=1h\n", "jwt": f"AccessTokens=jwt\nAccessTokenAudience={DEVICES['jwt']['resource']}\n"}
        return "".join(f"[idp/{name}]\nType=oidc\nIssuer={self.issuer}\nClientId=doorward-{name}\n"
                       f"ClientSecret=file:{self.folder}/secret\n{how[name]}\n" for name in DEVICES)
