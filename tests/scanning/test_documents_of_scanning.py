"""The pages of scanning are true: words are in the glossary, decisions read no clock."""

import importlib
import inspect
import re
from pathlib import Path

from workflow.engine.commands import Command
from workflow.engine.events import Event

ROOT = Path(__file__).parents[2]
NOUNS = ["batch", "batch_events", "exclusions", "scan_files", "centre", "rules", "protection", "measures", "product",
         "completeness", "channels"]  # fmt: skip
DOMAIN = [*NOUNS, "batch_commands", "batch_fold", "batch_guards", "batch_machine", "batch_builders", "batch_decisions",
          "handover", "catalogue"]  # fmt: skip


def test_every_public_class_is_in_the_glossary():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name in NOUNS:
        module = importlib.import_module(f"scanning.{name}")
        for word, kind in vars(module).items():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__ and not word.startswith("_")
            if own and not issubclass(kind, Event | Command):
                assert f"| {word} |" in glossary, word


def test_the_domain_reads_no_clock_draws_nothing_and_touches_no_file():
    world = re.compile(r"^(import|from) (time|random|os|secrets|pathlib|socket|threading|subprocess)\b", re.MULTILINE)
    for name in DOMAIN:
        text = (ROOT / "scanning" / f"{name}.py").read_text(encoding="utf-8")
        assert not world.search(text), name
        assert not re.search(r"uuid[14]\(|datetime\.now|date\.today", text), name
    assert world.search("import os\n")
