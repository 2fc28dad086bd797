#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The configuration is reloaded while people sign in: as a whole or not at all, and nobody loses a request."""

import pathlib
import re
import signal
import socket
import ssl
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import device  # noqa: E402
import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import SERVER_HOST, Stage, make_certificate  # noqa: E402

WAIT_S = 30
RELOADS = 100
TITLE = "DisplayName=Dev IdP"


def wait_for(what, check):
    until(what, check, WAIT_S, pause_s=0.02)


def answers(stage):
    return stage.events("reload") + stage.events("reload-failed")


def reload(stage, text=None):
    """Sends SIGHUP and waits for what comes of it; gives the event."""
    known = len(answers(stage))
    if text is not None:
        (stage.folder / "doorward.conf").write_text(text)
    stage.server.process.send_signal(signal.SIGHUP)
    wait_for("an answer to the reload", lambda: len(answers(stage)) > known)
    return sorted(answers(stage), key=lambda event: event["time"])[-1]


def changes(stage, text):
    """The lines of the difference that a reload with this text logs."""
    before = len(stage.log())
    event = reload(stage, text)
    assert event["DOORWARD_EVENT"] == "reload", event
    return re.findall(r'"MESSAGE":"reload: ([^"]*)"', stage.log()[before:])


def page(stage, target="/nowhere?lang=en"):
    """What a person sees there; every page names the organisation."""
    return stage.request("GET", target, headers={"Accept": "text/html"})[2].decode()


def config(stage):
    return (stage.folder / "doorward.conf").read_text()


def live(stage):
    """Generations in memory, by the last word of the log on it."""
    return int(re.findall(r"has ended, (\d+) live", stage.log())[-1])


def test_difference_is_named_and_takes_effect(stage):
    old = config(stage)
    secret = stage.folder / "other.key"
    secret.write_text((stage.folder / "server.key").read_text())
    secret.chmod(0o600)
    new = old.replace("OrganizationName=Example Corp", "OrganizationName=Renamed Corp").replace(
        TITLE, "DisplayName=Other name\nDisplayName[de]=Anders").replace("server.key", "other.key")
    new += stage.idp_group("second").replace(f"EntityId={stage.idp_url}", "EntityId=https://second.example")
    assert "Example Corp" in page(stage)
    assert changes(stage, new) == ["~ doorward OrganizationName", "~ idp/dev DisplayName", "~ idp/dev DisplayName[de]",
                                   "+ idp/second", "~ listen TlsKey"]
    assert "other.key" not in stage.log(), "values are not logged"
    chooser = page(stage, "/mdm/sso?lang=de")
    assert "Renamed Corp" in chooser and "Anders" in chooser, chooser
    assert changes(stage, old) == ["~ doorward OrganizationName", "~ idp/dev DisplayName", "~ idp/dev DisplayName[de]",
                                   "- idp/second", "~ listen TlsKey"]
    assert changes(stage, old) == []


def test_what_needs_a_restart_is_said_until_it_is_done(stage):
    old = config(stage)
    new = old.replace("[listen]\n", "[listen]\nMaxConnections=99\n")
    assert changes(stage, new) == ["! listen/MaxConnections needs restart"]
    assert changes(stage, new) == ["! listen/MaxConnections needs restart"]
    assert changes(stage, old) == []


