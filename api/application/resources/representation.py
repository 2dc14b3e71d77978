"""What the API answers of a resource, as one model: how it is read from the state, its schema, and its description.

Read without validation, as the state is valid already: an answer is made for every command.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, WithJsonSchema

Fields = dict[str, Any]
Convert = Callable[[Any], Any]
NAMED = "x-named"
"""Marks, in a schema, an enumeration that the description of the API moves to where named schemas stand."""


def one_of(name: str, values: Iterable[str]) -> WithJsonSchema:
    """Says of a field that it is one of these; the description of the API calls that so."""
    return WithJsonSchema({"type": "string", "enum": list(values), NAMED: name})


@dataclass(frozen=True)
class From:
    """Where a field comes from: the path of the attribute, if not its own name, and how that is converted."""

    path: str | None = None
    convert: Convert | None = None


class Representation(BaseModel):
    """Base of what is answered; each field is the state's attribute of that name unless `From` says otherwise.

    Lists of representations are also read from mappings by id. A field with a default is the same for every state.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    _same: ClassVar[Fields]
    _names: ClassVar[tuple[str, ...]]
    _get: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _conversions: ClassVar[list[tuple[str, Convert]]]

    @classmethod
    def find_attribute(cls, name: str) -> str:
        return name

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        paths, cls._same, cls._conversions = {}, {}, []
        for name, field in cls.model_fields.items():
            if not field.is_required():
                cls._same[name] = field.default
                continue
            source = next((one for one in field.metadata if isinstance(one, From)), From())
            paths[name] = source.path or cls.find_attribute(name)
            convert = source.convert or _find_conversion(field.annotation)
            if convert is not None:
                cls._conversions.append((name, convert))
        cls._names, cls._get = tuple(paths), attrgetter(*paths.values())

    @classmethod
    def read(cls, state: Any) -> Fields:
        """The fields of a state, JSON-able but for enums, dates and times."""
        fields = {**cls._same, **dict(zip(cls._names, cls._get(state), strict=True))}
        for name, convert in cls._conversions:
            fields[name] = convert(fields[name])
        return fields


def _find_conversion(annotation: Any) -> Convert | None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        read = _find_reader(arguments[0])
        return list if read is None else lambda found: [read(one) for one in _values(found)]
    if origin in {Union, UnionType}:
        readers = [read for one in arguments if (read := _find_reader(one)) is not None]
        return (lambda one: None if one is None else readers[0](one)) if readers else None
    return _find_reader(annotation)


def _find_reader(kind: Any) -> Convert | None:
    if not isinstance(kind, type) or not issubclass(kind, BaseModel):
        return None
    return kind.read if issubclass(kind, Representation) else _copy


def _copy(one: BaseModel) -> Fields:
    return dict(one.__dict__)


def _values(found: Mapping[str, Any] | Iterable[Any]) -> Iterable[Any]:
    return found.values() if isinstance(found, Mapping) else found
