"""Rebuild `authorities.csv` and `projects.csv` from names, size weights and planned windows.

The report of August 2021 gives totals, not lists (Y02, Y03). This script shows how each cell of the reconstruction
came about: names and rough sizes stand in `names.csv`, windows below; sizes are scaled in groups so that the user
table of the report comes out to the person. Run it as `python scenarios/nrw/reconstruct.py [FOLDER]`.
"""

import csv
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import holidays

HERE = Path(__file__).parent
OFF = holidays.country_holidays("DE", subdiv="NW", years=range(2017, 2027))

TARGETS = {
    ("p-pol-duesseldorf", "p-pol-koeln"): 22_599,  # E-Akte 2023: 27,565 (F099 - F098) less BLB, MPA and institutions
    ("p-pol-arnsberg", "p-pol-nord"): 14_913,  # E-Akte 2024: 21,413 (F100 - F099) less Straßen.NRW and schools
    ("p-einrichtungen",): 2_200,  # institutions 3,370 and LRH with LDI 430 (domain 5), less the schools' cluster
    ("p-schule",): 1_600,
    ("p-fin-02",): 2_452,  # so that 18,000 users are in preparation in August 2021 (F103)
    ("p-fin-03", "p-fin-04"): 6_412,  # E-Laufmappe only, 2022: 9,364 (Z01) less LaFin and p-fin-02
    ("p-fin-05", "p-fin-06", "p-fin-07", "p-fin-08"): 11_133,  # 2023 (Z01)
    ("p-fin-09", "p-fin-10", "p-fin-11", "p-fin-12", "p-fin-13"): 13_362,  # 2024 (Z01)
}
"""Users of groups of projects; all other sizes are taken from names.csv as they are."""


class Window(NamedTuple):
    """A project's plan: names, five dates, the first go-live if there are several, and what must come before."""

    name: str
    name_en: str
    preparation_start: str
    preparation_end: str
    introduction_start: str
    first_go_live: str
    introduction_end: str
    operation_end: str
    depends_on: str = ""


def _ministry(short: str, *dates: str) -> Window:
    after = "" if short == "MWIDE" else "p-mwide"
    start, end, begin, live, over = dates
    return Window(f"Ministerium {short}" if short != "StK" else "Staatskanzlei", f"Ministry {short}"
                  if short != "StK" else "State Chancellery", start, end, begin, live, live, over, after)  # fmt: skip


def _finance(number: int, *dates: str) -> Window:
    return Window(f"Finanzverwaltung, Service-Desk-Kreis {number}", f"Finance administration, service desk circle {number}",
                  *dates, "p-fin-01" if number == 2 else "p-fin-02")  # fmt: skip


def _police(name: str, *dates: str) -> Window:
    return Window(f"Polizei, {name}", f"Police, {name}", *dates)


