"""Whether a scenario or replay handed in can be used.

Reading a large one takes seconds of computing, so a child process does it, which shares no interpreter with other
requests and can be killed; what it is given and gives is plain data.
"""

import re
from typing import Any, NamedTuple

from api.server.jobs.shipped_files import load, load_replay
from simulation.inputs.faults import Fault, UnusableInput
from workflow.errors import MOST_FAULTS

KIND_REPLAY = re.compile(r"^kind:[ \t]*[\"']?replay\b", re.MULTILINE)
FIELDS = ("name", "kind", "title", "scenario_hash", "authorities", "projects", "horizon", "cases", "steps")


class Checked(NamedTuple):
    """What it says with warnings, or the faults for which it cannot be used."""

    says: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]


def check(text: str) -> Checked:
    """What a scenario or a replay says, as its `kind` says which of both it is."""
    return check_replay(text) if KIND_REPLAY.search(text) else check_scenario(text)


def check_scenario(text: str) -> Checked:
    try:
        loaded, warnings = load(None, text)
    except UnusableInput as unusable:
        return Checked({}, unusable.faults[:MOST_FAULTS], [])
    spec = loaded.spec
    says = {
        "name": spec.name, "kind": "rollout", "title": spec.title.model_dump(), "scenario_hash": loaded.digest,
        "authorities": len(loaded.authorities), "projects": len(loaded.projects),
        "horizon": {"start": spec.horizon.start, "end": spec.horizon.end},
    }  # fmt: skip
    return Checked({**dict.fromkeys(FIELDS), **says}, [], warnings[:MOST_FAULTS])


def check_replay(text: str) -> Checked:
    try:
        cases, remarks = load_replay(text)
    except UnusableInput as unusable:
        return Checked({}, unusable.faults[:MOST_FAULTS], [])
    title = cases[0].title if len(cases) == 1 else cases[0].replay.title
    steps = sum(len(case.replay.steps) for case in cases)
    says = {
        "kind": "replay", "title": {"de": title, "en": title}, "cases": len(cases), "steps": steps,
    }  # fmt: skip
    return Checked({**dict.fromkeys(FIELDS), **says}, [], remarks[:MOST_FAULTS])
