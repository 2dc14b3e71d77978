"""Of the members of a union the one that the value resembles most is told of, at a place of the value."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow.engine.naming.located_errors import locate_errors


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cat(Closed):
    name: str


class Pair(Closed):
    both: Annotated[tuple["int | Cat | Pair", ...], Field(min_length=2)]


class House(Closed):
    inside: int | Cat | Pair = 1
    names: dict[Annotated[str, Field(max_length=3)], Literal["a", "b"]] = {}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"inside": "x"}, [(("inside",), "int_parsing")]),
        ({"inside": {}}, [(("inside", "name"), "missing")]),
        ({"inside": {"nam": "Mia"}}, [(("inside", "name"), "missing"), (("inside", "nam"), "extra_forbidden")]),
        ({"inside": {"both": 5}}, [(("inside", "both"), "tuple_type")]),
        ({"inside": {"both": [1]}}, [(("inside", "both"), "too_short")]),
        ({"inside": {"both": [1, {"name": 2}]}}, [(("inside", "both", 1, "name"), "string_type")]),
        ({"inside": {"both": [{"both": []}, 1]}}, [(("inside", "both", 0, "both"), "too_short")]),
        ({"names": {"long": "a"}}, [(("names", "long"), "string_too_long")]),
        ({"names": {"x": "c"}, "more": 1}, [(("names", "x"), "literal_error"), (("more",), "extra_forbidden")]),
    ],
)  # fmt: skip
def test_the_nearest_member_is_told_of(value: dict[str, Any], told: list[tuple[Any, str]]) -> None:
    with pytest.raises(ValidationError) as wrong:
        House.model_validate(value)
    assert [(one.place, one.error["type"]) for one in locate_errors(wrong.value.errors(), value)] == told
