"""Hostile files, made here byte by byte: what a scanner, a mail or an attacker may hand in, each with its verdict."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from PIL import Image

from tests.scanning.papers import pdf_file, png_file, tiff_file

Maker = Callable[[], bytes]
FILES: dict[str, tuple[Maker, str]] = {}
"""File name -> how it is made, and the reason it is refused for."""


def hostile(name: str, reason: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        FILES[name] = (cache(maker), reason)
        return maker

    return register


def raw_pdf(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, with a right table of places."""
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        at,
    )


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def with_catalog(more: bytes, *objects: bytes) -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R%s>>" % more, PAGES, PAGE, *objects)


def with_link(action: bytes) -> bytes:
    link = b"<</Subtype/Link/Rect[0 0 9 9]/A%s>>" % action
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[%s]>>" % link
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page)


def stream(body: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(body), more, body)


@hostile("empty.pdf", "empty")
def _() -> bytes:
    return b""


@hostile("zeros.pdf", "unknown_type")
def _() -> bytes:
    return bytes(100_000)


@hostile("truncated.pdf", "damaged")
def _() -> bytes:
    whole = pdf_file(3)
    return whole[: len(whole) // 2]


@hostile("truncated-with-mark.pdf", "damaged")
def _() -> bytes:
    whole = pdf_file(3)
    return whole[: len(whole) // 2] + b"\n%%EOF\n"


@hostile("declares-2gb.pdf", "damaged")
def _() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page, b"<</Length 2147483648>>\nstream\nq Q\nendstream")


@hostile("encrypted.pdf", "encrypted")
def _() -> bytes:
    return _encrypted("geheim")


@hostile("encrypted-without-password.pdf", "encrypted")
def _() -> bytes:
    return _encrypted("")


def _encrypted(user: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_file(1))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="besitzer", user=user))
    return out.getvalue()


@hostile("javascript.pdf", "active_content")
def _() -> bytes:
    return with_catalog(b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")


@hostile("javascript-hidden-name.pdf", "active_content")
def _() -> bytes:
    return with_catalog(b"/Names<</#4a#61vaScript<</Names[(a)<</S/#4AavaScript/#4A#53(x)>>]>>>>")


@hostile("javascript-in-object-stream.pdf", "active_content")
def _() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(with_catalog(b"/AA 4 0 R", b"<</WC<</S/JavaScript/JS(x)>>>>"))) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@hostile("launch.pdf", "active_content")
def _() -> bytes:
    return with_link(b"<</S/Launch/F(cmd.exe)>>")


@hostile("submits-a-form.pdf", "active_content")
def _() -> bytes:
    return with_catalog(b"/OpenAction<</S/SubmitForm/F(http://example.invalid/)>>")


@hostile("xfa.pdf", "active_content")
def _() -> bytes:
    return with_catalog(b"/AcroForm<</Fields[]/XFA 4 0 R>>", stream(b"<xdp/>"))


@hostile("embedded-file.pdf", "embedded_files")
def _() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_file(1))) as pdf:
        pdf.attachments["virus.exe"] = b"MZ..."
        pdf.save(out)
    return out.getvalue()


@hostile("file-attachment.pdf", "embedded_files")
def _() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]>>]>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page)


@hostile("external-stream.pdf", "external_content")
def _() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
    outside = b"<</Length 0/F(file:///etc/passwd)>>\nstream\n\nendstream"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page, outside)


@hostile("goes-elsewhere.pdf", "external_content")
def _() -> bytes:
    return with_link(b"<</S/GoToR/F(x.pdf)>>")


@hostile("bomb.pdf", "decompression_bomb")
def _() -> bytes:
    """Half a gigabyte of blanks."""
    engine, packed = zlib.compressobj(9), b""
    for _ in range(500):
        packed += engine.compress(b" " * 2**20)
    packed += engine.flush()
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page, stream(packed, b"/Filter/FlateDecode"))


@hostile("bomb-in-object-stream.pdf", "decompression_bomb")
def _() -> bytes:
    return _nested_bomb(b"/Type/ObjStm/N 1/First 4")


@hostile("bomb-in-a-bomb.pdf", "decompression_bomb")
def _() -> bytes:
    return _nested_bomb(b"")


def _nested_bomb(more: bytes) -> bytes:
    inner = zlib.compress(zlib.compress(bytes(2**27), 9), 9)
    return with_catalog(b"", stream(inner, more + b"/Filter[/FlateDecode/FlateDecode]"))


@hostile("seven-filters.pdf", "decompression_bomb")
def _() -> bytes:
    return with_catalog(b"", stream(b"x", b"/Filter[" + b"/FlateDecode" * 7 + b"]"))


