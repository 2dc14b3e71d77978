"""The documents are true: links, files, names and commands in them exist, and examples work."""

import importlib
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli.main import app
from scanning.catalogue import MACHINES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [README, ROOT / "CHANGELOG.md", *DOCS, *sorted((ROOT / "scenarios").rglob("*.md"))]
ROOMS = ("workflow", "scanning", "simulation", "api", "scenarios", "tests", "docs", "benchmarks")
DEFAULTS = ("run", "files")
"""Sub-commands that a group runs where none is named: `eva replay FILE`, `eva scan FILE`."""
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
BY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def slug(heading: str) -> str:
    """The anchor of a heading as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)}


def code_spans(text: str) -> list[str]:
    """Inline code, without the fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def files_named(text: str) -> list[str]:
    """Paths in inline code that begin in a folder of the repository; patterns and examples of paths are none."""
    names = (span.split("::")[0] for span in code_spans(text))
    return [name for name in names if re.fullmatch(rf"(?:{'|'.join(ROOMS)})(?:/[\w.-]+)*/?", name) and "/" in name]


def modules_named(text: str) -> list[str]:
    """Dotted names in inline code and imports in blocks that begin in a room."""
    dotted = r"(?:workflow|scanning|simulation|api)(?:\.\w+)+"
    spans = [found[0] for span in code_spans(text) if (found := re.match(rf"({dotted})(?:\(.*)?$", span))]
    names = [re.sub(r"\(.*", "", span) for span in spans]
    for module, imported in re.findall(rf"^from ({dotted}) import (.+)$", text, re.MULTILINE):
        names += [f"{module}.{name.strip()}" for name in imported.split(",")]
    return names


def exists(dotted: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            if not hasattr(found, name) and name not in getattr(found, "model_fields", {}):
                return False
            found = getattr(found, name, None)
        return True
    return False


def commands_in(text: str) -> Iterator[list[str]]:
    """Every `eva …` of inline code, of blocks and of tables, as words; a placeholder in capitals is a word too."""
    lines = [*code_spans(text), *(line for block in re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
                                  for line in block.splitlines())]  # fmt: skip
    for line in lines:
        found = re.match(r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?eva ((?:[a-z-]+|--\w+)(?: .*)?)$", line.strip())
        if found:
            yield shlex.split(re.sub(r"(?:^|\s)[#|>&].*", "", found[1].replace("[", "").replace("]", "")))


def unknown(words: list[str]) -> str | None:
    """What a command line names that the command line does not have: a sub-command or an option."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if hasattr(command, "commands"):
        default = next((name for name in DEFAULTS if name in command.commands), None)
        if default is None:
            return next((word for word in words if word not in {"--help", "--version"}), None)
        command = command.commands[default]
    options = {"--help", *(option for parameter in command.params for option in parameter.opts)}
    return next((word for word in words if word.startswith("--") and word.split("=")[0] not in options), None)


@BY_PAGE
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXTS[page]):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        place = page.parent / file if file else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


@BY_PAGE
def test_files_named_in_documents_exist(page: Path) -> None:
    assert [name for name in files_named(TEXTS[page]) if not (ROOT / name).exists()] == []


@BY_PAGE
def test_modules_and_what_is_in_them_exist(page: Path) -> None:
    assert [name for name in modules_named(TEXTS[page]) if not exists(name)] == []


@BY_PAGE
def test_commands_in_documents_exist_with_their_options(page: Path) -> None:
    wrong = {" ".join(words): what for words in commands_in(TEXTS[page]) if (what := unknown(words))}
    assert wrong == {}


def test_the_architecture_page_names_every_folder_of_the_rooms() -> None:
    text = TEXTS[ROOT / "docs" / "explanation" / "architecture.md"]
    folders = {
        f"{room}/{folder.name}/"
        for room in ("workflow", "scanning", "simulation", "api")
        for folder in (ROOT / room).iterdir()
        if (folder / "__init__.py").is_file()
    }
    assert len(folders) > 20
    assert folders - set(files_named(text)) == set()


def test_every_machine_has_its_page_and_every_page_its_machine() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "machines").glob("*.md")}
    assert pages == set(MACHINES)


def test_tests_named_in_documents_exist() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    defined = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}
    log_page = TEXTS[ROOT / "docs" / "reference" / "log.md"]
    named = {span for span in code_spans(log_page) if re.fullmatch(r"test_\w+", span)}
    modules = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 20
    assert named - defined - modules == set()


def test_what_does_not_exist_is_found() -> None:
    """The checks above find a planted fault of each kind."""
    text = "`workflow/nowhere.py` and `workflow.nowhere.Thing`\n```python\nfrom workflow.text import Nothing\n```\n"
    assert files_named(text) == ["workflow/nowhere.py"]
    assert [exists(name) for name in modules_named(text)] == [False, False]
    assert exists("workflow.text.Text")
    assert [unknown(words) for words in commands_in("`eva forecast --wrong` `eva nowhere`")] == ["--wrong", "nowhere"]
    assert [unknown(words) for words in commands_in("`eva log verify --head HASH` `eva --version`")] == [None, None]
    assert slug("1.1 Objects") == "11-objects"


def readme_commands() -> list[list[str]]:
    """Commands of the README that end in a moment and need neither files of the reader nor a running server."""
    return [
        words for words in commands_in(TEXTS[README]) if words and words[0] in {"token", "log", "schema", "diagram"}
    ]


@pytest.mark.parametrize("words", readme_commands(), ids=" ".join)
def test_quick_commands_of_the_readme_run(
    words: list[str], eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    eva("token", "create", "--user", "petra", "--role", "planner")
    done = eva(*words)
    assert done.status == 0
    assert not done.err or (words == ["log", "verify"] and done.err.startswith("not checked here: "))
    assert done.out


def test_the_readme_has_quick_commands() -> None:
    assert {words[0] for words in readme_commands()} >= {"token", "log", "schema"}


def test_the_what_if_of_the_documents_can_be_checked(eva: Callable[..., Any], tmp_path: Path) -> None:
    text = TEXTS[ROOT / "docs" / "how-to" / "what-if.md"]
    example = tmp_path / "more-trainers.yaml"
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found
    example.write_text(found[1], encoding="utf-8")
    done = eva("check", example)
    assert (done.status, done.err) == (0, "")
    assert "258" in done.out


def test_the_makefile_has_what_the_documents_promise() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (README, *DOCS):
        for target in re.findall(r"(?:^|`)make ([a-z]+)\b(?= |`|$)", TEXTS[page], re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), (page, target)


def test_nothing_names_a_registry_or_a_machine() -> None:
    # Spelled in parts so that this file does not find itself.
    slips = re.compile("pypi" + r"\.org|python" + r"hosted|registry\.npm" + r"js|/ro" + r"ot/|/wo" + r"rk/(main|flow)")
    hidden = {".venv", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "out", "__pycache__"}
    texts = {".py", ".md", ".yaml", ".toml", ".csv", ".txt", ".j2", ""}
    for path in ROOT.rglob("*"):
        if path.suffix in texts and path.is_file() and not hidden & set(path.relative_to(ROOT).parts):
            assert not slips.search(path.read_text(encoding="utf-8")), path
