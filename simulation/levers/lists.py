"""Changes of the lists: when a project starts, when and where an authority's mail is scanned, its protection need.

The start of a project moves in every run from where that run's lists have it, so that all else stays as it was drawn.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.inputs.faults import UnusableInput
from simulation.levers.change import Change, name_change
from simulation.levers.check import move_day, refuse
from simulation.levers.levers import Lever
from simulation.scenario.figures import copy_model
from simulation.scenario.programme import Authority, Scenario
from workflow.text import Text

SCANNED_ALREADY = Text(
    "ihre Post wurde bis zum Stichtag schon gescannt; das ist bekannt und nicht zu ändern",
    "their mail was scanned by the reference date; that is known and cannot be changed",
)
Floats = NDArray[np.float64]
Changes = Sequence[tuple[Change, Lever]]


def change_authorities(scenario: Scenario, changes: Changes) -> tuple[Authority, ...]:
    """The authorities with changes; raises `UnusableInput` for one that concerns none."""
    authorities = scenario.authorities
    for change, lever in changes:
        subject, name, column = map(str, lever.path) if lever.is_of_lists else ("", "", "")
        if subject.startswith("authorit"):
            chosen = [a for a in authorities if name in {"all", a.id if subject == "authority" else a.kind}]
            open_ones = [a for a in chosen if _has(a, column) and not _is_known(scenario, a, column)]
            changed = {a.id: _change_authority(a, column, change) for a in open_ones}
            if not changed:
                raise _refuse_all(change, name, chosen, column)
            if column == "scan_from":
                _check_days(scenario, changed.values(), change)
            if column == "scan_centre":
                for authority in chosen:
                    _check_mail(scenario, authority, change)
            authorities = tuple(changed.get(a.id, a) for a in authorities)
    return authorities


def _refuse_all(change: Change, name: str, chosen: Sequence[Authority], column: str) -> UnusableInput:
    if any(_has(authority, column) for authority in chosen):
        return refuse(change, SCANNED_ALREADY)
    if chosen:
        says = Text("ändert nichts: keine davon hat eine Scanstelle", "changes nothing: none of them has a scan centre")
        return refuse(change, says, Text("zuerst eine scan_centre", "a scan_centre first"))
    says = Text(
        f"ändert nichts: eine Behörde der Art `{name}` gibt es nicht",
        f"changes nothing: there is no authority of the kind `{name}`",
    )
    return refuse(change, says)


def _check_days(scenario: Scenario, changed: Iterable[Authority], change: Change) -> None:
    """Raise `UnusableInput` where mail would have been scanned by the reference date; after the horizon is never."""
    as_of = scenario.spec.as_of.value
    for authority in changed:
        if authority.scan_from and authority.scan_from <= as_of:
            says = Text(
                f"die Post von `{authority.id}` wäre schon ab {authority.scan_from} gescannt worden",
                f"the mail of `{authority.id}` would have been scanned from {authority.scan_from}",
            )
            first = as_of + timedelta(1)
            raise refuse(change, says, Text(f"ein Tag ab {first}", f"a day from {first} on"))


def _check_mail(scenario: Scenario, authority: Authority, change: Change) -> None:
    """Raise `UnusableInput` where nothing is said of the mail of an authority that is to be scanned."""
    if authority.kind not in scenario.spec.mail.items_per_user_day:
        says = Text(
            f"`{authority.id}` hat keine Post: für `{authority.kind}` ist keine genannt",
            f"`{authority.id}` has no mail: none is stated for `{authority.kind}`",
        )
        raise refuse(change, says, Text("eine in mail.items_per_user_day", "one in mail.items_per_user_day"))


def _has(authority: Authority, column: str) -> bool:
    """An authority without a scan centre has no day from which its mail is scanned."""
    return column != "scan_from" or authority.scan_centre is not None


def _is_known(scenario: Scenario, authority: Authority, column: str) -> bool:
    """Whether the mail of an authority has been scanned by the reference date: from when on stays as it was."""
    return column == "scan_from" and bool(authority.scan_from and authority.scan_from <= scenario.spec.as_of.value)


def _change_authority(authority: Authority, column: str, change: Change) -> Authority:
    source = "protection_source" if column == "protection" else "scan_source"
    changed: dict[str, Any] = {source: name_change(getattr(authority, source), change)}
    if column == "scan_from" and authority.scan_from:
        changed["scan_from"] = move_day(change, authority.scan_from)
    elif column == "scan_centre":
        changed |= {"scan_centre": change.word, "scan_from": authority.scan_from or authority.go_live}
    else:
        changed[column] = change.word
    return copy_model(authority, changed)


def move_projects(
    scenario: Scenario,
    changes: Changes,
    calendar: Calendar,
    project: NDArray[np.int64],
    windows: Floats,
    go_live: Floats,
) -> tuple[Floats, Floats]:
    """Windows of the projects, shape (projects, 6), and planned go-lives, shape (authorities,), with the projects that
    have not begun moved. `project`: the project of each authority.
    """
    windows, go_live = windows.copy(), go_live.copy()
    number_of = {p.id: n for n, p in enumerate(scenario.projects)}
    as_of = calendar.get_time(scenario.spec.as_of.value)
    for change, lever in changes:
        if lever.path[0] != "project":
            continue
        number = number_of[str(lever.path[1])]
        begin = windows[number, 0]
        if begin > as_of:
            day = calendar.start + timedelta(int(calendar.working_days[int(begin)]))
            later = max(calendar.get_time(move_day(change, day)), as_of + 1) - begin
            windows[number] += later
            go_live[project == number] += later
    return windows, go_live
