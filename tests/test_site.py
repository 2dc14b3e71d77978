"""The documentation as a site: it builds without a warning, every link leads somewhere, nothing comes from outside."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from lxml import html

from tests.conftest import ROOT
from tests.patience import PATIENT

LOADED = "//script/@src | //link[@rel!='canonical']/@href | //img/@src | //iframe/@src | //source/@src"
"""What a browser fetches by itself."""


def build(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENT, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    done = build(ROOT, out)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, html.HtmlElement]:
    return {path: html.fromstring(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


@cache
def find_ids(path: Path) -> set[str]:
    return set(html.fromstring(path.read_text(encoding="utf-8")).xpath("//@id | //a/@name"))


def test_every_page_of_the_documentation_is_in_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix().replace("README.html", "index.html")
        assert (site / name).is_file(), name


def test_every_internal_link_leads_to_a_file_and_a_place_in_it(pages: dict[Path, html.HtmlElement]) -> None:
    followed, wrong = 0, []
    for path, page in pages.items():
        if path.name == "404.html":  # shown under any address, so its links begin at the root of a server
            continue
        for link in page.xpath("//a/@href"):
            target, anchor = urldefrag(link)
            if ":" in target.split("/")[0]:
                continue
            file = (path.parent / unquote(target)).resolve() if target else path
            followed += 1
            there = file.is_file() and (not anchor or file.suffix != ".html" or unquote(anchor) in find_ids(file))
            wrong += [] if there else [f"{path.name}: {link}"]
    assert wrong == []
    assert followed > 5000


def test_nothing_is_loaded_from_another_host(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    loaded = {address for page in pages.values() for address in page.xpath(LOADED)}
    assert loaded
    assert [address for address in loaded if address.startswith(("http:", "https:", "//"))] == []
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "url(http" not in text.replace('"', "").replace("'", ""), sheet
        assert "@import" not in text, sheet


def test_it_is_entered_in_german_and_in_english(pages: dict[Path, html.HtmlElement], site: Path) -> None:
    home = pages[site / "index.html"]
    menus = {" ".join(one.text_content().split()) for one in home.xpath("//*[contains(@class, 'navbar')]//a")}
    assert {"Deutsch", "English"} <= menus
    links = {urldefrag(one)[0] for one in home.xpath("//a/@href")}
    assert {"de/index.html", "en/index.html", "de/handbuch-sachbearbeitung.html", "en/handbook-clerk.html"} <= links


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[weg](../scenarios/no-such.yaml)", "../scenarios/no-such.yaml is not there"),
        ("[weg](no-such.md)", "no-such.md is not there"),
        ("[weg](glossary.md#no-such-place)", "no-such-place"),
    ],
)
def test_a_link_to_nothing_ends_the_build(tmp_path: Path, text: str, said: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("mkdocs.yml", "docs/site_of_docs.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (docs / "glossary.md").write_text("# Glossary\n", encoding="utf-8")
    (docs / "index.md").write_text("# eva\n\n[words](glossary.md)\n", encoding="utf-8")
    assert build(tmp_path, tmp_path / "good").returncode == 0
    (docs / "index.md").write_text(f"# eva\n\n{text}\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "bad")
    assert done.returncode != 0
    assert said in done.stderr + done.stdout
