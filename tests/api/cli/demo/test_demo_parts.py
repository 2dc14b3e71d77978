"""What the demonstration is made of: letters that can be opened, slips in every state, people who may do their part."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from api.application.catalogue import SERVED
from api.application.service import ResourceService
from api.cli.demo import command
from api.cli.demo.letters import write_draft, write_letter
from api.cli.demo.people import ADMIN, AUTHORITY, BESIDES, CLERK, LOGINS
from api.cli.demo.slips import leave_in_every_state
from tests.conftest import Done
from workflow.engine.access import HUMANS, Actor, Role
from workflow.engine.engine import Engine
from workflow.errors import StoreUnavailable
from workflow.organisation.staff.actions import Register
from workflow.views.queries import Views

NOW = datetime(2021, 7, 21, 8, tzinfo=UTC)
OFFICE = {
    "petra.vogel": Role.APPROVER, "jan.becker": Role.CASE_WORKER, CLERK.user: Role.CASE_WORKER,
    "martin.schmidt": Role.APPROVER,
}  # fmt: skip


@pytest.mark.parametrize("pages", [1, 3])
def test_a_letter_is_a_pdf_with_ink_on_every_page(pages: int) -> None:
    data = write_letter("Förderantrag Windpark", "Windpark Borchen GmbH", pages)
    with pikepdf.open(BytesIO(data)) as opened:
        assert len(opened.pages) == pages
    for page in pypdfium2.PdfDocument(data):
        darkest = page.render(scale=1).to_pil().convert("L").getextrema()[0]
        assert darkest < 100


def test_two_letters_are_never_the_same_file() -> None:
    first, second = (write_letter(title, "Absender") for title in ("Antrag", "Antrag 2"))
    assert first != second


def test_letters_have_umlauts() -> None:
    """What a font does not know is a box, whatever it was."""
    assert write_letter("Ü", "Absender") != write_letter("Ö", "Absender")
    text = pypdfium2.PdfDocument(write_draft("Maß (Größe)", "entwurf-2"))[0].get_textpage().get_text_range()
    assert {"Maß (Größe)", "Entwurf-2", "Mit freundlichen Grüßen"} <= set(text.splitlines())


class Slips:
    """An office of four people, and its slips."""

    def __init__(self) -> None:
        self.engine = Engine("sqlite://", catalogue=SERVED, clock=lambda: NOW)
        self.resources = ResourceService(self.engine, Views(self.engine))
        for user, role in OFFICE.items():
            register = Register(user=user, roles=(role,), authority=AUTHORITY)
            self.engine.handle(register, ADMIN, f"staff:{user}")

    def circulate(self, number: int) -> None:
        stations = [{"kind": "co_sign", "actor": "martin.schmidt"}, {"kind": "final_sign", "actor": "petra.vogel"}]
        for _ in range(number):
            made = self.resources.create("routing-slip", {"title": "Bescheid", "stations": stations}, CLERK)
            self.resources.act("routing-slip", made.id, "start", {}, CLERK)

    def states(self) -> list[str]:
        return sorted(self.engine.load(stream).state.state for stream in self.engine.log.streams("routing-slip"))


def test_one_slip_is_left_in_each_state_and_the_others_go_on() -> None:
    office = Slips()
    office.circulate(5)
    leave_in_every_state(office.engine, office.resources)
    assert office.states() == ["cancelled", "circulating", "circulating", "draft", "paused", "returned", "withdrawn"]


def test_a_refused_one_says_why_in_the_name_of_who_had_it() -> None:
    office = Slips()
    office.circulate(3)
    leave_in_every_state(office.engine, office.resources)
    slips = [office.engine.load(stream).state for stream in office.engine.log.streams("routing-slip")]
    refused = next(one for slip in slips if slip.state == "returned" for one in slip.refused())
    assert refused.actor == "martin.schmidt"
    assert "Frist" in refused.note


def test_where_simulated_staff_have_done_it_nothing_is_added() -> None:
    office = Slips()
    office.circulate(4)
    leave_in_every_state(office.engine, office.resources)
    before = office.states()
    office.circulate(1)
    leave_in_every_state(office.engine, office.resources)
    added = sorted([*before, "circulating", "draft", "cancelled"])
    assert office.states() == added, "one more draft and its copy, nothing refused, paused or withdrawn again"


def test_everybody_with_a_login_is_somebody_of_the_authority() -> None:
    assert len({one.user for one in LOGINS}) == len(LOGINS)
    for one in LOGINS:
        assert set(one.roles) <= HUMANS
        assert one.page.startswith("/")
        assert one.what.de != one.what.en
    known: dict[str, Actor] = {one.user: one for one in (*BESIDES, CLERK)}
    for one in LOGINS:
        if one.user in known:
            assert set(one.roles) == known[one.user].roles, one.user


def test_the_scan_centre_is_worked_by_two_so_that_nobody_checks_their_own_scan() -> None:
    roles = [set(one.roles) for one in LOGINS]
    assert {Role.SCAN_OPERATOR} in roles
    assert {Role.SCAN_INSPECTOR} in roles


def test_what_fails_on_the_way_leaves_no_half_a_demonstration(
    tmp_path: Path, eva: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, *_: object) -> None:
        (folder / "eva.db").write_text("half")
        raise StoreUnavailable("the disk is full", "die Platte ist voll")

    monkeypatch.setattr("api.cli.demo.fill.fill", fail)
    done = eva("demo", "--dir", tmp_path / "eva-demo", "--no-browser")
    assert (done.status, done.err.strip()) == (2, "eva demo: the disk is full")
    assert not (tmp_path / "eva-demo").exists(), "the next call begins anew"


def test_links_are_printed_with_who_somebody_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", "de")
    command._print_links("http://127.0.0.1:1", [("petra.vogel plant", "/login/link/x?next=/")])
    printed = capsys.readouterr().out
    assert "http://127.0.0.1:1/login/link/x?next=/" in printed
    assert "petra.vogel plant" in printed
    assert "einmal" in printed
