"""A planner checks a scenario: whatever is wrong is told in one line with its place, and nothing is written."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulation.inputs.faults import UnusableInput
from simulation.levers.load import load, load_with_warnings

Eva = Callable[..., Any]
NRW = Path(__file__).parents[3] / "scenarios" / "nrw" / "plan-2021.yaml"
PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): .+")


class Spoilt(NamedTuple):
    """One thing spoilt in a valid file: `old` became `new`, where ▸ marks the place that the fault must name."""

    old: str
    new: str
    says: str
    file: str = "small.yaml"


HALF = "half_weeks: {value: 6, basis: assumed, source: invented for tests, low: 4, high: 10}"
HORIZON = "{start: 2021-01-01, end: 2022-12-31}"


def half(value: str, says: str) -> Spoilt:
    """One figure with a spoilt value."""
    return Spoilt(HALF, HALF.replace("value: 6", f"value: ▸{value}"), says)


def horizon(new: str, says: str) -> Spoilt:
    return Spoilt(HORIZON, new, says)


def name(new: str, says: str) -> Spoilt:
    return Spoilt("name: small", new, says)


def authorities(old: str, new: str, says: str) -> Spoilt:
    return Spoilt(old, new, says, "authorities.csv")


def projects(old: str, new: str, says: str) -> Spoilt:
    return Spoilt(old, new, says, "projects.csv")


SPOILT = [
    # keys
    Spoilt("adoption:\n", "▸colour: red\nadoption:\n", "unknown key `colour`"),
    Spoilt("adoption:\n", "▸adoptoin:\n", "`adoption`?"),
    Spoilt("half_weeks:", "▸half_week:", "`half_weeks`?"),
    Spoilt("ministry: {value: 0.6", "▸minstry: {value: 0.6", "`ministry`?"),
    Spoilt("adoption:\n", "▸name: twice\nadoption:\n", "stands here twice"),
    Spoilt(f"{HALF}\n  ninety", "▸ninety", "`adoption.half_weeks` is missing"),
    # numbers
    half(".nan", "not a finite number"),
    half(".inf", "not a finite number"),
    half("-.INF", "not a finite number"),
    half("1e400", "too large"),
    half("9" * 400, "more than 40 characters"),
    half("-6", "more than 0"),
    half("0", "more than 0"),
    half("1e308", "at most 1000000"),
    half('"6"', "a number"),
    half("true", "a number"),
    half("NO", "a number"),
    half("0x10", "a number"),
    half("1_0", "a number"),
    half("6:30", "a number"),
    half("[6]", "a number"),
    half("11", "outside its range 4.0 to 10.0"),
    Spoilt(HALF, HALF.replace("{", "▸{").replace(", low: 4, high: 10", ""), "assumed needs low and high"),
    Spoilt(HALF, HALF.replace("{", "▸{").replace(", low: 4", ""), "low and high go together"),
    Spoilt(HALF, HALF.replace("{", "▸{").replace("assumed", "report"), "fact id"),
    Spoilt(HALF, HALF.replace("assumed", "▸guessed"), "one of report, public, assumed, fitted, casework"),
    Spoilt("01-01, value: {value: 2,", "01-01, value: {value: ▸2.5,", "a whole number"),
    Spoilt("01-01, value: {value: 2,", "01-01, value: {value: ▸5000000,", "1000000"),
    # dates and times
    horizon("▸{start: 2021-01-01, end: 2020-12-31}", "before it starts"),
    horizon("▸{start: 2021-01-01, end: 2099-12-31}", "more than 30 years"),
    horizon("▸{start: 2021-01-02, end: 2022-12-31}", "first day of a month"),
    horizon("{start: 2021-01-01, end: ▸2022-02-30}", "day is out of range"),
    horizon("{start: 2021-01-01, end: ▸tomorrow}", "a day such as"),
    horizon("{start: 2021-01-01, end: ▸20221231}", "a day such as"),
    Spoilt('{from: "07:00", to: "15:30"}', '▸{from: "07:00", to: "07:00"}', "starts and ends"),
    Spoilt('to: "15:30"', 'to: ▸"25:30"', "a time of day such as 07:30"),
    Spoilt("{value: 2021-02-28", "{value: ▸2031-02-28", "outside the horizon"),
    Spoilt("    date: 2021-12-31", "    date: ▸2029-12-31", "outside the horizon"),
    Spoilt("- date: 2021-02-28", "- date: ▸2019-02-28", "outside the horizon"),
    Spoilt("- year: 2022", "- year: ▸2032", "outside the horizon"),
    # what must stand once, in order, or at all
    Spoilt("- year: 2022", "- ▸year: 2021", "`2021` stands twice in plan"),
    Spoilt("- id: all-2022", "- ▸id: users-2021", "`users-2021` stands twice in deadlines"),
    Spoilt("from: 2022-01-01, value", "from: ▸2020-01-01, value", "does not come after 2021-01-01"),
    Spoilt("kinds: [ministry, district_government]", "kinds: ▸none", "a list"),
    Spoilt(
        "01-01, value: {value: 3, basis: assumed, source: invented for tests, low: 2, high: 4}",
        "01-01, value: {value: ▸0, basis: assumed, source: invented for tests, low: 0, high: 4}",
        "would never end",
    ),
    # sense between figures and lists
    Spoilt(
        "ninety_weeks: {value: 16, basis: assumed, source: invented for tests, low: 12",
        "ninety_weeks: {value: ▸5, basis: assumed, source: invented for tests, low: 2",
        "more weeks than half_weeks",
    ),
    Spoilt(
        "pages_mean: {value: 5, basis: assumed, source: invented for tests, low: 4",
        "pages_mean: {value: ▸2, basis: assumed, source: invented for tests, low: 1",
        "below the median of 2.5",
    ),
    Spoilt("authority: ministry", "authority: ▸ministry-of-magic", "`ministry-of-magic` is no authority"),
    Spoilt("users: {value: 20, basis: assumed, source: invented for tests, low: 20, high: 20}",
           "users: {value: ▸301, basis: assumed, source: invented for tests, low: 20, high: 400}", "at most 300"),
    Spoilt("from: 2021-01-11", "from: ▸2021-06-01", "a day before its go-live on 2021-03-15"),
    Spoilt("authorities.csv", "▸nowhere.csv", "no such file"),
    Spoilt("authorities.csv", "▸../authorities.csv", "a file .csv in this folder"),
    Spoilt("kind: rollout", "kind: ▸reploy", "`kind: rollout`"),
    # YAML that is more than data
    name("name: ▸!!str small", "a tag"),
    name("name: ▸!!python/object/apply:os.system [id]", "a tag"),
    name("name: ▸! small", "a tag"),
    name("name: ▸&name small", "an anchor"),
    name("name: ▸*name", "an alias"),
    name("▸<<: {a: 1}\nname: small", "a merge key"),
    name("name: small\n▸---\nname: other", "a second document"),
    Spoilt("kind: rollout", "%YAML 1.1\n▸---\nkind: rollout", "a directive"),
    name(f"name: {'[' * 39}▸{'[' * 20}", "nested more than 40 deep"),
    name('name: ▸"a\\0b"', "control character in a text"),
    name('name: ▸"\\ud800"', "control character in a text"),
    name('▸"na\\eme": small', "control character in a key"),
    name("name: sm▸\x00all", "U+0000"),
    name("name: sm▸\u202eall", "U+202E"),
    name("name: small\n▸\tx: 1", "not YAML"),
    name("? ▸[name]\n: small", "a key that is no word"),
    # the lists
    authorities("id,name,kind", "id,▸title,kind", "unknown column `title`"),
    authorities("id,name,kind", "▸id,kind", "column `name` is missing"),
    authorities("id,name,kind", "▸id,id,name,kind", "column `id` stands twice"),
    authorities("institute,", "▸ministry,", "stands here twice, first in line 2"),
    authorities("MV,p-pilot,80", "MV,▸p-nowhere,80", "`p-nowhere` is no project"),
    authorities(",80,80,", ",80,▸eighty,", "a whole number"),
    authorities(",80,80,", ",80,▸80.5,", "a whole number"),
    authorities(",80,80,", ",80,▸nan,", "a whole number"),
    authorities(",80,80,", ",80,▸-80,", "at least 0"),
    authorities(",80,80,", ",80,▸9999999,", "at most 1000000"),
    authorities(",80,80,", ",80,▸,", "users_e_laufmappe is empty"),
    authorities("2021-03-15", "▸15.03.2021", "a date as 2021-08-31"),
    authorities("2021-03-15", "▸2021-02-30", "a date as 2021-08-31"),
    authorities("2021-03-15", "▸20210315", "a date as 2021-08-31"),
    authorities("2021-03-15", "▸2021-05-15", "outside the introduction of `p-pilot`"),
    authorities("centre,2021-04-01", "▸moon,2021-04-01", "no scan centre"),
    authorities("centre,2021-04-01", "centre,▸2021-03-31", "opens on 2021-04-01"),
    authorities(
        "police,Polizeipräsidium Mitte,police,IM,p-region,250,250,2021-11-08,high,,",
        "police,Polizeipräsidium Mitte,▸police,IM,p-region,250,250,2021-11-08,high,centre,2021-11-08",
        "no mail rate for `police`",
    ),
    authorities(
        "police,Polizeipräsidium Mitte,police,IM,p-region,250,250,2021-11-08,high,,",
        "▸police,Polizeipräsidium Mitte,police,IM,p-region,250,250,2021-11-08,high,centre,",
        "scan_centre and scan_from go together",
    ),
    authorities(",ministry,MV", ",▸palace,MV", "one of ministry, "),
    authorities("police,Pol", "▸police,extra,Pol", "26 cells; 25 as in the header"),
    authorities('institute,"Institut für Beispiele, Prüfstelle"', '▸institute,"Institut, Prüfstelle', "not CSV"),
    projects("2021-05-03,2021-07-30", "2021-07-30,2021-05-03", "preparation_end 2021-05-03 comes before"),
    projects("2021-01-04", "▸2019-01-04", "outside the horizon"),
    projects("2022-08-01", "▸2023-08-01", "outside the horizon"),
    projects("p-pilot; p-region", "▸p-moon", "`p-moon`, which is no project"),
    projects("p-pilot; p-region", "▸p-finance", "p-finance -> p-finance"),
    projects("p-finance,Fin", "▸p-nobody,Fin", "`p-nobody` has no authority"),
]  # fmt: skip


def spoil(scenario: Path, case: Spoilt) -> str:
    """Spoil one thing beside `scenario`; the place that the fault must name, as LINE:COLUMN."""
    path = scenario.parent / case.file
    text = path.read_text(encoding="utf-8")
    assert case.old in text, f"{case.old!r} is not in {case.file}"
    text = text.replace(case.old, case.new, 1)
    before, _, after = text.partition("▸")
    path.write_text(before + after, encoding="utf-8", newline="")
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}" if after else ""


@pytest.mark.parametrize("case", SPOILT, ids=lambda case: ascii(f"{case.new[:30]} {case.says}"))
def test_a_fault_is_told_with_its_place(small: Path, eva: Eva, case: Spoilt) -> None:
    place = spoil(small, case)
    done = eva("check", small)
    assert done.status == 2
    assert done.out == ""
    lines = done.err.splitlines()
    assert all(PLACE.fullmatch(line) for line in lines), done.err
    assert any(f"{case.file}:{place}" in line and case.says in line for line in lines), done.err


def test_deliveries_that_do_not_add_up_are_told(small: Path, eva: Eva) -> None:
    spoil(small, Spoilt("share: {value: 0.8", "share: {value: 0.7", ""))
    assert "the shares of the deliveries add up to 0.9; expected 1" in eva("check", small).err


def test_projects_that_wait_for_each_other_are_named(small: Path, eva: Eva) -> None:
    spoil(small, projects("2021-07-12,,", "2021-07-12,p-finance,", ""))
    assert re.search(r"projects.csv:\d:\d+: projects wait for each other: p-\S+ -> .*p-\S+$", eva("check", small).err)


def test_a_valid_scenario_is_in_order(small: Path, eva: Eva) -> None:
    told = f"{small}: ok, 5 authorities in 3 projects\n  2021-12-31  one authority in 2021: 1 (invented for tests)\n"
    assert eva("check", small) == (0, told, "")


def test_the_shipped_scenario_is_in_order(eva: Eva) -> None:
    done = eva("check", NRW)
    assert (done.status, done.err) == (0, "")
    assert "258 authorities in 45 projects" in done.out


def test_every_fault_is_told_at_once(small: Path, eva: Eva) -> None:
    spoil(small, SPOILT[0])
    spoil(small, SPOILT[2])
    spoil(small, authorities(",80,80,", ",eighty,eighty,", ""))
    spoil(small, projects("2021-01-04", "soon", ""))
    done = eva("check", small)
    names = [Path(line.split(":")[0]).name for line in done.err.splitlines()]
    assert names == ["authorities.csv", "authorities.csv", "projects.csv", "small.yaml", "small.yaml", "small.yaml"], (
        done.err
    )


CHANGES = """
changes:
  - {lever: rollout.temas, by: 1}
  - {lever: rollout.teams}
