"""Names that can be none are refused by one check, wherever they come from; of two spellings one is stored."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.application.catalogue import ALL
from api.application.resources import RESOURCES
from api.application.service import ResourceService
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.engine.fields import Name
from workflow.errors import EvaError
from workflow.views.queries import Views

ALMIGHTY = Actor("almighty", frozenset(Role) - {Role.SYSTEM}, None, Protection.VERY_HIGH)
ODD = ["a/b", "a:b", " aaa", "x\ny", "", " ", "a\x85b", "a" * 121, "e\u0301", "\ud800", "a\x00"]
NAMING = {"authority", "user", "unit", "actor", "deputy", "to", "carrier", "escalate_to", "centre"}
"""Fields that name a person, a unit or an authority."""


@pytest.fixture(scope="module")
def service() -> Iterator[ResourceService]:
    engine = Engine("sqlite://", catalogue=ALL)
    yield ResourceService(engine, Views(engine))
    engine.close()


def asked(service: ResourceService, resource: str, key: str | None, action: str, body: dict[str, Any]) -> None:
    """An action, which may be refused as input may be; anything else is a fault."""
    with suppress(EvaError):
        service.execute(service.prepare(resource, key, action, body, ALMIGHTY))


def commands() -> list[tuple[str, str, type[Command]]]:
    return [(name, action, command) for name, resource in RESOURCES.items()
            for action, command in resource.commands.items()]  # fmt: skip


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_no_odd_name_is_a_fault_of_the_server(service: ResourceService, name: str) -> None:
    for resource, action, command in commands():
        body = dict(command.EXAMPLE) | {field: name for field in command.model_fields if field in NAMING}
        asked(service, resource, None, action, body)
        asked(service, resource, name, action, body)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=8))
def test_no_text_at_all_is(service: ResourceService, name: str) -> None:
    for resource, action, command in commands():
        if {"authority", "user"} & set(command.model_fields):
            asked(service, resource, name, action, {**command.EXAMPLE, "authority": name, "user": name})


@pytest.mark.parametrize("odd", [name for name in ODD if name != "e\u0301"], ids=repr)
def test_a_field_that_names_somebody_takes_names_only(odd: str) -> None:
    tried = set()
    for _, _, command in commands():
        for field in NAMING & set(command.model_fields):
            taken = TypeAdapter(
                Annotated[command.model_fields[field].annotation, ..., *command.model_fields[field].metadata]
            )
            if "string" in str(taken.json_schema()):
                tried.add(field)
                with pytest.raises(ValidationError):
                    taken.validate_python(odd)
    assert tried >= {"authority", "user", "unit", "to"}


def test_two_spellings_are_one_person(service: ResourceService) -> None:
    body = {"roles": ["approver"], "authority": "mwide", "clearance": "normal"}
    first = service.create("staff", {"user": "Jos\u00e9", **body}, ALMIGHTY)
    again = service.act(
        "staff", "Jose\u0301", "register", {"user": "Jose\u0301", **body, "clearance": "high"}, ALMIGHTY
    )
    assert (again.id, again.version) == (first.id, 2) == ("jos\u00e9", 2)
    assert TypeAdapter(Name).validate_python("Jose\u0301") == "Jos\u00e9"
