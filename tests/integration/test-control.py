#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""doorctl config reload and the socket it speaks to: what is asked is done and told, and nobody can abuse it."""

import contextlib
import errno
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import tap  # noqa: E402
from patience import until  # noqa: E402
from stage import Stage  # noqa: E402

WAIT_S = 30
MOST_CLIENTS = 8
TITLE = "DisplayName=Dev IdP"


class ControlStage(Stage):
    """A stage whose metrics can be read from a socket."""

    def __init__(self, build):
        super().__init__(build)
        self.replace = {"SignInsPerMinute=6000": f"SignInsPerMinute=6000\nManagement={self.folder}/management.sock"}


def config(stage):
    return (stage.folder / "doorward.conf").read_text()


def write(stage, text):
    (stage.folder / "doorward.conf").write_text(text)


def doorctl(stage, *words, folder=None, **options):
    environment = dict(os.environ, RUNTIME_DIRECTORY=str(folder or stage.folder))
    return subprocess.run([str(stage.build / "core/ctl/doorctl"), "config", "reload", *words], capture_output=True,
                          text=True, timeout=120, env=environment, **options)


def reload(stage, expect=0):
    done = doorctl(stage)
    assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
    return done


def connect(stage):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(WAIT_S)
    client.connect(f"{stage.folder}/control.sock")
    return client


def read_all(client):
    """Up to the end of the connection; a reset is one too."""
    text = b""
    try:
        while part := client.recv(4096):
            text += part
    except ConnectionResetError:
        pass
    return text


def ask(stage, request=b"reload\n"):
    with connect(stage) as client:
        try:
            client.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass  # sent away, which it says
        return read_all(client)


def metric(stage, name):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(WAIT_S)
        client.connect(f"{stage.folder}/management.sock")
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        lines = read_all(client).decode().splitlines()
    return next(int(line.split(" ")[1]) for line in lines if line.startswith(name + " "))


def descriptors(stage):
    """The sockets of the server; it may open another connection to its database, which is a file here, at any time."""
    folder = pathlib.Path(f"/proc/{stage.server.process.pid}/fd")
    count = 0
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(entry).startswith("socket:")
    return count


def wait_for(what, check):
    until(what, check, WAIT_S, pause_s=0.02)


def test_what_changes_is_printed(stage):
    old = config(stage)
    write(stage, old.replace(TITLE, "DisplayName=Other").replace("[listen]\n", "[listen]\nMaxConnections=99\n"))
    assert reload(stage).stdout == "~ idp/dev DisplayName\n! listen/MaxConnections needs restart\n"
    assert "reload: ~ idp/dev DisplayName" in stage.log(), "the log says the same"
    assert reload(stage).stdout == "! listen/MaxConnections needs restart\n"
    write(stage, old)
    found = json.loads(doorctl(stage, "--json").stdout)
    assert found == {"changed": True, "changes": ["~ idp/dev DisplayName"], "warnings": []}, found
    assert reload(stage, expect=2).stdout == "nothing has changed\n"
    assert json.loads(doorctl(stage, "--json").stdout)["changed"] is False


def test_all_errors_are_printed_and_nothing_changes(stage):
    old, file = config(stage), stage.folder / "doorward.conf"
    write(stage, old.replace(TITLE, "DisplayNam=Other").replace("[listen]\n", "[listen]\nQueueLength=none\n"))
    done = reload(stage, expect=1)
    line = old.splitlines().index("[listen]") + 2
    assert f"\n  {file}:{line}: DW-CFG-TYPE: QueueLength: " in done.stderr, done.stderr
    assert "DW-CFG-UNKNOWNKEY: [idp/dev] has no key DisplayNam" in done.stderr and done.stdout == "", done
    error = json.loads(doorctl(stage, "--json").stdout)["error"]
    assert "DW-CFG-TYPE" in json.dumps(error), error
    write(stage, old.replace("server.pem", "ca.key"))
    assert "DW-CFG-VALUE: TlsCertificate " in reload(stage, expect=1).stderr
    write(stage, old.replace("Load=sqlite;saml", "Load=sqlite;saml;okta").replace("Type=saml", "Type=okta"))
    assert "Load has changed, which needs a restart" in reload(stage, expect=1).stderr
    write(stage, old.replace("Load=sqlite;saml", "Load=saml;sqlite"))
    assert reload(stage, expect=2).stdout == "nothing has changed\n", "the order means nothing"
    write(stage, old.replace("Load=sqlite;saml", "Load=saml;sqlite").replace(TITLE, "DisplayNam=Other"))
    refused = reload(stage, expect=1).stderr
    assert "DW-CFG-UNKNOWNKEY" in refused and "needs a restart" not in refused, refused
    write(stage, old)
    reload(stage, expect=2)


