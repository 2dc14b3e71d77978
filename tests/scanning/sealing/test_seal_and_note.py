"""The product: note and seal behind the unchanged PDF/A; whatever is changed is found."""

import io
import random
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from scanning.capture.verification import verify
from scanning.pdfa import xmp
from scanning.requirements.scan_product import MediaType, Product, SealKind, TransferNote
from scanning.sealing import certificate_authority
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.sealing.seal import Sealer, append_note_and_seal
from scanning.sealing.transfer_note import IDENTITY, hash_note, read_note, to_json, to_properties
from scanning.sealing.validate import validate_seal
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.file_fixtures import NOW
from workflow.errors import Corrupted, InvalidCommand, StoreUnavailable


def a_note(**changes):
    told = {
        "created_by": "meier",
        "organisation": "Scanstelle Köln",
        "environment": "Scanner X, eva",
        "anomalies": ("Seite 2: Knick",),
        "captured_at": NOW,
        "qa_by": "weber",
        "qa_result": "ohne Befund",
        "identity": IDENTITY,
        "raw_sha256": "ab" * 32,
        "content_sha256": "cd" * 32,
    }
    return TransferNote(**(told | changes))


@pytest.fixture(scope="module")
def pdf_a(reader_pool: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("content")
    (folder / "a.pdf").write_bytes(papers.pdf_file(2))
    reader_pool.convert(folder / "a.pdf", MediaType.PDF, folder / "out.pdf")
    return (folder / "out.pdf").read_bytes()


@pytest.fixture
def stored(pdf_a: bytes, store: ContentStore, trial: Sealer) -> Callable[..., Any]:
    """A product in the store, as a log would record it."""

    def made(timestamp=False, seal=True, **changes):
        raw = store.put(b"roh").sha256
        note = a_note(raw_sha256=raw, content_sha256=sha256(pdf_a).hexdigest(), **changes)
        data, sealed = append_note_and_seal(pdf_a, note, NOW, trial if seal else None, timestamp)
        product = Product(
            sha256=store.put(data).sha256, size=len(data), pages=2, note=note, note_sha256=hash_note(note), seal=sealed
        )
        return product, data

    return made


def test_a_product_is_the_pdf_a_with_something_behind_it(stored: Callable[..., Any], pdf_a: bytes) -> None:
    product, data = stored()
    assert data.startswith(pdf_a)
    assert read_note(data) == (product.note, "2B")
    assert hash_note(product.note) == product.note_sha256
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert "/Version" not in pdf.Root
        assert "/Info" not in pdf.trailer
        field = pdf.Root.AcroForm.Fields[0]
        assert int(field.F) & 4
        assert [int(edge) for edge in field.Rect] == [0, 0, 0, 0]
        assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"
        assert not pdf.check_pdf_syntax()


@pytest.mark.parametrize("timestamp", [False, True])
def test_the_seal_is_valid_and_says_that_it_is_a_test(
    stored: Callable[..., Any], trial: Sealer, timestamp: bool
) -> None:
    product, data = stored(timestamp=timestamp)
    seal = product.seal
    assert seal.kind is SealKind.TEST
    assert "TEST" in seal.signer
    found = validate_seal(data, trial.trust, NOW)
    assert found.certificate_sha256 == seal.certificate_sha256
    assert found.sealed_at == NOW
    assert found.timestamp_at == seal.timestamp_at == (NOW if timestamp else None)
    assert (seal.timestamp_by is not None) == timestamp


@pytest.mark.parametrize("timestamp", [False, True])
def test_how_large_a_seal_is_is_found_out_once_and_anew_where_it_did_not_fit(
    pdf_a: bytes, tmp_path: Path, timestamp: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding out takes a timestamp on trial, which a service may charge for."""
    sealer = make_sealer(SealSettings(folder=tmp_path / "authority"), NOW)
    asked, estimate = [], PdfSigningSession.estimate_signature_container_size

    async def ask(session, *arguments, **named):
        asked.append(timestamp)
        return await estimate(session, *arguments, **named)

    monkeypatch.setattr(PdfSigningSession, "estimate_signature_container_size", ask)
    for _ in range(3):
        data, _ = append_note_and_seal(pdf_a, a_note(), NOW, sealer, timestamp)
    assert asked == [timestamp]
    ((sort, size),) = sealer.sizes.items()
    assert sort[1] == timestamp
    sealer.sizes[sort] = 200  # the service has another certificate now, and its seals are larger
    with pytest.raises(StoreUnavailable, match="sealing failed"):
        append_note_and_seal(pdf_a, a_note(), NOW, sealer, timestamp)
    data, _ = append_note_and_seal(pdf_a, a_note(), NOW, sealer, timestamp)
    assert len(asked) == 2
    assert sealer.sizes[sort] == pytest.approx(size, abs=100)
    assert validate_seal(data, sealer.trust, NOW).sealed_at == NOW


@pytest.mark.parametrize("timestamp", [False, True])
@pytest.mark.parametrize("seal", [False, True])
def test_everything_holds(
    stored: Callable[..., Any], store: ContentStore, trial: Sealer, timestamp: bool, seal: bool
) -> None:
    product, _ = stored(timestamp=timestamp and seal, seal=seal)
    report = verify(product, store, trial, lambda: "position 1")
    assert report.ok, report
    assert report.read_back_sha256 == product.sha256
    assert [finding.name for finding in report.findings] == [
        "hash", "size", "pdf", "note", "content", "seal", "raw", "log",
    ]  # fmt: skip


def spoil(store, product, data):
    path = store.path(product.sha256)
    path.chmod(0o640)
    path.write_bytes(data)


def test_a_flipped_bit_anywhere_is_found_with_the_log_and_by_the_seal_alone(
    stored: Callable[..., Any], store: ContentStore, trial: Sealer
) -> None:
    """At 400 places; the seal finds it alone but where filling bytes of the seal's own place are meant."""
    product, data = stored()
    draw, by_seal, places = random.Random(4), 0, 0
    begin = data.rindex(b"/Contents <")
    gap = range(begin, data.index(b">", begin) + 1)
    for at in draw.sample(range(len(data)), 400):
        flipped = bytearray(data)
        flipped[at] ^= 1 << draw.randrange(8)
        spoil(store, product, flipped)
        report = verify(product, store, trial, lambda: "")
        assert not report.ok
        assert not report.holds("hash")
        if at not in gap:
            places += 1
            by_seal += not report.holds("seal")
    assert by_seal == places > 300
    spoil(store, product, data)
    assert verify(product, store, trial, lambda: "").ok


def test_a_check_that_never_looks_would_be_noticed(
    stored: Callable[..., Any], store: ContentStore, trial: Sealer
) -> None:
    """Positive control: a store whose hash function is blind lets the flip through, and the seal still finds it."""
    product, data = stored()
    flipped = bytearray(data)
    flipped[len(data) // 3] ^= 1
    blind = product.model_copy(update={"sha256": store.put(bytes(flipped)).sha256})
    report = verify(blind, store, trial, lambda: "")
    assert report.holds("hash")
    assert not report.holds("seal")


def test_each_lie_is_found_by_its_own_check(
    stored: Callable[..., Any], store: ContentStore, trial: Sealer, pdf_a: bytes
) -> None:
    product, _ = stored()
    lies = {
        "size": {"size": product.size + 1},
        "pdf": {"pages": 3},
        "note": {"note": product.note.model_copy(update={"qa_by": "niemand"})},
        "content": {"note": product.note.model_copy(update={"content_sha256": "ef" * 32})},
        "seal": {"seal": product.seal.model_copy(update={"certificate_sha256": "ef" * 32})},
    }
    for name, lie in lies.items():
        report = verify(product.model_copy(update=lie), store, trial, lambda: "")
        assert not report.holds(name), name
    unsealed, _ = append_note_and_seal(pdf_a, product.note, NOW, None)
    swapped = product.model_copy(update={"sha256": store.put(unsealed).sha256, "size": len(unsealed)})
    failed = [finding.name for finding in verify(swapped, store, trial, lambda: "").findings if not finding.ok]
    assert failed == ["seal"]
    hidden = product.model_copy(update={"seal": None})
    assert not verify(hidden, store, trial, lambda: "").holds("seal")

    def lost():
        raise Corrupted(7, "no such event", "kein solches Ereignis")

    assert not verify(product, store, trial, lost).holds("log")
    store.erase(product.note.raw_sha256)
    assert verify(product, store, trial, lambda: "").ok
    store.erase(product.sha256)
    gone = verify(product, store, trial, lambda: "")
    assert not gone.ok
    assert gone.read_back_sha256 is None


def test_a_second_addition_is_found(stored: Callable[..., Any], trial: Sealer) -> None:
    """Whoever appends to a sealed product leaves the seal covering only a part."""
    product, data = stored()
    longer, _ = append_note_and_seal(data, product.note, NOW, None)
    with pytest.raises(Corrupted, match=r"whole file|not valid"):
        validate_seal(longer, trial.trust, NOW)


def test_another_authority_is_not_trusted(stored: Callable[..., Any], tmp_path: Path) -> None:
    _, data = stored()
    other = make_sealer(SealSettings(folder=tmp_path / "andere"), NOW)
    with pytest.raises(Corrupted, match=r"not valid|validated"):
        validate_seal(data, other.trust, NOW)


def test_keys_are_for_their_owner_only_and_certificates_say_test(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    certificate_authority.make_certificates(folder, NOW)
    assert {path.name for path in folder.iterdir()} == set(certificate_authority.FILES)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if path.suffix == ".pem":
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            assert "TEST" in certificate.subject.rfc4514_string()
            assert "ohne Beweiswert" in certificate.subject.rfc4514_string()
    before = (folder / "seal.key").read_bytes()
    certificate_authority.make_certificates(folder, NOW)
    assert (folder / "seal.key").read_bytes() == before


@pytest.mark.parametrize("name", ["seal.key", "timestamp.key"])
@pytest.mark.parametrize("lines", [slice(0), slice(1, None), slice(None, None, 2)])
def test_a_key_that_is_none_is_told(tmp_path: Path, name: str, lines: slice) -> None:
    folder = tmp_path / "authority"
    make_sealer(SealSettings(folder=folder), NOW)
    file = folder / name
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[lines]))
    with pytest.raises(InvalidCommand, match="no usable test authority"):
        make_sealer(SealSettings(folder=folder), NOW)


def test_a_real_seal_comes_by_configuration(tmp_path: Path, pdf_a: bytes) -> None:
    """A PKCS#12 file, as a trust service hands it out; made here from another authority."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    folder = tmp_path / "dienst"
    certificate_authority.make_certificates(folder, NOW)
    key = serialization.load_pem_private_key((folder / "seal.key").read_bytes(), None)
    own = x509.load_pem_x509_certificate((folder / "seal.pem").read_bytes())
    root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
    lock = serialization.BestAvailableEncryption(b"geheim")
    (tmp_path / "siegel.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"eva", key, own, [root], lock))
    (tmp_path / "phrase").write_text("geheim\n")
    config = SealSettings(
        provider="pkcs12", kind=SealKind.QUALIFIED, folder=folder, pkcs12=tmp_path / "siegel.p12",
        passphrase_file=tmp_path / "phrase", roots=(folder / "root.pem",),
    )  # fmt: skip
    real = make_sealer(config, NOW)
    data, seal = append_note_and_seal(pdf_a, a_note(), NOW, real)
    assert seal.kind is SealKind.QUALIFIED
    assert validate_seal(data, real.trust, NOW).certificate_sha256 == seal.certificate_sha256
    with pytest.raises(StoreUnavailable, match="timestamp"):
        append_note_and_seal(pdf_a, a_note(), NOW, real, timestamp=True)
    (tmp_path / "phrase").write_text("falsch")
    with pytest.raises(InvalidCommand, match="passphrase"):
        make_sealer(config, NOW)
    for wrong in ({"kind": SealKind.TEST}, {"pkcs12": None}):
        with pytest.raises(InvalidCommand):
            make_sealer(config.model_copy(update=wrong), NOW)
    with pytest.raises(InvalidCommand, match="cannot come"):
        make_sealer(SealSettings(folder=folder, kind=SealKind.ADVANCED), NOW)


@pytest.fixture
def remote_service(tmp_path: Path) -> Iterator[tuple[SealSettings, list[Any]]]:
    """A service after the Cloud Signature Consortium's API, made here: it has the key, and asks for token and PIN."""
    import base64
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    folder = tmp_path / "dienst"
    certificate_authority.make_certificates(folder, NOW)
    key = serialization.load_pem_private_key((folder / "seal.key").read_bytes(), None)
    chain = [x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()) for name in ("seal", "root")]
    authorised, asked = [], []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(self.path)
            if self.headers["authorization"] != "Bearer marke" or body.get("PIN", "4711") != "4711":
                return self.answer(401, {})
            return self.answer(200, getattr(self, self.path.rpartition("/")[2])(body))

        def info(self, _):
            certificates = [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in chain]
            return {"cert": {"certificates": certificates}, "key": {"algo": ["1.2.840.10045.4.3.2"]},
                    "multisign": 1, "SCAL": "2"}  # fmt: skip

        def authorize(self, body):
            authorised.extend(body["hash"])
            return {"SAD": "erlaubt"}

        def signHash(self, body):  # noqa: N802 - as the API calls it
            assert body["SAD"] == "erlaubt"
            assert body["hash"] == authorised
            how = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
            made = [key.sign(base64.b64decode(one), how) for one in body["hash"]]
            return {"signatures": [base64.b64encode(one).decode() for one in made]}

        def answer(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "token").write_text("marke\n")
    (tmp_path / "pin").write_text("4711\n")
    yield SealSettings(
        provider="remote", kind=SealKind.QUALIFIED, folder=folder, remote_url=f"http://127.0.0.1:{server.server_port}",
        remote_credential="siegel-1", remote_token_file=tmp_path / "token", passphrase_file=tmp_path / "pin",
        roots=(folder / "root.pem",),
    ), asked  # fmt: skip
    server.shutdown()
    server.server_close()


def test_a_remote_service_seals_by_hash(
    remote_service: tuple[SealSettings, list[Any]], pdf_a: bytes, tmp_path: Path
) -> None:
    config, asked = remote_service
    remote = make_sealer(config, NOW)
    data, seal = append_note_and_seal(pdf_a, a_note(), NOW, remote)
    assert [path.rpartition("/")[2] for path in asked] == ["info", "authorize", "signHash"]
    assert seal.kind is SealKind.QUALIFIED
    assert validate_seal(data, remote.trust, NOW).certificate_sha256 == seal.certificate_sha256
    (tmp_path / "pin").write_text("0000")
    with pytest.raises(StoreUnavailable, match="sealing failed"):
        append_note_and_seal(pdf_a, a_note(), NOW, make_sealer(config, NOW))
    with pytest.raises(InvalidCommand, match="remote_token_file"):
        make_sealer(config.model_copy(update={"remote_token_file": None}), NOW)


def test_a_timestamp_service_that_does_not_answer_makes_no_product(tmp_path: Path, pdf_a: bytes) -> None:
    config = SealSettings(folder=tmp_path / "t", timestamp_url="http://127.0.0.1:9/tsa")
    with pytest.raises(StoreUnavailable):
        append_note_and_seal(pdf_a, a_note(), NOW, make_sealer(config, NOW), timestamp=True)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(str.strip)


@given(environment=texts, result=texts, anomalies=st.lists(texts, max_size=3), identity=st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_note_comes_back_from_the_metadata_as_it_was(
    environment: Any, result: Any, anomalies: Any, identity: Any
) -> None:
    from pydantic import ValidationError

    try:
        note = a_note(environment=environment, qa_result=result, anomalies=tuple(anomalies), identity=identity)
    except ValidationError:
        return
    found, claim = xmp.read_packet(xmp.write_packet(NOW, to_properties(note)))
    assert claim == "2B"
    assert found == to_properties(note)
    assert TransferNote.model_validate_json(found["json"]) == note
    assert to_json(note) == found["json"]


def test_a_note_with_two_tongues_is_found(pdf_a: bytes) -> None:
    """The fields for people say something else than the field for machines."""
    note = a_note()
    told = to_properties(note) | {"c_anomalies": "keine"}
    writer_made, _ = append_note_and_seal(pdf_a, note, NOW, None)
    before, after = (xmp.write_packet(NOW, one) for one in (to_properties(note), told))
    forged = writer_made.replace(before, after.ljust(len(before), b" "))
    assert forged != writer_made
    with pytest.raises(Corrupted, match="differ"):
        read_note(forged)
