"""YAML as data with places: what is read, what is refused, and where."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.inputs.extends import read_with_bases
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.text_file import read_text
from simulation.inputs.yaml_file import Node, parse_yaml, pointer_part, read_yaml
from workflow.text import same


def faults(text: str) -> list[str]:
    with pytest.raises(UnusableInput) as unusable:
        parse_yaml(text, "f")
    return [str(fault).removeprefix("f:") for fault in unusable.value.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-7", -7), ("+3", 3), ("007", 7), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("yes", "yes"), ("off", "off"),
        ("2021-06-01", date(2021, 6, 1)), ("0x10", "0x10"), ("1_000", "1_000"), ("12:30", "12:30"), ("'1'", "1"),
        ('"2021-06-01"', "2021-06-01"), ("'true'", "true"), ("1.2.3", "1.2.3"), ("=", "="), ("TRUE", "TRUE"),
    ],
)  # fmt: skip
def test_plain_scalars_are_those_of_the_core_schema_with_days(text: str, value: Any) -> None:
    read = parse_yaml(f"a: {text}", "f").plain()["a"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: .inf", "1:4: `.inf`: not a finite number"),
        ("a: -.Inf", "not a finite number"),
        ("a: .NaN", "not a finite number"),
        ("a: 1e999", "too large a number"),
        (f"a: {'9' * 39}.99", "a number of more than 40 characters"),
        ("a: 2021-02-30", "1:4: `2021-02-30`: day"),
        ("a: 2021-13-01", "month must be in 1..12"),
        ("a: 1\na: 2", "2:1: `a` stands here twice; one of them"),
        ("a: {b: 1, b: 2}", "1:11: `b` stands here twice"),
        ("<<: {a: 1}", "a merge key (<<); use `extends`"),
        ("[a, b]: 1", "a key that is no word"),
        ("? {a: 1}\n: 2", "a key that is no word"),
        ("a: !!str 1", "1:4: a tag (tag:yaml.org,2002:str); plain values only"),
        ("a: !!python/object/apply:os.system [x]", "a tag"),
        ("a: &x 1", "1:4: an anchor (&x); write the value out"),
        ("a: *x", "1:4: an alias (*); write the value out"),
        ("a: 1\n---\nb: 2", "2:1: a second document (---); one per file"),
        ("%YAML 1.2\n---\na: 1", "a directive (%)"),
        ("", "1:1: the file is empty"),
        ("  \n# nur ein Kommentar\n", "no mapping in the file"),
        ("- a", "1:1: a list, where a mapping is expected"),
        ("nur Text", "a single value, where a mapping is expected"),
        ("a: [1, 2", "not YAML"),
        ("a: 'x", "not YAML"),
        ("a: b: c", "not YAML"),
        ("a:\n\tb: 1", "2:1: not YAML"),
        ('a: "\\x07"', "1:4: a control character in a text"),
        ('"\\e": 1', "1:1: a control character in a key"),
        ('a: "\\ud800"', "1:4: a control character in a text"),
        ('a: "\\UFFFFFFFF"', "not YAML"),
    ],
)
def test_what_a_planner_does_not_need_is_refused_at_its_place(text: str, says: str) -> None:
    found = faults(text)
    assert any(says in fault for fault in found), found


def test_all_faults_up_to_a_broken_line_are_reported_together() -> None:
    found = faults("a: .nan\nb: 1\nb: 2\nc: 2021-02-31\nd: [")
    assert [fault.split(":")[0] for fault in found[:3]] == ["1", "3", "4"]
    assert "not YAML" in found[-1]


@pytest.mark.parametrize(("depth", "fine"), [(39, True), (40, False), (5000, False)])
def test_depth_is_bounded(depth: int, fine: bool) -> None:
    text = f"a: {'[' * depth}{']' * depth}"
    if fine:
        assert parse_yaml(text, "f").plain()
    else:
        assert "nested more than 40 deep" in faults(text)[0]


def test_the_number_of_values_is_bounded() -> None:
    assert len(parse_yaml(f"a: [{'1,' * 19_990}]", "f").plain()["a"]) == 19_990
    assert "more than 20,000 values" in faults(f"a: [{'1,' * 20_000}]")[0]


TEXT = "# Kopf\na:\n  - x: 1\n    'ä/b~': [zwei, {c: drei}]\nb: >\n  langer\n  Text\n"


@pytest.mark.parametrize(
    ("path", "place", "pointer"),
    [
        ((), "f:2:1", ""),
        (("a",), "f:3:3", "/a"),
        (("a", 0), "f:3:5", "/a/0"),
        (("a", 0, "x"), "f:3:8", "/a/0/x"),
        (("a", 0, "ä/b~"), "f:4:13", "/a/0/ä~1b~0"),
        (("a", 0, "ä/b~", 1, "c"), "f:4:24", "/a/0/ä~1b~0/1/c"),
        (("b",), "f:5:4", "/b"),
    ],
)
def test_every_value_knows_line_column_and_pointer(path: tuple[str | int, ...], place: str, pointer: str) -> None:
    node = parse_yaml(TEXT, "f").find(path)
    assert (str(node.place), node.place.pointer) == (place, pointer)


def test_find_stops_at_the_deepest_value_that_is_there() -> None:
    root = parse_yaml(TEXT, "f")
    assert root.find(("a", 5)) is root.value["a"]
    assert root.find(("a", 0, "x", "deeper")).value == 1
    assert root.find(("none",)) is root
    assert str(root.keys["b"]) == "f:5:1"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="ascii", categories=["L", "N", "P"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc~/", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), JSON, min_size=1, max_size=4))
def test_json_is_yaml_and_every_place_points_at_its_value(data: dict[str, Any]) -> None:
    root = parse_yaml(json.dumps(data), "f")
    assert root.plain() == data

    def check(node: Node, path: tuple[str | int, ...]) -> None:
        assert root.find(path) is node
        assert node.place.pointer == "".join(f"/{pointer_part(str(part))}" for part in path)
        inner = (
            node.value.items()
            if isinstance(node.value, dict)
            else enumerate(node.value if isinstance(node.value, list) else [])
        )
        for key, value in inner:
            check(value, (*path, key))

    check(root, ())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: \xff", "1:4: not UTF-8; save the file as UTF-8"),
        ("a: 1\nb: \u202e".encode(), "2:4: the character U+202E"),
        (b"a: 1\r\nb: \x00", "2:4: the character U+0000"),
        ("\ufeffa: \ufeff".encode(), "1:4: the character U+FEFF"),
    ],
)
def test_text_that_deceives_is_refused_before_it_is_parsed(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(UnusableInput) as unusable:
        read_yaml(path, "f")
    assert str(unusable.value).startswith(f"f:{says}")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(path, "f").plain() == {"a": 1, "b": 2}


@pytest.mark.parametrize("kind", ["missing", "folder", "large", "long name", "null"])
def test_what_is_no_readable_file_says_so(tmp_path: Path, kind: str) -> None:
    path = {"missing": tmp_path / "none", "folder": tmp_path, "long name": tmp_path / ("x" * 5000)}.get(
        kind, tmp_path / "x"
    )
    if kind == "null":
        path = Path(f"{tmp_path}/a\0b")
    if kind == "large":
        path.write_bytes(b"x" * 101)
    with pytest.raises(UnusableInput) as unusable:
        read_text(path, "f", 100)
    (fault,) = unusable.value.faults
    assert str(fault.place) == "f:1:1"
    if kind == "large":
        assert (fault.wrong.en, fault.expected.en) == ("the file has 101 bytes", "at most 100")


def test_faults_are_sorted_and_said_once() -> None:
    one, two = Fault(Place("a", 2, 1), same("x")), Fault(Place("a", 10, 1), same("x"))
    unusable = UnusableInput([two, one, two])
    assert unusable.faults == [one, two]
    assert str(unusable) == "a:2:1: x\na:10:1: x"


@given(st.text(max_size=50))
def test_a_fault_is_one_line_that_steers_no_terminal(text: str) -> None:
    line = Fault(Place(text, 1, 1), same(text), same(text)).tell("de")
    assert line.isprintable()
    assert "\n" not in line


def test_what_is_read_again_is_as_it_was_and_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    base, over = tmp_path / "base.yaml", tmp_path / "over.yaml"
    base.write_text("a: {b: 1}\nchanges: [1]\n", encoding="utf-8")
    over.write_text("extends: base.yaml\na: {c: 2}\nchanges: [2]\n", encoding="utf-8")
    whole = {"a": {"b": 1, "c": 2}, "changes": [1, 2]}
    assert [read_with_bases(over)[0].plain() for _ in range(2)] == [whole, whole]
    assert read_yaml(over, str(over)).plain()["extends"] == "base.yaml"
    base.write_text("a: {b: 3}\n", encoding="utf-8")
    assert read_with_bases(over)[0].plain() == {"a": {"b": 3, "c": 2}, "changes": [2]}