def check(stage):
    command = [str(stage.build / "core/ctl/doorctl"), "config", "check", "--dev",
               f"--config={stage.folder / 'doorward.conf'}", f"--plugin-dir={stage.build / 'plugins'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 4, done
    return done.stdout + done.stderr


def problems(text):
    """FILE:LINE: ID of each problem that is printed."""
    return sorted(set(re.findall(r"\S+:\d+: DW-[A-Z]+-[A-Z]+", text)))


def test_reload_and_start_refuse_what_the_check_refuses(stage):
    """One list of errors, whoever is asked, with the places where they stand."""
    old, file = config(stage), stage.folder / "doorward.conf"
    profile = stage.folder / "profile.json"
    profile.write_text('{"department":7}')
    references = f"[eula/use]\nFile=/nonexistent/use.html\nVersion=1\n[ade/school]\nProfile={profile}\n"
    write(stage, old + references)
    line = (old + references).splitlines().index("[eula/use]") + 1
    expected = sorted([f"{file}:{line + 1}: DW-CFG-VALUE", f"{file}:{line + 4}: DW-DEP-PROFILE"])
    assert problems(reload(stage, expect=1).stderr) == expected
    assert problems(check(stage)) == expected
    wrong = (old + references).replace("[listen]\n", "[listen]\nQueueLength=none\n")
    write(stage, wrong)
    told = problems(reload(stage, expect=1).stderr)
    assert len(told) == 3 and told == problems(check(stage)), told
    said = len(stage.log())
    write(stage, old + references)
    stage.restart()
    for place in expected:
        assert place in stage.log()[said:], "a start goes on without them, and tells"
    write(stage, old)
    reload(stage)


def test_another_document_is_a_change(stage):
    """The configuration says the same, and people are asked for another text: both are told."""
    old, terms = config(stage), stage.folder / "terms.html"
    terms.write_text("<!DOCTYPE html><title>Terms</title><p>Be kind.</p>")
    write(stage, f"{old}[eula/house]\nFile={terms}\nVersion=1\n")
    assert reload(stage).stdout.splitlines() == ["+ eula/house"]
    reload(stage, expect=2)
    terms.write_text("<!DOCTYPE html><title>Terms</title><p>Be very kind.</p>")
    assert reload(stage).stdout.splitlines() == ["~ eula/house File"]
    reload(stage, expect=2)
    terms.rename(stage.folder / "away.html")
    stage.restart()
    (stage.folder / "away.html").rename(terms)
    assert reload(stage).stdout.splitlines() == ["~ eula/house File"]
    reload(stage, expect=2)
    write(stage, old)
    assert reload(stage).stdout.splitlines() == ["- eula/house"]


def test_metrics_tell_of_the_last_reload(stage):
    old, begun = config(stage), int(time.time())
    good, when = "doorward_config_last_reload_successful", "doorward_config_last_reload_success_timestamp_seconds"
    stage.restart()
    assert metric(stage, good) == 1 and begun <= metric(stage, when) <= time.time(), "a start counts"
    started = metric(stage, when)
    write(stage, old + "nonsense\n")
    wait_for("the next second", lambda: time.time() >= started + 1)
    reload(stage, expect=1)
    assert (metric(stage, good), metric(stage, when)) == (0, started)
    write(stage, old)
    reload(stage, expect=2)
    assert metric(stage, good) == 1 and started < metric(stage, when) <= time.time()


def test_strict_decides_between_error_and_warning(stage):
    old, key = config(stage), (stage.folder / "state/state.key").read_text()
    wrong = old.replace("[database]\n", f"[database]\nStateKey={key}\n").replace(TITLE, f"{TITLE}\nColour=red")
    write(stage, wrong + "[colours]\n")
    done = reload(stage, expect=1)
    for fault in ("DW-CFG-INLINE-SECRET", "DW-CFG-UNKNOWNKEY", "DW-CFG-UNKNOWNGROUP"):
        assert fault in done.stderr, done.stderr
    lax = wrong.replace("[doorward]\n", "[doorward]\nStrict=false\n") + "[colours]\n"
    write(stage, lax)
    done = reload(stage)
    assert done.stdout == "! database/StateKey needs restart\n~ doorward Strict\n", done.stdout
    assert done.stderr.count("warning: ") == 3 and "DW-CFG-INLINE-SECRET" in done.stderr, done.stderr
    said = len(stage.log())
    stage.restart()  # the secret is used, and is the one that the database was sealed with
    assert stage.log()[said:].count("DW-CFG-INLINE-SECRET: StateKey: is a secret") == 1, "the start warns too"
    assert stage.sim()["outcome"] == "enrolled"
    assert key not in stage.log() + done.stdout + done.stderr
    write(stage, old)
    stage.restart()


def test_who_asks_gets_a_reload_that_begins_afterwards(stage):
    """Also while signals make reloads of their own: what was written before is in force when the answer is there."""
    old, stopping = config(stage), threading.Event()

    def rain():
        while not stopping.is_set():
            stage.server.process.send_signal(signal.SIGHUP)
            stopping.wait(0.005)

    thread = threading.Thread(target=rain)
    thread.start()
    try:
        for number in range(30):
            fresh = stage.folder / "doorward.conf.fresh"
            fresh.touch(0o600)
            fresh.write_text(old.replace("Example Corp", f"Corp number {number}"))
            fresh.rename(stage.folder / "doorward.conf")
            assert ask(stage).split(b"\n")[0] in (b"changed", b"unchanged"), number
            page = stage.request("GET", "/nowhere?lang=en", headers={"Accept": "text/html"})[2].decode()
            assert f"Corp number {number}" in page, number
    finally:
        stopping.set()
        thread.join()
        write(stage, old)
    assert ask(stage).split(b"\n")[0] in (b"changed", b"unchanged")


def test_a_slow_reload_holds_up_nobody(stage):
    """Who asks while one runs is answered by the next, which sees what was written meanwhile."""
    old, fifo = config(stage), stage.folder / "slow.xml"
    os.mkfifo(fifo, 0o600)
    write(stage, old + f"[idp/slow]\nType=saml\nMetadataFile={fifo}\n")
    stage.server.process.send_signal(signal.SIGHUP)
    writer = []

    def reads():
        try:
            writer.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            assert error.errno == errno.ENXIO, error  # nobody reads it yet
        return bool(writer)

    wait_for("the reload to read the slow file", reads)
    waiting = []
    try:
        write(stage, old.replace(TITLE, "DisplayName=Meanwhile"))
        for _ in range(MOST_CLIENTS - 1):
            waiting.append(connect(stage))
            waiting[-1].sendall(b"reload\n")
        assert ask(stage, b"\n") == b"unknown\n", "the others wait, and there is room for one"
        waiting.append(connect(stage))
        waiting[-1].sendall(b"reload\n")
        wait_for("no room", lambda: ask(stage, b"\n") == b"busy\n")
        assert stage.request("GET", "/nowhere")[0] == 404, "requests go on"
        os.close(writer.pop())
        for client in waiting:
            assert read_all(client) == b"changed\n~ idp/dev DisplayName\n"
    finally:
        for fd in writer:
            os.close(fd)
        for client in waiting:
            client.close()
        fifo.unlink()
        write(stage, old)
    assert reload(stage).stdout == "~ idp/dev DisplayName\n"


def as_nobody(stage):
    """For a process that begins in the stage's folder as another user."""
    user = pwd.getpwnam("nobody")

    def change():
        os.chdir(stage.folder)
        os.setgroups([])
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)

    return change


