"""The pages on files are true: the walk-through runs."""

import re
from pathlib import Path

from tests.scanning import papers
from tests.scanning.separators.test_separators import pages, pile

ROOT = Path(__file__).parents[2]


def test_the_walk_through_runs(capsys, tmp_path, monkeypatch):
    text = (ROOT / "docs" / "how-to" / "scan.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    inside = tmp_path / "eingang"
    inside.mkdir()
    (inside / "1.pdf").write_bytes(papers.pdf_file(3))
    (inside / "2.tif").write_bytes(pile(pages("a", "b"), pages("c")))
    (inside / "3.jpg").write_bytes(papers.jpeg_file("Foto"))
    (inside / "4.png").write_bytes(papers.png_file("Bild"))
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102 - our own page
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "5 items, 2 separator sheets, 0 refused"
    assert told[1:6] == [f"{number} delivered inge True" for number in range(1, 6)]
    assert "Sicherung" in told[6]
    assert told[7] == "backup of 10 files"
    assert told[8:13] == [f"scan.item_destroyed {number}" for number in range(1, 6)]
    assert told[13:] == ["True True"]
