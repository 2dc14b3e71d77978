"""What a scanner makes is taken in: pages counted, blank and unreadable ones pointed out, turned into PDF/A-2b."""

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from scanning.inspection.page_quality import assess_page
from scanning.inspection.results import Inspection
from scanning.pdfa import xmp
from scanning.pdfa.rules import find_violations
from scanning.readers.process_pool import ReaderPool
from scanning.requirements.scan_product import MediaType
from tests.scanning import papers
from tests.scanning.inspection.hostile import raw_pdf, stream

GOOD = {
    "a.pdf": papers.pdf_file(3),
    "b.tif": papers.tiff_file(2),
    "c.jpg": papers.jpeg_file(),
    "d.png": papers.png_file(),
    "grau.jpg": papers.jpeg_file(mode="L"),
    "palette.png": papers.saved(papers.page(mode="P"), "PNG"),
    "deckkraft.png": papers.png_file(mode="RGBA"),
    "cmyk.jpg": papers.jpeg_file(mode="CMYK"),
    "farbig.pdf": papers.pdf_of([papers.page(mode="RGB")]),
    "bescheid.pdf": papers.born_digital(),
}
TYPES = {".pdf": MediaType.PDF, ".tif": MediaType.TIFF, ".jpg": MediaType.JPEG, ".png": MediaType.PNG}


@pytest.fixture
def content(reader_pool: Any, tmp_path: Path) -> Callable[..., Any]:
    """The PDF/A of a good file, and what was remarked."""

    def made(name, data=None):
        path, out = tmp_path / name, tmp_path / f"{name}.pdfa"
        path.write_bytes(GOOD[name] if data is None else data)
        done = reader_pool.convert(path, TYPES[path.suffix], out)
        return out.read_bytes(), done

    return made


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken(name: str, reader_pool: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD[name])
    found = reader_pool.inspect(path, name)
    assert found.media_type is TYPES[path.suffix]
    assert found.pages == {"a.pdf": 3, "b.tif": 2}.get(name, 1)
    assert (found.blank_pages, found.unreadable_pages) == ((), ())
    assert not [finding for finding in found.findings if not finding.startswith("coarse")]


def test_blank_and_unreadable_pages_are_pointed_out(reader_pool: Any, tmp_path: Path) -> None:
    sheets = [papers.page(), papers.blank(), papers.black(), papers.page("Ende")]
    for name, data in (("x.tif", papers.tiff_of(sheets)), ("x.pdf", papers.pdf_of(sheets))):
        path = tmp_path / name
        path.write_bytes(data)
        found = reader_pool.inspect(path, name)
        assert (found.blank_pages, found.unreadable_pages) == ((2,), (3,)), name


def test_what_looks_blank() -> None:
    one_word = papers.blank("L")
    one_word.paste(papers.page("x", "L", lines=1).crop((0, 0, 600, 120)), (100, 500))
    dusty = papers.blank("L")
    for place in ((100, 100), (700, 300), (900, 1500)):
        dusty.putpixel(place, 0)
    yellowed = Image.new("L", (800, 1100), 215)
    fogged = Image.new("L", (800, 1100), 120)
    lid_open = Image.effect_noise((800, 1100), 20).point(lambda level: level // 8)
    assert [assess_page(p)[:2] for p in (one_word, dusty, yellowed, fogged, lid_open)] == [
        (False, False), (True, False), (True, False), (False, True), (False, True),
    ]  # fmt: skip


def test_the_name_does_not_decide_but_a_wrong_one_is_pointed_out(reader_pool: Any, tmp_path: Path) -> None:
    path = tmp_path / "falsch.pdf"
    path.write_bytes(GOOD["d.png"])
    found = reader_pool.inspect(path, "falsch.pdf")
    assert found.media_type is MediaType.PNG
    assert found.findings == ("wrong_extension: .pdf holds image/png",)


@pytest.mark.parametrize("name", GOOD)
def test_it_becomes_pdf_a_and_always_the_same(name: str, content: Callable[..., Any]) -> None:
    first, done = content(name)
    second, _ = content(name)
    assert sha256(first).digest() == sha256(second).digest()
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert pdf.pdf_version == "1.7"
        assert len(pdf.pages) == done.pages
        assert xmp.read_packet(pdf.Root.Metadata.read_bytes()) == ({}, "2B")
        assert set(pdf.Root.keys()) == {"/Type", "/Pages", "/OutputIntents", "/Metadata"}
        assert find_violations(first) == ()
        assert set(pdf.trailer.keys()) == {"/Root", "/Size", "/ID"}
        assert pdf.Root.OutputIntents[0].DestOutputProfile.N == 3
        forbidden = {"/LZWDecode", "/JPXDecode", "/Crypt"}
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Stream):
                assert not forbidden & set(papers.filters(thing))
                assert "/SMask" not in thing
                assert str(thing.get("/ColorSpace", "")) != "/DeviceCMYK"
        assert not pdf.check_pdf_syntax()