@hostile("nested-deep.pdf", "decompression_bomb")
def _() -> bytes:
    return with_catalog(b"/PieceInfo " + b"[" * 300 + b"]" * 300)


@hostile("nested-very-deep.pdf", "damaged")
def _() -> bytes:
    return with_catalog(b"/PieceInfo " + b"[" * 100_000 + b"]" * 100_000)


@hostile("page-tree-loop.pdf", "loop")
def _() -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 1>>", PAGE)


@hostile("page-count-lie.pdf", "page_count_lie")
def _() -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 5>>", PAGE)


@hostile("page-count-lie-less.pdf", "page_count_lie")
def _() -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 1>>", PAGE, PAGE)


@hostile("no-pages.pdf", "no_pages")
def _() -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")


@hostile("huge-page.pdf", "huge_dimensions")
def _() -> bytes:
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1000000000 1000000000]>>"
    )


@hostile("huge-image.pdf", "huge_dimensions")
def _() -> bytes:
    return with_catalog(
        b"",
        stream(b"", b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"),
    )


@hostile("symbols.pdf", "symbol_coding")
def _() -> bytes:
    dictionary = struct.pack(">IBBBI", 0, 0, 0, 1, 4) + b"abcd"  # segment 0: symbol dictionary of page 1
    image = b"/Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
    return with_catalog(b"", stream(dictionary, image))


@hostile("pdf-and-zip.pdf", "polyglot")
def _() -> bytes:
    file = io.BytesIO(pdf_file(1))
    file.seek(0, 2)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("evil.txt", "x")
    return file.getvalue()


@hostile("pdf-and-html.pdf", "polyglot")
def _() -> bytes:
    return b"<html><script>alert(1)</script>" + pdf_file(1)


@hostile("html-behind.pdf", "polyglot")
def _() -> bytes:
    return pdf_file(1) + b"<html><script>alert(1)</script>"


@hostile("png-and-zip.png", "polyglot")
def _() -> bytes:
    file = io.BytesIO(png_file())
    file.seek(0, 2)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("evil.txt", "x")
    return file.getvalue()


@hostile("gif.tif", "unknown_type")
def _() -> bytes:
    out = io.BytesIO()
    Image.new("L", (10, 10)).save(out, "GIF")
    return out.getvalue()


@hostile("program.pdf", "unknown_type")
def _() -> bytes:
    return b"MZ" + bytes(1000)


@hostile("archive.pdf", "unknown_type")
def _() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", b"0" * 10**7)
    return out.getvalue()


@hostile("vector.svg", "unknown_type")
def _() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _tiff(*entries: tuple[int, int, int, int], after: int = 0) -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", *entry) for entry in entries
    ) + struct.pack("<I", after)  # fmt: skip


@hostile("huge.tif", "huge_dimensions")
def _() -> bytes:
    return _tiff((256, 4, 1, 200_000), (257, 4, 1, 200_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
                 (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 200_000), (279, 4, 1, 100))  # fmt: skip


@hostile("loop.tif", "loop")
def _() -> bytes:
    return _tiff((256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                 (277, 3, 1, 1), (278, 4, 1, 10), (279, 4, 1, 100), after=8)  # fmt: skip


@hostile("declares-2gb.tif", "damaged")
def _() -> bytes:
    return _tiff((256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                 (277, 3, 1, 1), (278, 4, 1, 100), (279, 4, 1, 2**31))  # fmt: skip


@hostile("page-outside.tif", "damaged")
def _() -> bytes:
    whole = bytearray(tiff_file(1))
    whole[4:8] = struct.pack("<I", len(whole) + 1000)
    return bytes(whole)


@hostile("truncated.tif", "damaged")
def _() -> bytes:
    whole = tiff_file(2)
    return whole[: len(whole) * 2 // 3]


def _png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@hostile("huge.png", "huge_dimensions")
def _() -> bytes:
    return _png(60_000, 60_000, b"")


@hostile("short.png", "damaged")
def _() -> bytes:
    return _png(1000, 1000, bytes(1000))


@hostile("text-bomb.png", "decompression_bomb")
def _() -> bytes:
    whole = png_file()
    text = zlib.compress(bytes(2**27), 9)
    body = b"Comment\0\0" + text
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return whole[:33] + chunk + whole[33:]


@hostile("truncated.jpg", "damaged")
def _() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((800, 800), 50).save(out, "JPEG")
    return out.getvalue()[: len(out.getvalue()) // 2]


@hostile("animated.png", "active_content")
def _() -> bytes:
    out = io.BytesIO()
    frames: list[Any] = [Image.new("L", (100, 100), grey) for grey in (0, 255)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()
