# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waiting for what comes by itself: asked for again and again, and told what was seen last when it does not come."""

import time

MAX_SHOWN = 2000


def until(what, probe, seconds, *, pause_s=0.1, accept=bool, ignore=(), error=AssertionError):
    """Asks probe until what it gives is true, or what accept says is true of it, and gives that.

    what: what is waited for; ignore: exceptions of probe that only mean that it is not so yet; error: what is raised when the
    seconds are over, with both and with what was seen last. It is asked at least once.
    """
    end = time.monotonic() + seconds
    while True:
        reason = None
        try:
            seen = probe()
        except ignore as exception:
            seen = reason = exception
        else:
            if accept(seen):
                return seen
        if time.monotonic() > end:
            raise error(f"not within {seconds} s: {what}; seen last: {repr(seen)[:MAX_SHOWN]}") from reason
        time.sleep(pause_s)