WINDOWS = {
    "p-mwide": _ministry("MWIDE", "2018-04-03", "2019-05-31", "2019-06-03", "2020-06-22", "2020-09-28"),
    "p-mkffi": _ministry("MKFFI", "2020-04-01", "2020-07-31", "2020-08-03", "2020-10-26", "2021-01-29"),
    "p-jm": _ministry("JM", "2020-08-03", "2020-12-11", "2021-01-11", "2021-03-15", "2021-05-31"),
    "p-vm": _ministry("VM", "2020-09-01", "2021-02-12", "2021-02-15", "2021-04-26", "2021-07-12"),
    "p-stk": _ministry("StK", "2021-02-01", "2021-05-28", "2021-06-07", "2021-09-06", "2021-11-22"),
    "p-mags": _ministry("MAGS", "2021-03-01", "2021-06-25", "2021-07-05", "2021-10-04", "2021-12-13"),
    "p-fm": _ministry("FM", "2021-03-15", "2021-07-09", "2021-07-19", "2021-10-18", "2022-01-17"),
    "p-mulnv": _ministry("MULNV", "2021-03-01", "2021-07-02", "2021-07-12", "2021-10-25", "2022-01-24"),
    "p-mhkbg": _ministry("MHKBG", "2021-04-06", "2021-07-30", "2021-08-09", "2021-11-08", "2022-01-31"),
    "p-im": _ministry("IM", "2021-02-15", "2021-07-16", "2021-07-26", "2021-11-22", "2022-02-21"),
    "p-msb": _ministry("MSB", "2021-07-12", "2021-11-12", "2021-11-22", "2022-02-21", "2022-05-16"),
    "p-mkw": _ministry("MKW", "2021-08-02", "2021-11-26", "2021-12-06", "2022-03-14", "2022-06-13"),
    "p-lbv": Window("Landesamt für Besoldung und Versorgung", "State office for pay and benefits",
                    "2020-08-03", "2021-02-26", "2021-03-01", "2021-05-17", "2021-05-17", "2021-08-16"),
    "p-it-nrw": Window("Landesbetrieb IT.NRW", "State IT enterprise IT.NRW", "2020-06-02", "2021-02-26", "2021-03-01",
                       "2021-06-14", "2021-06-14", "2021-09-13", "p-mwide"),
    "p-br-duesseldorf": Window("Bezirksregierung Düsseldorf", "District government Düsseldorf", "2021-01-11",
                               "2021-07-09", "2021-07-19", "2021-11-29", "2021-11-29", "2022-02-28", "p-it-nrw"),
    "p-br-koeln": Window("Bezirksregierung Köln", "District government Köln", "2021-06-14", "2021-12-10", "2022-01-10",
                         "2022-03-28", "2022-03-28", "2022-06-27", "p-br-duesseldorf"),
    "p-br-arnsberg": Window("Bezirksregierung Arnsberg", "District government Arnsberg", "2021-07-05", "2021-12-17",
                            "2022-01-17", "2022-05-02", "2022-05-02", "2022-08-01", "p-br-duesseldorf"),
    "p-br-muenster": Window("Bezirksregierung Münster", "District government Münster", "2021-11-02", "2022-04-01",
                            "2022-04-11", "2022-06-27", "2022-06-27", "2022-09-26", "p-br-duesseldorf"),
    "p-br-detmold": Window("Bezirksregierung Detmold", "District government Detmold", "2021-12-01", "2022-05-06",
                           "2022-05-16", "2022-08-29", "2022-08-29", "2022-11-28", "p-br-duesseldorf"),
    "p-lanuv": Window("LANUV", "State office for nature and environment", "2021-08-16", "2022-01-28", "2022-02-07",
                      "2022-05-16", "2022-05-16", "2022-08-15", "p-mulnv"),
    "p-gd-eich": Window("Geologischer Dienst und Eichwesen", "Geological survey and metrology", "2022-01-17",
                        "2022-05-13", "2022-05-23", "2022-08-01", "2022-08-22", "2022-11-21", "p-it-nrw"),
    "p-wald-lwk": Window("Wald und Holz, Landwirtschaftskammer", "Forestry and agriculture", "2022-02-07", "2022-06-10",
                         "2022-06-20", "2022-09-12", "2022-10-10", "2023-01-16", "p-mulnv"),
    "p-mpa": Window("Materialprüfungsamt", "Materials testing", "2023-01-16", "2023-05-12", "2023-05-22", "2023-08-21",
                    "2023-08-21", "2023-11-20", "p-gd-eich"),
    "p-blb": Window("Bau- und Liegenschaftsbetrieb", "State building enterprise", "2022-10-10", "2023-03-31",
                    "2023-04-17", "2023-07-10", "2023-07-10", "2023-10-09", "p-it-nrw"),
    "p-strassen": Window("Straßen.NRW", "State roads enterprise", "2023-03-06", "2024-01-26", "2024-02-05", "2024-06-10",
                         "2024-06-10", "2024-09-09", "p-vm;p-blb"),
    "p-einrichtungen": Window("Einrichtungen, LRH und LDI", "Institutions, court of audit, data protection",
                              "2023-01-09", "2023-05-26", "2023-06-05", "2023-08-21", "2023-12-04", "2024-03-04",
                              "p-stk"),
    "p-schule": Window("Einrichtungen des Schulressorts", "Institutions of the school department", "2024-01-15",
                       "2024-05-31", "2024-06-10", "2024-08-26", "2024-11-25", "2025-02-24", "p-msb"),
    "p-pol-zentral": _police("Landesoberbehörden", "2022-01-10", "2022-06-24", "2022-07-04", "2022-09-19", "2022-11-07",
                             "2023-02-06", "p-im"),
    "p-pol-duesseldorf": _police("Regierungsbezirk Düsseldorf", "2022-06-07", "2022-12-09", "2023-01-16", "2023-02-27",
                                 "2023-09-25", "2023-12-11", "p-pol-zentral"),
    "p-pol-koeln": _police("Regierungsbezirk Köln", "2022-10-04", "2023-04-14", "2023-04-24", "2023-06-12", "2023-12-11",
                           "2024-03-11", "p-pol-zentral"),
    "p-pol-arnsberg": _police("Regierungsbezirk Arnsberg", "2023-07-03", "2023-12-08", "2024-01-15", "2024-02-26",
                              "2024-07-01", "2024-09-30", "p-pol-duesseldorf"),
    "p-pol-nord": _police("Regierungsbezirke Münster und Detmold", "2023-12-04", "2024-05-31", "2024-06-10",
                          "2024-08-19", "2024-12-09", "2025-03-10", "p-pol-koeln"),
    "p-fin-01": Window("Finanzverwaltung, OFD, RZF und LaFin", "Finance administration, central offices", "2021-02-01",
                       "2021-07-30", "2021-08-09", "2021-11-15", "2022-02-14", "2022-05-16", "p-it-nrw"),
    "p-fin-02": _finance(2, "2021-08-09", "2022-02-11", "2022-02-21", "2022-04-04", "2022-05-30", "2022-08-29"),
    "p-fin-03": _finance(3, "2022-02-07", "2022-06-24", "2022-07-04", "2022-09-05", "2022-10-31", "2023-01-30"),
    "p-fin-04": _finance(4, "2022-03-07", "2022-07-29", "2022-08-08", "2022-10-10", "2022-12-05", "2023-03-06"),
    "p-fin-05": _finance(5, "2022-08-15", "2022-12-09", "2023-01-09", "2023-02-27", "2023-04-24", "2023-07-24"),
    "p-fin-06": _finance(6, "2022-11-07", "2023-03-10", "2023-03-20", "2023-05-02", "2023-07-03", "2023-10-02"),
    "p-fin-07": _finance(7, "2023-02-06", "2023-06-16", "2023-06-26", "2023-08-21", "2023-10-09", "2024-01-15"),
    "p-fin-08": _finance(8, "2023-05-02", "2023-08-25", "2023-09-04", "2023-10-23", "2023-12-11", "2024-03-11"),
    "p-fin-09": _finance(9, "2023-08-21", "2023-12-08", "2024-01-15", "2024-02-26", "2024-04-22", "2024-07-22"),
    "p-fin-10": _finance(10, "2023-11-06", "2024-03-15", "2024-03-25", "2024-05-06", "2024-07-01", "2024-09-30"),
    "p-fin-11": _finance(11, "2024-01-15", "2024-05-17", "2024-05-27", "2024-07-15", "2024-09-09", "2024-12-09"),
    "p-fin-12": _finance(12, "2024-03-04", "2024-07-12", "2024-07-22", "2024-09-02", "2024-10-28", "2025-01-27"),
    "p-fin-13": _finance(13, "2024-04-15", "2024-08-23", "2024-09-02", "2024-10-14", "2024-12-09", "2025-03-10"),
}  # fmt: skip

