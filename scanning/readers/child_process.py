"""The child process that reads scanned files: tasks come on stdin, results go to stdout, one JSON object a line.

`python -m scanning.readers.child_process LIMITS`. It has no network, and its memory, time and file size are bounded; it
never sees keys or the database. The parent validates the JSON that it writes, so a file that takes the child over gains
little.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from scanning.limits import Limits, Turn
from scanning.readers.confinement import leave_network, lower_limit
from scanning.readers.tasks import TASKS
from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.file_io import NO_ROOM

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.dlopen")


def main(limits: Limits) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not look like a result
    no_network = leave_network()
    _import_libraries()
    _set_limits(limits)
    out.write(json.dumps({"ready": {"no_network": no_network}}) + "\n")
    out.flush()

    def begin_page() -> None:
        """Time is limited by the page: the parent waits anew, and computing time is counted anew."""
        _limit_computing(limits)
        out.write('{"page": true}\n')
        out.flush()

    for line in sys.stdin:
        _limit_computing(limits)
        out.write(json.dumps(_run(json.loads(line), limits, begin_page), ensure_ascii=True) + "\n")
        out.flush()


def _limit_computing(limits: Limits) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _run(job: dict[str, Any], limits: Limits, on_page: Turn) -> dict[str, Any]:
    try:
        task = TASKS[job.pop("task")]
        return {"done": task.function(limits=limits, on_page=on_page, **job).model_dump(mode="json")}
    except FileRejected as rejected:
        return _reject(rejected.reason, rejected.detail)
    except OSError as error:
        if error.errno in NO_ROOM:
            return {"full": str(error)}  # the disk is full; nothing is wrong with the file
        return _reject(RejectionReason.READER_FAILED, f"{type(error).__name__}: {error}"[:300])
    except MemoryError:
        return _reject(RejectionReason.DECOMPRESSION_BOMB, "out of memory")
    except RecursionError:
        return _reject(RejectionReason.DECOMPRESSION_BOMB, "nested too deep")
    except Exception as error:  # noqa: BLE001 - an unforeseen fault rejects this file, named, and no other
        return _reject(RejectionReason.READER_FAILED, f"{type(error).__name__}: {error}"[:300])


def _reject(reason: RejectionReason, detail: str) -> dict[str, Any]:
    return {"rejected": {"reason": reason, "detail": detail}}


def _import_libraries() -> None:
    """Import what tasks need before the limits are set, so that these count from here."""
    from scanning.readers import read_scan  # noqa: F401, PLC0415


def _set_limits(limits: Limits) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    lower_limit(resource.RLIMIT_CORE, 0)
    lower_limit(resource.RLIMIT_FSIZE, limits.total_bytes)
    lower_limit(resource.RLIMIT_AS, _address_space() + limits.memory_bytes)
    sys.addaudithook(_forbid)


def _address_space() -> int:
    """Bytes of address space in use now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 1 << 30  # not Linux: a generous guess
    return pages * os.sysconf("SC_PAGE_SIZE")


def _forbid(event: str, _arguments: tuple[Any, ...]) -> None:
    """Audit hook: raise `PermissionError` for what no task needs."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a reader of files")


if __name__ == "__main__":
    main(Limits.model_validate_json(sys.argv[1]))
