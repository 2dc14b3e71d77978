"""Who may do what with batches and scan centres, by role, authority and clearance, against a second model.

The paper of mwide is scanned at a centre that jm runs. As in `tests.workflow.test_acting_matrix`, the model is written
from the trade (TR-03138: roles of operator and inspector; F074, F079: centres work for others), not from the tables.
"""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from scanning.batches.scan_batch import ScanItem
from scanning.catalogue import KINDS
from scanning.centres.actions import COMMANDS as CENTRE
from tests.scanning.conftest import SCAN, ScanOffice, digest, product, raw, stored
from tests.workflow.conftest import person
from workflow.engine.access import HUMANS, Role
from workflow.engine.aggregate import Context
from workflow.engine.commands import parse
from workflow.engine.pending import Ids
from workflow.errors import EvaError, Forbidden, NotFound

NEEDS = {"normal": 0, "high": 1}
OPERATOR, INSPECTOR, REGISTRAR = "scan_operator", "scan_inspector", "registrar"
STAFF = {OPERATOR, INSPECTOR, REGISTRAR}
RECEIVED = {
    "receive": STAFF, "count": {INSPECTOR, REGISTRAR}, "prepare": {OPERATOR}, "exclude": STAFF,
    "doubt": {OPERATOR, INSPECTOR},
}  # fmt: skip
"""What may be done with an item that has come in, or with its batch, and by whom."""


CLERKS = {"case_worker", "approver", REGISTRAR}
CENTRE_STAFF = {OPERATOR, INSPECTOR}
AT_THE_CENTRE = {"exclude": STAFF, "doubt": CENTRE_STAFF, "recount": CENTRE_STAFF}
IN_THE_STORE = {
    "exclude": {INSPECTOR, REGISTRAR}, "reject_seal": {INSPECTOR, REGISTRAR}, "verify": {INSPECTOR, "admin"},
    "settle_defect": CLERKS | {INSPECTOR},
}  # fmt: skip
WITH_THE_CLIENT = IN_THE_STORE | {"report_defect": CLERKS}
EVERYWHERE = {"hold": CLERKS | CENTRE_STAFF}
LATER: dict[str, dict[str, set[str]]] = {
    "prepared": AT_THE_CENTRE | {"scan": {OPERATOR}},
    "scanned": AT_THE_CENTRE | {"rework": CENTRE_STAFF, "check": {INSPECTOR}, "reject": {INSPECTOR}},
    "checked": AT_THE_CENTRE | {"rework": CENTRE_STAFF, "seal": CENTRE_STAFF, "reject": {INSPECTOR}},
    "sealed": IN_THE_STORE | {"deliver": STAFF, "reject": {INSPECTOR}},
    "delivered": WITH_THE_CLIENT | {"acknowledge": CLERKS},
    "acknowledged": WITH_THE_CLIENT,
    "destruction_due": WITH_THE_CLIENT | {"release_destruction": {"approver", REGISTRAR, INSPECTOR}},
    "released": {"destroy": STAFF},
}
"""How far an item has come -> what may then be done with it, and by whom: the paper and its scan are handled by the
centre's staff, checked by its inspectors, taken by the client's clerks; destruction is authorised by whoever answers
for the paper, and done by scan staff or registry (Anw. V; TR-03138 A.O.1).
"""


class Asker(NamedTuple):
    role: str
    authority: str | None
    clearance: str

    def knows(self, need: str) -> bool:
        """The client's people, and the scan staff of whoever runs the centre."""
        near = self.authority in {None, "mwide"} or (self.authority == "jm" and self.role in STAFF)
        return near and NEEDS[self.clearance] >= NEEDS[need]


KEEPERS = {Asker("admin", authority, clearance) for authority in ("mwide", "jm", None) for clearance in NEEDS}
"""Whether the files of an authority are still what they were is found out by persons who need not know the content."""
ASKERS = [Asker(*one) for one in itertools.product(sorted(HUMANS), ("mwide", "jm", "im", None), NEEDS)]


