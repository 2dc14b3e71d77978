"""The charts of a forecast: the one list, from which the SVG files, the report and the pages of a run are made.

To show a column of a table, add an entry here; the other modules here draw each kind.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from simulation.scenario.units import ITEMS, PEOPLE, SHARE, WORKING_HOURS
from workflow.text import Text

Kind = Literal["fan", "lines", "intervals", "gantt"]
Section = Literal["users", "deadlines", "projects", "scan", "departments", "work"]
"""Where the report shows a chart."""


class Series(NamedTuple):
    column: str
    label: Text


@dataclass(frozen=True)
class Chart:
    """One chart, drawn as `charts/NAME.svg`.

    `table` is a table of the forecast, or `summary` for its deadlines; `unit` stands at the value axis; lines are
    drawn in one panel per value of the column `facet`; `mark` is a dashed line at a value worth watching;
    `on_run_page`: also drawn in both languages for the page of a run.
    """

    name: str
    section: Section
    table: str
    kind: Kind
    title: Text
    caption: Text
    unit: Text
    series: tuple[Series, ...] = ()
    facet: str | None = None
    mark: float | None = None
    on_run_page: bool = False


CHARTS = (
    Chart(
        "users", "users", "users", "fan",
        Text("Nutzerinnen und Nutzer", "Users"),
        Text(
            "Die Linie teilt die Rechnungen in zwei Hälften. In 80 von 100 Rechnungen liegt die Zahl im dunklen Band, "
            "in 90 im hellen. Rauten: Nutzertabelle des Berichts, gelesen als Jahresende. Der Plan zählt einen Platz "
            "vom Start der Behörde an; die Prognose zählt Menschen, die wirklich damit arbeiten, und die Gewöhnung "
            "dauert Wochen.",
            "The line divides the runs into halves. In 80 of 100 runs the number lies in the dark band, in 90 in the "
            "light one. Diamonds: user table of the report, read as year ends. The plan counts a seat from the go-live "
            "of its authority; the forecast counts people who really work with it, and getting used to it takes weeks.",
        ),
        PEOPLE,
        on_run_page=True,
    ),
    Chart(
        "deadlines", "deadlines", "summary", "intervals",
        Text("Wahrscheinlichkeit der Fristen", "Probability of the deadlines"),
        Text(
            "Anteil der Rechnungen, die das Ziel am Stichtag erreichen. Der Strich zeigt, wie genau dieser Anteil bei "
            "so vielen Rechnungen bekannt ist.",
            "Share of runs that reach the target on the day. The line shows how well this share is known from so many "
            "runs.",
        ),
        Text(
            "Wahrscheinlichkeit, dass die Frist gehalten wird (Strich: 95-%-Bereich)",
            "probability that the deadline holds (line: 95 % interval)",
        ),
        on_run_page=True,
    ),
    Chart(
        "projects", "projects", "projects", "gantt",
        Text("Alle Projekte", "All projects"),
        Text(
            "Der schmale Balken ist der Plan, der breite der Median der Prognose; der schwarze Strich zeigt, wo in "
            "80 % der Rechnungen die Einführung endet. Gestrichelt: Frist für alle Behörden.",
            "The thin bar is the plan, the wide one the median of the forecast; the black line shows where "
            "introduction ends in 80 % of runs. Dashed: deadline for all authorities.",
        ),
        Text("Zeit", "time"),
    ),
    Chart(
        "scan_load", "scan", "scan_centres", "lines",
        Text("Sendungen und Rückstand", "Items and backlog"),
        Text(
            "Sendungen je Monat und Rückstand am Monatsende, Mittel der Rechnungen.",
            "Items per month and backlog at the month's end, mean of the runs.",
        ),
        ITEMS,
        (
            Series("items_in", Text("Eingang je Monat", "items in per month")),
            Series("items_out", Text("freigegeben je Monat", "released per month")),
            Series("backlog_end", Text("Rückstand am Monatsende", "backlog at the month's end")),
        ),
        facet="centre",
    ),
    Chart(
        "scan_turnaround", "scan", "scan_centres", "lines",
        Text("Durchlaufzeit", "Turnaround"),
        Text(
            "Zeit von der Anlieferung bis zur Freigabe in die E-Postmappe, in Servicestunden der Scanstelle.",
            "Time from delivery to release into the E-Postmappe, in the centre's working hours.",
        ),
        WORKING_HOURS,
        (
            Series("turnaround_p50_hours", Text("Hälfte der Sendungen bis", "half of the items within")),
            Series("turnaround_p95_hours", Text("95 % der Sendungen bis", "95 % of the items within")),
            Series("target", Text("Zielwert (Annahme)", "target (assumed)")),
        ),
        facet="centre",
    ),
    Chart(
        "scan_utilisation", "scan", "scan_centres", "lines",
        Text("Auslastung", "Utilisation"),
        Text(
            "Anteil der besetzten Arbeitszeit, in der gearbeitet wird. Ab etwa 85 % (gestrichelt) wachsen "
            "Wartezeiten schnell.",
            "Share of the staffed time that is worked. From about 85 % (dashed) waiting times grow fast.",
        ),
        SHARE,
        (
            Series("utilisation_prepare", Text("Vorbereitung", "preparation")),
            Series("utilisation_scan", Text("Scannen", "scanning")),
            Series("utilisation_check", Text("Prüfung", "checking")),
        ),
        facet="centre",
        mark=0.85,
    ),
    Chart(
        "departments", "departments", "departments", "lines",
        Text("E-Laufmappe nach Ressorts", "E-Laufmappe by department"),
        Text(
            "Plan der Rekonstruktion gestrichelt. Jedes Feld hat seine eigene Skala.",
            "Plan of the reconstruction dashed. Every panel has its own scale.",
        ),
        PEOPLE,
        (Series("p50", Text("Prognose (Median)", "forecast (median)")), Series("plan", Text("Plan", "plan"))),
        facet="department",
    ),
)  # fmt: skip

RUN_PAGE_CHARTS = tuple(chart for chart in CHARTS if chart.on_run_page)


def get_charts(section: Section) -> list[Chart]:
    return [chart for chart in CHARTS if chart.section == section]
