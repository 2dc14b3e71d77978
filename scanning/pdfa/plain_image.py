"""A scanned page as the picture that PDF/A-2b can hold: upright, opaque, grey or RGB of eight bits, or black and white.

What is changed is said, in German, for the inspector and field c of the transfer note (TR-03138 A.NB.4).
"""

from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps

from scanning.inspection.images import is_white_zero, read_levels

_ORIENTATION = 274
_TRANSPARENT = {"RGBA", "LA", "PA", "RGBa", "La"}
_DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_NAMES = {"LAB": "CIELAB", "YCbCr": "YCbCr", "HSV": "HSV", "CMYK": "CMYK", "RGBX": "RGBX"}


class PlainImage(NamedTuple):
    image: Image.Image
    """Mode `1`, `L`, `P` or `RGB`."""
    remarks: tuple[str, ...]


def read_orientation(page: Image.Image) -> int:
    """1 to 8 as EXIF 2.3 (tag 274) numbers them; 1 where the file says nothing usable."""
    found = page.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def make_plain(page: Image.Image) -> PlainImage:
    """The page as a picture that can be embedded, and what was changed."""
    remarks = []
    if read_orientation(page) != 1:
        page = turn_upright(page)
        remarks.append("nach der Angabe der Kamera gedreht")
    if page.mode in _DEEP:
        page, remark = _to_eight_bits(page)
        remarks.append(remark)
    if page.mode in _TRANSPARENT or "transparency" in page.info:
        page = _keep_info(lay_on_white(page), page)
        remarks.append("Durchsichtiges auf Weiß gelegt")
    if page.mode in _NAMES:
        name = _NAMES[page.mode]
        page = _keep_info(to_rgb(page), page)
        remarks.append(f"Farben von {name} nach RGB umgerechnet")
    elif page.mode not in {"1", "L", "P", "RGB"}:
        name = page.mode
        page = _keep_info(page.convert("RGB"), page)
        remarks.append(f"Farben von {name} nach RGB umgerechnet")
    return PlainImage(page, tuple(remarks))


def turn_upright(page: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(page)
    if read_orientation(page) >= 5 and "dpi" in page.info:
        turned.info["dpi"] = page.info["dpi"][::-1]
    return turned


def lay_on_white(page: Image.Image) -> Image.Image:
    """Grey where the picture has no colour."""
    grey = page.mode in {"LA", "La", "L", "1"}
    paper = Image.new("RGBA", page.size, "white")
    paper.alpha_composite(page.convert("RGBA"))
    return paper.convert("L" if grey else "RGB")


def to_rgb(page: Image.Image) -> Image.Image:
    """By the page's own colour profile where it has a usable one."""
    profile = page.info.get("icc_profile")
    if page.mode == "LAB":
        source = ImageCms.createProfile("LAB")
        return _transform(page, ImageCms.ImageCmsProfile(source))
    if page.mode == "CMYK" and profile:
        try:
            return _transform(page, ImageCms.ImageCmsProfile(BytesIO(profile)))
        except (OSError, ImageCms.PyCMSError):
            return page.convert("RGB")
    return page.convert("RGB")


def _transform(page: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    made = ImageCms.profileToProfile(page, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert made is not None  # noqa: S101 - not in place
    return made


def _to_eight_bits(page: Image.Image) -> tuple[Image.Image, str]:
    """Grey of 16 or 32 bits or of fractions as 256 levels, and what is to be said of it."""
    levels = read_levels(page)
    known = levels[np.isfinite(levels)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    least, most = _find_range(page.mode, low, high)
    grey = np.nan_to_num((levels - least) * (255 / (most - least)), nan=255.0, posinf=255.0, neginf=0.0)
    made = Image.fromarray(np.clip(np.rint(grey), 0, 255).astype(np.uint8), "L")
    if is_white_zero(page):
        made = ImageOps.invert(made)
    return _keep_info(made, page), f"Graustufen von {least:g} bis {most:g} auf 256 Stufen abgebildet"


def _find_range(mode: str, low: float, high: float) -> tuple[float, float]:
    """Which levels are black and white."""
    if mode == "F" and low >= 0 and high <= 1 and high > 0:
        return 0.0, 1.0
    for most in (255.0, 1023.0, 4095.0, 16_383.0, 65_535.0):  # 8 to 16 bits in a larger container
        if low >= 0 and most / 4 < high <= most:
            return 0.0, most
    return (low, high) if high > low else (min(low, 0.0), max(high, 1.0))


def _keep_info(made: Image.Image, page: Image.Image) -> Image.Image:
    """With the page's resolution; its profile and transparency belong to what it was before."""
    made.info = {key: value for key, value in page.info.items() if key == "dpi"}
    return made
