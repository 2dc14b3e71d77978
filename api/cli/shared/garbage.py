"""How often Python looks for garbage: seldom, since a process keeps for good nearly all that it has loaded."""

import atexit
import gc

MADE_BETWEEN = 20_000
"""Objects, instead of Python's 700: looking again and again through what libraries load takes a tenth of a start."""


def collect_seldom() -> None:
    """Also not at the end, when all that was loaded would be looked through for a quarter of the time of a command."""
    gc.set_threshold(MADE_BETWEEN)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)


def leave_out_what_is_there() -> None:
    """What the process consists of is looked through once more, and never again."""
    gc.collect()
    gc.freeze()
