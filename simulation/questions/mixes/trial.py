"""Mixes of steps on trial: whether each holds a deadline often enough, with the same random numbers for all."""

import numpy as np

from simulation.levers.apply import change_scenario
from simulation.questions.mixes.cheaper_mixes import Cheaper, Evaluated, judge_cheaper
from simulation.questions.mixes.cheapest_mix import Best, Mix, Space
from simulation.questions.mixes.costs import Costs
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.questions.runs import Runs
from simulation.scenario.model import Deadline
from simulation.scenario.programme import Scenario

BLOCK = 20
"""Runs after which a mix is given up that can no longer hold the deadline often enough."""


class Trial:
    """Tries mixes of steps with common random numbers; those that cannot hold the deadline any more are given up."""

    def __init__(
        self, scenario: Scenario, deadline: Deadline, probability: float, costs: Costs, runs: Runs, replications: int
    ) -> None:
        self.scenario, self.costs, self.runs, self.replications = scenario, costs, runs, replications
        self.deadline, self.probability = deadline, probability
        self._outcome = find_outcome(list_outcomes(scenario), f"deadline.{self.deadline.id}")
        self.evaluated: dict[Mix, Evaluated] = {}

    def write(self, mix: Mix) -> list[str]:
        """The changes of a mix."""
        steps = zip(self.costs.levers.items(), mix, strict=True)
        return [cost.write(name, count) for (name, cost), count in steps if count]

    def is_enough(self, mix: Mix) -> bool:
        changed = change_scenario(self.scenario, self.write(mix))
        wanted, held, runs = int(np.ceil(self.probability * self.replications - 1e-9)), 0, 0
        while runs < self.replications and held + self.replications - runs >= wanted:
            stop = min(runs + BLOCK, self.replications)
            held += self._count(changed, range(runs, stop))
            runs = stop
        self.evaluated[mix] = Evaluated(held, runs)
        return runs == self.replications and held >= wanted

    def check(self, mix: Mix) -> Evaluated:
        """The mix with as many further runs, which the search has not seen."""
        further = range(self.replications, 2 * self.replications)
        return Evaluated(self._count(change_scenario(self.scenario, self.write(mix)), further), len(further))

    def _count(self, scenario: Scenario, numbers: range) -> int:
        return int(self._outcome.measure(self.runs.get([scenario], numbers)[0]).sum())

    def judge_cheaper(self, best: Best) -> Cheaper:
        levers = self.costs.levers.values()
        space = Space(tuple(cost.most for cost in levers), np.array([cost.cost for cost in levers], dtype=float))
        return judge_cheaper(best, space, self.evaluated, self.probability)

    def get_price(self, mix: Mix) -> float:
        return float(sum(count * cost.cost for count, cost in zip(mix, self.costs.levers.values(), strict=True)))