def test_other_users_are_not_heard(stage):
    path = stage.folder / "control.sock"
    assert stat.S_IMODE(path.stat().st_mode) in (0o600, 0o660), oct(path.stat().st_mode)
    if os.geteuid() != 0:
        raise tap.Skip("only root can become another user")
    before, mode = stage.log().count('"reload'), stage.folder.stat().st_mode
    ctl = stage.folder / "doorctl-copy"
    script = ("import socket\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(30)\ns.connect('control.sock')\n"
              "try:\n    s.sendall(b'reload\\n')\n    print(s.recv(4096))\n"
              "except (ConnectionResetError, BrokenPipeError):\n    print(b'')\n")
    try:
        stage.folder.chmod(0o711)
        words = ["/usr/bin/python3", "-c", script]
        done = subprocess.run(words, preexec_fn=as_nobody(stage), capture_output=True, text=True, timeout=60)
        assert "PermissionError" in done.stderr and done.stdout == "", done
        path.chmod(0o666)  # whatever the mode is, it is the server that decides
        done = subprocess.run(words, preexec_fn=as_nobody(stage), capture_output=True, text=True, timeout=60)
        assert done.stdout == "b''\n" and done.returncode == 0, done
        assert f"refused a connection of user {pwd.getpwnam('nobody').pw_uid} to {path}" in stage.log()
        assert stage.log().count('"reload') == before, "no reload came of it"
        probe = subprocess.run([stage.build / "core/ctl/doorctl", "--version"], preexec_fn=as_nobody(stage),
                               capture_output=True, timeout=60) if os.access(ctl.parent, os.X_OK) else None
        if probe is not None and probe.returncode == 0:
            told = doorctl(stage, folder=".", preexec_fn=as_nobody(stage))
            assert told.returncode == 1 and "it hears root and its own user only" in told.stderr, told
            path.chmod(0o600)
            told = doorctl(stage, folder=".", preexec_fn=as_nobody(stage))
            assert told.returncode == 1 and "run it as root" in told.stderr, told
    finally:
        stage.folder.chmod(stat.S_IMODE(mode))
        path.chmod(0o660)
    reload(stage, expect=2)


