"""What a planner reads first of a finished forecast."""

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
        """Each with its figures rounded as the report has them, `shown`, and `why` its own plan does not reach it."""
        from simulation.report.certainty import say_planned  # noqa: PLC0415  # as below
        from simulation.report.rounding import round_deadline  # noqa: PLC0415  # heavy: only who reads results pays

        return [
            deadline | {"shown": round_deadline(deadline), "why": say_planned(deadline)}
            for deadline in self.summary["deadlines"]
        ]

    @property
    def sure(self) -> bool:
        """Whether bands and probabilities are stated."""
        from simulation.forecast.forecast import tells_bands  # noqa: PLC0415  # heavy: only who reads results pays

        return tells_bands(self.summary)

    @property
    def headline(self) -> YearEnd | None:
        """The year end of the E-Laufmappe that the report begins with; where no planned one lies ahead the last one."""
        planned = [y for y in self.years if y["product"] == PRODUCTS["e_laufmappe"] and y["plan"] is not None]
        chosen = [y for y in planned if y["date"].isoformat() == self.summary.get("headline")]  # none in old runs
        return next(reversed(chosen or planned), None)


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
