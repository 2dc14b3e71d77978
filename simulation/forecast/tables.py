"""The tables of a forecast: the one list of their columns, each with its unit and meaning.

CSV and Parquet files, report, tables over HTTP and `docs/reference/tables.md` are made from this list;
`simulation.forecast.frames` computes the rows.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from simulation.scenario.units import (
    AUTHORITIES,
    BOXES,
    CALENDAR_DAYS,
    GIGABYTES,
    ITEMS,
    PAGES,
    PEOPLE,
    PIECES,
    RECORDS,
    SEATS,
    SHARE,
    SLIPS,
    WORKING_HOURS,
    Unit,
)
from workflow.text import Text

Kind = Literal["date", "text", "integer", "number"]
OverYear = Literal["sum", "max", "mean"]

PRODUCTS = {"e_akte": "E-Akte", "e_laufmappe": "E-Laufmappe"}
PHASES = {
    "preparation": Text("Vorbereitung", "preparation"),
    "introduction": Text("Einführung", "introduction"),
    "operation": Text("Betrieb (Nachbetreuung)", "operation (after-care)"),
}


BANDS = (5, 10, 50, 90, 95)
"""Quantiles in percent that describe a count over time."""


class Column(NamedTuple):
    """A column. `heading` and `over_year` are set for monthly measures that the report shows per year.

    `over_year`: how the months of a year are combined: their sum, the largest, or the mean weighted by the column
    `weight`.
    """

    name: str
    kind: Kind
    meaning: Text
    unit: Unit | None = None
    over_year: OverYear | None = None
    heading: Text | None = None
    digits: int = 1
    """Decimal digits to which numbers are rounded."""
    weight: str = "items_out"


@dataclass(frozen=True)
class Table:
    """A table; one that is not `written` is shown in the report only."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    written: bool = True

    @property
    def measures(self) -> tuple[Column, ...]:
        """The columns of monthly means, without their quantiles."""
        return tuple(column for column in self.columns if column.over_year)


def _digits(name: str, unit: Unit | None) -> int:
    """Shares have 4 digits; so have what leaves a centre, since the first release: a change would alter every file."""
    return 4 if unit is SHARE or name in {"items_out", "pages_out"} else 1


def _text(name: str, de: str, en: str) -> Column:
    return Column(name, "text", Text(de, en))


def _integer(name: str, de: str, en: str, unit: Unit) -> Column:
    return Column(name, "integer", Text(de, en), unit)


def _number(name: str, de: str, en: str, unit: Unit) -> Column:
    return Column(name, "number", Text(de, en), unit, digits=_digits(name, unit))


def _quantile(name: str, of: Text, percent: int, kind: Kind, unit: Unit | None) -> Column:
    meaning = Text(f"{of.de}: {percent}-%-Quantil der Durchläufe", f"{of.en}: {percent} % quantile of the runs")
    return Column(f"{name}_p{percent:02}".lstrip("_"), kind, meaning, unit, digits=_digits(name, unit))


def _measure(
    name: str, de: str, en: str, unit: Unit, over_year: OverYear, heading: tuple[str, str] | None = None,
    weight: str = "items_out",
) -> tuple[Column, ...]:  # fmt: skip
    mean = Column(
        name, "number", Text(f"{de}: Mittel der Durchläufe", f"{en}: mean of the runs"), unit, over_year,
        Text(*heading) if heading else None, _digits(name, unit), weight,
    )  # fmt: skip
    return mean, *(_quantile(name, Text(de, en), percent, "number", unit) for percent in (10, 50, 90))


def _bands(prefix: str, of: Text, unit: Unit, *, errors: bool) -> tuple[Column, ...]:
    """Mean and five quantiles over the runs, and their standard errors where `errors`."""
    mean = _number(f"{prefix}mean", f"{of.de}: Mittel der Durchläufe", f"{of.en}: mean of the runs", unit)
    bands = (mean, *(_quantile(prefix.rstrip("_"), of, percent, "number", unit) for percent in BANDS))
    return bands + tuple(
        _number(f"{band.name}_se", f"{band.meaning.de}, Standardfehler", f"{band.meaning.en}, standard error", unit)
        for band in bands if errors
    )  # fmt: skip


def _dates(name: str, de: str, en: str) -> tuple[Column, ...]:
    """A day: as planned, and in 10, 50 and 90 % of the runs; empty where it lies after the horizon."""
    plan = Column(f"{name}_plan", "date", Text(f"{de} nach Plan", f"{en} as planned"))
    return plan, *(_quantile(name, Text(de, en), percent, "date", None) for percent in (10, 50, 90))


def _phase_dates() -> tuple[Column, ...]:
    edges = {"start": Text("Beginn", "start"), "end": Text("Ende", "end")}
    return tuple(
        column
        for phase, title in PHASES.items()
        for edge, word in edges.items()
        for column in _dates(f"{phase}_{edge}", f"{word.de} der Phase {title.de}", f"{word.en} of {title.en}")
    )


