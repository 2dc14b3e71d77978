"""Events: frozen models with a stable type name and schema version, and how old ones are read today.

An event is written once and never rewritten. When its shape changes, `schema` grows and an upcaster turns the old
payload into the new one on reading; the recorded histories in `tests/histories` must still fold.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from workflow.engine.fields import Id, Line
from workflow.engine.naming.faults import describe_error
from workflow.errors import Corrupted

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]

_TYPES: dict[str, type["Event"]] = {}
_UPCASTERS: dict[tuple[str, int], Upcaster] = {}


class Model(BaseModel):
    """Base of events and commands: strict, frozen, nothing extra, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Event(Model):
    """Something that has happened; subclasses give `type`, a past participle with its category, and `schema`."""

    TYPE: ClassVar[str] = ""
    SCHEMA: ClassVar[int] = 1
    DELETES: ClassVar[bool] = False
    """Whether payloads of earlier events of the stream go with it; `erases` says which."""

    SECRET: ClassVar[frozenset[str]] = frozenset()
    """Fields that are shown to nobody."""

    def erases(self, earlier: "Event") -> bool:  # noqa: ARG002
        return False

    @classmethod
    def __init_subclass__(cls, type: str = "", schema: int = 1, **kwargs: Any) -> None:  # noqa: A002
        super().__init_subclass__(**kwargs)
        if type:
            if type in _TYPES:
                raise TypeError(f"two events are called {type}")
            cls.TYPE = type
            cls.SCHEMA = schema
            _TYPES[type] = cls


class PayloadsErased(Event, type="log.payloads_erased"):
    """Contents of earlier events were removed for good (Löschung); the chain stays whole by their digests."""

    positions: tuple[tuple[int, int], ...]
    """Ranges of log positions, both ends included."""
    basis: str


def upcaster(type_: str, from_schema: int) -> Callable[[Upcaster], Upcaster]:
    def register(change: Upcaster) -> Upcaster:
        _UPCASTERS[type_, from_schema] = change
        return change

    return register


def types() -> dict[str, type[Event]]:
    return dict(_TYPES)


def secret_fields(type_: str) -> frozenset[str]:
    model = _TYPES.get(type_)
    return model.SECRET if model else frozenset()


def encode(model: Model) -> str:
    """An event's payload, or a command, as JSON text."""
    return model.__pydantic_serializer__.to_json(model).decode()  # as `model_dump_json` at half its cost


def decode(type_: str, schema: int, payload: str, position: int = 0) -> Event:
    """The event as today's class; `Corrupted` where no release ever wrote such a one."""
    model = _TYPES.get(type_)
    if model is None:
        raise Corrupted(position, f"unknown event type {type_!r}", f"unbekannte Art von Ereignis {type_!r}")
    if schema == model.SCHEMA:
        return _validated(model, payload, position)
    for version in range(schema, model.SCHEMA):
        change = _UPCASTERS.get((type_, version))
        if change is None:
            raise Corrupted(
                position,
                f"{type_} of schema {version} has no upcaster",
                f"{type_} des Schemas {version} lässt sich nicht überführen",
            )
        payload = _upcast(change, payload, f"{type_} of schema {version}", position)
    if schema > model.SCHEMA:
        raise Corrupted(
            position,
            f"{type_} of schema {schema} is newer than this release reads ({model.SCHEMA})",
            f"{type_} des Schemas {schema} ist neuer, als diese Version liest ({model.SCHEMA})",
        )
    return _validated(model, payload, position)


def _upcast(change: Upcaster, payload: str, name: str, position: int) -> str:
    try:
        return json.dumps(change(json.loads(payload)))
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:  # not of the shape that this schema had
        raise Corrupted(
            position, f"{name} does not validate: {wrong!r:.100}", f"{name} ist ungültig: {wrong!r:.100}"
        ) from wrong


def _validated(model: type[Event], payload: str, position: int) -> Event:
    try:
        return model.model_validate_json(payload)
    except ValidationError as wrong:
        said = describe_error(wrong.errors(include_url=False)[0])
        raise Corrupted(
            position, f"{model.TYPE} does not validate: {said.en}", f"{model.TYPE} ist ungültig: {said.de}"
        ) from wrong


class ContentErased(Event, type="content.erased"):
    """The stream, or one item of it, was erased together with the file it belonged to."""

    id: Id
    item: Id | None
    authority: Line
    with_file: Line
    """File number of the deleted record or case."""

    DELETES: ClassVar[bool] = True

    def erases(self, earlier: Event) -> bool:
        if isinstance(earlier, ContentErased):
            return False
        return self.item is None or getattr(earlier, "item", None) == self.item
