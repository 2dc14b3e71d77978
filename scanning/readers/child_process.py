"""The child process that reads scanned files: limits first, then jobs from stdin, answers to stdout, one JSON a line.

`python -m scanning.readers.child_process LIMITS`. It has no network, bounded memory, time and file size; it never sees
keys or the database; and what it answers is JSON that the parent validates, so that a file which takes it over gains
little.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scanning.limits import Limits
from scanning.rejection import Reason, Refused
from scanning.requirements.scan_product import MediaType
from scanning.storage.durable_files import FULL

_NEW_USER, _NEW_NET, _NO_DUMPS = 0x10000000, 0x40000000, 4
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.dlopen")


def main(limits: Limits) -> None:
    """Serve until stdin ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    network = _without_network()
    _load()
    _limit(limits)
    out.write(json.dumps({"ready": {"no_network": network}}) + "\n")
    out.flush()
    for line in sys.stdin:
        job = json.loads(line)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        out.write(json.dumps(_answer(job, limits), ensure_ascii=True) + "\n")
        out.flush()


def _answer(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        return {"done": _TASKS[job.pop("task")](limits=limits, **job)}
    except Refused as refused:
        return {"refused": {"reason": refused.reason, "detail": refused.detail}}
    except OSError as wrong:
        if wrong.errno in FULL:
            return {"full": str(wrong)}  # of the store, not of the file
        return {"refused": {"reason": Reason.READER_FAILED, "detail": f"{type(wrong).__name__}: {wrong}"[:300]}}
    except MemoryError:
        return {"refused": {"reason": Reason.DECOMPRESSION_BOMB, "detail": "out of memory"}}
    except RecursionError:
        return {"refused": {"reason": Reason.DECOMPRESSION_BOMB, "detail": "nested too deep"}}
    except Exception as wrong:  # noqa: BLE001 - an unforeseen fault of a reader refuses the file, named, and no other
        return {"refused": {"reason": Reason.READER_FAILED, "detail": f"{type(wrong).__name__}: {wrong}"[:300]}}


def _inspect(path: str, name: str, limits: Limits) -> dict[str, Any]:
    from scanning.inspection.inspect import inspect  # noqa: PLC0415  # loaded by `_load` in time

    return inspect(Path(path), name, limits).model_dump(mode="json")


def _convert(path: str, kind: str, out: str, limits: Limits) -> dict[str, Any]:
    from scanning.pdfa.convert import convert  # noqa: PLC0415

    made = convert(Path(path), MediaType(kind), Path(out), limits)
    return made.model_dump(mode="json")


def _split(path: str, kind: str, folder: str, limits: Limits) -> dict[str, Any]:
    from scanning.separators.detect import split  # noqa: PLC0415

    return split(Path(path), MediaType(kind), Path(folder), limits).model_dump(mode="json")


_TASKS: dict[str, Callable[..., dict[str, Any]]] = {"inspect": _inspect, "convert": _convert, "split": _split}


def _load() -> None:
    """Import what jobs need before the limits are drawn, so that they count from here."""
    from scanning.separators import detect  # noqa: F401, PLC0415


def _without_network() -> bool:
    """Leave the network for an empty one where the system allows it (Linux); whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_NO_DUMPS, 0, 0, 0, 0)
        return bool(library.unshare(_NEW_USER | _NEW_NET) == 0)
    return False


def _limit(limits: Limits) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, limits.total_bytes)
    _set(resource.RLIMIT_AS, _address_space() + limits.memory_bytes)
    sys.addaudithook(_watch)


def _set(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    """Bytes of address space in use."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 1 << 30  # not Linux: a generous guess
    return pages * os.sysconf("SC_PAGE_SIZE")


def _watch(event: str, _arguments: tuple[Any, ...]) -> None:
    """Refuses what no job needs."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a reader of files")


if __name__ == "__main__":
    main(Limits.model_validate_json(sys.argv[1]))
