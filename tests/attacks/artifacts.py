# SPDX-License-Identifier: LGPL-2.1-or-later
"""Artifacts: handles that anybody may carry, and answers that the server fetches because a browser says so."""

import copy
import hashlib
import http.server
import secrets
import ssl
import threading
import time
import urllib.parse

import openid
from provider import SAML, SAMLP, SUCCESS, Provider, as_bytes, b64, metadata, new_id, parse, sign, stamp
from table import ACCEPTED, Wrong, attack, begin, control

NAME = "handled"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BINDINGS = "SAML bindings 3.6, profiles 5"
SOMOROVSKY = "Somorovsky et al., USENIX Security 2012"
ANSWER, ARTIFACT, USED, AWAY = "DW-SAML-ARTANSWER", "DW-SAML-ARTIFACT", "DW-SAML-ARTUSED", "DW-SAML-ARTPROVIDER"
INDEX = 3


class _Server(http.server.ThreadingHTTPServer):

    def handle_error(self, *_):
        """Whoever asks hangs up where an answer is too large; what else goes wrong shows in the row."""


class Service:
    """An artifact resolution service; a context manager. What .make gives for a question is answered."""

    def __init__(self, host, certificate, key):
        self.server = _Server(("127.0.0.1", 0), openid._Handler)
        self.server.provider = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://{host}:{self.server.server_port}/artifact"
        self.make = None
        self.asked = 0
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def respond(self, _path, body, _headers):
        """Status and bytes for one question of the server's, which is always signed."""
        self.asked += 1
        question = parse(body.encode()).find(f".//{{{SAMLP}}}ArtifactResolve")
        if question.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is None:
            return 403, b"not signed"
        made = self.make(question)
        return made if isinstance(made, tuple) else (200, as_bytes(made))


def make_provider(keys):
    """A provider of artifacts, as the server knows it."""
    return Provider(NAME, keys["corp"])


