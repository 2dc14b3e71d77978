"""A replay file from the recorded requests of a sandbox: each becomes a step that expects what was answered.

Refused requests become steps as well, and time that passed becomes `until`. Requests that only read are left out.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from api.application.resources import RESOURCES
from api.replay.file.names import NAMEABLE, find_created
from api.replay.recorder.naming import Names
from api.replay.recorder.yaml_text import dump, in_flow_style
from workflow.engine.fields import BERLIN
from workflow.engine.naming.names import normalise
from workflow.text import Text

PLURALS = {resource.plural: resource for resource in RESOURCES.values()}


class NothingDone(LookupError):
    """No recorded request can become a step."""

    text = Text(
        "in diesem Sandkasten wurde nichts getan, was ein Replay wieder tun könnte",
        "nothing was done in this sandbox that a replay could do again",
    )

    def __init__(self) -> None:
        super().__init__(self.text.en)


def write_replay(recorder: Mapping[str, Any], title: str | None = None) -> str:
    """The text of a replay file; raises `NothingDone` where no recorded request can become a step.

    `now`, where the recording says it, is when it was taken: time that passed after the last request is a step too.
    """
    start = datetime.fromisoformat(recorder["start"])
    names, steps, actors = Names(), [], dict[str, Any]()
    now = start
    for request in recorder["requests"]:
        at = datetime.fromisoformat(request["at"])
        step = _step(request, names)
        if step is None:
            continue
        if at > now:
            steps.append({"until": at.astimezone(BERLIN).isoformat()})
            now = at
        if "backup" not in step:
            actors.setdefault(request["user"], _person(request))
        steps.append(step)
    if not any(step.keys() & {"do", "create"} for step in steps):
        raise NothingDone
    end = datetime.fromisoformat(recorder["now"]) if "now" in recorder else now
    if end > now:
        steps.append({"until": end.astimezone(BERLIN).isoformat()})
    for step in steps:
        if step.get("id") not in names.used:
            step.pop("id", None)
    actors |= _list_people(recorder["people"], _list_mentioned(steps) | set(actors))
    return dump({
        "kind": "replay", "title": title or recorder.get("title") or "Aufzeichnung",
        "start": start.astimezone(BERLIN).isoformat(),
        "actors": {name: in_flow_style(_quote(person)) for name, person in actors.items()},
        "steps": [in_flow_style(_quote(step)) for step in steps],
    })  # fmt: skip


def _person(request: Mapping[str, Any]) -> dict[str, Any]:
    person = {"roles": request["roles"], "authority": request["authority"]}
    return person if request["clearance"] == "normal" else {**person, "clearance": request["clearance"]}


def _list_people(people: list[Mapping[str, Any]], wanted: set[str]) -> dict[str, Any]:
    """The entries of the wanted people, and of their deputies."""
    by_name = {person["user"]: person for person in people}
    found: dict[str, Any] = {}
    ahead = sorted(wanted)
    while ahead:
        person = by_name.get(ahead.pop(0))
        if person is None or person["user"] in found:
            continue
        found[person["user"]] = _person(person)
        if person["deputies"]:
            found[person["user"]]["deputies"] = [dict(one) for one in person["deputies"]]
            ahead += [one["deputy"] for one in person["deputies"]]
    return found


def _step(request: Mapping[str, Any], names: Names) -> dict[str, Any] | None:
    """A request as a step; None for requests that replay files have no step for."""
    parts = [unquote(part) for part in request["path"].strip("/").split("/")]
    if parts == ["backups"]:
        types = [event["type"] for event in request["answer"]["events"]]
        return {"backup": request["body"]["run"], "expect": {"events": types}}
    parts = parts[2:] if parts[0] == "sandboxes" else parts
    resource = PLURALS.get(parts[0]) if parts else None
    body = dict(request["body"] or {})
    if resource is None or (len(parts) == 1 and resource.naming != "uuid"):
        return None
    answer = request["answer"] or {}
    who: dict[str, Any] = {"as": request["user"]}
    if request["on_behalf_of"]:
        who["for"] = request["on_behalf_of"]
    if len(parts) == 1:
        step = {"create": resource.name, **who}
        if request["status"] < 400:
            step["id"] = names.give(resource.name, answer["id"])
    elif len(parts) == 4 and parts[2] == "actions":
        where = names.get(parts[1]) if resource.naming == "uuid" else f"{resource.name}/{parts[1]}"
        step = {"do": parts[3], "on": where, **who}
        created = NAMEABLE.get((resource.name, parts[3])) if request["status"] < 400 else None
        kept = (event for event in answer.get("events", ()) if event.get("data") is not None)  # not erased since
        found = find_created(created, kept) if created else None
        if created and found:
            step["id"] = names.give(created[1], found.own_id, found.key)
    else:
        return None
    if body:
        step["with"] = names.replace_ids(body)
    names.number_parts(answer)
    return {**step, "expect": _expectation(request["status"], answer)}


def _expectation(status: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    if status >= 400:
        guard = answer.get("guard")
        return {"error": {"status": status, "guard": guard} if guard else status}
    return {"events": [event["type"] for event in answer.get("events", [])]}


def _list_mentioned(steps: list[dict[str, Any]]) -> set[str]:
    """People who are named in the steps without having acted, as the server has entered their names."""
    bodies = _list_people_in([step.get("with") for step in steps])
    found = set()
    for name in (*bodies, *(step["for"] for step in steps if "for" in step)):
        with suppress(ValueError):  # one that is none was refused
            found.add(normalise(name))
    return found


def _list_people_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in {"actor", "to", "escalate_to"} and isinstance(inner, str):
                yield inner
            yield from _list_people_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_people_in(inner)


def _quote(value: Any) -> Any:
    """The value with texts in quotes that would be read as something else when they stand plain."""
    if isinstance(value, Mapping):
        return {key: _quote(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_quote(inner) for inner in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) and _is_ambiguous(value) else value


def _is_ambiguous(text: str) -> bool:
    """Whether a plain text would be a number, a day or a word of YAML, such as `43.21`."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return text.replace(".", "").replace("-", "").replace("+", "").isdigit() or text in {"null", "true", "false"}
    return False
