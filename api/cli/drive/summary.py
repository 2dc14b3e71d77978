"""How long a driven server took, by action."""

from typing import Any

from rich.console import Group
from rich.table import Table

from api.cli.drive.requests import Measured
from api.cli.shared.output import in_language

Row = dict[str, Any]


def summarise(measured: Measured, seconds: float) -> dict[str, Any]:
    """`actions`: a row for each action and, last, for all; times in milliseconds."""
    every = [one for took in measured.took.values() for one in took]
    rows = [{"action": action, **_describe(took)} for action, took in sorted(measured.took.items())]
    return {
        "seconds": round(seconds, 1), "requests": len(every), "per_second": round(len(every) / seconds, 1),
        "actions": [*rows, {"action": "all", **_describe(every)}], "late": _describe(measured.late),
        "busy": measured.busy, "refused": dict(measured.refused.most_common()),
        "other_states": dict(measured.other.most_common()),
    }  # fmt: skip


def _describe(seconds: list[float]) -> Row:
    ordered = sorted(seconds)
    if not ordered:
        return {"count": 0}
    return {
        "count": len(ordered),
        **{f"p{share}": _get_share(ordered, share) for share in (50, 95, 99)},
        "max": round(ordered[-1] * 1000, 1),
    }


def _get_share(ordered: list[float], percent: int) -> float:
    """The smallest that at least so many percent do not exceed, in milliseconds."""
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)] * 1000, 1)


def render(summary: dict[str, Any]) -> Group:
    """A table, and what the server did otherwise than the simulation."""
    table = Table(title=in_language("Antwortzeiten in Millisekunden", "Times of answers in milliseconds"))
    table.add_column(in_language("Aktion", "action"))
    for name in (in_language("Anzahl", "count"), "p50", "p95", "p99", "max"):
        table.add_column(name, justify="right")
    for row in summary["actions"]:
        if row["count"]:
            name = in_language("alle", "all") if row["action"] == "all" else row["action"]
            table.add_row(name, *(f"{row[one]:,}" for one in ("count", "p50", "p95", "p99", "max")))
    late = summary["late"].get("p95", 0.0)
    lines = [
        in_language(
            f"{summary['requests']} Anfragen in {summary['seconds']} s, {summary['per_second']} je Sekunde; 95 % "
            f"begannen höchstens {late} ms zu spät; {summary['busy']}-mal war der Server zu beschäftigt.",
            f"{summary['requests']} requests in {summary['seconds']} s, {summary['per_second']} a second; 95 % began "
            f"at most {late} ms late; {summary['busy']} times the server was too busy.",
        ),
        *_tell(in_language("Nicht erlaubt", "Refused"), summary["refused"]),
        *_tell(in_language("Anderer Zustand als simuliert", "Another state than simulated"), summary["other_states"]),
    ]
    return Group(table, "\n".join(lines))


def _tell(title: str, counts: dict[str, int]) -> list[str]:
    return [f"{title}: {count} x {what}" for what, count in counts.items()]
