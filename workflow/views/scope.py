"""Whose rows a person may know of: what holds for a single thing, said as conditions of a query.

One is about the person's own authority, one about what they take part in elsewhere. They exclude each other, so that no
row is told twice and each follows an index of its own. Who asks is a parameter, so that one statement serves everybody.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from workflow.engine.access import Actor, Role
from workflow.views.rows import INBOX, MAIL, RECORDS, SLIPS, TABLES

Condition = sa.ColumnElement[bool]
PEOPLE, LISTED, DEPUTIES = TABLES["view_slip_people"], TABLES["view_list"], TABLES["view_deputies"]


class Scope(StrEnum):
    """Why a person may know of a row that their clearance covers."""

    ALL = "all"
    """They act for all authorities."""
    OWN = "own"
    """It is their authority's."""
    TAKING_PART = "taking part"
    """They take part in a slip of another authority."""
    OFFERED = "offered"
    """The record of another authority was offered to the archive."""
    GUEST = "guest"
    """Their authority works on it for another."""
    GIVEN = "given"
    """The item of mail was given to them, out of a folder that they may not know as a whole."""


_AUTHORITY: sa.BindParameter[str] = sa.bindparam("authority")
_PERSONS: sa.BindParameter[Any] = sa.bindparam("persons", expanding=True)
_NOW: sa.BindParameter[str] = sa.bindparam("now")
_DEPUTISES_NOW = sa.and_(DEPUTIES.c.since <= _NOW, DEPUTIES.c.until > _NOW)


def _elsewhere(persons: Condition) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Streams of slips of other authorities that persons take part in; two ranges, as an index has them."""
    theirs = sa.select(PEOPLE.c.stream).where(persons)
    return theirs.where(PEOPLE.c.authority < _AUTHORITY), theirs.where(PEOPLE.c.authority > _AUTHORITY)


def _deputising(deputies: Condition) -> sa.Select[Any]:
    return sa.select(DEPUTIES.c.user).where(deputies, _DEPUTISES_NOW)


_THEIRS = sa.union_all(*_elsewhere(PEOPLE.c.user.in_(_PERSONS)))
DEPUTISED = _deputising(DEPUTIES.c.deputy.in_(_PERSONS))
"""Who has one of `persons` as deputy at the instant `now`."""
ELSEWHERE = _THEIRS.limit(1)
"""A slip that one of `persons` takes part in and that is of another authority than `authority`."""
NOTHING_ELSEWHERE = sa.select(
    ~sa.or_(
        _deputising(DEPUTIES.c.deputy == sa.bindparam("user")).exists(),
        *(part.exists() for name in ("user", "acts_as") for part in _elsewhere(PEOPLE.c.user == sa.bindparam(name))),
    )
)
"""Whether `user` and `acts_as` take part in nothing elsewhere and `user` is nobody's deputy, as nearly always."""


def list_scopes(
    table: sa.Table, actor: Actor, persons: Collection[str] = (), *, guests: bool = False
) -> tuple[Scope, ...]:
    """Why the person may know of rows; each row at most for one of the reasons.

    `persons` are those in whose place they stand, themselves included; with `guests` they also know what their
    authority works on for others.
    """
    if table is MAIL:
        return Scope.ALL if actor.authority is None else Scope.OWN, Scope.GIVEN
    if actor.authority is None:
        return (Scope.ALL,)
    if table in {SLIPS, INBOX} and persons:
        return Scope.OWN, Scope.TAKING_PART
    if table is RECORDS and Role.ARCHIVIST in actor.roles:
        return Scope.OWN, Scope.OFFERED
    return (Scope.OWN, Scope.GUEST) if guests else (Scope.OWN,)


def to_condition(table: sa.Table, scope: Scope) -> Condition:
    """What holds for the rows; with parameters as in `to_parameters`."""
    cleared = table.c.protection <= sa.bindparam("clearance")
    if scope is Scope.ALL:
        return cleared
    if scope is Scope.OWN:
        return sa.and_(table.c.authority == _AUTHORITY, cleared)
    if scope is Scope.GIVEN:
        unknown_folder = sa.or_(table.c.authority != _AUTHORITY, ~cleared)  # for who acts for all: the latter alone
        return sa.and_(MAIL.c.assigned_to.in_(_PERSONS), MAIL.c.need <= sa.bindparam("clearance"), unknown_folder)
    reasons: dict[Scope, Condition] = {
        Scope.TAKING_PART: table.c.stream.in_(_THEIRS),
        Scope.OFFERED: RECORDS.c.offered == sa.true(),
        Scope.GUEST: LISTED.c.guest == _AUTHORITY,
    }
    return sa.and_(reasons[scope], table.c.authority != _AUTHORITY, cleared)


def tell(table: sa.Table, name: str, scope: Scope) -> sa.ColumnElement[Any]:
    """A column as it is told to who knows of the row: a record's unit to those of its authority, unit and title of a
    mail folder not to whom only an item was given.
    """
    nothing = sa.literal("", table.c[name].type)
    if table is SLIPS and name in {"unit", "unit_authority"} and scope is not Scope.ALL:
        return sa.case((SLIPS.c.unit_authority == _AUTHORITY, table.c[name]), else_=nothing).label(name)
    if table is MAIL and name in {"unit", "folder"} and scope is Scope.GIVEN:
        return nothing.label(name)
    return table.c[name]


def to_parameters(actor: Actor, persons: Collection[str] = ()) -> dict[str, Any]:
    return {"authority": actor.authority, "clearance": actor.clearance.rank, "persons": sorted(persons)}
