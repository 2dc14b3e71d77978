"""Any accepted scan as PDF/A-2b (ISO 19005-2): the same pixels in a file that a reader decades from now can show.

Images are embedded as they are, losslessly. A PDF is rebuilt page by page from what PDF/A allows; a page with anything
else (fonts, forms, transparency, ...) is rendered at 300 dpi instead, and the transfer note says so: a picture is
certainly right, a claim of PDF/A for unknown content is not. Nothing depends on clock or chance, so equal scans give
equal bytes.
"""

from io import BytesIO
from pathlib import Path

import img2pdf
import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageCms

from scanning.inspection import images as image_inspection
from scanning.inspection.pdf import open_pdf
from scanning.inspection.results import Converted
from scanning.limits import Limits
from scanning.pdfa.ccitt_g4 import copy_strip
from scanning.pdfa.copy_pages import PageCopier
from scanning.pdfa.xmp import write_packet
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType
from workflow.engine.fields import line

RENDER_DPI = 300
_ROWS_PER_STRIP = 278


def convert(path: Path, kind: MediaType, out: Path, limits: Limits) -> Converted:
    """Write a checked scan as PDF/A-2b to `out`: the same bytes for the same scan.

    Raises `FileRejected` where a page cannot be read after all.
    """
    if kind is MediaType.PDF:
        pdf, anomalies = _convert_pdf(path)
    else:
        pdf, anomalies = _convert_images(path, kind, limits)
    with pdf:
        _add_pdfa_claim(pdf)
        pdf.save(out, deterministic_id=True, force_version="1.7", min_version="1.7", compress_streams=True,
                 object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False)  # fmt: skip
        return Converted(pages=len(pdf.pages), anomalies=tuple(map(line, anomalies)))


def _add_pdfa_claim(pdf: pikepdf.Pdf) -> None:
    """Add output intent with colour profile and metadata, and remove everything else that PDF/A does not need."""
    profile = pdf.make_stream(_make_srgb_profile(), N=3)
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier="sRGB",
        Info="sRGB IEC61966-2.1", DestOutputProfile=profile,
    )  # fmt: skip
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
    metadata = pikepdf.Stream(pdf, write_packet())
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = pdf.make_indirect(metadata)
    for key in set(pdf.Root.keys()) - {"/Type", "/Pages", "/OutputIntents", "/Metadata"}:
        del pdf.Root[key]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def _make_srgb_profile() -> bytes:
    """The profile of sRGB; the time of its making is set to a fixed one (ICC.1, 7.2.8)."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = b"".join(number.to_bytes(2, "big") for number in (2021, 1, 1, 0, 0, 0))
    return bytes(made)


def _convert_images(path: Path, kind: MediaType, limits: Limits) -> tuple[pikepdf.Pdf, list[str]]:
    anomalies: list[str] = []
    whole = kind is MediaType.JPEG
    with_parts = []
    with path.open("rb") as file:
        for number, page in enumerate(image_inspection.read_pages(path, kind, limits), 1):
            plain, changed = _flatten(page)
            anomalies += [f"page {number}: {changed}"] if changed else []
            whole = whole and not changed
            if not whole:
                with_parts.append(copy_strip(page, file) or _encode(plain))
    return _embed([path.read_bytes()] if whole else with_parts), anomalies


def _flatten(page: Image.Image) -> tuple[Image.Image, str]:
    """The page without what PDF/A-2b has no place for here: transparency, and colours of a printing press."""
    if page.mode in {"RGBA", "LA", "PA"} or "transparency" in page.info:
        paper = Image.new("RGBA", page.size, "white")
        paper.alpha_composite(page.convert("RGBA"))
        return paper.convert("RGB"), "transparency laid on white"
    if page.mode in {"CMYK", "LAB", "HSV", "YCbCr"}:
        return page.convert("RGB"), f"{page.mode} converted to RGB"
    if page.mode not in {"1", "L", "P", "RGB"}:
        return page.convert("L"), f"{page.mode} converted to grey"
    return page, ""


def _encode(page: Image.Image) -> bytes:
    """A page as PNG (or TIFF G4 where black and white), which goes into the PDF without another encoding."""
    file = BytesIO()
    dpi = page.info.get("dpi")
    kept = {"dpi": tuple(float(d) for d in dpi)} if dpi and min(dpi) > 1 else {}
    if page.mode == "1":
        # In one strip, as PDF has it; otherwise it would be encoded once more.
        page.save(file, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: page.height}, **kept)
    else:
        page.save(file, "PNG", compress_level=6, icc_profile=None, **kept)
    return file.getvalue()


def _embed(images: list[bytes]) -> pikepdf.Pdf:
    try:
        made = img2pdf.convert(images, engine=img2pdf.Engine.internal, nodate=True, rotation=img2pdf.Rotation.ifvalid)
    except (img2pdf.ImageOpenError, img2pdf.JpegColorspaceError, ValueError) as error:
        raise FileRejected(RejectionReason.DAMAGED, str(error)) from error
    return pikepdf.open(BytesIO(made))


def _convert_pdf(path: Path) -> tuple[pikepdf.Pdf, list[str]]:
    anomalies: list[str] = []
    made = pikepdf.new()
    with open_pdf(path) as source:
        plain = PageCopier(source, made)
        for number in range(1, len(source.pages) + 1):
            why = plain.copy(number - 1)
            if why:
                anomalies.append(f"page {number}: drawn at {RENDER_DPI} dpi ({why})")
                with _embed([_render(path, number - 1)]) as picture:
                    made.pages.extend(picture.pages)
        anomalies += plain.remarks
    return made, anomalies


def _render(path: Path, index: int) -> bytes:
    """A page as a picture: grey where it has no colour."""
    document = pdfium.PdfDocument(path)
    try:
        page = document[index]
        picture = page.render(scale=RENDER_DPI / 72, fill_color=(255, 255, 255, 255)).to_pil().convert("RGB")
    except pdfium.PdfiumError as error:
        raise FileRejected(RejectionReason.DAMAGED, str(error)) from error
    finally:
        document.close()
    grey = picture.convert("L")
    if not _has_colour(picture):
        picture = grey
    file = BytesIO()
    picture.save(file, "PNG", dpi=(RENDER_DPI, RENDER_DPI))
    return file.getvalue()


def _has_colour(picture: Image.Image) -> bool:
    small = picture.resize((max(picture.width // 4, 1), max(picture.height // 4, 1)), Image.Resampling.BOX)
    return max(small.convert("HSV").getchannel("S").histogram()[9:]) > 0
