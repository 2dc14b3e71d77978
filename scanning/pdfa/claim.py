"""The claim of PDF/A-2b: output intent with colour profile, metadata, and nothing in the catalog that has no place."""

from collections.abc import Set as AbstractSet
from pathlib import Path

import pikepdf
from PIL import ImageCms

from scanning.pdfa.xmp import write_packet

ALWAYS = frozenset({"/Type", "/Pages", "/OutputIntents", "/Metadata"})


def save_pdfa(pdf: pikepdf.Pdf, out: Path, kept: AbstractSet[str] = ALWAYS) -> None:
    """Write a PDF of allowed content as PDF/A-2b: always the same bytes; `kept` stays in the catalog."""
    _add_claim(pdf, kept)
    pdf.save(out, deterministic_id=True, force_version="1.7", min_version="1.7", compress_streams=True,
             object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False)  # fmt: skip


def _add_claim(pdf: pikepdf.Pdf, kept: AbstractSet[str]) -> None:
    profile = pdf.make_stream(_make_srgb_profile(), N=3)
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier="sRGB",
        Info="sRGB IEC61966-2.1", DestOutputProfile=profile,
    )  # fmt: skip
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
    metadata = pikepdf.Stream(pdf, write_packet())
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = pdf.make_indirect(metadata)
    for key in set(pdf.Root.keys()) - kept - ALWAYS:
        del pdf.Root[key]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def _make_srgb_profile() -> bytes:
    """The profile of sRGB; the time of its making is set to a fixed one (ICC.1, 7.2.8)."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = b"".join(number.to_bytes(2, "big") for number in (2021, 1, 1, 0, 0, 0))
    return bytes(made)
