"""Generic code asks a resource for its attributes and names none; the application layer knows no HTTP."""

import ast
import re
from pathlib import Path

import pytest

from api.application.resources import RESOURCES

ROOT = Path(__file__).parents[3]
GENERIC = [
    ROOT / "api" / "application" / "service.py",
    ROOT / "api" / "application" / "visibility.py",
    ROOT / "api" / "application" / "resources" / "resource.py",
    ROOT / "api" / "application" / "resources" / "representation.py",
    ROOT / "api" / "server" / "routes" / "resources.py",
    ROOT / "api" / "replay" / "run" / "runner.py",
    *(ROOT / "api" / "server" / "openapi" / f"{name}.py" for name in ("document", "examples", "resources")),
]
APPLICATION = sorted((ROOT / "api" / "application").rglob("*.py"))


def texts(path: Path) -> set[str]:
    """Every string of a module but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes
    }


def named(text: str) -> set[str]:
    """Resources that a string names, alone, as the beginning of a stream, or as a path."""
    words = set(RESOURCES) | {one.plural for one in RESOURCES.values()}
    return {word for word in words if re.fullmatch(rf"/?{word}([:/].*)?", text)}


@pytest.mark.parametrize("path", GENERIC, ids=lambda path: path.stem)
def test_generic_code_names_no_resource(path: Path) -> None:
    assert not {name for text in texts(path) for name in named(text)}


def test_a_name_would_be_found() -> None:
    assert named("scan-batch")
    assert named("record:1")
    assert named("/routing-slips/{id}")
    assert not named("record.created")


@pytest.mark.parametrize("path", APPLICATION, ids=lambda path: path.stem)
def test_the_application_layer_knows_no_http(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & {"starlette", "fastapi", "http", "uvicorn"}, path
