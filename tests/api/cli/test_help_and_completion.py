"""Help is whole, in the chosen language, with sub-commands and variables; shells complete; commands start quickly."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from api.cli.main import app
from api.cli.shared.help import OPTIONS, VARIABLES, list_options
from api.settings import Settings
from tests.conftest import ROOT, Done

EVA = Path(sys.executable).with_name("eva")
LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])
HEAVY = ("alembic", "networkx", "scanning", "fastapi", "numpy", "pydantic_settings")


def run(*command: str, **environment: str) -> Done:
    done = subprocess.run(
        [EVA, *command], capture_output=True, text=True, check=False, cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **environment},
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@LANGUAGES
def test_no_sentence_of_the_help_is_cut_off(language: str) -> None:
    told = run("--help", EVA_LANG=language).out
    assert "..." not in told.partition("Commands:")[2]
    assert {"de": "Schnittstelle und Webseiten", "en": "Serve the API"}[language] in told
    assert {"de": "Serve the API", "en": "Schnittstelle und Webseiten"}[language] not in told


def test_the_help_names_every_command_sub_command_and_the_variables() -> None:
    told = " ".join(run("--help").out.split())
    groups = typer.main.get_command(app)
    for name, command in groups.commands.items():  # type: ignore[attr-defined]
        assert f" {name} " in told
        inner = ", ".join(getattr(command, "commands", {}))
        assert not inner or f"[{inner}]" in told.replace("- ", "-")
    named = [one for names in VARIABLES for one in names.split(", ")]
    assert all(name in told for name in named)
    fields = {f"EVA_{field.upper()}" for field in Settings.model_fields} | {"EVA_…", "EVA_LANG"}
    assert set(named) <= fields


def test_every_option_tells_its_help_in_german() -> None:
    with OPTIONS.open(encoding="utf-8", newline="") as file:
        told = {row["en"]: row["de"] for row in csv.DictReader(file)}
    every = typer.main.get_command(app)
    assert {one.help for one in list_options(every)} == set(told), "all that there are, and no others"
    assert all(told.values())


@LANGUAGES
def test_the_help_of_a_command_has_its_options_in_the_chosen_language(language: str) -> None:
    german, english = "Wie oft der Rollout durchgespielt wird.", "How often the rollout is played through."
    told = " ".join(run("forecast", "--help", EVA_LANG=language).out.split())
    assert (german in told, english in told) == (language == "de", language == "en")
    inner = " ".join(run("token", "create", "--help", EVA_LANG=language).out.split())
    assert ("Tage, bis es abläuft." in inner) == (language == "de")


@LANGUAGES
def test_a_variable_that_is_wrong_does_not_keep_anybody_from_the_help(language: str) -> None:
    assert run("--help", EVA_LANG=f"{language}-XX").status == 0


@pytest.mark.parametrize(
    ("words", "offered"), [("eva to", "token"), ("eva token cr", "create"), ("eva token create --cle", "--clearance")]
)
def test_a_shell_completes_commands_and_options(words: str, offered: str) -> None:
    number = str(len(words.split()) - 1)
    done = run(_EVA_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=number)
    assert offered in done.out.split()


def test_a_token_takes_none_of_what_is_slow_to_load(tmp_path: Path) -> None:
    """Once a database is there, which takes Alembic to make."""
    database = f"sqlite:///{tmp_path}/eva.db"
    create = ["token", "create", "--user", "u", "--role", "case_worker", "--database", database]
    assert run(*create).status == 0
    code = f"""
import sys
from api.cli import main
sys.argv = ["eva", *{create!r}]
try:
    main.main()
except SystemExit as end:
    assert not end.code
loaded = [name for name in {HEAVY!r} if name in sys.modules]
print(loaded)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_server_begins_without_what_only_computes_or_draws() -> None:
    heavy = ("altair", "numba", "numpy", "polars", "scipy", "simpy", "vl_convert")
    code = f"""
import sys
import api.cli.operation.server_process
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
