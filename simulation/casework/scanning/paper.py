"""What happens to the paper: a backup every night, what was filed is acknowledged, and what is due is destroyed."""

from collections.abc import Generator

import simpy

from scanning.backup_runs import record_backup_run
from scanning.batch_actions.paper import Destroy, ReleaseDestruction
from scanning.batches.scan_batch import Batch
from scanning.handover import POLICIES
from simulation.casework.scanning.evidence import make_digest, read_for_destruction
from simulation.casework.scanning.place import Place
from workflow.engine.subscribers import follow

AT_NIGHT = 22 * 3600
DAY = 86_400
METHOD = "DIN 66399 P-4"


def run_nights(place: Place, batches: list[str]) -> Generator[simpy.Event, None, None]:
    """At ten in the evening of every day; `batches` are the streams of all that came."""
    env, begins = place.office.env, place.office.env.now
    for number in range((place.scenario.horizon.end - place.scenario.horizon.start).days + 1):
        yield env.timeout(begins + number * DAY + AT_NIGHT - env.now)
        _back_up(place, f"night {number + 1}")
        for policy in POLICIES:
            follow(policy, place.office.engine)
        for stream in batches:
            _destroy_due(place, stream)


def _back_up(place: Place, run: str) -> None:
    record_backup_run(place.office.engine, run, place.office.get_now(), make_digest(run), lambda _: True)


def _destroy_due(place: Place, stream: str) -> None:
    """Released by the head of the inspectors, destroyed by an operator: two persons."""
    office, scan = place.office, place.scan
    head, operator = place.teams[scan.inspectors].approvers[0].actor, place.teams[scan.operators].clerks[0].actor
    batch = office.engine.find(stream, Batch)
    due = [item.id for item in batch.items.values() if item.state == "destruction_due"] if batch else []
    for key in due:
        state = office.engine.find(stream, Batch)
        if state is None:
            return
        evidence = read_for_destruction(state, state.items[key], office.get_now())
        released = office.attempt(ReleaseDestruction(item=key, evidence=evidence), head, stream)
        destroy = Destroy(item=key, method=METHOD, evidence=evidence)
        if released is not None and office.attempt(destroy, operator, stream) is not None:
            place.tally.counts[state.authority, "destroyed"] += 1
