"""A route as BPMN, and back: nothing is lost, and every shape and line is drawn."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic_core import to_json

from api.application.service import ResourceService
from api.replay.bpmn.export import read_route, render_bpmn
from api.replay.bpmn.template import import_template
from simulation.inputs.faults import UnusableInput
from tests.workflow.conftest import PEOPLE, Office
from workflow.views.queries import Views

DAY = date(2021, 6, 1)
NS = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL", "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC", "l": "http://www.omg.org/spec/DD/20100524/DI",
}  # fmt: skip
NAMES = st.sampled_from(
    ["schmidt", "müller, hans", "a.b@c.de", "Dr. Groß", "o'neill & söhne <x>", "${x}", "=x", '="schmidt"']
)
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]) | st.just("\n"), max_size=40)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat)


@st.composite
def stations(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["co_sign", "approve", "comment", "acknowledge", "dispatch", "resubmit"]))
    said: dict[str, Any] = {"kind": kind, "actor": draw(NAMES), "instruction": draw(TEXTS)}
    if kind == "resubmit":
        awaits = draw(st.sampled_from([None, "Gutachten & <mehr>"]))
        return {**said, "awaits": awaits, "until": draw(DAYS if awaits is None else st.none() | DAYS)}
    said |= draw(st.sampled_from([{}, {"deadline": "2021-06-11"}, {"deadline_days": 10}]))
    said["silence_consents"] = kind == "comment" and len(said) > 3 and draw(st.booleans())
    said["skip_unread"] = (
        kind == "acknowledge" and said.keys() & {"deadline", "deadline_days"} != set() and draw(st.booleans())
    )
    said["escalate_to"] = draw(st.none() | NAMES)
    return said


def _unlike(key: str, parts: list[Any]) -> list[Any]:
    """Parts of which none is a block of the same order, which would be the same route written otherwise."""
    return [one for part in parts for one in part.get(key, [part])]


ROUTES = st.recursive(
    stations(),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda p: {"parallel": p})
        | st.lists(inner, min_size=2, max_size=3).map(lambda p: {"sequence": _unlike("sequence", p)})
    ),
    max_leaves=8,
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _written(folder: Path, route: Any) -> Path:
    path = folder / "route.json"
    path.write_text(json.dumps({"name": "Bescheid", "stations": route}, ensure_ascii=False), encoding="utf-8")
    return path


@QUICK
@given(route=st.lists(ROUTES, min_size=1, max_size=4).map(lambda parts: _unlike("sequence", parts)))
def test_a_route_as_bpmn_comes_back_as_it_was(tmp_path: Path, route: list[Any]) -> None:
    said = read_route(_written(tmp_path, route))
    drawn = tmp_path / "route.bpmn"
    drawn.write_bytes(render_bpmn(**said))
    back = import_template(drawn, DAY)
    assert back.body == said
    assert not back.warnings
    _check_diagram(etree.fromstring(drawn.read_bytes()))


def test_a_name_like_an_expression_counts_for_itself_alone(tmp_path: Path) -> None:
    drawn = tmp_path / "route.bpmn"
    said = read_route(_written(tmp_path, [{"kind": "co_sign", "actor": "${x}"}]))
    text = render_bpmn(**said).decode()
    drawn.write_text(text.replace('assignee="${x}"', 'assignee="weber"'), encoding="utf-8")
    assert import_template(drawn, DAY).body["stations"] == [{"kind": "co_sign", "actor": "weber"}]
    drawn.write_text(text.replace('assignee="${x}"', 'assignee="${y}"'), encoding="utf-8")
    with pytest.raises(UnusableInput, match="only an engine can evaluate"):
        import_template(drawn, DAY)


def _check_diagram(root: Any) -> None:
    """Everything is drawn once, no two shapes overlap, and lines begin and end at their shapes."""
    nodes = root.xpath("b:process/*[not(self::b:sequenceFlow)]/@id", namespaces=NS)
    flows = {one.get("id"): one for one in root.xpath("b:process/b:sequenceFlow", namespaces=NS)}
    boxes = {one.get("bpmnElement"): _box(one) for one in root.xpath("//di:BPMNShape", namespaces=NS)}
    assert sorted(nodes) == sorted(boxes)
    assert len(set(root.xpath("//@id"))) == len(root.xpath("//@id"))
    placed = list(boxes.values())
    for number, (x, y, w, h) in enumerate(placed):
        for left, top, wide, high in placed[:number]:
            assert x >= left + wide or left >= x + w or y >= top + high or top >= y + h
    edges = root.xpath("//di:BPMNEdge", namespaces=NS)
    assert sorted(flows) == sorted(one.get("bpmnElement") for one in edges)
    for edge in edges:
        flow = flows[edge.get("bpmnElement")]
        points = [(int(p.get("x")), int(p.get("y"))) for p in edge.findall("l:waypoint", NS)]
        for point, end in ((points[0], flow.get("sourceRef")), (points[-1], flow.get("targetRef"))):
            x, y, w, h = boxes[end]
            assert x <= point[0] <= x + w
            assert y <= point[1] <= y + h
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))


def _box(shape: Any) -> tuple[int, ...]:
    return tuple(int(shape.find("dc:Bounds", NS).get(key)) for key in ("x", "y", "width", "height"))


def test_the_route_of_a_slip_as_the_api_shows_it_becomes_bpmn_and_a_template(tmp_path: Path) -> None:
    office = Office("sqlite://")
    route = [
        {"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-11", "instruction": "Rechtsgrundlage\nprüfen"},
        {"parallel": [
            {"kind": "comment", "actor": "klein"},
            {"sequence": [{"kind": "resubmit", "actor": "klein", "until": "2021-09-01"},
                          {"kind": "acknowledge", "actor": "weber", "skip_unread": True, "deadline": "2021-09-11"}]},
        ]},
        {"kind": "final_sign", "actor": "weber", "escalate_to": "schmidt"},
    ]  # fmt: skip
    slip = office.slip(stations=route)
    shown = ResourceService(office.engine, Views(office.engine)).show(
        "routing-slip", slip.partition(":")[2], PEOPLE["mueller"]
    )
    (tmp_path / "slip.json").write_bytes(to_json(shown.resource))
    said = read_route(tmp_path / "slip.json")
    (tmp_path / "slip.bpmn").write_bytes(render_bpmn(**said))
    assert import_template(tmp_path / "slip.bpmn", DAY).body == {"name": shown.resource["title"], "stations": route}
    office.engine.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"name": "x"}', "1:1: `stations`"),
        ('{"name": "x", "stations": [{"kind": "coffee", "actor": "a"}]}', "1:37: `stations/0/kind`"),
        ('{"title": "x", "route": {"order": "sequence", "parts": [1]}, "stations": []}', "stations"),
        ("[1]", "1:1: a list, where a mapping is expected; `name` and `stations`, or a routing slip"),
    ],
)
def test_what_is_no_route_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "route.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput) as refused:
        read_route(path)
    assert says in str(refused.value)


TAGS = [
    "userTask", "task", "exclusiveGateway", "parallelGateway", "intermediateCatchEvent", "endEvent", "startEvent",
    "serviceTask", "boundaryEvent", "subProcess",
]  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tags=st.lists(st.sampled_from(TAGS + TAGS[:4] * 3), max_size=9),
    ways=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=16),
)
def test_any_graph_is_read_or_refused_with_places(tmp_path: Path, tags: list[str], ways: list[tuple[int, int]]) -> None:
    tags = ["startEvent", *tags, "endEvent"]
    nodes = "".join(f'<{tag} id="n{n}" name="Mitzeichnung" c:assignee="x"/>' for n, tag in enumerate(tags))
    flows = "".join(f'<sequenceFlow id="f{n}" sourceRef="n{a}" targetRef="n{b}"/>' for n, (a, b) in enumerate(ways))
    path = tmp_path / "p.bpmn"
    path.write_text(
        f'<definitions xmlns="{NS["b"]}" xmlns:c="http://camunda.org/schema/1.0/bpmn"><process id="p">{nodes}{flows}'
        "</process></definitions>",
        encoding="utf-8",
    )
    try:
        found = import_template(path, DAY)
    except UnusableInput:
        return
    told = "\n".join(map(str, found.warnings))
    stations = json.dumps(found.body).count('"kind"')
    untold = [n for n, tag in enumerate(tags) if tag in {"userTask", "task"} and f"n{n} (" not in told]
    assert stations >= len(untold), "a task that is neither a station nor told of"
