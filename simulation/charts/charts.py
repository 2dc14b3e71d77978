"""The charts of a forecast: the one list, from which the SVG files, the report and the pages of a run are made.

To show a column of a table, add an entry here; the other modules here draw each kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from simulation.scenario.units import AUTHORITIES, ITEMS, PEOPLE, SHARE, WORKING_HOURS
from workflow.text import Text

LATER = Text("später", "later")
"""Of a day that lies beyond all that is followed."""
TICKS = Text("Jahresstriche: 1. Januar", "ticks of the years: 1 January")

LOCALES = {"de": "de-DE", "en": "en-GB"}
Kind = Literal["fan", "lines", "intervals", "dates", "gantt", "baselines"]
Section = Literal["users", "deadlines", "projects", "scan", "departments", "work", "trust"]
"""Where the report shows a chart."""


class Series(NamedTuple):
    """A column as a line, with a band between two others where they are named."""

    column: str
    label: Text
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Chart:
    """One chart, drawn as `charts/NAME.svg`.

    `table` is a table of the forecast, or `summary` for its deadlines; `unit` stands at the value axis; lines are
    drawn in one panel per value of the column `facet`; `mark` is a dashed line at a value worth watching; `band` says
    in a sentence what lies in the band, where there are enough runs for one (`simulation.charts.captions`); `nothing`
    is said instead of a chart that is 0 throughout;
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
    band: Text | None = None
    nothing: Text | None = None
    facet: str | None = None
    mark: float | None = None
    on_run_page: bool = False


CAPACITIES = {
    "teams": Text("Rollout-Teams", "rollout teams"),
    "trainers": Text("Schulende", "trainers"),
    "slots": Text("Bereitstellungsplätze", "provisioning slots"),
}

FAN = Text(
    "In 80 von 100 Durchläufen liegt die Zahl im dunklen Band, in 90 im hellen.",
    "In 80 of 100 runs the number lies in the dark band, in 90 in the light one.",
)
MIDDLE = Text("Das Band enthält 80 % der Durchläufe.", "The band holds 80 % of the runs.")

