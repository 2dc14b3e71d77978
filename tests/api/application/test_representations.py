"""What is answered of a resource and what its model says are the same, over all that histories hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from pydantic_core import to_json

from api.application.catalogue import ALL
from api.application.resources import RESOURCES
from api.application.resources.representation import From, Representation
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import EvaError

HISTORIES = sorted((Path(__file__).parents[2] / "histories").glob("*.jsonl"))


def states() -> Iterator[tuple[str, Any]]:
    """Every state of a resource in the recorded histories, with the resource's name."""
    for path in HISTORIES:
        rows = [Recorded(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
        engine = Engine("sqlite://", catalogue=ALL)
        try:
            engine.restore(rows)
            for stream in sorted({row.stream for row in rows}):
                name = stream.partition(":")[0]
                if name in RESOURCES:
                    try:
                        yield name, engine.load(stream).state
                    except EvaError:  # erased since
                        continue
        finally:
            engine.close()


@pytest.fixture(scope="module")
def known() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, state in states():
        if state is not None:
            found.setdefault(name, []).append(state)
    return found


def test_the_histories_hold_each_resource(known: dict[str, list[Any]]) -> None:
    assert set(known) == set(RESOURCES)


@pytest.mark.parametrize("name", RESOURCES)
def test_what_is_read_is_what_the_model_says(name: str, known: dict[str, list[Any]]) -> None:
    kind = RESOURCES[name].representation
    for state in known[name]:
        answered = kind.read(state)
        assert set(answered) == set(kind.model_fields)
        again = kind.model_validate_json(to_json(answered))
        assert json.loads(again.model_dump_json()) == json.loads(to_json(answered))


@pytest.mark.parametrize("name", RESOURCES)
def test_every_answer_has_a_state(name: str, known: dict[str, list[Any]]) -> None:
    for state in known[name]:
        assert isinstance(RESOURCES[name].representation.read(state)["state"], str)


def test_reading_leaves_the_state_as_it_is(known: dict[str, list[Any]]) -> None:
    for name, found in known.items():
        kind = RESOURCES[name].representation
        for state in found:
            first = kind.read(state)
            for answered in first.values():
                if isinstance(answered, list | dict):
                    answered.clear()
            assert set(kind.read(state)) == set(first)


def test_what_draws_the_sample_is_answered_to_nobody(known: dict[str, list[Any]]) -> None:
    for name, found in known.items():
        for state in found:
            text = to_json(RESOURCES[name].representation.read(state)).decode()
            assert getattr(state, "secret", "no secret at all") not in text


@dataclass
class Part:
    """Part of a state."""

    name: str
    size: int


class Inner(BaseModel):
    """A model of the domain."""

    kind: str
    years: int


@dataclass
class Thing:
    """A state."""

    title: str
    inner: Inner
    one: Part | None
    many: tuple[Part, ...]
    by_id: dict[str, Part]
    words: frozenset[str] = frozenset()
    day: date = date(2027, 3, 1)
    deep: Any = None
    log: list[str] = field(default_factory=list)


class PartAnswer(Representation):
    """A part."""

    name: str
    size: int


class ThingAnswer(Representation):
    """A thing."""

    state: str = "there"
    title: str
    inner: Inner
    one: PartAnswer | None
    many: list[PartAnswer]
    by_id: list[PartAnswer]
    words: Annotated[list[str], From(convert=sorted)]
    day: date
    size: Annotated[int, From("inner.years")]
    count: Annotated[int, From("many", len)]


THING = Thing(
    "Akte", Inner(kind="B", years=10), Part("a", 1), (Part("b", 2), Part("c", 3)), {"x": Part("d", 4)},
    frozenset({"zwei", "eins"}),
)  # fmt: skip


def test_fields_are_attributes_of_their_name() -> None:
    answered = ThingAnswer.read(THING)
    assert (answered["title"], answered["day"]) == ("Akte", date(2027, 3, 1))


def test_a_field_with_a_default_is_the_same_for_all() -> None:
    assert ThingAnswer.read(THING)["state"] == "there"
    assert next(iter(ThingAnswer.read(THING))) == "state"


def test_a_field_may_come_from_elsewhere_and_be_converted() -> None:
    answered = ThingAnswer.read(THING)
    assert (answered["size"], answered["count"], answered["words"]) == (10, 2, ["eins", "zwei"])


def test_parts_are_read_by_their_own_model_from_lists_and_mappings() -> None:
    answered = ThingAnswer.read(THING)
    assert answered["one"] == {"name": "a", "size": 1}
    assert answered["many"] == [{"name": "b", "size": 2}, {"name": "c", "size": 3}]
    assert answered["by_id"] == [{"name": "d", "size": 4}]


def test_a_part_that_is_not_there_is_none() -> None:
    empty = Thing("x", THING.inner, None, (), {})
    assert ThingAnswer.read(empty)["one"] is None
    assert ThingAnswer.read(empty)["by_id"] == []


def test_models_of_the_domain_are_answered_as_their_fields() -> None:
    answered = ThingAnswer.read(THING)["inner"]
    assert answered == {"kind": "B", "years": 10}
    answered["kind"] = "V"
    assert THING.inner.kind == "B", "a copy"


def test_what_is_read_is_json_of_the_model() -> None:
    answered = ThingAnswer.read(THING)
    assert ThingAnswer.model_validate_json(to_json(answered)).model_dump() == answered


def test_the_schema_requires_every_field() -> None:
    schema = ThingAnswer.model_json_schema(mode="serialization")
    assert set(schema["required"]) == set(ThingAnswer.model_fields)
    assert schema["description"] == "A thing."


def test_a_state_without_the_attribute_is_a_fault_of_ours() -> None:
    with pytest.raises(AttributeError):
        ThingAnswer.read(Part("a", 1))


class Moved(ThingAnswer):
    """The same, one room further in."""

    @classmethod
    def find_attribute(cls, name: str) -> str:
        """All of it lies in `deep`."""
        return f"deep.{name}"


def test_a_model_may_say_where_its_fields_lie() -> None:
    around = Thing("außen", THING.inner, None, (Part("o", 0),), {}, deep=THING)
    answered = Moved.read(around)
    assert answered["title"] == "Akte"
    assert (answered["size"], answered["count"]) == (10, 1), "what is said of a field itself counts more"
