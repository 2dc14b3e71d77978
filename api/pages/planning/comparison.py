"""Several runs side by side: their charts at once, and paired differences, which a job computes and keeps."""

import json
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.run import RequestRun, Run
from api.application.run_events import MOST_COMPARED, QuestionKind, RunRequested
from api.pages.base.render import create_page_router, redirect, render_page
from api.pages.base.visitor import LoggedIn, OwnForm, Visitor, get_command_id
from api.pages.planning import levers
from api.pages.planning.runs import find_run
from api.server.jobs.questions import KINDS
from api.server.jobs.runner import get_runner
from api.server.routes import runs
from workflow.errors import InvalidCommand
from workflow.text import Text

router = create_page_router()
GOOD = frozenset({"queued", "running", "finished"})
"""States of a comparison that need not be asked for again."""
CHOSEN = "run-"
"""How the names of the boxes of chosen runs begin."""
CHOOSE_TWO = Text(
    "Bitte in der Liste mindestens zwei verschiedene fertige Prognosen ankreuzen.",
    "Please tick at least two different finished forecasts in the list.",
)
Id = Annotated[str, Query(max_length=60)]
Ids = Annotated[list[str] | None, Query(max_length=20)]


@router.get("/pages/compare")
async def show_comparison(request: Request, who: LoggedIn, run: Ids = None, base: Id = "") -> Response:
    """The charts of the chosen runs; the paired comparison itself is a link to the answer, or a button that asks.
    `base`: what the others are compared with; else a scenario without changes, else the oldest.
    """
    try:
        chosen = await _find_chosen(request, who, run or [])
    except InvalidCommand as wrong:
        return _refuse(who, wrong)
    named = [one for one in chosen if one.id == base]
    first = named[0] if named else await run_in_threadpool(_choose_base, chosen)
    chosen = [first, *(one for one in chosen if one is not first)]

    def render() -> Response:
        kept = _find_kept(request, who, chosen)
        return render_page(
            who, "compare.html.j2", here_is="runs", runs=chosen, kept=kept, same=_have_same_draws(chosen),
            replications=min(one.request.replications for one in chosen), seed=chosen[0].request.seed,
        )  # fmt: skip

    return await run_in_threadpool(render)


@router.post("/pages/compare")
async def compare(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    """Ask how each of the others differs from the first; the answer is kept, and asked for again it is there."""
    keys = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    try:
        chosen = await _find_chosen(request, who, keys)
    except InvalidCommand as wrong:
        return _refuse(who, wrong)
    kept = await run_in_threadpool(_find_kept, request, who, chosen)
    if kept is not None:
        return redirect(f"/pages/runs/{kept.id}")
    asked = await runs.request_run(request, who.holder, get_command_id(who.holder, form), _build_body(who, chosen))
    return redirect(f"/pages/runs/{asked.id}")


def _refuse(who: Visitor, wrong: InvalidCommand) -> Response:
    says = " ".join(text.get(who.language) for _, text in wrong.texts)
    return render_page(
        who, "error.html.j2", 422, title=who.say("Kein Vergleich", "No comparison"), message=says, code=422,
        back="/pages/runs", back_to=who.say("Zu den Prognosen", "To the forecasts"),
    )  # fmt: skip


def _choose_base(chosen: list[Run]) -> Run:
    """The oldest that has no changes, else the oldest: what is new is then told as a difference from what was."""
    return min(chosen, key=lambda one: (levers.has_changes(one.request.scenario, one.request.text), one.request.at))


async def _find_chosen(request: Request, who: Visitor, keys: list[str]) -> list[Run]:
    """Finished forecasts by id, each once; raises `InvalidCommand` for too few, too many, or others."""
    runs.planner(who.holder)
    asked = list(dict.fromkeys(keys))
    if len(asked) < 2:
        raise InvalidCommand([("", CHOOSE_TWO)])
    if len(asked) > MOST_COMPARED:
        raise InvalidCommand([("", Text(f"höchstens {MOST_COMPARED} Prognosen nebeneinander",
                                           f"at most {MOST_COMPARED} forecasts side by side"))])  # fmt: skip
    found = [(await run_in_threadpool(find_run, request, who, key))[0] for key in asked]
    if any(one.state != "finished" or one.request.question is not None for one in found):
        raise InvalidCommand([("", Text("nur fertige Prognosen lassen sich vergleichen", "all must be finished"))])
    return found


def _find_kept(request: Request, who: Visitor, chosen: list[Run]) -> Run | None:
    """The same comparison, asked for before, that has not come to nothing; the newest."""
    wanted = _describe(RequestRun.model_validate_json(json.dumps(_build_body(who, chosen))))
    known = runs.known(get_runner(request), who.holder)
    same = (one for one in known if one.state in GOOD and _describe(one.request) == wanted)
    return next(same, None)


def _describe(asked: RequestRun | RunRequested) -> dict[str, object]:
    """All that is asked for but what it is called."""
    return asked.model_dump(include={*RequestRun.model_fields} - {"title"})


def _build_body(who: Visitor, chosen: list[Run]) -> dict[str, object]:
    """All as the first was asked for, so that each run has its twin."""
    first = chosen[0].request
    named = [one.request.title or one.request.scenario or who.say("eigenes Szenario", "own scenario") for one in chosen]
    others = [
        {name: value for name, value in (("scenario", one.request.scenario), ("text", one.request.text),
                                         ("title", one.request.title)) if value is not None}
        for one in chosen[1:]
    ]  # fmt: skip
    subject: dict[str, object] = {"scenario": first.scenario} if first.scenario is not None else {"text": first.text}
    return subject | {
        "title": who.say("Vergleich: ", "Comparison: ")[:200] + " / ".join(named)[:180],
        "replications": KINDS[QuestionKind.COMPARE].limit(min(one.request.replications for one in chosen)),
        "seed": first.seed,
        "mode": first.mode.value,
        "question": {"kind": QuestionKind.COMPARE.value, "others": others, "runs": [one.id for one in chosen]},
    }  # fmt: skip


def _have_same_draws(chosen: list[Run]) -> bool:
    return len({(one.request.seed, one.request.replications, one.request.mode) for one in chosen}) == 1