CHARTS = (
    Chart(
        "users", "users", "users", "fan",
        Text("Nutzerinnen und Nutzer", "Users"),
        Text(
            "Plan und Prognose zählen dasselbe: eine Person zählt vom Start ihrer Behörde an. Die Linie teilt die "
            "Durchläufe in zwei Hälften. Rauten: Nutzertabelle des Berichts, gelesen als Jahresende.",
            "Plan and forecast count the same: a person counts from the go-live of their authority. The line divides "
            "the runs into halves. Diamonds: user table of the report, read as year ends.",
        ),
        PEOPLE,
        band=FAN,
        on_run_page=True,
    ),
    Chart(
        "authorities_live", "users", "authorities_live", "fan",
        Text("Gestartete Behörden", "Authorities live"),
        Text(
            "Behörden, die am Monatsende gestartet sind. Rauten: Jahresenden nach den Terminen der rekonstruierten "
            "Listen.",
            "Authorities live at the month's end. Diamonds: year ends by the dates of the reconstructed lists.",
        ),
        AUTHORITIES,
        band=FAN,
    ),
    Chart(
        "deadlines", "deadlines", "summary", "intervals",
        Text("Wahrscheinlichkeit der Fristen", "Probability of the deadlines"),
        Text(
            "Anteil der Durchläufe, die das Ziel am Stichtag erreichen. Der Strich zeigt, wie genau dieser Anteil bei "
            "so vielen Durchläufen bekannt ist.",
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
        "deadline_dates", "deadlines", "summary", "dates",
        Text("Wann die Ziele erreicht werden", "When the targets are reached"),
        Text(
            "Raute: Frist. Punkt: Tag, an dem die Hälfte der Durchläufe das Ziel erreicht hat.",
            "Diamond: deadline. Dot: day on which half of the runs have reached the target.",
        ),
        TICKS,
        band=Text(
            "Balken: In 80 von 100 Durchläufen liegt der Tag hier.", "Bar: in 80 of 100 runs the day lies here."
        ),
    ),
    Chart(
        "projects", "projects", "projects", "gantt",
        Text("Alle Projekte", "All projects"),
        Text(
            "Der schmale Balken ist der Plan, der breite der Median der Prognose. Gestrichelt: Frist für alle "
            "Behörden.",
            "The thin bar is the plan, the wide one the median of the forecast. Dashed: deadline for all authorities.",
        ),
        TICKS,
        band=Text(
            "Der schwarze Strich zeigt, wo in 80 % der Durchläufe die Einführung endet.",
            "The black line shows where introduction ends in 80 % of runs.",
        ),
    ),
    Chart(
        "capacities", "projects", "capacities", "lines",
        Text("Wer ausgelastet ist, und wann", "Who is busy, and when"),
        Text(
            "Anteil der vorhandenen Teams, Schulenden und Bereitstellungsplätze im Einsatz: Median der Durchläufe. Was "
            "lange nahe 100 % steht, ist der Engpass.",
            "Share of the teams, trainers and provisioning slots that are there at work: median of the runs. What "
            "stays near 100 % for long is the bottleneck.",
        ),
        SHARE,
        (
            Series("utilisation_p50", Text("Median", "median"), "utilisation_p10", "utilisation_p90"),
        ),
        facet="capacity",
        band=MIDDLE,
        mark=0.85,
    ),
    Chart(
        "scan_load", "scan", "scan_centres", "lines",
        Text("Sendungen", "Items"),
        Text(
            "Sendungen je Monat: Median der Durchläufe.",
            "Items per month: median of the runs.",
        ),
        ITEMS,
        (
            Series("items_in_p50", Text("Median", "median"), "items_in_p10", "items_in_p90"),
        ),
        facet="centre",
        band=MIDDLE,
    ),
    Chart(
        "scan_backlog", "scan", "scan_centres", "lines",
        Text("Rückstand", "Backlog"),
        Text(
            "Sendungen, die am Monatsende noch nicht freigegeben sind: Median der Durchläufe. Jedes Feld hat seine "
            "eigene Skala.",
            "Items that are not released yet at the month's end: median of the runs. Every panel has its own scale.",
        ),
        ITEMS,
        (
            Series("backlog_end_p50", Text("Median", "median"), "backlog_end_p10", "backlog_end_p90"),
        ),
        facet="centre",
        nothing=Text(
            "Von seltenen Durchläufen abgesehen bleibt an keinem Monatsende etwas liegen.",
            "But for rare runs nothing is left over at the end of any month.",
        ),
        band=MIDDLE,
    ),
    Chart(
        "scan_overload", "scan", "scan_centres", "lines",
        Text("Wahrscheinlichkeit der Überlast", "Chance of overload"),
        Text(
            "Anteil der Durchläufe, in denen in dem Monat weniger als 95 % der Sendungen im Zielwert bleiben.",
            "Share of the runs in which less than 95 % of the month's items stay within the target.",
        ),
        SHARE,
        (Series("overload_share", Text("überlastet", "overloaded")),),
        facet="centre",
        nothing=Text(
            "In keinem Durchlauf und keinem Monat bleiben weniger als 95 % der Sendungen im Zielwert.",
            "In no run and no month less than 95 % of the items stay within the target.",
        ),
    ),
    Chart(
        "scan_turnaround", "scan", "scan_centres", "lines",
        Text("Durchlaufzeit", "Turnaround"),
        Text(
            "Zeit von der Anlieferung bis zur Freigabe in die E-Postmappe, in Servicestunden: Median der Durchläufe. "
            "Jedes Feld hat seine eigene Skala.",
            "Time from delivery to release into the E-Postmappe, in working hours: median of the runs. Every panel has "
            "its own scale.",
        ),
        WORKING_HOURS,
        (
            Series("turnaround_p50_hours_p50", Text("Hälfte der Sendungen bis", "half of the items within"),
                   "turnaround_p50_hours_p10", "turnaround_p50_hours_p90"),
            Series("turnaround_p95_hours_p50", Text("95 % der Sendungen bis", "95 % of the items within"),
                   "turnaround_p95_hours_p10", "turnaround_p95_hours_p90"),
            Series("target", Text("Zielwert (Annahme)", "target (assumed)")),
        ),
        facet="centre",
        band=MIDDLE,
    ),
    Chart(
        "scan_utilisation", "scan", "scan_centres", "lines",
        Text("Auslastung", "Utilisation"),
        Text(
            "Anteil der besetzten Arbeitszeit, in der gearbeitet wird: Median der Durchläufe. Ab etwa 85 % "
            "(gestrichelt) wachsen Wartezeiten schnell.",
            "Share of the staffed time that is worked: median of the runs. From about 85 % (dashed) waiting times grow "
            "fast.",
        ),
        SHARE,
        (
            Series("utilisation_prepare_p50", Text("Vorbereitung", "preparation"),
                   "utilisation_prepare_p10", "utilisation_prepare_p90"),
            Series("utilisation_scan_p50", Text("Scannen", "scanning"),
                   "utilisation_scan_p10", "utilisation_scan_p90"),
            Series("utilisation_check_p50", Text("Prüfung", "checking"),
                   "utilisation_check_p10", "utilisation_check_p90"),
        ),
        facet="centre",
        band=MIDDLE,
        mark=0.85,
    ),
    Chart(
        "departments", "departments", "departments", "lines",
        Text("E-Laufmappe nach Ressorts", "E-Laufmappe by department"),
        Text(
            "Personen vom Start ihrer Behörde an; Plan der Rekonstruktion gestrichelt. Jedes Feld hat eigene Skalen.",
            "People from the go-live of their authority; plan of the reconstruction dashed. Panels have own scales.",
        ),
        PEOPLE,
        (Series("p50", Text("Prognose (Median)", "forecast (median)")), Series("plan", Text("Plan", "plan"))),
        facet="department",
    ),
    Chart(
        "baselines", "trust", "baselines", "baselines",
        Text("Die Prognose neben einfachen Fortschreibungen", "The forecast beside naive projections"),
        Text(
            "E-Laufmappe. Die drei Kurven sind den bekannten Nutzerzahlen angepasst und treffen sie nur ungefähr; sie "
            "laufen auf den letzten Planwert zu und wissen nichts von Projekten und Kapazitäten. Grau: das Tempo, mit "
            "dem Baden-Württemberg im zweiten Halbjahr 2020 begann, gleichmäßig fortgesetzt.",
            "E-Laufmappe. The three curves are fitted to the known user counts, so they meet them only about, and tend "
            "to the last figure of the plan; they know nothing of projects and capacities. Grey: the pace at which "
            "Baden-Württemberg began in the second half of 2020, carried on evenly.",
        ),
        PEOPLE,
    ),
)  # fmt: skip


def is_nothing(chart: Chart, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a chart would show nothing but 0, and has a sentence for it."""
    columns = [name for series in chart.series for name in (series.column, series.high) if name]
    return chart.nothing is not None and not any(row[name] for row in rows for name in columns)


RUN_PAGE_CHARTS = tuple(chart for chart in CHARTS if chart.on_run_page)


def get_charts(section: Section) -> list[Chart]:
    return [chart for chart in CHARTS if chart.section == section]
