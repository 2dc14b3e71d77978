"""Why a step was refused, or not: what the machine's table says of the action in that state, and whose turn it is."""

from collections.abc import Iterator
from typing import Any

from api.replay.file.format import Step
from api.replay.run.compare import find_guard
from api.replay.run.driver import Outcome
from workflow.engine.machine import Machine, Row
from workflow.text import Text, same

NOT_THEIR_TURN = "active"
"""The guard of stations whose turn it is not."""


def build_hint(
    step: Step, state: str | None, outcome: Outcome, machine: Machine[Any] | None, before: Any = None
) -> tuple[Text, ...]:
    """`state` of what the step is about, as it found it, and `before`, the whole thing. What refused it may be another:
    a routing slip's last station closes a case, which has a state of its own.
    """
    if machine is None or step.do is None:
        return ()
    found = state or str(outcome.problem.get("state") or "")
    rows = [row for row in machine.table if row.action == step.do and row.source == found]
    guard = find_guard(outcome, machine) if outcome.refused else None
    lines = [*_tell_refusal(outcome, guard), *(_tell_row(machine, row) for row in rows)]
    if not rows:
        sources = ", ".join(sorted({row.source for row in machine.table if row.action == step.do}))
        lines.append(Text(
            f"{machine.name}: `{step.do}` geht nicht im Zustand `{found}`, nur in {sources}",
            f"{machine.name}: `{step.do}` has no row in state `{found}`, only in {sources}",
        ))  # fmt: skip
    if guard == NOT_THEIR_TURN:
        lines += _tell_turn(before)
    return (*lines, *_tell_allowed(step, outcome))


def _tell_refusal(outcome: Outcome, guard: str | None) -> Iterator[Text]:
    detail = outcome.detail
    if guard is not None:
        yield Text(f"die Bedingung `{guard}` sagt nein: {detail.de}", f"guard `{guard}` said no: {detail.en}")
    elif outcome.status == 403:
        yield Text(f"Rolle oder Behörde sagt nein: {detail.de}", f"a role or authority said no: {detail.en}")


def _tell_row(machine: Machine[Any], row: Row) -> Text:
    guards, roles = ", ".join(row.guards), ", ".join(sorted(row.roles))
    way = f"{machine.name}: {row.source} --{row.action}--> {row.target}"
    return Text(
        f"{way} für {roles}{f', wenn {guards}' if guards else ''} [{row.basis}]",
        f"{way} for {roles}{f', if {guards}' if guards else ''} [{row.basis}]",
    )


def _tell_turn(slip: Any) -> Iterator[Text]:
    stations = slip.get("stations", []) if isinstance(slip, dict) else []
    due = [f"{number} {one['kind']} {one['actor']}" for number, one in enumerate(stations, 1)
           if one.get("status") == "active"]  # fmt: skip
    if due:
        yield Text(f"an der Reihe: {', '.join(due)}", f"whose turn it is: {', '.join(due)}")


def _tell_allowed(step: Step, outcome: Outcome) -> Iterator[Text]:
    """Other actions than the one refused: asked without its fields, a guard that looks at them says yes."""
    allowed = outcome.problem.get("allowed_actions")
    if allowed is None:
        return
    state = outcome.problem.get("state")
    named = same(", ".join(one for one in allowed if one != step.do)) if set(allowed) - {step.do} else NOTHING
    yield Text(f"im Zustand `{state}` möglich: {named.de}", f"possible in state `{state}`: {named.en}")


NOTHING = Text("nichts", "nothing")