_USERS = Text("Nutzerinnen und Nutzer ab dem Start ihrer Behörde", "users from the go-live of their authority")
_ACTIVE = Text("davon wirklich damit arbeitend", "of these, who really work with it")
_MONTH = _text("month", "Monat als 2022-07", "month as 2022-07")

USERS = Table(
    "users",
    Text("Nutzerinnen und Nutzer je Produkt am Monatsende", "Users of each product at month ends"),
    (
        Column("date", "date", Text("Monatsende", "end of the month")),
        _text("product", "Produkt: `e_akte` oder `e_laufmappe`", "product: `e_akte` or `e_laufmappe`"),
        _integer("plan", "Plan des Berichts; leer, wo er keine Zahl nennt",
                 "plan of the report; empty where it states no figure", PEOPLE),
        *_bands("", _USERS, PEOPLE, errors=True),
        *_bands("active_", _ACTIVE, PEOPLE, errors=False),
    ),
)  # fmt: skip

AUTHORITIES_LIVE = Table(
    "authorities_live",
    Text("Gestartete Behörden am Monatsende", "Authorities live at month ends"),
    (
        Column("date", "date", Text("Monatsende", "end of the month")),
        _integer("plan", "nach den Terminen der Listen", "by the dates of the lists", AUTHORITIES),
        *_bands("", Text("gestartete Behörden", "authorities live"), AUTHORITIES, errors=True),
    ),
)

AUTHORITIES_LIST = Table(
    "authorities",
    Text("Behörden und ihr Start", "Authorities and their go-live"),
    (
        _text("id", "Kennung der Behörde", "id of the authority"),
        _text("name", "Name", "name"),
        _text("kind", "Art der Behörde", "kind of authority"),
        _text("department", "Ressort", "department"),
        _text("project", "Kennung des Rollout-Projekts", "id of the rollout project"),
        _integer("users_e_akte", "Plätze der E-Akte", "seats of the E-Akte", SEATS),
        _integer("users_e_laufmappe", "Plätze der E-Laufmappe", "seats of the E-Laufmappe", SEATS),
        *_dates("go_live", "Start der Behörde", "go-live of the authority"),
    ),
)

PROJECTS = Table(
    "projects",
    Text("Rollout-Projekte und ihre Phasen", "Rollout projects and their phases"),
    (
        _text("id", "Kennung des Projekts", "id of the project"),
        _text("name", "Name", "name"),
        _text("name_en", "Name auf Englisch", "name in English"),
        _integer("authorities", "Behörden des Projekts", "authorities of the project", AUTHORITIES),
        *_phase_dates(),
        _integer("delay_p50_days", "Verzug des Endes der Einführung (Median)",
                 "delay of the end of introduction (median)", CALENDAR_DAYS),
        _integer("end_moves_days_p50",
                 "um so viel früher wären alle gestartet, wenn dieses Projekt im Plan bliebe (Median)",
                 "by so much earlier all would be live if this project were on time (median)", CALENDAR_DAYS),
        _integer("end_moves_days_p90", "dasselbe, 90-%-Quantil", "the same, 90 % quantile", CALENDAR_DAYS),
        _integer("slack_days_p50", "um so viel später darf das Projekt enden, ohne das Ende zu verschieben (Median)",
                 "by so much later the project may end without moving the end (median)", CALENDAR_DAYS),
        _integer("users", "Plätze der E-Laufmappe", "seats of the E-Laufmappe", SEATS),
    ),
)  # fmt: skip

CAPACITIES = Table(
    "capacities",
    Text("Teams, Schulende und Bereitstellungsplätze je Monat", "Teams, trainers and provisioning slots by month"),
    (
        _MONTH,
        _text("capacity", "`teams`, `trainers` oder `slots`", "`teams`, `trainers` or `slots`"),
        *_measure("in_use", "im Einsatz (Mittel der Arbeitstage)", "at work (mean of the days)", PIECES, "mean"),
        *_measure("available", "vorhanden", "there", PIECES, "mean"),
        *_measure("utilisation", "davon im Einsatz", "share of them at work", SHARE, "max"),
    ),
)  # fmt: skip

