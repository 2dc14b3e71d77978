"""A seal made by a remote service of a trust service provider (Cloud Signature Consortium API 1.0.4).

The key stays with the service; it is sent hashes, never documents. Each signature is authorised for its own hash.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiohttp
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)


class RemoteService(NamedTuple):
    """Where the service is, which of its keys seals, and how it knows us."""

    url: str
    credential: str
    token: str
    """OAuth 2 bearer token."""
    pin: str | None


@asynccontextmanager
async def open_remote_signer(service: RemoteService) -> AsyncIterator[Signer]:
    """A signer for one seal; raises pyhanko's `SigningError` where the service gives no valid response."""
    about = CSCServiceSessionInfo(service.url, service.credential, oauth_token=service.token)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        found = await fetch_certs_in_csc_credential(session, about)
        yield CSCSigner(session, _Authorising(session, about, found, service.pin))


class _Authorising(CSCAuthorizationManager):
    """Asks the service to authorise each signature for its own hash (SCAL 2), or at all (SCAL 1)."""

    def __init__(
        self, session: aiohttp.ClientSession, about: CSCServiceSessionInfo, found: CSCCredentialInfo, pin: str | None
    ) -> None:
        super().__init__(about, found)
        self._session = session
        self._pin = pin

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        """Signature activation data for these hashes."""
        body = self.format_csc_auth_request(pin=self._pin, hash_b64s=hash_b64s)
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        try:
            async with self._session.post(
                url, headers=self.csc_session_info.auth_headers, json=body, raise_for_status=True
            ) as answer:
                return self.parse_csc_auth_response(await answer.json())
        except aiohttp.ClientError as error:
            raise SigningError("the seal was not authorised") from error
