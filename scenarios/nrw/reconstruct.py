"""Rebuild `authorities.csv` and `projects.csv` from names, size weights and planned windows.

The report of August 2021 gives totals, not lists (Y02, Y03). This script shows how each cell of the reconstruction
came about: names and rough sizes stand in `names.csv`, windows in `windows.py`; sizes are scaled in groups so that the
user table of the report comes out to the person. Run it as `python scenarios/nrw/reconstruct.py [FOLDER]`.
"""

import csv
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays
from windows import AFTER, FINISHED, FITTED, GO_LIVES, GROUPS, HIGH, HIGH_KINDS, KNOWN_SIZE, RANGES, WINDOWS

HERE = Path(__file__).parent
OFF = holidays.country_holidays("DE", subdiv="NW", years=range(2017, 2027))


def find_working_day(day: date) -> date:
    """The first working day at or after `day`."""
    while day.weekday() > 4 or day in OFF:
        day += timedelta(1)
    return day


def spread_go_lives(first: date, last: date, number: int) -> list[date]:
    """`number` go-lives on Mondays from `first` to `last`, evenly, the last one on `last`."""
    if number == 1:
        return [last]
    weeks = (last - first).days // 7
    return [find_working_day(first + timedelta(7 * round(weeks * n / (number - 1)))) for n in range(number - 1)] + [
        last
    ]


def scale(sizes: list[int], total: int) -> list[int]:
    """`sizes` in proportion so that they add up to `total` (largest remainders)."""
    exact = [size * total / sum(sizes) for size in sizes]
    whole = [int(x) for x in exact]
    for n in sorted(range(len(sizes)), key=lambda n: whole[n] - exact[n])[: total - sum(whole)]:
        whole[n] += 1
    return whole


def size_authorities(names: list[dict[str, str]]) -> dict[str, int]:
    """Users of every authority."""
    users = {row["id"]: int(row["size"]) for row in names}
    for group in GROUPS:
        members = [row["id"] for row in names if row["project"] in group.projects]
        users |= dict(zip(members, scale([users[a] for a in members], group.total), strict=True))
    return users


def plan_go_lives(names: list[dict[str, str]]) -> dict[str, date]:
    """Planned go-live of every authority: those of a project evenly from its first to its last, small ones first."""
    days: dict[str, date] = {}
    for project, window in WINDOWS.items():
        members = sorted((r for r in names if r["project"] == project), key=lambda r: int(r["size"]))
        first, last = date.fromisoformat(window.first_go_live), date.fromisoformat(window.introduction_end)
        days |= zip((r["id"] for r in members), spread_go_lives(first, last, len(members)), strict=True)
    return days | {a: date.fromisoformat(day) for a, day in GO_LIVES.items()}


def describe_size(row: dict[str, str], size: int) -> dict[str, Any]:
    """Users, their range where assumed, and where they come from.

    The range is 30 % to either side within that of the kind; offices of which no size is known have that of the kind.
    """
    cells: dict[str, Any] = {"users_e_akte": 0 if row["kind"] == "finance" else size, "users_e_laufmappe": size}
    if row["id"] in KNOWN_SIZE:
        basis, source = KNOWN_SIZE[row["id"]]
        return cells | {"users_basis": basis, "users_low": "", "users_high": "", "users_source": source}
    low, high = RANGES[row["kind"]]
    if row["id"].startswith(("fa-", "gkbp-", "strafa-")):
        low, high = 120, 450
    elif row["id"].startswith("zfsl-"):
        low, high = 20, 80
    else:
        low, high = min(max(low, round(size * 0.7)), size), max(min(high, round(size * 1.3)), size)
    grouped = next((g.source for g in GROUPS if row["project"] in g.projects), None)
    kind = "domain 5: range and sum of its kind; Y03: no sizes in the report"
    source = FITTED.get(row["id"]) or grouped or kind
    return cells | {"users_basis": "assumed", "users_low": low, "users_high": high, "users_source": source}


def describe_go_live(row: dict[str, str], day: date) -> dict[str, str]:
    """The planned go-live and where it comes from."""
    basis, source = "assumed", "Y02; spread so that the user table comes out"
    if row["id"] == "mwide":
        basis, source = "public", "domain 6: E-Akte leading from 22 June 2020; F133 gives the month"
    elif row["id"] in FINISHED:
        source = "F092: in use by August 2021; day assumed"
    elif row["project"] in {project for project, w in WINDOWS.items() if w.preparation_start <= "2021-08-31"}:
        source = "Y02; among the 18,000 of the coming months (F103, C04); day assumed"
    return {"go_live": day.isoformat(), "go_live_basis": basis, "go_live_source": source}


