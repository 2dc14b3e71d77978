"""Which changes a scenario allows: each with the day from which it can hold, or a fault that says what is wrong."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from pydantic import ValidationError

from simulation.inputs.faults import Fault, Place, UnusableInput, at_least, one_of, such_as
from simulation.inputs.validator_words import explain
from simulation.inputs.written_numbers import EXAMPLES
from simulation.levers.change import OPTION, Change, is_no_number
from simulation.levers.describe import find_node
from simulation.levers.levers import Lever, is_of_mail
from simulation.levers.shifts import parse_shifts
from simulation.loading.check_words import MEAN_ABOVE_MEDIAN, NEVER_ENDS, from_to, lies_outside
from simulation.scenario.fields import Dated
from simulation.scenario.figures import Figure
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario
from workflow.text import NOTHING, Text, same

HOW_TO_MOVE = Text(
    "= ein Tag, etwa 2022-06-01, oder += oder -= Tage, Wochen oder Monate",
    "= a day such as 2022-06-01, or += or -= days, weeks or months",
)
A_SPAN = Text("Tage, Wochen oder Monate, etwa +=3 Monate", "days, weeks or months, such as +=3 months")
SHIFTS = Text("Schichten, etwa 07:00-15:00+15:00-23:00", "shifts such as 07:00-15:00+15:00-23:00")
A_WORD = Text("ein Wort", "a word")
FOR_ALL_TIME = Text("gilt für alle Zeit; Tage nimmt das nicht", "holds for all time; it takes no days")
FOR_THE_UNKNOWN = Text(
    "gilt für alles, was noch nicht bekannt ist; Tage nimmt das nicht",
    "holds for all that is not known yet; it takes no days",
)
ONLY_WHOLE = Text("davon gibt es nur ganze", "of these there are only whole ones")
A_WHOLE_NUMBER = Text(
    "eine ganze Zahl, oder *= mit einem Faktor, dessen Ergebnis gerundet wird",
    "a whole number, or *= with a factor, whose result is rounded",
)
WITHOUT_DAYS = Text("ohne @", "no @")


def find_lever(levers: Mapping[str, Lever], change: Change) -> Lever:
    if change.lever not in levers:
        near = difflib.get_close_matches(change.lever, levers, 3, 0.5) or sorted(levers)
        wrong = Text(f"unbekannter Hebel `{change.lever}`", f"unknown lever `{change.lever}`")
        raise UnusableInput([Fault(Place(OPTION, 1, 1), wrong, such_as(", ".join(near[:3])))])
    return levers[change.lever]


def refuse(change: Change, wrong: Text, expected: Text = NOTHING) -> UnusableInput:
    told = Text(*(f"`{change.text}`: {says}" for says in wrong))
    return UnusableInput([Fault(Place(OPTION, 1, len(change.lever) + 1), told, expected)])


def date_change(spec: RolloutScenario, lever: Lever, change: Change) -> Change:
    """The change with the day from which it can hold: what is known of the rollout has happened."""
    _check_form(lever, change)
    if change.operator != "*=" and not change.amount.is_integer() and _counts_whole(spec, lever):
        raise refuse(change, ONLY_WHOLE, A_WHOLE_NUMBER)
    first, last = spec.as_of.value + timedelta(1), spec.horizon.end
    if change.until and change.until < spec.horizon.start:
        says = Text(
            f"endet am {change.until}, bevor der Horizont beginnt: sie ändert nichts",
            f"ends on {change.until}, before the horizon starts: it changes nothing",
        )
        raise refuse(change, says)
    if change.start and change.start > last:
        says = Text(
            f"beginnt am {change.start}, nach dem Horizont: sie ändert nichts",
            f"begins on {change.start}, after the horizon: it changes nothing",
        )
        raise refuse(change, says, Text(f"ein Tag bis {last}", f"a day up to {last}"))
    if not lever.is_decision_on_the_rollout or lever.kind == "day":
        return change
    if min(change.start or first, change.until or first) < first:
        says = Text(
            f"was vor {first} war, ist bekannt und nicht zu ändern",
            f"what was before {first} is known and cannot be changed",
        )
        raise refuse(change, says, Text(f"ein Tag ab {first}", f"a day from {first} on"))
    return replace(change, start=change.start or first)


def _check_form(lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` for an amount, an operator or a period that the kind of lever does not have."""
    if lever.kind == "day":
        if change.start or change.until:
            says = Text("ein Tag hat keinen Zeitraum", "a day has no period")
            raise refuse(change, says, same(f"{change.lever}{change.operator}…"))
        if change.operator == "*=":
            raise refuse(change, Text("ein Tag hat keinen Faktor", "a day has no factor"), HOW_TO_MOVE)
        if change.word or (change.operator == "=" and not change.is_day):
            raise refuse(change, Text("wird auf keinen Tag gesetzt", "is set to no day"), HOW_TO_MOVE)
        if change.operator != "=" and change.amount and not (change.in_days or change.in_months):
            says = Text(f"{change.amount:g} wovon, ist nicht gesagt", f"{change.amount:g} of what, is not said")
            raise refuse(change, says, A_SPAN)
        return
    if lever.kind in {"word", "shifts"}:
        if change.operator != "=" or not change.word:
            raise _refuse_other_than(change, SHIFTS if lever.kind == "shifts" else A_WORD)
        if lever.kind == "shifts":
            parse_shifts(change)
        elif change.start or change.until:
            raise refuse(change, FOR_ALL_TIME, WITHOUT_DAYS)
        return
    if change.is_day:
        says = Text(f"`{change.lever}` ist kein Tag", f"`{change.lever}` is no day")
        raise refuse(change, says, Text("eine Zahl", "a number"))
    if change.word or change.in_months or change.in_days:
        given = change.text[len(change.lever) :].lstrip("+-*= ")
        raise refuse(change, is_no_number(given), EXAMPLES)
    if lever.kind == "figures" and (change.start or change.until) and not is_of_mail(change):
        raise refuse(change, FOR_THE_UNKNOWN if lever.is_decision_on_the_rollout else FOR_ALL_TIME, WITHOUT_DAYS)


