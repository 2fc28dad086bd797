#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private PostgreSQL cluster for tests.

It listens on a unix socket in its own folder and nowhere else, trusts who can open that socket, and is
gone afterwards. PostgreSQL refuses to run as root; then it runs as "postgres" or "nobody".

    postgresql.py run FOLDER -- COMMAND...       the cluster stays in FOLDER (new or from an earlier run)
    postgresql.py run --temporary -- COMMAND...  the cluster lives as long as the command, under build/ or,
                                                 where its user cannot get there, in the temporary folder

The command finds the address of the database in DOOR_TEST_POSTGRESQL_URI. Without PostgreSQL the command
is not run, and a TAP reader is told why.
"""
import argparse
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NAME = "doorward"
START_TIMEOUT_S = 60
# The longest name of a unix socket that Linux takes, less ".s.PGSQL.5432".
MAX_SOCKET_FOLDER = 107 - 14


class NotAvailable(Exception):
    """PostgreSQL is not installed here."""


def find_programs():
    """Returns the folder of the newest server."""
    folders = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")
    found = shutil.which("postgres")
    if found:
        folders.append(os.path.dirname(os.path.realpath(found)))
    usable = [f for f in folders if all(os.access(f"{f}/{p}", os.X_OK) for p in ("initdb", "postgres"))]
    if not usable:
        raise NotAvailable("PostgreSQL's server programs are not installed")
    return max(usable, key=lambda folder: [int(n) for n in "".join(
        c if c.isdigit() else " " for c in folder).split()] or [0])


def find_user():
    """Returns the user to become, None to stay who we are."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotAvailable("there is no user PostgreSQL could run as")


class Cluster:
    """One cluster in one folder; start() and stop() in turn, as often as needed."""

    def __init__(self, folder, durable=False):
        self.fsync = "on" if durable else "off"
        self.programs = find_programs()
        self.user = find_user()
        self.folder = os.path.abspath(folder)
        self.data = os.path.join(self.folder, "data")
        self.process = None
        if len(self.folder) > MAX_SOCKET_FOLDER:
            raise NotAvailable(f"the name {self.folder} is too long for a socket")
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        if not os.path.exists(os.path.join(self.data, "PG_VERSION")):
            self._call("initdb", "-D", self.data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C",
                       "--no-sync", "--no-instructions")

    @property
    def uri(self):
        """The address of the database, for [database] Uri."""
        return f"postgresql://{NAME}@/{NAME}?host={self.folder}"

    def _arguments(self):
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _call(self, program, *arguments, stdin=None):
        result = subprocess.run([f"{self.programs}/{program}", *arguments], input=stdin, text=True, cwd="/",
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                **self._arguments())
        if result.returncode != 0:
            raise RuntimeError(f"{program}: {result.stdout}")
        return result.stdout

    def _psql(self, database, command):
        return self._call("psql", "-X", "-q", "-A", "-t", "-h", self.folder, "-U", NAME, "-d", database,
                          "-c", command)

    def _wait(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"postgres ended with {self.process.returncode}, see {self.folder}/log")
            try:
                return self._psql("postgres", "SELECT 1")
            except RuntimeError:
                time.sleep(0.05)
        raise RuntimeError("postgres does not answer")

    def start(self):
        """Starts the server and makes sure that the database exists."""
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [f"{self.programs}/postgres", "-D", self.data, "-k", self.folder,
                 "-c", "listen_addresses=", "-c", f"fsync={self.fsync}", "-c", "max_connections=40",
                 "-c", "shared_buffers=16MB", "-c", "autovacuum=off", "-c", "deadlock_timeout=100ms", "-c", "unix_socket_permissions=0777"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                **self._arguments())
        try:
            self._wait()
            if self._psql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'").strip() != "1":
                self._psql("postgres", f"CREATE DATABASE {NAME}")
        except BaseException:
            self.stop()
            raise

    def execute(self, command):
        """One statement that is about no single database, such as CREATE DATABASE."""
        return self._psql("postgres", command)

    def wait_until_ready(self):
        """Until it answers: after a crash of a session it has to recover."""
        self._wait()

    def kill(self):
        """Kills the first process; the others notice and end. What they share must be gone before the next start."""
        group = self.process.pid
        os.kill(group, signal.SIGKILL)
        self.process.wait()
        self.process = None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
        raise RuntimeError("processes of PostgreSQL are left over")

    def stop(self):
        """Stops the server at once; clients are cut off."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None


def run(folder, command):
    """Runs a command with a cluster; returns its exit status."""
    cluster = Cluster(folder)
    cluster.start()
    try:
        environment = dict(os.environ, DOOR_TEST_POSTGRESQL_URI=cluster.uri)
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        cluster.stop()


def can_reach(folder):
    """Whether the user who runs PostgreSQL gets there, and a socket there has a name short enough."""
    try:
        user = find_user()
    except NotAvailable:
        return False
    if len(folder) + len("/door-pg-XXXXXXXX") > MAX_SOCKET_FOLDER:
        return False
    if user is None:
        return os.access(folder, os.W_OK | os.X_OK)
    return subprocess.run(["test", "-x", folder], check=False, user=user.pw_uid, group=user.pw_gid,
                          extra_groups=[]).returncode == 0


def make_temporary():
    """Makes a folder for a cluster that does not stay: under build/ where that can be."""
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    build = os.getcwd() if os.path.exists("build.ninja") else os.path.join(source, "build")
    parent = os.path.join(build, "tests")
    folder = tempfile.mkdtemp(prefix="door-pg-", dir=parent if os.path.isdir(parent) and can_reach(parent) else None)
    os.chmod(folder, 0o755)
    return folder


@contextlib.contextmanager
def temporary_cluster():
    """A cluster that runs for as long as the block does."""
    folder = make_temporary()
    try:
        cluster = Cluster(folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_temporary(command):
    """The same, in a folder that is removed afterwards."""
    folder = make_temporary()
    try:
        return run(folder, command)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("verb", choices=["run"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--temporary", action="store_true")
    own, command = sys.argv[1:], []
    if "--" in own:
        cut = own.index("--")
        own, command = own[:cut], own[cut + 1:]
    arguments = parser.parse_args(own)
    if not command or (arguments.folder is None) != arguments.temporary:
        parser.error("give a FOLDER or --temporary, then -- and a command")
    try:
        status = run_temporary(command) if arguments.temporary else run(arguments.folder, command)
    except NotAvailable as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
