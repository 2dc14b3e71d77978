"""The changes of a what-if in words: which lever, by how much, from when and until when."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulation.levers.steps import say_steps
from simulation.numbers import MINUS, format_day, format_number
from workflow.text import Text

TIMES = "\N{MULTIPLICATION SIGN}"
MOST_DIGITS = 6
MOST_SAID = 12
"""Changes in a heading."""
HEADING = Text("Was wäre, wenn: gerechnet mit diesen Änderungen", "What if: computed with these changes")
WORDS = {"normal": Text("normal", "normal"), "high": Text("hoch", "high")}
MOVES = {
    "months": {"de": ("Monat", "Monate"), "en": ("month", "months")},
    "days": {"de": ("Tag", "Tage"), "en": ("day", "days")},
}


def list_changes(summary: Mapping[str, Any], language: str) -> list[str]:
    """The changes of what was computed: `Rollout-Teams: +2 ab 01.01.2022`; none of runs of earlier releases. Of many
    the first, and how many more there are.
    """
    changed = summary.get("changed", ())
    said = [
        f"{one[f'title_{language}']}: {say_change(one, language)}{_say_overridden(one, language)}"
        for one in changed[:MOST_SAID]
    ]
    more = len(changed) - len(said)
    rest = {"de": f"und {more} weitere in summary.json", "en": f"and {more} more in summary.json"}[language]
    return [*said, rest] if more else said


def list_remarks(changed: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """The changes after which later steps of the plan no longer count."""
    return [
        f"{one['lever']}: {say_change(one, language)}{said}"
        for one in changed
        if (said := _say_overridden(one, language))
    ]


def _say_overridden(change: Mapping[str, Any], language: str) -> str:
    if not (steps := change.get("overridden")):
        return ""
    told = say_steps(steps, language)
    return Text(f"; diese Schritte des Plans gelten dann nicht mehr: {told}",
                f"; these steps of the plan then no longer count: {told}").get(language)  # fmt: skip


def say_changes(entry: Mapping[str, Any], language: str) -> str:
    """What was changed of one assumption; with the name of the lever where it moves more than this one."""
    title = f"title_{language}"
    return "; ".join(
        ("" if one[title] == entry[title] else f"{one[title]}: ") + say_change(one, language)
        for one in entry.get("changed", ())
    )


def say_change(change: Mapping[str, Any], language: str) -> str:
    since, until = ("ab", "bis") if language == "de" else ("from", "until")
    edges = ((since, change["from"]), (until, change["until"]))
    days = [f"{word} {format_day(day, language)}" for word, day in edges if day]
    return " ".join([_say_amount(change, language), *days])


def _say_amount(change: Mapping[str, Any], language: str) -> str:
    amount, operator, of = change["amount"], change["operator"], change["of"]
    if of == "word":
        return WORDS[amount].get(language) if amount in WORDS else str(amount)
    if of == "day":
        return format_day(amount, language)
    digits = len(f"{amount:.{MOST_DIGITS}f}".rstrip("0").partition(".")[2])
    number = format_number(abs(amount), language, digits)
    negative = (amount < 0) != (operator == "-=")
    if operator not in {"+=", "-="}:
        return f"{TIMES} {number}" if operator == "*=" else number
    unit = MOVES[of][language][amount != 1] if of in MOVES else ""
    return f"{MINUS if negative else '+'}{number} {unit}".rstrip()