SCAN_CENTRES = Table(
    "scan_centres",
    Text("Scanstellen je Monat", "Scan centres by month"),
    (
        _MONTH,
        _text("centre", "Kennung der Scanstelle", "id of the scan centre"),
        *_measure("items_in", "Eingang", "items in", ITEMS, "sum", ("Eingang", "items in")),
        *_measure("items_out", "freigegebene Sendungen", "items released", ITEMS, "sum", ("freigegeben", "released")),
        *_measure("items_excluded", "vom Scannen ausgeschlossene Sendungen", "items excluded from scanning", ITEMS,
                  "sum", ("ausgeschlossen", "excluded")),
        *_measure("rescans", "Wiederholungen nach der Prüfung", "rescans after the check", ITEMS, "sum"),
        *_measure("pages_out", "freigegebene Seiten", "pages released", PAGES, "sum", ("Seiten", "pages")),
        *_measure("backlog_end", "Rückstand am Monatsende", "backlog at the month's end", ITEMS, "max",
                  ("größter Rückstand", "largest backlog")),
        *_measure("utilisation_prepare", "Auslastung der Vorbereitung", "utilisation of preparation", SHARE, "max",
                  ("höchste Auslastung: Vorbereitung", "highest utilisation: preparation")),
        *_measure("utilisation_scan", "Auslastung des Scannens", "utilisation of scanning", SHARE, "max",
                  ("höchste Auslastung: Scannen", "highest utilisation: scanning")),
        *_measure("utilisation_check", "Auslastung der Prüfung", "utilisation of checking", SHARE, "max",
                  ("höchste Auslastung: Prüfung", "highest utilisation: checking")),
        *_measure("turnaround_p50_hours", "Zeit von der Anlieferung bis zur Freigabe, Hälfte der Sendungen",
                  "time from delivery to release, half of the items", WORKING_HOURS, "mean"),
        *_measure("turnaround_p95_hours", "Zeit von der Anlieferung bis zur Freigabe, 95 % der Sendungen",
                  "time from delivery to release, 95 % of the items", WORKING_HOURS, "max",
                  ("95 % binnen (schlechtester Monat)", "95 % within (worst month)")),
        *_measure("items_measured", "am Zielwert gemessene Sendungen: rechtzeitig freigegeben, oder ihre Zeit ist um, "
                  "freigegeben oder nicht; jede zählt einmal",
                  "items measured against the target: released in time, or their time is up, released or not; each "
                  "counts once", ITEMS, "sum"),
        *_measure("within_target", "Anteil der rechtzeitig freigegebenen an den am Zielwert gemessenen Sendungen; "
                  "leer, wo keine zu messen war",
                  "share released within the target of the items measured against it; empty where there was none to "
                  "measure", SHARE, "mean", ("im Zielwert", "within target"), "items_measured"),
        *_measure("boxes_stored", "aufbewahrte Kartons am Monatsende", "boxes stored at the month's end", BOXES, "max",
                  ("Kartons", "boxes")),
        _number("overload_share", "Anteil der Durchläufe, in denen weniger als 95 % der Sendungen im Zielwert bleiben",
                "share of the runs in which less than 95 % of the items stay within the target", SHARE),
    ),
)  # fmt: skip

WORKLOAD = Table(
    "workload",
    Text("Arbeit, Schulung und Speicher je Monat", "Workload, training and storage by month"),
    (
        _MONTH,
        *_measure("records_created", "neue E-Akten", "records created", RECORDS, "sum",
                  ("neue E-Akten", "records created")),
        *_measure("routing_slips_sent", "versandte E-Laufmappen", "routing slips sent", SLIPS, "sum",
                  ("versandte E-Laufmappen", "routing slips sent")),
        *_measure("training_seats", "Schulungsplätze", "training seats", SEATS, "sum",
                  ("Schulungsplätze", "training seats")),
        *_measure("digital_items", "Sendungen über digitale Kanäle", "items by digital channels", ITEMS, "sum",
                  ("digitale Sendungen", "digital items")),
        *_measure("web_client_slips", "E-Laufmappen über den Web-Client", "slips by the web client", SLIPS, "sum",
                  ("über den Web-Client", "by web client")),
        *_measure("storage_gb", "neuer Speicher", "new storage", GIGABYTES, "sum",
                  ("neuer Speicher in GB", "new storage in GB")),
    ),
)  # fmt: skip

DEPARTMENTS = Table(
    "departments",
    Text(
        "Nutzerinnen und Nutzer der E-Laufmappe je Ressort, ab dem Start ihrer Behörde",
        "Users of the E-Laufmappe by department, from the go-live of their authority",
    ),
    (
        Column("date", "date", Text("Monatsende", "end of the month")),
        _text("department", "Ressort", "department"),
        _number("plan", "Plan der Rekonstruktion", "plan of the reconstruction", PEOPLE),
        _quantile("", _USERS, 50, "number", PEOPLE),
    ),
    written=False,
)

BASELINES = Table(
    "baselines",
    Text("Einfache Fortschreibungen der Nutzerzahlen der E-Laufmappe", "Naive projections of users of the E-Laufmappe"),
    (
        Column("date", "date", Text("Monatsende", "end of the month")),
        _text("baseline", "`logistic`, `gompertz`, `bass` oder `elsewhere` (Tempo eines anderen Landes)",
              "`logistic`, `gompertz`, `bass` or `elsewhere` (pace of another state)"),
        _number("users", "Nutzerinnen und Nutzer", "users", PEOPLE),
    ),
)  # fmt: skip

TABLES = (
    USERS, AUTHORITIES_LIVE, AUTHORITIES_LIST, PROJECTS, CAPACITIES, SCAN_CENTRES, WORKLOAD, DEPARTMENTS, BASELINES,
)  # fmt: skip
WRITTEN = tuple(table.name for table in TABLES if table.written)
"""Names of the tables that a forecast leaves as files, in their order."""
