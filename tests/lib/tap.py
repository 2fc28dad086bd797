# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the functions named test_* of a module and prints the Test Anything Protocol."""

import sys
import time
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def run(module, *arguments, leave_out=()):
    """Calls each test but those to leave out with the arguments; returns the exit status."""
    names = [name for name in vars(module) if name.startswith("test_") and callable(getattr(module, name))]
    names = [name for name in names if getattr(module, name) not in leave_out]
    wanted = sys.argv[2:]
    names = [name for name in names if not wanted or name in wanted]
    print(f"1..{len(names)}", flush=True)
    failed = 0
    for number, name in enumerate(names, 1):
        title = name.removeprefix("test_").replace("_", " ")
        begun = time.monotonic()
        try:
            getattr(module, name)(*arguments)
        except Skip as reason:
            print(f"ok {number} - {title} # SKIP {reason}", flush=True)
        except Exception:  # noqa: BLE001: whatever it is, the test has failed
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
            print(f"not ok {number} - {title}", flush=True)
        else:
            print(f"ok {number} - {title} # {time.monotonic() - begun:.1f}s", flush=True)
    return 1 if failed else 0


def run_on_stage(stage, module):
    """The same with one stage for all tests, which stays for whoever looks into a failure."""
    with stage:
        failed = run(module, stage)
        stage.kept = failed != 0
    return failed


def run_on(make_stage, module):
    """The same with a stage that is made here; skipped where it cannot be, since its database is not installed."""
    try:
        stage = make_stage()
    except Skip as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return run_on_stage(stage, module)
