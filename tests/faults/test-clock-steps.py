#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server's clock is set while it works: wall-clock.c gives its process another wall clock."""

import pathlib
import struct
import sys
import time

FAULTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FAULTS), str(FAULTS.parent / "lib")]

import device  # noqa: E402
import tap  # noqa: E402
import traffic  # noqa: E402
from ledger import Ledger, Sqlite  # noqa: E402
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


def main():
    return tap.run(sys.modules[__name__], sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
