"""The page of measures, in both languages, and the reference page that has the same lines."""

import httpx
import pytest
from lxml import html

from api.cli.measure_docs import render
from scanning.requirements.fulfilment import list_measures
from scanning.requirements.terms import Ruleset
from scanning.requirements.tr03138 import MEASURES
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.engine.access import Protection


def visit(served: Served, path: str, language: str = "de") -> httpx.Response:
    bearer = served.bearer("inge", "scan_inspector", authority="mwide")
    headers = {"authorization": f"Bearer {bearer}", "accept-language": language}
    return httpx.get(f"{served.url}{path}", headers=headers, timeout=PATIENT)


@pytest.mark.parametrize(("language", "said"), [("de", "erfüllt durch"), ("en", "met by")])
def test_the_page_of_measures_says_what_meets_each(served: Served, language: str, said: str) -> None:
    answer = visit(served, "/pages/scanning/measures", language)
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    assert said in answer.text
    rows = page.xpath("//tbody/tr")
    assert len(rows) == len(MEASURES)
    assert [row.xpath("string(th)").split()[0] for row in rows] == [one.requirement for one in MEASURES]


def test_a_need_and_a_version_show_what_binds_then(served: Served) -> None:
    page = html.fromstring(visit(served, "/pages/scanning/measures?need=high&ruleset=1.5").text)
    shown = [row.xpath("string(th)").split()[0] for row in page.xpath("//tbody/tr")]
    expected = [row.measure.requirement for row in list_measures(Protection.HIGH, Ruleset.V1_5)]
    assert shown == expected
    assert "A.AM.IN.H.7" in shown
    assert "A.AM.IN.SH.1" not in shown
    assert len(
        html.fromstring(visit(served, "/pages/scanning/measures?need=x&ruleset=9").text).xpath("//tbody/tr")
    ) == (len(MEASURES))


def test_the_reference_page_has_the_same_lines() -> None:
    text = render(list_measures())
    for one in MEASURES:
        assert text.count(f"| {one.id} |") == 2, one.id  # in German and in English
        assert one.paragraph in text
