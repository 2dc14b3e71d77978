"""Random values of a replication: the uncertain figures of its scenario, and times that vary from case to case."""

import math

from numpy.random import Generator

from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.figures import Lying, Touch, find_figures

DRAWN = ("work", "handling", "paper", "scan", "staff.for_casework", "staff.part_time", "staff.absent",
         "staff.new_to_it", "staff.absence_days", "staff.learning_weeks")  # fmt: skip
"""Sections whose assumed figures are drawn anew in every replication. How many people there are is not."""


def draw_figures(scenario: CaseworkScenario, streams: Streams) -> CaseworkScenario:
    """The scenario with every uncertain figure drawn from the triangular distribution over its range."""
    values: dict[str, float] = {}
    for path, figure, _ in find_figures(scenario):
        low, high = figure.low, figure.high
        if low is not None and high is not None and low < high and path.startswith(DRAWN):
            drawn = streams.generator(path, "figure").triangular(low, figure.value, high)
            values[path] = round(drawn) if isinstance(figure.value, int) else drawn
    return scenario.with_values(values)


def draw_touch(touch: Touch, random: Generator) -> float:
    """Seconds of work on one thing."""
    return 60.0 * touch.minutes.value * math.exp(touch.spread.value * random.standard_normal())


def draw_lying(lying: Lying, random: Generator) -> float:
    """Working days that a thing lies."""
    return lying.days.value * math.exp(lying.spread.value * random.standard_normal())
