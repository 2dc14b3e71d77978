"""What a planner reads first of a finished forecast, and of two."""

from pathlib import Path
from typing import Any, NamedTuple

from api.server.jobs import tables
from simulation.forecast.tables import PRODUCTS

YearEnd = dict[str, Any]


class Results(NamedTuple):
    """The summary, and the year ends of `simulation.report.yearly`, one per product and year, in this order."""

    summary: dict[str, Any]
    years: list[YearEnd]

    @property
    def deadlines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.summary["deadlines"]
        return found

    @property
    def last(self) -> YearEnd | None:
        """The last year end of the E-Laufmappe for which there is a plan."""
        planned = [y for y in self.years if y["product"] == PRODUCTS["e_laufmappe"] and y["plan"] is not None]
        return planned[-1] if planned else None


def read_results(out: Path) -> Results:
    """The results in a folder of a finished run."""
    import polars as pl  # noqa: PLC0415  # heavy: only who reads results pays

    from simulation.forecast.forecast import Forecast  # noqa: PLC0415
    from simulation.report.yearly import get_year_ends  # noqa: PLC0415

    forecast = Forecast({"users": pl.read_parquet(out / "users.parquet")}, dict(tables.summary(out)))
    ends = get_year_ends(forecast, since=0)
    years = [
        {**end[product], "year": end["year"], "known": end["known"], "product": name}
        for product, name in PRODUCTS.items()
        for end in ends
    ]
    return Results(forecast.summary, years)


class Line(NamedTuple):
    """A figure of two forecasts; `change`: second less first."""

    name: dict[str, str]
    first: float | None
    second: float | None
    is_share: bool

    @property
    def change(self) -> float | None:
        return None if self.first is None or self.second is None else self.second - self.first


def compare(first: Results, second: Results) -> list[Line]:
    """Every deadline of either, and every year end that was not yet known."""
    lines = []
    held, held_too = ({d["name"]: d for d in results.deadlines} for results in (first, second))
    for key in held | held_too:
        deadline = held.get(key) or held_too[key]
        shares = [float(found[key]["probability"]) if key in found else None for found in (held, held_too)]
        name = {"de": deadline["title_de"], "en": deadline["title_en"]}
        lines.append(Line(name, shares[0], shares[1], is_share=True))
    users, users_too = ({(y["year"], y["product"]): y["p50"] for y in results.years} for results in (first, second))
    for year, product in sorted({(y["year"], y["product"]) for y in first.years + second.years if not y["known"]}):
        name = {"de": f"{product}: Personen Ende {year}", "en": f"{product}: people at the end of {year}"}
        lines.append(Line(name, users.get((year, product)), users_too.get((year, product)), is_share=False))
    return lines
