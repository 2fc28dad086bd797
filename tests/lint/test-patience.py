#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-patience.py SOURCE-ROOT [TEST...]: what waits in the tests ends, and says what it has seen. TAP on standard output."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
sys.dont_write_bytecode = True

import tap  # noqa: E402
from patience import until  # noqa: E402


class Complaint(Exception):
    """What a test of ours raises."""


def raised(kind, *words, **more):
    try:
        until(*words, pause_s=0, **more)
    except kind as error:
        return error
    raise AssertionError("nothing was raised")


def test_what_comes_is_given():
    coming = iter([None, [], "there"])
    assert until("a text", lambda: next(coming), 60, pause_s=0) == "there"
    counted = iter(range(10))
    assert until("a four", lambda: next(counted), 60, pause_s=0, accept=lambda n: n == 4) == 4


def test_it_is_asked_at_least_once():
    assert until("a text", lambda: "there", -1) == "there"


def test_what_does_not_come_is_told():
    error = raised(AssertionError, "the bus", lambda: 503, 0, accept=lambda seen: seen == 200)
    assert str(error) == "not within 0 s: the bus; seen last: 503", error
    assert str(raised(Complaint, "the bus", list, 0, error=Complaint)).endswith("seen last: []")
    assert len(str(raised(AssertionError, "the bus", lambda: "x" * 10000, 0, accept=lambda seen: not seen))) < 3000


def test_only_what_may_fail_may_fail():
    failing = iter([ConnectionError("refused"), "there"])

    def probe():
        found = next(failing)
        if isinstance(found, Exception):
            raise found
        return found

    assert until("a text", probe, 60, pause_s=0, ignore=ConnectionError) == "there"
    error = raised(AssertionError, "a text", lambda: int("x"), 0, ignore=ValueError)
    assert "invalid literal" in str(error) and isinstance(error.__cause__, ValueError), error
    raised(ValueError, "a text", lambda: int("x"), 0)


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