GO_LIVES = {"ofd": "2021-11-15", "rzf": "2021-12-06", "lafin": "2022-02-14"}
"""Go-lives that the user table fixes and an even spread would miss."""

REPORTED_SIZE = {"mwide": ("report", "F095"), "gd": ("public", "domain 5: Geologischer Dienst 216")}
FINISHED = {"mwide", "mkffi", "it-nrw", "lbv", "jm", "vm"}  # F092
HIGH_KINDS = {"police", "independent"}
HIGH = {"im", "mrv"}


def working_day(day: date) -> date:
    """The first working day at or after `day`."""
    while day.weekday() > 4 or day in OFF:
        day += timedelta(1)
    return day


def spread(first: date, last: date, number: int) -> list[date]:
    """`number` go-lives on Mondays from `first` to `last`, evenly, the last one on `last`."""
    if number == 1:
        return [last]
    weeks = (last - first).days // 7
    return [working_day(first + timedelta(7 * round(weeks * n / (number - 1)))) for n in range(number - 1)] + [last]


def scaled(sizes: list[int], total: int) -> list[int]:
    """`sizes` in proportion so that they add up to `total` (largest remainders)."""
    exact = [size * total / sum(sizes) for size in sizes]
    whole = [int(x) for x in exact]
    for n in sorted(range(len(sizes)), key=lambda n: whole[n] - exact[n])[: total - sum(whole)]:
        whole[n] += 1
    return whole


def sized(names: list[dict[str, str]]) -> dict[str, int]:
    """Users of every authority."""
    users = {row["id"]: int(row["size"]) for row in names}
    for projects, total in TARGETS.items():
        group = [row["id"] for row in names if row["project"] in projects]
        users |= dict(zip(group, scaled([users[a] for a in group], total), strict=True))
    return users


