"""Why an action cannot be done, in the words of those who work with it: no names of states, roles or guards."""

from collections.abc import Iterable
from typing import Any

from api.pages.base.labels import state
from workflow.engine.access import ROLE_NAMES, Role
from workflow.engine.machine import Machine, Option


def explain_option(machine: Machine[Any], now: str, roles: frozenset[Role], option: Option, language: str) -> str:
    """The reason of a refused option, as a sentence."""
    of_action = [row for row in machine.table if row.action == option.action]
    here = [row for row in of_action if row.source == now]
    if of_action and not here:
        return _explain_state(machine, now, dict.fromkeys(row.source for row in of_action), language)
    may = {role for row in here for role in row.roles} - {Role.SYSTEM}
    if here and may.isdisjoint(roles):
        return _explain_roles(may, language)
    why = (option.why_not_de if language == "de" else option.why_not_en) or ""
    return why[:1].upper() + why[1:]


def _explain_state(machine: Machine[Any], now: str, sources: Iterable[str], language: str) -> str:
    names = _join([f"„{state(machine, one, 'de')}“" for one in sources], "oder")
    if language == "de":
        return f"Geht nur im Zustand {names}; jetzt ist er „{state(machine, now, 'de')}“"
    names = _join([f"“{state(machine, one, 'en')}”" for one in sources], "or")
    return f"Possible only in state {names}; it is “{state(machine, now, 'en')}” now"


def _explain_roles(may: Iterable[Role], language: str) -> str:
    names = _join(sorted(ROLE_NAMES[role].get(language) for role in may), "oder" if language == "de" else "or")
    return f"Das ist Aufgabe von: {names}" if language == "de" else f"This is done by: {names}"


def _join(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else "–"
