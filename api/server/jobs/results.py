"""What a planner reads first of a finished forecast, and of two."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from api.server.jobs import tables
from simulation.forecast.tables import PRODUCTS


@dataclass(frozen=True)
class YearEnd:
    """Users of a product at the end of a year."""

    year: int
    product: str
    plan: float | None
    p10: float
    p50: float
    p90: float
    known: bool
    """Whether this lies before the day up to which all is known."""

    @property
    def gap(self) -> float | None:
        """Median less plan."""
        return None if self.plan is None else self.p50 - self.plan


@dataclass(frozen=True)
class Results:
    """The main tables."""

    summary: dict[str, Any]
    years: list[YearEnd]

    @property
    def deadlines(self) -> list[dict[str, Any]]:
        """Each with its probability."""
        found: list[dict[str, Any]] = self.summary["deadlines"]
        return found

    @property
    def last(self) -> YearEnd | None:
        """The last year end of the E-Laufmappe for which there is a plan."""
        planned = [y for y in self.years if y.product == PRODUCTS["e_laufmappe"] and y.plan is not None]
        return planned[-1] if planned else None


def read_results(out: Path) -> Results:
    """The results in a folder of a finished run."""
    summary = dict(tables.summary(out))
    as_of = date.fromisoformat(summary["as_of"])
    years = [
        YearEnd(row["date"].year, PRODUCTS[row["product"]], row["plan"], row["p10"], row["p50"], row["p90"],
                row["date"] <= as_of)
        for row in tables.rows(out, "users")
        if row["date"].month == 12
    ]  # fmt: skip
    return Results(summary, sorted(years, key=lambda y: (y.product, y.year)))


@dataclass(frozen=True)
class Line:
    """A figure of two forecasts."""

    name: dict[str, str]
    first: float | None
    second: float | None
    is_share: bool

    @property
    def change(self) -> float | None:
        """Second less first."""
        return None if self.first is None or self.second is None else self.second - self.first


def compare(first: Results, second: Results) -> list[Line]:
    """Every deadline and year end of either."""
    lines = []
    for key in dict.fromkeys(d["name"] for r in (first, second) for d in r.deadlines):
        found = [next((d for d in r.deadlines if d["name"] == key), None) for r in (first, second)]
        told: dict[str, Any] = found[0] or found[1] or {}
        name = {"de": told["title_de"], "en": told["title_en"]}
        values = [None if d is None else float(d["probability"]) for d in found]
        lines.append(Line(name, values[0], values[1], True))
    for year, product in sorted({(y.year, y.product) for r in (first, second) for y in r.years if not y.known}):
        users = [
            next((y.p50 for y in r.years if (y.year, y.product) == (year, product)), None) for r in (first, second)
        ]
        name = {"de": f"{product}: Personen Ende {year}", "en": f"{product}: people at the end of {year}"}
        lines.append(Line(name, users[0], users[1], False))
    return lines
