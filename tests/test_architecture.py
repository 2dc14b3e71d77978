"""Contracts between rooms and folders, and sizes that keep each of them readable."""

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from api.application.run import RequestRun
from api.application.run_events import QuestionKind
from api.cli.forecast import forecast as command
from api.cli.questions.compare import compare
from api.cli.questions.reach import reach
from api.cli.questions.sensitivity import sensitivity
from api.pages.planning.runs import DEFAULTS
from api.server.jobs.questions import KINDS
from simulation.forecast import forecast as model
from tests.source import FILES, ROOMS, ROOT, parse
from workflow.engine.store.log import Log

ORDER = {
    "workflow": """text | errors | engine.store | engine | organisation | delivery routes file_plan | records |
        routing_slips mail_folders | disposal views | catalogue""",
    "scanning": """rejection limits | storage requirements | inspection | pdfa separators | comparison |
        postprocessing | readers sealing | text_recognition | digital_intake centres | batches | batch_actions |
        backup_runs handover catalogue document_files | capture""",
    "simulation": """random_streams calendar numbers peak_memory replications workers | inputs | event_logs | mining |
        scenario | loading | levers | rollout | scan_line validation | forecast | charts questions | report |
        answers casework.people | casework.scanning | casework | casework.output fitting""",
    "api": """settings | application.resources | application | replay.bpmn replay.coverage replay.file |
        replay.run | replay.recorder replay | server.observability | server.auth server.http server.jobs |
        server.background | server.dependencies | server.sandboxes | server.routes | server.openapi pages |
        server | cli""",
}
"""What stands further left may be imported, what stands beside it between two bars may not. Folders by their path in
the room, modules that stand in the room itself by their name.
"""
ONLY = {
    "simpy": {"simulation"},
    "fastapi": {"api"},
    "typer": {"api"},
    "numba": {"simulation"},
    "sqlalchemy": {"workflow.engine.store", "workflow.views"},
    "sqlmodel": {"workflow.engine.store", "workflow.views"},
    "sqlite3": {"workflow.engine.store", "simulation.event_logs"},
    "psycopg": {"workflow.engine.store"},
    "alembic": {"workflow.engine.store"},
}
"""Libraries that only some rooms or folders (and what lies in them) may import."""
HEAVY = {"numba", "polars", "altair", "scipy", "simpy", "holidays", "vl_convert"}
MOST_MODULES = 13
"""In one folder."""
LONGEST_MODULE = 300
MEDIAN_MODULE = 130
MOST_FUNCTIONS = 20
"""Lines that nine of ten functions do not exceed."""
TESTS_TO_SOURCE = 0.8
"""Lines of tests for each line of source."""


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {_module(path): path for path in FILES}


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, inside functions too; a name from a package as its module, if it is one."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module


def folder(module: str) -> str:
    """The folder of a module; a module that stands in a room itself counts as one."""
    if MODULES[module].name == "__init__.py" or MODULES[module].parent.parent == ROOT:
        return module
    return module.rpartition(".")[0]


def edges() -> set[tuple[str, str]]:
    """Every import of one of our modules by another."""
    found = {(_module(path), name) for path in FILES for name in imports(path) if name in MODULES}
    return {(one, other) for one, other in found if one != other}


def ranks() -> dict[str, int]:
    """Folder -> its place from the left."""
    steps = [
        [f"{room}.{name}" for name in step.split()]
        for room, order in ORDER.items()
        for step in order.split("|")
    ]  # fmt: skip
    return {name: place for place, step in enumerate(steps) for name in step} | dict.fromkeys(ROOMS, -1)


def _contract_of(name: str) -> str:
    """The folder named in the table that a folder lies in."""
    known = ranks()
    while name not in known:
        name = name.rpartition(".")[0]
    return name


def test_a_folder_imports_only_what_stands_further_left() -> None:
    known = ranks()
    wrong = set()
    for one, other in edges():
        mine, theirs = _contract_of(folder(one)), _contract_of(folder(other))
        if mine != theirs and known[theirs] >= known[mine]:
            wrong.add(f"{one} imports {other}")
    assert not wrong


def test_the_table_of_contracts_names_every_folder_and_nothing_else() -> None:
    folders = {folder(module) for module in MODULES}
    assert {_contract_of(name) for name in folders} >= set(ranks()) - set(ROOMS)
    assert not {name for name in folders if _contract_of(name) in ROOMS} - {*ROOMS, "api.server", "api.replay"}


@pytest.mark.parametrize("part_of", [lambda name: name, folder], ids=["modules", "folders"])
def test_no_circle_between_modules_or_folders(part_of: Any) -> None:
    graph: dict[str, set[str]] = {}
    for one, other in edges():
        if part_of(one) != part_of(other):
            graph.setdefault(part_of(one), set()).add(part_of(other))
    TopologicalSorter(graph).prepare()  # raises where there is a circle, and names it


def test_libraries_keep_to_their_rooms() -> None:
    for path in FILES:
        name = _module(path)
        for library in {full.split(".")[0] for full in imports(path)} & set(ONLY):
            assert any(f"{name}.".startswith(f"{place}.") for place in ONLY[library]), f"{name} imports {library}"


