"""Draw the charts of a forecast: as Altair specifications for notebooks, as SVG for files and pages."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from simulation.charts.baselines import draw_baselines
from simulation.charts.charts import CHARTS, LOCALES, Chart, Kind, is_nothing
from simulation.charts.dates import draw_dates
from simulation.charts.fan import draw_fan
from simulation.charts.gantt import draw_gantt
from simulation.charts.intervals import draw_intervals
from simulation.charts.lines import draw_lines
from simulation.charts.source_line import add_source, write_source_of
from simulation.charts.style import style
from simulation.forecast.forecast import Forecast, tells_bands

KINDS: Mapping[Kind, Callable[[Chart, Forecast, str], Any]] = {
    "fan": draw_fan, "lines": draw_lines, "intervals": draw_intervals, "dates": draw_dates, "gantt": draw_gantt,
    "baselines": draw_baselines,
}  # fmt: skip


def draw_chart(chart: Chart, forecast: Forecast, language: str) -> alt.TopLevelMixin:
    return style(KINDS[chart.kind](chart, forecast, language))


def has_rows(chart: Chart, forecast: Forecast) -> bool:
    """Whether there is anything to draw: a scenario may have no scan centres and no deadlines, of few runs no
    probability is told, and what is 0 throughout is a sentence.
    """
    if chart.kind == "intervals" and not tells_bands(forecast.summary):
        return False
    rows = forecast.summary["deadlines"] if chart.table == "summary" else forecast[chart.table]
    return len(rows) > 0 and not (chart.nothing and is_nothing(chart, forecast[chart.table].iter_rows(named=True)))


def render_svgs(forecast: Forecast, language: str, charts: tuple[Chart, ...] | None = None) -> dict[str, str]:
    """The charts that have rows, all of them unless `charts` names some, as SVG by name."""
    locale: Any = LOCALES[language]
    drawn = [chart for chart in (CHARTS if charts is None else charts) if has_rows(chart, forecast)]
    with debug_mode(False):  # checking every part against the schema takes a fifth of the time; tests do it
        specs = [draw_chart(chart, forecast, language).to_dict(validate=False) for chart in drawn]

    def render(spec: dict[str, Any]) -> str:
        return vl_convert.vegalite_to_svg(spec, format_locale=locale, time_format_locale=locale)

    def tell_source(chart: Chart) -> str:
        return write_source_of(forecast.summary, language, of_scans=chart.section == "scan")

    with ThreadPoolExecutor(2) as pool:
        rendered = zip(drawn, pool.map(render, specs), strict=True)
        return {chart.name: add_source(svg, tell_source(chart)) for chart, svg in rendered}