def group(folder, provider, service):
    """How it stands in the configuration: its service is known by its metadata alone."""
    resolver = ('<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP"'
                f' index="{INDEX}" Location="{service.url}"/>')
    sso = f"https://{provider.name}.idp.example.test/sso"
    (folder / "handled.xml").write_text(metadata(provider, sso=resolver + (
        f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>')))
    return (f"[idp/{NAME}]\nType=saml\nMetadataFile={folder}/handled.xml\nEmailDomains=example.test\n"
            "ResponseBinding=artifact\nSignRequests=false\n\n")


def make_artifact(entity_id, index=INDEX, handle=None):
    source = hashlib.sha1(entity_id.encode()).digest()
    return b64(b"\0\4" + index.to_bytes(2, "big") + source + (handle or secrets.token_bytes(20)))


def wrap(message, question, **form):
    """A good answer with a message in it. Of form: issuer, in_response_to, status, body, header, key."""
    answer = parse(
        f'<samlp:ArtifactResponse xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"'
        f' IssueInstant="{stamp()}" InResponseTo="{form.get("in_response_to", question.get("ID"))}">'
        f'<saml:Issuer>{form.get("issuer", message.provider.entity_id)}</saml:Issuer><samlp:Status><samlp:StatusCode'
        f' Value="{form.get("status", SUCCESS)}"/></samlp:Status></samlp:ArtifactResponse>')
    for each in form.get("messages", [message.root]):
        answer.append(copy.deepcopy(each))
    if "key" in form:
        sign(answer, form["key"])
    return f'<s:Envelope xmlns:s="{SOAP}">{form.get("header", "")}<s:Body>'.encode() + as_bytes(answer) + (
        b"</s:Body></s:Envelope>")


def bring(play, message, artifact=None, person=None, relay_state=None, make=None):
    """Carries an artifact to the server, whose question is answered by make; gives the reply and its seconds."""
    play.stage.resolver.make = make or (lambda question: wrap(message, question))
    query = {"SAMLart": artifact or make_artifact(message.provider.entity_id),
             "RelayState": relay_state if relay_state is not None else message.request.relay_state}
    begun = time.monotonic()
    reply = (person or message.person).request("GET", f"{message.request.acs_url}?{urllib.parse.urlencode(query)}")
    return reply, time.monotonic() - begun


def unasked(perform):
    """A row in which the provider must not be asked."""
    def watched(play):
        before = play.stage.resolver.asked
        result = perform(play)
        if play.stage.resolver.asked != before:
            raise Wrong("the provider was asked")
        return result
    return watched


def answered(title, source, fault, **options):
    """A row that decides what the service answers: it gets the play, a signed message and the question."""
    def add(make):
        def perform(play):
            message = play.message(NAME).signed()
            return bring(play, message, make=lambda question: make(play, message, question))
        options.setdefault("uses_up", ("replay",))
        return attack(title, source, fault, plays=True, **options)(perform)
    return add


begin("artifacts")


@control("an artifact, its answer signed inside and around", plays=True)
def good(play):
    m = play.message(NAME).signed()
    return bring(play, m, make=lambda question: wrap(m, question, key=m.key))


@attack("a stolen artifact in another browser", "login CSRF; " + BINDINGS, "DW-FLOW-COOKIE", plays=True)
@unasked
def stolen(play):
    thief, _ = play.begin(NAME)
    return bring(play, play.message(NAME).signed(), person=thief)


@attack("a stolen artifact in a browser without a cookie", "login CSRF; " + BINDINGS, "DW-FLOW-COOKIE", plays=True)
@unasked
def stolen_bare(play):
    return bring(play, play.message(NAME).signed(), person=play.person())


@attack("a stolen artifact in another sign-in, after it was used", BINDINGS, USED, plays=True)
def replayed(play):
    first, second = play.message(NAME).signed(), play.message(NAME).signed()
    artifact = make_artifact(first.provider.entity_id)
    reply, _ = bring(play, first, artifact)
    if reply.status != ACCEPTED:
        raise Wrong(f"the sign-in before it was refused with {reply.status}")
    play.baseline = play.watch.counts()
    return unasked(lambda on: bring(on, second, artifact))(play)


@attack("the same artifact in the same browser, after it was used", BINDINGS, "DW-FLOW-SPENT", plays=True)
def repeated(play):
    m = play.message(NAME).signed()
    artifact = make_artifact(m.provider.entity_id)
    reply, _ = bring(play, m, artifact)
    if reply.status != ACCEPTED:
        raise Wrong(f"the sign-in before it was refused with {reply.status}")
    play.baseline = play.watch.counts()
    return unasked(lambda on: bring(on, m, artifact))(play)


@attack("a fourth artifact for one request", "brute force", USED, plays=True)
def fourth(play):
    m = play.message(NAME).signed()
    for _ in range(3):
        bring(play, m, make=lambda question: (404, b""))
    play.baseline = play.watch.counts()
    return unasked(lambda on: bring(on, m))(play)


@attack("an artifact of another provider", "mix-up; RFC 9700 4.4", ARTIFACT, plays=True)
@unasked
def of_another(play):
    return bring(play, play.message(NAME).signed(), make_artifact(play.providers["other"].entity_id))


@attack("an artifact at a connection that does not ask for them", "mix-up; SSRF", ARTIFACT, plays=True)
@unasked
def not_wanted(play):
    m = play.message("corp").signed()
    return bring(play, m, make_artifact(m.provider.entity_id))


@attack("an artifact for a service that the metadata does not name", BINDINGS, "DW-SAML-ARTINDEX", plays=True)
@unasked
def other_index(play):
    m = play.message(NAME).signed()
    return bring(play, m, make_artifact(m.provider.entity_id, INDEX + 1))


@attack("an artifact nobody asked for", "login CSRF; " + BINDINGS, "DW-FLOW-UNKNOWN", plays=True)
@unasked
def unsolicited(play):
    return bring(play, play.message(NAME).signed(), relay_state="")


@attack("an artifact with a line break in it", "two spellings of one handle", ARTIFACT, plays=True)
@unasked
def spelled(play):
    m = play.message(NAME).signed()
    artifact = make_artifact(m.provider.entity_id)
    return bring(play, m, artifact[:20] + "\n" + artifact[20:])


@answered("a Response to another request", BINDINGS, "DW-FLOW-UNKNOWN")
def other_request(play, m, question):
    other = play.make(m.person, play.begin(NAME)[1], NAME).signed()
    for each in (m, other):
        other.root.set("Destination", m.request.acs_url)
    return wrap(other, question)


@answered("an unsigned Response in a signed ArtifactResponse", SOMOROVSKY, "DW-SAML-UNSIGNED")
def covered_by_the_envelope(play, m, question):
    plain = play.make(m.person, m.request, NAME)
    return wrap(plain, question, key=m.key)


@answered("a Response of a stranger in a signed ArtifactResponse", SOMOROVSKY, "DW-SAML-SIGNATURE")
def strangers_response(play, m, question):
    forged = play.make(m.person, m.request, NAME).signed(key=m.stranger)
    return wrap(forged, question, key=m.key)


@answered("an ArtifactResponse signed by a stranger", SOMOROVSKY, ANSWER)
def strangers_envelope(play, m, question):
    return wrap(m, question, key=m.stranger)


@answered("an ArtifactResponse to another question", "replay", ANSWER, reason="ArtifactResolve")
def other_question(play, m, question):
    return wrap(m, question, in_response_to=new_id())


@answered("an ArtifactResponse of another provider", "mix-up", ANSWER, reason="Issuer")
def other_issuer(play, m, question):
    return wrap(m, question, issuer=play.providers["other"].entity_id)


@answered("two Responses, the forged one first", SOMOROVSKY, ANSWER, reason="exactly one Response")
def two(play, m, question):
    return wrap(m, question, messages=[m.forged(m.root), m.root])


@answered("the good Response in the SOAP header, a forged one in the body", SOMOROVSKY, ANSWER, reason="where none may")
def in_the_header(play, m, question):
    header = f"<s:Header><x>{as_bytes(m.root).decode()}</x></s:Header>"
    return wrap(m, question, header=header, messages=[m.forged(m.root)])


@answered("the forged Response around the good one", SOMOROVSKY, "DW-SAML-STRUCTURE")
def around(play, m, question):
    evil = m.forged(m.root)
    evil.append(copy.deepcopy(m.root))
    return wrap(m, question, messages=[evil])


@answered("an ArtifactResponse beside another one", SOMOROVSKY, ANSWER, reason="exactly one element")
def beside(play, m, question):
    answer = wrap(m, question)
    start, end = answer.index(b"<samlp:ArtifactResponse"), answer.index(b"</s:Body>")
    return answer[:end] + answer[start:end] + answer[end:]


@answered("a document type in the SOAP answer", "CVE-2013-1824", ANSWER, reason="document type")
def document_type(play, m, question):
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + wrap(m, question)


@answered("an answer of 2 MiB", "exhaustion", AWAY)
def oversize(play, m, question):
    return wrap(m, question) + b" " * (2 * 1024 * 1024)


@answered("an answer of 300 levels", "exhaustion", ANSWER, reason="nested too deeply")
def deep(play, m, question):
    return wrap(m, question, header=f"<s:Header>{'<x>' * 300}{'</x>' * 300}</s:Header>")


@answered("a header that must be understood", "SOAP 1.1, 4.2.3", ANSWER, reason="must be understood")
def understood(play, m, question):
    return wrap(m, question, header='<s:Header><x s:mustUnderstand="1"/></s:Header>')


@answered("no message, for an artifact nobody has made", "SAML core 3.5.3", "DW-SAML-ARTUNKNOWN")
def made_up(play, m, question):
    return wrap(m, question, messages=[])


@answered("a good answer with status 500", BINDINGS, ANSWER)
def with_an_error(play, m, question):
    return 500, wrap(m, question)