def compare(office: ScanOffice, stream: str, command: Any, may: Callable[[Asker], bool]) -> None:
    def denied(asker: Asker) -> bool:
        actor = person("x", Role(asker.role), authority=asker.authority, clearance=asker.clearance)
        context = Context(stream, actor, office.now, office.engine.rules, load, Ids("matrix"))
        try:
            KINDS[stream.partition(":")[0]].decide(load(stream), command, context)
        except (Forbidden, NotFound):
            return True
        except EvaError:
            return False
        return False

    def load(other: str) -> Any:
        try:
            return office.engine.load(other).state
        except NotFound:
            return None

    assert [asker for asker in ASKERS if denied(asker) == may(asker)] == []


@pytest.fixture
def centre(scans: ScanOffice) -> ScanOffice:
    scans.centre("enter", "detmold", kind="decentral", title="Detmold", carrier="jm")
    scans.centre("connect", "detmold", authority="mwide", opens="2021-01-01")
    return scans


@pytest.mark.parametrize("need", NEEDS)
def test_a_batch_is_taken_in_for_the_client_by_scan_staff(centre: ScanOffice, need: str) -> None:
    items = [{"title": "Antrag", "sheets": 2, "protection": need}]
    command = parse(SCAN["create"], {"authority": "mwide", "centre": "detmold", "items": items})
    compare(centre, "scan-batch", command, lambda one: one.role in STAFF and one.knows(need))


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("action", RECEIVED)
def test_what_has_come_in(centre: ScanOffice, action: str, need: str) -> None:
    who = person("otto", Role.SCAN_OPERATOR, clearance="high")
    batch = centre.batch({"protection": need}, who=who, centre="detmold")  # type: ignore[arg-type]
    command = parse(SCAN[action], dict(SCAN[action].EXAMPLE))
    compare(centre, batch, command, lambda one: one.role in RECEIVED[action] and one.knows(need))


def complete(office: ScanOffice, batch: str, item: ScanItem, action: str) -> dict[str, Any]:
    """A body with what the server puts in from the files."""
    body, at = dict(SCAN[action].EXAMPLE) | {"item": item.id}, office.now.isoformat()
    match action:
        case "release_destruction" | "destroy":
            body["evidence"] = office.evidence(batch, item.id)
        case "verify":
            told = {"read_back_sha256": digest("product"), "note_valid": True, "seal_valid": True, "at": at}
            body["verification"] = told
        case "seal":
            made = product(office.state(batch), item, office.now)
            body |= {"product": made.model_dump(mode="json"), "stored": stored(made.sha256, at)}
        case "scan" | "rework":
            body["raw"] = raw(f"{batch} {action}").model_dump(mode="json")
    return body


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("state", LATER)
def test_what_has_come_further(centre: ScanOffice, state: str, need: str) -> None:
    who = person("otto", Role.SCAN_OPERATOR, clearance="high")
    batch = centre.batch({"protection": need}, who=who, centre="detmold")  # type: ignore[arg-type]
    item = centre.walk(batch, state)
    for action, roles in (LATER[state] | EVERYWHERE).items():
        command = parse(SCAN[action], complete(centre, batch, item, action))
        may = {asker for asker in ASKERS if asker.role in roles and asker.knows(need)}
        if action == "verify":
            may |= KEEPERS
        compare(centre, batch, command, may.__contains__)


@pytest.mark.parametrize("action", CENTRE)
def test_centres_are_kept_by_the_administration_of_whoever_runs_them(centre: ScanOffice, action: str) -> None:
    body = {**CENTRE[action].EXAMPLE, **({"on": "2021-05-03"} if action == "audit" else {})}
    if action == "enter":
        body["carrier"] = "jm"

    def may(asker: Asker) -> bool:
        runs = asker.role == "admin" and asker.authority in {None, "jm"}
        return runs or (action == "audit" and asker.role == "auditor")

    compare(centre, "scan-centre:detmold", parse(CENTRE[action], body), may)


def test_nobody_takes_a_centre_over_or_enters_one_for_others(centre: ScanOffice) -> None:
    taken = parse(CENTRE["enter"], {"kind": "central", "title": "x", "carrier": "mwide"})
    for stream, runs in (("scan-centre:detmold", {None}), ("scan-centre:neu", {None, "mwide"})):
        compare(centre, stream, taken, lambda one, runs=runs: one.role == "admin" and one.authority in runs)  # type: ignore[misc]