def _counts_whole(spec: RolloutScenario, lever: Lever) -> bool:
    """Whether a file has only whole numbers there: people, teams and slots of a capacity, and what is counted."""
    if lever.is_of_lists or lever.kind not in {"steps", "figures"}:
        return False
    node = find_node(spec, lever.path)
    return lever.kind == "steps" or (isinstance(node, Figure) and isinstance(node.value, int))


def _refuse_other_than(change: Change, wanted: Text) -> UnusableInput:
    says = Text(
        f"`{change.lever}` wird auf {wanted.de} gesetzt, auf nichts anderes",
        f"`{change.lever}` is set to {wanted.en}, and to nothing else",
    )
    return refuse(change, says, Text(f"= und {wanted.de}", f"= and {wanted.en}"))


def check_result(before: RolloutScenario, spec: RolloutScenario, lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` where the changed figures are none that a file may hold, or where nothing has changed."""
    try:
        RolloutScenario.model_validate_json(spec.model_dump_json(by_alias=True))
    except ValidationError as error:
        raise refuse(change, explain(error.errors(include_url=False)[0])) from None
    if spec == before and not change.is_idle:
        says = Text(
            "ändert nichts: in diesem Zeitraum gilt kein Schritt und keine Schicht",
            "changes nothing: no step or shift holds in this period",
        )
        raise refuse(change, says)
    rollout, last = spec.rollout, None
    if lever.id in {"rollout.teams", "rollout.trainers", "rollout.slots"}:
        last = {"rollout.teams": rollout.teams, "rollout.trainers": rollout.training.trainers,
                "rollout.slots": rollout.provisioning.slots}[lever.id][-1].value.value  # fmt: skip
    if last is not None and last < 1:
        raise refuse(change, NEVER_ENDS, at_least(1))
    if lever.kind == "day" and not spec.horizon.start <= _get_day(spec, lever) <= spec.horizon.end:
        raise refuse(change, lies_outside(_get_day(spec, lever)), from_to(spec.horizon.start, spec.horizon.end))
    if lever.kind == "day" and not change.is_idle:
        _check_day(_get_dated(before, lever), _get_dated(spec, lever), spec, change)
    _check_curves(spec, change)


def _check_day(old: Dated, new: Dated, spec: RolloutScenario, change: Change) -> None:
    """Raise `UnusableInput` for a day that is known, or would have to be; an assumed one of the past is none."""
    as_of = spec.as_of.value
    if old.value <= as_of and old.basis in {"report", "public"}:
        says = Text(
            f"das war am {old.value}; es ist bekannt und nicht zu ändern",
            f"it was on {old.value}; that is known and cannot be changed",
        )
        raise refuse(change, says)
    if new.value <= as_of < old.value:
        first = as_of + timedelta(1)
        says = Text(
            f"{new.value} liegt vor {first}; was davor war, ist bekannt und nicht zu ändern",
            f"{new.value} lies before {first}; what was before is known and cannot be changed",
        )
        raise refuse(change, says, _a_day(first, spec.horizon.end))


def _a_day(first: date, last: date) -> Text:
    return Text(f"ein Tag von {first} bis {last}", f"a day from {first} to {last}")


def _get_day(spec: RolloutScenario, lever: Lever) -> date:
    return _get_dated(spec, lever).value


def _get_dated(spec: RolloutScenario, lever: Lever) -> Dated:
    found: Dated = find_node(spec, lever.path)
    return found


def _check_curves(spec: RolloutScenario, change: Change) -> None:
    """As `simulation.scenario.checks` asks of a file: pairs of figures that make a curve only in one order."""
    if spec.adoption.ninety_weeks.value <= spec.adoption.half_weeks.value:
        says = Text(
            "die Hälfte der Arbeitsplätze später genutzt als neun Zehntel",
            "half of the seats used later than nine tenths",
        )
        raise refuse(change, says, Text("mehr ninety_weeks als half_weeks", "more ninety_weeks than half_weeks"))
    if spec.scan.items.pages_mean.value < spec.scan.items.pages_median.value:
        says = Text(
            "das Mittel der Seiten läge unter ihrem Median", "the mean of the pages would lie below their median"
        )
        raise refuse(change, says, MEAN_ABOVE_MEDIAN)


def check_lists(scenario: Scenario, lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` where a change of an authority or a project cannot be."""
    subject, name, column = map(str, lever.path)
    if subject == "project":
        project = next(p for p in scenario.projects if p.id == name)
        as_of, end = scenario.spec.as_of.value, scenario.spec.horizon.end
        if project.preparation_start <= as_of:
            began = project.preparation_start
            says = Text(
                f"`{name}` begann am {began}; das ist bekannt und nicht zu ändern",
                f"`{name}` began on {began}; that is known and cannot be changed",
            )
            raise refuse(change, says)
        moved = move_day(change, project.preparation_start)
        if not as_of < moved <= end:
            says = Text(f"`{name}` begänne am {moved}", f"`{name}` would begin on {moved}")
            raise refuse(change, says, _a_day(as_of + timedelta(1), end))
        return
    centres = {centre.id: centre for centre in scenario.spec.scan.centres}
    if column == "scan_centre" and change.word not in centres:
        says = Text(f"`{change.word}` ist keine Scanstelle", f"`{change.word}` is no scan centre")
        raise refuse(change, says, one_of(centres))
    if column == "protection" and change.word not in {"normal", "high"}:
        says = Text(f"`{change.word}` ist kein Schutzbedarf", f"`{change.word}` is no protection need")
        raise refuse(change, says, Text("normal oder high", "normal or high"))


def move_day(change: Change, day: date) -> date:
    try:
        return change.move(day)
    except (ValueError, OverflowError):
        says = Text("führt zu keinem Tag des Kalenders", "leads to no day of the calendar")
        raise refuse(change, says) from None
