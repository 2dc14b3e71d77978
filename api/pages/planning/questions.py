"""Questions about a forecast's scenario, and their answers: what differs, what matters most, what it would take."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.run import MACHINE, Run
from api.application.run_events import Mode, QuestionKind
from api.pages.base.render import create_page_router, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor, get_command_id
from api.server.jobs import tables
from api.server.jobs.questions import KINDS
from api.server.jobs.runner import get_runner
from api.server.routes import runs
from simulation.levers.sentences import list_changes
from workflow.errors import InvalidCommand, NotFound
from workflow.text import Text

router = create_page_router()
ASKED = {QuestionKind.SENSITIVITY.value, QuestionKind.REACH.value}
"""What is asked about one forecast; comparisons begin with several."""
NAMES = {
    QuestionKind.SENSITIVITY: ("Was am meisten bewegt: ", "What moves it most: "),
    QuestionKind.REACH: ("Was es braucht: ", "What it takes: "),
}
ROWS = 60
"""Of a table on the page; the files have all of them."""


@router.post("/pages/runs/{id}/questions")
async def ask(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    """Ask about the scenario of a forecast, with its seed."""
    runs.planner(who.holder)
    _, run = await run_in_threadpool(runs.find, who.services, who.holder, request.path_params["id"])
    made = await runs.request_run(request, who.holder, get_command_id(who.holder, form), _build_body(who, run, form))
    return redirect(f"/pages/runs/{made.id}")


def _build_body(who: Visitor, run: Run, form: Form) -> dict[str, object]:
    kind, asked = form.get("kind", ""), run.request
    if kind not in ASKED or asked.question is not None:
        raise NotFound("question", kind[:40])
    question: dict[str, object] = {"kind": kind, "runs": [run.id]}
    if kind == QuestionKind.REACH.value:
        percent = read_count(form, "percent")
        if not isinstance(percent, int) or not 1 <= percent <= 99:
            raise InvalidCommand([("", Text("so sicher, in Prozent: eine Zahl von 1 bis 99",
                                               "how surely, per cent: a number from 1 to 99"))])  # fmt: skip
        question |= {"deadline": form.get("deadline", ""), "percent": percent}
    elif form.get("outcome", "").strip():
        question["outcome"] = form["outcome"].strip()
    named = asked.title or asked.scenario or who.say("eigenes Szenario", "own scenario")
    subject: dict[str, object] = {"scenario": asked.scenario} if asked.scenario is not None else {"text": asked.text}
    takes = KINDS[QuestionKind(kind)]
    mode = asked.mode if asked.mode in takes.modes else Mode.RISK
    return subject | {
        "title": (who.say(*NAMES[QuestionKind(kind)]) + named)[:200], "seed": asked.seed, "mode": mode.value,
        "replications": takes.limit(min(100, asked.replications)), "question": question,
    }  # fmt: skip


def read_count(form: Form, name: str) -> int | str:
    """A number of a form; what is none, or has too many digits, stays as it is, and is refused by its name."""
    text = form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 20 else text


def list_about(request: Request, who: Visitor, run: Run) -> list[Run]:
    """Questions that were asked about a forecast, the newest first."""
    every = runs.known(get_runner(request), who.holder)
    return [one for one in every if one.request.question is not None and run.id in one.request.question.runs]


def render_question(request: Request, who: Visitor, run: Run, out: Path) -> Response:
    """How far the answer is, or the answer: sentences, charts and tables."""
    progress = runs.state_of(get_runner(request), run)
    said = tables.summary(out) if run.state == "finished" else None
    shown = [_show_table(out, table, who.language) for table in said["tables"]] if said else []
    about = [] if run.request.question is None else run.request.question.runs
    return render_page(
        who, "question.html.j2", here_is="runs", run=run, progress=progress, machine=MACHINE, said=said, tables=shown,
        changed=_list_changed(said, who.language) if said else [], most=ROWS,
        about=[one for key in about if (one := _find_known(request, who, key)) is not None],
    )  # fmt: skip


def _list_changed(said: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The scenarios asked about that have changes, with these."""
    every = [{"title": one["title"][language], "changes": list_changes(one, language)} for one in said["scenarios"]]
    return [one for one in every if one["changes"]]


def _find_known(request: Request, who: Visitor, key: str) -> Run | None:
    run = get_runner(request).refresh().get(key)
    return run if run is not None and run.known_to(who.holder) else None


def _show_table(out: Path, table: dict[str, Any], language: str) -> dict[str, Any]:
    """Columns and rows in one language; ids stand in the files."""
    other = "_en" if language == "de" else "_de"
    bilingual = any(column["name"] == "title_de" for column in table["columns"])
    hidden = {"base", "outcome", "figure"} if bilingual else set()
    columns = [one for one in table["columns"] if not one["name"].endswith(other) and one["name"] not in hidden]
    rows = tables.rows(out, table["name"])
    return {**table, "columns": columns, "rows": rows[:ROWS], "count": len(rows)}


def check_file(out: Path, name: str, kind: str) -> None:
    """Raise `NotFound` unless the answer has that table or chart, in that form."""
    said = tables.summary(out)
    there = {one["name"] for one in said["tables" if kind in {"csv", "parquet", "xlsx"} else "charts"]}
    if name not in there:
        raise NotFound("file", f"{name}.{kind}"[:100])
