"""Who does a task and until when, as the editors and engines write it, and what of their extensions is not read.

Camunda 7, Flowable and Activiti say it by attributes of the task, Camunda 8 (Zeebe) by elements below
`extensionElements`, BPMN itself by `potentialOwner` and its kin, drawing tools by lanes.
"""

import re
from collections.abc import Iterator
from typing import Any

from api.replay.bpmn.findings import Findings
from api.replay.bpmn.model import Claim, Moment
from api.replay.bpmn.xml import XmlElement
from workflow.text import Text

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OWN = "urn:eva:routing-slip"
"""Of what an export of ours says beyond BPMN: an element `station` with `kind`, and what routes say beyond BPMN."""
_ENGINES = re.compile(r"camunda|zeebe|activiti|flowable", re.IGNORECASE)
_PEOPLE = {"assignee": "person", "candidateUsers": "person", "candidateGroups": "group"}
_DUE = ("dueDate",)
_RESOURCES = ("humanPerformer", "potentialOwner", "performer", "resourceRole")
_READ = {"assignmentDefinition", "taskSchedule", "userTask", *_PEOPLE, *_DUE}
_TECHNICAL = {
    "async", "asyncBefore", "asyncAfter", "exclusive", "historyTimeToLive", "versionTag", "formFieldValidation",
    "isStartableInTasklist", "modelerTemplate", "diagramRelationId", "jobPriority", "properties",
    "candidateStarterUsers", "candidateStarterGroups",
}  # fmt: skip
"""Of engines, without meaning for who does what when."""
_TELLING = re.compile(
    r"responsib|assign|performer|owner|actor|candidate|duedate|due_date|deadline|verantwort|zust[aä]nd|bearbeiter|frist",
    re.IGNORECASE,
)
_LONGEST_NUMBER = 18
"""Digits; Python refuses to read thousands of them."""
_EXPRESSION = re.compile(r"[$#]\{.*\}|=.+", re.DOTALL)
_LITERAL = re.compile(r"""(?:[$#]\{\s*|=\s*)(["'])([^"'{}]+)\1\s*\}?""")
_OWNER = re.compile(r"(user|group)\(([^()]*)\)")


def read_claims(node: XmlElement, lane: str, resources: dict[str, str]) -> tuple[Claim, ...]:
    """What a task names for itself, the strongest first."""
    person = _read_person(node)
    found = [
        claim
        for name, kind in _PEOPLE.items()
        for text in _extension_values(node, name)
        if (claim := Claim(name, kind, (text,)) if text == person else _claim(name, kind, text)) is not None
    ]
    for owner in node.select(*_RESOURCES):
        found += _read_owner(owner, resources)
    kind = "expression" if lane.startswith(("${", "#{", "=")) else "lane"
    return (*found, Claim("lane", kind, (lane,))) if lane else tuple(found)


def read_due(node: XmlElement) -> list[Moment]:
    return [Moment(name, "", text, node.place) for name in _DUE for text in _extension_values(node, name)]


def read_own(node: XmlElement) -> dict[str, Any]:
    """What an export of ours has said of a station."""
    own = _find_own(node)
    if own is None:
        return {}
    attributes = {key: text for (_, key), text in own.attributes.items() if key != "actor"}
    said: dict[str, Any] = {key: True if text == "true" else text for key, text in attributes.items()}
    days = said.get("deadline_days", "")
    if not days.isdecimal() or len(days) > _LONGEST_NUMBER:
        return said  # the check of the template tells of it
    return {**said, "deadline_days": int(days)}


def is_plain(name: str) -> bool:
    """Whether an import reads the name of a person as what it is, and not as an expression."""
    return _claim("assignee", "person", name) == Claim("assignee", "person", (name,))


def _read_person(node: XmlElement) -> str | None:
    """The name of a person that an export of ours says is no expression, though it looks like one. It counts for that
    name alone: whom somebody has drawn in since is not in it.
    """
    own = _find_own(node)
    return (own.get("actor") or None) if own is not None else None


