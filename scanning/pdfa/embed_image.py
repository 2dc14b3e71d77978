"""A scanned picture as a page of a PDF: its data as they are, or packed without loss, and placed upright.

Image data go in by ISO 32000-1, 8.9.5; the eight orientations of EXIF are a matrix of the page, so a JPEG that lies on
its side is not encoded again.
"""

import struct
from io import BytesIO
from typing import Any, NamedTuple

import pikepdf
from PIL import Image, ImageCms

from scanning.pdfa.page_size import PageSize

_MATRICES = {
    1: "{w} 0 0 {h} 0 0", 2: "-{w} 0 0 {h} {w} 0", 3: "-{w} 0 0 -{h} {w} {h}", 4: "{w} 0 0 -{h} 0 {h}",
    5: "0 -{h} -{w} 0 {w} {h}", 6: "0 -{h} {w} 0 0 {h}", 7: "0 {h} {w} 0 0 0", 8: "0 {h} -{w} 0 {w} 0",
}  # fmt: skip
"""Orientation -> what lays the unit square of an image on a page of width w and height h."""
_COLOURS = {"1": pikepdf.Name.DeviceGray, "L": pikepdf.Name.DeviceGray, "RGB": pikepdf.Name.DeviceRGB}
_COMPONENTS = {"GRAY": 1, "RGB": 3}


class ImageData(NamedTuple):
    """Packed samples of a picture, and the entries that say how they are packed."""

    data: bytes
    width: int
    height: int
    entries: dict[str, Any]
    colour: Any
    """Colour space; None where a profile decides."""
    profile: bytes | None = None
    orientation: int = 1


def pack(image: Image.Image) -> ImageData:
    """A picture of mode `1` as CCITT G4, of `L`, `RGB` or `P` as Flate with the predictors of PNG."""
    file = BytesIO()
    if image.mode == "1":
        pixels = image.copy()  # without the tags of a TIFF that it was read from, which would be written again
        pixels.save(file, "TIFF", compression="group4", tiffinfo={278: image.height})
        with Image.open(file) as made:
            tags: Any = made.tag_v2  # type: ignore[attr-defined]
            at, size, inverted = tags[273][0], tags[279][0], tags[262] == 1
        return from_g4(file.getvalue()[at : at + size], image.size, inverted=inverted)
    image.save(file, "PNG", compress_level=4, icc_profile=None)
    data, bits, palette = _read_png(file.getvalue())
    channels = 3 if image.mode == "RGB" else 1
    entries = {
        "BitsPerComponent": bits,
        "Filter": pikepdf.Name.FlateDecode,
        "DecodeParms": pikepdf.Dictionary(
            Predictor=15, Colors=channels, BitsPerComponent=bits, Columns=image.width
        ),
    }  # fmt: skip
    colour: Any = _COLOURS.get(image.mode)
    if palette is not None:
        colour = pikepdf.Array(
            [pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, len(palette) // 3 - 1, pikepdf.String(palette)]
        )
    profile = read_profile(image) if palette is None else None
    return ImageData(data, image.width, image.height, entries, colour, profile)


def from_g4(data: bytes, size: tuple[int, int], *, inverted: bool) -> ImageData:
    """A strip of CCITT G4; `inverted` where its white runs are black."""
    parameters = pikepdf.Dictionary(K=-1, Columns=size[0], Rows=size[1], BlackIs1=inverted)
    entries = {"BitsPerComponent": 1, "Filter": pikepdf.Name.CCITTFaxDecode, "DecodeParms": parameters}
    return ImageData(data, *size, entries, pikepdf.Name.DeviceGray)


def from_jpeg(data: bytes, image: Image.Image, size: tuple[int, int], orientation: int) -> ImageData:
    """A JPEG of grey or RGB as it is; `image` may be decoded in reduced size."""
    entries = {"BitsPerComponent": 8, "Filter": pikepdf.Name.DCTDecode}
    return ImageData(data, *size, entries, _COLOURS[image.mode], read_profile(image), orientation)


def add_page(pdf: pikepdf.Pdf, image: ImageData, size: PageSize) -> None:
    """A page of this size, filled by the image; `size` is that of the upright page."""
    stream = pikepdf.Stream(pdf, image.data)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = image.width, image.height
    for key, value in image.entries.items():
        stream[f"/{key}"] = value
    stream.ColorSpace = image.colour
    if image.profile is not None:
        profile = pdf.make_stream(image.profile, N=_COMPONENTS[read_profile_space(image.profile)])
        stream.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, profile])
    width, height = (f"{edge:.4f}" for edge in size[:2])
    matrix = _MATRICES[image.orientation].format(w=width, h=height)
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, round(size.width, 4), round(size.height, 4)],
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(stream))),
        Contents=pdf.make_stream(f"q {matrix} cm /Im0 Do Q".encode()),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def read_profile(image: Image.Image) -> bytes | None:
    """The colour profile of a picture, where it is one for its kind of colours."""
    profile: Any = image.info.get("icc_profile")
    wanted = {"L": "GRAY", "RGB": "RGB"}.get(image.mode)
    return profile if profile and wanted and read_profile_space(profile) == wanted else None


def read_profile_space(profile: bytes) -> str:
    """`GRAY` or `RGB`; empty for any other profile, and for what is none."""
    try:
        space: str = ImageCms.ImageCmsProfile(BytesIO(profile)).profile.xcolor_space.strip()
    except (OSError, ImageCms.PyCMSError):
        return ""
    return space if space in _COMPONENTS else ""


def _read_png(png: bytes) -> tuple[bytes, int, bytes | None]:
    """Packed samples, bits of a sample, and the palette."""
    at, data, bits, palette = 8, b"", 8, None
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            bits = body[8]
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    return data, bits, palette
