"""Commands: what a person asks for, in the infinitive. Malformed ones are refused before anything is looked at."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError

from workflow.engine.events import Model
from workflow.errors import InvalidCommand


class Command(Model):
    """Base; `ACTION` is the name in the machine's table and in the API."""

    ACTION: ClassVar[str] = ""

    @classmethod
    def __init_subclass__(cls, action: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if action:
            cls.ACTION = action

    def told(self, field: str) -> Any:
        """A field's value, None where commands of this kind have no such field.

        Quicker than `getattr` with a default, for which pydantic raises an error first.
        """
        return self.__dict__.get(field)


C = TypeVar("C", bound=Command)


def parse(model: type[C], body: Mapping[str, object] | str | bytes) -> C:
    """A command from JSON text or a mapping; `InvalidCommand` names each fault by JSON Pointer."""
    try:
        if isinstance(body, str | bytes):
            json.loads(body, object_pairs_hook=_once)
            text: str | bytes = body
        else:
            text = json.dumps(body, default=_plain, allow_nan=False)
        return model.model_validate_json(text)
    except ValidationError as wrong:
        raise InvalidCommand([(_pointer(e["loc"]), e["msg"]) for e in wrong.errors()]) from wrong
    except (ValueError, TypeError, RecursionError) as wrong:
        raise InvalidCommand([("", str(wrong))]) from wrong


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON lets a key stand twice and readers take either; two readers must not see two commands."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(n for n in names if names.count(n) > 1)!r} stands twice")
    return found


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a command")


def _pointer(loc: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)
