# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the identity provider of the npm package samlp, in the shapes of providers that cannot be had for a test.

A shape is what their answers have in common with each other and not with the next: issuer, form of the NameID, names
of the claims, which part is signed, and how their metadata looks.
"""

import json
import pathlib
import shutil
import subprocess

import stage as stage_module

HOST = "login.localhost"
FOLDER = pathlib.Path(__file__).resolve().parent / "npm"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
AES256_CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
AES256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
WS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MS = "http://schemas.microsoft.com/identity/claims/"
OWN = "http://schemas.goauthentik.io/2021/02/saml/"
TENANT = "11111111-2222-4333-8444-555555555555"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"


def find_missing():
    """What has to be there before this can run."""
    missing = [] if shutil.which("node") else ["nodejs"]
    return missing if (FOLDER / "node_modules" / "samlp").is_dir() else [*missing, "samlp (npm ci in tests/lib/npm)"]


class Shape:
    """One provider: name is also that of its plugin, more are lines of its group in the configuration."""

    def __init__(self, name, issuer, name_id, attributes, more="", **options):
        self.name, self.issuer, self.name_id, self.attributes = name, issuer, name_id, attributes
        self.more, self.options = more, options
        self.plugin = options.pop("plugin", name)

    def user(self, account, full_name):
        given, _, family = full_name.partition(" ")
        values = {"account": account, "name": full_name, "given": given, "family": family,
                  "user": account.partition("@")[0]}

        def fill(value):
            return [fill(each) for each in value] if isinstance(value, list) else value.format(**values)

        return {"name_id": fill(self.name_id), "attributes": {n: fill(v) for n, v in self.attributes.items()}}


SHAPES = [
    Shape("okta", "http://www.okta.com/exk1a2b3c4d5e6f7g8h9", "{account}",
          {"email": "{account}", "firstName": "{given}", "lastName": "{family}", "name": "{name}",
           "groups": ["Everyone", "mac-users"]},
          "Encryption=true", nameIdentifierFormat=UNSPECIFIED, signResponse=True, signatureNamespacePrefix="ds",
          typedAttributes=True),
    Shape("entra", f"https://sts.windows.net/{TENANT}/", "{account}",
          {MS + "tenantid": TENANT, MS + "objectidentifier": "99999999-8888-4777-8666-{user}", WS + "name": "{account}",
           MS + "displayname": "{name}", WS + "givenname": "{given}", WS + "surname": "{family}",
           WS + "emailaddress": "{account}", MS + "identityprovider": f"https://sts.windows.net/{TENANT}/",
           "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups": [
               "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"]},
          f"Tenant={TENANT}\nEncryption=true", nameIdentifierFormat=EMAIL, includeAttributeNameFormat=False,
          encryptionAlgorithm=AES256_CBC, disallowEncryptionWithInsecureAlgorithm=False),
    Shape("google", "https://accounts.google.com/o/saml2?idpid=C0example1", "{account}", {},
          "HostedDomain=example.test", nameIdentifierFormat=UNSPECIFIED, signResponse=True, signAssertion=False),
    Shape("authentik", "authentik", "{account}",
          {WS + "upn": "{account}", WS + "name": "{name}", WS + "emailaddress": "{account}", OWN + "username": "{user}",
           OWN + "uid": "0123456789abcdef-{user}", "http://schemas.xmlsoap.org/claims/Group": ["staff", "mac-users"]},
          nameIdentifierFormat=PERSISTENT, includeAttributeNameFormat=False),
    # an old connector: SHA-1, which has to be allowed, and attributes by their numbers
    Shape("old", "https://app.old.example.test/saml/metadata/1", "{account}",
          {"urn:oid:0.9.2342.19200300.100.1.3": "{account}", "urn:oid:2.5.4.42": "{given}", "urn:oid:2.5.4.4": "{family}"},
          "AllowSha1=true", plugin="saml", nameIdentifierFormat=EMAIL, signatureAlgorithm="rsa-sha1",
          digestAlgorithm="sha1"),
]


class Samlp:
    """The running provider of all shapes; a context manager. Write the metadata files before the server starts."""

    def __init__(self, stage, users, shapes=None):
        """users: {name: (password, account, full name)}."""
        self.stage, self.users = stage, users
        self.shapes = list(SHAPES if shapes is None else shapes)
        self.folder = stage.folder / "samlp"
        self.process = None
        self.port = 0

    def prepare(self):
        self.folder.mkdir(exist_ok=True)
        stage_module.make_certificate(self.stage.folder, "login", HOST)
        for shape in self.shapes:
            stage_module.run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                                     f"{self.folder}/{shape.name}.key", "-out", f"{self.folder}/{shape.name}.pem",
                                     "-days", "2", "-subj", f"/CN={shape.name}")
        settings = {"tls_certificate": f"{self.stage.folder}/login.pem", "tls_key": f"{self.stage.folder}/login.key",
                    "shapes": {shape.name: self._settings(shape) for shape in self.shapes}}
        (self.folder / "settings.json").write_text(json.dumps(settings, indent=1))

    def _settings(self, shape):
        return {"issuer": shape.issuer, "key": f"{self.folder}/{shape.name}.key", "options": shape.options,
                "certificate": f"{self.folder}/{shape.name}.pem",
                "sp_signing": f"{self.folder}/{shape.name}.sp.pem",
                "sp_encryption": f"{self.folder}/{shape.name}.enc.pem",
                "sp_encryption_key": f"{self.folder}/{shape.name}.enc.key.pem",
                "acs_urls": [f"{self.stage.url}/saml/{shape.name}/acs"],
                "users": {name: dict(shape.user(account, full_name), password=password)
                          for name, (password, account, full_name) in self.users.items()}}

    def __enter__(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["node", str(FOLDER / "samlp-idp.js"), str(self.folder / "settings.json")],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        words = self.process.stdout.readline().split()
        if words[:1] != ["ready"]:
            self.__exit__()
            raise stage_module.StageError(f"samlp did not start:\n{(self.folder / 'log').read_text()}")
        self.port = int(words[1])
        for shape in self.shapes:
            self.metadata_file(shape).write_text(self.metadata(shape))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(stage_module.STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def metadata_file(self, shape):
        return self.folder / f"{shape.name}.xml"

    def metadata(self, shape):
        """Metadata as this shape has it: for one signing key, Redirect and POST."""
        pem = (self.folder / f"{shape.name}.pem").read_text()
        certificate = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
        url = f"https://{HOST}:{self.port}/{shape.name}/sso"
        services = "".join(f'<SingleSignOnService Binding="{BINDING}{binding}" Location="{url}"/>'
                           for binding in ("HTTP-Redirect", "HTTP-POST"))
        return (f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{shape.issuer}">'
                f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}"><KeyDescriptor use="signing">'
                '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
                f"{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>{services}"
                "</IDPSSODescriptor></EntityDescriptor>")

    def groups(self):
        """The providers' groups for the configuration."""
        return "".join(f"[idp/{shape.name}]\nType={shape.plugin}\nDisplayName={shape.name}\n"
                       f"MetadataFile={self.metadata_file(shape)}\nUse=enrollment;admin\n{shape.more}\n\n" for shape in self.shapes)
