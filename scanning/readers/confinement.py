"""What a process gives up before it touches a scanned file: network, and memory, time and file size beyond limits.

`python -I confinement.py MEMORY SECONDS FILE_BYTES PROGRAM ARGUMENT…` does so and becomes that program. Nothing but the
standard library is imported, so that this takes a moment.
"""

import contextlib
import ctypes
import os
import resource
import sys

NO_NETWORK_LEFT = 75
"""Status where a program was not run, because it would have had the network."""
_NEW_USER, _NEW_NET, _NO_DUMPS = 0x10000000, 0x40000000, 4


def leave_network() -> bool:
    """Change to an empty network name space where the system allows it (Linux); whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_NO_DUMPS, 0, 0, 0, 0)
        return any(library.unshare(spaces) == 0 for spaces in (_NEW_USER | _NEW_NET, _NEW_NET))
    return False


def lower_limit(which: int, value: int) -> None:
    """Set a limit of `resource` that cannot be raised again."""
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def become(memory: int, seconds: int, file_bytes: int, command: list[str]) -> None:
    """Run a program in place of this process, confined; it is not run where it would have the network."""
    if not leave_network():
        sys.exit(NO_NETWORK_LEFT)
    lower_limit(resource.RLIMIT_CORE, 0)
    lower_limit(resource.RLIMIT_AS, memory)
    lower_limit(resource.RLIMIT_CPU, seconds)
    lower_limit(resource.RLIMIT_FSIZE, file_bytes)
    os.execv(command[0], command)  # noqa: S606 - without a shell is what is wanted


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