def test_no_server_is_said(stage):
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        done = doorctl(stage, folder=folder)
        assert done.returncode == 1 and f"no server answers at {folder}/control.sock" in done.stderr, done
        assert "systemctl status doorward" in done.stderr
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(f"{folder}/control.sock")
        assert "no server answers" in doorctl(stage, folder=folder).stderr, "one that was left behind"
        error = json.loads(doorctl(stage, "--json", folder=folder).stdout)["error"]
        assert "no server answers" in json.dumps(error), error


def test_an_answer_that_is_none_is_said(stage):
    """A server of another version, or something else that listens there."""
    for answer, needle in ((b"", "hears root"), (b"perhaps\n", "of another version"), (b"changed\n~ x", "not complete"),
                           (b"busy\n", "try again"), (b"late\n", "goes on"),
                           (b"refused\nerror: DW-X: y\n", "DW-X: y"), (b"x" * 2_000_000, "not complete")):
        with tempfile.TemporaryDirectory(dir=stage.folder) as folder, socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{folder}/control.sock")
            server.listen(1)
            server.settimeout(WAIT_S)

            def play():
                client = server.accept()[0]
                with client:
                    client.recv(7)
                    try:
                        client.sendall(answer)
                    except (BrokenPipeError, ConnectionResetError):
                        pass  # it has had enough

            thread = threading.Thread(target=play)
            thread.start()
            done = doorctl(stage, folder=folder)
            thread.join()
            assert done.returncode == 1 and needle in done.stderr, (answer[:20], done)


