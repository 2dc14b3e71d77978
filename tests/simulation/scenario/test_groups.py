"""Lists that a scenario says itself: groups spread their go-lives, faults name their place, milestones are counted."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.inputs.faults import UnusableInput
from simulation.levers.load import load, load_with_warnings
from simulation.scenario.fields import Dated, Text
from simulation.scenario.figures import Figure
from simulation.scenario.model import AuthorityGroup, Milestone
from simulation.scenario.programme import Scenario, count_reported, list_members
from tests.conftest import ROOT

FOLDER = ROOT / "scenarios" / "programmes"
EFAB = (FOLDER / "efab.yaml").read_text(encoding="utf-8").replace("base.yaml", "programmes/base.yaml")
FIRST = date(2021, 9, 1)


@pytest.fixture(scope="module")
def regions() -> Scenario:
    return load(FOLDER / "model-regions.yaml")


def number(value: int) -> Figure[int]:
    return Figure[int](value=value, basis="public", source="invented for tests")


def make_group(count: int, days: int, **more: Any) -> AuthorityGroup:
    def day(value: date) -> Dated:
        return Dated(value=value, basis="public", source="invented for tests")

    fields: dict[str, Any] = {
        "id": "office",
        "title": Text(de="Amt", en="office"),
        "kind": "institution",
        "department": "Ressort",
        "project": "p",
        "count": number(count),
        "users_each": number(7),
        "first_go_live": day(FIRST),
        "last_go_live": day(FIRST + timedelta(days)),
    }
    return AuthorityGroup(**{**fields, **more})


@given(st.integers(1, 60), st.integers(0, 700))
def test_members_go_live_evenly_from_the_first_day_to_the_last(count: int, days: int) -> None:
    members = list(list_members(make_group(count, days)))
    found = [member.go_live for member in members]
    assert len(members) == count
    assert found == sorted(found)
    assert found[0] == FIRST
    assert count == 1 or found[-1] == FIRST + timedelta(days)
    gaps = [(b - a).days for a, b in pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(st.integers(2, 60))
def test_members_have_ids_of_their_own_and_the_users_of_each(count: int) -> None:
    members = list(list_members(make_group(count, 30)))
    assert len({member.id for member in members}) == count
    assert {member.users_e_akte for member in members} == {7} == {member.users_e_laufmappe for member in members}
    assert members[1].name == "Amt 2"


def test_a_single_one_has_the_name_of_its_group() -> None:
    (only,) = list_members(make_group(1, 0))
    assert (only.id, only.name) == ("office", "Amt")


def test_mail_of_a_connected_group_is_scanned_from_its_go_live() -> None:
    members = list(list_members(make_group(3, 20, scan_centre="rheinland")))
    assert {member.scan_centre for member in members} == {"rheinland"}
    assert [member.scan_from for member in members] == [member.go_live for member in members]


FAULTS = [
    ("project: further", "project: nowhere", "`nowhere` is no project"),
    ("last_go_live: {value: 2022-06-30", "last_go_live: {value: 2021-10-01", "goes live last on 2021-10-01"),
    ("kind: district_government", "kind: kingdom", "`authorities.0.kind`"),
    ("count: {value: 1,", "count: {value: 0,", "`authorities.0.count.value`: 0"),
    ("introduction: {from: 2021-08-16", "introduction: {from: 2022-08-16", "its phases are not in order"),
    ("measure: authorities_live", "measure: happiness", "`milestones.0.measure`"),
    ("    users_each:", "    users_all:", "unknown key `users_all`"),
    ("date: 2022-12-31", "date: 2055-12-31", "lies outside the horizon"),
    ("id: efab-further", f"id: {'e' * 60}", "id of the last of 4 has 62 characters, at most 60"),
    ('de: "Weitere Bezirksregierung"', f'de: "{"W" * 300}"', "title.de of the last of 4 has 302 characters"),
    ('basis: assumed\n    source: "F158: in', "basis: assumed\n    source: a #", "`projects.0.source`: a"),
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[new[:40] for _, new, _ in FAULTS])
def test_a_fault_in_a_list_names_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in EFAB
    other = tmp_path / "other.yaml"
    other.write_text(EFAB.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UnusableInput) as unusable:
        load_with_warnings(other)
    told = [fault for fault in unusable.value.faults if says in str(fault)]
    assert told, unusable.value.faults
    assert told[0].place.file == str(other)
    assert told[0].place.line > 1
    assert "(a list)" not in str(told[0])


def test_groups_hold_no_more_authorities_than_a_list_beside_the_scenario(tmp_path: Path) -> None:
    head, groups = EFAB.split("authorities:\n")
    group, projects = groups.split("projects:\n", 1)
    count = "count: {value: 1, basis: report"
    first = group.split("  - id: efab-further")[0].replace(count, count.replace("1", "2000"))
    assert first != group
    many = "".join(first.replace("id: efab-arnsberg", f"id: group-{n}") for n in range(11))
    other = tmp_path / "many.yaml"
    other.write_text(f"{head}authorities:\n{many}projects:\n{projects}", encoding="utf-8")
    with pytest.raises(UnusableInput) as unusable:
        load(other)
    assert [fault.wrong.en for fault in unusable.value.faults] == ["`authorities`: 22,000 in all groups"]
    assert unusable.value.faults[0].place.line > head.count("\n")


def test_more_chosen_than_considered_is_refused() -> None:
    assert make_group(65, 10, considered=number(110)).considered == number(110)
    with pytest.raises(ValueError, match="65 chosen of 10"):
        make_group(65, 10, considered=number(10))


@pytest.mark.parametrize(
    ("measure", "day", "project", "count"),
    [
        ("authorities", date(2021, 8, 31), None, 175),
        ("authorities", date(2021, 8, 31), "reuses", 110),
        ("considered", date(2021, 8, 31), None, 580),
        ("authorities_live", date(2019, 6, 2), None, 0),
        ("authorities_live", date(2019, 6, 3), None, 1),
        ("authorities_live", date(2024, 1, 1), None, 175),
        ("users", date(2024, 1, 1), "projects", 6500),
        ("projects_begun", date(2018, 7, 1), None, 0),
        ("projects_begun", date(2018, 7, 2), None, 1),
        ("projects_in_preparation", date(2019, 6, 2), "projects", 1),
        ("projects_in_introduction", date(2019, 6, 3), "projects", 1),
        ("projects_done", date(2021, 12, 10), "projects", 1),
        ("releases", date(2020, 3, 31), None, 0),
        ("releases", date(2020, 4, 1), None, 1),
        ("releases", date(2021, 3, 31), None, 4),
    ],
)
def test_what_is_reported_is_counted_on_its_day(
    regions: Scenario, measure: Any, day: date, project: str | None, count: int
) -> None:
    fields = {"id": "m", "title": Text(de="m", en="m"), "date": day, "at_least": number(0)}
    assert count_reported(regions, Milestone(measure=measure, project=project, **fields)) == count


def test_a_programme_is_checked_and_its_levers_are_listed(eva: Callable[..., Any]) -> None:
    first, *milestones = eva("check", "programmes/model-regions.yaml").out.splitlines()
    assert first.endswith("ok, 175 authorities in 2 projects")
    assert any("110 reuses in preparation: 110 (F265)" in told for told in milestones)
    listed = eva("levers", "programmes/model-regions.yaml", "--all").out
    assert "project.reuses.start" in listed
    assert "authorities.model-regions-projects.count" not in listed
