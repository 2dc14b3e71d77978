"""The glossary is complete: every domain class and state has an entry, and no entry names a class that is gone."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from scanning.catalogue import MACHINES
from tests.source import FILES, ROOT, parse
from workflow.engine.machine import Machine

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = {line.split("|")[1].strip(): line.split("|") for line in GLOSSARY.splitlines() if line.startswith("| ")}
DOMAIN = ("workflow/records", "workflow/routing_slips", "workflow/mail_folders", "workflow/organisation", "scanning")
"""Rooms whose classes are things of the trade. The engine's parts have entries where a reader meets them."""
OF_CODE = {"Question", "PlainPages", "LoadedKeySigner", "LoadedKeyTimeStamper", "NotTurned"}
"""What a guard is asked, how a reader of PDF is built, how a key is kept, and an exception."""


@cache
def public_classes() -> dict[str, tuple[str, list[str]]]:
    """Name -> file and names of its bases, read from the source."""
    found = {}
    for path in FILES:
        for node in parse(path).body:
            if isinstance(node, ast.ClassDef) and re.match("[A-Z]", node.name):
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                found[node.name] = (path.relative_to(ROOT).as_posix(), bases)
    return found


def descends(name: str, ancestors: set[str]) -> bool:
    return name in ancestors or any(descends(base, ancestors) for base in public_classes().get(name, ("", []))[1])


def test_every_domain_class_is_in_the_glossary() -> None:
    """Commands and events are on the pages of the machines; the parts that a command is built of stand beside it."""
    missing = {
        name
        for name, (file, _) in public_classes().items()
        if file.startswith(DOMAIN) and Path(file).stem not in {"commands", "actions"}
        if not descends(name, {"Event", "Command"})
    }
    assert missing - set(ENTRIES) - OF_CODE == set()


def test_no_entry_names_a_class_that_is_gone() -> None:
    assert {word for word in ENTRIES if re.fullmatch(r"[A-Z]\w*", word)} - set(public_classes()) == set()


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_state_has_its_german_word(machine: Machine[object]) -> None:
    for state, german in machine.states.items():
        assert german in ENTRIES[state][2], state


def test_every_entry_has_a_german_word_and_a_meaning() -> None:
    for word, cells in ENTRIES.items():
        assert len(cells) in {6, 7}, word
        assert all(cell.strip() for cell in cells[2:-1]), word


def test_every_part_of_a_scenario_file_is_explained() -> None:
    for word in ("authority", "project", "preparation", "introduction", "operation", "adoption", "deadline", "channel",
                 "delivery", "station", "shift", "checkpoint", "early users", "scan centre", "routing slip", "record",
                 "mail folder", "rescan", "protection need", "staff council", "go-live", "seat", "figure"):  # fmt: skip
        assert word in ENTRIES, word
