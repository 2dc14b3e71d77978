"""Signing with keys that are loaded once: the library reads a key anew for each signature, and checking the primes of
an RSA key takes ten times as long as signing with it.
"""

from datetime import datetime
from functools import cached_property
from typing import Any, Self

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign import signers
from pyhanko.sign.general import as_signing_certificate, simple_cms_attribute
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.util import get_pyca_cryptography_hash


class LoadedKeySigner(signers.SimpleSigner):
    """A signer whose key is on this machine."""

    @classmethod
    def take_over(cls, signer: signers.SimpleSigner) -> Self:
        """The same signer: the library's functions that read files give their own class."""
        return cls(
            signing_cert=signer.signing_cert, signing_key=signer.signing_key, cert_registry=signer.cert_registry,
            signature_mechanism=signer.signature_mechanism, prefer_pss=signer.prefer_pss,
            embed_roots=signer.embed_roots,
        )  # fmt: skip

    @cached_property
    def _key(self) -> Any:
        return serialization.load_der_private_key(self.signing_key.dump(), password=None)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """As the library signs: RSA with PKCS #1 v1.5 and ECDSA; what else there is, it does itself."""
        mechanism = self.get_signature_mechanism_for_digest(digest_algorithm).signature_algo
        digest = get_pyca_cryptography_hash(digest_algorithm)
        if mechanism == "rsassa_pkcs1v15" and isinstance(self._key, RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), digest)
        if mechanism == "ecdsa" and isinstance(self._key, EllipticCurvePrivateKey):
            return self._key.sign(data, ECDSA(digest))
        return bytes(super().sign_raw(data, digest_algorithm))


class LoadedKeyTimeStamper(DummyTimeStamper):
    """The test authority's timestamps (RFC 3161), by an RSA key; copies share the key."""

    @cached_property
    def _key(self) -> RSAPrivateKey:
        # Its primes were tested when it was made; to test them again takes a tenth of a second at every start.
        key = serialization.load_der_private_key(
            self.tsa_key.dump(), password=None, unsafe_skip_rsa_key_validation=True
        )
        assert isinstance(key, RSAPrivateKey)  # noqa: S101 - the test authority makes no other
        return key

    def load_key(self) -> None:
        """Load the key now, so that copies made later need not."""
        _ = self._key

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        """Signature and signed attributes (RFC 3161, 2.4.2; RFC 5652, 5.4)."""
        digest = hashes.Hash(get_pyca_cryptography_hash(md_algorithm))
        digest.update(tst_info_data)
        signed = cms.CMSAttributes([
            simple_cms_attribute("content_type", "tst_info"),
            simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
            simple_cms_attribute("signing_certificate", as_signing_certificate(self.tsa_cert)),
            simple_cms_attribute("message_digest", digest.finalize()),
        ])  # fmt: skip
        signature = self._key.sign(signed.dump(), PKCS1v15(), get_pyca_cryptography_hash(md_algorithm.upper()))
        return signature, signed
