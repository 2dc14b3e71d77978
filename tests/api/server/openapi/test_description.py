"""The description of the API: complete, true to itself, and with examples that fit."""

import json
import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from pydantic import ValidationError
from pydantic_core import to_json

from api.application.problems import TITLES
from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from api.server.app import create_app
from api.server.openapi import docs_page
from api.server.openapi.components import Names
from api.server.openapi.document import describe
from api.settings import Settings
from workflow.engine.commands import parse

ROOT = Path(__file__).parents[4]
METHODS = {"get", "post", "put", "delete"}
OF_EVERYBODY = ("/health/", "/openapi.json", "/docs", "/problems")


class Operation(NamedTuple):
    """One operation of the description."""

    path: str
    method: str
    said: dict[str, Any]

    @property
    def good(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Media type and content of what it answers where all goes well."""
        for status, answer in self.said["responses"].items():
            if status.startswith("2"):
                yield from answer.get("content", {}).items()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """As a client reads it."""
    read: dict[str, Any] = json.loads(to_json(describe(create_app(Settings(), ()))))
    return read


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    return [
        Operation(path, method, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]  # fmt: skip


def faults(document: dict[str, Any], schema: Any, example: Any) -> list[str]:
    """What of an example does not fit a schema of the document."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], **schema}
    found = jsonschema.Draft202012Validator(whole).iter_errors(example)
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for one in part.values():
            yield from references(one)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def test_it_is_openapi_3_1_in_json(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "eva"
    assert "E-Laufmappe" in document["info"]["description"]


def test_every_operation_has_a_name_of_its_own(operations: list[Operation]) -> None:
    names = [one.said["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in names)


def test_every_operation_says_what_it_is_for(operations: list[Operation]) -> None:
    silent = {
        f"{one.method} {one.path}"
        for one in operations
        if len(one.said.get("summary", "")) < 4 or len(one.said.get("description", "")) < 4 or not one.said.get("tags")
    }
    assert not silent


def test_every_method_is_one_of_http(operations: list[Operation]) -> None:
    assert {one.method for one in operations} <= METHODS


def test_every_parameter_of_a_path_is_described_and_none_besides(operations: list[Operation]) -> None:
    for one in operations:
        named = {part[1:-1].partition(":")[0] for part in one.path.split("/") if part.startswith("{")}
        told = [p for p in one.said.get("parameters", []) if p["in"] == "path"]
        assert {p["name"] for p in told} == named, one.path
        assert all(p["required"] for p in told), one.path


def test_every_parameter_has_a_schema_and_stands_once(operations: list[Operation]) -> None:
    for one in operations:
        places = [(p["in"], p["name"]) for p in one.said.get("parameters", [])]
        assert len(places) == len(set(places)), one.path
        assert all(p["schema"] for p in one.said.get("parameters", [])), one.path


def test_every_change_needs_a_key_but_for_those_that_say_so(operations: list[Operation]) -> None:
    """`cancel` may be sent twice anyway; sandboxes are for trying; a check changes nothing;
    each of many changes in bulk has a key of its own; signed events say their id.
    """
    changes = [one for one in operations if one.method != "get" and not one.path.endswith("/bulk")]
    without = {
        one.said["operationId"]
        for one in changes
        if "Idempotency-Key" not in {p["name"] for p in one.said.get("parameters", [])}
    }
    assert without == {
        "cancel_run", "check_scenario", "drop_sandbox", "enter_person", "make_backup", "make_sandbox", "move_clock",
        "name_deputy", "receive_event",
    }  # fmt: skip


def test_no_reference_leads_nowhere(document: dict[str, Any]) -> None:
    for reference in set(references(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema.get("type") or set(schema) & {"anyOf", "allOf", "oneOf", "enum", "$ref", "const"}, name


def test_what_webhooks_are_sent_is_described(document: dict[str, Any]) -> None:
    assert list(document["webhooks"]) == ["event"]
    said = document["webhooks"]["event"]["post"]
    content = said["requestBody"]["content"]["application/cloudevents+json"]
    assert (content["schema"], said["requestBody"]["required"]) == ({"$ref": "#/components/schemas/CloudEvent"}, True)
    assert faults(document, content["schema"], content["example"]) == []
    assert faults(document, content["schema"], content["example"] | {"position": "813"}) != []
    assert content["example"]["onbehalfof"] is None
    assert set(said["responses"]) == {"204", "410", "default"}
    assert said["security"] == [{"signature": []}]


def test_the_document_in_the_repository_is_this_one(document: dict[str, Any]) -> None:
    """`make pages` writes it; docs/reference/api-versions.md says what may change in it."""
    written = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    assert written.keys() == document.keys()
    for part in written:
        assert written[part] == document[part], part


def test_what_is_sent_as_json_has_a_name_of_its_own(operations: list[Operation]) -> None:
    for one in operations:
        sent = [one.said.get("requestBody", {}).get("content", {}), dict(one.good)]
        for media in sent:
            schema = media.get("application/json", {}).get("schema", {"$ref": ""})
            assert set(schema) == {"$ref"}, f"{one.method} {one.path}"


def test_names_of_schemas_are_words_and_say_no_module(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", name), name
        assert schema["title"] == name


def test_states_are_enumerations(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["RoutingSlipState"]["enum"] == list(RESOURCES["routing-slip"].machine.states)  # type: ignore[union-attr]
    for name, schema in schemas.items():
        state = schema.get("properties", {}).get("state")
        if state is not None and name != "Problem":
            assert schemas[state["$ref"].rpartition("/")[2]]["enum"], name


def test_an_operation_names_the_sandbox_as_a_server_where_it_is_there_too(operations: list[Operation]) -> None:
    there = {
        one.path for one in operations if "/sandboxes/{sandbox}" in [s["url"] for s in one.said.get("servers", [])]
    }
    assert {"/cockpit", "/events", "/me", "/routing-slips/{id}/actions/sign", "/state-machines/{name}"} <= there
    assert not {"/runs", "/scan-batches/{id}/items/{n}/content", "/sandboxes/{id}", "/metrics"} & there


def test_tags_are_described_and_used(document: dict[str, Any], operations: list[Operation]) -> None:
    assert {one["name"] for one in document["tags"]} == {tag for one in operations for tag in one.said["tags"]}
    assert all(len(one["description"]) > 5 for one in document["tags"])


def test_every_route_is_described(operations: list[Operation]) -> None:
    """Pages aside, which are for browsers."""
    app = create_app(Settings(), ())
    paths = {path for path in _list_paths(app.routes) if not path.startswith("/sandboxes/{sandbox}")}
    described = {re.sub(r"/actions/\w+$", "/actions/{action}", one.path) for one in operations}
    assert {path for path in paths if re.sub(r":\w+}", "}", path) not in described} == set()


def _list_paths(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", route)
        if hasattr(route, "endpoint"):
            yield route.path
        elif hasattr(inner, "routes"):
            yield from (getattr(route, "path", "") + path for path in _list_paths(inner.routes))


def test_every_object_of_a_resource_is_described(document: dict[str, Any]) -> None:
    for resource in RESOURCES.values():
        schema = document["components"]["schemas"][Names(resource).whole]
        assert schema["description"] == cleandoc(resource.representation.__doc__ or "")
        fields = {"kind", "id", "version", *resource.representation.model_fields}
        assert set(schema["required"]) == set(schema["properties"]) == fields


def test_every_example_of_an_answer_fits_its_schema(document: dict[str, Any], operations: list[Operation]) -> None:
    wrong = {}
    for one in operations:
        for media, content in one.good:
            if media == "application/json":
                assert "example" in content, f"{one.method} {one.path} has no example"
                wrong[f"{one.method} {one.path}"] = faults(document, content["schema"], content["example"])
    assert len(wrong) > 100
    assert not {place: found for place, found in wrong.items() if found}


def test_every_example_of_a_body_fits_its_schema(document: dict[str, Any], operations: list[Operation]) -> None:
    wrong = {}
    for one in operations:
        content = one.said.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            wrong[f"{one.method} {one.path}"] = faults(document, content["schema"], content["example"])
    assert len(wrong) > 60
    assert not {place: found for place, found in wrong.items() if found}


def test_an_example_that_does_not_fit_would_be_found(document: dict[str, Any]) -> None:
    whole = {"$ref": "#/components/schemas/Problem"}
    assert not faults(document, whole, {"type": "a", "title": "b", "status": 1, "detail": "c"})
    assert faults(document, whole, {"type": "a", "title": "b", "status": "1", "detail": "c"})
    assert faults(document, whole, {"type": "a"})


def test_every_operation_says_how_it_may_refuse(operations: list[Operation]) -> None:
    for one in operations:
        told = set(one.said["responses"])
        assert {"408", "503"} <= told, one.path
        if one.path.startswith(OF_EVERYBODY):
            assert one.said["security"] == []
        else:
            assert {"400", "401", "403", "404", "422", "429"} <= told, one.path
            assert ("security" in one.said) == (one.said["operationId"] == "receive_event")
            if one.method != "get":
                assert {"409", "412", "413", "415", "507"} <= told, one.path


def test_every_problem_of_the_description_is_one(document: dict[str, Any]) -> None:
    for name, answer in document["components"]["responses"].items():
        status = int(name.removeprefix("Problem"))
        content = answer["content"]["application/problem+json"]
        assert answer["description"] == TITLES[status].en
        assert content["example"]["status"] == status
        assert not faults(document, content["schema"], content["example"])


def test_every_action_of_a_resource_is_an_operation(document: dict[str, Any]) -> None:
    for resource in RESOURCES.values():
        for action in resource.commands:
            path = f"/{resource.plural}/{{id}}/actions/{action}"
            made = resource.naming == "uuid" and action == resource.creates
            assert (path in document["paths"]) != made
            if made:
                assert "post" in document["paths"][f"/{resource.plural}"]


def test_every_action_says_from_where_by_whom_and_why(document: dict[str, Any]) -> None:
    for resource in RESOURCES.values():
        told = {row.action for row in resource.machine.table if not row.by_time} if resource.machine else set()
        for action in told & set(resource.commands) - {resource.creates}:
            said = document["paths"][f"/{resource.plural}/{{id}}/actions/{action}"]["post"]["description"]
            assert "From: " in said, action
            assert "Roles: " in said, action
            assert "Basis: " in said, action


def test_evidence_of_the_server_is_asked_of_nobody(document: dict[str, Any]) -> None:
    for resource in RESOURCES.values():
        for action, own in resource.evidence.items():
            schema = document["components"]["schemas"][Names(resource).body(action)]
            if own:
                assert not own & set(schema["properties"])
                assert not own & set(schema.get("required", []))


def test_what_one_operation_makes_is_taken_by_others(operations: list[Operation]) -> None:
    names = {one.said["operationId"] for one in operations}
    linked = {
        link["operationId"]
        for one in operations
        for answer in one.said["responses"].values()
        for link in answer.get("links", {}).values()
    }
    assert linked <= names
    for resource in RESOURCES.values():
        if resource.naming != "path":
            assert f"show_{resource.name.replace('-', '_')}" in linked


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.name)
def test_every_example_of_a_body_is_a_command(resource: Resource) -> None:
    assert set(resource.examples) >= set(resource.commands) - set(resource.evidence)
    for action in set(resource.commands) - {action for action, own in resource.evidence.items() if own}:
        assert action == parse(resource.commands[action], resource.examples[action]).ACTION


def test_the_description_is_made_once() -> None:
    app = create_app(Settings(), ())
    assert describe(app) is describe(app)


def test_the_page_shows_every_operation_and_no_script(document: dict[str, Any]) -> None:
    app = create_app(Settings(), ())
    request: Any = type("Request", (), {"app": app})()
    response = docs_page.docs(request)
    page = bytes(response.body).decode()
    assert "<script" not in page
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    for path in document["paths"]:
        assert path in page


def test_the_page_groups_operations_by_their_tag(document: dict[str, Any]) -> None:
    groups = docs_page._groups(document)
    assert {one.plural for one in RESOURCES.values()} <= set(groups)
    assert sum(map(len, groups.values())) == sum(map(len, document["paths"].values()))


def test_an_answer_with_a_field_too_many_or_too_few_is_no_representation() -> None:
    kind = RESOURCES["record"].representation
    with pytest.raises(ValidationError):
        kind.model_validate({})
