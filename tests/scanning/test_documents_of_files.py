"""The pages on files are true: the walk-through runs, words are in the glossary."""

import importlib
import inspect
import re
from pathlib import Path

from tests.scanning import papers
from tests.scanning.separators.test_separators import pages, pile

ROOT = Path(__file__).parents[2]
NOUNS = ["content", "refusal", "limits", "answers", "fixity", "backup", "care", "scan_desk", "scan_room", "mailroom",
         "seal", "seal_settings", "remote_seal", "validation", "verify", "workers", "looks"]  # fmt: skip


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


def test_every_public_class_of_files_is_in_the_glossary():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name in NOUNS:
        module = importlib.import_module(f"scanning.{name}")
        for word, kind in vars(module).items():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__ and not word.startswith("_")
            if own:
                assert f"| {word} |" in glossary, word
