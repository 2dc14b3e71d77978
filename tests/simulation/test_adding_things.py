"""The worked examples of `docs/explanation/adding-things.md` are true."""

import re

import pytest
from lxml import html

from simulation.charts import charts as declared
from simulation.charts import draw
from simulation.charts.charts import LOCALES, Chart
from simulation.charts.draw import render_svgs
from simulation.forecast.forecast import Forecast, forecast
from simulation.levers.load import load
from simulation.report.html import render_page
from simulation.report.reference import render_reference
from simulation.scenario import units
from simulation.scenario.figures import find_figures
from simulation.scenario.json_schema import scenario_schema
from tests.conftest import NRW, ROOT, SMALL
from workflow.text import Text

GUIDE = (ROOT / "docs" / "explanation" / "adding-things.md").read_text(encoding="utf-8")
PARAMETER = "registrations_per_user"


def section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(load(SMALL / "small.yaml"), replications=2)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Chart:
    """The chart of the guide, added where the guide says."""
    code = re.search(r"```python\n(.*?)```", section("A chart"), re.DOTALL)
    assert code
    names = {"Chart": Chart, "Text": Text, "Series": declared.Series, "GIGABYTES": units.GIGABYTES}
    chart = eval(code[1], names)  # noqa: S307  # our own document
    assert isinstance(chart, Chart)
    everything = (*declared.CHARTS, chart)
    for module in ("simulation.charts.charts", "simulation.charts.draw", "simulation.report.reference"):
        monkeypatch.setattr(f"{module}.CHARTS", everything)
    return chart


def test_one_entry_brings_a_chart_into_files_report_and_reference(result: Forecast, example: Chart) -> None:
    svgs = {language: render_svgs(result, language, (example,)) for language in LOCALES}
    assert list(svgs["de"]) == [example.name]
    page = html.fromstring(render_page(result, svgs, "de"))
    captions = [caption.text_content() for caption in page.iter("figcaption")]
    assert [c for c in captions if example.title.de in c and example.caption.en in c]
    assert page.xpath("//h2[@id='work']/following-sibling::figure[1]//*[name()='svg']")
    assert f"| `{example.name}` | `workload` |" in render_reference()


def test_the_example_is_no_chart_yet() -> None:
    """Else the guide would show how to add what is there."""
    assert "storage" not in {chart.name for chart in draw.CHARTS}


def test_files_that_the_guide_names_exist() -> None:
    for title in ("A chart", "A scenario parameter"):
        for name in re.findall(r"`((?:simulation|scenarios|tests|docs)/[\w./-]+)`", section(title)):
            assert (ROOT / name).exists(), name


def test_the_parameter_of_the_guide_stands_in_the_files_that_it_names() -> None:
    named = set(re.findall(r"^\d\. `([\w./-]+)`", section("A scenario parameter"), re.MULTILINE))
    simulation = ROOT / "simulation"
    places = [*simulation.rglob("*.py"), *simulation.rglob("*.csv"), *(ROOT / "api").rglob("*.py"), NRW]
    found = {str(p.relative_to(ROOT)) for p in places if PARAMETER in p.read_text(encoding="utf-8")}
    assert found == named
    assert len(found) == 4


def test_schema_and_assumptions_follow_from_the_model() -> None:
    definition = scenario_schema()["$defs"]["Training"]["properties"][PARAMETER]
    assert definition["description"] == "Unit: pieces (Stück)."
    path = f"rollout.training.{PARAMETER}"
    assert path in {name for name, _, _ in find_figures(load(SMALL / "small.yaml").spec)}


def test_the_small_scenario_says_every_figure_of_the_large_one() -> None:
    """So that a key added to the model is missed in both."""
    text = (SMALL / "small.yaml").read_text(encoding="utf-8")
    leaf = re.compile(r"(?:^|\.)([a-z_]+)$")
    for name, _, _ in find_figures(load(NRW).spec):
        key = leaf.search(name)
        if key and not name.startswith("mail.items_per_user_day."):
            assert re.search(rf"\b{key[1]}:", text), name
