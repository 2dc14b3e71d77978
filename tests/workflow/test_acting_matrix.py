"""Who may do what: every action of every machine by role, authority, clearance and relation, against a second model.

The model is written from the rules of the trade (domain 1.4, 2.3, 2.4, section 7), not from the tables. A right is
missing where the answer is `Forbidden` or `NotFound`; all else that stops an action is about the state of the thing.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from tests.workflow.conftest import HEAD, PEOPLE, Office
from workflow.catalogue import KINDS, MACHINES
from workflow.engine.access import SYSTEM, Actor, Protection, Role
from workflow.engine.aggregate import Context
from workflow.engine.commands import parse
from workflow.engine.pending import Ids
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound
from workflow.file_plan.file_plan import COMMANDS as FILE_PLAN
from workflow.mail_folders.actions import COMMANDS as MAIL
from workflow.organisation.staff.actions import COMMANDS as STAFF
from workflow.organisation.staff.actions import AppointDeputy, Leave
from workflow.records.actions import COMMANDS as RECORD
from workflow.routing_slips.machine import COMMANDS as SLIP
from workflow.routing_slips.templates import COMMANDS as TEMPLATES

OFFICE = {"case_worker", "approver", "registrar"}
OWNERS = OFFICE | {"admin", "archivist", "auditor"}
EVERYONE = {role.value for role in Role} - {"system"}
RELATIONS = {"owner": "mueller", "station": "schmidt", "deputy of owner": "vera", "deputy of station": "stella",
             "stranger": "niemand"}  # fmt: skip
NEEDS = {"normal": Protection.NORMAL, "high": Protection.HIGH}


class Asker(NamedTuple):
    role: str
    authority: str | None
    clearance: str
    relation: str

    @property
    def actor(self) -> Actor:
        user = RELATIONS[self.relation]
        return Actor(user, frozenset({Role(self.role)}), self.authority, Protection(self.clearance))

    def covers(self, need: str) -> bool:
        return need == "normal" or self.clearance == "high"

    @property
    def of_house(self) -> bool:
        return self.authority in {None, "mwide"}

    def stands_for(self, who: str) -> bool:
        return self.relation in {who, f"deputy of {who}"}


ASKERS = [Asker(*one) for one in itertools.product(sorted(EVERYONE), ("mwide", "jm", None), NEEDS, RELATIONS)]


@pytest.fixture
def office() -> Iterator[Office]:
    opened = Office("sqlite://")
    opened.enter_people()
    for user in ("vera", "stella", "niemand", "mueller", "schmidt", "weber", "klein"):
        opened.register(user, clearance="high")
    for user, deputy in (("mueller", "vera"), ("schmidt", "stella")):
        command = AppointDeputy(user=user, deputy=deputy, since=opened.now, until=opened.now + timedelta(days=300))
        opened.engine.handle(command, HEAD, f"staff:{user}")
    yield opened
    opened.engine.close()


def denied(office: Office, known: dict[str, Any], stream: str, command: Any, asker: Asker) -> bool:
    """Whether a decision says that the person has no right to it."""

    def load(other: str) -> Any:
        if other not in known:
            try:
                known[other] = office.engine.load(other).state
            except NotFound:
                known[other] = None
        return known[other]

    ids = Ids("matrix")
    context = Context(stream, asker.actor, office.now, office.engine.rules, load, ids)
    try:
        KINDS[stream.partition(":")[0]].decide(load(stream), command, context)
    except InvalidCommand as no:
        return "there is no record" in str(no)  # named in a body: as if it were not there
    except (Forbidden, NotFound) as no:
        return not (isinstance(no, NotFound) and no.kind in {"station of", "timer"})
    except EvaError:
        return False
    return False


def compare(office: Office, stream: str, command: Any, may: Callable[[Asker], bool]) -> None:
    known: dict[str, Any] = {}
    wrong = [asker for asker in ASKERS if denied(office, known, stream, command, asker) == may(asker)]
    assert wrong == []


# Records: the office works, the registry keeps, the archive decides (domain 1.2, 1.4; rules 8 to 12).

ARCHIVE, KEEPERS = {"archivist"}, {"registrar", "admin"}
RECORD_MODEL: dict[str, tuple[str, set[str], dict[str, Any]]] = {
    "work": ("in_work", OFFICE, {}), "add_case": ("in_work", OFFICE, {}), "add_document": ("in_work", OFFICE, {}),
    "add_version": ("in_work", OFFICE, {}), "finalise": ("in_work", OFFICE, {}), "check_out": ("in_work", OFFICE, {}),
    "check_in": ("in_work", OFFICE | {"admin"}, {}), "set_resubmission": ("in_work", OFFICE, {}),
    "settle_resubmission": ("in_work", OFFICE, {}), "change": ("in_work", OFFICE, {"title": "Neu"}),
    "propose": ("in_work", OFFICE, {}), "close": ("in_work", OFFICE, {}), "hold": ("in_work", KEEPERS, {}),
    "release_hold": ("in_work", KEEPERS, {}), "change_retention": ("in_work", {"registrar"}, {}),
    "reopen": ("closed", {"registrar"}, {}), "offer": ("due", {"registrar"}, {}),
    "appraise": ("offered", ARCHIVE, {}), "transfer": ("appraised", {"registrar"}, {}),
    "acknowledge_receipt": ("transferred", ARCHIVE, {}),
    "delete": ("appraised", KEEPERS, {}), "confirm": ("transferred", ARCHIVE, {}),
}  # fmt: skip
"""Action -> a state in which it belongs, the roles that may, and a body in place of its example."""
OFFERED = {"offered", "appraised", "transferred"}


def record_in(office: Office, state: str, need: str) -> tuple[str, str, str]:
    """A record in a state, with its case and a document."""
    record = office.record(who="secret", protection=need, retention={"years": 1, "disposal": "B"})
    case = office.case(record, who="secret")
    document = office.document(record, case, who="secret", final=state != "in_work")
    cleared = {name: Actor(name, PEOPLE[name].roles, PEOPLE[name].authority, Protection.HIGH) for name in PEOPLE}
    if state == "in_work":
        return record, case, document
    for about in ({"case": case}, {}):
        office.do(cleared["secret"], "close", record, **about)
    if state == "closed":
        return record, case, document
    office.later(days=900)
    if state in OFFERED:
        office.do(cleared["registrar"], "offer", record)
    if state in {"appraised", "transferred"}:
        office.do(cleared["archivist"], "appraise", record, decision="A" if state == "transferred" else "V")
    if state == "transferred":
        office.do(cleared["registrar"], "transfer", record)
    return record, case, document


def test_the_model_has_every_action_of_records() -> None:
    assert set(RECORD_MODEL) == set(RECORD) - {"create"}


@pytest.mark.parametrize("need", NEEDS)
def test_records(office: Office, need: str) -> None:
    made: dict[str, tuple[str, str, str]] = {}
    for action, (state, roles, body) in RECORD_MODEL.items():
        record, case, document = made.setdefault(state, record_in(office, state, need))
        example = {**RECORD[action].EXAMPLE, **body}
        ids = {"case": case, "document": document}
        command = parse(RECORD[action], {**example, **{key: ids[key] for key in ids if key in example}})

        def may(asker: Asker, roles: set[str] = roles, state: str = state) -> bool:
            knows = asker.of_house or (state in OFFERED and asker.role == "archivist")
            return asker.role in roles and knows and asker.covers(need)

        compare(office, record, command, may)


def test_protection_is_lowered_by_some_and_raised_up_to_ones_own_clearance(office: Office) -> None:
    high, normal = record_in(office, "in_work", "high")[0], record_in(office, "in_work", "normal")[0]
    lower = parse(RECORD["change"], {"protection": "normal", "reason": "erledigt"})
    compare(office, high, lower,
            lambda one: one.role in {"approver", "registrar"} and one.of_house and one.covers("high"))  # fmt: skip
    raised = parse(RECORD["change"], {"protection": "high"})
    compare(office, normal, raised, lambda one: one.role in OFFICE and one.of_house and one.covers("high"))


# Routing slips: the owner leads, a station acts for itself, deputies for both (domain 2.3, 2.4; rules 13 to 20).

OWNER_ACTIONS = {"plan": "draft", "revise": "draft", "start": "draft", "cancel": "draft", "pause": "circulating",
                 "resume": "paused", "withdraw": "circulating", "skip": "circulating", "file": "completed",
                 "hand_over": "circulating", "raise_protection": "circulating"}  # fmt: skip
STATION_ACTIONS = {"open": EVERYONE, "sign": OFFICE, "refuse": EVERYONE, "forward": EVERYONE, "delegate": EVERYONE,
                   "comment": EVERYONE}  # fmt: skip
KINDS_OF_STATION = {"approve": {"approver"}, "acknowledge": EVERYONE, "dispatch": OFFICE, "close": OFFICE,
                    "report_event": EVERYONE, "issue": OFFICE, "provide": OFFICE,
                    "report_retrieval": OFFICE}  # fmt: skip
WAITING = {"kind": "resubmit", "actor": "schmidt", "awaits": "Gutachten"}


DELIVERING = {"issue", "provide", "report_retrieval"}


def slip_in(office: Office, state: str, need: str, kind: str = "co_sign") -> str:
    leader = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide", Protection.HIGH)
    signer = Actor("schmidt", frozenset({Role.APPROVER}), "mwide", Protection.HIGH)
    station = WAITING if kind == "report_event" else f"{'dispatch' if kind in DELIVERING else kind} schmidt"
    enclosed = [{"title": "Bescheid", "sha256": "0" * 64}]
    slip = office.slip(station, who=leader, protection=need, documents=enclosed)  # type: ignore[arg-type]
    if state != "draft":
        office.do(leader, "start", slip)
    if kind == "report_retrieval":
        office.do(signer, "provide", slip, **SLIP["provide"].EXAMPLE)
    if state == "paused":
        office.do(leader, "pause", slip)
    if state == "completed":
        office.do(signer, "sign", slip)
    if state == "returned":
        office.do(signer, "refuse", slip, reason="nein")
    return slip


def knows_slip(asker: Asker, need: str) -> bool:
    return asker.covers(need) and (asker.of_house or asker.relation != "stranger")


def test_the_model_has_every_action_of_slips() -> None:
    covered = {*OWNER_ACTIONS, *STATION_ACTIONS, *KINDS_OF_STATION, "insert", "recall", "overrule"}
    assert covered == set(SLIP) - {"create"}
    assert set(MACHINES) == {
        "record",
        "routing-slip",
        "station",
        "delivery",
        "templates",
        "mail-folder",
        "staff",
        "file-plan",
    }


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("action", OWNER_ACTIONS)
def test_owners_of_slips(office: Office, action: str, need: str) -> None:
    body = {"protection": "very_high", "reason": "x"} if action == "raise_protection" else SLIP[action].EXAMPLE
    may = None
    if action == "raise_protection":  # above everybody's clearance, so nobody may
        may = lambda _: False  # noqa: E731
    command = parse(SLIP[action], {key: value for key, value in body.items() if key != "station"} | (
        {"station": 1} if action == "skip" else {}))  # fmt: skip

    def owns(asker: Asker) -> bool:
        return asker.role in OWNERS and asker.stands_for("owner") and asker.covers(need)

    compare(office, slip_in(office, OWNER_ACTIONS[action], need), command, may or owns)


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("action", [*STATION_ACTIONS, *KINDS_OF_STATION])
def test_stations_of_slips(office: Office, action: str, need: str) -> None:
    own = action in KINDS_OF_STATION
    kind, roles = (action, KINDS_OF_STATION[action]) if own else ("co_sign", STATION_ACTIONS[action])
    slip = slip_in(office, "circulating", need, kind)
    command = parse(SLIP[action], dict(SLIP[action].EXAMPLE))
    compare(office, slip, parse(SLIP[action], {**command.model_dump(exclude_none=True, mode="json"), "station": 1}),
            lambda one: one.role in roles and one.stands_for("station") and one.covers(need))  # fmt: skip


@pytest.mark.parametrize("need", NEEDS)
def test_insertion_and_overruling(office: Office, need: str) -> None:
    insert = parse(SLIP["insert"], {"stations": [{"kind": "comment", "actor": "klein"}]})
    compare(office, slip_in(office, "circulating", need), insert,
            lambda one: (one.stands_for("owner") or one.stands_for("station")) and one.covers(need))  # fmt: skip
    overrule = parse(SLIP["overrule"], {"station": 1, "reason": "doch"})
    compare(office, slip_in(office, "returned", need, "final_sign"), overrule,
            lambda one: one.role == "approver" and one.stands_for("station") and one.covers(need))  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "circulating", "paused", "returned", "completed"])
def test_whoever_left_is_followed_by_whom_registrar_or_admin_name(state: str) -> None:
    office = Office("sqlite://")
    office.enter_people()
    for user in ("schmidt", "weber", "klein"):
        office.register(user, clearance="high")
    slip = slip_in(office, state, "normal")
    office.engine.handle(Leave(user="mueller", reason="Ruhestand"), HEAD, "staff:mueller")
    command = parse(SLIP["hand_over"], {"to": "weber", "reason": "übernimmt"})
    strangers = [one for one in ASKERS if one.relation == "stranger"]
    known: dict[str, Any] = {}
    wrong = [one for one in strangers
             if denied(office, known, slip, command, one) == (one.role in KEEPERS and one.of_house)]  # fmt: skip
    office.engine.close()
    assert wrong == []


# Mail: distributed by the office, accepted, given back and filed by whom it was given to (domain 2.4).

MAIL_MODEL = {"sight": "received", "assign": "sighted", "accept": "assigned", "misdirect": "assigned",
              "file": "assigned"}  # fmt: skip


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("action", MAIL_MODEL)
def test_mail(office: Office, action: str, need: str) -> None:
    who = Actor("registrar", frozenset({Role.REGISTRAR}), "mwide", Protection.HIGH)
    item = {"title": "Brief", "protection": need, "file": {"sha256": "ab" * 32, "file_name": "a.pdf"}}
    folder = office.engine.handle(parse(MAIL["create"], {"items": [item]}), who, "mail-folder").stream
    for step, body in (("sight", {}), ("assign", {"to": "schmidt"})):
        if (MAIL_MODEL[action], step) in {("sighted", "sight"), ("assigned", "sight"), ("assigned", "assign")}:
            office.engine.handle(parse(MAIL[step], body), who, folder)
    mine = MAIL_MODEL[action] == "assigned"

    def may(asker: Asker) -> bool:
        if asker.role not in OFFICE or not asker.covers(need):
            return False
        if action == "file" and not asker.of_house:
            return False  # the record is this house's, and so not known to them
        return asker.stands_for("station") if mine else asker.of_house

    body = dict(MAIL[action].EXAMPLE)
    if action == "file":
        record = office.record()
        body |= {"record": record.partition(":")[2], "case": office.case(record)}
    compare(office, folder, parse(MAIL[action], body), may)


# Staff: an admin of the person's own authority, and for deputies the person (rule 18; xdomea 0620).


@pytest.mark.parametrize("action", STAFF)
def test_staff(office: Office, action: str) -> None:
    body = {**STAFF[action].EXAMPLE, "user": "schmidt"}
    if action == "register":
        body |= {"authority": "mwide", "clearance": "high"}

    def may(asker: Asker) -> bool:
        admin = asker.role == "admin" and asker.of_house
        if action == "register":
            return admin and asker.covers("high")
        return admin or (action.endswith("deputy") and asker.relation == "station")

    compare(office, "staff:schmidt", parse(STAFF[action], body), may)


# What is begun, and what an authority keeps once: in the own authority, and nothing above the own clearance.

STATIONS = [{"kind": "co_sign", "actor": "schmidt"}]
POST_ROOM = OFFICE | {"scan_operator", "scan_inspector"}
CREATED: dict[str, tuple[dict[str, Any], set[str], dict[str, Any]]] = {
    "record": (RECORD, OFFICE, {"title": "t", "file_plan_code": "43.21"}),
    "routing-slip": (SLIP, OWNERS, {"title": "t", "stations": STATIONS}),
    "mail-folder": (MAIL, POST_ROOM, {"title": "t"}),
}
"""Category -> its commands, the roles that may begin one, and a body."""


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("category", CREATED)
def test_beginning(office: Office, category: str, need: str) -> None:
    commands, roles, body = CREATED[category]
    guarded = category != "mail-folder"  # what has come in is entered whatever it needs
    body = {**body, "authority": "mwide", **({"protection": need} if guarded else {})}
    compare(office, category, parse(commands["create"], body),
            lambda one: one.role in roles and one.of_house and (one.covers(need) or not guarded))  # fmt: skip


@pytest.mark.parametrize("need", NEEDS)
def test_a_slip_is_drafted_for_a_record_that_one_knows(office: Office, need: str) -> None:
    record = record_in(office, "in_work", need)[0].partition(":")[2]
    command = parse(SLIP["create"], {"title": "t", "stations": STATIONS, "record": record, "authority": "mwide"})
    compare(office, "routing-slip", command, lambda one: one.role in OWNERS and one.of_house and one.covers(need))


def test_one_more_item_of_mail(office: Office) -> None:
    folder = office.engine.handle(parse(MAIL["create"], {"title": "t"}), PEOPLE["registrar"], "mail-folder").stream
    command = parse(MAIL["receive"], {"incoming": {"title": "Brief", "protection": "high"}})
    compare(office, folder, command, lambda one: one.role in POST_ROOM and one.of_house)


@pytest.mark.parametrize("again", [False, True])
def test_the_file_plan(office: Office, again: bool) -> None:
    command = parse(FILE_PLAN["import"], FILE_PLAN["import"].EXAMPLE)
    if again:
        office.engine.handle(command, PEOPLE["registrar"], "file-plan:mwide")
    compare(office, "file-plan:mwide", command, lambda one: one.role in KEEPERS and one.of_house)


@pytest.mark.parametrize("action", TEMPLATES)
def test_templates(office: Office, action: str) -> None:
    office.engine.handle(parse(TEMPLATES["save"], TEMPLATES["save"].EXAMPLE), PEOPLE["mueller"], "templates:mwide")
    command = parse(TEMPLATES[action], TEMPLATES[action].EXAMPLE)
    compare(
        office, "templates:mwide", command, lambda one: one.role in OFFICE | {"admin"} and one.authority is not None
    )
    state = office.state("templates:mwide")
    for authority in ("mwide", "jm"):  # always those of their own authority
        actor = Actor("x", frozenset({Role.ADMIN}), authority)
        context = Context("templates:mwide", actor, office.now, office.engine.rules, lambda _: None, Ids("matrix"))
        assert {stream for stream, _ in KINDS["templates"].decide(state, command, context)} == {
            f"templates:{authority}"
        }


def test_a_planted_fault_is_found(office: Office) -> None:
    with pytest.raises(AssertionError):
        compare(office, "staff:schmidt", parse(STAFF["leave"], {"user": "schmidt", "reason": "x"}), lambda _: True)
    assert SYSTEM.roles == {Role.SYSTEM}
