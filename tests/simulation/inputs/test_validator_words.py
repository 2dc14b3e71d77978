"""What a validator says becomes plain words, once, at a place that exists in the file."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from simulation.inputs.validator_words import read_problems, show_path


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cat(Closed):
    name: str
    lives: Annotated[int, Field(ge=1, le=9)] = 9


class Basket(Closed):
    animals: tuple["Cat | Basket", ...] = Field(min_length=1)
    colour: Literal["red", "green"] | None = None


class House(Closed):
    basket: Basket | None = None
    code: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,7}$")] = "1"
    doors: Annotated[tuple[int, ...], Field(max_length=2)] = ()
    number: int | str = 1
    pet: int | Cat = 1
    names: dict[Annotated[str, Field(max_length=3)], int] = {}

    @field_validator("number")
    @classmethod
    def _not_thirteen(cls, value: int | str) -> int | str:
        if value == 13:
            raise ValueError("nobody lives there")
        return value


def told(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as wrong:
        House.model_validate(value)
    return [
        (show_path(one.path), one.expected.en) for one in read_problems(wrong.value.errors(include_url=False), value)
    ]


CASES: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"doors": "x"}, [("doors", "a list")]),
    ({"doors": [1, "x"]}, [("doors/2", "a whole number")]),
    ({"doors": [1, 2, 3]}, [("doors", "at most 2 of them")]),
    ({"code": "x"}, [("code", "groups of digits such as 43.21")]),
    ({"number": 13}, [("number", "nobody lives there")]),
    ({"pet": {}}, [("pet/name", "is missing")]),
    ({"names": {"long": 1}}, [("names/long/[key]", "at most 3 characters")]),
    ({"basket": {"animals": []}}, [("basket/animals", "at least 1 of them")]),
    ({"basket": {"animals": [{"name": "Mia", "lives": 10}]}}, [("basket/animals/1/lives", "at most 9")]),
    ({"basket": {"animals": [{"name": "Mia", "lives": 0}]}}, [("basket/animals/1/lives", "at least 1")]),
    ({"basket": {"animals": [{"name": 3}]}}, [("basket/animals/1/name", "a text")]),
    ({"basket": {"animals": [{"animals": [{"name": 3}]}]}}, [("basket/animals/1/animals/1/name", "a text")]),
    ({"basket": {"animals": [{"name": "x"}], "colour": "blue"}}, [("basket/colour", "one of red, green")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "says"), CASES, ids=[str(value) for value, _ in CASES])
def test_each_problem_is_told_once_where_it_is(value: Any, says: list[tuple[str, str]]) -> None:
    assert told(value) == says


def test_of_two_forms_the_one_that_the_value_resembles_complains() -> None:
    assert told({"basket": {"animals": [{"nam": "Mia"}]}})[0][0].startswith("basket/animals/1")
    assert [path for path, _ in told({"basket": {"animals": [{"lives": 3}]}})] == ["basket/animals/1/name"]
    assert [path for path, _ in told({"basket": {"animals": [{"animals": [], "colour": "red"}]}})] == [
        "basket/animals/1/animals"
    ]


def test_numbers_in_paths_count_from_one() -> None:
    assert show_path(("stations", 0, "parallel", 2, "kind")) == "stations/1/parallel/3/kind"
