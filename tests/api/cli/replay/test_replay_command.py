"""`eva replay` as a tester uses it: exit status, lines, reports, updating, tracing, coverage."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.api.server_in_thread import serving
from tests.conftest import Done

ROOT = Path(__file__).parents[4]
REPLAYS = ROOT / "scenarios" / "replays"
GOOD = REPLAYS / "mitzeichnung" / "verweigert-neuer-lauf.yaml"
RECORD = 'steps:\n  - {create: record, as: mueller, id: akte, with: {title: Akte, file_plan_code: "43.21"}}\n'


Run = Callable[..., Done]
Write = Callable[..., Path]


@pytest.fixture
def replay(eva: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `eva replay` in this process; it must end with the expected status."""

    def run(*arguments: object, language: str = "en", status: int = 0) -> Done:
        monkeypatch.setenv("EVA_LANG", language)
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))  # nobody answers
        done = eva("replay", *arguments)
        assert done.status == status, done.out + done.err
        return done

    return run


def test_one_line_a_file_and_the_reports(replay: Run, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    done = replay(GOOD, REPLAYS / "verfahren" / "grosse-datei.yaml", "--junit", junit)
    assert [line[:4] for line in done.out.splitlines()] == ["ok  ", "ok  "]
    assert "2 files, 2 cases" in done.err
    suites = ET.parse(junit).getroot()  # noqa: S314 - our own
    assert [suite.get("failures") for suite in suites] == ["0", "0"]
    told = json.loads(replay(GOOD, "--json").out)
    assert told["passed"] is True
    assert told["files"][0]["cases"][0]["steps"] == 9


def test_the_first_unmet_expectation_is_told_with_history_and_hint(replay: Run, written: Write, tmp_path: Path) -> None:
    path = written(RECORD + "  - {do: close, on: akte, as: mueller, expect: {state: closed}}\n")
    junit = tmp_path / "junit.xml"
    done = replay(path, "--junit", junit, status=1)
    assert done.out.startswith(f"FAIL {path}")
    so_far = "so far: 2021-06-01 mueller: create record -> created [record.created, file_plan.number_assigned]"
    for part in (f"{path}:9:5: step 2: close akte", "expected nothing, got 409", "only in in_work", so_far):
        assert part in done.out
    (failure,) = ET.parse(junit).getroot().iter("failure")  # noqa: S314 - our own
    assert "close akte" in failure.get("message")
    german = replay(path, language="de", status=1)
    assert "erwartet nichts, gekommen 409" in german.out


def test_all_that_is_told_of_a_refusal_is_in_the_chosen_language(replay: Run, written: Write, tmp_path: Path) -> None:
    path = written(
        RECORD + "  - {do: work, on: akte, as: mueller}\n"
        "  - {do: set_resubmission, on: akte, as: mueller, with: {due: 2021-07-01}}\n"
        "  - {do: close, on: akte, as: mueller, expect: {error: {status: 409, reason: Wiedervorlage ist noch offen}}}\n"
        "  - {do: close, on: akte, as: mueller, expect: {error: {status: 409, reason: resubmission is still open}}}\n"
        "  - {advance: P1D}\n"
        "  - {do: close, on: akte, as: mueller}\n"
    )
    with serving(tmp_path, timer_seconds=0) as served:
        server = ("--url", served.url, "--token", served.bearer("otto", "case_worker", authority="mwide"))
        for where in ((), server):
            english, german = (replay(path, *where, "--trace", language=one, status=1).out for one in ("en", "de"))
            assert "got 409 a resubmission is still open" in english
            assert "guard `no_resubmission` said no: a resubmission is still open" in english
            assert "close akte -> 409 a resubmission is still open" in english
            assert "system: time passes until 2021-06-02" in english
            assert "Wiedervorlage" not in english
            assert "gekommen 409 eine Wiedervorlage ist noch offen" in german
            assert "system: die Zeit vergeht bis 2021-06-02" in german
            assert "still open" not in german
            for told, diagram in ((english, "FAIL close"), (german, "FEHL close")):
                assert diagram in told.partition("mermaid")[2]


def test_a_guard_that_said_no_is_named(replay: Run, written: Write) -> None:
    path = written(
        RECORD + "  - {do: work, on: akte, as: mueller}\n"
        "  - {do: set_resubmission, on: akte, as: mueller, with: {due: 2021-07-01}}\n"
        "  - {do: close, on: akte, as: mueller}\n"
    )
    assert "hint: guard `no_resubmission` said no: a resubmission is still open" in replay(path, status=1).out


def test_unusable_files_are_told_by_place_and_status_two(replay: Run, written: Write, tmp_path: Path) -> None:
    path = written(RECORD + "  - {do: wrok, on: akte, as: mueller}\n")
    assert replay(path, status=2).err.splitlines()[-1].startswith(f"{path}:9:10: record knows no action `wrok`")
    assert "there is no such file" in replay(tmp_path / "none.yaml", status=2).err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no replay files in this folder" in replay(empty, status=2).err
    assert "cannot be seen" in replay(GOOD, "--url", "http://x", "--coverage", tmp_path / "c.md", status=2).err


@pytest.mark.parametrize(
    ("klein", "says"),
    [
        ("authority: mkffi, deputies: [{deputy: mueller, until: 2021-07-01}]", "not of this authority's staff"),
        ("authority: mwide, deputies: [{deputy: klein, until: 2021-07-01}]", ""),
        ("authority: mwide, deputies: [{deputy: mueller, since: 2021-07-01, until: 2021-06-20}]", ""),
        ("authority: mwide, clearance: high, deputies: [{deputy: mueller, until: 2021-07-01}]", "lacks clearance"),
        ('authority: "a\\tb"', ""),
    ],
)
def test_a_person_who_cannot_take_part_is_told_by_place(
    replay: Run, written: Write, tmp_path: Path, klein: str, says: str
) -> None:
    path = written(RECORD)
    text = path.read_text(encoding="utf-8").replace("actors:\n", f"actors:\n  klein: {{roles: [approver], {klein}}}\n")
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index(f"  klein: {{roles: [approver], {klein}}}") + 1
    with serving(tmp_path, timer_seconds=0) as served:
        for where in ((), ("--url", served.url, "--token", served.bearer("otto", "case_worker", authority="mwide"))):
            told = replay(path, *where, status=2).err.splitlines()[-1]
            assert told.startswith(f"{path}:{line}:")
            assert says in told


def test_update_asks_writes_and_keeps_comments_and_layout(replay: Run, written: Write) -> None:
    before = (
        RECORD + "  # so beginnt es\n"
        "  - {do: work, on: akte, as: mueller, expect: {state: in_work, events: [record.changed]}}  # stimmt nicht\n"
        "  - do: close\n    on: akte\n    as: mueller\n    expect:\n      state: registry\n"
    )
    path = written(before)
    replay(path, "--update", status=1)  # nobody says yes
    assert before in path.read_text(encoding="utf-8")
    replay(path, "--update", "--yes")
    after = re.sub(" +#", "  #", path.read_text(encoding="utf-8").partition("steps:")[2])  # a comment keeps its column
    wanted = before.replace("[record.changed]", "[record.worked]").replace("state: registry\n", "state: closed\n")
    assert f"steps:{after}" == wanted
    replay(path)


def test_update_writes_a_refusal_and_takes_one_away(replay: Run, written: Write) -> None:
    path = written(
        RECORD + "  - {do: work, on: akte, as: mueller, expect: {error: 409}}\n"
        "  - {do: close, on: akte, as: mueller}\n  - {do: close, on: akte, as: mueller}\n"
    )
    for _ in range(3):  # one refusal after the other: what comes after it may be otherwise then
        replay(path, "--update", "--yes")
    assert path.read_text(encoding="utf-8").splitlines()[-3:] == [
        "  - {do: work, on: akte, as: mueller}", "  - {do: close, on: akte, as: mueller}",
        "  - {do: close, on: akte, as: mueller, expect: {error: 409}}",
    ]  # fmt: skip
    replay(path)


def test_update_writes_no_sentence_where_nothing_is(replay: Run, written: Write) -> None:
    before = RECORD + "  - {look: akte, as: mueller, expect: {fields: {titel: x}}}\n"
    path = written(before)
    done = replay(path, "--update", "--yes", status=1)
    assert "fields.titel: nothing there: no `titel` here" in done.err
    assert before in path.read_text(encoding="utf-8")


def test_trace_is_a_sequence_diagram(replay: Run) -> None:
    told = replay(GOOD, "--trace").out
    assert "```mermaid\nsequenceDiagram" in told
    assert "p_schmidt->>p_mappe: refuse" in told
    assert "p_mappe-->>p_schmidt: slip.station_done, slip.returned" in told


def test_coverage_is_a_page_and_a_threshold(replay: Run, tmp_path: Path) -> None:
    page = tmp_path / "coverage.md"
    replay(GOOD, "--coverage", page)
    text = page.read_text(encoding="utf-8")
    assert "| routing-slip | " in text
    assert "classDef none" in text
    assert "class withdrawn none" in text
    html = tmp_path / "coverage.html"
    assert "not so" not in replay(GOOD, "--coverage", html, "--min-coverage", "0").err
    assert "<table>" in html.read_text(encoding="utf-8")
    replay(GOOD, "--min-coverage", "50", status=1)


def test_against_a_server(replay: Run, tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        token = served.bearer("tester", "auditor")
        replay(GOOD, "--url", served.url, "--token", token)
        assert served.client("tester", "auditor").get("/sandboxes").json()["items"] == [], "the sandbox is thrown away"
        assert "401" in replay(GOOD, "--url", served.url, "--token", "wrong", status=2).err
        at = served.client("tester", "auditor").post("/sandboxes", json={"start": "2021-06-01T08:00:00Z"}).json()["id"]
        record = ("record", "--url", served.url, "--token", token, "--out", tmp_path / "x.yaml", "--sandbox")
        assert "wurde nichts getan" in replay(*record, at, language="de", status=2).err
        assert "404 sandbox 'nix' gibt es nicht" in replay(*record, "nix", language="de", status=2).err
        assert "404 there is no sandbox 'nix'" in replay(*record, "nix", status=2).err
    gone = replay(GOOD.parent, "--url", served.url, "--token", token, status=2)
    assert (gone.out, len(gone.err.splitlines())) == ("", 1), "the first file tells, and no other is tried"
    assert f"{served.url}: no server answers: " in gone.err


@pytest.mark.parametrize("token", ["", " ", "ä", "a b", "a\nb"])
def test_what_is_no_token_is_said_before_a_server_is_asked(replay: Run, token: str, tmp_path: Path) -> None:
    assert replay(GOOD, "--url", "http://x", "--token", token, status=2).err == "--token:1:1: is no token\n"
    record = ("record", "--url", "http://x", "--token", token, "--sandbox", "x", "--out", tmp_path / "x.yaml")
    assert replay(*record, status=2).err == "--token:1:1: is no token\n"


def test_a_server_wants_a_token(replay: Run) -> None:
    assert replay(GOOD, "--url", "http://x", status=2).err == "--token:1:1: is missing; --url needs one\n"


def test_on_a_database_each_case_needs_an_empty_one(replay: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/eva"
    replay(GOOD, "--database", f"{url}-{{}}.db")
    assert "holds a log already" in replay(GOOD, "--database", f"{url}-1.db", status=2).err


def test_record_and_import_say_what_is_wrong(replay: Run) -> None:
    there = replay("record", "--url", "x", "--token", "x", "--sandbox", "x", "--out", GOOD, status=2)
    assert "is there already" in there.err
    sample = ROOT / "tests" / "api" / "replay" / "bpmn" / "camunda-modeler.bpmn"
    assert json.loads(replay("import-bpmn", sample).out)["name"] == "Bescheid"
    assert "no day" in replay("import-bpmn", sample, "--start", "morgen", status=2).err


def test_bpmn_goes_in_and_out_and_strictness_makes_warnings_faults(replay: Run, tmp_path: Path) -> None:
    sample = ROOT / "tests" / "api" / "replay" / "bpmn" / "flowable.bpmn"
    said = tmp_path / "map.yaml"
    said.write_text("Mitzeichnung B: {actor: registratur}\n", encoding="utf-8")
    assert "b2 (Mitzeichnung B)" in replay("import-bpmn", sample, status=2).err
    done = replay("import-bpmn", sample, "--map", said, "--out", tmp_path / "route.json")
    assert "warning: " in done.err
    assert "bpmn:6:5: a (Mitzeichnung A)" in done.err
    strict = replay("import-bpmn", sample, "--map", said, "--strict", status=2)
    assert (strict.out, "bpmn:6:5: a (Mitzeichnung A)" in strict.err) == ("", True)
    drawn = tmp_path / "route.bpmn"
    drawn.write_text(replay("export-bpmn", tmp_path / "route.json").out, encoding="utf-8")
    again = replay("import-bpmn", drawn, "--strict").out
    assert json.loads(again) == json.loads((tmp_path / "route.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["record", "--help"], ["import-bpmn", "--help"], ["export-bpmn", "--help"]]
)
def test_help_explains(replay: Run, arguments: list[str]) -> None:
    assert "Usage" in replay(*arguments).out
