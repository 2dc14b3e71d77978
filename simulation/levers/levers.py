"""The levers of a scenario: what a planner may change by name.

Every lever has a name in both languages, a unit, bounds, and the place in the scenario where its figures stand. The
levers that planners ask for have short ids; every other figure of a scenario is a lever by its path.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from simulation.levers.change import Change
from simulation.levers.titles import KINDS, name_figure
from simulation.scenario.fields import Dated
from simulation.scenario.figures import Figure, get_label
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario
from simulation.scenario.units import CLOCK, DATE, DAYS, NAME, PEOPLE, PER_USER_DAY, PIECES, Unit
from workflow.text import Text

Kind = Literal["steps", "figures", "day", "shifts", "word"]
Path = tuple[str | int, ...]


class Lever(NamedTuple):
    """`path`: where its figures stand; `steps` are capacities over time, `day` is a date, `shifts` are hours of work,
    `word` is an id. Levers of the lists (`project.…`, `authority.…`, `authorities.…`) have the id of the thing and the
    name of the column as their path.
    """

    id: str
    title: Text
    unit: Unit
    kind: Kind
    path: Path

    @property
    def is_decision_on_the_rollout(self) -> bool:
        """Such decisions can only be made from now on; what mail or a scan centre is like may be asked for any time."""
        return self.id.startswith(("rollout.", "risks."))

    @property
    def is_of_lists(self) -> bool:
        return self.id.startswith(("project.", "authority.", "authorities."))

    @property
    def is_short(self) -> bool:
        """Whether it is one of those that planners ask for."""
        return not (self.is_of_lists or self.is_path)

    @property
    def is_path(self) -> bool:
        return self.id.startswith(PATHS) and self.id not in SHORT and not self.id.startswith(f"{MAIL}.")


ROLLOUT = (
    Lever("rollout.teams", Text("Rollout-Teams", "rollout teams"), PIECES, "steps", ("rollout", "teams")),
    Lever(
        "rollout.trainers", Text("Schulende", "trainers"), PEOPLE, "steps", ("rollout", "training", "trainers"),
    ),
    Lever(
        "rollout.slots", Text("Bereitstellungsplätze", "provisioning slots"), PIECES, "steps",
        ("rollout", "provisioning", "slots"),
    ),
    Lever(
        "rollout.staff_council_days", Text("Dauer der Beteiligung des Personalrats", "time the staff council takes"),
        DAYS, "figures", ("rollout", "staff_council"),
    ),
)  # fmt: skip
STATIONS = {
    "prepare": Text("Personal der Vorbereitung", "staff of preparation"),
    "scan": Text("Scanner", "scanners"),
    "check": Text("Personal der Prüfung", "staff of checking"),
    "release": Text("Plätze der Freigabe", "places of release"),
}
SHIFTS = {
    "prepare": Text("Schichten der Vorbereitung", "shifts of preparation"),
    "scan": Text("Schichten des Scannens", "shifts of scanning"),
    "check": Text("Schichten der Prüfung", "shifts of checking"),
    "release": Text("Zeiten der Freigabe", "hours of release"),
}
MAIL = "mail.items_per_user_day"
PATHS = ("rollout.", "risks.", "adoption.", "work.", "mail.", "scan.items.", "scan.paper.", "scan.centres.")
SHORT = {*(lever.id for lever in ROLLOUT), MAIL}


def list_levers(scenario: Scenario) -> dict[str, Lever]:
    """Every lever by its id: those that planners ask for, then the figures by path, then projects and authorities."""
    spec = scenario.spec
    named = [*ROLLOUT, *_list_mail_levers(spec), *_list_scan_levers(spec)]
    found = {lever.id: lever for lever in named}
    for lever in (*_list_figures(spec), *_list_list_levers(scenario)):
        found.setdefault(lever.id, lever)
    return found


def _list_mail_levers(spec: RolloutScenario) -> Iterator[Lever]:
    title, path = Text("Sendungen je Person und Arbeitstag", "items per person and working day"), tuple(MAIL.split("."))
    yield Lever(MAIL, title, PER_USER_DAY, "figures", path)
    for kind in spec.mail.items_per_user_day:
        of_kind = Text(f"{title.de}: {KINDS[kind].de}", f"{title.en}: {KINDS[kind].en}")
        yield Lever(f"{MAIL}.{kind}", of_kind, PER_USER_DAY, "figures", (*path, kind))


def _list_scan_levers(spec: RolloutScenario) -> Iterator[Lever]:
    for number, centre in enumerate(spec.scan.centres):
        path, title = ("scan", "centres", number), centre.title
        for station, staff in STATIONS.items():
            name, hours = (Text(f"{title.de}: {of.de}", f"{title.en}: {of.en}") for of in (staff, SHIFTS[station]))
            yield Lever(f"scan.{centre.id}.{station}", name, PIECES, "steps", (*path, station, "capacity"))
            yield Lever(f"scan.{centre.id}.{station}.shifts", hours, CLOCK, "shifts", (*path, station, "shift"))
        opening = Text(f"{title.de}: Eröffnung", f"{title.en}: opening")
        yield Lever(f"scan.{centre.id}.opens", opening, DATE, "day", (*path, "opens"))


def _list_figures(spec: RolloutScenario) -> Iterator[Lever]:
    """Single figures and days by their path; steps of capacities and deliveries are left to their own levers."""
    for name, node, path, unit in _walk(spec, "", (), PIECES):
        if name.startswith(PATHS) and "deliveries" not in path and "capacity" not in path:
            kind: Kind = "day" if isinstance(node, Dated) else "figures"
            yield Lever(name, name_figure(spec, name), DATE if kind == "day" else unit, kind, path)


def _walk(node: Any, name: str, path: Path, unit: Unit) -> Iterator[tuple[str, Any, Path, Unit]]:
    if isinstance(node, Figure | Dated):
        yield name, node, path, unit
    elif isinstance(node, BaseModel):
        for field, info in type(node).model_fields.items():
            own = next((m for m in info.metadata if isinstance(m, Unit)), unit)
            yield from _walk(getattr(node, field), f"{name}.{info.alias or field}".strip("."), (*path, field), own)
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield from _walk(inner, f"{name}.{key}", (*path, key), unit)
    elif isinstance(node, list) and not (node and hasattr(node[0], "start") and not hasattr(node[0], "id")):
        for number, inner in enumerate(node):
            yield from _walk(inner, f"{name}.{get_label(inner, number)}", (*path, number), unit)


def _list_list_levers(scenario: Scenario) -> Iterator[Lever]:
    for project in scenario.projects:
        title = Text(f"{project.name}: Beginn", f"{project.name_en}: start")
        yield Lever(f"project.{project.id}.start", title, DATE, "day", ("project", project.id, "start"))
    groups = [("authority", a.id, Text(a.name, a.name)) for a in scenario.authorities]
    groups += [("authorities", kind, title) for kind, title in KINDS.items()]
    for subject, name, title in groups:
        for column, (what, unit, kind) in COLUMNS.items():
            own = Text(f"{title.de}: {what.de}", f"{title.en}: {what.en}")
            yield Lever(f"{subject}.{name}.{column}", own, unit, kind, (subject, name, column))


COLUMNS: dict[str, tuple[Text, Unit, Kind]] = {
    "scan_from": (Text("Post wird gescannt ab", "mail is scanned from"), DATE, "day"),
    "scan_centre": (Text("Scanstelle", "scan centre"), NAME, "word"),
    "protection": (Text("Schutzbedarf", "protection need"), NAME, "word"),
}


def is_of_mail(change: Change) -> bool:
    """Whether a change concerns how much mail comes: it may hold for a while, so it is applied day by day."""
    return (
        change.lever.startswith("mail.") and change.lever != "mail.day_spread" and not change.lever.endswith(".opens")
    )
