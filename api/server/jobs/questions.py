"""Questions about scenarios as jobs: comparisons, what matters most, what it would take; answered as by `eva`.

What a question leaves in its folder: each table as CSV, Parquet and XLSX, each chart as SVG in both languages, a page,
and a summary with what the answer says.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from api.application.run import RequestRun
from api.application.run_events import MOST_REPLICATIONS, Mode, QuestionKind, ScenarioQuestion
from api.server.jobs.shipped_files import load
from api.server.jobs.tables import REPORT, SUMMARY
from simulation.charts.charts import LOCALES
from simulation.replications import MIX_REPLICATIONS, POINT_REPLICATIONS, REPLICATIONS
from workflow.errors import InvalidCommand
from workflow.text import Text

if TYPE_CHECKING:
    from simulation.questions.answer import Answer
    from simulation.scenario.programme import Scenario

Progress = Callable[[int, int], None]
NOT_ASKED = Text("das gehört nicht zu dieser Frage", "this is not part of this question")
FIELDS = ("others", "outcome", "deadline", "percent")
"""Of a question, those that only some kinds have."""


def answer(job: dict[str, Any], on_progress: Progress) -> "tuple[Answer, Scenario]":
    """The answer to the question of a job, and the scenario that it is about.

    Raises `UnusableInput` for a scenario and `Unanswerable` for a question that cannot be answered.
    """
    question = ScenarioQuestion.model_validate_json(json.dumps(job["question"]))
    scenario, _ = load(job["scenario"], job["text"])
    how: dict[str, Any] = {
        "seed": job["seed"], "workers": job["processes"], "kept": Path(job["cache"]) if job["cache"] else None,
        "on_progress": on_progress,
    }  # fmt: skip
    return KINDS[question.kind].ask(question, scenario, job, how), scenario


def _compare(question: ScenarioQuestion, scenario: "Scenario", job: dict[str, Any], how: dict[str, Any]) -> "Answer":
    from simulation.questions.compare import compare  # noqa: PLC0415 - heavy: only who asks pays

    scenarios = [scenario, *(load(one.scenario, one.text)[0] for one in question.others)]
    return compare(scenarios, replications=job["replications"], scan_replications=0, mode=job["mode"], **how)


def _analyse(question: ScenarioQuestion, scenario: "Scenario", job: dict[str, Any], how: dict[str, Any]) -> "Answer":
    from simulation.questions.sensitivity import analyse_sensitivity  # noqa: PLC0415 - as above

    return analyse_sensitivity(scenario, outcome=question.outcome, runs=job["replications"], **how)


def _reach(question: ScenarioQuestion, scenario: "Scenario", job: dict[str, Any], how: dict[str, Any]) -> "Answer":
    from simulation.questions.mixes.reach import reach  # noqa: PLC0415 - as above

    share = (question.percent or 0) / 100
    return reach(scenario, question.deadline or "", share, replications=job["replications"], mode=job["mode"], **how)


class Kind(NamedTuple):
    """`fields`: of `FIELDS`, those of this kind. How many replications it takes: at least, at most, and where none are
    named. `modes`: in which it is played.
    """

    ask: Callable[..., "Answer"]
    fields: frozenset[str]
    least: int
    most: int
    usual: int
    modes: frozenset[Mode] = frozenset(Mode)

    def limit(self, replications: int) -> int:
        """The number nearest to that of a forecast."""
        return min(max(replications, self.least), self.most)


KINDS = {
    # with one run there is nothing to tell chance by
    QuestionKind.COMPARE: Kind(_compare, frozenset({"others"}), 2, MOST_REPLICATIONS, REPLICATIONS),
    # of each of thousands of points, all of them with risks: they are what is looked at
    QuestionKind.SENSITIVITY: Kind(_analyse, frozenset({"outcome"}), 1, 4, POINT_REPLICATIONS, frozenset({Mode.RISK})),
    # of each mix of levers: with fewer a probability is no more than a guess
    QuestionKind.REACH: Kind(_reach, frozenset({"deadline", "percent"}), 10, MOST_REPLICATIONS, MIX_REPLICATIONS),
}  # fmt: skip


def complete(command: RequestRun) -> RequestRun:
    """What is asked for, with as many replications as its question takes where none are named. Raises `InvalidCommand`
    for what the question does not take.
    """
    question = command.question
    if question is None:
        return command
    kind = KINDS[question.kind]
    if "replications" not in command.model_fields_set:
        command = command.model_copy(update={"replications": kind.usual})
    faults = [
        (f"/question/{name}", NOT_ASKED) for name in FIELDS
        if name not in kind.fields and name in question.model_fields_set
    ]  # fmt: skip
    if not kind.least <= command.replications <= kind.most:
        says = f"{kind.least} bis {kind.most}", f"from {kind.least} to {kind.most}"
        faults.append(("/replications", Text(f"für diese Frage {says[0]}", f"for this question {says[1]}")))
    if command.mode not in kind.modes:
        faults.append(("/mode", Text("diese Frage gilt den Risiken", "this question is about risks")))
    if command.scan_replications is not None:
        faults.append(("/scan_replications", NOT_ASKED))
    if faults:
        raise InvalidCommand(faults)
    return command


def write(answered: "Answer", scenario: "Scenario", new: Path) -> None:
    """Every file of an answer, into a folder that is not there yet."""
    from simulation.answers.charts import render_svgs  # noqa: PLC0415 - as above
    from simulation.answers.write import write_answer  # noqa: PLC0415

    page = write_answer(answered, scenario, new)
    page.rename(new / REPORT)
    (new / f"{answered.name}.json").unlink()
    for language in LOCALES:
        for name, svg in render_svgs(answered, language).items():
            (new / f"{name}.{language}.svg").write_text(svg, encoding="utf-8")
    (new / f"{SUMMARY}.json").write_text(json.dumps(_summarise(answered, scenario)), encoding="utf-8")


def _summarise(answered: "Answer", scenario: "Scenario") -> dict[str, Any]:
    """What the answer says, and what pages need to show it."""
    return answered.summary | {
        "scenario_hash": scenario.digest, "items_simulated": 0, "question": answered.name,
        "title": answered.title._asdict(), "sentences": [one._asdict() for one in answered.sentences],
        "caveats": [one._asdict() for one in answered.caveats],
        "charts": [
            {"name": one.name, "title": one.title._asdict(), "caption": one.caption._asdict()}
            for one in answered.charts
        ],
        "tables": [_describe_table(one) for one in answered.tables],
    }  # fmt: skip


def _describe_table(table: Any) -> dict[str, Any]:
    columns = [
        {"name": one.name, "kind": one.kind, "heading": (one.heading or one.meaning)._asdict(),
         "digits": one.digits or 0, "share": one.unit is not None and one.unit.en == "share"}
        for one in table.columns
    ]  # fmt: skip
    return {"name": table.name, "title": table.title._asdict(), "columns": columns}
