"""What stands behind the `?` of a request: filters, order, and nothing that nobody knows of."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from api.application.resources.resource import Resource
from workflow.errors import InvalidCommand
from workflow.text import Text

MOST_VALUES = 50
"""Of one filter."""
LONG = Text("höchstens 200 druckbare Zeichen", "at most 200 printable characters")
PAGE = frozenset({"limit", "cursor"})
LIST = PAGE | {"sort"}


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise `InvalidCommand` where a query names what the operation does not take: a filter misspelt shows all."""
    if not request.scope["query_string"]:
        return
    wrong = [name for name in request.query_params if name not in known]
    if wrong:
        there = ", ".join(sorted(known))
        told = Text(f"gibt es hier nicht; bekannt: {there or '-'}", f"is no parameter of this; known: {there or '-'}")
        raise InvalidCommand([(f"/{name[:100]}", told) for name in wrong])


def list_parameters(route: APIRoute) -> frozenset[str]:
    """Query parameters of an operation, those that it declares and those that its description adds."""
    declared = {field.alias for dependant in _flatten(route.dependant) for field in dependant.query_params}
    described = (route.openapi_extra or {}).get("parameters", ())
    return frozenset(declared | {one["name"] for one in described if one.get("in") == "query"})


def _flatten(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from _flatten(one)


def refuse_undeclared(request: Request) -> None:
    """As `refuse_unknown`, for an operation that FastAPI knows."""
    route: Any = request.scope.get("route")
    if request.scope["query_string"] and isinstance(route, APIRoute):
        refuse_unknown(request, list_parameters(route))


def one_of(values: Collection[str]) -> Text:
    return Text(f"eines von {', '.join(values)}", f"one of {', '.join(values)}")


def parse_filters(request: Request, resource: Resource) -> Mapping[str, tuple[str, ...]]:
    """Values by filter; each may be named several times."""
    found: dict[str, tuple[str, ...]] = {}
    for wanted in resource.filters:
        values = tuple(dict.fromkeys(request.query_params.getlist(wanted.name)))
        if len(values) > MOST_VALUES:
            raise InvalidCommand(
                [(f"/{wanted.name}", Text(f"höchstens {MOST_VALUES} Werte", f"at most {MOST_VALUES} values"))]
            )
        for text in values:
            if len(text) > 200 or not (text == "" or text.isprintable()):
                raise InvalidCommand([(f"/{wanted.name}", LONG)])
            if wanted.values and text not in wanted.values:
                raise InvalidCommand([(f"/{wanted.name}", one_of(wanted.values))])
        if values:
            found[wanted.name] = values
    return found


def parse_sort(request: Request, resource: Resource) -> str:
    """What a list is to be ordered by; its own order where nothing is said."""
    text = request.query_params.get("sort", resource.sorts[0])
    if text not in resource.orders:
        raise InvalidCommand([("/sort", one_of(resource.orders))])
    return text
