"""Questions of planners: what common random numbers save, and how few evaluations the searches need."""

import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.measures import get_due_days
from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.questions.mixes.costs import Costs
from simulation.questions.mixes.reach import reach
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.questions.runs import Runs, Setting
from simulation.questions.staffing.scan_year import CentreRuns, YearTask, simulate_year
from simulation.questions.staffing.search import Goal, Search
from simulation.workers import open_workers

NRW, SMALL = "scenarios/nrw/plan-2021.yaml", Path("tests/simulation/scenario/small/small.yaml")
SEED, RUNS = 2021, 200


def compare_crn_gain() -> dict[str, Any]:
    """Users at the end of 2023 with two more teams: the variance of the difference from independent runs over that from
    the same random numbers is how many times fewer runs give the same interval.
    """
    plan = load(NRW)
    more = change_scenario(plan, ["rollout.teams+=2@2022-01-01"])
    with open_workers(2) as pool:
        base, other = Runs(pool, Setting(SEED)).get([plan, more], range(2 * RUNS))
    users = [find_outcome(list_outcomes(plan), "users.e_laufmappe.2023").measure(of) for of in (base, other)]
    paired = (users[1][:RUNS] - users[0][:RUNS]).var(ddof=1)
    independent = (users[1][RUNS:] - users[0][:RUNS]).var(ddof=1)
    return {
        "name": "compare_crn_gain", "value": independent / paired, "unit": "times fewer runs", "target": 5,
        "detail": f"users at the end of 2023, two more teams, {RUNS} pairs: standard deviation of the difference "
        f"{np.sqrt(paired):,.0f} with the same random numbers, {np.sqrt(independent):,.0f} with others",
    }  # fmt: skip


def capacity_vs_grid() -> dict[str, Any]:
    """The least staff of a year by the search, with its proof, and by every mix of a grid: processor time, and the same
    answer.
    """
    scenario = change_scenario(load(SMALL), [
        "mail.items_per_user_day*=0.2", "scan.items.prepared_sheets_per_hour*=0.1",
        "scan.items.scanned_pages_per_hour*=0.1", "scan.items.indexed_items_per_hour*=0.1",
    ])  # fmt: skip
    centre, goal, runs = scenario.spec.scan.centres[0], Goal(6.0, 0.9, 1.0), 3
    of_centre = CentreRuns(scenario, Setting(SEED), None, centre.id, goal.hours)

    def measure(mix: tuple[int, ...], number: int) -> float:
        return simulate_year(of_centre, YearTask(2022, number, mix)).share

    wilson_interval(1, 2)  # libraries loaded, code compiled, figures drawn: the same for both sides
    for number in range(runs):
        measure((9, 9, 9), number)
    with open_workers(1) as pool:
        begun = time.process_time()
        search = Search(pool, scenario, centre, Setting(SEED), goal, runs)
        row = search.find_year(2022)
        searching = time.process_time() - begun
    begun = time.process_time()
    mixes = list(product(range(1, 9), range(1, 5), range(1, 9)))
    enough = [mix for mix in mixes if min([measure(mix, number) for number in range(runs)]) >= goal.share]
    trying = time.process_time() - begun
    least = min(enough, key=lambda mix: (sum(mix), mix))
    same = least == (row["prepare"], row["scan"], row["check"])
    return {
        "name": "capacity_vs_grid", "value": trying / searching if same else 0.0, "unit": "times faster", "target": 10,
        "detail": f"{least} by {search.evaluations} years of single runs in {searching:.1f} s, grid of {len(mixes)} "
        f"mixes and {len(mixes) * runs} years in {trying:.1f} s; the same answer: {same}",
    }  # fmt: skip


def reach_vs_enumeration() -> dict[str, Any]:
    """The cheapest mix of three levers on the small state, and all 512 of them; the same cost."""
    scenario = change_scenario(load(SMALL), [
        "rollout.teams=1", "rollout.trainers=1", "rollout.slots=1", "rollout.training.hours_per_user*=8",
        "rollout.provisioning.users_per_slot_day*=0.125", "rollout.introduction.per_thousand_users*=8",
    ])  # fmt: skip
    levers = {"rollout.teams": 35, "rollout.trainers": 8, "rollout.slots": 12}
    costs = Costs.model_validate({
        "kind": "costs", "unit": {"de": "Tsd. Euro", "en": "thousand euros"},
        "levers": {name: {"most": 7, "cost": cost} for name, cost in levers.items()},
    })  # fmt: skip
    deadline, runs, wanted = scenario.spec.deadlines[-1], 20, 0.4
    due = get_due_days(scenario.spec)[-1]
    answer = reach(scenario, deadline.id, wanted, costs=costs, replications=runs, seed=SEED)
    cheapest = np.inf
    with open_workers(2) as pool:
        every = Runs(pool, Setting(SEED))
        for mix in product(range(8), repeat=3):
            changes = [cost.write(name, n) for (name, cost), n in zip(costs.levers.items(), mix, strict=True) if n]
            of = every.get([change_scenario(scenario, changes)], range(runs))[0]
            if sum(run.met[-1] <= due for run in of) >= wanted * runs:
                cheapest = min(cheapest, sum(n * cost for n, cost in zip(mix, levers.values(), strict=True)))
    tried, found = answer.summary["mixes_tried"], answer.summary["cost"]
    same = found == (None if np.isinf(cheapest) else cheapest)
    return {
        "name": "reach_vs_enumeration", "value": 512 / tried if same else 0.0, "unit": "times fewer "
            "mixes", "target": 10,
        "detail": f"cost {found} by {tried} mixes, proved: {answer.summary['proved']}; of all 512 mixes: {cheapest}",
    }  # fmt: skip
