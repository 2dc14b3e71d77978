"""A process drawn elsewhere becomes a route, or is refused with the element's id and line.

The samples were written by hand in the dialects of common editors, because public files cannot be fetched here; see
bpmn/README.md.
"""

from datetime import date
from pathlib import Path

import pytest

from api.replay.bpmn.template import build_template
from simulation.inputs.faults import UnusableInput
from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.routing_slips.templates import SaveTemplate

HERE = Path(__file__).parent / "bpmn"
DAY = date(2021, 6, 1)
ROUTES = {
    "camunda-modeler.bpmn": ("Bescheid", [
        {"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-15", "instruction": "Rechtsgrundlage prüfen"},
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


@pytest.mark.parametrize("name", ROUTES)
def test_a_process_becomes_a_route_that_can_be_used(name: str) -> None:
    expected, stations = ROUTES[name]
    found = build_template(HERE / name, DAY)
    assert found == {"name": expected, "stations": stations}
    office = Office("sqlite://")
    office.engine.handle(parse(SaveTemplate, found), PEOPLE["mueller"], "templates:mwide")
    slip = office.slip(template=expected, who="mueller")
    assert office.state(slip).state == "draft"
    office.engine.close()


WRAP = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:c="http://camunda.org/schema/1.0/bpmn">\n'
    '<process id="p">\n<startEvent id="s"/>\n{}\n<endEvent id="e"/>\n</process>\n</definitions>\n'
)
POOLS = '<collaboration id="c"><messageFlow id="m"/></collaboration>'
TASK = '<userTask id="{0}" name="Mitzeichnung" c:assignee="schmidt"/>\n'
FLOW = '<sequenceFlow id="{0}{1}" sourceRef="{0}" targetRef="{1}"/>\n'
AB = TASK.format("a") + TASK.format("b")


def flows(*pairs: str) -> str:
    return "".join(FLOW.format(*pair.split(">")) for pair in pairs)


REFUSED = [
    ('<serviceTask id="x"/>', "4:1: x: `serviceTask` cannot be represented"),
    ('<subProcess id="x"/>', "4:1: x: `subProcess` cannot be represented"),
    ('<inclusiveGateway id="x"/>', "4:1: x: `inclusiveGateway` cannot"),
    ('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>', "`messageEventDefinition`"),
    ('<userTask id="a" name="Mitzeichnung"/>' + flows("s>a", "a>e"), "4:1: a: has neither assignee nor lane"),
    ('<userTask id="a" name="Kaffee" c:assignee="x"/>' + flows("s>a", "a>e"), "4:1: a: `Kaffee` does not tell"),
    (AB + '<exclusiveGateway id="g"/>' + flows("s>g", "g>a", "g>b", "a>e", "b>e"), "6:1: g: has 2 ways that go on"),
    (AB + flows("s>a", "a>b", "b>a"), "4:1: a: stands in a circle"),
    (AB + '<parallelGateway id="g"/>' + flows("s>g", "g>a", "g>b", "a>e"), "b: leads nowhere"),
    (AB + flows("s>a", "a>e"), "5:1: b: is not reached"),
    (TASK.format("a") + flows("s>a", "a>nowhere"), "leads from or to an element that is not there"),
    ("<!-- nothing -->" + flows("s>e"), "p: has no user task"),
    (TASK.format("a").replace("/>", "><multiInstanceLoopCharacteristics/></userTask>"), "a: repetition"),
    ('<intermediateCatchEvent id="w"><timerEventDefinition><timeCycle>R3/P1D</timeCycle></timerEventDefinition>'
     "</intermediateCatchEvent>" + TASK.format("a") + flows("s>w", "w>a", "a>e"), "w: is no timer with a date"),
    ('<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>3 weeks</timeDuration>'
     "</timerEventDefinition></intermediateCatchEvent>" + TASK.format("a") + flows("s>w", "w>a", "a>e"), "no ISO 8601"),
]  # fmt: skip


@pytest.mark.parametrize(("inside", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_cannot_be_represented_is_refused_with_id_and_line(tmp_path: Path, inside: str, says: str) -> None:
    path = tmp_path / "p.bpmn"
    path.write_text(WRAP.format(inside), encoding="utf-8")
    with pytest.raises(UnusableInput) as refused:
        build_template(path, DAY)
    assert any(says in str(fault) for fault in refused.value.faults), refused.value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<a>", "not XML"),
        ("<a/>", "no BPMN 2.0"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (WRAP.format("").replace("<process", f"{POOLS}<process"), "a collaboration"),
        ('<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "0 processes"),
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "p.bpmn"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput, match=says):
        build_template(path, DAY)
