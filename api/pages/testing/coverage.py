"""What replays cover of the machines: the pages that `eva replay --coverage` wrote into the data folder."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from starlette.responses import FileResponse, Response

from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn
from api.pages.testing.replays import FOLDER, LARGEST
from workflow.errors import NotFound

router = create_page_router()
NAME = re.compile(r"[\w][\w.\- ]{0,100}\.html")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""Drawings and tables only: nothing runs, nothing is loaded."""
MOST_PAGES = 20


class CoveragePage(NamedTuple):
    name: str
    written: datetime


@router.get("/pages/coverage")
def show_coverage(who: LoggedIn) -> Response:
    """The newest page, and links to the others."""
    return _render(who, None)


@router.get("/pages/coverage/{name}")
def show_one(who: LoggedIn, name: str) -> Response:
    return _render(who, name)


def _render(who: LoggedIn, name: str | None) -> Response:
    pages = list_pages(who.services.settings.data / FOLDER)
    chosen = next((one for one in pages if name in {None, one.name}), None)
    if name is not None and chosen is None:
        raise NotFound("coverage", name[:100])
    return render_page(who, "coverage.html.j2", here_is="replays", pages=pages, chosen=chosen)


@router.get("/pages/coverage/{name}/content")
def read_page(who: LoggedIn, name: str) -> Response:
    folder = who.services.settings.data / FOLDER
    if name not in {one.name for one in list_pages(folder)}:
        raise NotFound("coverage", name[:100])
    headers = {"content-security-policy": POLICY, "x-frame-options": "SAMEORIGIN"}
    return FileResponse(folder / name, media_type="text/html", headers=headers)


def list_pages(folder: Path) -> list[CoveragePage]:
    """HTML pages of a folder that are not too large, the newest first."""
    found = [
        CoveragePage(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC))
        for path in folder.glob("*.html")
        if NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST
    ]
    return sorted(found, key=lambda one: (one.written, one.name), reverse=True)[:MOST_PAGES]