def test_an_answer_does_not_speak_to_the_terminal(stage):
    """Whoever has taken the server over does not get further by what root reads."""
    for answer in (b"changed\n\x1b]0;title\x07 \xff\n", b"changed\nwarning: \xc2\x9b2J\n", b"refused\nerror: \x1b[2J\n"):
        with tempfile.TemporaryDirectory(dir=stage.folder) as folder, socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{folder}/control.sock")
            server.listen()

            def serve(answer=answer):
                client, _ = server.accept()
                with client:
                    client.recv(64)
                    client.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            done = doorctl(stage, folder=folder)
            thread.join()
            said = done.stdout + done.stderr
            assert said and not any(sign in said for sign in "\x1b\x07\x9b"), said


def test_nonsense_is_answered_or_ended(stage):
    known = stage.log().count('"reload: ') + len(stage.events("reload")) + len(stage.events("reload-failed"))
    for request in (b"\n", b"RELOAD\n", b"reload \n", b"reload\r\n", b"reload\nreload\n", b"reload\0\n", b"\xff" * 63 + b"\n",
                    b"x" * 64, b"x" * 100_000, b"GET / HTTP/1.1\r\n\r\n"):
        with connect(stage) as client:
            try:
                client.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                pass  # ended before all was sent
            assert read_all(client) in (b"unknown\n", b""), request[:20]
    with connect(stage) as client:
        client.sendall(b"reload")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"", "no line, no reload"
    with connect(stage) as client:
        for byte in b"reloa":
            client.sendall(bytes([byte]))
    again = stage.log().count('"reload: ') + len(stage.events("reload")) + len(stage.events("reload-failed"))
    assert again == known, "none of it is a reload"
    with connect(stage) as client:
        for byte in b"reload\n":
            client.sendall(bytes([byte]))
        assert read_all(client) == b"unchanged\n"


def test_silent_clients_keep_nobody_out(stage):
    before = descriptors(stage)
    silent = [connect(stage) for _ in range(5 * MOST_CLIENTS)]
    try:
        assert reload(stage, expect=2)
        assert descriptors(stage) <= before + MOST_CLIENTS + 2, "the oldest have made room"
        for client in silent:
            assert read_all(client) in (b"", b"busy\n"), "ended after a while"
        wait_for("as many descriptors as before", lambda: descriptors(stage) <= before)
    finally:
        for client in silent:
            client.close()


def test_many_clients_at_once(stage):
    before, answers = descriptors(stage), []

    def one():
        for _ in range(10):
            answers.append(ask(stage))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert set(answers) <= {b"unchanged\n", b"busy\n"} and len(answers) == 200, set(answers)
    done = answers.count(b"unchanged\n")
    assert done >= MOST_CLIENTS, answers
    print(f"# of 200 requests of 20 clients {done} were reloads and {200 - done} were told to come again")
    wait_for("as many descriptors as before", lambda: descriptors(stage) <= before)
    reload(stage, expect=2)


def test_who_leaves_harms_nobody(stage):
    for _ in range(3 * MOST_CLIENTS):
        with connect(stage) as client, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(b"reload\n")  # or sent away before it is said, when too many are there
    wait_for("an answer for who stays", lambda: ask(stage) == b"unchanged\n")
    assert stage.request("GET", "/nowhere")[0] == 404


def test_a_server_that_stops_ends_the_connections(stage):
    silent = connect(stage)
    status = stage.server.stop()
    assert status == 0 and read_all(silent) == b""
    assert not (stage.folder / "control.sock").exists()
    stage.start_server()
    reload(stage, expect=2)


if __name__ == "__main__":
    sys.exit(tap.run_on_stage(ControlStage(sys.argv[1]), sys.modules[__name__]))
