"""A change in a sandbox that is asked for on its pages: done and kept like one that is asked for over HTTP."""

import json
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic_core import to_json

from api.application.problems import describe_problem, get_status
from api.application.service import Answer
from api.application.tokens import Holder
from api.server.sandboxes.request_recorder import RecordedRequest
from api.server.sandboxes.sandbox import Sandbox
from workflow.errors import EvaError, NotFound


class Change(NamedTuple):
    """What is asked for: without `key` and `action` a new thing; `expected` is the version that it is for."""

    resource: str
    body: dict[str, Any]
    key: str | None = None
    action: str | None = None
    expected: int | None = None
    command_id: str | None = None


def act_in_sandbox(sandbox: Sandbox, holder: Holder, change: Change) -> Answer:
    """Do a change as a person of the sandbox; raises what `workflow.errors` lists, and keeps that too."""
    service = sandbox.services.resources
    resource = service.get_resource(change.resource)
    at, path = sandbox.clock.now, f"/{resource.plural}"
    if change.key is not None:
        path += f"/{quote(change.key, safe='')}/actions/{change.action}"
    entry = RecordedRequest(
        at, path, holder.user, sorted(holder.roles), holder.authority, holder.clearance.value, holder.on_behalf_of,
        json.dumps(change.body, default=str).encode(),
    )  # fmt: skip
    prepared = None
    try:
        prepared = service.prepare(
            change.resource, change.key, change.action, change.body, holder, change.expected, change.command_id
        )
        answer = service.execute(prepared)
    except EvaError as wrong:
        if prepared is None and isinstance(wrong, NotFound):
            raise
        entry.status, entry.answer = get_status(wrong), json.dumps(describe_problem(wrong), default=str).encode()
        sandbox.recorder.add(entry)
        raise
    entry.status = 201 if change.key is None else 200
    entry.answer = to_json({**answer.resource, "events": answer.events})
    if not answer.repeated:
        sandbox.recorder.add(entry)
    sandbox.react()
    return answer
