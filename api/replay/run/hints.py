"""Why a step was refused, or not: what the machine's table says of the action in that state."""

from typing import Any

from api.replay.file.format import Step
from api.replay.run.compare import find_guard
from api.replay.run.driver import Outcome
from workflow.engine.machine import Machine, Row


def build_hint(step: Step, state: str | None, outcome: Outcome, machine: Machine[Any] | None) -> tuple[str, ...]:
    if machine is None or step.do is None:
        return ()
    said = str(outcome.problem.get("state") or state or "")
    rows = [row for row in machine.table if row.action == step.do and row.source == said]
    lines = [_row(machine, row) for row in rows]
    if not rows:
        sources = sorted({row.source for row in machine.table if row.action == step.do})
        lines.append(f"{machine.name}: `{step.do}` has no row in state `{said}`, only in {', '.join(sources)}")
    guard = find_guard(outcome, machine) if outcome.refused else None
    if guard is not None:
        lines.insert(0, f"guard `{guard}` said no: {outcome.problem.get('detail')}")
    elif outcome.status == 403:
        lines.insert(0, f"a role or authority said no: {outcome.problem.get('detail')}")
    allowed = outcome.problem.get("allowed_actions")
    if allowed is not None:
        lines.append(f"allowed here: {', '.join(allowed) or 'nothing'}")
    return tuple(lines)


def _row(machine: Machine[Any], row: Row) -> str:
    guards = f", if {', '.join(row.guards)}" if row.guards else ""
    roles = ", ".join(sorted(row.roles))
    return f"{machine.name}: {row.source} --{row.action}--> {row.target} for {roles}{guards} [{row.basis}]"
