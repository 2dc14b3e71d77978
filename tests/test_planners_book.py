"""The planner's book: the same in both languages, and every command in it runs as it stands there."""

import re
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from simulation.forecast import forecast
from simulation.report import html
from simulation.rollout import conditioning
from simulation.validation import validate
from simulation.validation.past_runs import simulate_past_runs
from tests.conftest import ROOT

CHAPTERS = {language: sorted((ROOT / "docs" / language).glob("[0-9]-*.md")) for language in ("de", "en")}
TEXTS = {page: page.read_text(encoding="utf-8") for pages in CHAPTERS.values() for page in pages}
LITTLE_MAIL = ("--set", "mail.items_per_user_day*=0.01")
FEW = {
    "forecast": ("--replications", 2, "--scan-replications", 1, "--workers", 1, *LITTLE_MAIL),
    "compare": ("--replications", 2, "--scan-replications", 0, "--workers", 1),
    "capacity": ("--replications", 2, "--workers", 1, *LITTLE_MAIL),
    "sensitivity": ("--trajectories", 2, "--samples", 2, "--few", 2, "--replications", 1, "--workers", 1),
    "reach": ("--replications", 10, "--budget", 3, "--workers", 1),
    "levers": (), "check": (),
}  # fmt: skip
"""What is added to a command so that it is done in a moment; of an option given twice the last counts."""


def list_commands(page: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", TEXTS[page], re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def list_files(page: Path) -> Iterator[tuple[str, str]]:
    """Name and content of each file that the reader is told to save: the last name before its block."""
    text = TEXTS[page]
    for block in re.finditer(r"```(yaml|csv)\n(.*?)```", text, re.DOTALL):
        name = re.findall(rf"`([\w-]+\.{block[1]})`", text[: block.start()])[-1]
        yield name, block[2]


COMMANDS = list(dict.fromkeys(c for page in CHAPTERS["de"] for c in list_commands(page) if c.startswith(".venv/")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader works, with the files that the book tells them to save, and the runs kept so far."""
    place = tmp_path_factory.mktemp("book")
    for page in CHAPTERS["de"]:
        for name, content in list_files(page):
            (place / name).write_text(content, encoding="utf-8")
    return place


def test_both_languages_have_the_same_chapters_commands_and_files() -> None:
    german, english = CHAPTERS.values()
    assert len(german) == len(english) == 6
    for one, other in zip(german, english, strict=True):
        assert list_commands(one) == list_commands(other)
        assert list(list_files(one)) == list(list_files(other))
        assert TEXTS[one].count("\n## ") == TEXTS[other].count("\n## ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_book_runs(
    command: str, eva: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("EVA_CACHE", str(folder / "kept"))
    for name, few in (("LEAST_FOR_ERROR", 4), ("MOVE_REPLICATIONS", 1), ("VARIANT_REPLICATIONS", 1)):
        monkeypatch.setattr(forecast, name, few)
    monkeypatch.setattr(conditioning, "MOST_KEPT", 4)
    monkeypatch.setattr(validate, "simulate_past_runs", partial(simulate_past_runs, tried=4))
    monkeypatch.setattr(html, "get_svgs", lambda *_: {"de": {}, "en": {}})  # charts take longer than all the rest
    program, name, *others = shlex.split(command)
    assert program == ".venv/bin/eva"
    wanted = ("--until-error", "90%") if "--until-error" in others else ()
    sure = ("--until-sure", "1%") if "--until-sure" in others else ()
    done = eva(name, *others, *FEW[name], *wanted, *sure)
    assert done.status == 0 or (name, done.status) == ("reach", 1), done.err
    assert done.out
    if "--out" in others:
        out = folder / others[others.index("--out") + 1]
        assert (out / ("report.html" if name == "forecast" else f"{name}.html")).is_file()


def test_the_book_asks_every_question_that_there_is() -> None:
    asked = {shlex.split(command)[1] for command in COMMANDS}
    assert asked == set(FEW)


@pytest.mark.parametrize("language", CHAPTERS)
def test_the_contents_lead_to_every_chapter_and_chapters_to_their_neighbours(language: str) -> None:
    pages = CHAPTERS[language]
    contents = (ROOT / "docs" / language / "README.md").read_text(encoding="utf-8")
    for place, page in enumerate(pages):
        assert f"({page.name})" in contents
        for neighbour in pages[max(place - 1, 0) : place] + pages[place + 1 : place + 2]:
            assert f"({neighbour.name})" in TEXTS[page].split("\n## ")[0]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"(docs/{language}/README.md)" in readme
