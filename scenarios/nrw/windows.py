"""The data of the reconstruction: windows of the 45 projects, totals of groups, known sizes, and why projects wait.

`reconstruct.py` makes the lists of authorities and projects from it. Sources are the facts of the report (F…, Y…, Z…)
and the notes on the domain.
"""

from typing import NamedTuple


class Group(NamedTuple):
    """Projects whose authorities are scaled together to a total, and where the total comes from."""

    projects: tuple[str, ...]
    total: int
    source: str


GROUPS = (
    # E-Akte 2023: 27,565 (F099 - F098) less BLB, MPA and institutions
    Group(
        ("p-pol-duesseldorf", "p-pol-koeln"), 22_599, "domain 5: 250 to 3,500 each; scaled to the growth of 2023 (F099)"
    ),
    # E-Akte 2024: 21,413 (F100 - F099) less Straßen.NRW and schools
    Group(("p-pol-arnsberg", "p-pol-nord"), 14_913, "domain 5: 250 to 3,500 each; scaled to the growth of 2024 (F100)"),
    # domain 5: institutions 3,370 and LRH with LDI 430, in two clusters
    Group(("p-einrichtungen",), 2_200, "domain 5: 20 to 400 each, 3,370 in all; LRH 350, LDI 80"),
    Group(("p-schule",), 1_600, "domain 5: 20 to 400 each, 3,370 in all"),
    # so that 18,000 users are in preparation in August 2021 (F103)
    Group(("p-fin-02",), 2_452, "domain 5: 120 to 450 each; alike, scaled so that 18,000 are in preparation (F103)"),
    # E-Laufmappe only, 2022: 9,364 (Z01) less LaFin and p-fin-02
    Group(
        ("p-fin-03", "p-fin-04"), 6_412, "domain 5: 120 to 450 each; alike, scaled to the growth of 2022 (F098, Z01)"
    ),
    Group(
        ("p-fin-05", "p-fin-06", "p-fin-07", "p-fin-08"),
        11_133,
        "domain 5: 120 to 450 each; alike, scaled to the growth of 2023 (F099, Z01)",
    ),
    Group(
        ("p-fin-09", "p-fin-10", "p-fin-11", "p-fin-12", "p-fin-13"),
        13_362,
        "domain 5: 120 to 450 each; alike, scaled to the growth of 2024 (F100, Z01)",
    ),
)
"""Users of groups of projects; all other sizes are taken from names.csv as they are."""

RANGES = {
    "ministry": (350, 1_100), "independent": (60, 450), "upper_authority": (600, 1_800),
    "district_government": (1_100, 2_400), "police": (250, 3_500), "state_enterprise": (200, 6_000),
    "institution": (20, 400), "finance": (120, 1_800),
}  # fmt: skip
"""Users that an authority of a kind may have: domain 5, "users each", a little wider where it gives one figure only."""

FITTED = {
    "mkffi": "544 more users in 2020 (F096 less F095), read as this ministry alone",
    "vm": "1,365 users in March 2021 (domain 6) less 1,083 (F096), read as this ministry alone",
    "jm": "4,900 users in June 2021 (F102) less 1,365 (domain 6), less LBV and IT.NRW",
    "lbv": "domain 5: 1,400; fitted to 4,900 users in June 2021 (F102)",
    "it-nrw": "domain 5: 200 to 5,000; fitted to 4,900 users in June 2021 (F102)",
    "ofd": "domain 5: 1,200; fitted with RZF to 2,530 users of E-Laufmappe only in 2021 (Z01)",
    "rzf": "domain 5: 1,400; fitted with OFD to 2,530 users of E-Laufmappe only in 2021 (Z01)",
}
"""Sizes in names.csv that follow from a total of the report, and how."""

KNOWN_SIZE = {
    "mwide": ("report", "F095 F131: 539 users, the whole ministry"),
    "gd": ("public", "domain 5: Geologischer Dienst 216"),
}


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
    names = ("Staatskanzlei", "State Chancellery") if short == "StK" else (f"Ministerium {short}", f"Ministry {short}")
    start, end, begin, live, over = dates
    return Window(*names, start, end, begin, live, live, over, "" if short == "MWIDE" else "p-mwide")


def _finance(number: int, *dates: str) -> Window:
    names = f"Finanzverwaltung, Service-Desk-Kreis {number}", f"Finance administration, service desk circle {number}"
    return Window(*names, *dates, "p-fin-01" if number == 2 else "p-fin-02")


