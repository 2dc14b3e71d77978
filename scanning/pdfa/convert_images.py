"""Decoded pages as a PDF: data as they are where PDF/A-2b has their form, otherwise the same pixels packed anew."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

import pikepdf
from PIL import Image

from scanning.inspection.images import DecodedPage
from scanning.pdfa.embed_image import ImageData, add_page, from_jpeg, pack
from scanning.pdfa.page_size import PageSize, find_page_size
from scanning.pdfa.plain_image import make_plain, read_orientation
from scanning.pdfa.source_data import copy_strip, cut_first_picture
from scanning.pdfa.treatment import UNCHANGED, Treatment
from scanning.requirements.scan_product import MediaType

_BITS, _PNG_BITS = 258, 24
"""Tag BitsPerSample of TIFF 6.0; place of the bit depth in a PNG (ISO/IEC 15948, 11.2.2)."""
_MOST_BYTES = 64 * 2**20
"""Kept in memory; then pages go to a file beside the result."""


class ConvertedPage(NamedTuple):
    data: ImageData
    size: PageSize
    unchanged: bool
    """Whether the data are those of the source."""


class ImageConverter:
    """Takes decoded pages one by one; a context, because pages that wait lie in files."""

    def __init__(self, path: Path, kind: MediaType, out: Path) -> None:
        self.treatment = Treatment()
        self.pages = 0
        self._path, self._kind, self._out = path, kind, out
        self._pdf = pikepdf.new()
        self._bytes = 0
        self._waiting: list[pikepdf.Pdf] = []
        self._files: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pdf in (*self._waiting, self._pdf):
            pdf.close()
        for file in self._files:
            file.unlink(missing_ok=True)

    def add(self, page: DecodedPage, file: BinaryIO) -> ConvertedPage:
        """Put a page of the scan that is open as `file` at the end."""
        self.pages += 1
        data, dpi, unchanged = self._convert(page, file)
        turned = data.orientation >= 5
        upright = (data.height, data.width) if turned else (data.width, data.height)
        size = find_page_size(upright, dpi[::-1] if dpi and turned else dpi)
        if not size.believed:
            told = f"{dpi[0]:g} x {dpi[1]:g} dpi" if dpi else "keine"
            self.treatment.add(self.pages, f"Auflösung nicht glaubhaft ({told}); Größe der Seite nach A4 angenommen")
        add_page(self._pdf, data, size)
        self._bytes += len(data.data)
        if self._bytes > _MOST_BYTES:
            self._move_to_file()
        return ConvertedPage(data, size, unchanged)

    def finish(self) -> pikepdf.Pdf:
        """All pages; valid within the context."""
        if not self._waiting:
            return self._pdf
        self._move_to_file()
        for part in self._waiting:
            self._pdf.pages.extend(part.pages)
        return self._pdf

    def _convert(self, page: DecodedPage, file: BinaryIO) -> tuple[ImageData, tuple[float, float] | None, bool]:
        image = page.image
        found = image.info.get("dpi")
        dpi = (float(found[0]), float(found[1])) if found else None
        if self._kind is MediaType.JPEG and image.mode in {"L", "RGB"}:
            orientation = read_orientation(image)
            told = UNCHANGED if orientation == 1 else f"{UNCHANGED}, nach der Angabe der Kamera gedreht"
            self.treatment.add(self.pages, told, finding=False)
            data = from_jpeg(cut_first_picture(self._path.read_bytes()), image, page.size, orientation)
            return data, dpi, True
        if strip := copy_strip(image, file):
            self.treatment.add(self.pages, UNCHANGED, finding=False)
            return strip, dpi, True
        plain, remarks = make_plain(image)
        for remark in remarks:
            self.treatment.add(self.pages, remark)
        if self._has_deep_colours(image, file):
            self.treatment.add(self.pages, "Farben mit 16 Bit je Kanal auf 8 gerundet")
        self.treatment.add(self.pages, "Bildpunkte ohne Verlust neu verdichtet", finding=False)
        found = plain.info.get("dpi")
        return pack(plain), (float(found[0]), float(found[1])) if found else None, False

    def _has_deep_colours(self, image: Image.Image, file: BinaryIO) -> bool:
        """Whether Pillow has rounded each channel of a colour picture when it decoded it."""
        if len(image.getbands()) == 1:
            return False
        if self._kind is MediaType.TIFF:
            bits: tuple[int, ...] = getattr(image, "tag_v2", {}).get(_BITS, (8,))
            return max(bits) > 8
        file.seek(_PNG_BITS)
        return self._kind is MediaType.PNG and file.read(1) == b"\x10"

    def _move_to_file(self) -> None:
        place = self._out.with_name(f"{self._out.name}.{len(self._files)}")
        self._files.append(place)
        self._pdf.save(place)
        self._pdf.close()
        self._waiting.append(pikepdf.open(place))
        self._pdf, self._bytes = pikepdf.new(), 0