def go_lives(names: list[dict[str, str]]) -> dict[str, date]:
    """Planned go-live of every authority: those of a project evenly from its first to its last, small ones first."""
    days: dict[str, date] = {}
    for project, window in WINDOWS.items():
        members = sorted((r for r in names if r["project"] == project), key=lambda r: int(r["size"]))
        first, last = date.fromisoformat(window.first_go_live), date.fromisoformat(window.introduction_end)
        days |= zip((r["id"] for r in members), spread(first, last, len(members)), strict=True)
    return days | {a: date.fromisoformat(day) for a, day in GO_LIVES.items()}


def scanning(row: dict[str, str], go_live: date, ministries: list[str]) -> tuple[str, date | None, str, str]:
    """Scan centre, first day, basis and source of an authority's scanning."""
    if row["kind"] == "finance":
        return "", None, "assumed", "F050 F067: hosts its own E-Akte; assumed to keep its own mail intake"
    if row["id"] == "lbv":
        return "", None, "public", "domain 3.5: LBV runs its own post and scan office"
    if row["id"] in ("br-arnsberg", "br-detmold", "br-muenster"):
        return "detmold", date(2019, 7, 1), "report", "F079 since 2019 for the Westphalian Bezirksregierungen; Y18 which; day assumed"
    if row["id"] == "mwide":
        return "rheinland", date(2021, 12, 1), "assumed", "F075 pilot at the end of 2021; pilot client assumed"
    if row["kind"] == "ministry":
        turn = working_day(date(2022, 1, 10) + timedelta(28 * ministries.index(row["id"])))
        return "rheinland", max(turn, go_live), "assumed", "F078 ministries first from 2022; order assumed"
    if row["region"] == "Rheinland":
        return "rheinland", max(date(2022, 7, 4), go_live), "assumed", "F078 all further authorities from 2022; day and centre assumed"
    return "westfalen", max(date(2023, 1, 9), go_live), "assumed", "F078 speaks of central centres; a second one is assumed"


def authorities(names: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Rows of authorities.csv."""
    users, days = sized(names), go_lives(names)
    ministries = sorted((r["id"] for r in names if r["kind"] == "ministry" and r["id"] != "mwide"), key=days.__getitem__)
    rows = []
    for row in names:
        size, finance = users[row["id"]], row["kind"] == "finance"
        centre, start, scan_basis, scan_source = scanning(row, days[row["id"]], ministries)
        basis, source = REPORTED_SIZE.get(row["id"], ("assumed", "domain 5: range of its kind; calibrated to the user table"))
        high = row["kind"] in HIGH_KINDS or row["id"] in HIGH
        done = row["id"] in FINISHED
        rows.append({
            **{k: row[k] for k in ("id", "name", "kind", "department", "project")},
            "users_e_akte": 0 if finance else size, "users_e_laufmappe": size,
            "go_live": days[row["id"]].isoformat(), "protection": "high" if high else "normal",
            "scan_centre": centre, "scan_from": start.isoformat() if start else "",
            "identity_basis": row["identity_basis"], "identity_source": row["identity_source"],
            "project_basis": "assumed", "project_source": "Y02; domain 5: cut of the 45 projects",
            "users_basis": basis, "users_low": round(size * 0.7) if basis == "assumed" else "",
            "users_high": round(size * 1.3) if basis == "assumed" else "", "users_source": source,
            "go_live_basis": "assumed",
            "go_live_source": ("F092 live by August 2021; day assumed" if row["id"] != "mwide" else
                               "F133 June 2020; day by domain 6") if done else "Y02; spread so that the user table comes out",
            "protection_basis": "assumed", "protection_source": "F041 allows high; which authority needs it is assumed by kind",
            "scan_basis": scan_basis, "scan_source": scan_source,
        })  # fmt: skip
    return rows


def projects() -> list[dict[str, Any]]:
    """Rows of projects.csv."""
    return [
        {
            "id": project, "name": w.name, "name_en": w.name_en,
            "preparation_start": w.preparation_start, "preparation_end": w.preparation_end,
            "introduction_start": w.introduction_start, "introduction_end": w.introduction_end,
            "operation_start": w.introduction_end, "operation_end": w.operation_end, "depends_on": w.depends_on,
            "name_basis": "assumed", "name_source": "F088: 45 projects; Y02: not listed; cut as in domain 5",
            "dates_basis": "assumed", "dates_source": "Y01 Y02; lengths as in domain 6; year ends as in F093 to F100",
            "depends_basis": "assumed", "depends_source": "F127 the model ministry first; else pilots first",
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
    write(folder / "authorities.csv", authorities(names))
    write(folder / "projects.csv", projects())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
