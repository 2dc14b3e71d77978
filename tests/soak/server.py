"""A server whose clock jumps: the seconds in the file named by EVA_SOAK_CLOCK are added to the machine's time."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.cli.operation.server_process import run
from api.settings import from_environment
from workflow.engine.engine import Engine

OFFSET = Path(os.environ["EVA_SOAK_CLOCK"])


def jumping_clock() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(OFFSET.read_text() or 0))


if __name__ == "__main__":
    Engine.__init__.__kwdefaults__["clock"] = jumping_clock
    run(from_environment(os.environ))
