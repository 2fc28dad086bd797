# SPDX-License-Identifier: LGPL-2.1-or-later
"""The production form on a stage: a proxy does TLS, Doorward listens on unix sockets only."""

import grp
import os
import pathlib
import shutil
import tempfile

import nginx
from stage import SERVER_HOST, Stage


class SiteStage(Stage):
    """Doorward on unix sockets that a proxy of another user can reach; there is none yet.

    listen: more lines of [listen]; the other options are those of Stage.
    """

    sign_ins_per_minute = 6000

    def __init__(self, build, listen="", **options):
        super().__init__(build, **options)
        self.more_listen = listen
        # the proxy's workers are another user: the folder of the sockets must be open to them
        self.run = pathlib.Path(tempfile.mkdtemp(prefix="doorward-run-"))
        self.run.chmod(0o755)
        self.sockets = [self.run / f"http-{i}.sock" for i in range(2)]
        self.group = grp.getgrnam("nogroup").gr_name if os.geteuid() == 0 else None
        self.front = None

    def listen_group(self):
        group = f"SocketGroup={self.group}\n" if self.group else ""
        return (f"[listen]\nTlsMode=proxy\nSockets={self.sockets[0]};{self.sockets[1]}\n{group}IoThreads=2\n"
                f"SignInsPerMinute={self.sign_ins_per_minute}\n{self.more_listen}")

    def close(self, keep=False):
        super().close(keep)
        shutil.rmtree(self.run, ignore_errors=True)


class ProductionStage(SiteStage):
    """A stage with a proxy in front; nginx with the packaged site unless make_front() says otherwise."""

    def make_front(self):
        """The proxy, not started yet."""
        # nginx reads keys as root before its workers change the user
        return nginx.Nginx(self.sockets, group=self.group, server_name=SERVER_HOST, port=self.port,
                           certificate=self.folder / "server.pem", key=self.folder / "server.key")

    def start_server(self):
        super().start_server()
        if self.front is None:
            self.start_front()

    def start_front(self):
        front = self.make_front()
        front.__enter__()
        self.front = front

    def stop_front(self):
        if self.front is not None:
            self.front.__exit__()
            self.front = None

    def close(self, keep=False):
        self.stop_front()
        super().close(keep)
