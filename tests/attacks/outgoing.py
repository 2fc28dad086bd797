# SPDX-License-Identifier: LGPL-2.1-or-later
"""Outgoing requests: addresses that would make the server knock at doors of its own network.

Development mode allows loopback, so these rows have a server in the form it has in production, with the plugins where
an installed one looks for them: in namespaces of its own, from which no packet leaves.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import provider
import stage as stage_module
from patience import until
from table import NotHere, Watch, Wrong, attack, begin, control

SSRF = "CVE-2024-46947, CVE-2024-47190 (Mender)"
NOT_PUBLIC = "is not a public address"
WAIT_S = 30
# mounts the plugins where they would be installed, and gives the namespace a loopback interface that is up
ENTER = """set -e
mount -t tmpfs none "$1"; mkdir -p "$2"; cp "$3"/plugins/*/*.so "$2"; shift 3
python3 -c 'import fcntl, socket, struct
fcntl.ioctl (socket.socket (), 0x8914, struct.pack ("16sh", b"lo", 0x49))'
exec "$@"
"""
LIB = pathlib.Path(__file__).resolve().parent.parent / "lib"
# a browser that has a live request at the connection "resolver"
CARRY = """import sys, urllib.parse
sys.path.insert(0, sys.argv[1])
import browser
person = browser.Browser(sys.argv[2])
begun = person.request("GET", sys.argv[3] + "/mdm/sso/start?idp=resolver")
state = urllib.parse.parse_qs(urllib.parse.urlsplit(begun.headers["Location"]).query)["RelayState"][0]
query = urllib.parse.urlencode({"SAMLart": sys.argv[4], "RelayState": state})
print(person.request("GET", sys.argv[3] + "/saml/resolver/acs?" + query).code)
"""
RESOLVER = ('<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" index="0"'
            ' Location="https://127.0.0.1:9/artifact"/>')
ROWS = []


class Guarded:
    """A server without --dev, whose connections all fetch their metadata; started once for all rows."""

    def __init__(self, build):
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            raise NotHere("needs root and unshare, for namespaces")
        self.stage = on = stage_module.Stage(build, idp=False)
        on.replace = {f";[::1]:{on.port}": ""}
        on.extra = ("[apple]\nTopic=com.apple.mgmt.External.01234567-89ab-4cde-8f01-23456789abcd\n"
                    "SigningCertificate={stage.folder}/server.pem\nSigningKey=file:{stage.folder}/server.key\n\n" +
                    "".join(f"[idp/s{number}]\nType=saml\nMetadataUrl={url}\n{more}\n\n"
                            for number, (url, more) in enumerate(ROWS)) +
                    "[idp/resolver]\nType=saml\nMetadataFile={stage.folder}/resolver.xml\nResponseBinding=artifact\n"
                    "SignRequests=false\n\n")
        on.prepare()
        self.resolver = provider.Provider("resolver", provider.Key(on.folder, "resolver"))
        (on.folder / "resolver.xml").write_text(provider.metadata(self.resolver, sso=RESOLVER + provider.sso_service(
            "https://resolver.idp.example.test/sso")))
        variables = {name: subprocess.run(
            ["pkg-config", f"--variable={name}", str(on.build / "meson-private" / "doorward-1.pc")], check=True,
            capture_output=True, text=True).stdout.strip() for name in ("plugindir", "prefix")}
        on.server = stage_module.Program(
            ["unshare", "--net", "--mount", "sh", "-c", ENTER, "sh", variables["prefix"] + "/lib",
             variables["plugindir"], on.build, on.build / "core/doorward", "--config", on.folder / "doorward.conf",
             "--state-dir", on.folder / "state"], on.folder / "server.log",
            dict(os.environ, RUNTIME_DIRECTORY=str(on.folder)))
        try:
            on.server.wait_ready()
        except stage_module.StageError:
            text = on.log()
            on.close()
            if "unshare:" in text or "mount:" in text:
                raise NotHere("namespaces cannot be made here") from None
            raise

    def carry(self, artifact):
        """Begins a sign-in from inside of the namespaces and brings an artifact; gives the code on the page."""
        done = subprocess.run(
            ["nsenter", f"--target={self.stage.server.process.pid}", "--net", sys.executable, "-c", CARRY, LIB,
             self.stage.folder / "ca.pem", self.stage.url, artifact], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def said(self, number):
        """What the server says about the metadata of a row's connection."""
        def find():
            return [line for line in self.stage.log().splitlines()
                    if f"idp/s{number}: " in line or f"[idp/s{number}] " in line]

        return until("the server says something about it", find, WAIT_S, pause_s=0.02, error=Wrong)[0]


def fetched(title, url, wanted=NOT_PUBLIC, more="", source=SSRF):
    """A row: an address of metadata, and what the server says instead of calling there."""
    number = len(ROWS)
    ROWS.append((url, more))

    def perform(play):
        line = play.guarded().said(number)
        if not any(word in line for word in (wanted if isinstance(wanted, tuple) else (wanted,))):
            raise Wrong(f"the server says: {line[:400]}")
        if Watch(play.guarded().stage).query("SELECT count(*) FROM connection_metadata") != [(0,)]:
            raise Wrong("metadata was stored")
        return None, 0.0
    (control if more else lambda t, **o: attack(t, source, "not called", **o))(title, plays=True, judged=True)(perform)


begin("outgoing requests")
# nobody listens there: that it tries is what the other rows must not do
fetched("AllowPrivateAddress=true: loopback is called", "https://127.0.0.1:9/metadata", "refused",
        "AllowPrivateAddress=true")
for place in ("127.0.0.1:9", "[::1]:9", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1",
              "169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[fe80::1]", "[fd00::1]", "[ff02::1]", "[::]",
              "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"):
    fetched(f"metadata at {place}", f"https://{place}/latest/meta-data/")
for place in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1"):
    fetched(f"metadata at {place}, another spelling of loopback", f"https://{place}/", (NOT_PUBLIC, "Error resolving"))
fetched("metadata at a name that leads to loopback", "https://localhost:9/")
fetched("metadata at a name below localhost", "https://idp.localhost:9/")
fetched("metadata without TLS", "http://127.0.0.1:9/", "not an https address")
for address in ("file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:25/", "https://user:pw@127.0.0.1/",
                "https://127.0.0.1/#x", "javascript:alert(1)"):
    fetched(f"metadata at {address}", address, "MetadataUrl")


@attack("an artifact resolution service at loopback", SSRF, "not called", plays=True, judged=True)
def resolver(play):
    on = play.guarded()
    source = hashlib.sha1(on.resolver.entity_id.encode()).digest()
    code = on.carry(provider.b64(b"\0\4\0\0" + source + bytes(20)))
    fault, detail = Watch(on.stage).fault(code)
    if fault != "DW-SAML-ARTPROVIDER" or NOT_PUBLIC not in detail:
        raise Wrong(f"the record says: {fault} {detail}")
    return None, 0.0
