"""A fan chart of users or authorities: bands and median, the plan's points, and the day up to which all is known."""

from datetime import date
from typing import Any

import altair as alt
import polars as pl

from simulation.charts.captions import EXTREMES, LEAST_FOR_QUANTILES, count_drawn
from simulation.charts.charts import Chart
from simulation.charts.style import BLUE, GREY, LIGHT_BLUE, ORANGE, PALE_BLUE, number_format, year_axis
from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import PRODUCTS
from workflow.text import Text

WIDE = Text("90 % der Durchläufe", "90 % of runs")
NARROW = Text("80 % der Durchläufe", "80 % of runs")
MEDIAN = Text("Prognose (Median)", "forecast (median)")
PLAN = Text("Plan des Berichts", "plan of the report")
KNOWN = Text("bekannt bis hier", "known up to here")
BANDS = ((WIDE, "p05", "p95"), (NARROW, "p10", "p90"))
FEW_BANDS = ((EXTREMES, "p10", "p90"),)
FIRST_DAY = date(2019, 12, 31)
SMALLEST_LABEL = 0.015
"""Points of the plan below this share of the axis carry no label: they would cover each other."""


def draw_fan(chart: Chart, forecast: Forecast, language: str) -> Any:
    frame = forecast[chart.table].filter(pl.col("date") >= FIRST_DAY)
    top = float(max(frame["p95"].max(), frame["plan"].max() or 0)) * 1.08  # type: ignore[arg-type, type-var]
    as_of = date.fromisoformat(forecast.summary["as_of"])
    bands = BANDS if count_drawn(chart, forecast.summary) >= LEAST_FOR_QUANTILES else FEW_BANDS
    if "product" not in frame.columns:
        year_ends = pl.when(pl.col("date").dt.month() == 12).then(pl.col("plan"))
        return _Fan(chart, frame.with_columns(plan=year_ends), as_of, top, language, bands).draw().properties(
            width=690, height=260
        )  # fmt: skip
    panels = []
    for product, name in PRODUCTS.items():
        fan = _Fan(chart, frame.filter(pl.col("product") == product), as_of, top, language, bands)
        panels.append(fan.draw().properties(width=430, height=300, title=name))
    return alt.hconcat(*panels, spacing=28).resolve_scale(y="shared", color="shared")


class _Fan:
    def __init__(
        self, chart: Chart, frame: pl.DataFrame, as_of: date, top: float, language: str, bands: tuple[Any, ...]
    ) -> None:  # fmt: skip
        self.frame, self.as_of, self.language, self.top = frame, as_of, language, top
        self.form = number_format(chart.unit)
        self.x = alt.X("date:T", axis=year_axis(language))
        self.scale, self.title = alt.Scale(domain=[0, top]), chart.unit.get(language)
        self.bands = bands
        words = [word.get(language) for word in (MEDIAN, *(band for band, _, _ in reversed(bands)), PLAN)]
        colours = alt.Scale(domain=words, range=[BLUE, *(LIGHT_BLUE, PALE_BLUE)[: len(bands)], ORANGE])
        self.colour = alt.Color("key:N", title=None, scale=colours)

    def draw(self) -> Any:
        return alt.layer(*self._bands(), self._median(), *self._plan(), *self._known())

    def _y(self, column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", title=self.title, axis=alt.Axis(format=self.form), scale=self.scale)

    def _named(self, mark: Any, word: Text) -> Any:
        return mark.transform_calculate(key=f"'{word.get(self.language)}'")

    def _bands(self) -> list[Any]:
        later = alt.Chart(self.frame.filter(pl.col("date") >= self.as_of))
        return [
            self._named(later.mark_area(opacity=0.95), word).encode(
                x=self.x, y=self._y(low), y2=alt.Y2(f"{high}:Q"), color=self.colour
            )
            for word, low, high in self.bands
        ]

    def _median(self) -> Any:
        tip = [alt.Tooltip("date:T"), alt.Tooltip("p50:Q", format=self.form)]
        line = self._named(alt.Chart(self.frame).mark_line(strokeWidth=2.5), MEDIAN)
        return line.encode(x=self.x, y=self._y("p50"), color=self.colour, tooltip=tip)

    def _plan(self) -> list[Any]:
        points = alt.Chart(self.frame.filter(pl.col("plan").is_not_null()))
        large = alt.Chart(self.frame.filter(pl.col("plan") > SMALLEST_LABEL * self.top))
        dots = self._named(points.mark_point(filled=True, size=70, shape="diamond"), PLAN)
        labels = large.mark_text(align="right", dx=-9, dy=-4, fontSize=11, color=ORANGE)
        return [
            dots.encode(x=self.x, y=self._y("plan"), color=self.colour),
            labels.encode(x=self.x, y=self._y("plan"), text=alt.Text("plan:Q", format=self.form)),
        ]

    def _known(self) -> list[Any]:
        known = alt.Chart(pl.DataFrame({"date": [self.as_of], "text": [KNOWN.get(self.language)]}))
        note = known.mark_text(align="left", dx=4, fontSize=11, color="#5b626c", baseline="top")
        return [
            known.mark_rule(strokeDash=[4, 3], color=GREY).encode(x=alt.X("date:T")),
            note.encode(x=alt.X("date:T"), y=alt.value(2), text=alt.Text("text:N")),
        ]
