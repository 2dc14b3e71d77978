"""Scenario files over HTTP: those that come with `eva`, and whether one that is handed in can be used."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.caller import Caller
from api.run_tables import JSON, wanted
from api.shipped import MOST_BYTES, Shipped, load, shipped
from api.unusable import MOST_FAULTS, UnusableScenario, shown
from api.wire import TooLarge, UnsupportedMedia, answer
from simulation.faults import UnusableInput
from workflow.errors import NotFound

router = APIRouter()

YAML = "application/yaml"
TAKEN = frozenset({YAML, "text/yaml", "application/x-yaml", "text/x-yaml", "text/plain"})


def check(text: str, below: str = "") -> dict[str, object]:
    """What a scenario handed in says; `UnusableScenario`. `below` is where it stands in a larger body."""
    try:
        loaded, warnings = load(None, text)
    except UnusableInput as unusable:
        raise UnusableScenario(unusable.faults, below) from unusable
    spec = loaded.spec
    return {
        "name": spec.name, "kind": "rollout", "title": spec.title.model_dump(), "scenario_hash": loaded.digest,
        "authorities": len(loaded.authorities), "projects": len(loaded.projects),
        "horizon": {"start": spec.horizon.start, "end": spec.horizon.end},
        "warnings": [shown(fault, below) for fault in warnings[:MOST_FAULTS]],
    }  # fmt: skip


@router.get("/scenarios")
async def listed(_: Request, _caller: Caller) -> Response:
    """Every scenario file that comes with `eva`."""
    found = await run_in_threadpool(shipped)
    return answer({"items": [_entry(one) for one in found.values()]})


@router.get("/scenarios/{name}")
async def show(request: Request, _caller: Caller) -> Response:
    """One scenario file, as YAML or within JSON."""
    name = request.path_params["name"]
    found = (await run_in_threadpool(shipped)).get(name)
    if found is None:
        raise NotFound("scenario", name[:100])
    text = await run_in_threadpool(found.text)
    if wanted(request.headers.get("accept"), (JSON, YAML)) == YAML:
        return Response(text, media_type=YAML)
    return answer({**_entry(found), "text": text})


@router.post("/scenarios/check")
async def check_one(request: Request, _caller: Caller) -> Response:
    """Whether a scenario in YAML can be used; it may extend a shipped one, `extends: nrw/plan-2021.yaml`."""
    text = await _text(request)
    return answer(await run_in_threadpool(check, text))


async def _text(request: Request) -> str:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in TAKEN:
        raise UnsupportedMedia(f"the body must be {YAML}", f"Der Inhalt muss {YAML} sein")
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BYTES:
            raise TooLarge(f"at most {MOST_BYTES:,} bytes are taken here", f"Höchstens {MOST_BYTES} Bytes")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise UnsupportedMedia("the body must be in UTF-8", "Der Inhalt muss in UTF-8 sein") from wrong


def _entry(one: Shipped) -> dict[str, str]:
    return {"name": one.name, "kind": one.kind, "file": one.file}