def test_an_error_changes_nothing(stage):
    old = config(stage)
    file = stage.folder / "doorward.conf"
    line = old.splitlines().index(TITLE) + 1
    for wrong, text, needle in (
            ("key", old.replace(TITLE, "DisplayNam=X"), f"{file}:{line}: [idp/dev] has no key DisplayNam"),
            ("core", old.replace("OrganizationName=Example Corp", "OrganisationName=Other"), "[doorward] needs the key"),
            ("plugin", old.replace("Load=sqlite;saml", "Load=sqlite;saml;okta").replace("Type=saml", "Type=okta"),
             "Load has changed, which needs a restart"),
            ("file", old.replace("idp.sign.pem", "absent.pem"), "absent.pem"),
            ("certificate", old.replace("server.pem", "ca.key"), "TlsCertificate"),
            ("half", old[:len(old) // 2], ""),
            ("topic", old + "[apple]\nTopic=wrong\n", "[apple] Topic")):
        event = reload(stage, text.replace("Example Corp", "Wrong Corp"))
        assert event["DOORWARD_EVENT"] == "reload-failed" and needle in event["MESSAGE"], (wrong, event)
        assert event["DOORWARD_FAULT"].startswith("DW-"), event
        assert "Example Corp" in page(stage), wrong
    file.unlink()
    assert reload(stage)["DOORWARD_EVENT"] == "reload-failed"
    file.touch(0o600)
    assert changes(stage, old) == []
    file.chmod(0o666)
    assert "DW-CFG-PERMISSIONS" in str(reload(stage))
    file.chmod(0o600)
    assert stage.sim()["outcome"] == "enrolled"


def test_a_flow_goes_on_across_a_reload(stage):
    old = config(stage)
    phone = device.Device(stage, "across")
    begun = phone.start()
    assert changes(stage, old.replace(TITLE, "DisplayName=Between")) == ["~ idp/dev DisplayName"]
    answer = phone.browser.sign_in(begun, phone.user)
    assert changes(stage, old) == ["~ idp/dev DisplayName"]
    phone.read_token(phone.browser.submit(answer))
    phone.fetch_profile()
    reload(stage)
    phone.get_certificate()
    assert phone.put(phone.authenticate_body()).status == 200


def test_a_provider_that_is_gone_answers_with_its_fault(stage):
    old = config(stage)
    new = old.replace("[idp/dev]", "[idp/other]")
    phone = device.Device(stage, "gone", enrollment_id="GONE")
    answer = phone.browser.sign_in(phone.start(), phone.user)
    assert changes(stage, new) == ["- idp/dev", "+ idp/other"]
    reply = phone.browser.submit(answer)
    assert reply.status == 404 and reply.code, reply.status
    assert changes(stage, old) == ["+ idp/dev", "- idp/other"]
    assert stage.sim()["outcome"] == "enrolled"


def serial(stage):
    """Of the certificate that a new connection gets."""
    context = ssl.create_default_context(cafile=str(stage.folder / "ca.pem"))
    with socket.create_connection(("127.0.0.1", stage.port), timeout=WAIT_S) as plain:
        with context.wrap_socket(plain, server_hostname=SERVER_HOST) as stream:
            return stream.getpeercert()["serialNumber"]


def replace(path, data):
    """As the tools do that renew certificates: another file is renamed over it."""
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(data)
    fresh.chmod(0o600)
    fresh.rename(path)


def test_a_new_certificate_is_used_without_a_reload(stage):
    made = {name: (stage.folder / f"server.{name}").read_bytes() for name in ("pem", "key")}
    first = serial(stage)
    make_certificate(stage.folder, "renewed", SERVER_HOST)
    for name in ("key", "pem"):
        replace(stage.folder / f"server.{name}", (stage.folder / f"renewed.{name}").read_bytes())
    wait_for("the new certificate", lambda: serial(stage) != first)
    second = serial(stage)
    # a pair that does not belong together, a file that is cut, none
    for wrong in (made["pem"], made["pem"][:100], b""):
        said = stage.log().count("the certificate before stays in force")
        replace(stage.folder / "server.pem", wrong)
        wait_for("a warning", lambda: stage.log().count("the certificate before stays in force") > said)
        assert serial(stage) == second
    replace(stage.folder / "server.key", made["key"])
    replace(stage.folder / "server.pem", made["pem"])
    wait_for("the old certificate", lambda: serial(stage) == first)
    reload(stage)
    assert serial(stage) == first


def test_new_metadata_is_used_without_a_reload(stage):
    file = stage.folder / "idp.sign.pem"
    good = file.read_bytes()
    said = stage.log().count("what was read before stays in force")
    replace(file, b"no certificate")
    wait_for("a warning", lambda: stage.log().count("what was read before stays in force") > said)
    assert stage.sim()["outcome"] == "enrolled", "the bad file keeps the old"
    read = stage.log().count("idp/dev: metadata read from its files")
    replace(file, (stage.folder / "idp.pem").read_bytes())
    wait_for("the other certificate", lambda: stage.log().count("idp/dev: metadata read from its files") > read)
    phone = device.Device(stage, "other-signer")
    reply = phone.browser.submit(phone.browser.sign_in(phone.start(), phone.user))
    assert reply.status == 403 and "DW-SAML-SIGNATURE" in stage.doorctl("explain", reply.code), reply.status
    read = stage.log().count("idp/dev: metadata read from its files")
    replace(file, good)
    wait_for("the right certificate", lambda: stage.log().count("idp/dev: metadata read from its files") > read)
    assert stage.sim()["outcome"] == "enrolled"


class Traffic(threading.Thread):
    """Requests of every kind until told to stop; counts the answers that are not the right ones."""

    def __init__(self, stage, phone):
        super().__init__()
        self.stage, self.phone = stage, phone
        self.done, self.wrong = 0, []
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                reply = self.phone.poll()
                start = self.stage.request("GET", "/mdm/sso", headers={"Accept": "text/html"})[0]
                challenge = self.phone.post_machine_info().status
            except OSError as error:
                self.wrong.append(error)
                return
            if (reply.status, start, challenge) != (200, 303, 401):
                self.wrong.append((reply.status, start, challenge))
            self.done += 3


def test_many_reloads_under_traffic_lose_nothing(stage):
    old = config(stage)
    debug = old.replace("[doorward]\n", "[doorward]\nLogLevel=debug\n")
    assert changes(stage, debug) == ["~ doorward LogLevel"]
    phones = [device.Device(stage, f"traffic-{n}", enrollment_id=f"TRAFFIC{n}").enroll() for n in range(3)]
    traffic = [Traffic(stage, phone) for phone in phones]
    for one in traffic:
        one.start()
    refused = 0
    for number in range(RELOADS):
        text = debug.replace(TITLE, f"DisplayName=Number {number}")
        wrong = number % 10 == 9
        event = reload(stage, text.replace("[idp/dev]", "[idp/dev") if wrong else text)
        assert event["DOORWARD_EVENT"] == ("reload-failed" if wrong else "reload"), event
        refused += wrong
    for one in traffic:
        one.stopping.set()
        one.join(60)
        assert not one.is_alive() and not one.wrong, one.wrong
    done = sum(one.done for one in traffic)
    assert done >= RELOADS / 2, done
    reload(stage, debug)
    wait_for("one generation", lambda: live(stage) == 1)
    ended = {int(n) for n in re.findall(r"generation (\d+) of the configuration has ended", stage.log())}
    last = max(int(e["MESSAGE"].split("generation ")[1].split(":")[0]) for e in stage.events("reload"))
    assert ended == set(range(max(min(ended), 1), last)), "each but the last has ended"
    assert last >= RELOADS - refused
    print(f"# {RELOADS} reloads, {refused} refused, {done} requests answered, generation {last} the only one")
    assert changes(stage, old) == ["~ doorward LogLevel"]


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(Stage(sys.argv[1]), sys.modules[__name__]))
