"""Labels of buttons, fields and lists on the web pages, German and English, beside those in the machines' tables."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanning.requirements.exclusions import REASONS
from workflow.engine.commands import Command
from workflow.engine.machine import Machine

Pair = tuple[str, str]
"""German, English."""


def _read_labels() -> dict[str, dict[str, Pair]]:
    """List -> key -> label, from `labels.csv`, which whoever writes German can keep without reading Python."""
    found: dict[str, dict[str, Pair]] = defaultdict(dict)
    with Path(__file__).with_name("labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["list"]][row["key"]] = (row["de"], row["en"])
    return dict(found)


_LABELS = _read_labels()
FIELDS, STATUSES, RESULTS, EVENTS = (_LABELS[name] for name in ("field", "status", "result", "event"))
WORDS = _LABELS["word"]
"""What stands in tables of forecasts."""
STATIONS = _LABELS["station"]
"""Kinds of stations, and what else an inbox holds."""
CLIENTS = _LABELS["client"]
"""With which stations are done."""
TASKS = _LABELS["task"]
"""What a kind of station asks of its person."""
ORDERS = _LABELS["order"]
"""How stations of a route follow each other."""
FAULTS = _LABELS["fault"]
"""What is wrong with a form, as the engine says it in English."""
LEVELS = _LABELS["level"]
"""Protection need (Schutzbedarf)."""
CHOICES = LEVELS | {reason.value: (text.de, text.en) for reason, text in REASONS.items()} | _LABELS["choice"]

FIRST = (
    "sign", "approve", "acknowledge", "dispatch", "close", "comment", "refuse", "start", "resume", "accept", "assign",
    "sight", "file", "misdirect", "forward", "delegate", "work", "add_document", "prepare", "scan", "check", "seal",
    "deliver",
)  # fmt: skip
"""The most used actions, in the order in which a page shows them."""


def rank_action(action: str) -> int:
    """Its place on a page: the most used first, all others behind them."""
    return FIRST.index(action) if action in FIRST else len(FIRST)


def to_words(name: str) -> str:
    """`co_sign` as `co sign`."""
    return name.replace("_", " ")


def label(words: dict[str, Pair], key: str, language: str) -> str:
    """The label of a key in a language; without one, the key as English words."""
    pair = words.get(key)
    return to_words(key) if pair is None else pair[language != "de"]


def action_label(commands: Mapping[str, type[Command]], action: str, language: str) -> str:
    command = commands.get(action)
    found = command.LABEL.get(language) if command else ""
    return found or to_words(action)


def state(machine: Machine[Any] | None, name: str, language: str) -> str:
    german = machine.states.get(name) if machine is not None else None
    return german if language == "de" and german is not None else to_words(name)
