"""A process drawn elsewhere becomes a route, or is refused with the element's name, line and column."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.replay.bpmn.element_map import ElementMap, read_map
from api.replay.bpmn.template import Import, import_template
from simulation.inputs.faults import Fault, UnusableInput
from tests.german import find_english
from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.routing_slips.templates import SaveTemplate

HERE = Path(__file__).parent / "bpmn"
DAY = date(2021, 6, 1)
ROUTES = {
    "camunda-modeler.bpmn": ("Bescheid", [
        {"kind": "co_sign", "actor": "schmidt", "deadline_days": 14, "instruction": "Rechtsgrundlage prüfen"},
        {"kind": "final_sign", "actor": "weber"},
    ]),
    "signavio.bpmn": ("Anhörung", [
        {"parallel": [{"kind": "comment", "actor": "lanuv"}, {"kind": "comment", "actor": "kreis"}]},
        {"kind": "resubmit", "actor": "dezernat", "until": "2021-09-01"},
        {"kind": "final_sign", "actor": "dezernat"},
    ]),
    "bonita.bpmn": ("Auszahlung", [{"kind": "approve", "actor": "weber"}, {"kind": "acknowledge", "actor": "klein"}]),
    "flowable.bpmn": ("Versand", [
        {"parallel": [
            {"kind": "co_sign", "actor": "schmidt"},
            {"sequence": [{"kind": "comment", "actor": "klein"}, {"kind": "co_sign", "actor": "registratur"}]},
        ]},
        {"kind": "dispatch", "actor": "registratur"},
        {"kind": "close", "actor": "mueller"},
    ]),
}  # fmt: skip


def make_map(folder: Path, text: str) -> ElementMap:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return read_map(path)


@pytest.mark.parametrize("name", ROUTES)
def test_a_process_becomes_a_route_that_can_be_used(name: str, tmp_path: Path) -> None:
    expected, stations = ROUTES[name]
    said = make_map(tmp_path, "${registratur}: {actor: registratur}\n")
    found = import_template(HERE / name, DAY, said).body
    assert found == {"name": expected, "stations": stations}
    office = Office("sqlite://")
    office.engine.handle(parse(SaveTemplate, found), PEOPLE["mueller"], "templates:mwide")
    slip = office.slip(template=expected, who="mueller")
    assert office.state(slip).state == "draft"
    office.engine.close()


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "miwg").glob("*.bpmn")))
def test_the_plain_sequence_of_every_editor_becomes_the_same_route(name: str, tmp_path: Path) -> None:
    said = make_map(tmp_path, "Task 1: {kind: co_sign, actor: schmidt}\nTask 2: {kind: approve, actor: weber}\n"
                              "Task 3: {kind: final_sign, actor: leitung}\n")  # fmt: skip
    found = import_template(HERE / "miwg" / name, DAY, said)
    assert found.body["stations"] == [
        {"kind": "co_sign", "actor": "schmidt"},
        {"kind": "approve", "actor": "weber"},
        {"kind": "final_sign", "actor": "leitung"},
    ]
    assert not found.warnings


WRAP = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:c="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:z="http://camunda.org/schema/zeebe/1.0">\n'
    '<process id="p">\n<startEvent id="s"/>\n{}\n<endEvent id="e"/>\n</process>\n</definitions>\n'
)
POOLS = '<collaboration id="c"><messageFlow id="m"/></collaboration>'
TASK = '<userTask id="{0}" name="Mitzeichnung" c:assignee="schmidt"/>\n'
FLOW = '<sequenceFlow id="{0}{1}" sourceRef="{0}" targetRef="{1}"/>\n'
AB = TASK.format("a") + TASK.format("b")
CO, FINAL = {"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}


def flows(*pairs: str) -> str:
    return "".join(FLOW.format(*pair.split(">")) for pair in pairs)


def importing(folder: Path, inside: str, said: str | None = None) -> Import:
    """The import; whatever it warns of or refuses is told in German too."""
    path = folder / "p.bpmn"
    path.write_text(WRAP.format(inside), encoding="utf-8")
    try:
        found = import_template(path, DAY, None if said is None else make_map(folder, said))
    except UnusableInput as refused:
        check_german(refused.faults)
        raise
    check_german(found.warnings)
    return found


def check_german(told: list[Fault]) -> None:
    assert [one for fault in told if find_english(one := fault.tell("de"))] == []


def task(attributes: str, inside: str = "", name: str = "Mitzeichnung") -> str:
    return f'<userTask id="a" name="{name}" {attributes}>{inside}</userTask>' + flows("s>a", "a>e")


def zeebe(inside: str) -> str:
    return task("", f"<extensionElements><z:userTask/>{inside}</extensionElements>")


def timed(timer: str, attributes: str = "") -> str:
    boundary = f'<boundaryEvent id="t" attachedToRef="a" {attributes}><timerEventDefinition>{timer}'
    return f"{TASK.format('a')}{boundary}</timerEventDefinition></boundaryEvent>" + flows("s>a", "a>e")


READ: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    (task('c:assignee="schmidt" c:candidateGroups="r12"'), [CO], ["4:1: a (Mitzeichnung): candidateGroups `r12`: a"]),
    (task('c:candidateUsers="schmidt, klein"'), [CO], ["a station has one person, so schmidt"]),
    (task('c:candidateUsers="schmidt"'), [CO], []),
    (task("", "<potentialOwner><resourceAssignmentExpression><formalExpression>user(schmidt), group(r12)"
              "</formalExpression></resourceAssignmentExpression></potentialOwner>"), [CO], ["`r12`: a group is no"]),
    (zeebe('<z:assignmentDefinition assignee="schmidt"/><z:taskSchedule dueDate="2021-06-11T23:30:00Z"/>'),
     [{**CO, "deadline": "2021-06-12"}], []),
    (zeebe('<z:assignmentDefinition assignee="=&quot;schmidt&quot;"/>'), [CO], []),
    (task('c:assignee="schmidt" c:dueDate="2021-06-11T12:00:00" c:formKey="x"'), [{**CO, "deadline": "2021-06-11"}],
     ["not read: formKey"]),
    (task('c:assignee="schmidt"', name="Sachliche Prüfung"), [CO], ["`Sachliche Prüfung` is taken for co_sign"]),
    (timed("<timeDuration>P14D</timeDuration>", 'cancelActivity="false"'), [{**CO, "deadline_days": 14}], []),
    (timed("<timeDuration>P1M</timeDuration>", 'cancelActivity="false"'), [{**CO, "deadline": "2021-07-01"}],
     ["5:86: a (Mitzeichnung): timer P1M counts from --start, so until 2021-07-01"]),
    (TASK.format("a") + '<intermediateCatchEvent id="w" name="Gutachten da"><messageEventDefinition/>'
     "</intermediateCatchEvent>" + flows("s>a", "a>w", "w>e"),
     [CO, {"kind": "resubmit", "actor": "schmidt", "awaits": "Gutachten da"}],
     ["w (Gutachten da): waits until somebody says", "w (Gutachten da): names nobody who waits, so schmidt does"]),
    (timed("<timeDate>2021-06-15</timeDate>"), [{**CO, "deadline": "2021-06-15"}], ["t: would take the work away"]),
    (timed("<timeCycle>R/P1D</timeCycle>", 'cancelActivity="false"'), [CO], ["reminders at `R/P1D` are not read"]),
    (timed("<timeDate>2021-06-15</timeDate>", 'cancelActivity="false"') + '<userTask id="x" name="Chef anrufen"/>'
     + flows("t>x", "x>e"), [{**CO, "deadline": "2021-06-15"}], ["x (Chef anrufen): on the way of the timer t, not"]),
    # a loop of review: the way on is the end
    (AB + '<exclusiveGateway id="g"/>' + flows("s>a", "a>b", "b>g", "g>a", "g>e"), [CO, CO], ["g: the way back to a"]),
    (TASK.format("a") + '<task id="r" name="Überarbeiten"/><exclusiveGateway id="g"/>'
     + flows("s>a", "a>g", "g>r", "r>a", "g>e"), [CO], ["g: the way back to r", "r (Überarbeiten): on a way back"]),
    # the last task, or one in between, that may be left out
    (AB + '<exclusiveGateway id="g"/>' + flows("s>a", "a>g", "g>b", "b>e", "g>e"), [CO, CO],
     ["g: the way to e that leads to e without b (Mitzeichnung) is not read"]),
    (AB + '<exclusiveGateway id="g"/><exclusiveGateway id="h"/>' + flows("s>g", "g>a", "a>h", "g>h", "h>b", "b>e"),
     [CO, CO], ["that leads to h without a (Mitzeichnung) is not read"]),
    # a gateway that joins and splits at once
    (AB + TASK.format("d") + TASK.format("f") + "".join(f'<parallelGateway id="{g}"/>' for g in "gmh")
     + flows("s>g", "g>a", "g>b", "a>m", "b>m", "m>d", "m>f", "d>h", "f>h", "h>e"),
     [{"parallel": [CO, CO]}, {"parallel": [CO, CO]}], []),
    # an end that terminates where nothing else runs, events in passing, one flow with a condition
    (TASK.format("a") + '<intermediateThrowEvent id="i"/><endEvent id="t"><terminateEventDefinition/></endEvent>'
     + flows("s>a", "a>i", "i>t"), [CO], []),
    (TASK.format("a") + '<endEvent id="t"><messageEventDefinition/></endEvent>' + flows("s>a", "a>t"), [CO],
     ["t: `messageEventDefinition` is not read; a route just ends"]),
    (TASK.format("a") + '<sequenceFlow id="f" sourceRef="a" targetRef="e"><conditionExpression>${ok}'
     "</conditionExpression></sequenceFlow>" + flows("s>a"), [CO], ["f: its condition is not read"]),
    (TASK.format("a") + '<textAnnotation id="n"><text>nur im Winter</text></textAnnotation>' + flows("s>a", "a>e"),
     [CO], ["n: a note, not read: `nur im Winter`"]),
    (task("", '<extensionElements><b xmlns="urn:adonis" name="A_RESPONSIBLE">Referat 12</b></extensionElements>')
     + '<laneSet id="l"><lane id="l1" name="schmidt"><flowNodeRef>a</flowNodeRef></lane></laneSet>', [CO],
     ["not read: A_RESPONSIBLE `Referat 12`", "the lane `schmidt` is taken for the person"]),
]  # fmt: skip


@pytest.mark.parametrize(("inside", "stations", "says"), READ)
def test_what_is_simplified_is_told(
    tmp_path: Path, inside: str, stations: list[dict[str, Any]], says: list[str]
) -> None:
    found = importing(tmp_path, inside)
    assert found.body["stations"] == stations
    told = "\n".join(map(str, found.warnings))
    assert all(text in told for text in says), told
    assert len(found.warnings) == len(says), told


def part(inside: str, more: str = "") -> str:
    return f'<subProcess id="x" name="Prüfen" {more}>' + inside + "</subProcess>"


WITHIN = '<startEvent id="xs"/>' + TASK.format("a") + '<endEvent id="xe"/>' + flows("xs>a", "a>xe")
PARTS = [
    part(WITHIN) + TASK.format("b") + flows("s>x", "x>b", "b>e"),
    part(TASK.format("a")) + TASK.format("b") + flows("s>x", "x>b", "b>e"),
    part('<subProcess id="y">' + WITHIN + "</subProcess>") + TASK.format("b") + flows("s>x", "x>b", "b>e"),
    TASK.format("b") + part(WITHIN) + flows("s>b", "b>x", "x>e"),
    part('<startEvent id="xs"/>' + AB + '<parallelGateway id="g"/><parallelGateway id="h"/><endEvent id="xe"/>'
         + flows("xs>g", "g>a", "g>b", "a>h", "b>h", "h>xe")) + flows("s>x", "x>e"),
]  # fmt: skip


@pytest.mark.parametrize("inside", PARTS)
def test_what_a_subprocess_shows_is_read_in_its_place(tmp_path: Path, inside: str) -> None:
    stations = importing(tmp_path, inside).body["stations"]
    assert stations in ([CO, CO], [{"parallel": [CO, CO]}])


def test_what_is_repeated_is_refused_once(tmp_path: Path) -> None:
    repeated = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    with pytest.raises(UnusableInput) as refused:
        importing(tmp_path, part(WITHIN + repeated) + flows("s>x", "x>e"))
    (fault,) = refused.value.faults
    assert "repetition cannot be represented" in str(fault)


def test_who_has_the_lane_of_a_subprocess_has_its_tasks_and_its_timer_is_told(tmp_path: Path) -> None:
    lane = '<laneSet id="l"><lane id="l1" name="schmidt"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
    timer = '<boundaryEvent id="t" attachedToRef="x"><timerEventDefinition><timeDuration>P2D</timeDuration>'
    timer += "</timerEventDefinition></boundaryEvent>"
    task = '<userTask id="a" name="Mitzeichnung"/>'
    found = importing(tmp_path, lane + part(task) + timer + flows("s>x", "x>e"))
    assert [one["actor"] for one in found.body["stations"]] == ["schmidt"]
    assert "t: at a subprocess, not read" in "\n".join(map(str, found.warnings))


@pytest.mark.parametrize("tag", ["callActivity", "subProcess", "transaction", "adHocSubProcess"])
def test_what_shows_no_content_is_what_the_map_says(tag: str, tmp_path: Path) -> None:
    drawn = f'<{tag} id="x" name="Prüfen"/>' + flows("s>x", "x>e")
    with pytest.raises(UnusableInput, match=rf"4:1: x \(Prüfen\): `{tag}` cannot .*; say in --map"):
        importing(tmp_path, drawn)
    said = "Prüfen: {kind: co_sign, actor: schmidt}\n"
    assert importing(tmp_path, drawn, said).body["stations"] == [CO]


REFUSED = [
    (part("<startEvent id='s1'/><startEvent id='s2'/>" + AB + flows("s1>a", "s2>b")) + flows("s>x", "x>e"),
     "4:1: x (Prüfen): has 2 starts; exactly one"),
    (part('<startEvent id="xs"/><endEvent id="xe"><terminateEventDefinition/></endEvent>' + flows("xs>xe"))
     + flows("s>x", "x>e"), "xe: `terminateEventDefinition` cannot end a part of a route"),
    (part(WITHIN, 'triggeredByEvent="true"'), "4:1: x (Prüfen): `subProcess` cannot be represented"),
    ('<adHocSubProcess id="x">' + TASK.format("a") + "</adHocSubProcess>", "4:1: x: `adHocSubProcess` cannot"),
    (part(WITHIN + "<standardLoopCharacteristics/>"), "4:1: x (Prüfen): repetition cannot be represented"),
    (part(WITHIN + "<serviceTask id='m'/>"), "m: `serviceTask` cannot be represented"),
    ('<serviceTask id="x"/>', "4:1: x: `serviceTask` cannot be represented"),
    ('<subProcess id="x" name="Prüfen"/>', "4:1: x (Prüfen): `subProcess` cannot be represented"),
    ('<inclusiveGateway id="x"/>', "4:1: x: `inclusiveGateway` cannot"),
    ('  <intermediateCatchEvent id="x"><linkEventDefinition/></intermediateCatchEvent>', "4:3: x: `linkEventDef"),
    (task(""), "4:1: a (Mitzeichnung): has neither assignee nor lane"),
    (task("") + '<laneSet id="l"><lane id="l1" name="${chef}"><flowNodeRef>a</flowNodeRef></lane></laneSet>',
     "lane `${chef}` is an expression that only an engine can evaluate"),
    (task('c:assignee="x"', name="Kaffee"), "4:1: a (Kaffee): `Kaffee` does not tell"),
    (task('c:assignee="x"', name="Kenntnisnahme oder Freigabe"), "may be acknowledge or approve"),
    (task('c:assignee="${initiator}"'), "assignee `${initiator}` is an expression that only an engine can evaluate"),
    (task('c:candidateGroups="r12"'), "candidateGroups `r12`: a group is no person; say who in --map"),
    (task('c:assignee="x" c:dueDate="${f}"'), "dueDate `${f}` is an expression; a day, or --map"),
    (task('c:assignee="x" c:dueDate="9999-12-31T23:59:59Z"'), "dueDate `9999-12-31T23:59:59Z` is no date"),
    (task('c:assignee="x" c:dueDate="0001-01-01T00:00:00+14:00"'), "dueDate `0001-01-01T00:00:00+14:00` is no date"),
    (task('c:assignee="x"', '<extensionElements><station xmlns="urn:eva:routing-slip" kind="co_sign" deadline_days="'
          + "9" * 5000 + '"/></extensionElements>'), "`stations/0/deadline_days`: "),
    (task('c:assignee="a:b"'), "assignee `a:b` is no name of a person"),
    (AB + '<exclusiveGateway id="g"/>' + flows("s>g", "g>a", "g>b", "a>e", "b>e"),
     "6:1: g: has 2 ways that go on (a (Mitzeichnung) or b (Mitzeichnung)); a route cannot choose"),
    (AB + flows("s>a", "a>b", "b>a"), "4:1: a (Mitzeichnung): stands in a circle"),
    (AB + '<parallelGateway id="g"/>' + flows("s>g", "g>a", "g>b", "a>e"), "b (Mitzeichnung): leads nowhere"),
    (AB + '<parallelGateway id="g"/><exclusiveGateway id="h"/>' + flows("s>g", "g>a", "g>b", "a>h", "b>h", "h>e"),
     "h: is reached on several ways at once"),
    (AB + '<parallelGateway id="g"/><endEvent id="t"><terminateEventDefinition/></endEvent>'
     + flows("s>g", "g>a", "g>b", "a>e", "b>t"), "t: ends everything while other branches run"),
    (AB + flows("s>a", "a>e"), "5:1: b (Mitzeichnung): is not reached"),
    (AB + flows("s>a", "s>b", "a>e", "b>e"), "s: splits the flow; a gateway that splits"),
    (TASK.format("a") + flows("s>a", "a>nowhere"), "6:1: anowhere: leads from or to an element that is not there: `n"),
    ("<!-- nothing -->" + flows("s>e"), "p: has no user task"),
    (TASK.format("a") * 2, "5:1: a (Mitzeichnung): the id stands twice, at 4:1 and here"),
    (TASK.format("a").replace("/>", "><multiInstanceLoopCharacteristics/></userTask>"), "a (Mitzeichnung): repetition"),
    ('<intermediateCatchEvent id="w"><timerEventDefinition><timeCycle>R3/P1D</timeCycle></timerEventDefinition>'
     "</intermediateCatchEvent>" + TASK.format("a") + flows("s>w", "w>a", "a>e"), "w: is no timer with a date"),
    ('<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>3 weeks</timeDuration>'
     "</timerEventDefinition></intermediateCatchEvent>" + TASK.format("a") + flows("s>w", "w>a", "a>e"), "no ISO 8601"),
    ('<userTask name="Mitzeichnung"/>', "4:1: Mitzeichnung: `userTask` has no id"),
    ("<unheardOf/>", "4:1: unheardOf: `unheardOf` cannot be represented"),
]  # fmt: skip


@pytest.mark.parametrize(("inside", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_cannot_be_represented_is_refused_with_name_line_and_column(
    tmp_path: Path, inside: str, says: str
) -> None:
    with pytest.raises(UnusableInput) as refused:
        importing(tmp_path, inside)
    assert any(says in str(fault) for fault in refused.value.faults), refused.value


def test_a_map_says_what_a_model_does_not(tmp_path: Path) -> None:
    inside = (
        '<serviceTask id="x" name="Archivieren"/>'
        '<sendTask id="v" name="Absenden &#10; an Bürger"/>' + TASK.format("a") + flows("s>x", "x>v", "v>a", "a>e")
    )
    said = "Archivieren: {leave_out: true}\nabsenden an bürger: {kind: dispatch, actor: post}\na: {actor: klein}\n"
    found = importing(tmp_path, inside, said)
    assert found.body["stations"] == [
        {"kind": "dispatch", "actor": "post"}, {"kind": "co_sign", "actor": "klein"},
    ]  # fmt: skip
    assert not found.warnings


def test_a_map_names_the_person_of_a_lane_a_group_or_an_expression(tmp_path: Path) -> None:
    inside = (
        '<userTask id="a" name="Mitzeichnung" c:candidateGroups="r12"/><userTask id="b" name="Freigabe"/>'
        '<laneSet id="l"><lane id="l1" name="Leitung"><flowNodeRef>b</flowNodeRef></lane></laneSet>'
        + flows("s>a", "a>b", "b>e")
    )
    found = importing(tmp_path, inside, "r12: {actor: schmidt}\nLeitung: {actor: weber}\nTypo: {actor: x}\n")
    assert found.body["stations"] == [CO, {"kind": "approve", "actor": "weber"}]
    assert [str(one).rpartition("map.yaml:")[2] for one in found.warnings] == [
        "3:1: `Typo` is nowhere in the model; a name as drawn"
    ]


def test_every_fault_of_a_map_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput) as refused:
        make_map(tmp_path, "Task 1: {kind: cosign, aktor: x}\ntask1: {leave_out: true, actor: y}\nTask 2: nothing\n")
    assert [str(fault).rpartition("map.yaml:")[2] for fault in refused.value.faults] == [
        "1:16: `kind`: cosign; one of co_sign, final_sign, approve, comment, acknowledge, resubmit, dispatch, close",
        "1:24: unknown key `aktor`; `actor`?",
        "2:1: `task1` and `Task 1` are the same name; one of them",
        "2:1: `task1` is left out and yet described; `leave_out` alone, or the others",
        "3:9: `Task 2` says nothing; such as {kind: co_sign, actor: schmidt}",
    ]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("a: {deadline_days: true}", "1:20: `deadline_days`: True; a number of days after delivery"),
        ("a: {actor: [schmidt, klein]}", "1:12: `actor`: ['schmidt', 'klein']; the name of a person, as text"),
        (
            "- a",
            "1:1: a list, where a mapping is expected; names, each with what it is, such as `Task 1: {",
        ),
    ],
)
def test_a_value_of_a_map_is_told_as_it_stands_there(tmp_path: Path, said: str, says: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        make_map(tmp_path, said)
    assert next(str(fault).rpartition("map.yaml:")[2] for fault in refused.value.faults).startswith(says)


BLACK_BOX = (
    '<collaboration id="c"><participant id="x" name="Bürger"/><participant id="y" name="Amt" processRef="p"/>'
    '<messageFlow id="m" sourceRef="x" targetRef="a"/></collaboration>'
)


def test_a_black_box_pool_is_left_out_with_a_warning_and_a_second_process_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.bpmn"
    text = WRAP.format(TASK.format("a") + flows("s>a", "a>e")).replace("<process", f"{BLACK_BOX}<process")
    path.write_text(text, encoding="utf-8")
    found = import_template(path, DAY)
    assert found.body == {"name": "Amt", "stations": [CO]}
    assert [str(one).partition("2:")[2].partition(" ")[2] for one in found.warnings] == [
        "Bürger: a pool beside the process; it is not read", "m: a message between pools; it is not read",
    ]  # fmt: skip
    path.write_text(text.replace("</process>", '</process><process id="q"><task id="t"/></process>'), encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"2 processes that hold anything \(Amt, q\); exactly one; choose with"):
        import_template(path, DAY)
    assert import_template(path, DAY, process="p").body["stations"] == [CO]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<a>", "1:4: not XML: no element found"),
        (b"<a/>", "1:1: no BPMN 2.0"),
        (b"", "1:1: not XML: no element found"),
        (b"\xff\xfe\x00", "not XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (b"<a>" * 200 + b"</a>" * 200, "nested more than 100 deep"),
        (b"<a>" + b"<b/>" * 50_001 + b"</a>", "more than 50,000 elements"),
        (b"<a>" + b" " * 5_000_001 + b"</a>", "more than 5,000,000 bytes"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "0 processes"),
    ],
    ids=lambda one: one[:24] if isinstance(one, str) else "",
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "p.bpmn"
    path.write_bytes(data)
    with pytest.raises(UnusableInput) as refused:
        import_template(path, DAY)
    assert says in str(refused.value)


def test_files_in_the_encodings_of_old_editors_are_read(tmp_path: Path) -> None:
    text = WRAP.format(task('c:assignee="müller"'))
    for encoding in ("windows-1252", "iso-8859-1", "utf-16", "utf-8-sig"):
        path = tmp_path / "p.bpmn"
        declared = encoding.removesuffix("-sig")
        path.write_bytes(f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(encoding))
        assert import_template(path, DAY).body["stations"][0]["actor"] == "müller"
