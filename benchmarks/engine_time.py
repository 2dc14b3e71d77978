"""Processor time of one command of the engine, and the parts of it."""

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from benchmarks.office import enter_people, office
from workflow.catalogue import WORKFLOW
from workflow.engine.decider import Work
from workflow.engine.engine import Engine

ROUNDS = 9


def engine_us_per_command() -> dict[str, Any]:
    """Processor time of one command of an office in memory, on one core, and the parts of it."""
    engine = Engine("sqlite://", catalogue=WORKFLOW)
    enter_people(engine)
    numbers = count()

    def measure(records: int) -> float:
        began, commands = time.process_time(), 0
        for _ in range(records):
            commands += sum(1 for _ in office(engine, next(numbers)))
        return 1e6 * (time.process_time() - began) / commands

    measure(50)  # warms up
    turns = sorted(measure(100) for _ in range(ROUNDS))
    whole = turns[len(turns) // 2]
    parts = _shares(engine, lambda: measure(300))
    engine.close()
    told = ", ".join(f"{name} {whole * share:.0f}" for name, share in parts.items())
    detail = f"median of {ROUNDS} turns ({turns[0]:.0f} to {turns[-1]:.0f}); {told} us, the rest the way there and back"
    return {"name": "engine_us_per_command", "value": whole, "unit": "us", "target": 80, "detail": detail}


def _shares(engine: Engine, run: Callable[[], object]) -> dict[str, float]:
    """Which share of the time each part takes, by wrapping its function; none of them calls another."""
    spent = dict.fromkeys(("decided", "folded", "hashed", "appended"), 0.0)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments)
            finally:
                spent[name] += time.process_time() - began

        return wrapper

    kinds = {
        category: replace(kind, decide=timed("decided", kind.decide))
        for category, kind in engine.catalogue.kinds.items()
    }  # fmt: skip
    with (
        patch.object(engine._decider, "catalogue", replace(engine.catalogue, kinds=kinds)),
        patch.object(Work, "_folded", timed("folded", Work._folded)),
        patch.object(Work, "_rows", timed("hashed", Work._rows)),
        patch.object(engine.log, "append", timed("appended", engine.log.append)),
    ):
        gc.disable()  # a collection would be counted for the part in which it happens to begin
        began = time.process_time()
        run()
        whole = time.process_time() - began
        gc.enable()
    return {name: seconds / whole for name, seconds in spent.items()}
