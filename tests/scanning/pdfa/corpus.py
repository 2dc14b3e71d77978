"""Sound files of every kind that scanners, phones, fax and programs make, each with what it shows.

All show the same asymmetrical sheet, or say what else they show, so a page that is turned, mirrored or cut differs.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageFont

from tests.scanning.inspection.hostile import raw_pdf, stream

SIZE = (414, 586)
DPI = 50
TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip
"""What makes of an upright sheet the picture that a camera stores with this orientation."""


class Sample(NamedTuple):
    name: str
    make: Callable[[], bytes]
    show: Callable[[], Image.Image]
    """What it shows, mode `RGB`."""


@lru_cache(maxsize=1)
def sheet() -> Image.Image:
    """A sheet with lines of text, a coloured stamp, and a different mark in each corner."""
    page = Image.new("RGB", SIZE, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number in range(18):
        draw.text((40, 70 + 24 * number), f"Zeile {number}: hiermit beantrage ich", "black", font=font)
    draw.rectangle((20, 20, 70, 50), fill="black")
    draw.rectangle((350, 20, 390, 30), fill="black")
    draw.ellipse((20, 540, 50, 570), fill="black")
    draw.rectangle((260, 420, 370, 480), fill=(200, 40, 60))
    return page


@lru_cache(maxsize=1)
def plain() -> Image.Image:
    """The same without colour."""
    return sheet().convert("L").point(lambda level: 0 if level < 160 else 255)


def save(image: Image.Image, kind: str, dpi: Any = (DPI, DPI), **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **({"dpi": dpi} if dpi else {}), **more)
    return out.getvalue()


def deep(mode: str) -> Image.Image:
    """Grey of more than eight bits; paper is not quite white, ink not quite black."""
    grey = np.asarray(plain(), dtype=np.float64) / 255
    if mode == "F":
        return Image.fromarray((grey * 0.9 + 0.05).astype(np.float32))
    if mode == "I":
        return Image.fromarray((grey * 52_000 + 8_000).astype(np.int32))
    return Image.fromarray((grey * 52_000 + 8_000).astype(np.uint16))


def with_alpha(mode: str) -> Image.Image:
    """Paper is transparent, and what lies beneath it is black."""
    black = Image.eval(sheet().convert("L"), lambda level: 0 if level > 250 else 255)
    page = sheet().convert("RGBA")
    page.paste((0, 0, 0, 0), mask=Image.eval(black, lambda level: 255 - level))
    return page if mode == "RGBA" else page.convert(mode)


def image_of(mode: str) -> Image.Image:
    if mode in {"I;16", "I", "F"}:
        return deep(mode)
    if mode in {"RGBA", "LA"}:
        return with_alpha(mode)
    if mode == "LAB":
        made = ImageCms.profileToProfile(
            sheet(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        assert made
        return made
    return plain().convert("1") if mode == "1" else sheet().convert(mode)


def shown(mode: str) -> Image.Image:
    if mode in {"I;16", "I"}:
        return plain().point(lambda level: round(level * 0.793 + 31)).convert("RGB")
    if mode in {"1", "F"}:
        return plain().convert("RGB")
    return (sheet().convert("L") if mode in {"L", "LA"} else sheet()).convert("RGB")


def oriented(kind: str, mode: str, orientation: int) -> bytes:
    image, turn, exif = image_of(mode), TURNS[orientation], Image.Exif()
    exif[274] = orientation
    more: dict[str, Any] = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif}
    if kind == "JPEG":
        more["quality"] = 92
    return save(image if turn is None else image.transpose(turn), kind, **more)


def images() -> Iterator[Sample]:
    """Every mode of each format in each orientation."""
    formats = {
        "TIFF": ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "LAB", "I;16", "I", "F"),
        "PNG": ("1", "L", "P", "RGB", "RGBA", "LA", "I;16"),
        "JPEG": ("L", "RGB", "CMYK"),
    }
    for kind, modes in formats.items():
        for mode in modes:
            for orientation in TURNS:
                name = f"{kind.lower()}-{mode.replace(';', '')}-{orientation}.{kind.lower()}"
                yield Sample(name, partial(oriented, kind, mode, orientation), partial(shown, mode))


def write_tiff(levels: NDArray[Any], meaning: int, order: str) -> bytes:
    """An uncompressed TIFF without resolution, of one strip; `meaning` 0 has white as 0, 2 is RGB."""
    data = levels.astype(levels.dtype.newbyteorder(order)).tobytes()
    samples, bits = (3 if levels.ndim == 3 else 1), 8 * levels.dtype.itemsize
    every_bits = struct.pack(f"{order}3H", bits, bits, bits)
    tags: list[tuple[int, int, int, int]] = [
        (256, 4, 1, levels.shape[1]), (257, 4, 1, levels.shape[0]), (258, 3, samples, 8 if samples > 1 else bits),
        (259, 3, 1, 1), (262, 3, 1, meaning), (273, 4, 1, 8 + len(every_bits)), (277, 3, 1, samples),
        (278, 4, 1, levels.shape[0]), (279, 4, 1, len(data)), (339, 3, 1, {"u": 1, "i": 2, "f": 3}[levels.dtype.kind]),
    ]  # fmt: skip
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(every_bits) + len(data))
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        form = "HHIHxx" if kind == 3 and count == 1 else "HHII"
        directory += struct.pack(f"{order}{form}", tag, kind, count, value)
    return head + every_bits + data + directory + bytes(4)


def make_deep(kind: str, meaning: int, order: str) -> bytes:
    grey = np.asarray(plain(), dtype=np.float64) / 255 * 0.8 + 0.12
    if meaning == 0:
        grey = 1 - grey
    most = 1 if kind == "f4" else 2 ** {"u2": 16, "i2": 16, "u4": 32, "i4": 31}[kind] - 1
    return write_tiff((grey * (most // 2 if kind == "i2" else most)).astype(kind), meaning, order)


def deep_tiffs() -> Iterator[Sample]:
    """Samples of 16 and 32 bits, with and without sign, in both byte orders, and with white as 0."""

    def show(level: float, paper: float) -> Image.Image:
        return plain().point(lambda white: round(paper if white else level)).convert("RGB")

    seen = {"u2": (31, 235), "f4": (31, 235), "i2": (15, 117), "u4": (0, 255), "i4": (0, 255)}
    known = [("u2", 1, "<"), ("u2", 1, ">"), ("u2", 0, "<"), ("i2", 1, "<"), ("i2", 1, ">"), ("u4", 1, "<"),
             ("i4", 1, "<"), ("i4", 1, ">"), ("f4", 1, ">"), ("f4", 0, "<"), ("f4", 0, ">")]  # fmt: skip
    for kind, meaning, order in known:
        name = f"deep-{kind}-{meaning}-{'little' if order == '<' else 'big'}.tif"
        yield Sample(name, partial(make_deep, kind, meaning, order), partial(show, *seen[kind]))
    colours = np.asarray(sheet(), dtype=np.uint16) * 257
    for order in "<>":
        yield Sample(f"deep-rgb-{ord(order)}.tif", partial(write_tiff, colours, 2, order), sheet)


def packed(mode: str, packing: str, **more: Any) -> bytes:
    return save(image_of(mode), "TIFF", compression=packing, **more)


def packings() -> Iterator[Sample]:
    """The compressions and senses of TIFF, of PNG and JPEG."""
    for packing in ("group3", "group4", "packbits", "tiff_lzw", "tiff_adobe_deflate", "raw", "tiff_ccitt"):
        for meaning in (0, 1):
            make = partial(packed, "1", packing, tiffinfo={262: meaning, 278: 64})
            yield Sample(f"{packing}-{meaning}.tif", make, partial(shown, "1"))
    for mode in ("L", "RGB", "I;16"):
        for packing in ("packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "raw"):
            if packing != "jpeg" or mode != "I;16":
                yield Sample(f"{packing}-{mode[0]}.tif", partial(packed, mode, packing), partial(shown, mode))
    for more in ({"progressive": True}, {"subsampling": 0}, {"optimize": True}, {"restart_marker_rows": 1}):
        make = partial(save, sheet(), "JPEG", quality=90, **more)
        yield Sample(f"jpeg-{next(iter(more))}.jpg", make, sheet)
    yield Sample("with-preview-behind.jpg", lambda: photo() + save(sheet().resize((80, 60)), "JPEG"), sheet)
    yield Sample("with-film-behind.jpg", lambda: photo() + b"\0\0\0\x18ftypmp42" + bytes(500), sheet)
    small = sheet().resize((80, 60))
    two = partial(save, sheet(), "MPO", save_all=True, append_images=[small], quality=90)
    yield Sample("two-pictures.jpg", two, sheet)
    few = sheet().convert("P")
    yield Sample("key.png", partial(save, few, "PNG", transparency=few.getpixel((200, 5))), sheet)
    yield Sample("white-key.png", partial(save, sheet(), "PNG", transparency=(255, 255, 255)), sheet)


def photo() -> bytes:
    return save(sheet(), "JPEG", quality=90)


def resolutions() -> Iterator[Sample]:
    """Missing, impossible and unusual resolutions."""
    for dpi in (None, (1, 1), (2, 2), (9_999, 9_999), (300, 20), (72, 72), (96, 96), (204, 196), (100, 50), (600, 600)):
        told = "none" if dpi is None else f"{dpi[0]}x{dpi[1]}"
        for kind, mode in (("TIFF", "1"), ("PNG", "L"), ("JPEG", "RGB")):
            make = partial(resolved, mode, kind, dpi)
            yield Sample(f"dpi-{told}.{kind.lower()}", make, partial(shown, mode))


def resolved(mode: str, kind: str, dpi: Any) -> bytes:
    return save(image_of(mode), kind, dpi)


SAMPLES: dict[str, Callable[[], bytes]] = {}


def picture(pdf: pikepdf.Pdf, form: str) -> Any:
    """An image XObject of the sheet in one of many forms."""
    name = pikepdf.Name
    base: dict[str, Any] = {
        "Type": name.XObject, "Subtype": name.Image, "Width": SIZE[0], "Height": SIZE[1], "BitsPerComponent": 8,
        "ColorSpace": name.DeviceRGB,
    }  # fmt: skip
    more = IMAGE_FORMS[form]
    if callable(more):
        data, entries = more(pdf)
        return pdf.make_stream(data, **{key: value for key, value in {**base, **entries}.items() if value is not None})
    return pdf.make_stream(sheet().tobytes(), **{**base, **more})


def _grey() -> bytes:
    return sheet().convert("L").tobytes()


def _as_lab(_: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    white = pikepdf.Dictionary(WhitePoint=[0.9642, 1, 0.8249], Range=[-128, 127, -128, 127])
    levels = np.asarray(sheet().convert("L"), dtype=np.uint8)
    data = np.dstack([levels, np.full_like(levels, 128), np.full_like(levels, 128)]).tobytes()
    return data, {"ColorSpace": pikepdf.Array([pikepdf.Name.Lab, white])}


def _as_indexed(_: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    small = sheet().quantize(16)
    table = bytes(small.getpalette() or [])[:48]
    name = pikepdf.Name
    space = pikepdf.Array([name.Indexed, name.DeviceRGB, len(table) // 3 - 1, pikepdf.String(table)])
    return small.tobytes(), {"ColorSpace": space}


def _with_profile(pdf: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    profile = pdf.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), N=3)
    return sheet().tobytes(), {"ColorSpace": pikepdf.Array([pikepdf.Name.ICCBased, profile])}


def _with_soft_mask(pdf: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    name = pikepdf.Name
    mask = pdf.make_stream(
        bytes([255]) * (SIZE[0] * SIZE[1]), Type=name.XObject, Subtype=name.Image, Width=SIZE[0], Height=SIZE[1],
        BitsPerComponent=8, ColorSpace=name.DeviceGray,
    )  # fmt: skip
    return sheet().tobytes(), {"SMask": mask}


def _in_sixteen_bits(_: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    wide = np.repeat(np.frombuffer(_grey(), dtype=np.uint8), 2).tobytes()
    return wide, {"ColorSpace": pikepdf.Name.DeviceGray, "BitsPerComponent": 16}


def _indirectly(pdf: pikepdf.Pdf) -> tuple[bytes, dict[str, Any]]:
    space, width = pdf.make_indirect(pikepdf.Name.DeviceRGB), pdf.make_indirect(SIZE[0])
    return sheet().tobytes(), {"ColorSpace": space, "Width": width}


_NAME = pikepdf.Name
IMAGE_FORMS: dict[str, Any] = {
    "raw": {}, "interpolated": {"Interpolate": True}, "colour-key": {"Mask": [255, 255, 255, 255, 255, 255]},
    "jpeg": lambda _: (save(sheet(), "JPEG", quality=92), {"Filter": _NAME.DCTDecode}),
    "jpeg2000": lambda _: (save(sheet(), "JPEG2000", None), {"Filter": _NAME.JPXDecode}),
    "grey": lambda _: (_grey(), {"ColorSpace": _NAME.DeviceGray}),
    "cmyk": lambda _: (sheet().convert("CMYK").tobytes(), {"ColorSpace": _NAME.DeviceCMYK}),
    "stencil": lambda _: (image_of("1").tobytes(), {"ImageMask": True, "BitsPerComponent": 1, "ColorSpace": None}),
    "no-check-sum": lambda _: (zlib.compress(sheet().tobytes())[:-4], {"Filter": _NAME.FlateDecode}),
    "indirect": _indirectly, "icc": _with_profile, "lab": _as_lab, "indexed": _as_indexed,
    "soft-mask": _with_soft_mask, "sixteen": _in_sixteen_bits,
}  # fmt: skip
"""Form of an image -> its data and entries, or what is entered besides the usual."""
WHOLE = b"q 596.16 0 0 843.84 0 0 cm /Im Do Q"
MORE_CONTENT = {
    "plain": b"", "graphics-state": b"/G gs ", "marked": b"/Artifact BMC EMC ",
    "hidden-text": b"BT 3 Tr /F 9 Tf (x) Tj ET ",
}  # fmt: skip


def pdf_page(form: str, content: bytes = b"", **more: Any) -> bytes:
    """A PDF of one page that the sheet fills."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im=picture(pdf, form)),
        ExtGState=pikepdf.Dictionary(G=pikepdf.Dictionary(Type=name.ExtGState, ca=1, CA=1, SA=True)),
        Font=pikepdf.Dictionary(F=pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)),
    )
    page = pikepdf.Dictionary(
        Type=name.Page, MediaBox=[0, 0, 596.16, 843.84], Resources=resources, Contents=pdf.make_stream(content + WHOLE),
        **more,
    )  # fmt: skip
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def pdfs() -> Iterator[Sample]:
    """Scans in PDF: every form of image, with what programs put around it."""
    group = pikepdf.Dictionary(Type=pikepdf.Name.Group, S=pikepdf.Name.Transparency, CS=pikepdf.Name.DeviceRGB)
    around: dict[str, dict[str, Any]] = {
        "none": {}, "group": {"Group": group}, "unit": {"UserUnit": 2.0}, "crop": {"CropBox": [0, 0, 596.16, 843.84]},
    }  # fmt: skip
    for form in IMAGE_FORMS:
        for rotation in (0, 90, 180, 270):
            make = partial(pdf_page, form, Rotate=rotation)
            yield Sample(f"{form}-{rotation}.pdf", make, partial(shown_in_pdf, form, rotation))
        for name, more in around.items():
            yield Sample(f"{form}-{name}.pdf", partial(pdf_page, form, **more), partial(shown_in_pdf, form))
        for name, content in MORE_CONTENT.items():
            yield Sample(f"{form}-{name}.pdf", partial(pdf_page, form, content), partial(shown_in_pdf, form))


