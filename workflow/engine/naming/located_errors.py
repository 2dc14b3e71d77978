"""Errors of pydantic about a value, by places that exist in it.

Pydantic names in a place which member of a union it tried, and tells the errors of all; here the place is one of the
value, and only the member that fits best is told of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Place = tuple[str | int, ...]
_SHAPE = {"missing", "extra_forbidden"}
_KEY = "[key]"
"""Ends a place of pydantic where a key is wrong and not its value."""


class Located(NamedTuple):
    place: Place
    """To the value, or to the key that is missing or too much."""
    error: Mapping[str, Any]


class _Found(NamedTuple):
    place: Place
    members: list[tuple[Place, str]]
    """Unions on the way, by their place, and which member was tried."""
    error: Mapping[str, Any]


def locate_errors(errors: Sequence[Mapping[str, Any]], value: object) -> list[Located]:
    """Of every union the errors of one member: the one that the value resembles most."""
    found, level = [one for error in errors if (one := _locate(error, value)) is not None], 0
    while any(len(one.members) > level for one in found):
        found = _keep_nearest(found, level)
        level += 1
    return [Located(one.place, one.error) for one in found]


def _keep_nearest(found: list[_Found], level: int) -> list[_Found]:
    """Of every union so deep, the errors of one member."""
    tried: defaultdict[Place, defaultdict[str, list[_Found]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        for place, member in one.members[level : level + 1]:
            tried[place][member].append(one)
    best = {
        place: min(members, key=lambda member: _rate_misfit(members[member], place, level))
        for place, members in tried.items()
    }
    return [one for one in found if all(best[place] == member for place, member in one.members[level : level + 1])]


def _rate_misfit(found: list[_Found], place: Place, level: int) -> tuple[int, int, int]:
    """How little a value resembles a member: another type altogether weighs most, then fields missing or too many."""
    own = [one for one in found if all(inner == place for inner, _ in one.members[level:])]
    alien = sum(one.place == place and one.error["type"].endswith("_type") for one in own)
    shape = sum(len(one.place) == len(place) + 1 and one.error["type"] in _SHAPE for one in own)
    return alien, shape, len(found)


def _locate(error: Mapping[str, Any], value: Any) -> _Found | None:
    """Where an error is in the value; None for a list said to be too short only because elements of it are wrong."""
    place: Place = ()
    members: list[tuple[Place, str]] = []
    loc = error["loc"]
    for number, part in enumerate(loc):
        if isinstance(part, int) and isinstance(value, Mapping):
            continue  # one that may stand for a list of one
        if isinstance(part, int):
            place = (*place, part)
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else None
        elif isinstance(value, Mapping) and part in value:
            place, value = (*place, part), value[part]
        elif error["type"] == "missing" and number == len(loc) - 1:
            place = (*place, part)
        elif part != _KEY:
            members.append((place, part))
    if error["type"] == "too_short" and isinstance(value, list | tuple) and len(value) >= error["ctx"]["min_length"]:
        return None
    return _Found(place, members, error)