def _police(name: str, name_en: str, *dates: str) -> Window:
    return Window(f"Polizei, {name}", f"Police, {name_en}", *dates)


# fmt: off
WINDOWS = {
    "p-mwide": _ministry("MWIDE", "2018-04-03", "2019-05-31", "2019-06-03", "2020-06-22", "2020-09-28"),
    "p-mkffi": _ministry("MKFFI", "2020-04-01", "2020-07-31", "2020-08-03", "2020-10-26", "2021-01-29"),
    "p-vm": _ministry("VM", "2020-08-03", "2020-12-11", "2021-01-11", "2021-03-15", "2021-05-31"),
    "p-jm": _ministry("JM", "2020-11-02", "2021-03-12", "2021-03-22", "2021-06-07", "2021-08-16"),
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
    "p-strassen": Window("Straßen.NRW", "State roads enterprise", "2023-03-06", "2024-01-26", "2024-02-05",
                         "2024-06-10", "2024-06-10", "2024-09-09", "p-vm;p-blb"),
    "p-einrichtungen": Window("Einrichtungen, LRH und LDI", "Institutions, court of audit, data protection",
                              "2023-01-09", "2023-05-26", "2023-06-05", "2023-08-21", "2023-12-04", "2024-03-04",
                              "p-stk"),
    "p-schule": Window("Einrichtungen des Schulressorts", "Institutions of the school department", "2024-01-15",
                       "2024-05-31", "2024-06-10", "2024-08-26", "2024-11-25", "2025-02-24", "p-msb"),
    "p-pol-zentral": _police("Landesoberbehörden", "central authorities", "2022-01-10", "2022-06-24", "2022-07-04",
                             "2022-09-19", "2022-11-07", "2023-02-06", "p-im"),
    "p-pol-duesseldorf": _police("Regierungsbezirk Düsseldorf", "Düsseldorf district", "2022-06-07", "2022-12-09",
                                 "2023-01-16", "2023-02-27", "2023-09-25", "2023-12-11", "p-pol-zentral"),
    "p-pol-koeln": _police("Regierungsbezirk Köln", "Köln district", "2022-10-04", "2023-04-14", "2023-04-24",
                           "2023-06-12", "2023-12-11", "2024-03-11", "p-pol-zentral"),
    "p-pol-arnsberg": _police("Regierungsbezirk Arnsberg", "Arnsberg district", "2023-07-03", "2023-12-08",
                              "2024-01-15", "2024-02-26", "2024-07-01", "2024-09-30", "p-pol-duesseldorf"),
    "p-pol-nord": _police("Regierungsbezirke Münster und Detmold", "Münster and Detmold districts", "2023-12-04",
                          "2024-05-31", "2024-06-10", "2024-08-19", "2024-12-09", "2025-03-10", "p-pol-koeln"),
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
}
# fmt: on

GO_LIVES = {"ofd": "2021-11-15", "rzf": "2021-12-06", "lafin": "2022-02-14"}
"""Go-lives that the user table fixes and an even spread would miss."""

AFTER = {
    "p-mwide": "F127: the model ministry's experience feeds the rollout since 2020; strict order assumed",
    "p-im": "assumed: the police follows its ministry",
    "p-mulnv": "assumed: an authority follows its ministry",
    "p-stk": "assumed: small authorities after the first ministries",
    "p-msb": "assumed: an authority follows its ministry",
    "p-it-nrw": "assumed: the central IT provider before other large authorities; F092 it is live",
    "p-gd-eich": "assumed: state enterprises of one ministry one after the other",
    "p-vm;p-blb": "assumed: after its ministry and another large state enterprise",
    "p-br-duesseldorf": "F109: well prepared, so taken as pilot of the Bezirksregierungen; assumed",
    "p-pol-zentral": "assumed: the central police authorities as pilot of the police",
    "p-pol-duesseldorf": "assumed: one police cluster after the other",
    "p-pol-koeln": "assumed: one police cluster after the other",
    "p-fin-01": "domain 5: OFD and data centre first, then the tax offices; order assumed",
    "p-fin-02": "domain 5: one circle of tax offices as pilot of the others; order assumed",
    "": "assumed: waits for no other project",
}
"""Why a project waits for those that it depends on."""

FINISHED = {"mwide", "mkffi", "it-nrw", "lbv", "jm", "vm"}  # F092
HIGH_KINDS = {"police", "independent"}
HIGH = {"im", "jm", "mrv"}
