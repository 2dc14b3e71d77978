"""Processes of `eva` that begin with everything loaded: each is forked from one process that has loaded it and does
nothing else. Loading takes a start of its own 1.5 s of processor time, and the tests need a hundred.

What starting itself takes is tested by `python -m api.cli.main`, `eva` and the wheel: `tests/packaging`,
`tests/api/test_how_to_operate.py`, `tests/api/cli/test_help_and_completion.py` and others.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.patience import PATIENT

ROOT = Path(__file__).parents[1]
MOST_BYTES = 1 << 20


class WarmProcess:
    """A running `eva`, as `subprocess.Popen` would have it."""

    def __init__(self, words: list[str], env: dict[str, str], cwd: Path, out: int, err: int) -> None:
        self.returncode: int | None = None
        self._told, theirs = socket.socketpair()
        with theirs, _lock:
            message = json.dumps({"words": words, "env": env, "cwd": str(cwd)}).encode()
            socket.send_fds(_begin(), [message], [out, err, theirs.fileno()])
        self.pid = int(self._told.recv(64))

    def poll(self) -> int | None:
        return self._receive(0)

    def wait(self, timeout: float | None = None) -> int:
        if (status := self._receive(timeout)) is None:
            raise subprocess.TimeoutExpired("eva", timeout or 0)
        return status

    def _receive(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            self.returncode = int(self._told.recv(64))
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def run_warm(*words: object, env: dict[str, str] | None = None, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run `eva` to its end, as `subprocess.run` would, with what it says as text; `env` is added to that of here."""
    with TemporaryFile() as out, TemporaryFile() as err:
        told = [str(word) for word in words]
        status = WarmProcess(told, os.environ | (env or {}), cwd, out.fileno(), err.fileno()).wait(PATIENT)
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(told, status, out.read().decode(), err.read().decode())


_lock = threading.Lock()


@cache
def _begin() -> socket.socket:
    """The process that has loaded everything, by the line to it; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_BYTES)
    command = [sys.executable, "-m", "tests.warm_start", str(theirs.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _load() -> None:
    """Import what `eva serve` and the commands beside it import, and open a database once, as each of them does.

    What is there is left out of the collection of garbage: each process would copy all of it in the end.
    """
    from api.application.catalogue import ALL
    from api.cli.operation import server_process  # noqa: F401
    from api.cli.shared.garbage import leave_out_what_is_there
    from api.server.jobs import worker  # noqa: F401
    from workflow.engine.engine import Engine

    Engine("sqlite://", catalogue=ALL).close()
    leave_out_what_is_there()
    assert threading.active_count() == 1, "what is forked would miss its threads"


def _serve(line: socket.socket) -> dict[str, Any] | None:
    """Fork for whoever asks until nobody can any more; in a process that was forked: what it is to do."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([line, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _reap(running)
        if line in ready:
            message, files, _, _ = socket.recv_fds(line, MOST_BYTES, 3)
            if not message:
                return None
            *outputs, told = files
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (line, woken, wake, *running.values()):
                    one.close()
                os.close(told)
                for number, output in enumerate(outputs, 1):
                    os.dup2(output, number)
                    os.close(output)
                return json.loads(message)
            for output in outputs:
                os.close(output)
            running[pid] = socket.socket(fileno=told)
            running[pid].send(str(pid).encode())


def _reap(running: dict[int, socket.socket]) -> None:
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with running.pop(pid) as told:
                told.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    from api.cli.main import main

    _load()
    if (asked := _serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        sys.argv = ["eva", *asked["words"]]
        main()
