"""Checks of what people give in a command, which what is stored need not pass: events of earlier releases hold more.

A type carries its check (`Given`) beside its validators; a command asks it for each of its fields, however deep, so
that no command can be written without.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from workflow.text import InvalidValue, get_text

Check = Callable[[Any], object]


class Given(NamedTuple):
    """Beside a type of text: `check` raises `ValueError` for what nobody may give."""

    check: Callable[[str], str]


@cache
def checks_of(model: type[BaseModel]) -> Mapping[str, Check]:
    """Field -> its check, for those that have one."""
    hints = get_type_hints(model, include_extras=True)
    found = {name: _find(hints[name]) for name in model.model_fields}
    return {name: check for name, check in found.items() if check is not None}


def _find(annotation: Any) -> Check | None:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        given = next((one for one in more if isinstance(one, Given)), None)
        return _find(inner) if given is None else _on_text(given.check)
    if origin in {Union, UnionType}:
        return _any_of([_find(part) for part in get_args(annotation)])
    if origin in {tuple, list}:
        return _each(_any_of([_find(part) for part in get_args(annotation) if part is not Ellipsis]))
    if origin is dict:
        of_key, of_value = (_find(part) for part in get_args(annotation))
        return _any_of([_each(of_key), _values(of_value)])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return lambda value: _check_model(value) if isinstance(value, annotation) else None
    return None


def _on_text(check: Check) -> Check:
    return lambda value: check(value) if isinstance(value, str) else None


def _any_of(found: list[Check | None]) -> Check | None:
    checks = [check for check in found if check is not None]
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda value: [check(value) for check in checks]


def _each(check: Check | None) -> Check | None:
    if check is None:
        return None
    return lambda value: [check(one) for one in value] if isinstance(value, tuple | list | dict) else None


def _values(check: Check | None) -> Check | None:
    if check is None:
        return None
    return lambda value: [check(one) for one in value.values()] if isinstance(value, dict) else None


def _check_model(value: BaseModel) -> None:
    for name, check in checks_of(type(value)).items():
        try:
            check(getattr(value, name))
        except ValueError as wrong:
            raise InvalidValue(*(f"{name}: {says}" for says in get_text(wrong))) from wrong
