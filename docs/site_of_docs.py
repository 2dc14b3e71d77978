"""What the documentation site adds to MkDocs: navigation from the folders, and files of the repository that pages name.

Pages link to scenarios, replay files and modules outside of `docs`; a copy of each goes into the site, so that every
link leads somewhere without another host. A link to what is not there ends the build.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

SECTIONS = {
    "de": "Deutsch",
    "en": "English",
    "how-to": "How-to guides",
    "explanation": "Explanation",
    "machines": "Machines / Automaten",
    "reference": "Reference",
    "decisions": "Decisions",
}
"""Folder -> its title, in the order in which they stand; German and English come first."""
COPIES = "repository"
"""Folder of the site with copies."""
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^\s*(```|~~~)")
ELSEWHERE = re.compile(r"^([a-z]+:|/|#)")


def on_config(config: Any) -> Any:
    """Every page of a folder, sorted; what says what a folder holds comes first."""
    docs = Path(config.docs_dir)
    found = [{title: [*_list_pages(docs, folder)]} for folder, title in SECTIONS.items()]
    unknown = {path.name for path in docs.iterdir() if path.is_dir() and any(path.glob("*.md"))} - set(SECTIONS)
    if unknown:
        raise PluginError(f"no title for the folders {sorted(unknown)}: name them in SECTIONS")
    config.nav = ["index.md", *found, "glossary.md"]
    return config


def _list_pages(docs: Path, folder: str) -> Iterator[str]:
    paths = sorted((docs / folder).glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
    return (path.relative_to(docs).as_posix() for path in paths)


def on_page_markdown(markdown: str, page: Page, config: Any, files: Files) -> str:
    """Lead links out of `docs` to copies."""
    lines, fenced = [], False
    for line in markdown.splitlines():
        fenced ^= bool(FENCE.match(line))
        lines.append(line if fenced else LINK.sub(lambda found: _lead(found, page, config, files), line))
    return "\n".join(lines)


def _lead(found: re.Match[str], page: Page, config: Any, files: Files) -> str:
    text, target, anchor = found.groups()
    if ELSEWHERE.match(target):
        return found[0]
    docs, here = Path(config.docs_dir).resolve(), posixpath.dirname(page.file.src_uri)
    source = (docs / here / target).resolve()
    if not source.exists():
        raise PluginError(f"{page.file.src_uri}: {target} is not there")
    if source.is_relative_to(docs):
        inside = source.relative_to(docs).as_posix()
        name = next(iter(_list_pages(docs, inside)), None) if source.is_dir() else inside
    else:
        name = None if source.is_dir() else _copy(source, config, files)
    return text if name is None else f"[{text}]({posixpath.relpath(name, here or '.')}{anchor or ''})"


def _copy(source: Path, config: Any, files: Files) -> str:
    """Where the copy of a file of the repository lies in the site; as text, which every browser shows."""
    name = f"{COPIES}/{source.relative_to(Path(config.docs_dir).resolve().parent).as_posix()}.txt"
    if files.get_file_from_path(name) is None:
        files.append(File.generated(config, name, content=source.read_text(encoding="utf-8")))
    return name
