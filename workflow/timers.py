"""A timer: at this time this command, unless something else happens before. Derived from state, so never lost."""

from datetime import datetime
from typing import NamedTuple

from workflow.commands import Command


class Timer(NamedTuple):
    """`key` is unique in its stream and stays the same as long as the reason does."""

    key: str
    at: datetime
    command: Command
