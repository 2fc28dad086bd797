# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waves of pushes to stored devices, through a silent mock of APNs."""

import contextlib
import sqlite3
import time

import apns
import bench
import stored_devices

WAIT_S = 300


class WithApns:
    """Beside a stage: its server pushes through the mock in .apns."""

    def prepare(self):
        super().prepare()
        self.apns = apns.Apns(self.folder, quiet=True)
        self.apns.__enter__()
        certificate, key = apns.make_push_certificate(self.folder)
        self.extra += f"[apple]\n{self.apns.config()}PushCertificate={certificate}\nPushKey=file:{key}\n"
        self.write_config()

    def close(self, keep=False):
        if self.apns.process is not None:
            self.apns.stop()
        super().close(keep)


def count(connection, where):
    return connection.execute(f"SELECT count(*) FROM push_wish WHERE {where}").fetchone()[0]


def send(stage, number):
    """One wave: all of them are wished by another process at once; gives (seconds, CPU in microseconds a push)."""
    path, pid = stage.folder / "state/doorward.db", stage.server.process.pid
    now = int(time.time() * 1000)
    stored_devices.run_sqlite(path, ["DELETE FROM push_wish"])
    before = stage.apns.stats()["pushes"]
    begun_cpu = bench.cpu_s(pid)
    stored_devices.run_sqlite(path, [
        "INSERT INTO push_wish (channel_id, enrollment_id, wished_at, due_at, claim, attempts, sent_at, status, reason) "
        f"SELECT id, id, {now}, {now}, '', 0, 0, 0, '' FROM enrollment"])
    begun = None
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection:
        end = time.monotonic() + WAIT_S
        while (left := count(connection, "sent_at = 0")) > 0:
            # it looks every two seconds, which is no part of what a push costs
            if begun is None and count(connection, "claim <> '' OR sent_at > 0") > 0:
                begun = time.monotonic()
            assert time.monotonic() < end, f"{left} of {number} are not sent"
            time.sleep(0.02)
    seconds = time.monotonic() - (begun or time.monotonic() - 0.02)
    cpu_us = (bench.cpu_s(pid) - begun_cpu) * 1e6 / number
    assert stage.apns.stats()["pushes"] - before == number, "each once"
    return seconds, cpu_us
