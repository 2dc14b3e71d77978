"""A figure defends itself: basis, source and range; and figures are found and replaced by their paths."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.figures import Count, Figure, Share, find_figures, replace_figures
from simulation.scenario.json_schema import list_known_keys, scenario_schema
from simulation.scenario.model import RolloutScenario
from simulation.scenario.units import Unit
from tests.conftest import load_small

SPEC = load_small().spec
PATHS = [path for path, _, _ in find_figures(SPEC)]
GOOD: dict[str, Any] = {"value": 5, "basis": "assumed", "source": "measured", "low": 3, "high": 8}


def test_an_assumed_figure_with_its_range_is_accepted() -> None:
    assert Figure[Count](**GOOD).uncertain


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"low": None, "high": None}, "assumed needs low and high"),
        ({"low": None, "high": None, "basis": "fitted"}, "fitted needs low and high"),
        ({"low": None, "high": None, "basis": "casework"}, "casework needs low and high"),
        ({"low": None}, "go together"),
        ({"high": None}, "go together"),
        ({"low": 6}, "outside its range 6 to 8"),
        ({"high": 4}, "outside its range 3 to 4"),
        ({"basis": "report"}, "needs a fact id"),
        ({"basis": "guess"}, "Input should be"),
        ({"source": ""}, "at least 3 characters"),
        ({"value": -1}, "greater than or equal to 0"),
        ({"value": "5"}, "valid integer"),
        ({"value": True}, "valid integer"),
        ({"value": 5.5}, "valid integer"),
        ({"note": "more"}, "Extra inputs"),
    ],
)
def test_a_figure_that_cannot_be_defended_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Figure[Count](**{**GOOD, **change})


@pytest.mark.parametrize("source", ["F097", "see C29, year end", "Z04: derived", "Y14 leaves open"])
def test_a_figure_of_the_report_names_its_fact(source: str) -> None:
    figure = Figure[Count](value=5, basis="report", source=source)
    assert not figure.uncertain


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1.01, -0.01])
def test_a_share_is_a_finite_number_between_nothing_and_all(value: float) -> None:
    with pytest.raises(ValidationError):
        Figure[Share](value=value, basis="public", source="somewhere")


def test_a_range_of_one_value_is_not_uncertain() -> None:
    assert not Figure[Count](**{**GOOD, "low": 5, "high": 5}).uncertain


def test_every_figure_has_a_path_of_its_own_and_a_unit() -> None:
    found = find_figures(SPEC)
    assert len({path for path, _, _ in found}) == len(found) > 80
    assert all(isinstance(unit, Unit) for _, _, unit in found)
    assert all(isinstance(figure, Figure) for _, figure, _ in found)


@given(st.sampled_from(PATHS), st.integers(0, 10_000))
def test_a_replaced_figure_changes_and_no_other(path: str, value: int) -> None:
    after = {name: figure for name, figure, _ in find_figures(replace_figures(SPEC, {path: value}))}
    for name, figure, _ in find_figures(SPEC):
        assert after[name].value == (value if name == path else figure.value)
        assert after[name].source == figure.source


def test_nothing_to_replace_gives_the_same_object() -> None:
    assert replace_figures(SPEC, {}) is SPEC
    assert replace_figures(SPEC, {"no.such.path": 1.0}) is SPEC


def test_the_path_of_an_item_stays_when_another_comes_before_it() -> None:
    first = SPEC.deadlines[0].model_copy(update={"id": "earlier"})
    longer = SPEC.model_copy(update={"deadlines": [first, *SPEC.deadlines]})
    assert set(PATHS) <= {path for path, _, _ in find_figures(longer)}


def test_keys_that_a_scenario_may_have_are_known_at_every_depth() -> None:
    assert {"kind", "horizon", "risks", "deadlines"} <= set(list_known_keys(()))
    assert list_known_keys(("rollout", "training"))[0] == "trainers"
    assert list_known_keys(("early_users", 0)) == ["authority", "from", "users"]
    assert list_known_keys(("rollout", "lead_days")) == ["value", "basis", "source", "low", "high"]
    assert "ministry" in list_known_keys(("mail", "items_per_user_day"))
    assert list_known_keys(("name",)) == []


def test_the_schema_describes_every_section_and_every_unit() -> None:
    definitions = scenario_schema()["$defs"]
    for name, definition in definitions.items():
        assert definition.get("description") or "enum" in definition, name
    for path, _, unit in find_figures(SPEC):
        if path.startswith("adoption."):
            field = definitions["Adoption"]["properties"][path.removeprefix("adoption.")]
            assert field["description"] == f"Unit: {unit.en} ({unit.de})."


def test_a_file_that_extends_another_need_not_say_anything_else() -> None:
    schema = scenario_schema()
    assert schema["else"]["then"] == {"$ref": "#/$defs/RolloutScenarioPart"}
    assert "required" not in schema["$defs"]["RolloutScenarioPart"]
    required = {info.alias or name for name, info in RolloutScenario.model_fields.items() if info.is_required()}
    assert set(schema["$defs"]["RolloutScenario"]["required"]) == required


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    schema = scenario_schema()

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [one for value in node.values() for one in references(value)]
        return [one for item in node for one in references(item)] if isinstance(node, list) else []

    used = {one.removeprefix("#/$defs/") for one in references(schema)}
    assert used == set(schema["$defs"])


def test_no_definition_of_one_kind_of_scenario_stands_for_that_of_another() -> None:
    definitions = scenario_schema()["$defs"]
    for model in (RolloutScenario, CaseworkScenario):
        for name, definition in model.model_json_schema(by_alias=True)["$defs"].items():
            if not name.startswith("Figure"):
                assert set(definitions[name].get("properties", {})) == set(definition.get("properties", {})), name
