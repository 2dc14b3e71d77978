"""Every source that code, scenarios and pages cite stands in the repository, and what stands there is cited."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from scanning.catalogue import MACHINES
from scanning.requirements.tr03138 import MEASURES
from tests import citations
from tests.citations import ROOT, Citation, facts_in, rules_in, sections_in
from workflow.engine.machine import Machine

REFERENCE = ROOT / "docs" / "reference"
RULES_PAGE = (REFERENCE / "rules.md").read_text(encoding="utf-8")
DOMAIN_PAGE = (REFERENCE / "domain.md").read_text(encoding="utf-8")
FACTS_PAGE = (REFERENCE / "facts.md").read_text(encoding="utf-8")

RULES = re.findall(r"^### Rule (\d+)$", RULES_PAGE, re.MULTILINE)
SECTIONS = re.findall(r"^###? (\d(?:\.\d)?) ", DOMAIN_PAGE, re.MULTILINE)
FACTS = re.findall(r"^\| (F\d{3}|[CYZ]\d{2}) \|", FACTS_PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def facts() -> list[Citation]:
    return citations.citations("facts")


def test_no_citation_of_a_rule_is_dead() -> None:
    dead = [one for one in citations.citations("rules") if one.cited not in RULES]
    assert dead == []


def test_no_citation_of_a_section_of_the_trade_is_dead() -> None:
    dead = [one for one in citations.citations("sections") if one.cited not in SECTIONS]
    assert dead == []


def test_no_citation_of_a_fact_is_dead(facts: list[Citation]) -> None:
    dead = [one for one in facts if one.cited not in FACTS]
    assert dead == []


def test_every_fact_on_the_page_is_cited_by_something_else(facts: list[Citation]) -> None:
    own = {line: found[0] for line, text in enumerate(FACTS_PAGE.splitlines(), 1) if (found := facts_in(text[:8]))}
    cited = {one.cited for one in facts if one.file != "docs/reference/facts.md" or own.get(one.line) != one.cited}
    assert set(FACTS) - cited == set()


def test_every_fact_stands_once_with_its_lines_in_order() -> None:
    assert len(set(FACTS)) == len(FACTS)
    assert sorted(FACTS, key=lambda one: ("FCYZ".index(one[0]), one)) == FACTS
    lines = re.findall(r"^\| [FC]\d+ \| ([^|]*) \|", FACTS_PAGE, re.MULTILINE)
    for spans in lines:
        for span in spans.split("; "):
            first, _, last = span.partition("-")
            assert 1 <= int(first) <= int(last or first) <= 3171, spans


def test_the_rules_are_numbered_from_1_to_25_and_each_says_what_it_stands_on() -> None:
    assert [str(number) for number in range(1, 26)] == RULES
    for text in re.split(r"^### Rule \d+$", RULES_PAGE, flags=re.MULTILINE)[1:]:
        assert re.search(r"^- \S", text, re.MULTILINE), text


def test_every_rule_is_cited_by_code_or_by_a_replay_file() -> None:
    cited = {one.cited for one in citations.citations("rules") if not one.file.startswith("docs/")}
    assert {number for number in RULES if number not in cited} == set()


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_row_of_a_machine_names_a_basis_that_a_reader_can_find(machine: Machine[Any]) -> None:
    for row in machine.table:
        assert row.basis.strip(), (row.source, row.action)
        assert set(rules_in(row.basis)) <= set(RULES)
        assert set(sections_in(row.basis)) <= set(SECTIONS)


def test_every_requirement_of_tr_03138_that_the_rules_name_is_in_the_table_of_measures() -> None:
    known = {measure.id for measure in MEASURES}
    named = set(re.findall(r"\bA\.[A-Z]+(?:\.[A-Z]+)*\.\d+\b", RULES_PAGE + DOMAIN_PAGE))
    assert named - known == set()


@pytest.mark.parametrize(
    ("find", "text", "found"),
    [
        (rules_in, "TR-03138; rules 22 to 24.", ["22", "23", "24"]),
        (rules_in, "Rules 22, 23 and 24 by example", ["22", "23", "24"]),
        (rules_in, "Regeln 8 bis 10; Regel 12", ["8", "9", "10", "12"]),
        (rules_in, "rule 99", ["99"]),
        (rules_in, "the rule of 3 and a schedule 4", []),
        (sections_in, "against domain 3.1 and 3.2 written out", ["3.1", "3.2"]),
        (sections_in, "rule 24; domain 3.4", ["3.4"]),
        (sections_in, "(domain 6)", ["6"]),
        (sections_in, "the domain of 5 authorities", []),
        (facts_in, "year ends as in F093 to F095, Z01", ["F093", "F094", "F095", "Z01"]),
        (facts_in, "F999 and Y77", ["F999", "Y77"]),
        (facts_in, "import x  # noqa: F401", []),
        (facts_in, "AF093 F09 Y123", []),
    ],
)
def test_citations_are_found_in_every_form(find: Callable[[str], list[str]], text: str, found: list[str]) -> None:
    assert find(text) == found
