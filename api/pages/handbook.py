"""The handbooks, as pages: what stands in the documentation for those who work with the pages, beside their work."""

import re
import sysconfig
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path as InPath
from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.responses import Response

from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn
from workflow.errors import NotFound

router = create_page_router()
PARTS = ("de", "en", "how-to")
"""Folders of the documentation that are handbooks."""
NAME = re.compile(r"(?:de|en|how-to)/[a-zA-Z0-9-]{1,60}")
BASE = "/pages/handbook/"
Name = Annotated[str, InPath(max_length=80)]


@cache
def find_folder() -> Path:
    """Of a checkout, or where the wheel has put it."""
    checkout = Path(__file__).parents[2] / "docs"
    return checkout if checkout.is_dir() else Path(sysconfig.get_path("data")) / "share" / "eva" / "docs"


def make_anchor(heading: str) -> str:
    """The anchor of a heading, as in links of the documentation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@router.get("/pages/handbook/{name:path}")
def show_handbook(who: LoggedIn, name: Name) -> Response:
    if not NAME.fullmatch(name) or not _file(name).is_file():
        raise NotFound("page", name)
    title, text = render_handbook(name)
    language = "de" if name.startswith("de/") else "en"
    return render_page(who, "handbook.html.j2", here_is="", title=title, text=text, language=language)


def _file(name: str) -> Path:
    return find_folder() / f"{name}.md"


@cache
def render_handbook(name: str) -> tuple[str, str]:
    """Title, and the whole as HTML; what stands in the file as HTML is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    parser.add_render_rule("fence", _show_code)
    tokens = parser.parse(_file(name).read_text(encoding="utf-8"))
    title = ""
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = "".join(part.content for part in tokens[number + 1].children or ())
            title = title or heading
            token.attrSet("id", make_anchor(heading))
        if token.type == "inline":
            token.children = _resolve_links(token.children or [], PurePosixPath(name).parent)
    return title, parser.renderer.render(tokens, parser.options, {})


def _open_table(*_: Any) -> str:
    return '<div class="wide" tabindex="0" role="group"><table>'


def _show_code(_self: Any, tokens: Any, number: int, *_: Any) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[number].content)}</code></pre>\n'


def _resolve_links(tokens: list[Token], folder: PurePosixPath) -> list[Token]:
    """Links to handbooks lead to their pages; those to the rest of the documentation become what they are called."""
    found, dropped = list[Token](), 0
    for token in tokens:
        if token.type == "link_open":
            address = _resolve(str(token.attrGet("href")), folder)
            if address is None:
                dropped += 1
                continue
            token.attrSet("href", address)
        if token.type == "link_close" and dropped:
            dropped -= 1
            continue
        found.append(token)
    return found


def _resolve(address: str, folder: PurePosixPath) -> str | None:
    """Where a link leads here; None where that is not shown."""
    path, _, anchor = address.partition("#")
    after = f"#{quote(anchor)}" if anchor else ""
    if not path:
        return after
    if ":" in path or not path.endswith(".md"):
        return None
    parts = list[str]()
    for part in (folder / path.removesuffix(".md")).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    name = "/".join(parts)
    return f"{BASE}{name}{after}" if NAME.fullmatch(name) and _file(name).is_file() else None