"""


def test_faults_of_form_of_lists_and_of_changes_are_told_at_once(small: Path, eva: Eva) -> None:
    spoil(small, SPOILT[0])  # an unknown key
    spoil(small, half("60", ""))
    spoil(small, authorities("centre,2021-04-01", "moon,2021-04-01", ""))
    spoil(small, authorities(",80,80,", ",eighty,80,", ""))
    spoil(small, projects("p-pilot; p-region", "p-moon", ""))
    small.write_text(small.read_text(encoding="utf-8") + CHANGES, encoding="utf-8")
    said = [line.partition(": ")[2] for line in eva("check", small).err.splitlines()]
    assert said == [
        "`moon` is no scan centre of the scenario",
        "users_e_akte `eighty` cannot be read; a whole number",
        "depends on `p-moon`, which is no project",
        "unknown key `colour`; `rollout`?",
        "`adoption.half_weeks`: value 60.0 lies outside its range 4.0 to 10.0",
        "unknown lever `rollout.temas`; such as rollout.teams, rollout.team_size, rollout.trainers",
        "`changes.1`: says no change of a change of `lever`; expected one of by, factor, to",
    ]


def test_what_only_follows_from_a_fault_is_not_told(small: Path, eva: Eva) -> None:
    spoil(small, horizon("{start: 2023-01-01, end: 2022-12-31}", ""))  # nothing lies in such a horizon
    spoil(small, projects("p-pilot,", "P Pilot,", ""))  # whose authorities have a project all the same
    spoil(small, Spoilt("opens: {value: 2021-04-01", "opens: {value: soon", ""))  # when may a centre scan?
    done = eva("check", small)
    files = [Path(line.split(":")[0]).name for line in done.err.splitlines()]
    assert files == ["projects.csv", "small.yaml", "small.yaml"], done.err


def test_good_files_are_named_beside_bad_ones(small: Path, eva: Eva) -> None:
    done = eva("check", small, "nowhere.yaml")
    assert done.status == 2
    assert done.out.startswith(f"{small}: ok")
    assert done.err == "nowhere.yaml:1:1: there is no such file\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "1:1: the file is empty"),
        (b"   \n\n", "1:1: the file is empty"),
        (b"# only a comment\n", "1:1: no mapping"),
        (b"- a\n- b\n", "1:1: a list, where a mapping is expected"),
        (b"kind: [rollout\n", "2:1: not YAML"),
        (b"kind: rollout\nname: \xfcmlaut\n", "2:7: not UTF-8; save the file as UTF-8"),
        ("kind: rollout\n".encode("utf-16"), "1:1: not UTF-8"),
        ("kind: rollout\n".encode("utf-16-le"), "1:2: the character U+0000"),
        (b"\xef\xbb\xbfkind: reploy\n", "1:7: no rollout scenario"),
        (b"[" * 100_000, "1:41: nested more than 40 deep"),
        (b"{a: " * 100_000, "1:161: nested more than 40 deep"),
        (b"- " * 100_000, "1:81: nested more than 40 deep"),
        (b"".join(b"k%d: 1\n" % n for n in range(90_000)), "more than 20,000 values"),
        (b'a: "\\UFFFFFFFF"\n', "not YAML"),
        (b"a: &a {b: *a}\n", "1:4: an anchor"),
        (b"a: &a [x]\n" + b"".join(b"%c: [*a, *a]\n" % n for n in range(98, 107)), "1:4: an anchor"),
        (b"a: !<tag:yaml.org,2002:python/name:os.system> x\n", "1:4: a tag"),
        (b"%TAG ! tag:x,2000:\n---\na: !x 1\n", "a directive"),
    ],
    ids=lambda value: None if isinstance(value, str) else ascii(value[:20]),
)
def test_what_is_no_scenario_is_refused(tmp_path: Path, eva: Eva, content: bytes, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    for command in (("check", path), ("forecast", path, "--out", tmp_path / "out")):
        done = eva(*command)
        assert done.status == 2
        assert says in done.err
        assert all(PLACE.fullmatch(line) for line in done.err.splitlines())
        assert sorted(tmp_path.iterdir()) == [path]


def test_a_huge_file_is_refused_unread(tmp_path: Path, eva: Eva) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert eva("check", path).err == f"{path}:1:1: the file has 100,000,000 bytes; at most 2,000,000\n"


@pytest.mark.parametrize("name", ["", ".", "/dev/zero", "x" * 5000, "no/such/file.yaml", "a\x1b[31m.yaml"])
def test_a_name_that_is_no_file_is_refused(eva: Eva, name: str) -> None:
    done = eva("check", name)
    assert done.status == 2
    assert PLACE.fullmatch(done.err.rstrip("\n"))
    assert "\x1b" not in done.err


def test_a_link_to_itself_is_refused(tmp_path: Path, eva: Eva) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert eva("check", tmp_path / "loop.yaml").status == 2
    (tmp_path / "over.yaml").write_text("extends: loop.yaml\n")
    assert ":1:10: `extends: loop.yaml`" in eva("check", tmp_path / "over.yaml").err


@pytest.mark.parametrize("command", ["check", "forecast"])
def test_what_others_have_in_common_is_no_scenario_in_one_line(eva: Eva, command: str) -> None:
    done = eva(command, "programmes/base.yaml")
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert re.search(r"base\.yaml:\d+:\d+: only a common base for others", line)


class TestLists:
    """The CSV files as spreadsheets write them."""

    def test_a_byte_order_mark_and_windows_line_ends_are_read(self, small: Path) -> None:
        before = load(small)
        for name in ("authorities.csv", "projects.csv"):
            path = small.parent / name
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
        assert load(small) == before

    def test_lists_as_a_german_spreadsheet_saves_them_are_the_same_lists(self, small: Path, eva: Eva) -> None:
        wanted = load(small)
        for path in (small.parent / "authorities.csv", small.parent / "projects.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))
            days = [[re.sub(r"^(....)-(..)-(..)$", r"\3.\2.\1", cell) for cell in row] for row in rows]
            assert days != rows
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, delimiter=";").writerows(days)
        assert eva("check", small).status == 0
        found = load(small)
        assert (found.authorities, found.projects) == (wanted.authorities, wanted.projects)

    def test_a_day_of_a_german_spreadsheet_that_there_is_not_is_told(self, small: Path, eva: Eva) -> None:
        path = small.parent / "projects.csv"
        text = path.read_text(encoding="utf-8").replace(",", ";")
        line, column = next(
            (n, at + 1) for n, line in enumerate(text.splitlines(), 1) if (at := line.find("2021-")) > 0
        )
        day = text.splitlines()[line - 1][column - 1 : column + 9]
        path.write_text(text.replace(day, "31.02.2021", 1), encoding="utf-8")
        assert f"{path}:{line}:{column}: " in eva("check", small).err

    def test_tabs_are_answered_with_how_to_save(self, small: Path, eva: Eva) -> None:
        path = small.parent / "authorities.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(",", "\t"), encoding="utf-8")
        assert (
            eva("check", small).err == f"{path}:1:1: tabs between the cells; save it as CSV UTF-8 (comma separated)\n"
        )

    def test_latin_1_is_answered_with_how_to_save(self, small: Path, eva: Eva) -> None:
        path = small.parent / "authorities.csv"
        path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
        assert eva("check", small).err == f"{path}:2:23: not UTF-8; save it as CSV UTF-8 (comma separated)\n"

    @pytest.mark.parametrize("content", [b"", b"\n", b",,\n", b'"id', b"id\n" + b"x" * 200_000])
    def test_what_is_no_list_is_refused(self, small: Path, eva: Eva, content: bytes) -> None:
        (small.parent / "projects.csv").write_bytes(content)
        done = eva("check", small)
        assert done.status == 2
        assert all(PLACE.fullmatch(line) for line in done.err.splitlines())

    def test_a_list_without_rows_is_refused(self, small: Path, eva: Eva) -> None:
        path = small.parent / "projects.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
        assert "no row below the header" in eva("check", small).err

    def test_lines_are_counted_past_cells_with_line_ends(self, small: Path, eva: Eva) -> None:
        path = small.parent / "projects.csv"
        text = path.read_text(encoding="utf-8").replace("ministry with institute", '"two\nlines"')
        path.write_text(text.replace("2021-08-02", "never"), encoding="utf-8")
        assert re.search(r"projects.csv:4:\d+: introduction_start `never`", eva("check", small).err)

    def test_a_flood_of_faults_is_cut_short(self, small: Path, eva: Eva) -> None:
        path = small.parent / "authorities.csv"
        header, first, *_ = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([header, *[first.replace("2021", "soon")] * 5000]), encoding="utf-8")
        lines = eva("check", small).err.splitlines()
        assert len(lines) <= 201
        assert all(PLACE.fullmatch(line) for line in lines)


class TestExtends:
    """A what-if is laid on the scenario it starts from."""

    def over(self, small: Path, text: str) -> Path:
        path = small.parent / "over.yaml"
        path.write_text(f"extends: small.yaml\n{text}", encoding="utf-8")
        return path

    def test_only_what_differs_is_said(self, small: Path) -> None:
        changed = load(self.over(small, "name: faster\nadoption: {half_weeks: {value: 5}}\n"))
        plain = load(small)
        assert changed.spec.adoption.half_weeks.value == 5
        assert changed.spec.adoption.half_weeks.source == plain.spec.adoption.half_weeks.source
        assert changed.spec.adoption.ninety_weeks == plain.spec.adoption.ninety_weeks
        assert changed.authorities == plain.authorities
        assert changed.digest != plain.digest

    def test_lists_are_replaced(self, small: Path) -> None:
        changed = load(self.over(small, "early_users: []\n"))
        assert changed.spec.early_users == []

    def test_the_same_content_has_the_same_digest(self, small: Path) -> None:
        assert load(self.over(small, "name: small\n")).digest == load(small).digest

    def test_a_list_lies_beside_the_file_that_names_it(self, small: Path) -> None:
        far = small.parent.parent / "far.yaml"
        far.write_text("extends: small/small.yaml\nname: far\n", encoding="utf-8")
        assert load(far).authorities == load(small).authorities
        far.write_text("extends: small/small.yaml\nprojects: projects.csv\n", encoding="utf-8")
        with pytest.raises(UnusableInput, match=r"far.yaml:2:11: `projects.csv`: there is no such file"):
            load(far)

    def test_a_value_outside_the_inherited_range_names_the_range(self, small: Path, eva: Eva) -> None:
        done = eva("check", self.over(small, "adoption:\n  half_weeks: {value: 12}\n"))
        line = 1 + small.read_text(encoding="utf-8").splitlines().index(f"  {HALF}")
        assert re.fullmatch(
            r".*over.yaml:3:23: `adoption.half_weeks`: value 12.0 lies outside its range 4.0 to 10.0; "
            rf"a value within the range of .*small.yaml:{line}:\d+, or new low, high and source\n",
            done.err,
        )

    def test_a_new_value_with_its_own_range_is_fine(self, small: Path) -> None:
        text = "adoption: {half_weeks: {value: 12, low: 8, high: 14, source: a slower spring}}\n"
        assert load_with_warnings(self.over(small, text))[1] == []

    def test_a_new_value_that_keeps_the_basis_of_the_old_is_warned_of(self, small: Path, eva: Eva) -> None:
        done = eva("check", self.over(small, "scan: {paper: {kept_days: {value: 90}}}\n"))
        assert done.status == 0
        assert re.fullmatch(
            r"warning: .*over.yaml:2:35: `scan.paper.kept_days` is 90 instead of 180, but keeps the basis `public` "
            r"of the old value; its own basis and source\n",
            done.err,
        )

    def test_a_fault_is_told_in_the_file_that_made_it(self, small: Path, eva: Eva) -> None:
        spoil(small, SPOILT[1])
        err = eva("check", self.over(small, "colour: red\n")).err
        assert "over.yaml:2:1: unknown key `colour`" in err
        assert re.search(r"small.yaml:\d+:1: unknown key `adoptoin`", err)

    def test_lists_off_the_plan_are_warned_of(self, small: Path, eva: Eva) -> None:
        path = small.parent / "authorities.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(",80,80,", ",81,81,"), encoding="utf-8")
        done = eva("check", small)
        assert done.status == 0
        assert "warning: " in done.err
        assert "the lists give 1,231 users of e_akte at the end of 2021; plan: 1,230" in done.err

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("extends: nowhere.yaml\n", "1:10: `extends: nowhere.yaml`: there is no such file"),
            ("extends: over.yaml\n", "1:10: files extend each other: over.yaml -> over.yaml"),
            ("extends: [small.yaml]\n", "1:10: `extends` is no file name"),
            ("extends: 7\n", "1:10: `extends` is no file name"),
            ("extends:\n", ": `extends` is no file name"),
            ("extends: /etc/passwd\n", "1:10: `extends` is no file name"),
            ("extends: .\n", "there is no such file"),
            (f"extends: {'x' * 5000}\n", "there is no such file"),
            ('extends: "a\\0b"\n', "control character"),
        ],
    )
    def test_a_base_that_cannot_be_read_is_told(self, small: Path, eva: Eva, text: str, says: str) -> None:
        path = small.parent / "over.yaml"
        path.write_text(text, encoding="utf-8")
        done = eva("check", path)
        assert done.status == 2
        assert says in done.err

    def test_a_circle_of_files_is_named(self, small: Path, eva: Eva) -> None:
        for name, base in (("a", "b"), ("b", "c"), ("c", "b")):
            (small.parent / f"{name}.yaml").write_text(f"extends: {base}.yaml\n", encoding="utf-8")
        done = eva("check", small.parent / "a.yaml")
        assert done.err == f"{small.parent / 'c.yaml'}:1:10: files extend each other: b.yaml -> c.yaml -> b.yaml\n"

    def test_a_long_chain_is_refused(self, small: Path, eva: Eva) -> None:
        for number in range(30):
            (small.parent / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n", encoding="utf-8")
        assert "more than 20 files extend each other" in eva("check", small.parent / "0.yaml").err
