# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: a server in its production form, its CPU time, and tables of figures."""

import contextlib
import dataclasses
import json
import os
import pathlib
import platform
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import nginx  # noqa: E402
import postgresql  # noqa: E402
import stored_devices  # noqa: E402
from production import SiteStage  # noqa: E402
from stage import SERVER_HOST  # noqa: E402

TOPIC = "com.apple.mgmt.External.5f2f4a9e-3d5b-4a43-9d4c-0e0c1a5d7c11"
RUN_TIMEOUT_S = 300
HEALTH = f"GET /healthz HTTP/1.1\r\nHost: {SERVER_HOST}\r\nAccept: */*\r\n\r\n".encode()
# One client is many here, so what a site allows one address is lifted; all else is the packaged site.
OPEN_SITE = ((r"limit_req zone=.*;", ""), (r"limit_conn doorward_connections 512;", "limit_conn doorward_connections 60000;"),
             (r"keepalive_timeout 60s;\n    reset", "keepalive_timeout 600s;\n    keepalive_requests 10000000;\n    reset"))


def cpu_s(pid):
    """CPU time of a process and of its threads that have ended, in seconds: the kernel's clock of that process."""
    return time.clock_gettime(((~pid) << 3) | 2)


def read_mib(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {name}")


def rss_mib(pid):
    return read_mib(pid, "VmRSS")


def peak_mib(pid):
    """The most that was resident since the program began."""
    return read_mib(pid, "VmHWM")


def children(pid):
    """The processes a process has started."""
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def print_machine():
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    print(f"machine: {model}, {os.cpu_count()} processors, Linux {platform.release()}")
    print_load()


def print_load():
    print("load average: " + " ".join(f"{value:.2f}" for value in os.getloadavg()), flush=True)


def write_requests(path, requests):
    """A file for bench-load: each request behind its length."""
    with open(path, "wb") as file:
        for request in requests:
            file.write(struct.pack(">I", len(request)) + request)


@dataclasses.dataclass
class Figures:
    """What one run cost."""

    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    server_us: float
    front_us: float
    rss: float

    @property
    def rate(self):
        return self.requests / self.seconds


def median(figures):
    """The run in the middle by the server's CPU time."""
    return sorted(figures, key=lambda f: f.server_us)[len(figures) // 2]


def check(holds, what):
    """For --check: ends the program when a figure is far from what it should be."""
    if not holds:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {what}")


class Target(SiteStage):
    """Doorward on unix sockets, as behind a proxy; no identity provider unless asked for."""

    sign_ins_per_minute = 60000
    topic = TOPIC

    def __init__(self, build, cluster=None, idp=False, config=""):
        database = f"Driver=postgresql\nUri={cluster.uri}" if cluster else None
        super().__init__(build, config=(f"[apple]\nTopic={self.topic}\n" if self.topic == TOPIC else "") + config, database=database, idp=idp,
                         plugins="postgresql;saml" if cluster else "sqlite;saml")
        self.cluster = cluster

    @property
    def pid(self):
        return self.server.process.pid

    @contextlib.contextmanager
    def nginx(self, connections=1024, changes=()):
        """The packaged site in front, for as long as the block runs."""
        front = nginx.Nginx(self.sockets, OPEN_SITE + changes, group=self.group, server_name=SERVER_HOST, port=self.port,
                            certificate=self.folder / "server.pem", key=self.folder / "server.key", connections=connections + 512)
        with front:
            self.front = front
            yield front
            self.front = None

    def run_sql(self, statements):
        if self.cluster:
            stored_devices.run_postgresql(self.cluster, statements)
        else:
            stored_devices.run_sqlite(self.folder / "state/doorward.db", statements)

    def add_devices(self, count):
        """Enrolled devices whose requests are signed beforehand; their files are NAME.requests in the folder."""
        subprocess.run([self.build / "tests/bench/bench-devices", "--state", self.folder / "state", "--folder", self.folder,
                        "--topic", self.topic, "--host", SERVER_HOST, "--count", str(count)], check=True, timeout=RUN_TIMEOUT_S)
        lines = (self.folder / "devices.tsv").read_text().splitlines()
        self.run_sql(stored_devices.device_statements(lines, self.topic))

    def add_stored(self, first, last):
        """Devices that are only rows."""
        self.run_sql(stored_devices.bulk_statements("postgresql" if self.cluster else "sqlite", first, last, self.topic))

    def load_words(self, file, through):
        where = ["--tls", self.port, "--host", SERVER_HOST] if through == "nginx" else []
        for path in () if through == "nginx" else self.sockets:
            where += ["--unix", path]
        return [str(w) for w in (self.build / "tests/bench/bench-load", *where, "--file", file)]

    def front_cpu(self):
        return sum(cpu_s(pid) for pid in children(self.front.process.pid)) if self.front else 0.0

    def measure(self, file, requests, through="socket", connections=16, status="200"):
        """Plays requests; every answer must have the status, or ask one in a thousand to come again."""
        before, front = cpu_s(self.pid), self.front_cpu()
        done = subprocess.run(self.load_words(file, through) + ["--connections", str(connections), "--requests",
                              str(requests)], capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"bench-load: {done.stderr}\n{self.server.tail()}")
        after, front = cpu_s(self.pid), self.front_cpu() - front
        result = json.loads(done.stdout)
        busy = result["statuses"].get("503", 0)
        if result["statuses"].get(status, 0) + busy != requests or busy > requests / 1000:
            raise RuntimeError(f"answers: {result['statuses']}\n{self.server.tail()}")
        if busy:
            print(f"({busy} of {requests} requests were answered with 503: come again)", flush=True)
        return Figures(requests, result["seconds"], result["p50_us"], result["p99_us"], (after - before) / requests * 1e6,
                       front / requests * 1e6, rss_mib(self.pid))

    @contextlib.contextmanager
    def idle_connections(self, count):
        """So many keep-alive connections at nginx that have had a request and now say nothing."""
        if count == 0:
            yield
            return
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < count + 256:
            raise RuntimeError(f"{count} connections need more than {hard} descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        write_requests(self.folder / "health.requests", [HEALTH])
        holder = subprocess.Popen(self.load_words(self.folder / "health.requests", "nginx") + [
            "--connections", str(count), "--requests", str(count), "--hold"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        try:
            if not holder.stdout.readline():
                raise RuntimeError("the idle connections could not be made")
            yield
        finally:
            holder.stdin.close()
            holder.wait(RUN_TIMEOUT_S)


class Table:
    """Rows of figures, printed as they come; of use in a document as they are."""

    def __init__(self, *columns):
        self.columns = columns
        print()
        self.row(*columns)
        print("|" + "---|" * len(columns), flush=True)

    def row(self, *cells):
        print("| " + " | ".join(f"{c:.0f}" if isinstance(c, float) else str(c) for c in cells) + " |", flush=True)


@contextlib.contextmanager
def temporary_cluster():
    """A PostgreSQL of our own that makes every commit durable."""
    folder = tempfile.mkdtemp(prefix="door-pg-")
    os.chmod(folder, 0o755)
    try:
        cluster = postgresql.Cluster(folder, durable=True)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
