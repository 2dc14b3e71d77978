"""What of a file is valid although the whole is not, so that a later check can tell its faults at once with the first.

A value that has a fault is a hole: who asks for it gets `NotValid`. A check ends there, so it never tells what only
follows from a fault that has been told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache, wraps
from types import UnionType
from typing import Annotated, Any, Generic, NoReturn, ParamSpec, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class NotValid(Exception):
    """A value was asked for that has a fault of its own."""


class Hole:
    """A list of which nothing is known."""

    def __iter__(self) -> NoReturn:
        raise NotValid


def as_far_as_valid(check: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """The check, which ends where it asks for a value that has a fault."""

    @wraps(check)
    def go_on(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        with suppress(NotValid):
            yield from check(*args, **kwargs)

    return go_on


class Known(Generic[M]):
    """Items by their `id`, as far as these are valid."""

    def __init__(self, list_items: Callable[[], Iterable[M]]) -> None:
        self._found, self._is_complete = dict[str, M](), False
        with suppress(NotValid):
            items = list(list_items())
            self._found = {vars(one)["id"]: one for one in items if "id" in vars(one)}
            self._is_complete = all("id" in vars(one) for one in items)

    def find(self, name: str) -> M | None:
        """Raises `NotValid` where the name may be that of an item with a fault."""
        if name not in self._found and not self._is_complete:
            raise NotValid(name)
        return self._found.get(name)


def take_valid(model: type[M], plain: Mapping[str, Any]) -> M:
    """The model of what is valid; what has a fault is a hole, what an unknown key may be meant for, and of values that
    contradict each other all but `id`.
    """
    with suppress(ValidationError):
        return model.model_validate(plain)
    names = {info.alias or name: name for name, info in model.model_fields.items()}
    given = {name: plain[key] for key, name in names.items() if key in plain}
    values, broken = _take_fields(model, given)
    unknown = [key for key in plain if key not in names]
    absent = [key for key in names if key not in plain]
    meant = {names[near] for key in unknown for near in get_close_matches(str(key), absent)}
    holes = {name for name, info in model.model_fields.items() if name not in values and info.is_required()}
    holes |= meant | (given.keys() - values.keys())
    if not (broken or holes or unknown):  # each is valid, not all together
        values = {name: value for name, value in values.items() if name == "id"}
        holes = model.model_fields.keys() - values.keys()
    return _leave_holes(model, values, holes)


def _take_fields(model: type[BaseModel], given: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """What is valid of the values of fields, and whether any has a fault."""
    values, broken = dict[str, Any](), False
    for name, value in given.items():
        try:
            values[name] = _read_field(model, name).validate_python(value)
        except ValidationError:
            broken = True
            for found in _take_form(model.model_fields[name].rebuild_annotation(), value):
                values[name] = found
    return values, broken


def _leave_holes(model: type[M], values: dict[str, Any], holes: set[str]) -> M:
    whole: M = _with_holes(model).model_construct(None)
    for name, info in model.model_fields.items():
        if name in values or name not in holes:
            whole.__dict__[name] = values[name] if name in values else info.get_default(call_default_factory=True)
        else:
            whole.__dict__.pop(name, None)
    return whole


@cache
def _with_holes(model: Any) -> Any:
    def __getattr__(self: BaseModel, name: str) -> NoReturn:  # noqa: N807 - it is what Python calls
        if name in type(self).model_fields:
            raise NotValid(name)
        raise AttributeError(name)

    named: dict[str, Any] = {"__getattr__": __getattr__, "__module__": model.__module__}
    return type(model)(model.__name__, (model,), named)


@cache
def _read_field(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


def _take(adapter: TypeAdapter[Any], form: Any, plain: Any) -> list[Any]:
    try:
        return [adapter.validate_python(plain)]
    except ValidationError:
        return _take_form(form, plain)


def _take_form(form: Any, plain: Any) -> list[Any]:
    """What is valid of a model, a list or a mapping of them, or nothing; of a choice the first form that fits."""
    origin, inner = get_origin(form), get_args(form)
    if origin is Annotated:
        return _take_form(inner[0], plain)
    if origin in {Union, UnionType}:
        return next((found for one in inner if (found := _take_form(one, plain))), [])
    if origin in {list, tuple} and isinstance(plain, list):
        adapter = TypeAdapter(inner[0])
        items = [_take(adapter, inner[0], one) for one in plain]
        return [origin(found[0] for found in items)] if all(items) else []
    if origin is dict and isinstance(plain, dict):
        adapter = TypeAdapter(inner[1])
        values = {key: _take(adapter, inner[1], one) for key, one in plain.items()}
        named = all(_take(TypeAdapter(inner[0]), None, key) for key in plain)  # what a wrong key means, nobody knows
        return [{key: found[0] for key, found in values.items()}] if named and all(values.values()) else []
    if isinstance(form, type) and issubclass(form, BaseModel) and isinstance(plain, dict):
        return [take_valid(form, plain)]
    return []
