# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two servers behind one address, on one PostgreSQL of their own."""

import contextlib
import shutil
import threading

import postgresql
from ledger import Postgresql
from socket_stage import SocketStage


class Twin(SocketStage):
    """The other instance: the same address, identity provider and keys, another process with other sockets."""

    def __init__(self, first, **options):
        super().__init__(first.build, idp=False, **options)
        self.first = first
        self.port, self.url = first.port, first.url

    def prepare(self):
        for name in ("ca.pem", "idp.sign.pem"):
            shutil.copy(self.first.folder / name, self.folder / name)
        # what instances share beside the database: keys, made by the first
        shutil.copytree(self.first.folder / "state", self.folder / "state")
        self.extra = self.first.extra
        config = (self.first.folder / "doorward.conf").read_text()
        for mine, its in zip(self.sockets, self.first.sockets):
            config = config.replace(str(its), str(mine))
        config = config.replace(str(self.first.folder), str(self.folder))
        (self.folder / "doorward.conf").write_text(config)
        (self.folder / "doorward.conf").chmod(0o600)


class Sides:
    """Which of the two gets the next request."""

    def __init__(self, *stages):
        self.stages, self.turn, self.lock = stages, 0, threading.Lock()

    def __call__(self, _):
        with self.lock:
            self.turn += 1
            return self.stages[self.turn % len(self.stages)]

    def only(self, number):
        return lambda _: self.stages[number]


@contextlib.contextmanager
def pair(build, config="", tell=lambda one: None):
    """tell: called with the first stage before anything runs."""
    folder = postgresql.make_temporary()
    cluster = None
    try:
        cluster = postgresql.Cluster(folder)
        cluster.start()
        options = {"plugins": "postgresql;saml", "database": f"Driver=postgresql\nUri={cluster.uri}", "config": config}
        one = SocketStage(build, **options)
        tell(one)
        with one, Twin(one, **options) as two:
            yield Sides(one, two), Postgresql(cluster)
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def at_once(actions):
    """What each of them gives; they begin at the same moment."""
    found, start = [None] * len(actions), threading.Barrier(len(actions))

    def act(number):
        start.wait()
        found[number] = actions[number]()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
