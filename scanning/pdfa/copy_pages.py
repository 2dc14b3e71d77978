"""Copying PDF pages that hold nothing but what PDF/A-2b certainly allows: images and lines in device colours.

An allow-list, not a search for what is forbidden. Invisible text (a recognised-text layer) is left out, because its
fonts need not be embedded in a scan; the visible content is copied unchanged.
"""

from io import BytesIO
from typing import Any

import pikepdf
from PIL import ImageCms

from scanning.inspection.pdf_streams import read_filters

_PATHS = {"q", "Q", "cm", "Do", "re", "W", "W*", "n", "w", "J", "j", "M", "d", "m", "l", "c", "v", "y", "h", "f", "F",
          "f*", "S", "s", "B", "B*", "b", "b*", "g", "G", "rg", "RG"}  # fmt: skip
_TEXT = {"Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", '"'}
_SHOWING = {"Tj", "TJ", "'", '"'}
_FILTERS = {"/DCTDecode", "/FlateDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/RunLengthDecode"}
_IMAGE_KEYS = ("/Width", "/Height", "/BitsPerComponent", "/ImageMask", "/Decode", "/Filter", "/DecodeParms")
_INVISIBLE = 3


class _NotPlain(Exception):
    """The page has more than images and lines."""


class PageCopier:
    def __init__(self, source: pikepdf.Pdf, target: pikepdf.Pdf) -> None:
        self.source = source
        self.target = target
        self.left_out = False
        """Whether invisible text was left out of the page copied last."""
        self._copied: dict[tuple[int, int], pikepdf.Object] = {}

    def copy(self, index: int) -> str:
        """Copy a page to the end of the target; gives `""`, or the reason why it cannot be copied."""
        page = self.source.pages[index]
        try:
            content, hidden = _read_content(page)
            images = {name: self._copy_image(image) for name, image in _read_images(page).items()}
            boxes = _read_boxes(page)
        except _NotPlain as why:
            return str(why)
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError):
            return "unusual structure"
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(images)) if images else pikepdf.Dictionary(),
            Contents=self.target.make_stream(content),
            **boxes,
        )
        self.target.pages.append(pikepdf.Page(self.target.make_indirect(made)))
        self.left_out = hidden
        return ""

    def _copy_image(self, image: Any) -> pikepdf.Object:
        if image.objgen in self._copied:
            return self._copied[image.objgen]
        if str(image.get("/Subtype")) != "/Image":
            raise _NotPlain("a form")
        if {"/SMask", "/Mask", "/Alternates", "/OPI", "/OC"} & set(image.keys()):
            raise _NotPlain("transparency")
        filters = read_filters(image)
        if not filters or set(filters) - _FILTERS:
            raise _NotPlain(", ".join(sorted(set(filters) - _FILTERS)) or "an uncompressed image")
        made = pikepdf.Stream(self.target, image.read_raw_bytes())
        made.Type, made.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        for key in _IMAGE_KEYS:
            if key in image:
                made[key] = self._copy(image[key])
        if not image.get("/ImageMask", False):
            made.ColorSpace = self._copy_colour_space(image.get("/ColorSpace"))
        self._copied[image.objgen] = self.target.make_indirect(made)
        return self._copied[image.objgen]

    def _copy_colour_space(self, space: Any) -> Any:
        """Grey, RGB, an RGB or grey profile, or a palette over these."""
        if str(space) in {"/DeviceGray", "/DeviceRGB"}:
            return pikepdf.Name(str(space))  # it may be an object of its own in the source
        if isinstance(space, pikepdf.Array) and str(space[0]) == "/ICCBased":
            profile = space[1].read_bytes()
            components = int(space[1].N)
            if components not in {1, 3} or not _is_profile_valid(profile, components):
                raise _NotPlain("colour profile")
            copied = self.target.make_stream(profile, N=components)
            return pikepdf.Array([pikepdf.Name.ICCBased, copied])
        if isinstance(space, pikepdf.Array) and str(space[0]) == "/Indexed":
            table = space[3]
            data = table.read_bytes() if isinstance(table, pikepdf.Stream) else bytes(table)
            base = self._copy_colour_space(space[1])
            return pikepdf.Array([pikepdf.Name.Indexed, base, int(space[2]), pikepdf.String(data)])
        raise _NotPlain("colours")

    def _copy(self, value: Any) -> Any:
        """A value for the target, direct: filters may not be objects of their own (ISO 19005-2, 6.1.7.2)."""
        if isinstance(value, pikepdf.Stream):
            return self.target.copy_foreign(value)
        if isinstance(value, pikepdf.Array):
            return pikepdf.Array([self._copy(one) for one in value])
        if isinstance(value, pikepdf.Dictionary):
            return pikepdf.Dictionary({key: self._copy(one) for key, one in value.items()})
        return pikepdf.Name(str(value)) if isinstance(value, pikepdf.Name) else value


def _read_images(page: pikepdf.Page) -> Any:
    resources: Any = page.get("/Resources", pikepdf.Dictionary())
    return resources.get("/XObject", pikepdf.Dictionary())


def _is_profile_valid(profile: bytes, components: int) -> bool:
    try:
        space = ImageCms.ImageCmsProfile(BytesIO(profile)).profile.xcolor_space.strip()
    except (OSError, ImageCms.PyCMSError):
        return False
    return space == {1: "GRAY", 3: "RGB"}[components]


def _read_content(page: pikepdf.Page) -> tuple[bytes, bool]:
    """The page's instructions without invisible text, and whether there was such."""
    if "/Annots" in page and len(page.Annots):
        raise _NotPlain("annotations")
    if "/UserUnit" in page:
        raise _NotPlain("page unit")
    kept, mode, hidden = [], 0, False
    modes: list[int] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name in {"q", "Q"}:
            mode = _track_text_mode(name, modes, mode)
        if name == "Tr":
            mode = int(operands[0])
        if name in _SHOWING and mode != _INVISIBLE:
            raise _NotPlain("text")
        if name == "BDC" and str(operands[0]) == "/OC":
            raise _NotPlain("layers")
        if name in {"BT", "ET", "BMC", "BDC", "EMC", "MP", "DP"} or name in _TEXT:
            hidden = hidden or name in _SHOWING
            continue
        if name not in _PATHS:
            raise _NotPlain(f"operator {name}")
        kept.append(instruction)
    return pikepdf.unparse_content_stream(kept), hidden


def _track_text_mode(name: str, modes: list[int], mode: int) -> int:
    if name == "q":
        modes.append(mode)
        return mode
    return modes.pop() if modes else mode


def _read_boxes(page: pikepdf.Page) -> dict[str, Any]:
    boxes: dict[str, Any] = {"MediaBox": [float(edge) for edge in page.mediabox]}
    if list(page.cropbox) != list(page.mediabox):
        boxes["CropBox"] = [float(edge) for edge in page.cropbox]
    rotation = int(page.get("/Rotate", 0)) % 360
    if rotation % 90:
        raise _NotPlain("rotation")
    if rotation:
        boxes["Rotate"] = rotation
    if min(boxes["MediaBox"][2] - boxes["MediaBox"][0], boxes["MediaBox"][3] - boxes["MediaBox"][1]) < 3:
        raise _NotPlain("page size")
    return boxes
