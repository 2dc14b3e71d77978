"""What the figures of a scenario are called, in German and English, by the end of their path."""

import csv
import re
from pathlib import Path

from simulation.scenario.model import RolloutScenario
from workflow.text import Text

with (Path(__file__).parent / "titles.csv").open(encoding="utf-8", newline="") as _file:
    TITLES = {row["path"]: Text(row["de"], row["en"]) for row in csv.DictReader(_file)}
"""By the whole path of a figure, or by its end."""
STEP = re.compile(r"(.*)\.(\d{4})-\d\d-\d\d\.value")
CAPACITIES = {
    "rollout.teams": Text("Rollout-Teams", "rollout teams"),
    "rollout.training.trainers": Text("Schulende", "trainers"),
    "rollout.provisioning.slots": Text("Bereitstellungsplätze", "provisioning slots"),
}
KINDS = {
    "ministry": Text("Ministerien", "ministries"),
    "independent": Text("Unabhängige Stellen", "independent authorities"),
    "upper_authority": Text("Landesoberbehörden", "upper authorities"),
    "district_government": Text("Bezirksregierungen", "district governments"),
    "police": Text("Polizei", "police"),
    "state_enterprise": Text("Landesbetriebe", "state enterprises"),
    "institution": Text("Einrichtungen", "institutions"),
    "finance": Text("Finanzverwaltung", "finance administration"),
    "all": Text("Alle Behörden", "All authorities"),
}


OF_KINDS = {
    "mail": Text("Posteingang", "mail"),
    "slips": Text("E-Laufmappen", "routing slips"),
    "replaces": Text("digital statt Papier", "digitally in place of paper"),
    "digital": Text("digital zusätzlich", "digitally on top"),
}
"""Effects of events on kinds of authorities."""


def name_figure(spec: RolloutScenario, path: str) -> Text:
    """What the figure at a dotted path is called; the path itself where nothing has a name for it."""
    if path in TITLES:
        return TITLES[path]
    step = STEP.fullmatch(path)
    if step and step[1] in CAPACITIES:
        own = CAPACITIES[step[1]]
        return Text(f"{own.de} ab {step[2]}", f"{own.en} from {step[2]}")
    ends = [end for end in TITLES if path.endswith(f".{end}")]
    if not ends:
        return _name_mail(path) or Text(path, path)
    end = max(ends, key=len)
    owner = path.removesuffix(f".{end}").rpartition(".")[2]
    groups = (spec.rollout.providers, spec.rollout.readiness, spec.risks.events, spec.mail.channels, spec.scan.centres)
    titles = [one.title for group in groups for one in group if one.id == owner]
    own = TITLES[end]
    return Text(f"{titles[0].de}: {own.de}", f"{titles[0].en}: {own.en}") if titles else own


def _name_mail(path: str) -> Text | None:
    """Mail of a kind of authority, per person or while an event lasts."""
    before, _, kind = path.rpartition(".")
    if kind not in KINDS:
        return None
    what = OF_KINDS.get(before.rpartition(".")[2], Text("Sendungen je Person", "items per person"))
    return Text(f"{what.de}: {KINDS[kind].de}", f"{what.en}: {KINDS[kind].en}")
