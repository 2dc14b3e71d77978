"""The pages on scanning are true: the walk-through runs, decisions read no clock."""

import re
from pathlib import Path

import pytest

from tests.scanning import papers
from tests.scanning.separators.test_separators import pages, pile

ROOT = Path(__file__).parents[2]
DECIDING = [*sorted((ROOT / "scanning" / "batches").glob("*.py")),
            *sorted((ROOT / "scanning" / "requirements").glob("*.py")),
            *(ROOT / "scanning" / name for name in ("catalogue.py", "digital_intake.py", "handover.py"))]  # fmt: skip


def test_the_walk_through_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "how-to" / "scan.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    inside = tmp_path / "eingang"
    inside.mkdir()
    (inside / "1.pdf").write_bytes(papers.pdf_file(3))
    (inside / "2.tif").write_bytes(pile(pages("a", "b"), pages("c")))
    (inside / "3.jpg").write_bytes(papers.jpeg_file("Foto"))
    (inside / "4.png").write_bytes(papers.png_file("Bild"))
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "5 items, 2 separator sheets, 0 rejected"
    assert printed[1:6] == [f"{number} delivered inge True" for number in range(1, 6)]
    assert "Sicherung" in printed[6]
    assert printed[7] == "backup of 10 files"
    assert printed[8:13] == [f"scan.item_destroyed {number}" for number in range(1, 6)]
    assert printed[13:] == ["True True"]


def test_decisions_read_no_clock_draw_nothing_and_touch_no_file() -> None:
    world = re.compile(r"^(import|from) (time|random|os|secrets|pathlib|socket|threading|subprocess)\b", re.MULTILINE)
    for path in DECIDING:
        text = path.read_text(encoding="utf-8")
        assert not world.search(text), path
        assert not re.search(r"uuid[14]\(|datetime\.now|date\.today", text), path
    assert world.search("import os\n")
