"""What the figures of a casework simulation are called, in German and English, and how they are written."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulation.numbers import format_number, format_share
from simulation.scenario.casework import CaseworkScenario
from workflow.text import Text


class Measure(NamedTuple):
    name: str
    heading: Text
    digits: int = 0
    share: bool = False

    def show(self, value: float | None, language: str) -> str:
        if self.share:
            return format_share(value, language, self.digits)
        return format_number(value, language, self.digits)


UNITS = (
    Measure("cases", Text("Eingänge", "cases in")),
    Measure("records", Text("E-Akten", "records")),
    Measure("slips", Text("versandt", "sent")),
    Measure("completed", Text("abgeschlossen", "completed")),
    Measure("open", Text("offen am Ende", "open at end")),
    Measure("overdue", Text("überfällig", "overdue")),
    Measure("turnaround_p50", Text("Laufzeit Median (AT)", "turnaround median (wd)"), 1),
    Measure("turnaround_p90", Text("90 % binnen (AT)", "90 % within (wd)"), 1),
    Measure("touch_hours", Text("davon Arbeit (h)", "of it work (h)"), 1),
    Measure("refusals", Text("Verweigerungen", "refusals")),
    Measure("reruns", Text("neue Läufe", "reruns")),
    Measure("deputy_share", Text("in Vertretung", "by deputies"), 0, True),
)
"""Columns of months and units. AT: Arbeitstage, wd: working days."""
KINDS = (
    Measure("cases", Text("Eingänge", "cases")),
    Measure("records", Text("E-Akten", "records")),
    Measure("slips", Text("E-Laufmappen", "routing slips")),
    Measure("turnaround_p50", Text("Laufzeit Median (AT)", "turnaround median (wd)"), 1),
    Measure("turnaround_p90", Text("90 % binnen (AT)", "90 % within (wd)"), 1),
    Measure("case_days_p50", Text("Eingang bis z.d.A. Median (AT)", "arrival to close median (wd)"), 1),
)
STATIONS = (
    Measure("done", Text("erledigt", "done")),
    Measure("waiting_mean", Text("Liegezeit (h)", "waiting (h)"), 1),
    Measure("waiting_p90", Text("90 % binnen (h)", "90 % within (h)"), 1),
    Measure("touch_hours", Text("Arbeit (h)", "work (h)"), 2),
    Measure("deputy_share", Text("in Vertretung", "by deputies"), 0, True),
)
PEOPLE = (
    Measure("done", Text("erledigt", "done")),
    Measure("for_others", Text("in Vertretung", "for others")),
    Measure("utilisation", Text("Auslastung", "utilisation"), 0, True),
    Measure("queue_hours", Text("Stau je Sache (h)", "queue per thing (h)"), 1),
    Measure("held_up_hours", Text("Stau insgesamt (h)", "queue in all (h)")),
)
SCAN = (
    Measure("items", Text("Eingänge", "items in")),
    Measure("delivered", Text("zugestellt", "delivered")),
    Measure("excluded", Text("ausgeschlossen", "excluded")),
    Measure("rejected", Text("neu gescannt", "scanned again")),
    Measure("under_way", Text("in Arbeit am Ende", "under way at end")),
    Measure("hours_p50", Text("bis zur Postmappe, Median (h)", "to mail folder, median (h)"), 1),
    Measure("hours_p90", Text("90 % binnen (h)", "90 % within (h)"), 1),
    Measure("filed", Text("veraktet", "filed")),
    Measure("destroyed", Text("Papier vernichtet", "paper destroyed")),
)
"""Columns of the clients of a scan centre."""
GAIN = (
    Measure("gain", Text("Gewinn (AT)", "gain (wd)"), 2),
    Measure("gain_low", Text("90 % von", "90 % from"), 2),
    Measure("gain_high", Text("bis", "to"), 2),
)
PAPER = (
    Measure("before", Text("Papier (AT)", "paper (wd)"), 1),
    Measure("after", Text("elektronisch (AT)", "electronic (wd)"), 1),
    *GAIN,
)
RELIEF = (
    Measure("before", Text("wie besetzt (AT)", "as staffed (wd)"), 1),
    Measure("after", Text("eine Person mehr (AT)", "one person more (wd)"), 1),
    *GAIN,
)
STATION_NAMES = {
    "co_sign": Text("Mitzeichnung", "co-signature"),
    "approve": Text("Freigabe", "approval"),
    "comment": Text("Stellungnahme", "comment"),
    "acknowledge": Text("Kenntnisnahme", "acknowledgement"),
    "final_sign": Text("Schlusszeichnung", "final signature"),
    "dispatch": Text("Versand", "dispatch"),
}
SLIP_STEPS = {
    "slip.created": Text("angelegt", "created"),
    "slip.started": Text("versandt", "sent"),
    "slip.stations_inserted": Text("Station eingefügt", "station inserted"),
    "slip.returned": Text("zurück zur Federführung", "back to the owner"),
    "slip.revised": Text("überarbeitet", "revised"),
    "slip.recalled": Text("zurückgerufen", "recalled"),
    "slip.completed": Text("abgeschlossen", "completed"),
    "slip.filed": Text("veraktet", "filed"),
}
"""What happens to a routing slip beside its stations."""
MEASURES = {"records": Text("E-Akten", "records"), "routing_slips": Text("E-Laufmappen", "routing slips")}
ALL = Text("alle", "all")


def say_gain(row: Mapping[str, Any], runs: int) -> Text:
    """What a row with the measures of `GAIN` shows, in a sentence about it."""
    low, high = row["gain_low"], row["gain_high"]
    if low is None:
        return Text("ein Durchlauf sagt nicht, wie sicher das ist", "one run does not tell how sure that is")
    de, en = (f"{runs} {word}" for word in ("Durchläufen", "runs"))
    if low <= 0 <= high:
        return Text(
            f"in {de} zeigt sich kein Gewinn und kein Verlust, denn die Spanne schließt 0 ein; mehr Durchläufe "
            "(--replications) machen sie enger",
            f"{en} show neither gain nor loss, since the range includes 0; more runs (--replications) make it narrower",
        )
    if low > 0:
        return Text(f"{de} zeigen einen Gewinn", f"{en} show a gain")
    return Text(f"{de} zeigen einen Verlust", f"{en} show a loss")


def name_units(scenario: CaseworkScenario) -> dict[str, Text]:
    return {unit.id: Text(unit.title.de, unit.title.en) for unit in scenario.staff.units} | {"-": ALL}


def name_kinds(scenario: CaseworkScenario) -> dict[str, Text]:
    return {kind.id: Text(kind.title.de, kind.title.en) for kind in scenario.work.kinds} | {"-": ALL}