def shown_in_pdf(form: str, rotation: int = 0) -> Image.Image:
    page = plain().convert("RGB") if form == "stencil" else sheet()
    if form in {"grey", "lab", "sixteen"}:
        page = sheet().convert("L").convert("RGB")
    return page.rotate(-rotation, expand=True)


def odd_pdfs() -> Iterator[Sample]:
    """Sound PDFs that were refused or lost something."""
    for name, make in SAMPLES.items():
        yield Sample(name, make, sheet)


def odd(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        SAMPLES[name] = make
        return make

    return register


@odd("pjl.pdf")
def _() -> bytes:
    lines = b'\x1b%-12345X@PJL JOB NAME="Scan"\r\n@PJL SET RESOLUTION=300\r\n@PJL ENTER LANGUAGE=PDF\r\n'
    return lines + pdf_page("jpeg") + b"\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X"


@odd("empty-content.pdf")
def _() -> bytes:
    """A page whose content is two streams, the second empty."""
    with pikepdf.open(io.BytesIO(pdf_page("jpeg"))) as pdf:
        empty = pdf.make_stream(b"")
        empty.write(b"", filter=pikepdf.Name.FlateDecode)
        pdf.pages[0].Contents = pikepdf.Array([pdf.pages[0].Contents, empty])
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


@odd("hidden-layer.pdf")
def _() -> bytes:
    """The sheet, and a red picture in a layer that is off."""
    pdf = pikepdf.open(io.BytesIO(pdf_page("jpeg")))
    off = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Entwurf"))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[off], D=pikepdf.Dictionary(OFF=[off], Order=[off]))
    page = pdf.pages[0]
    page.Resources.Properties = pikepdf.Dictionary(E=off)
    page.contents_add(b"/OC /E BDC 1 0 0 rg 100 300 400 300 re f EMC", prepend=False)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _hybrid() -> bytes:
    """Built by hand: the picture is an object that only the cross-reference stream knows."""
    jpeg = save(sheet(), "JPEG", quality=92)
    image = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        % SIZE
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 596.16 843.84]/Contents 4 0 R/Resources<</XObject<</Im 5 0 R>>>>>>",
        stream(WHOLE), stream(jpeg, image),
    ]  # fmt: skip
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    hidden = b"\x01" + places[4].to_bytes(4, "big") + b"\0"
    places.append(len(out))
    table = b"/Type/XRef/W[1 4 1]/Index[5 1]/Size 7"
    out += b"6 0 obj\n%s\nendobj\n" % stream(hidden, table)
    at = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places[:4])
    out += b"6 1\n%010d 00000 n \n" % places[5]
    return out + b"trailer\n<</Size 7/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (places[5], at)


