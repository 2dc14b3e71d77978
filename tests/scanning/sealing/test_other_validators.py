"""What others say of our products: OpenSSL of the seal, veraPDF of the PDF/A, each where it is installed."""

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from scanning.requirements.scan_product import MediaType
from scanning.sealing.seal import Sealer, append_note_and_seal
from scanning.sealing.transfer_note import IDENTITY
from tests.scanning.file_fixtures import NOW
from tests.scanning.papers import filters
from tests.scanning.pdfa.test_good_files import GOOD, TYPES
from tests.scanning.sealing.test_seal_and_note import a_note

openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="OpenSSL is not installed")
verapdf = pytest.mark.skipif(not shutil.which("verapdf"), reason="veraPDF is not installed")


@pytest.fixture
def product(reader_pool: Any, tmp_path: Path, trial: Sealer) -> Callable[..., Any]:
    """A sealed product of a good file."""

    def made(name, data=None, timestamp=False):
        path = tmp_path / name
        path.write_bytes(GOOD[name] if data is None else data)
        reader_pool.convert(path, TYPES.get(path.suffix, MediaType.PDF), tmp_path / "content.pdf")
        content = (tmp_path / "content.pdf").read_bytes()
        note = a_note(identity=IDENTITY, environment='Scanner "X" & <Y>, Zeile\u00e4')
        return append_note_and_seal(content, note, NOW, trial, timestamp)[0]

    return made


def signed_parts(data):
    """The signature and what it signs, taken out by the byte range alone."""
    begin, length, end, rest = map(int, re.search(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)", data).groups())
    assert (begin, end + rest) == (0, len(data))
    return bytes.fromhex(data[length + 1 : end - 1].decode()), data[:length] + data[end:]


@openssl
@pytest.mark.parametrize("timestamp", [False, True])
def test_openssl_verifies_the_seal_and_finds_a_flipped_bit(
    product: Callable[..., Any], tmp_path: Path, trial: Sealer, timestamp: bool
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    signature, signed = signed_parts(product("a.pdf", timestamp=timestamp))
    (tmp_path / "seal.der").write_bytes(signature)
    root = x509.load_der_x509_certificate(trial.trust[0].dump())
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))

    def verified(content):
        (tmp_path / "content").write_bytes(content)
        command = [
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "seal.der", "-content", "content",
            "-CAfile", "root.pem", "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "out",
        ]  # fmt: skip
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    assert verified(signed)
    flipped = bytearray(signed)
    flipped[len(flipped) // 2] ^= 1
    assert not verified(bytes(flipped))


@verapdf
@pytest.mark.parametrize("name", GOOD)
def test_verapdf_agrees(product: Any, tmp_path: Path, name: Any) -> None:
    (tmp_path / "product.pdf").write_bytes(product(name))
    command = ["verapdf", "--flavour", "2b", "--format", "text", str(tmp_path / "product.pdf")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout.startswith("PASS"), told.stdout


ALLOWED = {
    "/Catalog": {"/Type", "/Pages", "/OutputIntents", "/Metadata", "/AcroForm", "/Extensions"},
    "/Page": {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Annots"},
    "/Annot": {"/Type", "/Subtype", "/Rect", "/F", "/FT", "/T", "/V", "/P"},
}
"""All that a product consists of; everything else would have conditions of its own (ISO 19005-2, 6.2 to 6.6)."""


@pytest.mark.parametrize("name", GOOD)
def test_a_product_holds_nothing_whose_rules_are_not_tested(product: Callable[..., Any], name: str) -> None:
    with pikepdf.open(io.BytesIO(product(name))) as pdf:
        for thing in pdf.objects:
            if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                continue
            kind, keys = str(thing.get("/Type", "")), set(thing.keys())
            assert keys <= ALLOWED.get(kind, keys), kind
            if kind == "/Page":
                assert set(thing.get("/Resources", {}).keys()) <= {"/XObject", "/ProcSet"}
            if isinstance(thing, pikepdf.Stream) and kind == "/XObject":
                assert str(thing.Subtype) == "/Image"
                assert not keys & {"/SMask", "/Mask", "/Alternates", "/OPI", "/Interpolate"}
                assert not thing.get("/Interpolate", False)
                assert len(filters(thing)) == 1
                assert filters(thing)[0] in {"/DCTDecode", "/FlateDecode", "/CCITTFaxDecode"}
            if kind == "/Metadata":
                assert "/Filter" not in keys
        operators = {str(i.operator) for page in pdf.pages for i in pikepdf.parse_content_stream(page)}
        assert operators <= {"q", "Q", "cm", "Do", "re", "f", "rg", "g", "n", "W"}, operators
