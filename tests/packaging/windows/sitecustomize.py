"""Python as our packages find it on Windows, as far as that can be had elsewhere; Python imports this at its start.

Our modules, and no others, see no module and no name that Windows lacks; folders cannot be opened to be synced, what
may not be written is neither synced nor deleted; processes inherit no descriptors; there is `msvcrt`.
"""

import builtins
import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import types
from typing import Any

OURS = ("workflow", "scanning", "simulation", "api", "scenarios")
LACKING = {
    "fcntl", "resource", "termios", "pwd", "grp", "pty", "tty", "posix", "syslog", "readline", "crypt", "spwd", "nis",
    "uvloop",
}  # fmt: skip
LACKING_OF_OS = {
    "fork", "forkpty", "setsid", "setpgid", "getpgid", "getpgrp", "getsid", "killpg", "nice", "getpriority",
    "setpriority", "sysconf", "confstr", "uname", "getuid", "geteuid", "getgid", "getegid", "getgroups", "setuid",
    "chown", "fchown", "lchown", "fchmod", "mkfifo", "mknod", "openpty", "pipe2", "posix_fadvise", "posix_fallocate",
    "posix_spawn", "posix_spawnp", "pread", "pwrite", "preadv", "pwritev", "readv", "writev", "sendfile",
    "sched_getaffinity", "sched_setaffinity", "sched_yield", "getloadavg", "wait", "wait3", "wait4", "waitid",
    "WNOHANG",
    "WIFEXITED", "WEXITSTATUS", "WIFSIGNALED", "WTERMSIG", "statvfs", "fstatvfs", "sync", "fdatasync", "lockf",
    "set_blocking", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_SYNC", "O_DSYNC", "O_NOATIME",
    "O_TMPFILE", "RTLD_NOW", "chroot", "fchdir", "getxattr", "setxattr", "memfd_create", "eventfd", "ctermid",
}  # fmt: skip
SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}
LACKING_OF_SIGNAL = {name for name in dir(signal) if name.startswith("SIG") and name not in SIGNALS} | {
    "pthread_sigmask", "pthread_kill", "sigwait", "sigpending", "sigtimedwait", "setitimer", "alarm", "pause",
    "siginterrupt",
}  # fmt: skip


class Module(types.ModuleType):
    """Another module without some of its names, and with others instead."""

    def __init__(self, real: types.ModuleType, lacking: set[str], instead: dict[str, Any]) -> None:
        super().__init__(real.__name__)
        self._real, self._lacking = real, lacking
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> Any:
        if name in self._lacking:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self._real, name)


def open_file(path: Any, flags: int, mode: int = 0o777) -> int:
    if os.path.isdir(path):  # noqa: PTH112
        raise PermissionError(errno.EACCES, "a folder cannot be opened", str(path))
    return os.open(path, flags, mode)


def fsync(handle: int) -> None:
    if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "what is opened to be read cannot be synced")
    os.fsync(handle)


class Popen(subprocess.Popen[Any]):
    def __init__(self, *args: Any, pass_fds: Any = (), preexec_fn: Any = None, **options: Any) -> None:
        if pass_fds or preexec_fn:
            raise ValueError("pass_fds and preexec_fn are not for Windows")
        super().__init__(*args, **options)


def locking(handle: int, mode: int, _count: int) -> None:
    fcntl.flock(handle, mode)


def delete(path: Any, *, real: Any = os.unlink, **options: Any) -> None:
    if not os.stat(path, **options).st_mode & stat.S_IWUSR:  # noqa: PTH116
        raise PermissionError(errno.EACCES, "a file that may not be written is not deleted", str(path))
    real(path, **options)


msvcrt = types.ModuleType("msvcrt")
msvcrt.__dict__.update(locking=locking, LK_NBLCK=fcntl.LOCK_EX | fcntl.LOCK_NB, LK_UNLCK=fcntl.LOCK_UN)
INSTEAD = {
    "os": Module(os, LACKING_OF_OS, {"name": "nt", "open": open_file, "fsync": fsync, "O_BINARY": 0}),
    "signal": Module(signal, LACKING_OF_SIGNAL, {}),
    "subprocess": Module(subprocess, set(), {"Popen": Popen, "CREATE_NEW_PROCESS_GROUP": 0}),
    "msvcrt": msvcrt,
}
really_import = builtins.__import__


def import_as_on_windows(name: str, importing: Any = None, *args: Any, **options: Any) -> Any:
    ours = str((importing or {}).get("__name__", "")).partition(".")[0] in OURS
    if ours and name.partition(".")[0] in LACKING:
        raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
    if ours and name in INSTEAD:
        return INSTEAD[name]
    return really_import(name, importing, *args, **options)


if __name__ == "sitecustomize":  # by Python at its start; whoever reads the names above is not changed
    builtins.__import__ = import_as_on_windows
    os.unlink = os.remove = delete
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # no one's, on Windows