SAMPLES["hybrid.pdf"] = _hybrid


@odd("filled-field.pdf")
def _() -> bytes:
    """The sheet's stamp is the appearance of a form field."""
    pdf = pikepdf.open(io.BytesIO(pdf_page("jpeg")))
    name = pikepdf.Name
    box = [374.4, 152.64, 532.8, 239.04]
    look = pdf.make_stream(
        b".784 .157 .235 rg 0 0 158.4 86.4 re f", Type=name.XObject, Subtype=name.Form, BBox=[0, 0, 158.4, 86.4]
    )
    field = pdf.make_indirect(
        pikepdf.Dictionary(Type=name.Annot, Subtype=name.Widget, FT=name.Tx, T="Betrag", V="1234,56 EUR", Rect=box, F=4,
                           DA="/Helv 24 Tf 0 g", AP=pikepdf.Dictionary(N=look))
    )  # fmt: skip
    pdf.pages[0].Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field])
    pdf.pages[0].contents_add(b"1 g 370 150 166 92 re f", prepend=False)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def list_samples() -> Iterator[Sample]:
    for part in (images, deep_tiffs, packings, resolutions, pdfs, odd_pdfs):
        yield from part()


def raw_page(content: bytes) -> bytes:
    """A page of A4 with this content, and nothing to use in it."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(content))
