"""Each chart says at its foot where its numbers come from, within its width and below what was drawn."""

import re

import pytest
from lxml import etree

from simulation.charts.source_line import CHARACTER, SIZE, add_source, write_source, write_source_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" class="marks" width="{w}" height="90" viewBox="0 0 {w} 90"><g/></svg>'


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "Quelle: eva, Szenario nrw-plan-2021, Stand 30.06.2021, 1.000 Durchläufe"),
        ("en", "Source: eva, scenario nrw-plan-2021, as of 30 Jun 2021, 1,000 runs"),
    ],
)
def test_the_line_names_scenario_day_and_runs(language: str, expected: str) -> None:
    assert write_source(["nrw-plan-2021"], "2021-06-30", 1000, language) == expected


def test_of_many_scenarios_two_are_named_and_a_what_if_is_told() -> None:
    told = write_source(["a", "b", "c", "d"], "2021-06-30", None, "en")
    assert told == "Source: eva, scenarios a, b and 2 more, as of 30 Jun 2021"
    about = {"scenario": "a", "as_of": "2021-06-30", "replications": 9, "scan_replications": 1, "changes": ["x=1"]}
    assert write_source_of(about, "de", of_scans=True) == (
        "Quelle: eva, Szenario a mit Änderungen, Stand 30.06.2021, 1 Durchlauf"
    )
    assert "9 runs" in write_source_of(about, "en", of_scans=False)


@pytest.mark.parametrize(("width", "lines"), [(690, 1), (220, 3)])
def test_the_line_stands_below_the_chart_and_within_its_width(width: int, lines: int) -> None:
    source = write_source(["nrw-plan-2021 & <more>"], "2021-06-30", 1000, "de")
    drawn = etree.fromstring(add_source(SVG.format(w=width), source))
    texts = list(drawn.iter("{*}text"))
    assert " ".join(one.text or "" for one in texts) == source
    assert len(texts) == lines
    assert all(float(one.get("y", "0")) > 90 for one in texts)
    assert all(len(one.text or "") * SIZE * CHARACTER <= width for one in texts)
    height = float(drawn.get("height", "0"))
    assert height > float(texts[-1].get("y", "0"))
    assert drawn.get("viewBox") == f"0 0 {width} {height:g}"
    assert re.search("<g/><text", add_source(SVG.format(w=width), source))


def test_what_is_no_chart_is_not_written_on() -> None:
    with pytest.raises(ValueError, match="without width"):
        add_source("<svg/>", "Source")