def test_nobody_reaches_through_the_log_into_the_database() -> None:
    """Outside the engine a log is read by its named methods; its writer and its connections are the engine's own."""
    own = ("workflow/engine/", "tests/workflow/engine/", "tests/test_architecture.py")
    reaching = re.compile(r"\blog\.(_\w+|writer|timers|database)\b|engine\.log\.append\b")
    paths = [*FILES, *(ROOT / "tests").rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in paths if not str(path.relative_to(ROOT)).startswith(own)
        for match in reaching.finditer(path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert not found


def test_the_log_has_few_named_methods() -> None:
    public = {name for name in vars(Log) if not name.startswith("_")}
    assert public == {
        "append", "check_writable", "close", "head", "in_memory", "projection", "read", "read_all", "read_command",
        "read_types", "restore", "streams", "verify", "versions", "versions_at_once",
    }  # fmt: skip


def test_the_engine_is_about_no_record_no_slip_and_no_house_rule() -> None:
    """Its imports hold it apart (the table above); its code and docstrings name no thing of the rooms above either."""
    allowed = {"workflow.errors", "workflow.text"}
    for path in FILES:
        name = _module(path)
        if name.startswith("workflow.engine"):
            ours = {full for full in imports(path) if full.split(".")[0] in ROOMS}
            assert all(full.startswith("workflow.engine") or full in allowed for full in ours), name


def test_sizes_of_folders_modules_and_functions() -> None:
    folders = Counter(path.parent for path in FILES if path.name != "__init__.py")
    assert not {str(path): n for path, n in folders.items() if n > MOST_MODULES}
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert median(n for path, n in lengths.items() if path.name != "__init__.py") <= MEDIAN_MODULE
    assert not {str(path): n for path, n in lengths.items() if n > LONGEST_MODULE}
    functions = sorted(
        int(node.end_lineno or 0) - node.lineno + 1
        for tree in map(parse, FILES)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert functions[int(0.9 * len(functions))] <= MOST_FUNCTIONS
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py"))
    assert tests / sum(lengths.values()) >= TESTS_TO_SOURCE


def test_decisions_and_folds_read_no_clock_draw_nothing_and_touch_no_file() -> None:
    """Time, ids and other aggregates are handed in; only what talks to the world may import it."""
    world = {"time", "random", "os", "secrets", "pathlib", "socket", "threading", "asyncio"}
    may = {"engine", "command_queue", "memory"}
    for path in FILES:
        name = _module(path)
        if name.startswith("workflow.") and not name.startswith("workflow.engine.store") and path.stem not in may:
            assert not world & {full.split(".")[0] for full in imports(path)}, path
            assert not re.search(r"uuid[14]\(|datetime\.now|date\.today", path.read_text(encoding="utf-8")), path


def test_the_command_line_begins_without_heavy_libraries() -> None:
    """Start-up: what `api.cli.main` imports at its top must not pull in compilers and table libraries."""
    tree = parse(ROOT / "api" / "cli" / "main.py")
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
        "simulation.loading.load",
    }


def test_the_server_begins_without_what_reads_files() -> None:
    """Files are read by child processes: the server that answers people need load none of it."""
    readers = {"PIL", "numpy", "pikepdf", "pdf_oxide", "pypdfium2", "zxingcpp"}
    code = f"import sys, api.server.app; print(*sorted({readers} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.split() == []


def test_every_module_says_what_it_is() -> None:
    for path in FILES:
        assert ast.get_docstring(parse(path)), path


def test_requirements_are_pinned_with_hashes_and_name_no_host() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_decision_records_are_short_and_each_has_a_number_of_its_own() -> None:
    numbers = []
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 40, path
        numbers.append(int(path.name[:4]))
        assert re.match(rf"# 0*{numbers[-1]}[.:] ", lines[0]), path
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_command_and_the_function_have_the_same_defaults() -> None:
    """The command states them itself so that `--help` need not load the model."""
    shown = inspect.signature(command).parameters
    function = inspect.signature(model.forecast).parameters
    for name in ("replications", "scan_replications", "seed", "engine", "mode"):
        assert shown[name].default == function[name].default


def test_the_api_and_the_form_play_as_many_runs_as_the_command_where_none_are_named() -> None:
    shown, form = inspect.signature(command).parameters, DEFAULTS
    asked = RequestRun(scenario="nrw-plan-2021")
    assert asked.replications == int(form["replications"]) == shown["replications"].default
    assert int(form["scan_replications"]) == shown["scan_replications"].default
    assert asked.replications >= model.LEAST_FOR_ERROR, "bands and probabilities would not be told"


def test_questions_play_as_many_runs_over_http_as_on_the_command_line_where_none_are_named() -> None:
    for kind, question in {"compare": compare, "sensitivity": sensitivity, "reach": reach}.items():
        assert KINDS[QuestionKind(kind)].usual == inspect.signature(question).parameters["replications"].default
