"""The reconstruction of the NRW plan, added up again straight from its CSV files, without any code of eva.

What a number stands on is named by the ids of the facts register (F..., C..., Y..., Z...).
"""

import csv
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import holidays
import networkx as nx
import pytest

NRW = Path(__file__).parents[3] / "scenarios" / "nrw"
OFF = holidays.country_holidays("DE", subdiv="NW", years=range(2017, 2027))
FACT = re.compile(r"\b[FCYZ]\d{2,3}\b")
LATE = date(2021, 6, 30)
REPORT = date(2021, 8, 31)


def rows(name):
    with (NRW / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AUTHORITIES = rows("authorities.csv")
PROJECTS = {row["id"]: row for row in rows("projects.csv")}
REGION = {row["id"]: row["region"] for row in rows("names.csv")}
EARLY_USERS = [(date(2018, 1, 1), 15), (date(2019, 1, 1), 539)]  # F094 F095: MWIDE, years; its go-live takes over
PRODUCTS = ("users_e_akte", "users_e_laufmappe")
PHASES = [f"{phase}_{edge}" for phase in ("preparation", "introduction", "operation") for edge in ("start", "end")]
KINDS = {
    "ministry": 12,
    "independent": 2,
    "upper_authority": 3,
    "district_government": 5,
    "police": 50,
    "state_enterprise": 7,
    "institution": 47,
    "finance": 132,
}
USERS_OF_KIND = {
    "ministry": 7_200,
    "independent": 430,
    "upper_authority": 3_500,
    "district_government": 8_000,
    "police": 41_000,
    "state_enterprise": 11_500,
    "institution": 3_370,
    "finance": 36_389,
}
FINISHED = {"mwide", "mkffi", "it-nrw", "lbv", "jm", "vm"}


def day(text):
    return date.fromisoformat(text)


def go_live(row):
    return day(row["go_live"])


def users(product, when):
    live = sum(int(row[product]) for row in AUTHORITIES if go_live(row) <= when)
    mwide = next(row for row in AUTHORITIES if row["id"] == "mwide")
    early = [number for start, number in EARLY_USERS if start <= when < go_live(mwide)]
    return live + (early[-1] if early else 0)


def members(project):
    return [row for row in AUTHORITIES if row["project"] == project]


def is_working(when):
    return when.weekday() < 5 and when not in OFF


def cell_groups():
    """Every group of cells that shares a basis: (row id, group, row)."""
    for row in [*AUTHORITIES, *PROJECTS.values()]:
        for column in row:
            if column.endswith("_basis"):
                yield row["id"], column.removesuffix("_basis"), row


def test_there_are_258_authorities_in_45_projects() -> None:
    assert (len(AUTHORITIES), len(PROJECTS)) == (258, 45)  # F088
    assert {row["project"] for row in AUTHORITIES} == set(PROJECTS)


def test_ids_and_names_are_unique() -> None:
    for column in ("id", "name"):
        assert len({row[column] for row in AUTHORITIES}) == 258
        assert len({row[column] for row in PROJECTS.values()}) == 45
    assert all(re.fullmatch(r"[a-z0-9-]+", row["id"]) for row in [*AUTHORITIES, *PROJECTS.values()])


def test_kinds_are_as_many_as_in_the_table_of_the_domain_notes() -> None:
    assert Counter(row["kind"] for row in AUTHORITIES) == KINDS


@pytest.mark.parametrize(("kind", "total"), USERS_OF_KIND.items())
def test_users_of_a_kind_are_near_the_table_of_the_domain_notes(kind: str, total: int) -> None:
    found = sum(int(row["users_e_laufmappe"]) for row in AUTHORITIES if row["kind"] == kind)
    assert found == pytest.approx(total, rel=0.1)


def test_names_follow_the_organisation_of_the_state() -> None:
    starts = Counter(row["id"].split("-")[0] for row in AUTHORITIES)
    assert (starts["pp"], starts["kpb"]) == (18, 29)
    assert (starts["fa"], starts["gkbp"], starts["strafa"]) == (104, 15, 10)
    assert (starts["br"], starts["zfsl"]) == (5, 33)


def test_all_users_add_up() -> None:
    assert [sum(int(row[product]) for row in AUTHORITIES) for product in PRODUCTS] == [75_000, 111_389]  # F100


def test_finance_has_no_central_e_akte_and_all_others_use_both() -> None:
    for row in AUTHORITIES:
        expected = "0" if row["kind"] == "finance" else row["users_e_laufmappe"]  # F050
        assert row["users_e_akte"] == expected, row["id"]
        assert int(row["users_e_laufmappe"]) > 0, row["id"]


@pytest.mark.parametrize(
    ("year", "e_akte", "e_laufmappe"),
    [
        (2017, 0, 0),  # F093
        (2018, 15, 15),  # F094
        (2019, 539, 539),  # F095
        (2020, 1_083, 1_083),  # F096
        (2021, 11_113, 13_643),  # F097
        (2022, 26_022, 37_916),  # F098
        (2023, 53_587, 76_614),  # F099
        (2024, 75_000, 111_389),  # F100
    ],
)
def test_every_year_end_is_that_of_the_report_to_the_person(year: int, e_akte: int, e_laufmappe: int) -> None:
    assert [users(product, date(year, 12, 31)) for product in PRODUCTS] == [e_akte, e_laufmappe]


@pytest.mark.parametrize("product", PRODUCTS)
def test_checkpoints_of_2021(product: str) -> None:
    assert users(product, date(2021, 3, 31)) == 1_365  # Landesrechnungshof, domain 6
    assert users(product, LATE) == 4_900  # F102


@pytest.mark.parametrize("when", [LATE, REPORT])
def test_exactly_the_six_finished_authorities_are_live(when: date) -> None:
    assert {row["id"] for row in AUTHORITIES if go_live(row) <= when} == FINISHED  # F092


def test_18000_users_are_in_preparation_when_the_report_appears() -> None:
    begun = {name for name, row in PROJECTS.items() if day(row["preparation_start"]) <= REPORT}
    coming = [row for row in AUTHORITIES if row["project"] in begun and go_live(row) > LATE]
    assert sum(int(row["users_e_laufmappe"]) for row in coming) == 18_000  # F103 C04


def test_the_rollout_begins_in_april_2020_with_the_model_ministry_before_it() -> None:
    starts = {name: day(row["preparation_start"]) for name, row in PROJECTS.items() if name != "p-mwide"}
    assert min(starts.values()) == date(2020, 4, 1)  # F087
    assert [row["go_live"] for row in AUTHORITIES if row["id"] == "mwide"] == ["2020-06-22"]  # F133, domain 6


@pytest.mark.parametrize("project", PROJECTS)
def test_phases_follow_each_other(project: str) -> None:
    row = PROJECTS[project]
    days = {name: day(row[name]) for name in PHASES}
    assert all(a <= b for a, b in pairwise(days.values()))
    for phase in ("preparation", "introduction", "operation"):
        assert days[f"{phase}_start"] < days[f"{phase}_end"]
    assert all(is_working(when) for when in days.values())


@pytest.mark.parametrize("project", PROJECTS)
def test_authorities_go_live_in_the_introduction_of_their_project_the_last_at_its_end(project: str) -> None:
    row = PROJECTS[project]
    lives = [go_live(member) for member in members(project)]
    assert all(day(row["introduction_start"]) < when <= day(row["introduction_end"]) for when in lives)
    assert max(lives) == day(row["introduction_end"])


@pytest.mark.parametrize("project", [name for name in PROJECTS if name != "p-mwide"])
def test_phases_last_as_long_as_the_domain_notes_suggest(project: str) -> None:
    row = PROJECTS[project]
    size = sum(int(member["users_e_laufmappe"]) for member in members(project))

    def months(start, end):
        return (day(row[end]) - day(row[start])).days / 30.44

    assert 3 <= months("preparation_start", "preparation_end") <= (12 if size > 1_000 else 6)
    assert months("introduction_start", "introduction_end") <= (5 if len(members(project)) == 1 else 9)
    assert 2 <= months("operation_start", "operation_end") <= 3.3


def test_nothing_goes_live_on_a_day_off_or_around_christmas() -> None:
    for row in AUTHORITIES:
        when = go_live(row)
        assert is_working(when), row["id"]
        assert (1, 10) < (when.month, when.day) < (12, 15), row["id"]


def test_projects_wait_for_each_other_without_a_circle_and_only_for_what_is_introduced() -> None:
    order = nx.DiGraph()
    order.add_nodes_from(PROJECTS)
    for name, row in PROJECTS.items():
        for needed in filter(None, row["depends_on"].split(";")):
            assert day(PROJECTS[needed]["introduction_end"]) <= day(row["introduction_start"]), (needed, name)
            order.add_edge(needed, name)
    assert set(order) == set(PROJECTS)
    assert nx.is_directed_acyclic_graph(order)


def test_the_model_ministry_comes_before_the_other_ministries() -> None:
    for row in AUTHORITIES:
        if row["kind"] == "ministry" and row["id"] != "mwide":
            assert PROJECTS[row["project"]]["depends_on"] == "p-mwide"  # F127


def test_protection_need_is_high_where_the_kind_asks_for_it_and_only_after_its_release() -> None:
    high = {row["id"] for row in AUTHORITIES if row["protection"] == "high"}
    assert {row["id"] for row in AUTHORITIES if row["kind"] in {"police", "independent"}} | {"im", "jm"} <= high
    assert {row["protection"] for row in AUTHORITIES} == {"normal", "high"}
    assert all(go_live(row) > date(2021, 5, 31) for row in AUTHORITIES if row["id"] in high)  # F041: spring 2021


def test_scan_centre_detmold_serves_the_westphalian_district_governments_since_2019() -> None:
    clients = {row["id"]: day(row["scan_from"]).year for row in AUTHORITIES if row["scan_centre"] == "detmold"}
    assert clients == {"br-arnsberg": 2019, "br-detmold": 2019, "br-muenster": 2019}  # F079 Y18


def test_scan_centre_rheinland_begins_with_its_pilot_then_the_ministries() -> None:
    first = {row["id"]: day(row["scan_from"]) for row in AUTHORITIES if row["scan_centre"] == "rheinland"}
    ministries = {row["id"] for row in AUTHORITIES if row["kind"] == "ministry"}
    assert ministries <= set(first)
    assert first["mwide"] == date(2021, 12, 1)  # F075
    assert {first[name].year for name in ministries - {"mwide"}} == {2022}  # F078
    others = [when for name, when in first.items() if name not in ministries]
    assert min(first[name] for name in ministries - {"mwide"}) < date(2022, 7, 1) <= min(others)


def test_the_assumed_second_central_scan_centre_serves_westphalia_from_2023() -> None:
    for row in AUTHORITIES:
        if row["scan_centre"] == "westfalen":
            assert REGION[row["id"]] == "Westfalen"
            assert day(row["scan_from"]) >= date(2023, 1, 1)
            assert row["scan_basis"] == "assumed"


def test_every_authority_has_a_scan_centre_but_finance_and_the_one_with_its_own() -> None:
    without = [row for row in AUTHORITIES if not row["scan_centre"]]
    assert {row["kind"] for row in without if row["id"] != "lbv"} == {"finance"}
    assert len(without) == 132 + 1
    assert all(bool(row["scan_centre"]) == bool(row["scan_from"]) for row in AUTHORITIES)
    assert {row["scan_centre"] for row in AUTHORITIES} == {"", "detmold", "rheinland", "westfalen"}


def test_no_central_scan_centre_takes_mail_before_its_client_is_live() -> None:
    for row in AUTHORITIES:
        if row["scan_centre"] in {"rheinland", "westfalen"}:
            assert day(row["scan_from"]) >= go_live(row), row["id"]
            assert is_working(day(row["scan_from"])), row["id"]


def test_every_cell_names_what_it_stands_on() -> None:
    for name, group, row in cell_groups():
        basis, source = row[f"{group}_basis"], row[f"{group}_source"]
        assert basis in {"report", "public", "assumed"}, (name, group)
        assert len(source) >= 3, (name, group)
        if basis == "report":
            assert FACT.search(source), (name, group)
        if basis == "public":
            assert re.search(r"domain \d|LOG NRW", source), (name, group)


def test_every_assumed_size_has_a_range_around_it() -> None:
    for row in AUTHORITIES:
        if row["users_basis"] == "assumed":
            assert int(row["users_low"]) <= int(row["users_e_laufmappe"]) <= int(row["users_high"]), row["id"]
            assert int(row["users_low"]) < int(row["users_high"]), row["id"]


def test_names_of_single_offices_that_nobody_checked_are_not_called_known() -> None:
    for row in AUTHORITIES:
        if row["id"].startswith(("fa-", "gkbp-", "strafa-", "zfsl-")):
            assert row["identity_basis"] == "assumed", row["id"]


def test_the_script_rebuilds_both_lists_byte_for_byte(tmp_path: Path) -> None:
    script = NRW / "reconstruct.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    for name in ("authorities.csv", "projects.csv"):
        assert (tmp_path / name).read_bytes() == (NRW / name).read_bytes()
