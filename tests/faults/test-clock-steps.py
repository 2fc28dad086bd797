#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server's clock is set while it works: wall-clock.c gives its process another wall clock."""

import json
import os
import pathlib
import plistlib
import struct
import subprocess
import sys
import time

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import apns  # noqa: E402
import device  # noqa: E402
import scep  # noqa: E402
import tap  # noqa: E402
import traffic  # noqa: E402
from ledger import Ledger, Sqlite  # noqa: E402
from patience import until  # noqa: E402
from socket_stage import SocketBrowser, SocketStage  # noqa: E402


class ClockStage(SocketStage):
    """Its server's wall clock is what set_clock() says; time that only passes is left alone."""

    def __init__(self, build, **options):
        super().__init__(build, **options)
        self.offset = self.folder / "offset"
        self.environment = {"LD_PRELOAD": str(self.build / "tests/faults/libwall-clock.so"),
                            "WALL_CLOCK_OFFSET": str(self.offset)}

    def prepare(self):
        self.set_clock(0)
        super().prepare()

    def set_clock(self, offset_s):
        """So many seconds off; takes effect with the next look at the clock."""
        with open(self.offset, "r+b" if self.offset.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("=q", offset_s))


def database_of(stage):
    return Sqlite(stage.folder / "state" / "doorward.db")


def test_small_steps_disturb_nobody(build):
    """Forward and back by a minute, below the tolerated skew, as a time service does that steps instead of slewing."""
    with ClockStage(build) as stage:
        with traffic.Traffic(stage, Ledger(database_of(stage))) as running:
            for i in range(24):
                stage.set_clock((60, 0, -60, 0)[i % 4])
                running.go_on(4)
            stage.set_clock(0)
            running.go_on(6)
            running.finish()
        assert not running.gate.refused and not running.gate.lost, (running.gate.refused, running.gate.lost)
        traffic.compare_lists(stage, database_of(stage))


def make_device(stage, name):
    phone = device.Device(stage, name)
    phone.browser = SocketBrowser(stage)
    return phone


def test_large_steps_lose_nothing(build):
    """Hours ahead and behind: whoever is enrolled is served, new sign-ins are refused as long as the clocks of server
    and identity provider disagree, and all is well when the clock is."""
    with ClockStage(build) as stage:
        phone = make_device(stage, "enrolled").enroll()
        before = stage.lists()
        for offset_s in (3 * 3600, -1800, 40 * 86400):
            stage.set_clock(offset_s)
            assert phone.poll().status == 200, f"{offset_s} s off"
            assert phone.put(phone.token_update_body()).status == 200, f"{offset_s} s off"
            late = make_device(stage, f"off-{offset_s}")
            page = late.browser.get(late.start(follow=False).headers["Location"])
            reply = late.browser.submit(late.browser.sign_in(page, late.user))
            assert reply.status in (400, 403) and reply.code, (offset_s, reply.status)
        stage.set_clock(0)
        after = stage.lists()
        assert [d["enrollment_id"] for d in after[0]] == [d["enrollment_id"] for d in before[0]]
        assert phone.poll().status == 200
        assert make_device(stage, "later").enroll().poll().status == 200
        Ledger(database_of(stage)).check_new()
        begun = time.monotonic()
        assert stage.server.stop() == 0
        assert time.monotonic() - begun < 20, "a step of the clock holds it up"


DAY_S = 86400


def test_commands_and_pushes(build):
    """The queue goes by its order and not by the clock; a push that a wrong clock has put off does not wait for it."""
    if apns.find_missing():
        raise tap.Skip("nodejs is not installed")

    class PushStage(ClockStage):
        def prepare(self):
            super().prepare()
            self.apns = apns.Apns(self.folder)
            self.apns.__enter__()
            certificate, key = apns.make_push_certificate(self.folder, days=100)
            self.extra += f"[apple]\n{self.apns.config()}PushCertificate={certificate}\nPushKey=file:{key}\n"
            self.write_config()

        def close(self, keep=False):
            self.apns.stop()
            super().close(keep)

    with PushStage(build) as stage:
        phone = make_device(stage, "pushed").enroll()
        names = []
        for offset_s in (-1800, 40 * DAY_S, 0):
            stage.set_clock(offset_s)
            names.append(queue(stage, phone))
            if offset_s > 0:
                # the certificate of APNs is of no use then, and not yet before: it goes wrong, and is tried again later
                wait_for(stage, f"SELECT count(*) FROM push_wish WHERE attempts > 0 AND due_at > {time.time() * 1000}")
                assert not stage.apns.pushes()
        stage.apns.wait_pushes(1)
        assert carry_out_all(phone) == names


def wait_for(stage, query):
    """Until it counts one."""
    until(query, lambda: database_of(stage).ask(query), 60, pause_s=0.05, accept=lambda found: found == [["1"]])


def queue(stage, phone):
    """A command by doorctl, whose clock is the server's; gives its id."""
    done = subprocess.run([str(word) for word in (
        stage.build / "core/ctl/doorctl", "device", "command", phone.enrollment_id, "ProfileList", "--json",
        *stage.common_options())], capture_output=True, text=True, timeout=60, check=True,
        env=dict(os.environ, **stage.environment))
    return json.loads(done.stdout)["uuid"]


def carry_out_all(phone):
    """What the device is told to do, in this order, until there is nothing more."""
    names, reply = [], phone.poll()
    while reply.body:
        names.append(plistlib.loads(reply.body)["CommandUUID"])
        reply = phone.put(phone.idle_body(Status="Acknowledged", CommandUUID=names[-1]), device.COMMAND_TYPE)
    assert reply.status == 200, reply.status
    return names


def test_tickets(build):
    """What is good for some time is good for no longer than that, and a clock that is set back takes nothing away."""
    with ClockStage(build) as stage:
        early, late = (make_device(stage, name) for name in ("early", "late"))
        for phone in (early, late):
            phone.sign_in()
        stage.set_clock(-1800)
        early.fetch_profile()
        early.get_certificate()
        for body in (early.authenticate_body(), early.token_update_body()):
            assert early.put(body).status == 200
        late.fetch_profile()
        stage.set_clock(DAY_S)
        assert late.post_machine_info(token=late.token).status == 401, "a token of yesterday"
        client = late.scep_client()
        try:
            client.read(late.post_scep(client.build(late.challenge)).body)
        except scep.Refused:
            pass
        else:
            raise AssertionError("a challenge of yesterday")
        stage.set_clock(0)
        assert early.poll().status == 200
        assert make_device(stage, "later").enroll().poll().status == 200
        Ledger(database_of(stage)).check_new()


def main():
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
