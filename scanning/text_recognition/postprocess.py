"""What a centre wants done with pages after the conversion, each step in a process of its own (TR-03138 A.NB.1).

Straightened and sorted out first, then the text is recognised, of the pages as they will be.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scanning.inspection.results import Converted, FoundDifference, ScanRead
from scanning.pdfa.treatment import describe_pages
from scanning.readers.process_pool import ReaderPool
from scanning.readers.tasks import ADD_TEXT, DRAW_FOR_RECOGNITION, PROCESS_PAGES
from scanning.rejection import SENTENCES, FileRejected
from scanning.requirements.terms import Postprocessing
from scanning.text_recognition.tesseract import DPI, find_obstacle, recognise_text
from workflow.engine.fields import line

_AT_A_TIME = 8
"""Pages whose pictures lie on the disk at once."""


class Handling(NamedTuple):
    """How a file is to be handled after the conversion."""

    wanted: Postprocessing = Postprocessing()
    duplex: bool = False
    """Whether sheets were scanned on both sides, so that pages of even number are backs."""
    as_it_is: bool = False
    """Whether somebody wants this file untouched, whatever is wanted else."""

    def describe(self) -> str:
        """Tells it from every other; empty where nothing is wanted."""
        wanted = [name for name, on in self.wanted if on]
        more = {"duplex": self.duplex, "as_it_is": self.as_it_is}
        return " ".join([*wanted, *(name for name, on in more.items() if on and wanted)])


AS_IT_IS = Handling()


def postprocess(pool: ReaderPool, read: ScanRead, folder: Path, how: Handling) -> ScanRead:
    """The file that was read, with its PDF/A as it is wanted; new files go to `folder`."""
    made = read.converted
    if made is None or not how.wanted.anything:
        return read
    if how.as_it_is:
        return read.model_copy(update={"converted": _add_line(made, "auf Wunsch nicht nachbearbeitet")})
    wanted = how.wanted if how.duplex else how.wanted.model_copy(update={"drop_blank_backs": False})
    if how.wanted.drop_blank_backs and not how.duplex:
        made = _add_line(made, "leere Rückseiten nicht gesucht: nur eine Seite je Blatt")
    content = Path(read.content)
    if wanted.deskew or wanted.drop_blank_backs:
        content, made = _process_pages(pool, content, made, read.inspection.blank_pages, wanted, folder)
    if wanted.text_layer:
        content, made = _recognise(pool, content, made, folder)
    return read.model_copy(update={"converted": made, "content": str(content)})


def _process_pages(
    pool: ReaderPool, content: Path, made: Converted, blank: tuple[int, ...], wanted: Postprocessing, folder: Path
) -> tuple[Path, Converted]:
    """With its pages handled; where that cannot be, the PDF/A as it was, and the reason.

    A page that looks different already is not left out, whatever it looks like.
    """
    if made.other_differences:
        return content, _add_line(made, "nicht nachbearbeitet: zu viele Seiten sehen schon anders aus")
    pictures, out = folder / "processed", folder / "content-processed"
    pictures.mkdir()
    differing = {difference.page for difference in made.differences}
    try:
        done = pool.run(
            PROCESS_PAGES, path=str(content), blank=json.dumps([page for page in blank if page not in differing]),
            how=wanted.model_dump_json(), out=str(out), pictures=str(pictures),
        )  # fmt: skip
    except FileRejected as rejected:
        return content, _add_line(made, f"nicht nachbearbeitet: {SENTENCES[rejected.reason].de}")
    changed = made.model_copy(
        update={
            "pages": done.pages,
            "treatment": (*made.treatment, *done.treatment),
            "differences": _merge(made.differences, done.differences),
            "dropped": done.dropped,
        }
    )
    return (out if done.differences else content), changed


def _merge(earlier: tuple[FoundDifference, ...], later: tuple[FoundDifference, ...]) -> tuple[FoundDifference, ...]:
    """One for each page, in their order; a page that the conversion changed and that was turned then has all."""
    found = {one.page: one for one in earlier}
    for one in later:
        before = found.get(one.page)
        if before is None:
            found[one.page] = one
        else:
            detail = line(f"{before.detail}; {one.detail.partition(': ')[2]}")
            more = {"detail": detail, "converted": before.after, "after": one.after}
            found[one.page] = before.model_copy(update=more)
    return tuple(found[page] for page in sorted(found))


def _recognise(pool: ReaderPool, content: Path, made: Converted, folder: Path) -> tuple[Path, Converted]:
    """With text behind its pages; where that cannot be, the PDF/A as it was, and the reason."""
    if obstacle := find_obstacle():
        return content, _add_line(made, f"kein Text erkannt: {obstacle.de}")
    out = folder / "content-text"
    try:
        with TemporaryDirectory(dir=folder) as inside:
            texts, with_text = _read_pages(pool, content, made.pages, Path(inside))
            done = pool.run(ADD_TEXT, path=str(content), texts=json.dumps(texts), out=str(out))
    except FileRejected as rejected:
        return content, _add_line(made, f"kein Text erkannt: {SENTENCES[rejected.reason].de}")
    scanned = [page for page in range(1, made.pages + len(made.dropped) + 1) if page not in made.dropped]

    def tell(pages: Iterable[int]) -> str:
        """Pages by their number in the scan, as in all that is told."""
        return describe_pages([scanned[page - 1] for page in pages])

    if with_text:
        made = _add_line(made, f"{tell(with_text)}: Text war schon vorhanden")
    if done.refused is not None:
        return content, _add_line(made, f"kein Text hinterlegt: {done.refused}")
    if not done.pages:
        return content, _add_line(made, "kein Text gefunden")
    told = f"{tell(done.pages)}: Text erkannt und unsichtbar hinterlegt (tesseract, deutsch)"
    return out, _add_line(made, told)


def _read_pages(
    pool: ReaderPool, content: Path, pages: int, folder: Path
) -> tuple[list[tuple[int, str, int]], list[int]]:
    """Number of each page that was read, with file and index of its text; and the pages that had text before."""
    texts: list[tuple[int, str, int]] = []
    with_text: list[int] = []
    for first in range(1, pages + 1, _AT_A_TIME):
        found = pool.run(
            DRAW_FOR_RECOGNITION, path=str(content), first=str(first), most=str(_AT_A_TIME), dpi=str(DPI),
            folder=str(folder),
        )  # fmt: skip
        with_text += found.with_text
        if found.pictures:
            file = recognise_text([Path(picture) for picture in found.pictures], DPI, folder, pool.limits)
            texts += [(number, str(file), index) for index, number in enumerate(found.pages)]
        for picture in found.pictures:
            Path(picture).unlink()
    return texts, with_text


def _add_line(made: Converted, told: str) -> Converted:
    return made.model_copy(update={"treatment": (*made.treatment, line(told))})
