"""Refusals, histories and persons in the words of those who work with them."""

from typing import Any

import pytest

from api.application.resources import RESOURCES
from api.pages.clerk.persons import _before
from api.pages.clerk.refusals import explain_option
from api.pages.clerk.story import name_parts, tell
from tests.api.pages.person import Person, at_work
from tests.api.server_in_thread import Served
from workflow.engine.access import Role
from workflow.engine.machine import Machine, Option

MACHINES: list[Machine[Any]] = [one.machine for one in RESOURCES.values() if one.machine is not None]
SLIP, RECORD = RESOURCES["routing-slip"].machine, RESOURCES["record"].machine
NAMES = {name for machine in MACHINES for name in (*machine.states, *machine.actions, *machine.guards) if "_" in name}
"""Names of states, actions and guards that no person would write so."""


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.ARCHIVIST])
def test_no_refusal_names_what_only_the_code_calls_so(machine: Machine[Any], role: Role) -> None:
    for state in machine.states:
        for action in machine.actions:
            option = Option(action, False, "nobody", "niemand")
            for language in ("de", "en"):
                told = explain_option(machine, state, frozenset({role}), option, language)
                assert not [name for name in NAMES if name in told], told
                assert not [one.value for one in Role if f"{one.value}," in told and "_" in one.value], told


@pytest.mark.parametrize(
    ("state", "action", "role", "told"),
    [
        ("draft", "pause", Role.CASE_WORKER, "Geht nur im Zustand „im Umlauf“; jetzt ist er „Entwurf“"),
        ("completed", "start", Role.CASE_WORKER,
         "Geht nur im Zustand „Entwurf“ oder „in Überarbeitung“; jetzt ist er „abgeschlossen“"),
        ("circulating", "sign", Role.ARCHIVIST,
         "Das ist Aufgabe von: Registratur, Sachbearbeitung oder Zeichnungsbefugte"),
        ("circulating", "pause", Role.CASE_WORKER, "Nur die Federführung darf das"),
    ],
)  # fmt: skip
def test_a_refusal_says_when_it_would_go_or_who_does_it(state: str, action: str, role: Role, told: str) -> None:
    assert SLIP is not None
    option = Option(action, False, "only the owner may", "nur die Federführung darf das")
    assert explain_option(SLIP, state, frozenset({role}), option, "de") == told


def event(type_: str, **data: Any) -> dict[str, Any]:
    return {"type": type_, "data": data}


STATION = {"id": "s1", "kind": "co_sign", "actor": "schmidt"}
SHOWN = {
    "stations": [STATION], "past_runs": [[{"id": "s0", "kind": "comment", "actor": "klein"}]],
    "cases": [{"id": "c1", "number": "1-001", "title": "Antrag",
               "documents": [{"id": "d1", "number": "1-001#001", "title": "Brief"}]}],
    "items": [{"id": "i1", "title": "Post"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (event("slip.station_done", station="s1", result="signed", note="gut"),
         "Gezeichnet: Mitzeichnung schmidt – „gut“"),
        (event("slip.station_done", station="s1", result="signed", note="Frist", reservation=True),
         "Gezeichnet mit Vorbehalt: Mitzeichnung schmidt – „Frist“"),
        (event("slip.station_done", station="s0", result="refused", note="zu spät"),
         "Verweigert: Stellungnahme klein – „zu spät“"),
        (event("slip.station_delegated", station="s1", old="schmidt", new="weber", reason="Urlaub"),
         "Delegiert an weber: Mitzeichnung schmidt – „Urlaub“"),
        (event("slip.started", run=2), "Umlauf gestartet"),
        (event("slip.paused", reason=""), "Angehalten"),
    ],
)  # fmt: skip
def test_what_happened_to_a_slip_is_a_sentence(happened: dict[str, Any], told: str) -> None:
    assert tell(SLIP, happened, name_parts(SHOWN, "de"), "de") == told


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (event("record.document_added", document="d1", case="c1", title="Brief"), "Filed a document: 1-001#001 Brief"),
        (event("record.case_added", case="c1", title="Antrag"), "Opened a case: 1-001 Antrag"),
        (event("record.reopened", object_id="c1", reason="Nachtrag"), "Lifted z.d.A.: 1-001 Antrag – “Nachtrag”"),
        (event("record.changed", changes=[{"field": "protection", "old": "normal", "new": "very_high"}]),
         "Changed metadata: protection need normal → very high"),
        ({"type": "record.document_added", "data": None}, "Filed a document"),
    ],
)  # fmt: skip
def test_what_happened_to_a_record_is_a_sentence(happened: dict[str, Any], told: str) -> None:
    assert tell(RECORD, happened, name_parts(SHOWN, "en"), "en") == told


@pytest.mark.parametrize(
    ("text", "names"),
    [("schm", ["schmidt", "schmitz"]), ("SCHMID", ["schmidt"]), ("x", []), ("schmidt", ["schmidt"]), ("\x07", []),
     ("schmidtx", [])],
)  # fmt: skip
def test_persons_are_found_by_how_their_names_begin(served: Served, text: str, names: list[str]) -> None:
    found = at_work(served, "mueller").client.get("/pages/persons", params={"q": text}).json()
    assert [one["name"] for one in found] == names


def test_a_person_is_told_with_what_they_do(served: Served) -> None:
    (schmidt,) = at_work(served, "mueller").client.get("/pages/persons?q=schmidt").json()
    assert schmidt == {"name": "schmidt", "roles": "Zeichnungsbefugte; Freigabe hoch"}
    (schmitz,) = at_work(served, "mueller", language="en").client.get("/pages/persons?q=schmitz").json()
    assert schmitz["roles"] == "case worker"


def test_persons_of_another_authority_are_not_offered(served: Served) -> None:
    assert Person(served, "erna", "case_worker", authority="mhkbg").client.get("/pages/persons?q=schm").json() == []


def test_whoever_has_left_is_not_offered(served: Served) -> None:
    served.enter_staff("schneider")
    admin = served.client("root", "admin")
    assert at_work(served, "mueller").client.get("/pages/persons?q=schneider").json()
    left = admin.post("/staff/schneider/actions/leave", json={"reason": "Ruhestand"})
    assert left.status_code == 200, left.text
    assert at_work(served, "mueller").client.get("/pages/persons?q=schneider").json() == []


@pytest.mark.parametrize("text", ["a", "schm", "ä", "zz", "0"])
def test_the_search_begins_before_every_name_that_begins_so(text: str) -> None:
    before = _before(text)
    assert before < text
    assert not before.startswith(text)