def describe_protection(row: dict[str, str]) -> dict[str, str]:
    """Protection need (Schutzbedarf): `high` for what handles police, penal or audit matters."""
    high = row["kind"] in HIGH_KINDS or row["id"] in HIGH
    source = "F041 allows high since spring 2021; which authority needs it is assumed by kind"
    if row["id"] == "mwide":
        source = "assumed: went live before high was released (F041); domain 1.5 says it has run in high since 2021"
    return {"protection": "high" if high else "normal", "protection_basis": "assumed", "protection_source": source}


def describe_scanning(row: dict[str, str], go_live: date, ministries: list[str]) -> dict[str, str]:
    """Scan centre, from when, and where that comes from. `ministries` in the order in which they are connected."""
    centre, start, basis, source = _choose_scan_centre(row, go_live, ministries)
    first = start.isoformat() if start else ""
    return {"scan_centre": centre, "scan_from": first, "scan_basis": basis, "scan_source": source}


def _choose_scan_centre(row: dict[str, str], go_live: date, ministries: list[str]) -> tuple[str, date | None, str, str]:
    if row["kind"] == "finance":
        return "", None, "assumed", "F050 F067: hosts its own E-Akte; assumed to keep its own mail intake"
    if row["id"] == "lbv":
        return "", None, "public", "domain 3.5: LBV runs its own post and scan office"
    if row["id"] in ("br-arnsberg", "br-detmold", "br-muenster"):
        source = "F079: since 2019 for the Westphalian Bezirksregierungen; Y18 which; the day is not stated"
        return "detmold", date(2019, 7, 1), "report", source
    if row["id"] == "mwide":
        return "rheinland", date(2021, 12, 1), "assumed", "F075: pilot at the end of 2021; pilot client assumed"
    if row["kind"] == "ministry":
        turn = find_working_day(date(2022, 1, 10) + timedelta(28 * ministries.index(row["id"])))
        return "rheinland", max(turn, go_live), "assumed", "F078: ministries first from 2022; order assumed"
    if row["region"] == "Rheinland":
        source = "F078: all further authorities from 2022; day and centre assumed"
        return "rheinland", max(date(2022, 7, 4), go_live), "assumed", source
    source = "F078 F105 speak of central scan centres; a second one is assumed (Y07)"
    return "westfalen", max(date(2023, 1, 9), go_live), "assumed", source


COLUMNS = (
    "id", "name", "kind", "department", "project", "users_e_akte", "users_e_laufmappe", "go_live", "protection",
    "scan_centre", "scan_from", "identity_basis", "identity_source", "project_basis", "project_source", "users_basis",
    "users_low", "users_high", "users_source", "go_live_basis", "go_live_source", "protection_basis",
    "protection_source", "scan_basis", "scan_source",
)  # fmt: skip


def list_authorities(names: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Rows of authorities.csv."""
    users, days = size_authorities(names), plan_go_lives(names)
    ministries = sorted(
        (r["id"] for r in names if r["kind"] == "ministry" and r["id"] != "mwide"), key=days.__getitem__
    )
    rows = []
    for row in names:
        cells = {
            **row,
            **describe_size(row, users[row["id"]]),
            **describe_go_live(row, days[row["id"]]),
            **describe_protection(row),
            **describe_scanning(row, days[row["id"]], ministries),
            "project_basis": "assumed",
            "project_source": "Y02: not in the report; domain 5: cut of the 45 projects",
        }
        rows.append({column: cells[column] for column in COLUMNS})
    return rows


def get_dates_source(project: str) -> str:
    """Where the dates of a project come from."""
    if project == "p-mwide":
        return "F130 F131 F133: tried in 2018 and 2019, live in June 2020; the other days are assumed"
    if project.removeprefix("p-") in FINISHED:
        return "F087 F092: after April 2020, in use by August 2021; the days are assumed"
    return "Y01 Y02; lengths as in domain 6; year ends as in F093 to F100"


def list_projects() -> list[dict[str, Any]]:
    """Rows of projects.csv."""
    return [
        {
            "id": project, "name": w.name, "name_en": w.name_en,
            "preparation_start": w.preparation_start, "preparation_end": w.preparation_end,
            "introduction_start": w.introduction_start, "introduction_end": w.introduction_end,
            "operation_start": w.introduction_end, "operation_end": w.operation_end, "depends_on": w.depends_on,
            "name_basis": "assumed", "name_source": "F088: 45 projects; Y02: not listed; cut as in domain 5",
            "dates_basis": "assumed", "dates_source": get_dates_source(project),
            "depends_basis": "assumed", "depends_source": AFTER[w.depends_on],
        }
        for project, w in WINDOWS.items()
    ]  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path = HERE) -> None:
    """Write both lists into `folder`."""
    with (HERE / "names.csv").open(encoding="utf-8", newline="") as file:
        names = list(csv.DictReader(file))
    write(folder / "authorities.csv", list_authorities(names))
    write(folder / "projects.csv", list_projects())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
