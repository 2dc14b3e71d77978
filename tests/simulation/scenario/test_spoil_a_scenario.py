"""Whatever happens to a scenario file, it loads or is refused with places inside its files; nothing else ever happens.

Found by chance, not by thinking: hypothesis removes, adds and changes things anywhere in the small scenario.
"""

import itertools
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from simulation.inputs.csv_file import read_rows
from simulation.inputs.faults import Fault, UnusableInput
from simulation.levers.load import load
from simulation.scenario.json_schema import scenario_schema
from simulation.scenario.programme import Project

SMALL = Path(__file__).parent / "small"
SOAK = int(os.environ.get("EVA_SOAK", "1"))
"""How many times more examples than in every run of the tests."""

ABSURD: list[Any] = [
    None, True, -1, 0, 10**17, 1e300, -1e300, 0.5, "", "x", "x" * 1000, "nan", "2021-02-30", [], {}, [[]], {"value": 1},
    "\x00", "\ud800", "2021-01-01T00:00:00", "../../etc/passwd", "=1+1", "<script>", "ä" * 400,
]  # fmt: skip
PLAIN = YAML(typ="safe", pure=True).load((SMALL / "small.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoilt") / "small"
    shutil.copytree(SMALL, path)
    return path


def faults_of(path: Path, read: Callable[[Path], object] = load) -> list[Fault]:
    """The faults of a file, none if it can be read. Every fault lies inside a file that exists."""
    files, faults = sorted(path.parent.rglob("*")), list[Fault]()
    try:
        read(path)
    except UnusableInput as unusable:
        faults = unusable.faults
        if not faults:
            raise
    for fault in faults:
        data = Path(fault.place.file).read_bytes()
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= fault.place.line <= len(lines), fault
        assert 1 <= fault.place.column <= len(lines[fault.place.line - 1]) + 1, fault
        assert str(fault).isprintable()
        assert len(str(fault)) < 2000
    assert sorted(path.parent.rglob("*")) == files
    return faults


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything below `node`."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in [(*path, key), *places(value, (*path, key))]]


def spoilt(path: tuple[Any, ...], change: Any) -> dict[str, Any]:
    """A copy of the small scenario with something changed (or removed: `change` is Ellipsis) at `path`."""

    def copied(node: Any, below: tuple[Any, ...]) -> Any:
        if isinstance(node, dict):
            pairs = {
                key: change if below == (key,) else copied(value, below[1:] if below[:1] == (key,) else ())
                for key, value in node.items()
            }
            return {key: value for key, value in pairs.items() if value is not ...}
        if isinstance(node, list):
            items = [
                change if below == (n,) else copied(value, below[1:] if below[:1] == (n,) else ())
                for n, value in enumerate(node)
            ]
            return [item for item in items if item is not ...]
        return node

    whole: dict[str, Any] = copied(PLAIN, path)
    return whole


def written(node: Any) -> str:
    """YAML in one line, as JSON writes it, dates plain."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{written(str(key))}: {written(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(written, node)) + "]"
    if isinstance(node, str):
        escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in node)
        return f'"{escaped}"'
    return "null" if node is None else str(node).lower()


def test_the_scenario_unspoilt_is_in_order(folder: Path) -> None:
    path = folder / "plain.yaml"
    path.write_text(written(PLAIN), encoding="utf-8")
    assert faults_of(path) == []
    path.unlink()
    assert load(SMALL / "small.yaml").spec.name == "small"


@given(st.sampled_from(places(PLAIN)), st.sampled_from([..., *ABSURD]))
@settings(max_examples=100 * SOAK)
def test_anything_changed_anywhere(folder: Path, path: tuple[Any, ...], change: Any) -> None:
    target = folder / "small.yaml"
    target.write_text(written(spoilt(path, change)), encoding="utf-8")
    faults_of(target)


KEYS = [path for path in places(PLAIN) if isinstance(path[-1], str)]


@given(st.sampled_from(KEYS))
def test_a_key_removed_is_missed(folder: Path, path: tuple[Any, ...]) -> None:
    target = folder / "small.yaml"
    target.write_text(written(spoilt(path, ...)), encoding="utf-8")
    assert faults_of(target) or not is_required(path)


SCHEMA = scenario_schema()


def is_required(path: tuple[Any, ...]) -> bool:
    """Whether the published schema says that the key at `path` must be there, all others being there."""
    node = SCHEMA["$defs"]["RolloutScenario"]
    for part in path[:-1]:
        below = node["items"] if isinstance(part, int) else node.get("properties", {}).get(part)
        below = below or node["additionalProperties"]
        below = below.get("anyOf", [below])[0]  # where a section may be left out it may be null too
        node = SCHEMA["$defs"][below["$ref"].rsplit("/", 1)[1]] if "$ref" in below else below
    return path[-1] in {*node.get("required", ()), *itertools.chain(*node.get("dependentRequired", {}).values())}


def test_what_may_be_left_out_is_named() -> None:
    whole = {"reconstruction", "pipeline", "known_work", "milestones"}
    of_event = {"cause", "yearly", "no_go_lives", "mail", "lost"}
    optional = {path[-1] for path in KEYS if not is_required(path)}
    of_milestone = {"project", "at_most"}
    assert optional == whole | of_event | of_milestone | {"slots", "telework"} | set(
        PLAIN["mail"]["items_per_user_day"]
    )


@given(st.sampled_from(KEYS), st.text("abcdefgh_", min_size=9))
@settings(max_examples=25 * SOAK)
def test_a_key_too_many_is_refused(folder: Path, path: tuple[Any, ...], key: str) -> None:
    inner = PLAIN
    for part in path[:-1]:
        inner = inner[part]
    target = folder / "small.yaml"
    changed = spoilt(path[:-1], {**inner, key: 1}) if path[:-1] else {**PLAIN, key: 1}
    target.write_text(written(changed), encoding="utf-8")
    assert any("unknown key" in fault.wrong.en and key[:60] in fault.wrong.en for fault in faults_of(target))


VALUES = [path for path in places(PLAIN) if path[-1] == "value"]


@given(st.sampled_from(VALUES), st.sampled_from([".nan", ".inf", "-.inf", "1e999"]))
@settings(max_examples=25 * SOAK)
def test_no_figure_is_endless(folder: Path, path: tuple[Any, ...], number: str) -> None:
    target = folder / "small.yaml"
    target.write_text(written(spoilt(path, "HERE")).replace('"HERE"', number), encoding="utf-8")
    assert faults_of(target)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b'kind: rollout\nextends: "\\0"')
@example(b"\xef\xbb\xbf")
@settings(max_examples=150 * SOAK)
def test_any_bytes_are_refused(folder: Path, data: bytes) -> None:
    target = folder / "small.yaml"
    target.write_bytes(data)
    assert faults_of(target)


@given(st.text("{}[]:,-&*!|>'\"%@`#? \n\tab01.~<=", max_size=80))
@settings(max_examples=150 * SOAK)
def test_any_punctuation_is_refused(folder: Path, text: str) -> None:
    target = folder / "small.yaml"
    target.write_text(text, encoding="utf-8")
    assert faults_of(target)


@given(st.sampled_from(["small.yaml", "authorities.csv", "projects.csv"]), st.integers(0, 2**32))
@settings(max_examples=75 * SOAK)
def test_a_file_cut_swapped_or_flipped_anywhere(folder: Path, name: str, seed: int) -> None:
    chance = random.Random(seed)  # spoils a file, hides nothing
    for file in SMALL.iterdir():
        shutil.copyfile(file, folder / file.name)
    data = bytearray((SMALL / name).read_bytes())
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(data))
        end = min(begin + chance.randint(1, 40), len(data))
        noise = bytes(chance.randrange(256) for _ in range(3))
        data[begin:end] = chance.choice([b"", noise, data[begin:end][::-1], b"\n", b'"'])
    (folder / name).write_bytes(data)
    faults_of(folder / "small.yaml")
    for file in SMALL.iterdir():
        shutil.copyfile(file, folder / file.name)


@given(st.text(max_size=200), st.text(',;"\n\r\t ab1', max_size=100))
def test_any_list_is_read_or_refused(folder: Path, wild: str, marks: str) -> None:
    header = (SMALL / "projects.csv").read_text(encoding="utf-8").splitlines()[0]
    target = folder / "any.csv"
    for text in (wild, marks, f"{header}\n{wild}", f"{header}\n{marks}"):
        target.write_bytes(text.encode("utf-8", "surrogatepass"))
        assert faults_of(target, lambda path: read_rows(path, str(path), Project))
    target.unlink()
