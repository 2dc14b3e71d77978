"""Mail: what came in, in which folder it lies, and one item with its file and what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import describe_row
from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.base.acting import Absent, Key, Refused, label_done, perform, resolve_deputy
from api.pages.base.forms import build_entries
from api.pages.base.labels import LEVELS, action_label, label, rank_action
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.several import Done, do_with_chosen, list_actions
from api.pages.base.visitor import Cursor, LoggedIn, OwnForm, Visitor, get_command_id
from api.pages.clerk.action_forms import ActionForm
from api.pages.clerk.contents import Paper, describe_file
from api.pages.clerk.refusals import explain_option
from api.pages.clerk.story import name_parts, tell
from api.server.http.request import encode_cursor, parse_cursor
from workflow.engine.access import Protection
from workflow.engine.machine import Option
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable
from workflow.mail_folders.channels import LARGE, Channel
from workflow.mail_folders.events import Proof
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import MailFolder
from workflow.views.projection import Row

router = create_page_router()
PATH = "/pages/things/mail-folders/{id}"
ITEMS = 50
"""On a page of the list."""
EMPTY = "mail-folder"
"""Category of the list of folders without items."""
FOUND = 10
"""Records offered to file an item into."""
MAIN = {"received": "sight", "sighted": "assign", "misdirected": "assign"}
"""State of an item -> what is to be done with it next."""
ELSEWHERE = frozenset({"receive", "create", "file"})
"""Actions with a form of their own on the page."""
ACTIONS: Mapping[str, Sequence[str]] = {EMPTY: ("sight", "assign", "accept")}
"""What may be done with several items at once."""
Word = Annotated[str, Query(max_length=200)]


@router.get("/pages/mail")
def list_mail(who: LoggedIn, state: Word = "open", cursor: Cursor = "") -> Response:
    """Items of the folders that the person may know of; those not yet filed, unless others are asked for."""
    return _render_list(who, state, cursor)


@router.post("/pages/mail/several")
def do_several(who: LoggedIn, form: OwnForm) -> Response:
    """Do one action with all items that are chosen; what became of each stands above the list."""
    state = form.get("_state", "")
    try:
        return _render_list(who, state, "", done=do_with_chosen(who, form, who.holder, ACTIONS))
    except InvalidCommand as wrong:
        return _render_list(who, state, "", explain(wrong, who.language))


def _render_list(who: Visitor, state: str, cursor: str, wrong: str = "", done: Done | None = None) -> Response:
    states = list(MACHINE.states)
    after = parse_cursor(who.request, 3) if cursor else None
    chosen = state if state in {"all", *states} else "open"
    wanted = {"all": states, "open": states[: states.index("filed")]}.get(chosen, [chosen])
    found = who.services.views.stamped(lambda: _find_items(who, wanted, after))
    rows, more = found[:ITEMS], found[ITEMS:]
    last = tuple(rows[-1][name] for name in ("state", "stream", "item")) if more else None
    return render_page(
        who, "mail.html.j2", 422 if wrong else 200, here_is="mail", wrong=wrong, done=done, machine=MACHINE,
        chosen=chosen, actions=list_actions(who, ACTIONS) if chosen != "filed" else [],
        rows=[describe_row({**row, "protection": row["need"]}) for row in rows], more=encode_cursor(last),
        folders=[] if after else [
            describe_row(row) for row in who.services.views.listed(who.holder, EMPTY, limit=ITEMS)
        ],
    )  # fmt: skip


def _find_items(who: Visitor, wanted: Sequence[str], after: tuple[str, ...] | None) -> list[Row]:
    """One more than a page of items in those states, one state after the other."""
    found: list[Row] = []
    for state in wanted[wanted.index(after[0]) if after and after[0] in wanted else 0 :]:
        behind = after[1:] if after and state == after[0] else None
        found += who.services.views.mail(who.holder, state, ITEMS + 1 - len(found), behind)
        if len(found) > ITEMS:
            break
    return found


@router.post("/pages/mail")
def open_folder(who: LoggedIn, form: OwnForm) -> Response:
    """A new folder of the visitor's authority; on a refusal the list with the reason."""
    resource, body = _resource(who), {"title": form.get("title", "").strip()}
    try:
        made = who.services.resources.create(
            resource.name, body, who.holder, command_id=get_command_id(who.holder, form)
        )  # fmt: skip
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render_list(who, "open", "", explain(wrong, who.language))
    return redirect(f"/pages/things/mail-folders/{made.id}")


@router.get(PATH)
def show_folder(who: LoggedIn, key: Key, absent: Absent = "", item: Word = "", find: Word = "") -> Response:
    return _render_folder(who, key, absent, item, find)


