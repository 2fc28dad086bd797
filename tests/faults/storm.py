# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fault that begins and ends while devices are on their way; the server itself is left alone throughout."""

import time

import traffic
from ledger import Broken, Ledger

REFUSALS = 3
PATIENCE_S = 60


def wait_for_refusals(running, n):
    gate = running.gate
    with gate.changed:
        gate.changed.wait_for(lambda: gate.refused.total() >= n or gate.stopping, PATIENCE_S)
    running.check()
    status = running.stage.server.process.poll()
    if status is not None:
        raise Broken(f"the server ended with {status}:\n{running.stage.server.tail()}")
    if gate.refused.total() < n:
        raise Broken(f"{gate.refused.total()} refusals in {PATIENCE_S} s: the fault is none")


def check_alive(stage):
    """The process is well while its database is not, and says so."""
    browser = traffic.socket_stage.SocketBrowser(stage)
    status = browser.request("GET", stage.url + "/healthz").status
    if status != 200:
        raise Broken(f"/healthz says {status}")


def check_server(stage, pid):
    if stage.server.process.poll() is not None or stage.server.process.pid != pid:
        raise Broken(f"the server ended:\n{stage.server.tail()}")
    if '"level":"critical"' in stage.log():
        raise Broken("the server has reported a bug of its own")


def run(stage, database, begin, end, refusals=REFUSALS):
    """Journeys before, during and after the fault. Whoever is refused meanwhile must have been told when to come
    again; the same process must serve all of them afterwards; and the database must keep every promise."""
    pid = stage.server.process.pid
    with traffic.Traffic(stage, Ledger(database)) as running:
        running.go_on(12)
        begun = time.monotonic()
        begin()
        try:
            wait_for_refusals(running, refusals)
            check_alive(stage)
        finally:
            end()
        ended = time.monotonic()
        running.go_on(3)
        healed = time.monotonic()
        running.go_on(25)
        facts = running.finish()
        gate = running.gate
    traffic.compare_lists(stage, database)
    check_server(stage, pid)
    print(f"# fault of {ended - begun:.1f} s: {gate.refused.total()} refusals with Retry-After, served again after "
          f"{healed - ended:.1f} s, slowest answer {gate.slowest:.1f} s; {facts} facts acknowledged and found",
          flush=True)
