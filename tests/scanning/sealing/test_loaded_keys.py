"""Keys are read once for all seals: reading an RSA key takes ten times as long as signing with it."""

from pathlib import Path
from typing import Any

import pytest
from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from scanning.limits import LIMITS
from scanning.pdfa.convert import convert
from scanning.requirements.scan_product import MediaType, TransferNote
from scanning.sealing.loaded_keys import LoadedKeySigner
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.sealing.seal import append_note_and_seal
from scanning.sealing.validate import validate_seal
from tests.scanning import papers
from tests.scanning.file_fixtures import NOW


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry each time a key is read."""
    counted: list[int] = []
    load = serialization.load_der_private_key

    def load_and_count(data: bytes, *arguments: Any, **named: Any) -> Any:
        counted.append(len(data))
        return load(data, *arguments, **named)

    monkeypatch.setattr(serialization, "load_der_private_key", load_and_count)
    return counted


def test_no_key_is_read_again_from_the_second_seal_on(tmp_path: Path, loads: list[int]) -> None:
    (tmp_path / "scan.tif").write_bytes(papers.tiff_file(1))
    convert(tmp_path / "scan.tif", MediaType.TIFF, tmp_path / "content.pdf", LIMITS)
    content = (tmp_path / "content.pdf").read_bytes()
    note = TransferNote(
        created_by="otto", organisation="Scanstelle", environment="Scanner", anomalies=(), captured_at=NOW,
        qa_by="inge", qa_result="ohne Befund", identity="gleich", raw_sha256="ab" * 32, content_sha256="cd" * 32,
    )  # fmt: skip
    sealer = make_sealer(SealSettings(folder=tmp_path / "seal"), NOW)
    append_note_and_seal(content, note, NOW, sealer, timestamp=True)
    first = len(loads)
    for _ in range(3):
        data, _ = append_note_and_seal(content, note, NOW, sealer, timestamp=True)
        assert validate_seal(data, sealer.trust, NOW).timestamp_at == NOW
    assert len(loads) == first > 0


def test_it_signs_as_the_library_does(loads: list[int]) -> None:
    keys: dict[str, Any] = {
        "sha256_rsa": rsa.generate_private_key(65537, 2048),
        "sha256_ecdsa": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, key in keys.items():
        signer = make_signer(key, name)
        signatures = [signer.sign_raw(b"Bescheid", "sha256") for _ in range(2)]
        for signature in signatures:
            if isinstance(key, rsa.RSAPrivateKey):
                key.public_key().verify(signature, b"Bescheid", padding.PKCS1v15(), SHA256())
            elif isinstance(key, ec.EllipticCurvePrivateKey):
                key.public_key().verify(signature, b"Bescheid", ec.ECDSA(SHA256()))
            else:
                key.public_key().verify(signature, b"Bescheid")
    assert len(loads) == 1 + 1 + 2  # the last is left to the library, which reads it each time


def make_signer(key: Any, name: str) -> signers.SimpleSigner:
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made: Any = signers.SimpleSigner(
        signing_cert=None,
        signing_key=PrivateKeyInfo.load(plain), cert_registry=SimpleCertificateStore(),
        signature_mechanism=SignedDigestAlgorithm({"algorithm": name}),
    )  # fmt: skip
    return LoadedKeySigner.take_over(made)
