"""A test authority: certificates for a seal and a timestamp that prove nothing to anyone, and say so in their names.

Made at set-up, so that everything can be tried without a trust service; real seals are configured
(`providers.py`). Its own key is thrown away once the two certificates are issued.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workflow.engine.store.durable_files import make_folder, write_secret

YEARS = 30
RSA_BITS = 3072
"""BSI TR-02102-1: at least 3000 bits."""
FILES = ("root.pem", "seal.pem", "seal.key", "timestamp.pem", "timestamp.key")


def make_certificates(folder: Path, now: datetime) -> None:
    """Write root, seal and timestamp certificates with their keys (mode 0600), unless they are there already."""
    if all((folder / name).is_file() for name in FILES):
        return
    make_folder(folder)
    folder.chmod(0o700)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("TEST-Wurzel eva, ohne Beweiswert", root_key, None, root_key, now, _root_extensions())
    seal_key = ec.generate_private_key(ec.SECP256R1())
    seal = _certificate("TEST-Siegel eva, ohne Beweiswert", seal_key, root, root_key, now, _seal_extensions())
    time_key = rsa.generate_private_key(65537, RSA_BITS)
    stamp = _certificate("TEST-Zeitstempel eva, ohne Beweiswert", time_key, root, root_key, now, _time_extensions())
    secrets: dict[str, Any] = {"seal.key": seal_key, "timestamp.key": time_key}
    for name, key in secrets.items():
        write_secret(folder / name, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip
    for name, certificate in (("root.pem", root), ("seal.pem", seal), ("timestamp.pem", stamp)):
        write_secret(folder / name, certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    name: str, key: Any, issuer: x509.Certificate | None, issuer_key: Any, now: datetime,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:  # fmt: skip
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _root_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    return [(x509.BasicConstraints(ca=True, path_length=0), True), (_usage(key_cert_sign=True, crl_sign=True), True)]


def _seal_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    usage = _usage(digital_signature=True, content_commitment=True)
    return [(x509.BasicConstraints(ca=False, path_length=None), True), (usage, True)]


def _time_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return [(x509.BasicConstraints(ca=False, path_length=None), True), (_usage(digital_signature=True), True),
            (purpose, True)]  # fmt: skip


def _usage(**given: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})