@router.post(PATH + "/{action}")
def act(who: LoggedIn, form: OwnForm, key: Key, action: str) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    absent, item = form.get("_for", ""), form.get("_part", "")
    holder = resolve_deputy(who, absent)
    given = {"item": item} if item else {}
    if action == "file":
        record, _, case = form.get("place", "").partition(":")
        given |= {"record": record, "case": case}
    refused = perform(who, _resource(who), key, action, form, holder, given)
    if refused is not None:
        return _render_folder(who, key, absent, item, form.get("_find", ""), refused)
    query = {name: value for name, value in {"item": item, "for": absent, "done": action}.items() if value}
    still = who.services.resources.visibility.get_entry(f"mail-folder:{key}")
    shown = still and who.services.resources.visibility.show(f"mail-folder:{key}", still.state, holder)
    if shown is None:  # whoever gave their only item away knows the folder no more
        return redirect(f"/pages/inbox?{urlencode({'for': absent})}" if absent else "/pages/inbox")
    if item and item not in shown.items:
        query.pop("item")
    return redirect(f"/pages/things/mail-folders/{key}?{urlencode(query)}")


def _resource(who: Visitor) -> Resource:
    return who.services.resources.get_resource("mail-folder")


def _render_folder(who: Visitor, key: str, absent: str, item: str, find: str, tried: Refused | None = None) -> Response:
    holder, resource = resolve_deputy(who, absent), _resource(who)
    service = who.services.resources
    answer = service.show(resource.name, key, holder)
    folder: MailFolder = service.get_entry(resource, key, holder).state
    chosen = _choose(answer.resource["items"], item)
    options = service.actions(resource.name, key, holder, chosen["id"] if chosen else None)
    forms = _build_forms(who, options, tried)
    main = forms.get(MAIN.get(chosen["state"], "")) if chosen else None
    may = {one.action for one in options if one.allowed}
    events = service.history(resource.name, key, holder).rows
    parts = name_parts(answer.resource, who.language)
    return render_page(
        who, "mail_folder.html.j2", 200 if tried is None else 409, here_is="mail", answer=answer, r=answer.resource,
        resource=resource, item=chosen, channel=_name_channel(chosen, who),
        absent=absent, query=urlencode({"for": absent}) if absent else "", find=find,
        paper=_find_paper(key, folder, chosen, absent), main=main, may=may,
        others=[one for one in forms.values() if one is not main],
        refused=[
            (action_label(resource.commands, one.action, who.language),
             explain_option(resource.machine, chosen["state"], holder.roles, one, who.language))
            for one in options if chosen and not one.allowed and resource.machine is not None
            and one.action not in {"receive", "create"}
        ],
        places=_find_places(who, holder, find) if find and "file" in may else [],
        most=0 if who.services.files is None else LARGE,
        levels=[(one.value, label(LEVELS, one.value, who.language)) for one in Protection], proofs=list(Proof),
        story=[{**event, "text": tell(resource.machine, event, parts, who.language)} for event in reversed(events)],
        wrong=None if tried is None else explain(tried.wrong, who.language), done=label_done(who, resource),
    )  # fmt: skip


def _choose(items: Sequence[Fields], item: str) -> Fields | None:
    """The item asked for, else the first that is not filed; `NotFound` where there is none of that id."""
    if item:
        found = next((one for one in items if one["id"] == item), None)
        if found is None:
            raise NotFound("item", item[:100])
        return found
    return next((one for one in items if one["state"] != "filed"), next(iter(items), None))


def _build_forms(who: Visitor, options: Sequence[Option], tried: Refused | None) -> dict[str, ActionForm]:
    resource = _resource(who)
    found: dict[str, ActionForm] = {}
    for option in sorted(options, key=lambda one: rank_action(one.action)):
        if not option.allowed or option.action in ELSEWHERE:
            continue
        again = tried.form if tried is not None and tried.action == option.action else None
        entries = build_entries(resource.commands[option.action], {}, again or {}, who.language)
        found[option.action] = ActionForm(
            option.action, action_label(resource.commands, option.action, who.language),
            [one for one in entries if one.name != "item"], again is not None, None,
        )  # fmt: skip
    return found


def _find_paper(key: str, folder: MailFolder, item: Mapping[str, Any] | None, absent: str) -> Paper | None:
    if item is None:
        return None
    query = f"?{urlencode({'for': absent})}" if absent else ""
    link = f"/pages/things/mail-folders/{key}/items/{item['id']}/content{query}"
    return describe_file(item["title"], folder.items[item["id"]].incoming.file, link)


def _find_places(who: Visitor, holder: Holder, find: str) -> list[tuple[str, str]]:
    """Cases of the records that the words find, as record and case together, by number."""
    service = who.services.resources
    found = []
    for row in service.list("record", holder, filters={"text": find}, limit=FOUND).rows:
        shown = service.show("record", row["id"], holder).resource
        for case in shown["cases"]:
            if case["state"] in {"created", "in_work"}:
                text = f"{case['number']} {case['title']} ({shown['title']})"
                found.append((f"{row['id']}:{case['id']}", text))
    return found


def _name_channel(item: Fields | None, who: Visitor) -> str:
    rules = Channel(item["channel"]).rules if item is not None else None
    return rules.name.get(who.language) if rules else who.say("Scanstelle", "scan centre")