def _find_own(node: XmlElement) -> XmlElement | None:
    return next((one for one in _extensions(node) if (one.namespace, one.tag) == (OWN, "station")), None)


def warn_of_unread(node: XmlElement, label: str, findings: Findings) -> None:
    """One warning for what engines execute, and one for each value of a drawing tool that seems to say who or when."""
    unread = {name for name in _engine_names(node) if name not in _READ | _TECHNICAL}
    if unread:
        names = ", ".join(sorted(unread))
        says = Text(
            f"von den Erweiterungen seiner Engine nicht gelesen: {names}",
            f"of its engine's extensions not read: {names}",
        )
        findings.warn(node.place, label, says)
    for inner in _extensions(node):
        name = inner.get("name") or inner.get("metaKey") or inner.get("key") or inner.tag
        value = inner.get("metaValue") or inner.get("value") or " ".join(inner.full_text().split())
        if inner.namespace != OWN and not _ENGINES.search(inner.namespace) and _says_who_or_when(name, value):
            shown = f"{name} `{value[:80]}`"
            says = Text(f"nicht gelesen: {shown}", f"not read: {shown}")
            findings.warn(inner.place, label, says, Text("in --map sagen", "say it in --map"))


def _says_who_or_when(name: str, value: str) -> bool:
    shown_only = name.upper().startswith("DISPLAY") or value.lower() in {"", "true", "false", "0", "1"}
    return bool(_TELLING.search(name)) and not shown_only


def _extensions(node: XmlElement) -> Iterator[XmlElement]:
    for extensions in node.select("extensionElements"):
        for inner in extensions.children:
            yield from inner.walk()


def _extension_values(node: XmlElement, name: str) -> Iterator[str]:
    """Values of an attribute of this name, whatever engine it is of: at the task, or at an extension of it."""
    for (namespace, key), value in node.attributes.items():
        if namespace and key == name and value.strip():
            yield value.strip()
    for inner in _extensions(node):
        if _ENGINES.search(inner.namespace) and inner.get(name):
            yield inner.get(name)


def _engine_names(node: XmlElement) -> Iterator[str]:
    yield from (key for namespace, key in node.attributes if _ENGINES.search(namespace))
    for extensions in node.select("extensionElements"):
        yield from (inner.tag for inner in extensions.children if _ENGINES.search(inner.namespace))
    if any(inner.get("followUpDate") for inner in _extensions(node)):
        yield "followUpDate"


def _claim(source: str, kind: str, text: str) -> Claim | None:
    """`${initiator}` and `=x` are expressions that only an engine can evaluate; `="schmidt"` is schmidt."""
    literal = _LITERAL.fullmatch(text)
    text = literal[2] if literal else text
    if _EXPRESSION.search(text):
        return Claim(source, "expression", (text,))
    parts = [text] if source == "assignee" else text.split(",")  # a name may hold a comma
    names = tuple(filter(None, (part.strip() for part in parts)))
    return Claim(source, kind, names) if names else None


def _read_owner(owner: XmlElement, resources: dict[str, str]) -> list[Claim]:
    """A resource of BPMN itself: a formal expression `user(schmidt), group(x)`, a reference, or just a name."""
    refs = [ref.full_text() for ref in owner.select("resourceRef")]
    referred = [resources.get(ref) or resources.get(ref.rpartition(":")[2], "") for ref in refs]
    expressions = list(owner.select("resourceAssignmentExpression"))
    text = " ".join(inner.full_text() for inner in expressions) or ("" if refs else owner.full_text())
    named = [
        Claim(owner.tag, "person" if kind == "user" else "group", tuple(p.strip() for p in inner.split(",")))
        for kind, inner in _OWNER.findall(text)
    ]
    if named:
        return named
    said = text or ", ".join(filter(None, referred)) or owner.get("name")
    claim = _claim(owner.tag, "person", said) if said else None
    return [claim] if claim else []
