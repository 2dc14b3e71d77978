"""One action on several things chosen in a list: each is done as it would be alone, and what became of each is told."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from api.application.tokens import Holder
from api.pages.base.acting import act_by_form
from api.pages.base.labels import action_label
from api.pages.base.render import explain
from api.pages.base.visitor import KEY, Form, Visitor, get_command_id
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable
from workflow.text import Text

PICK = "pick "
"""Begins the name of the box before a row; stream and part follow, and its value is the version shown."""
MOST = 100
PARTS: Mapping[str, str] = {"routing-slip": "station", "mail-folder": "item"}
"""Kind of thing -> the field of its actions that names the part which waits."""


class Outcome(NamedTuple):
    """What became of one; `wrong` says why it was not done, and is empty where it was."""

    title: str
    path: str
    wrong: str


class Done(NamedTuple):
    """What was to be done with all, and what became of each."""

    label: str
    outcomes: Sequence[Outcome]

    @property
    def well(self) -> int:
        """How many it was done with."""
        return sum(not one.wrong for one in self.outcomes)


def list_actions(who: Visitor, actions: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Actions of kinds of things, with their names in the visitor's language."""
    resources = who.services.resources
    return [
        (action, action_label(resources.get_resource(kind).commands, action, who.language))
        for kind, offered in actions.items() for action in offered
    ]  # fmt: skip


def do_with_chosen(who: Visitor, form: Form, holder: Holder, actions: Mapping[str, Sequence[str]]) -> Done:
    """Do the action that a form names with all that are chosen in it. Raises `InvalidCommand` where none is, and
    `StoreUnavailable`; sent again, the form does what is not done yet.
    """
    get_command_id(holder, form)
    chosen = [name.removeprefix(PICK).split(" ") for name in form if name.startswith(PICK)]
    names = dict(list_actions(who, actions))
    action = form.get("action", "")
    if not chosen or action not in names:
        says = Text("Zeilen und eine Aktion wählen", "choose rows and an action")
        raise InvalidCommand([("", says)])
    if len(chosen) > MOST or any(len(one) != 2 for one in chosen):
        raise InvalidCommand([("", Text("dieses Formular ist nicht von hier", "this form is not from here"))])
    versions: dict[str, int] = {}
    outcomes = []
    for number, (stream, part) in enumerate(chosen):
        offered = action in actions.get(stream.partition(":")[0], ())
        outcomes.append(_do(who, form, holder, stream, part, versions, counted=number == 0, offered=offered))
    return Done(names[action], outcomes)


def _do(
    who: Visitor, form: Form, holder: Holder, stream: str, part: str, versions: dict[str, int], *, counted: bool,
    offered: bool,
) -> Outcome:  # fmt: skip
    """Do it with one; `versions` are those that things have since others of the same form were done."""
    kind, _, key = stream.partition(":")
    title, path = _describe(who, holder, kind, key, part) if kind in PARTS else ("–", "")
    try:
        if not counted:
            who.services.authenticator.admit(who.holder)
        if not offered:
            raise InvalidCommand([("", Text("das ist hier nicht zu tun", "this is not what is to be done here"))])
        shown = form[f"{PICK}{stream} {part}"]
        own = {
            **form, PARTS[kind]: part, "_version": str(versions.get(stream, shown)),
            KEY: sha256(f"{form[KEY]} {stream} {part}".encode()).hexdigest(),
        }  # fmt: skip
        resource = who.services.resources.get_resource(kind)
        versions[stream] = act_by_form(who, resource, key, form["action"], own, holder).version
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return Outcome(title, path, explain(wrong, who.language))
    return Outcome(title, path, "")


def _describe(who: Visitor, holder: Holder, kind: str, key: str, part: str) -> tuple[str, str]:
    """Title and path of what is chosen; of what the person may not know, nothing."""
    try:
        shown = who.services.resources.show(kind, key, holder).resource
    except NotFound:
        return "–", ""
    items = {item["id"]: item["title"] for item in shown.get("items", ())}
    plural = who.services.resources.get_resource(kind).plural
    query = f"?item={part}" if part in items else ""
    return str(items.get(part, shown["title"])), f"/pages/things/{plural}/{key}{query}"