def picture(data: bytes, index: int = 0) -> Image.Image:
    document = pdfium.PdfDocument(data)
    try:
        return document[index].render(scale=1).to_pil().convert("L")
    finally:
        document.close()


@pytest.mark.parametrize("name", GOOD)
def test_it_looks_the_same(name: str, content: Callable[..., Any]) -> None:
    made, _ = content(name)
    if name.endswith(".pdf"):
        before = picture(GOOD[name])
    else:
        sheet = Image.open(io.BytesIO(GOOD[name]))
        flat = Image.new("RGBA", sheet.size, "white")
        flat.alpha_composite(sheet.convert("RGBA"))
        before = flat.convert("L").resize(picture(made).size, Image.Resampling.BOX)
    difference = ImageChops.difference(before, picture(made)).resize((60, 84), Image.Resampling.BOX)
    assert difference.getextrema()[1] < 60


def test_pixels_go_in_as_they_are(content: Callable[..., Any]) -> None:
    """A JPEG is not encoded again, a black and white page comes out bit for bit."""
    made, _ = content("c.jpg")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        assert image.read_raw_bytes() == GOOD["c.jpg"]
    made, _ = content("b.tif")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        (image,) = pdf.pages[1].Resources.XObject.values()
        assert pikepdf.PdfImage(image).as_pil_image().convert("1").tobytes() == papers.page("Antrag 2").tobytes()


def test_data_of_one_strip_are_not_encoded_again(content: Callable[..., Any]) -> None:
    """As scanners write them; both senses of black, and what has another form is encoded anew, with equal pixels."""
    sheet = papers.page("Streifen")
    whole = {278: sheet.height}
    for more, same in (({}, True), ({262: 1}, True), ({266: 2}, False), ({278: 64}, False)):
        data = papers.saved(sheet, "TIFF", compression="group4", tiffinfo=whole | more)
        made, _ = content("streifen.tif", data)
        with pikepdf.open(io.BytesIO(made)) as pdf:
            (image,) = pdf.pages[0].Resources.XObject.values()
            assert (image.read_raw_bytes() in data) == same, more
            assert pikepdf.PdfImage(image).as_pil_image().convert("1").tobytes() == sheet.tobytes(), more
            assert [round(float(edge)) for edge in pdf.pages[0].MediaBox] == [0, 0, 595, 842]


def test_a_page_with_fonts_is_drawn_and_that_is_said(content: Callable[..., Any]) -> None:
    made, done = content("bescheid.pdf")
    why = "Schriften sind nicht oder nicht ganz eingebettet"
    assert done.anomalies == done.treatment == (f"Seite 1: als Bild mit 300 dpi neu gezeichnet ({why})",)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert "/Font" not in pdf.pages[0].Resources


def test_an_invisible_text_layer_stays_and_so_does_the_image(content: Callable[..., Any]) -> None:
    """A font that only invisible text uses need not be embedded (ISO 19005-2, 6.2.11.4.1)."""
    with pikepdf.open(io.BytesIO(papers.pdf_file(1))) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources.Font = pikepdf.Dictionary(F1=font)
        page.contents_add(b"BT /F1 12 Tf 3 Tr 10 10 Td (Antrag) Tj ET", prepend=False)
        out = io.BytesIO()
        pdf.save(out)
    made, done = content("layer.pdf", out.getvalue())
    with pikepdf.open(io.BytesIO(made)) as pdf, pikepdf.open(io.BytesIO(papers.pdf_file(1))) as plain:
        (image,), (before,) = pdf.pages[0].Resources.XObject.values(), plain.pages[0].Resources.XObject.values()
        assert image.read_raw_bytes() == before.read_raw_bytes()
    assert done.treatment in {
        ("Seite 1: unverändert übernommen",),
        ("Seite 1: Bilder und Linien unverändert übernommen, unsichtbarer Text weggelassen",),
    }


