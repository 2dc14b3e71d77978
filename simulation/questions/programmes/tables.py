"""The tables of programmes beside each other: deadlines, users and what is shared, of each alone and together."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.measures import get_due_days
from simulation.forecast.precision import get_quantiles
from simulation.forecast.tables import PRODUCTS, Column, Table
from simulation.scenario.model import Deadline
from simulation.scenario.programme import Scenario
from simulation.scenario.units import DAYS, PEOPLE, PIECES, SHARE
from workflow.text import Text

Floats = NDArray[np.float64]

TOGETHER = Table(
    "together",
    Text("Fristen jedes Programms, allein und neben den anderen", "Deadlines of each programme, alone and together"),
    (
        Column("scenario", "text", Text("Programm", "programme")),
        Column("title_de", "text", Text("Frist", "deadline in German"), heading=Text("Frist", "deadline")),
        Column("title_en", "text", Text("Frist, englisch", "deadline")),
        Column("date", "date", Text("Stichtag", "date")),
        Column("alone", "number", Text("gehalten, allein", "held, alone"), SHARE, digits=4),
        Column("together", "number", Text("gehalten, zusammen", "held, together"), SHARE, digits=4),
        Column("met_alone", "date", Text("erreicht, allein (Median)", "met, alone (median)")),
        Column("met_together", "date", Text("erreicht, zusammen (Median)", "met, together (median)")),
        Column("later_p50", "number", Text("später, Median", "later, median"), DAYS, digits=1),
        Column("later_p90", "number", Text("später in einem von zehn Durchläufen um mehr als",
                                           "later in one of ten runs by more than"), DAYS, digits=1),
    ),
)  # fmt: skip
SHARED = Table(
    "shared",
    Text("Warten auf gemeinsame Ressourcen, je Programm", "Waiting for shared resources, by programme"),
    (
        Column("scenario", "text", Text("Programm", "programme")),
        Column("resource", "text", Text("Kennung", "id")),
        Column("title_de", "text", Text("Ressource", "resource in German"), heading=Text("Ressource", "resource")),
        Column("title_en", "text", Text("Ressource, englisch", "resource")),
        Column("waited_alone", "number", Text("gewartet, allein", "waited, alone"), DAYS, digits=1),
        Column("waited_together", "number", Text("gewartet, zusammen", "waited, together"), DAYS, digits=1),
    ),
)
USERS = Table(
    "together_users",
    Text("Personen je Programm, ab der Einführung in ihrer Behörde", "Users of each programme, from their go-live"),
    (
        Column("scenario", "text", Text("Programm", "programme")),
        Column("date", "date", Text("Monatsende", "end of month")),
        Column("product", "text", Text("Produkt: e_akte oder e_laufmappe", "product: e_akte or e_laufmappe")),
        *(
            Column(f"{way}_{of}", "number", Text(f"{de}, {of_de}", f"{en}, {of_en}"), PEOPLE, digits=1)
            for way, de, en in (("alone", "allein", "alone"), ("together", "zusammen", "together"))
            for of, of_de, of_en in (
                ("p10", "10-%-Quantil", "10 % quantile"), ("p50", "Median", "median"),
                ("p90", "90-%-Quantil", "90 % quantile"),
            )
        ),
    ),
)  # fmt: skip
SHARED_USE = Table(
    "shared_use",
    Text("Nutzung gemeinsamer Ressourcen je Programm", "Use of shared resources by programme"),
    (
        Column("scenario", "text", Text("Programm", "programme")),
        Column("month", "text", Text("Monat", "month")),
        Column("resource", "text", Text("Ressource: trainers oder slots", "resource: trainers or slots")),
        Column("alone", "number", Text("im Einsatz, allein (Mittel)", "in use, alone (mean)"), PIECES, digits=2),
        Column("together", "number", Text("im Einsatz, zusammen (Mittel)", "in use, together (mean)"), PIECES,
               digits=2),
        Column("there", "number", Text("vorhanden für alle zusammen (Mittel)", "there for all together (mean)"), PIECES,
               digits=2),
    ),
)  # fmt: skip
RESOURCES = {
    "trainers": Text("Schulende", "trainers"),
    "slots": Text("Bereitstellung beim IT-Dienstleister", "provisioning at the IT provider"),
    "staff_councils": Text("Personalräte", "staff councils"),
    "providers": Text("Einführungen zugleich beim IT-Dienstleister", "introductions at once at the IT provider"),
}
USED = ("trainers", "slots")
"""Resources whose use by each programme is told month by month."""


def list_deadlines(scenario: Scenario, met: Floats) -> list[dict[str, Any]]:
    """A row for each deadline. `met`: alone and together the day on which each is met, shape (2, runs, deadlines)."""
    start = scenario.spec.horizon.start
    rows = []
    for number, (deadline, due) in enumerate(zip(scenario.spec.deadlines, get_due_days(scenario.spec), strict=True)):
        alone, together = met[:, :, number]
        median, most = _find_later(alone, together)
        rows.append({
            "scenario": scenario.spec.name, **_name(deadline), "date": deadline.day,
            "alone": float((alone <= due).mean()), "together": float((together <= due).mean()),
            "met_alone": _find_median_day(alone, start), "met_together": _find_median_day(together, start),
            "later_p50": median, "later_p90": most,
        })  # fmt: skip
    return rows


def _find_later(alone: Floats, together: Floats) -> list[float | None]:
    """The median and the ninth decile of the days by which a deadline is met later, of the runs that meet it alone;
    None for never: one that is not met any more is the latest of all.
    """
    reached = np.isfinite(alone)
    if not reached.any():
        return [None, None]
    later = np.quantile(together[reached] - alone[reached], (0.5, 0.9), method="inverted_cdf")
    return [float(days) if np.isfinite(days) else None for days in later]


def _name(deadline: Deadline) -> dict[str, str]:
    return {"title_de": deadline.title.de, "title_en": deadline.title.en}


def _find_median_day(days: Floats, start: date) -> date | None:
    """None where half of the runs or more never meet it."""
    middle = np.sort(days)[len(days) // 2]
    return start + timedelta(int(middle)) if np.isfinite(middle) else None


def list_resources(scenario: Scenario, waited: Floats) -> list[dict[str, Any]]:
    """A row for each resource. `waited`: working days alone and together, mean of the runs, shape (2, resources)."""
    return [
        {"scenario": scenario.spec.name, "resource": name, "title_de": title.de, "title_en": title.en,
         "waited_alone": float(alone), "waited_together": float(both)}
        for (name, title), alone, both in zip(RESOURCES.items(), *waited, strict=True)
    ]  # fmt: skip


def list_users(scenario: Scenario, days: Sequence[date], users: Floats) -> list[dict[str, Any]]:
    """A row for each of `days` and product. `users`: alone and together, shape (2, runs, products, days)."""
    told = get_quantiles(np.moveaxis(users, 1, 0), (0.1, 0.5, 0.9))
    return [
        {"scenario": scenario.spec.name, "date": day, "product": product}
        | {
            f"{way}_{of}": float(told[q, w, p, n])
            for w, way in enumerate(("alone", "together"))
            for q, of in enumerate(("p10", "p50", "p90"))
        }
        for n, day in enumerate(days)
        for p, product in enumerate(PRODUCTS)
    ]


def list_use(scenario: Scenario, days: Sequence[date], used: Floats, there: Floats) -> list[dict[str, Any]]:
    """A row for each month that ends on one of `days`, and resource of `USED`. `used`: mean units alone and together,
    shape (2, resources, months); `there`: (resources, months), for all together.
    """
    return [
        {"scenario": scenario.spec.name, "month": day.strftime("%Y-%m"), "resource": name,
         "alone": float(used[0, r, n]), "together": float(used[1, r, n]), "there": float(there[r, n])}
        for n, day in enumerate(days) for r, name in enumerate(USED)
    ]  # fmt: skip


def say_deadline(row: dict[str, Any], runs: int) -> Text:
    """How probable a deadline is alone and together, with its 95 % interval and from how many runs."""
    (alone, both), (alone_en, both_en) = (
        [_show_chance(row[name], runs, word) for name in ("alone", "together")] for word in ("bis", "to")
    )
    later = row["later_p50"]
    de = "in der Hälfte der Durchläufe nie" if later is None else f"im Median {later:.0f} Tage später"
    en = "in half of the runs never" if later is None else f"in the median {later:.0f} days later"
    return Text(
        f"{row['scenario']}: {row['title_de']}: allein {alone}, zusammen {both}, {de}; aus {runs} Durchläufen.",
        f"{row['scenario']}: {row['title_en']}: alone {alone_en}, together {both_en}, {en}; from {runs} runs.",
    )


def _show_chance(share: float, runs: int, word: str) -> str:
    low, high = wilson_interval(round(share * runs), runs)
    return f"{100 * share:.0f} % ({100 * low:.0f} {word} {100 * high:.0f} %)"
