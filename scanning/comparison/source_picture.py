"""What a page of a TIFF, JPEG or PNG looks like: a small picture, made apart from the conversion it is to prove.

Upright, on white paper, in its colours, with square pixels, at about 100 dpi.
"""

from io import BytesIO
from math import ceil

import numpy as np
from PIL import Image, ImageCms

from scanning.inspection.images import DecodedPage, GreyPage
from scanning.pdfa.page_size import PageSize

_DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_WHITE_IS_ZERO = 0
_BITS, _SAMPLE_FORMAT = 258, 339
"""Tags of TIFF 6.0."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""EXIF 2.3, tag 274 -> what turns the picture upright."""
_SIDEWAYS = {5, 6, 7, 8}
_PIXELS = 1100 * 1100
"""A picture of more pixels is reduced before its colours are worked out."""


def draw_source_page(page: DecodedPage, grey: GreyPage) -> Image.Image:
    """Mode `L` or `RGB`."""
    image = page.image
    if image.mode in _DEEP:
        found = reduce_picture(stretch(image))
    elif image.mode in {"1", "L"} and "transparency" not in image.info:
        found = _to_srgb(grey.reduce(_find_factor(image)), image.info.get("icc_profile"))
    else:
        found = _draw_colours(image)
    turn = _TURNS.get(image.getexif().get(274, 1))
    return found.transpose(turn) if turn is not None else found


def fit_to_page(picture: Image.Image, size: PageSize) -> Image.Image:
    """The picture with square pixels: fax has other dots across than down."""
    wide, high = picture.size
    wanted = size.height / size.width * wide
    if abs(wanted - high) < max(2, 0.01 * high):
        return picture
    if wanted < high:
        return picture.resize((max(round(high * size.width / size.height), 1), high), Image.Resampling.BILINEAR)
    return picture.resize((wide, round(wanted)), Image.Resampling.BILINEAR)


def find_extent(page: DecodedPage, size: tuple[int, int]) -> tuple[float, float]:
    """Pixels that the page takes up of its picture of this size, which a whole factor made."""
    turned = page.image.getexif().get(274, 1) in _SIDEWAYS
    width, height = page.size[::-1] if turned else page.size
    factor = max(ceil(width / size[0]), ceil(height / size[1]))
    return (width / factor, height / factor) if factor > 1 else (float(size[0]), float(size[1]))


def stretch(image: Image.Image) -> Image.Image:
    """Deep grey from its least to its greatest level, so that what differs in it shows."""
    levels, tags = np.asarray(image, dtype=np.float64), getattr(image, "tag_v2", {})
    if tags.get(_BITS) == (32,) and image.mode == "I" and tags.get(_SAMPLE_FORMAT, (1,)) == (1,):
        levels = np.where(levels < 0, levels + 2**32, levels)  # without sign, which Pillow takes for one
    known = levels[np.isfinite(levels)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if high <= low:
        return Image.new("L", image.size, 255)
    grey = np.clip(np.nan_to_num((levels - low) / (high - low), nan=1.0, posinf=1.0, neginf=0.0), 0, 1) * 255
    made = Image.fromarray(grey.astype(np.uint8))
    return made.point(lambda level: 255 - level) if tags.get(262) == _WHITE_IS_ZERO else made


def _draw_colours(image: Image.Image) -> Image.Image:
    if image.mode in {"P", "PA", "1"} or "transparency" in image.info:
        image = _with_info(image.convert("RGBA"), image)
    small = _with_info(reduce_picture(image), image)
    if small.mode in {"RGBA", "RGBa", "LA", "La"}:
        colours = small.convert("RGBA")
        paper = Image.new("RGB", small.size, (255, 255, 255))
        paper.paste(colours.convert("RGB"), mask=colours.getchannel("A"))
        return paper
    if small.mode == "LAB":
        return _transform(small, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    profile = small.info.get("icc_profile")
    if small.mode in {"CMYK", "RGB"}:
        return _to_srgb(small, profile)
    return small.convert("RGB")


def _to_srgb(small: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that a viewer shows: by the profile of the picture where it fits."""
    wanted = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}[small.mode]
    plain = small if small.mode in {"L", "RGB"} else small.convert("RGB")
    if not profile:
        return plain
    try:
        known = ImageCms.ImageCmsProfile(BytesIO(profile))
        return _transform(small, known) if known.profile.xcolor_space.strip() == wanted else plain
    except (OSError, ImageCms.PyCMSError):
        return plain


def _transform(small: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    made = ImageCms.profileToProfile(small, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert made is not None  # noqa: S101 - not in place
    return made


def _with_info(made: Image.Image, image: Image.Image) -> Image.Image:
    made.info = {key: image.info[key] for key in ("icc_profile",) if key in image.info}
    return made


def reduce_picture(image: Image.Image) -> Image.Image:
    """The picture in about 100 dots an inch, if it is of A4; by a whole factor."""
    factor = _find_factor(image)
    return image.reduce(factor) if factor > 1 else image


def _find_factor(image: Image.Image) -> int:
    return max(int((image.width * image.height / _PIXELS) ** 0.5), 1)