@pytest.mark.parametrize(
    ("resources", "drawing"),
    [
        (b"/ExtGState<</G<</ca .5>>>>", b"/G gs 10 10 100 100 re f"),
        (b"", b"BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI"),
        (b"", b"1 0 0 rg 10 10 100 100 re f"),
    ],
)
def test_what_pdf_a_allows_is_not_drawn(resources: bytes, drawing: bytes, content: Callable[..., Any]) -> None:
    made, done = content("y.pdf", page_with(resources, drawing))
    assert (done.anomalies, done.treatment) == ((), ("Seite 1: unverändert übernommen",))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert drawing[:8] in pdf.pages[0].Contents.read_bytes()


@pytest.mark.parametrize("drawing", [b"0 1 0 0 k 10 10 100 100 re f", b"/P cs 1 scn 10 10 100 100 re f"])
def test_what_pdf_a_does_not_allow_is_drawn(drawing: bytes, content: Callable[..., Any]) -> None:
    made, done = content("y.pdf", page_with(b"/ColorSpace<</P[/Separation/X/DeviceCMYK 9 0 R]>>", drawing))
    assert done.redrawn == (1,)
    assert "als Bild mit 300 dpi neu gezeichnet" in done.anomalies[0]
    assert find_violations(made) == ()


def page_with(resources: bytes, drawing: bytes) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>>>" % resources
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, page, stream(drawing))


def test_a_rotated_page_stays_rotated(content: Callable[..., Any]) -> None:
    with pikepdf.open(io.BytesIO(papers.pdf_file(1))) as pdf:
        pdf.pages[0].Rotate = 90
        out = io.BytesIO()
        pdf.save(out)
    made, _ = content("quer.pdf", out.getvalue())
    assert picture(made).size == picture(out.getvalue()).size
    assert picture(made).width > picture(made).height


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"%PDF-1.7\n", b"II*\0\x08\0\0\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatsoever_bring_the_reader_down(
    tmp_path_factory: pytest.TempPathFactory, body: Any, head: Any
) -> None:
    """In the process of the test: the check itself answers any bytes with a refusal, not with another error."""
    from scanning.inspection.inspect import inspect
    from scanning.limits import LIMITS
    from scanning.rejection import FileRejected, RejectionReason

    path = tmp_path_factory.getbasetemp() / "zufall"
    path.write_bytes(head + body)
    with pytest.raises(FileRejected) as rejected:
        inspect(path, "zufall.pdf", LIMITS)
    assert rejected.value.reason is not RejectionReason.READER_FAILED


@pytest.mark.parametrize("name", ["a.pdf", "b.tif", "c.jpg", "d.png"])
def test_a_flipped_or_cut_file_is_refused_or_read_never_a_crash(name: str, tmp_path: Path) -> None:
    """One reader reads them all: that each refusal gets a new one is told elsewhere, and takes most of the time."""
    import random

    from scanning.limits import LIMITS
    from scanning.rejection import RejectionReason

    draw, whole, reasons = random.Random(name), GOOD[name], set()
    path = tmp_path / name
    with ReaderPool(1) as pool:
        reader = pool._get_child()
        for _ in range(25):
            data = bytearray(whole)
            for _ in range(draw.randint(1, 20)):
                data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            path.write_bytes(data[: draw.randrange(len(data))] if draw.random() < 0.3 else data)
            answer = reader.run({"task": "inspect", "path": str(path), "name": name}, LIMITS.seconds)
            if rejected := answer.get("rejected"):
                reasons.add(RejectionReason(rejected["reason"]))
            else:
                Inspection.model_validate(answer["done"], strict=False)
        reader.end()
    assert reasons
    assert RejectionReason.READER_FAILED not in reasons
