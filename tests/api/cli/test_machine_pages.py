"""The generated page of a machine is a table that a clerk can read, in German and in English."""

import re
from pathlib import Path

import pytest

from api.cli.machine_docs import HEADINGS, render, write
from scanning.catalogue import MACHINES
from workflow.engine.access import Role
from workflow.engine.commands import Command, rows
from workflow.engine.events import ContentErased
from workflow.engine.machine import Guard, Machine
from workflow.mail_folders.machine import MACHINE as MAIL_FOLDER

each = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def lines_of(page: str, language: str) -> list[list[str]]:
    """Cells of the table of one language, without its head."""
    section = page.split(f"## {HEADINGS[language][0]}\n\n")[1].split("\n\n", maxsplit=1)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in section.splitlines()[2:]]


@each
def test_both_languages_have_the_same_lines_with_all_cells(machine: Machine) -> None:
    page = render(machine)
    german, english = lines_of(page, "de"), lines_of(page, "en")
    assert len(german) == len(english)
    assert {len(cells) for cells in german + english} == {7}
    for one, other in zip(german, english, strict=True):
        assert re.findall(r"`\w+`", one[0]) == re.findall(r"`\w+`", other[0]) != []
        assert one[6] == other[6]
        assert all(one[place] for place in (0, 1, 2, 3, 5, 6))


@each
def test_every_row_of_the_table_stands_in_some_line(machine: Machine) -> None:
    lines = lines_of(render(machine), "de")
    for row in machine.table:
        source = machine.states[row.source]
        assert any(f"`{row.action}`" in cells[0] and source in cells[1].split(", ") and row.de == cells[5]
                   for cells in lines), row  # fmt: skip


@each
def test_conditions_stand_in_words_of_the_language(machine: Machine) -> None:
    page = render(machine)
    for name, guard in machine.guards.items():
        assert any(guard.de in cells[4] for cells in lines_of(page, "de")), name
        assert any(guard.en in cells[4] for cells in lines_of(page, "en")), name


def test_a_line_of_the_mail_folder_reads_as_an_instruction() -> None:
    page = render(MAIL_FOLDER)
    assert lines_of(page, "de")[-1] == [
        "Veraktet ablegen (`file`)", "zugewiesen", "veraktet",
        "Sachbearbeitung, Zeichnungsbefugte, Registratur, von selbst",
        "die Freigabe deckt den Schutzbedarf nicht; zugewiesen ist jemand anders; zur Sendung gibt es keine Datei",
        "zum Vorgang genommen", "rule 1",
    ]  # fmt: skip
    assert lines_of(page, "en")[0][3] == "case worker, approver, registrar"
    assert "| `sight` | Look at an item for the first time, with a note (Sichtung, Sichtvermerk). |" in page
    assert '`{"note": "eilt"}`' in page


class Ring(Command, action="ring", en="Ring", de="Läuten", example={"times": 2}):
    """Ring the bell | loudly."""

    ROWS = rows(
        "still quiet", "loud", frozenset(Role) - {Role.SYSTEM}, ContentErased, "hung",
        en="rang", de="geläutet", basis="a | b",
    ) + rows("loud", None, {Role.SYSTEM}, ContentErased, en="went on", de="läutet weiter", basis="rule 1")  # fmt: skip


BELL: Machine = Machine(
    "bell", {"still": "still", "quiet": "leise", "loud": "laut"}, "still", frozenset({"loud"}),
    {"hung": Guard(lambda _: True, "it is not hung", "sie hängt nicht")}, commands=(Ring,),
)  # fmt: skip


def test_states_that_share_a_line_everyone_and_the_unchanged_state() -> None:
    assert [cells[1:4] for cells in lines_of(render(BELL), "de")] == [
        ["still, leise", "laut", "alle"],
        ["laut", "=", "von selbst"],
    ]
    assert [cells[1:4] for cells in lines_of(render(BELL), "en")] == [
        ["still, quiet", "loud", "everyone"],
        ["loud", "=", "by itself"],
    ]


def test_a_bar_in_a_text_does_not_break_the_table() -> None:
    page = render(BELL)
    assert r"a \| b" in page
    assert r"Ring the bell \| loudly." in page
    assert {len(cells) for cells in lines_of(page, "en")} == {7}


def test_the_pages_are_written_one_for_each_machine(tmp_path: Path) -> None:
    write([BELL, MAIL_FOLDER], str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bell.md", "mail-folder.md"]
    assert (tmp_path / "bell.md").read_text(encoding="utf-8") == render(BELL)
