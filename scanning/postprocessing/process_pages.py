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
from scanning.inspection.results import Postprocessed
from scanning.limits import Limits, Turn, ignore_page
from scanning.pdfa.claim import ALWAYS, save_pdfa
from scanning.pdfa.rules import find_violations
from scanning.pdfa.treatment import Treatment
from scanning.postprocessing.blank_back import is_surely_blank
from scanning.postprocessing.skew import find_skew
from scanning.postprocessing.turn_page import NotTurned, turn_page
from scanning.requirements.terms import Postprocessing

DPI = 100
_PROOF_DPI, _REDUCED = 300, 5
"""How finely a turned page is drawn, and reduced before it is compared: turning blurs what is drawn coarsely."""
_TURNED = ACROSS._replace(stroke=128, pixels=10)
"""Each program has its own way to compute the pixels of a turned picture."""


class _Plan(NamedTuple):
    """What is to be done, by the index of a page."""

    turns: dict[int, float]
    """Degrees anticlockwise."""
    dropped: set[int]


def process_pages(
    path: Path, blank: tuple[int, ...], how: Postprocessing, out: Path, pictures: Path, limits: Limits,
    on_page: Turn = ignore_page,
) -> Postprocessed:  # fmt: skip
    """Write the PDF/A to `out` where a page changes; `blank` are numbers of pages that looked blank.

    Backs are pages of even number. Pictures go to the folder `pictures`.
    """
    treatment, differences = Treatment(), Differences(pictures, most=limits.pages)
    with PdfiumPages(path) as drawn:
        plan = _make_plan(drawn, blank, how, on_page)
        while plan.turns or plan.dropped:
            _write(path, out, plan, treatment)
            if find_violations(out):
                treatment.add(1, "Seiten nicht nachbearbeitet: das Ergebnis wäre kein PDF/A")
                plan = _Plan({}, set())
            elif unlike := _find_unlike(drawn, out, plan, on_page):
                for index in unlike:
                    del plan.turns[index]
                    treatment.add(index + 1, "nicht gerade gerichtet: sähe anders aus")
            else:
                break
        _tell(drawn, out, plan, treatment, differences)
        return Postprocessed(
            pages=len(drawn) - len(plan.dropped), treatment=treatment.lines, differences=differences.pages,
            dropped=tuple(sorted(index + 1 for index in plan.dropped)),
        )  # fmt: skip


def _make_plan(drawn: PdfiumPages, blank: tuple[int, ...], how: Postprocessing, on_page: Turn) -> _Plan:
    plan = _Plan({}, set())
    for index in range(len(drawn)):
        back = how.drop_blank_backs and index % 2 == 1 and index + 1 in blank
        if not back and (not how.deskew or index + 1 in blank):
            continue
        on_page()
        picture = _draw(drawn, index)
        if back and is_surely_blank(picture):
            plan.dropped.add(index)
        elif how.deskew and (skew := find_skew(picture)):
            plan.turns[index] = skew
    return plan


def _draw(drawn: PdfiumPages, index: int, dpi: int = DPI) -> Image.Image:
    width, height = drawn.measure(index)
    size = (max(round(width * dpi / 72), 1), max(round(height * dpi / 72), 1))
    return drawn.draw(index, size, grey=True)


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


def _find_unlike(drawn: PdfiumPages, out: Path, plan: _Plan, on_page: Turn) -> list[int]:
    """Turned pages that do not show what the page shows when Pillow turns it."""
    unlike = []
    with PdfiumPages(out) as made:
        for index, degrees in plan.turns.items():
            on_page()
            page = _draw(drawn, index, _PROOF_DPI)
            turned = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
            after = made.draw(_find_place(index, plan), turned.size, grey=True)
            if find_difference(turned.reduce(_REDUCED), after.reduce(_REDUCED), _TURNED):
                unlike.append(index)
    return unlike


def _tell(drawn: PdfiumPages, out: Path, plan: _Plan, treatment: Treatment, differences: Differences) -> None:
    for index in sorted(plan.dropped):
        treatment.add(index + 1, "leere Rückseite weggelassen")
        differences.add(index, "leere Rückseite, im Ergebnis weggelassen", _draw(drawn, index), None)
    if not plan.turns:
        return
    with PdfiumPages(out) as made:
        for index, degrees in sorted(plan.turns.items()):
            told = f"um {abs(degrees):.1f} Grad gerade gerichtet".replace(".", ",")
            treatment.add(index + 1, told)
            differences.add(index, told, _draw(drawn, index), _draw(made, _find_place(index, plan)))
