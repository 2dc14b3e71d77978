"""The summary of a forecast in the terminal: plan against forecast, deadlines, late projects, scan centres."""

from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from simulation.charts.charts import LATER
from simulation.forecast.forecast import Forecast, tells_bands
from simulation.forecast.tables import PRODUCTS
from simulation.levers.sentences import HEADING, list_changes
from simulation.numbers import format_number, format_share
from simulation.report.certainty import say_no_bands, say_planned
from simulation.report.rounding import round_deadline
from simulation.report.yearly import get_latest_projects, get_year_ends, sum_up_centres
from workflow.text import Text

FIRST_YEAR = 2020
FIRST_SCAN_YEAR = "2022"
PLAN, FORECAST, YEAR = Text("Plan", "plan"), Text("Prognose", "forecast"), Text("Jahr", "year")


def render_summary(forecast: Forecast, language: str) -> Group:
    """The summary, at most 80 columns wide."""
    return Group(*_Summary(forecast, language).render())


class _Summary:
    def __init__(self, forecast: Forecast, language: str) -> None:
        self.forecast, self.language = forecast, language
        self.sure = tells_bands(forecast.summary)

    def render(self) -> list[RenderableType]:
        summary = self.forecast.summary
        title = Line(summary["title"][self.language], style="bold")
        parts: list[RenderableType] = [title, Line(self._say_runs()), *self._changes()]
        if told := say_no_bands(summary):
            parts.append(Line(told.get(self.language)))
        parts += [self._users(), self._deadlines(), self._projects()]
        if self.forecast["scan_centres"].height:
            parts.append(self._centres())
        if summary["notice"]:
            parts.append(Line("\n" + summary["notice"][self.language], style="italic"))
        return parts

    def _changes(self) -> list[RenderableType]:
        changes = list_changes(self.forecast.summary, self.language)
        return [Line(f"{HEADING.get(self.language)}:"), *(Line(f"- {one}") for one in changes)] if changes else []

    def _say_runs(self) -> str:
        runs, scans = (self._number(self.forecast.summary[name]) for name in ("replications", "scan_replications"))
        return Text(f"Durchläufe: {runs}, davon mit Scanstellen: {scans}", f"runs: {runs}, of them with scan centres: "
                    f"{scans}").get(self.language)  # fmt: skip

    def _table(self, title: Text, *columns: Text | None) -> Table:
        """An empty table whose first column is text and all others are numbers."""
        table = Table(
            title="\n" + title.get(self.language), title_justify="left", title_style="bold", box=None, pad_edge=False,
            padding=(0, 2, 0, 0),
        )  # fmt: skip
        for n, column in enumerate(columns):
            heading = column.get(self.language) if column else ""
            table.add_column(heading, justify="right" if n else "left", no_wrap=bool(n))
        return table

    def _number(self, value: float | None, digits: int = 0) -> str:
        return format_number(value, self.language, digits)

    def _hours(self, value: float | None) -> str:
        return self._number(value) if value is None else f"{self._number(value, 1)} h"

    def _day(self, value: date | None) -> str:
        if value is None:
            return LATER.get(self.language)
        return f"{value:%d.%m.%Y}" if self.language == "de" else value.isoformat()

    def _users(self) -> Table:
        table = self._table(
            Text("Nutzerinnen und Nutzer am Jahresende", "Users at the end of the year"), Text("Produkt", "product"),
            YEAR, PLAN, FORECAST, *([Text("80 % der Durchläufe", "80 % of runs")] if self.sure else []),
            Text("Abstand", "gap"),
        )  # fmt: skip
        known = "bekannt" if self.language == "de" else "known"
        years = get_year_ends(self.forecast, FIRST_YEAR)
        for product, name in PRODUCTS.items():
            for year in years:
                row, shown = year[product], year[product]["shown"]
                band = known if year["known"] else f"{self._number(shown['p10'])} – {self._number(shown['p90'])}"
                table.add_row(
                    name, str(year["year"]), self._number(row["plan"]), self._number(shown["p50"]),
                    *([band] if self.sure else []), self._number(shown["gap"]),
                )  # fmt: skip
        return table

    def _deadlines(self) -> Table:
        table = self._table(
            Text("Fristen", "Deadlines"), None, Text("Ziel", "target"), Text("erwartet", "expected"),
            *([Text("gehalten mit", "holds with"), Text("95 % sicher", "95 % sure")] if self.sure else []),
        )  # fmt: skip
        for deadline in self.forecast.summary["deadlines"]:
            low, high = self._number(100 * deadline["low"]), format_share(deadline["high"], self.language)
            chance = [format_share(deadline["probability"], self.language), f"{low} – {high}"] if self.sure else []
            table.add_row(
                deadline[f"title_{self.language}"], self._number(deadline["target"]),
                self._number(round_deadline(deadline)["expected"]), *chance,
            )  # fmt: skip
        told = [(d[f"title_{self.language}"], say_planned(d)) for d in self.forecast.summary["deadlines"]]
        table.caption = "\n".join(f"{title}: {said.get(self.language)}" for title, said in told if said) or None
        table.caption_justify = "left"
        return table

    def _projects(self) -> Table:
        table = self._table(
            Text("Späteste Projekte (Ende der Einführung)", "Latest projects (end of introduction)"), None, PLAN,
            FORECAST, Text("Verzug in Tagen", "delay in days"),
        )  # fmt: skip
        for project in get_latest_projects(self.forecast, 5):
            table.add_row(
                project["name" if self.language == "de" else "name_en"], self._day(project["introduction_end_plan"]),
                self._day(project["introduction_end_p50"]), self._number(project["delay_p50_days"]),
            )  # fmt: skip
        return table

    def _centres(self) -> Table:
        table = self._table(
            Text("Scanstellen", "Scan centres"), None, YEAR, Text("Sendungen", "items"),
            Text("95 % binnen*", "95 % within*"), Text("im Zielwert", "within target"),
        )  # fmt: skip
        for centre, years in sum_up_centres(self.forecast).items():
            name = self.forecast.summary["centres"][centre]["name"][self.language]
            for row in years:
                if row["year"] >= FIRST_SCAN_YEAR:
                    table.add_row(
                        name, row["year"], self._number(row["items_in"]),
                        self._hours(row["turnaround_p95_hours"]),
                        format_share(row["within_target"], self.language),
                    )  # fmt: skip
        table.caption = Text(
            "* der freigegebenen; Servicestunden im schlechtesten Monat",
            "* of those released; working hours in the worst month",
        ).get(self.language)  # fmt: skip
        table.caption_justify = "left"
        return table
