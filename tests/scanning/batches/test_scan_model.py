"""Random scanning, mail, clerks, time and crashes, against a plain model and an auditor who reads only the log."""

import os

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scanning.batches.scan_machine import ScanMachine, many
from tests.scanning.conftest import VH, ScanOffice, check
from tests.scanning.requirements.audit import Auditor

SOAK = int(os.environ.get("EVA_SOAK", "1"))
"""How many times more random lives than in every run of the tests."""


def machine(url: str, **more) -> type[ScanMachine]:
    office = ScanOffice(url)
    office.register("clerk", clearance=VH)
    return type("OfScanning", (ScanMachine,), {"office": office, "auditor": Auditor(), **more})


def test_random_scanning_with_crashes(durable_url: str) -> None:
    kind = machine(durable_url)
    run_state_machine_as_test(kind, settings=settings(max_examples=5 * SOAK, stateful_step_count=30, deadline=None))
    check(kind.office)
    kind.office.engine.close()


def test_a_crash_between_any_two_commands(durable_url: str) -> None:
    """Before every command the engine is gone and opened anew from its database."""
    kind = machine(durable_url, crashes=True)
    many(kind, 6)
    check(kind.office)
    destroyed = [item["destroyed"] for items in kind.auditor.items.values() for item in items.values()]
    assert 2 <= sum(destroyed) < len(destroyed), "some paper has to go, and some to stay, for this to say anything"
    kind.office.engine.close()


def test_the_same_commands_give_the_same_log() -> None:
    logs = []
    for _ in range(2):
        kind = machine("sqlite://")
        many(kind, 8)
        logs.append(list(kind.office.engine.log.read_all()))
        kind.office.engine.close()
    assert logs[0] == logs[1]
    assert len(logs[0]) > 100
