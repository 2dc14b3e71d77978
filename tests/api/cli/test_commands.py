"""Every command explains itself, and unusable input ends with one line per fault and exit status 2."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done

Eva = Callable[..., Done]
COMMANDS = [
    (), ("forecast",), ("check",), ("schema",), ("replay",), ("replay", "record"), ("replay", "import-bpmn"),
    ("replay", "export-bpmn"),
    ("serve",), ("diagram",), ("token",), ("token", "create"), ("token", "list"), ("token", "revoke"), ("log",),
    ("log", "verify"), ("log", "export"), ("log", "restore"), ("log", "head"), ("scan",), ("separators",), ("product",),
    ("disposal",), ("product", "verify"), ("product", "fixity"), ("product", "backup"),
]  # fmt: skip
GOOD = ROOT / "scenarios" / "replays" / "mitzeichnung" / "verweigert-neuer-lauf.yaml"
FRAGMENT = next((ROOT / "scenarios" / "replays" / "teile").glob("*.yaml"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_says_how_a_command_is_used(eva: Eva, command: tuple[str, ...]) -> None:
    done = eva(*command, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(" ".join(("Usage: eva", *command)))
    assert "--help" in done.out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_unknown_option_is_refused_in_one_line(eva: Eva, command: tuple[str, ...]) -> None:
    done = eva(*command, "--no-such-option")
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1 or not command
    assert "no-such-option" in done.err


def test_without_a_command_the_help_goes_to_stderr(eva: Eva) -> None:
    done = eva()
    assert (done.status, done.out) == (2, "")
    assert "Usage: eva" in done.err


def test_an_unknown_command_is_named(eva: Eva) -> None:
    done = eva("forcast")
    assert (done.status, done.out) == (2, "")
    assert "forcast" in done.err
    assert len(done.err.splitlines()) == 1


def test_the_version_is_that_of_the_package(eva: Eva) -> None:
    done = eva("--version")
    assert (done.status, done.err) == (0, "")
    name, version = done.out.split()
    assert name == "eva"
    assert version[0].isdigit()


@pytest.mark.parametrize(
    "command",
    [
        ("forecast", "none.yaml"),
        ("check", "none.yaml"),
        ("log", "restore", "none.jsonl"),
        ("log", "head", "--database", "sqlite:////nowhere/at/all/eva.db"),
        ("token", "list", "--database", "sqlite:////nowhere/at/all/eva.db"),
        ("token", "list", "--database", "nonsense"),
        ("diagram", "unicorn"),
        ("schema", "unicorn"),
        ("separators", "3", "--batch", "ä", "--out", "x.pdf"),
        ("separators", "3", "--batch", "b", "--out", "nowhere/x.pdf"),
        ("separators", "0", "--batch", "b", "--out", "x.pdf"),
        ("replay", "import-bpmn", "none.bpmn"),
        ("replay", "export-bpmn", "none.json"),
        ("forecast", "--replications", "0"),
        ("forecast", "--seed", "-1"),
        ("forecast", "--mode", "wild"),
        ("forecast", "--engine", "abacus"),
        ("serve", "--port", "99999"),
        ("token", "create", "--user", "a", "--role", "king"),
        ("token", "create", "--user", "a", "--role", "system"),
        ("token", "create", "--user", "a"),
        ("token", "create", "--role", "planner"),
    ],
    ids=" ".join,
)
def test_unusable_input_ends_with_one_line_and_writes_nothing(
    eva: Eva, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVA_DATABASE_URL", raising=False)
    done = eva(*command)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("check", GOOD), ("replay", GOOD), ("forecast",)], ids=str)
def test_an_unknown_language_is_refused_before_anything_is_done(
    eva: Eva, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...]
) -> None:
    monkeypatch.setenv("EVA_LANG", "fr")
    done = eva(*command)
    assert (done.status, done.out, done.err) == (2, "", "EVA_LANG:1:1: 'fr'; expected de or en\n")


@pytest.mark.parametrize(
    ("language", "says"),
    [("de", "in Ordnung, 1 Fall, 9 Schritte"), ("en", "ok, 1 case, 9 steps")],
)
def test_check_counts_cases_and_steps(eva: Eva, monkeypatch: pytest.MonkeyPatch, language: str, says: str) -> None:
    monkeypatch.setenv("EVA_LANG", language)
    done = eva("check", GOOD)
    assert (done.status, done.out, done.err) == (0, f"{GOOD}: {says}\n", "")
    word = {"de": "in Ordnung, Baustein", "en": "ok, fragment"}[language]
    assert eva("check", FRAGMENT).out == f"{FRAGMENT}: {word}\n"


@pytest.mark.parametrize(
    ("language", "says"), [("de", "in Ordnung, 5 Behörden in 2 Projekten"), ("en", "ok, 5 authorities in 2 projects")]
)
def test_check_counts_authorities_and_projects(
    eva: Eva, small: Path, monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    monkeypatch.setenv("EVA_LANG", language)
    done = eva("check", small)
    head, _, tail = says.partition(", ")
    assert done.status == 0
    assert done.out.startswith(f"{small}: {head}, ")
    first = done.out.splitlines()[0]
    assert [word for word in first.split() if word.isalpha()][-1] == tail.split()[-1]


def test_check_reports_the_faults_of_all_files_and_what_is_right(eva: Eva, tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("kind: replay\ntitel: x\n")
    second.write_text("kind: rollout\nname: [\n")
    done = eva("check", first, GOOD, second)
    assert done.status == 2
    assert done.out == f"{GOOD}: ok, 1 case, 9 steps\n"
    lines = done.err.splitlines()
    assert any(line.startswith(f"{first}:2:1: unknown key `titel`; `title`?") for line in lines)
    assert any(line.startswith(f"{second}:") and "not YAML" in line for line in lines)


def test_no_more_faults_are_listed_than_can_be_read(eva: Eva, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("kind: replay\n" + "".join(f"key{number}: 1\n" for number in range(300)))
    lines = eva("check", path).err.splitlines()
    assert len(lines) == 201
    assert "more faults from here on" in lines[-1]


def test_a_hostile_file_name_cannot_steer_the_terminal(eva: Eva, tmp_path: Path) -> None:
    done = eva("check", tmp_path / "a\x1b[2Jb.yaml")
    assert "\x1b" not in done.err
    assert "\\x1b[2Jb.yaml:1:1: there is no such file" in done.err


@pytest.mark.parametrize("kind", ["scenario", "replay"])
def test_schema_prints_json_schema(eva: Eva, kind: str) -> None:
    done = eva("schema", kind)
    assert (done.status, done.err) == (0, "")
    schema = json.loads(done.out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]


@pytest.mark.parametrize("machine", ["record", "routing-slip", "station", "mail-folder", "scan-batch"])
def test_diagram_prints_mermaid(eva: Eva, machine: str) -> None:
    done = eva("diagram", machine)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert any(line.strip().startswith("[*] --> ") for line in lines)


def test_separator_sheets_are_a_pdf_with_two_pages_each(eva: Eva, tmp_path: Path) -> None:
    import pikepdf

    done = eva("separators", 2, "--batch", "s-1", "--out", tmp_path / "sheets.pdf")
    assert (done.status, done.out, done.err) == (0, "", "")
    with pikepdf.open(tmp_path / "sheets.pdf") as pdf:
        assert len(pdf.pages) == 4


def test_the_program_starts_without_heavy_libraries() -> None:
    """`eva --help` answers at once: heavy libraries are loaded by the commands that need them."""
    heavy = "numba polars altair scipy simpy holidays vl_convert sqlalchemy fastapi uvicorn pikepdf lxml rich jinja2"
    code = f"import sys, api.cli.main; print(*(set({heavy.split()!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
