"""Which seal a centre uses: the test authority, or a real certificate and a real timestamp service by configuration."""

from copy import copy
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign import signers
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from scanning.requirements.scan_product import SealKind
from scanning.sealing import certificate_authority
from scanning.sealing.loaded_keys import LoadedKeySigner, LoadedKeyTimeStamper
from scanning.sealing.seal import Sealer, SignerSource, use_local_signer
from workflow.engine.events import Model
from workflow.engine.fields import Line
from workflow.errors import InvalidCommand
from workflow.text import Text


class SealSettings(Model):
    """Settings of a centre's seal; secrets stand in files, never here."""

    provider: Literal["test", "pkcs12", "remote"] = "test"
    kind: SealKind = SealKind.TEST
    """What the certificate is, as its issuer says: advanced or qualified; `test` for the test authority only."""
    folder: Path
    """Of the test authority's files, made there if missing."""
    pkcs12: Path | None = None
    """File with key and certificates of the real seal."""
    passphrase_file: Path | None = None
    remote_url: Line | None = None
    """Remote service (Cloud Signature Consortium API), such as `https://…/csc/v1`."""
    remote_credential: Line | None = None
    """Which of the service's keys seals."""
    remote_token_file: Path | None = None
    """File with the bearer token for the service; the passphrase is then the PIN of the key."""
    roots: tuple[Path, ...] = ()
    """PEM files of the trust anchors of seal and timestamp."""
    timestamp_url: Line | None = None
    """RFC 3161 service; without one the test authority stamps test seals, and real seals get no timestamp."""


def make_sealer(settings: SealSettings, now: datetime) -> Sealer:
    """The sealer of these settings; raises `InvalidCommand` where they contradict themselves or files are unusable."""
    if (settings.provider == "test") != (settings.kind is SealKind.TEST):
        says = Text(
            f"{settings.kind} kann nicht vom Anbieter {settings.provider} kommen",
            f"{settings.kind} cannot come from provider {settings.provider}",
        )
        raise InvalidCommand([("/kind", says)])
    if settings.provider == "test":
        return _make_test_sealer(settings.folder, now, settings.timestamp_url)
    phrase = settings.passphrase_file.read_bytes().strip() if settings.passphrase_file else None
    signer = _make_remote(settings, phrase) if settings.provider == "remote" else _load_pkcs12(settings, phrase)
    url = settings.timestamp_url
    return Sealer(
        settings.kind, signer, tuple(map(_load_certificate, settings.roots)),
        (lambda _now: HTTPTimeStamper(url)) if url else None, url,
    )  # fmt: skip


def _load_pkcs12(settings: SealSettings, phrase: bytes | None) -> SignerSource:
    if settings.pkcs12 is None:
        raise InvalidCommand(
            [("/pkcs12", Text("wird für den Anbieter pkcs12 gebraucht", "is needed for provider pkcs12"))]
        )
    signer = signers.SimpleSigner.load_pkcs12(str(settings.pkcs12), passphrase=phrase)
    if signer is None:
        says = Text(
            f"{settings.pkcs12} lässt sich mit dieser Passphrase nicht öffnen",
            f"{settings.pkcs12} cannot be opened with this passphrase",
        )
        raise InvalidCommand([("/pkcs12", says)])
    return use_local_signer(LoadedKeySigner.take_over(signer))


def _make_remote(settings: SealSettings, pin: bytes | None) -> SignerSource:
    if not (settings.remote_url and settings.remote_credential and settings.remote_token_file):
        says = Text(
            "braucht remote_credential und remote_token_file daneben",
            "needs remote_credential and remote_token_file beside it",
        )
        raise InvalidCommand([("/remote_url", says)])
    from scanning.sealing.csc_remote_signer import RemoteService, open_remote_signer  # noqa: PLC0415 - an HTTP client, only for this

    token = settings.remote_token_file.read_text(encoding="utf-8").strip()
    service = RemoteService(settings.remote_url, settings.remote_credential, token, pin.decode() if pin else None)
    return partial(open_remote_signer, service)


def _make_test_sealer(folder: Path, now: datetime, url: str | None) -> Sealer:
    certificate_authority.make_certificates(folder, now)
    root, stamp = _load_certificate(folder / "root.pem"), _load_certificate(folder / "timestamp.pem")
    signer = signers.SimpleSigner.load(
        str(folder / "seal.key"), str(folder / "seal.pem"), ca_chain_files=(str(folder / "root.pem"),)
    )
    key = _load_own_key(folder / "timestamp.key")
    if signer is None or key is None:
        says = Text(
            f"{folder} enthält keine brauchbare Testzertifizierungsstelle", f"{folder} holds no usable test authority"
        )
        raise InvalidCommand([("/folder", says)])

    stamper_without_time = LoadedKeyTimeStamper(stamp, key, SimpleCertificateStore.from_certs([root]))
    stamper_without_time.load_key()

    def timestamper(at: datetime) -> TimeStamper:
        if url is not None:
            return HTTPTimeStamper(url)
        stamper = copy(stamper_without_time)
        stamper.fixed_dt = at
        return stamper

    source = use_local_signer(LoadedKeySigner.take_over(signer))
    return Sealer(SealKind.TEST, source, (root,), timestamper, url or stamp.subject.human_friendly)


def _load_own_key(path: Path) -> keys.PrivateKeyInfo | None:
    """A key that the test authority has made, whose primes are not tested again: that takes a tenth of a second."""
    plain = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    except (OSError, ValueError):
        return None
    return keys.PrivateKeyInfo.load(key.private_bytes(*plain))


def _load_certificate(path: Path) -> x509.Certificate:
    _, _, der = pem.unarmor(path.read_bytes())
    return x509.Certificate.load(der)
