"""`changes` of a scenario file: what is different from the plan, said by lever, project or authority.

An entry is written as a planner reads it aloud and is kept as one line such as `rollout.teams+=2@2022-01-01`, the form
that `--set` takes. What a lever is, and whether a change fits it, is known in `simulation.levers`.
"""

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simulation.inputs.written_numbers import NUMBER_IN_TEXT, parse_number, write_number
from simulation.scenario.fields import AuthorityKind, Slug
from simulation.scenario.figures import Strict
from workflow.text import InvalidValue

LeverId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=200)]
Day = date | Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A day, or a month as 2022-03: its first day as a beginning, its last as an end."""
LATER = r"^[+-] ?[0-9]{1,4} (days?|weeks?|months?|Tage?|Wochen?|Monate?)$"
Later = Annotated[str, Field(pattern=LATER)]
"""Time by which a day moves: +3 months."""
Shifts = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}(\+[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2})*$")]
"""One or several shifts: 06:30-14:30+14:30-22:30."""
Moved = date | Later
SUBJECTS = ("lever", "project", "authority", "authorities")
OF_LEVER, OF_PROJECT = ("by", "factor", "to"), ("start",)
OF_AUTHORITY = ("scan_from", "scan_centre", "protection")


def _read_number(given: Any) -> Any:
    """A number that a file has as a text, such as one with a decimal comma."""
    return parse_number(given) if isinstance(given, str) and NUMBER_IN_TEXT.fullmatch(given) else given


def _read_step(given: Any) -> Any:
    read = _read_number(given)
    if isinstance(read, str) and not re.fullmatch(LATER, read):
        raise InvalidValue(
            "eine Zahl, etwa 2 oder 0,5, oder eine Dauer, etwa +3 Monate",
            "a number such as 2 or 0.5, or a span such as +3 months",
        )
    return read


Amount = Annotated[float | Later, BeforeValidator(_read_step)]


class ChangeEntry(Strict):
    """One change: of a lever (`by`, `factor` or `to`, perhaps `from` and `until`), of the `start` of a project, or of
    `scan_from`, `scan_centre` or `protection` of an authority or of all `authorities` of a kind.
    """

    lever: LeverId | None = None
    project: Slug | None = None
    authority: Slug | None = None
    authorities: AuthorityKind | Literal["all"] | None = None
    by: Amount | None = None
    factor: Annotated[float | None, BeforeValidator(_read_number)] = None
    to: Annotated[float | date | Shifts | None, BeforeValidator(_read_number)] = None
    start: Moved | None = None
    scan_from: Moved | None = None
    scan_centre: Slug | None = None
    protection: Literal["normal", "high"] | None = None
    first: Day | None = Field(None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _is_one_change(self) -> "ChangeEntry":
        subjects = [name for name in SUBJECTS if getattr(self, name) is not None]
        if len(subjects) != 1:
            known = ", ".join(SUBJECTS)
            raise InvalidValue(
                f"nennt {' und '.join(subjects) or 'nichts'}; erwartet eines von {known}",
                f"names {' and '.join(subjects) or 'nothing'}; expected one of {known}",
            )
        allowed = {"lever": OF_LEVER, "project": OF_PROJECT}.get(subjects[0], OF_AUTHORITY)
        given = [name for name in (*OF_LEVER, *OF_PROJECT, *OF_AUTHORITY) if getattr(self, name) is not None]
        if len(given) != 1 or given[0] not in allowed:
            raise InvalidValue(
                f"sagt {' und '.join(given) or 'keine Änderung'} zu `{subjects[0]}`; "
                f"erwartet eines von {', '.join(allowed)}",
                f"says {' and '.join(given) or 'no change'} of a change of `{subjects[0]}`; "
                f"expected one of {', '.join(allowed)}",
            )
        if subjects[0] != "lever" and (self.first or self.until):
            raise InvalidValue(
                f"eine Änderung von `{subjects[0]}` hat kein `from` und `until`",
                f"a change of `{subjects[0]}` has no `from` and `until`",
            )
        return self

    def write(self) -> tuple[str, dict[str, str]]:
        """The change in one line, and the key of the entry that each part of it (lever, amount, start, until) is of."""
        subject = next(name for name in SUBJECTS if getattr(self, name) is not None)
        given = next(n for n in (*OF_LEVER, *OF_PROJECT, *OF_AUTHORITY) if getattr(self, n) is not None)
        value = getattr(self, given)
        lever = self.lever or f"{subject}.{getattr(self, subject)}.{given}"
        later = re.fullmatch(r"([+-]) ?(.*)", value) if isinstance(value, str) and given != "to" else None
        if given == "factor":
            amount = f"*={write_number(value)}"
        elif later:
            amount = f"{later[1]}={later[2]}"
        elif given == "by":
            amount = f"{'-' if value < 0 else '+'}={write_number(abs(value))}"
        else:
            amount = f"={write_number(value)}" if isinstance(value, float) else f"={value}"
        days = ("@" if self.first or self.until else "") + (str(_begin(self.first)) if self.first else "")
        days += f"..{_end(self.until)}" if self.until else ""
        return lever + amount + days, {"lever": subject, "amount": given, "start": "from", "until": "until"}


def _begin(day: date | str) -> date:
    return date.fromisoformat(f"{day}-01") if isinstance(day, str) else day


def _end(day: date | str) -> date:
    if isinstance(day, date):
        return day
    first = _begin(day)
    return first.replace(day=monthrange(first.year, first.month)[1])
