"""Citations in code, scenarios and pages, as text: which rules, sections of the trade and facts each file names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PLACES = ("workflow", "scanning", "simulation", "api", "scenarios", "benchmarks", "docs", "tests", "README.md")
SUFFIXES = {".py", ".md", ".yaml", ".csv", ".j2"}

_NUMBERS = r"(\d+(?:(?:, | and | und | to | bis )\d+)*)"
RULES = re.compile(rf"\b(?:[Rr]ules?|Regeln?) {_NUMBERS}(?![\d.:]*\d)")
SECTIONS = re.compile(r"\bdomain (\d(?:\.\d)?(?:(?:, | and )\d\.\d)*)(?![\d])")
FACTS = re.compile(r"\b(F\d{3}|[CYZ]\d{2})(?: (?:to|bis) (F\d{3}|[CYZ]\d{2}))?\b")


class Citation(NamedTuple):
    """What is cited, and by which file and line."""

    cited: str
    file: str
    line: int


def files() -> Iterator[Path]:
    for place in PLACES:
        below = [ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).rglob("*"))
        for path in below:
            if path.suffix in SUFFIXES and path.is_file() and "__pycache__" not in path.parts:
                yield path


def rules_in(text: str) -> list[str]:
    """`rules 22 to 24` names three rules."""
    return [str(number) for found in RULES.findall(text) for number in _numbers(found)]


def sections_in(text: str) -> list[str]:
    return [section for found in SECTIONS.findall(text) for section in re.split(r", | and ", found)]


def facts_in(text: str) -> list[str]:
    """`F093 to F100` names eight facts. Codes that a linter is told to overlook are none."""
    if "noqa" in text:
        return []
    return [fact for first, last in FACTS.findall(text) for fact in _range(first, last or first)]


def citations(kind: str) -> list[Citation]:
    """Every citation of `rules`, `sections` or `facts` outside this module and its test."""
    find = {"rules": rules_in, "sections": sections_in, "facts": facts_in}[kind]
    return [
        Citation(cited, path.relative_to(ROOT).as_posix(), number)
        for path in files()
        if path.stem not in {"citations", "test_citations"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for cited in find(line)
    ]


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in re.split(r", | and | und ", text):
        first, _, last = part.replace(" bis ", " to ").partition(" to ")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def _range(first: str, last: str) -> list[str]:
    width = len(first) - 1
    return [f"{first[0]}{number:0{width}}" for number in range(int(first[1:]), int(last[1:]) + 1)]
