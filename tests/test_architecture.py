"""The rooms: an import may only go left, and some libraries have one room only."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from api.cli import main
from simulation.forecast import forecast as model

ROOT = Path(__file__).parents[1]
ROOMS = ("workflow", "scanning", "simulation", "api")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
ONLY = {"simpy": {"simulation"}, "fastapi": {"api"}, "typer": {"api"}, "numba": {"simulation"}}
STORE = {
    "database",
    "log",
    "engine",
    "migrate",
    "subscribers",
    "tables",
    "view_tables",
    "views",
    "env",
    "v0001_first",
    "v0002_list",
}
"""The log, the engine and the views, and what they consist of: nothing else knows of a database."""
HEAVY = {"numba", "polars", "altair", "scipy", "simpy", "holidays", "vl_convert"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_left_and_libraries_keep_to_their_rooms(path):
    room = path.relative_to(ROOT).parts[0]
    for name in imported(path):
        if name in ROOMS:
            assert ROOMS.index(name) <= ROOMS.index(room), f"{room} imports {name}"
        if name in ONLY:
            assert room in ONLY[name], f"{room} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_log_the_engine_and_the_views_know_of_a_database(path):
    if {"sqlmodel", "sqlalchemy", "sqlite3", "psycopg", "alembic"} & set(imported(path)):
        assert path.parts[-2] in {"workflow", "migrations", "versions"}
        assert path.stem in STORE


def test_decisions_and_folds_read_no_clock_draw_nothing_and_touch_no_file():
    """Time, ids and other aggregates are handed in; only what talks to the world may import it."""
    world = {"time", "random", "os", "secrets", "pathlib", "socket", "threading"}
    may = {"engine", "batch", "group_commit", "log", "memory", "database", "migrate", "pages"}
    for path in FILES:
        if path.parts[-2] == "workflow" and path.stem not in may:
            assert not world & set(imported(path)), path
            assert not re.search(r"uuid[14]\(|datetime\.now|date\.today", path.read_text(encoding="utf-8")), path


def test_the_command_line_begins_without_heavy_libraries():
    """Start-up: what `api.cli.main` imports at its top must not pull in compilers and table libraries."""
    tree = ast.parse((ROOT / "api" / "cli" / "main.py").read_text(encoding="utf-8"))
    top = {
        name
        for node in tree.body
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None)])
        if name
    }
    assert not {name.split(".")[0] for name in top} & HEAVY
    assert not top & {
        "simulation.forecast.forecast",
        "simulation.report.html",
        "simulation.forecast.tables",
        "simulation.scenario.load",
    }


def test_every_module_says_what_it_is():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_requirements_are_pinned_with_hashes_and_name_no_host():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_decision_records_are_short():
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 40, path


def test_the_command_and_the_function_have_the_same_defaults():
    """The command states them itself so that `--help` need not load the model."""
    command = inspect.signature(main.forecast).parameters
    function = inspect.signature(model.forecast).parameters
    for name in ("replications", "seed"):
        assert command[name].default == function[name].default
    assert command["engine"].default.value == function["engine"].default
    assert command["mode"].default.value == function["mode"].default
