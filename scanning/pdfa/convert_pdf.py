"""A PDF as PDF/A-2b: passed through where it keeps the rules once its frame is mended, otherwise page by page.

A page that does not keep the rules is rebuilt of its images and lines, and where it has more than these, drawn as a
picture: a picture is certainly right, a claim of PDF/A for unknown content is not. What was done is said.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import pdfa

from scanning.inspection.pdf import open_pdf
from scanning.inspection.results import Converted
from scanning.limits import Limits, Turn
from scanning.pdfa.claim import save_pdfa
from scanning.pdfa.copy_pages import PageCopier
from scanning.pdfa.draw_page import PageDrawer
from scanning.pdfa.embed_image import add_page, pack
from scanning.pdfa.rules import explain, find_violations
from scanning.pdfa.treatment import UNCHANGED, Treatment
from scanning.rejection import FileRejected, RejectionReason

_STRUCTURE = frozenset({"/Lang", "/MarkInfo", "/StructTreeRoot", "/Outlines", "/Names", "/Dests", "/PageLabels"})
"""Of the catalog: what helps to read the file, and shows nothing."""
_MARKS = {"/Link", "/Popup"}
"""Annotations that draw nothing on the page."""


def convert_pdf(path: Path, out: Path, limits: Limits, on_page: Turn) -> Converted:
    """Write a checked PDF as PDF/A-2b to `out`; raises `FileRejected` where a page cannot be converted."""
    with open_pdf(path) as source:
        layers = "/OCProperties" in source.Root and len(source.Root.OCProperties.get("/OCGs", [])) > 0
        treatment, pages = _make_static(source), len(source.pages)
        normal = out.with_name(f"{out.name}.normal")
        try:
            source.save(normal)  # its objects in one plain table, which every reader reads alike
            if not layers and _pass_through(source, out):
                for number in range(1, pages + 1):
                    treatment.add(number, UNCHANGED, finding=False)
            else:
                _convert_pages(normal, out, treatment, limits, on_page)
        finally:
            normal.unlink(missing_ok=True)
    return Converted(
        pages=pages, anomalies=treatment.findings, treatment=treatment.lines, redrawn=tuple(sorted(treatment.redrawn))
    )


def _make_static(source: pikepdf.Pdf) -> Treatment:
    """Lay form fields and notes on the page as a viewer shows them, so that nothing can hide or change them."""
    treatment = Treatment()
    source.remove_unreferenced_resources()  # a font that nothing uses need not be embedded
    for number, page in enumerate(source.pages, 1):
        annotations: Any = page.get("/Annots", [])
        if any(str(one.get("/Subtype")) not in _MARKS for one in annotations if isinstance(one, pikepdf.Dictionary)):
            treatment.add(number, "Formularfelder und Anmerkungen fest auf die Seite gelegt")
    if treatment.lines:
        with suppress(pikepdf.PdfError):  # a field without an appearance stays one, and its page is drawn
            source.generate_appearance_streams()
        source.flatten_annotations("screen")
    return treatment


def _pass_through(source: pikepdf.Pdf, out: Path) -> bool:
    """Whether the file keeps the rules once metadata, profile and catalog are put in order; then it is written."""
    with suppress(ValueError, pikepdf.PdfError):
        pdfa.prepare(source, "2b")
        for kept in (_STRUCTURE, frozenset[str]()):
            save_pdfa(source, out, kept)
            if not find_violations(out):
                return True
    return False


def _convert_pages(normal: Path, out: Path, treatment: Treatment, limits: Limits, on_page: Turn) -> None:
    with open_pdf(normal) as source, pikepdf.new() as made, PageDrawer(normal, limits) as drawer:
        copier = PageCopier(source, made)
        for index in range(len(source.pages)):
            on_page()
            why = _find_obstacle(source, index)
            if not why:
                made.pages.append(source.pages[index])
                treatment.add(index + 1, UNCHANGED, finding=False)
            elif not copier.copy(index):
                told = "Bilder und Linien unverändert übernommen"
                treatment.add(index + 1, f"{told}, unsichtbarer Text weggelassen" if copier.left_out else told)
            else:
                _draw_page(drawer, source, index, made, treatment, why)
        save_pdfa(made, out)
    if violations := find_violations(out):
        raise FileRejected(RejectionReason.NOT_ARCHIVABLE, violations[0][:200])


def _find_obstacle(source: pikepdf.Pdf, index: int) -> str:
    """Why a page by itself does not keep the rules, in German; empty where it does."""
    if _has_layers(source.pages[index]):
        return "Ebenen"
    with pikepdf.new() as alone:
        alone.pages.append(source.pages[index])
        try:
            pdfa.prepare(alone, "2b")
        except (ValueError, pikepdf.PdfError):
            return "Aufbau in anderer Form"
        report = pdfa.check(alone, "2b", deterministic_id=True)
        return explain(tuple(map(str, report.findings))) if report.findings else ""


def _has_layers(page: pikepdf.Page) -> bool:
    """Whether the page has content that is shown or hidden by layers."""
    resources: Any = page.get("/Resources", {})
    properties = resources.get("/Properties", {})
    groups = any(str(one.get("/Type", "")) in {"/OCG", "/OCMD"} for _, one in properties.items() if hasattr(one, "get"))
    return groups or any("/OC" in one for _, one in resources.get("/XObject", {}).items())


def _draw_page(
    drawer: PageDrawer, source: pikepdf.Pdf, index: int, made: pikepdf.Pdf, treatment: Treatment, why: str
) -> None:
    drawn = drawer.draw(index, float(source.pages[index].get("/UserUnit", 1)))
    add_page(made, pack(drawn.picture), drawn.size)
    told = f"als Bild mit {drawn.dpi} dpi neu gezeichnet ({why})"
    if drawn.finest > drawn.dpi:
        told = f"{told}; ein Bild der Vorlage hatte {drawn.finest} dpi"
    treatment.add(index + 1, told)
    treatment.redrawn.add(index + 1)
