"""Where the lists of a scenario do not add up to what is known; a what-if may deviate, so these are warnings."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simulation.inputs.faults import Fault, at_least, write_both
from simulation.inputs.yaml_file import Node
from simulation.loading.check_words import fault_at
from simulation.scenario.programme import Scenario, count_in_preparation, count_planned_users, count_reported
from workflow.text import Text


class Deviation(NamedTuple):
    """Where in the file the known number stands, what the lists give, and what is known."""

    path: tuple[str | int, ...]
    says: Text
    expected: Text


def check_totals(scenario: Scenario, root: Node) -> list[Fault]:
    """The deviations as warnings at their places."""
    return [fault_at(root, *deviation) for deviation in list_deviations(scenario)]


def list_deviations(scenario: Scenario) -> list[Deviation]:
    """A what-if may deviate; a base should not."""
    return [*_check_plan(scenario), *_check_counts(scenario), *_check_milestones(scenario)]


def _check_plan(scenario: Scenario) -> Iterator[Deviation]:
    for number, row in enumerate(scenario.spec.plan):
        for product in ("e_akte", "e_laufmappe"):
            have, want = count_planned_users(scenario, date(row.year, 12, 31), product), getattr(row, product).value
            if have != want:
                given, planned = write_both(have), write_both(want)
                says = Text(
                    f"die Listen ergeben {given.de} Nutzer von {product} Ende {row.year}",
                    f"the lists give {given.en} users of {product} at the end of {row.year}",
                )
                expected = Text(f"Plan: {planned.de}", f"plan: {planned.en}")
                yield Deviation(("plan", number, product), says, expected)


def _check_counts(scenario: Scenario) -> Iterator[Deviation]:
    for number, known in enumerate(scenario.spec.checkpoints):
        have, want = count_planned_users(scenario, known.day, "e_laufmappe"), known.users.value
        if abs(have - want) > known.tolerance * want:
            given, counted = write_both(have), write_both(want)
            says = Text(
                f"die Listen ergeben {given.de} Nutzer am {known.day}",
                f"the lists give {given.en} users on {known.day}",
            )
            expected = Text(f"etwa {counted.de}", f"about {counted.en}")
            yield Deviation(("checkpoints", number), says, expected)
    pipeline = scenario.spec.pipeline
    if pipeline and (have := count_in_preparation(scenario, pipeline.day)) != pipeline.users.value:
        given, counted = write_both(have), write_both(pipeline.users.value)
        says = Text(
            f"die Listen ergeben {given.de} Nutzer in Vorbereitung am {pipeline.day}",
            f"the lists give {given.en} users in preparation on {pipeline.day}",
        )
        expected = Text(f"bekannt: {counted.de}", f"known: {counted.en}")
        yield Deviation(("pipeline", "users"), says, expected)


def _check_milestones(scenario: Scenario) -> Iterator[Deviation]:
    """Where the lists do not give what the sources say of the programme."""
    for number, one in enumerate(scenario.spec.milestones):
        have, least, most = count_reported(scenario, one), one.at_least.value, one.at_most
        if have < least or (most and have > most.value):
            given = write_both(have)
            says = Text(
                f"die Listen ergeben {given.de} ({one.measure}) am {one.day}",
                f"the lists give {given.en} ({one.measure}) on {one.day}",
            )
            wanted = write_both(least) if most and most.value == least else at_least(least)
            yield Deviation(("milestones", number, "at_least"), says, wanted)
