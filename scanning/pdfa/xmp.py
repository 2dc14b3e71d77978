"""Metadata of a scan product (XMP, ISO 16684-1): the claim of PDF/A-2b, and the transfer note with its own schema.

PDF/A-2 allows properties of one's own where an extension schema describes them (ISO 19005-2, 6.6.2.3).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "urn:eva:transfer-note:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PDFAID = "http://www.aiim.org/pdfa/ns/id/"

DESCRIBED = {
    "json": "the note as canonical JSON; its SHA-256 stands in the event log",
    "a_created_by": "TR-03138 A.NB.4 a: who made the scan product, and the organisation",
    "b_environment": "TR-03138 A.NB.4 b: technical and organisational environment",
    "c_anomalies": "TR-03138 A.NB.4 c: anomalies",
    "d_captured_at": "TR-03138 A.NB.4 d: time of capture",
    "e_quality_assurance": "TR-03138 A.NB.4 e: result of quality assurance, and by whom",
    "f_identity": "TR-03138 A.NB.4 f: image and content are the same as the paper's",
}
"""Property -> its description in the extension schema."""


def write_packet(at: datetime | None = None, note: Mapping[str, str] | None = None) -> bytes:
    """The metadata of a PDF/A-2b, dated if a time is given, with the properties of a note if there is one."""
    parts = [
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">',
        f'<rdf:Description rdf:about="" xmlns:pdfaid="{_PDFAID}">',
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>",
    ]
    if at is not None:
        stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts.append(
            '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
            f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate></rdf:Description>"
        )
    if note is not None:
        parts += [_properties(note), _schema()]
    parts += ["</rdf:RDF></x:xmpmeta>", '<?xpacket end="r"?>']
    return "\n".join(parts).encode()


def read_packet(data: bytes) -> tuple[dict[str, str], str]:
    """Properties of the note, and the claim as `part` and `conformance`, such as `2B`; `ValueError` if it is no XML."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"metadata cannot be read: {error}") from error
    found: dict[str, str] = {}
    claim = {"part": "", "conformance": ""}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element)
        if name.namespace == NAMESPACE:
            found[name.localname] = element.text or ""
        elif name.namespace == _PDFAID and name.localname in claim:
            claim[name.localname] = (element.text or "").strip()
    return found, claim["part"] + claim["conformance"]


def _properties(note: Mapping[str, str]) -> str:
    unknown = set(note) - set(DESCRIBED)
    if unknown:
        raise ValueError(f"no property {sorted(unknown)}")
    elements = "\n".join(f"<eva:{name}>{_text(value)}</eva:{name}>" for name, value in note.items())
    return f'<rdf:Description rdf:about="" xmlns:eva="{NAMESPACE}">\n{elements}\n</rdf:Description>'


def _text(value: str) -> str:
    """Escaped, line breaks too, so that a parser gives back what was written."""
    return escape(re.sub(r"\r", "\ufffd", value), {"\n": "&#10;", "\t": "&#9;"})


def _schema() -> str:
    fields = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{escape(meaning)}</pdfaProperty:description></rdf:li>"
        for name, meaning in DESCRIBED.items()
    )
    return (
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
        'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
        'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Transfer note (Transfervermerk)</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>eva</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{fields}</rdf:Seq></pdfaSchema:property></rdf:li>"
        "</rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )
