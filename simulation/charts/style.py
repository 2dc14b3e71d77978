"""What all charts share: colours, fonts and axes.

Colours are the palette of Okabe and Ito, which colour-blind readers tell apart; lines differ in dash as well, so that
a print in grey stays legible.
"""

from typing import Any

import altair as alt

from simulation.charts.charts import TICKS
from simulation.scenario.units import SHARE, WORKING_HOURS
from workflow.text import Text

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#8a8f98", "#1b2733"
LIGHT_BLUE, PALE_BLUE, PALE_GREY = "#7fb3d5", "#cfe2ef", "#cfd4da"


def style(chart: Any) -> alt.TopLevelMixin:
    font = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
    styled: alt.TopLevelMixin = chart.configure(  # all at once: each call copies the whole chart
        font=font,
        background="white",
        axis=alt.AxisConfig(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelColor=INK, gridColor="#e6e8eb"
        ),
        header=alt.HeaderConfig(labelFontSize=13, titleFontSize=13, labelFontWeight="bold", labelColor=INK),
        legend=alt.LegendConfig(
            labelFontSize=12, titleFontSize=12, orient="bottom", symbolStrokeWidth=3, labelLimit=400
        ),
        view=alt.ViewConfig(stroke=None),
    )
    return styled


def year_axis(language: str | None = None, form: str = "%Y") -> alt.Axis:
    """Years; with a `language` the axis says on which day their ticks stand."""
    title = TICKS.get(language) if language else None
    return alt.Axis(format=form, tickCount={"interval": "year", "step": 1}, title=title, grid=True, labelOverlap=True)


def number_format(unit: Text) -> str:
    return ".0%" if unit == SHARE else ",.1f" if unit == WORKING_HOURS else ",.0f"
