"""Which step follows which: against counts that polars makes of the exported table, and by hand."""

import io
from collections.abc import Iterator

import polars as pl
import pytest

from scenarios import FOLDER
from simulation.casework.casework import adapt
from simulation.casework.simulate import Run, simulate
from simulation.event_logs.table import write_csv
from simulation.event_logs.traces import Step, Trace, read_traces
from simulation.loading.load_casework import load_casework
from simulation.mining.flow import BY_TIME, END, START, discover, shorten
from simulation.mining.table import list_flow
from workflow.engine.store.log import Log


def make_trace(steps: str, **transitions: str) -> Trace:
    listed = [
        Step(n, name, name, transitions.get(name, "complete"), f"2021-01-{n + 1:02d}", "p", None, None, None, None)
        for n, name in enumerate(steps.split())
    ]
    return Trace("routing-slip", "x", {}, listed)


def test_steps_follow_each_other_within_a_case_and_only_there() -> None:
    flow = discover([make_trace("a b c"), make_trace("a c"), make_trace("a b c")])
    assert flow.cases == 3
    assert flow.arcs == {(START, "a"): 3, ("a", "b"): 2, ("b", "c"): 2, ("a", "c"): 1, ("c", END): 3}
    assert flow.variants == {("a", "b", "c"): 2, ("a", "c"): 1}
    assert flow.places == {"a": 0, "b": 0.5, "c": 1}


def test_what_is_scheduled_or_said_by_time_is_no_step_of_its_own() -> None:
    reminder = min(BY_TIME)
    flow = discover([make_trace(f"a b {reminder} c", b="schedule"), make_trace("b", b="start")])
    assert flow.variants == {("a", "c"): 1}
    assert (flow.cases, flow.activities) == (1, {"a": 1, "c": 1})


def test_nothing_gives_nothing() -> None:
    flow = discover([])
    assert (flow.cases, dict(flow.arcs)) == (0, {})
    assert [frame.height for frame in list_flow(flow).values()] == [0, 0]


def test_steps_alike_in_a_row_are_told_once() -> None:
    assert shorten(["a", "b", "b", "a"]) == [("a", 1), ("b", 2), ("a", 1)]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Four weeks of the small office."""
    url = f"sqlite:///{tmp_path_factory.mktemp('log')}/eva.db"
    simulate(adapt(load_casework(FOLDER / "casework" / "small-office.yaml")[0], days=28).scenario, 7, Run(1, url=url))
    opened = Log(url, read_only=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def exported(log: Log) -> pl.DataFrame:
    """What a spreadsheet sees of the routing slips: complete steps, apart from reminders and escalations."""
    table = pl.read_csv(io.StringIO("".join(write_csv(read_traces(log)))), infer_schema_length=0)
    return table.filter(
        (pl.col("category") == "routing-slip") & (pl.col("transition") == "complete")
        & ~pl.col("activity").is_in(["slip.reminded", "slip.escalated"])
    )  # fmt: skip


def test_counts_are_those_of_the_exported_table(log: Log, exported: pl.DataFrame) -> None:
    tables = list_flow(discover(read_traces(log, ["routing-slip"])))
    following = pl.col("activity").shift(-1).over("case").fill_null(END)
    arcs = exported.select(step="activity", next_step=following).group_by("step", "next_step").len()
    ours = tables["flow"].filter(pl.col("step") != START)
    assert set(ours.rows()) == set(arcs.rows())
    first = exported.group_by("case", maintain_order=True).first()["activity"].value_counts()
    assert set(tables["flow"].filter(pl.col("step") == START)["next_step", "times"].rows()) == set(first.rows())
    orders = exported.group_by("case", maintain_order=True).agg(pl.col("activity").str.join(" ")).group_by(
        "activity").len()  # fmt: skip
    assert set(tables["variants"]["steps", "cases"].rows()) == set(orders.rows())
    assert tables["variants"]["together"].to_list()[-1:] in ([], [pytest.approx(1)])
