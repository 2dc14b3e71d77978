"""The documents are true: links lead somewhere, examples work, words are in the glossary."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "scenarios").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_what_if_of_the_documents_can_be_checked(tmp_path):
    text = (ROOT / "docs" / "how-to" / "what-if.md").read_text(encoding="utf-8")
    (tmp_path / "scenarios").mkdir()
    for name in ("plan-2021.yaml", "authorities.csv", "projects.csv"):
        (tmp_path / "scenarios" / name).write_bytes((ROOT / "scenarios" / "nrw" / name).read_bytes())
    example = tmp_path / "scenarios" / "more-trainers.yaml"
    example.write_text(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "check", example], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "258" in done.stdout


def test_the_makefile_has_what_the_readme_promises():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b(?= |`|$)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_terms_of_the_scenario_are_in_the_glossary():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    for word in ("authority", "project", "preparation", "introduction", "operation", "adoption", "deadline", "channel",
                 "delivery", "station", "shift", "checkpoint", "early users", "scan centre", "routing slip", "record",
                 "mail folder", "rescan", "protection need", "staff council", "go-live", "seat", "figure"):  # fmt: skip
        assert f"| {word} |" in glossary, word


def test_nothing_names_a_registry_or_a_machine():
    # Spelled in parts so that this file does not find itself.
    slips = re.compile("pypi" + r"\.org|python" + r"hosted|registry\.npm" + r"js|/ro" + r"ot/|/wo" + r"rk/(main|flow)")
    hidden = {".venv", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "out", "__pycache__"}
    texts = {".py", ".md", ".yaml", ".toml", ".csv", ".txt", ".j2", ""}
    for path in ROOT.rglob("*"):
        if path.suffix in texts and path.is_file() and not hidden & set(path.relative_to(ROOT).parts):
            assert not slips.search(path.read_text(encoding="utf-8")), path
