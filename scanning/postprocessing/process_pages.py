"""A PDF/A with its pages turned straight and its blank backs left out; each page that changes is shown to a person.

That a turned page shows the same is proven too: the page as it was is turned by Pillow, and compared with the page that
PDFium draws of the result.
"""

from pathlib import Path
from typing import NamedTuple

import pikepdf
from PIL import Image

from scanning.comparison.differences import Differences
from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.comparison.pictures import ACROSS, find_difference
from scanning.inspection.results import FoundDifference, Postprocessed
from scanning.limits import Limits, Turn, ignore_page
from scanning.pdfa.claim import ALWAYS, save_pdfa
from scanning.pdfa.rules import find_violations
from scanning.pdfa.treatment import Treatment
from scanning.postprocessing import blank_back
from scanning.postprocessing.blank_back import is_surely_blank
from scanning.postprocessing.skew import find_skew
from scanning.postprocessing.turn_page import NotTurned, turn_page
from scanning.requirements.terms import Postprocessing

DPI, _LONGEST = 100, 2_400
"""How finely a page is looked at for its lines of text, and shown; pixels of its longest edge."""
_PROOF_DPI, _REDUCED, _TOLD = 300, 5, 3
"""How finely a turned page is drawn, and reduced before it is compared: turning blurs what is drawn coarsely. Reduced
less, it is the picture for a person."""
_TURNED = ACROSS._replace(stroke=128, pixels=10)
"""Each program has its own way to compute the pixels of a turned picture."""


class _Plan(NamedTuple):
    """What is to be done, by the index of a page."""

    turns: dict[int, float]
    """Degrees anticlockwise."""
    dropped: dict[int, FoundDifference]
    """With their pictures."""


def process_pages(
    path: Path, blank: tuple[int, ...], how: Postprocessing, out: Path, pictures: Path, limits: Limits,
    on_page: Turn = ignore_page,
) -> Postprocessed:  # fmt: skip
    """Write the PDF/A to `out` where a page changes; `blank` are numbers of pages that looked blank.

    Backs are pages of even number. Pictures go to the folder `pictures`.
    """
    treatment, turned = Treatment(), Differences(pictures, most=limits.pages)
    with PdfiumPages(path) as drawn:
        plan = _make_plan(drawn, blank, how, Differences(pictures, most=limits.pages), on_page)
        while plan.turns or plan.dropped:
            _write(path, out, plan, treatment)
            turned = Differences(pictures, most=limits.pages)
            if find_violations(out):
                treatment.add(1, "Seiten nicht nachbearbeitet: das Ergebnis wäre kein PDF/A")
                plan = _Plan({}, {})
            elif unlike := _prove(drawn, out, plan, turned, on_page):
                for index in unlike:
                    del plan.turns[index]
                    treatment.add(index + 1, "nicht gerade gerichtet: sähe anders aus")
            else:
                break
        for index in plan.dropped:
            treatment.add(index + 1, "leere Rückseite weggelassen")
        for index, degrees in sorted(plan.turns.items()):
            treatment.add(index + 1, _describe_turn(degrees))
        return Postprocessed(
            pages=len(drawn) - len(plan.dropped), treatment=treatment.lines,
            differences=tuple(sorted((*plan.dropped.values(), *turned.pages), key=lambda one: one.page)),
            dropped=tuple(sorted(index + 1 for index in plan.dropped)),
        )  # fmt: skip


def _make_plan(
    drawn: PdfiumPages, blank: tuple[int, ...], how: Postprocessing, dropped: Differences, on_page: Turn
) -> _Plan:
    turns: dict[int, float] = {}
    for index in range(len(drawn)):
        back = how.drop_blank_backs and index % 2 == 1 and index + 1 in blank
        if not back and (not how.deskew or index + 1 in blank):
            continue
        on_page()
        if back and _is_blank(drawn, index):
            picture = _draw_coarsely(drawn, index)
            dropped.add(index, "leere Rückseite, im Ergebnis weggelassen", picture, None)
        elif how.deskew and (skew := find_skew(_draw_coarsely(drawn, index))):
            turns[index] = skew
    return _Plan(turns, {found.page - 1: found for found in dropped.pages})


def _draw_coarsely(drawn: PdfiumPages, index: int) -> Image.Image:
    return drawn.draw(index, drawn.find_size(index, DPI, _LONGEST), grey=True)


def _is_blank(drawn: PdfiumPages, index: int) -> bool:
    """Whether nothing is lost without the page, text that does not show included."""
    if drawn.read_text(index).strip():
        return False
    return is_surely_blank(drawn.draw(index, drawn.find_size(index, blank_back.DPI)))


def _write(path: Path, out: Path, plan: _Plan, treatment: Treatment) -> None:
    """Write the result; pages that cannot be turned are taken off the plan."""
    with pikepdf.open(path) as pdf:
        for index, degrees in sorted(plan.turns.items()):
            try:
                turn_page(pdf, pdf.pages[index], degrees)
            except NotTurned as why:
                del plan.turns[index]
                treatment.add(index + 1, f"nicht gerade gerichtet: {why}")
        for index in sorted(plan.dropped, reverse=True):
            del pdf.pages[index]
        kept = ALWAYS if plan.dropped else frozenset(pdf.Root.keys())
        save_pdfa(pdf, out, kept)


def _find_place(index: int, plan: _Plan) -> int:
    """Where a page of the source is in the result."""
    return index - sum(1 for dropped in plan.dropped if dropped < index)


def _prove(drawn: PdfiumPages, out: Path, plan: _Plan, turned: Differences, on_page: Turn) -> list[int]:
    """Pages that do not show what the page shows when Pillow turns it; the pictures of all others go to `turned`."""
    unlike = []
    with PdfiumPages(out) as made:
        for index, degrees in sorted(plan.turns.items()):
            on_page()
            page = drawn.draw(index, drawn.find_size(index, _PROOF_DPI), grey=True)
            expected = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
            after = made.draw(_find_place(index, plan), expected.size, grey=True)
            if find_difference(expected.reduce(_REDUCED), after.reduce(_REDUCED), _TURNED):
                unlike.append(index)
            else:
                turned.add(index, _describe_turn(degrees), page.reduce(_TOLD), after.reduce(_TOLD))
    return unlike


def _describe_turn(degrees: float) -> str:
    return f"um {abs(degrees):.1f} Grad gerade gerichtet".replace(".", ",")
