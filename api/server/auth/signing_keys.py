"""The public keys of an issuer, by their ids: from a file, or fetched by HTTPS and fetched again when a new one comes.

Any client may send a token with a key id that nobody knows. So one thread fetches at a time, not again within a pause,
and the others do not wait for it: a stranger can neither occupy the threads that serve everybody nor make the server
ask the issuer at will.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt

from workflow.errors import StoreUnavailable

LOG = logging.getLogger("eva.sign_on")
PAUSE = 30.0
"""Seconds between two fetches."""
LIFE = 300.0
"""Seconds after which keys are fetched anew, so that one that the issuer has given up is."""
TIMEOUT = 5
"""Seconds that the issuer may take."""

Keys = dict[str, Any]


class SigningKeys:
    """`where` is an https URL or a file; `fetch` gives the keys of a URL, raising `PyJWKClientError`."""

    def __init__(
        self,
        where: str,
        fetch: Callable[[str], Keys] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where = where
        self._remote = where.startswith("https://")
        self._fetch = fetch or _fetch
        self._clock = clock
        self._fetching = threading.Lock()
        self._tried = self._fetched = -PAUSE
        self._known: Keys | None = None if self._remote else _read(json.loads(Path(where).read_text(encoding="utf-8")))

    def get(self, kid: str) -> Any | None:
        """The key of an id, None where the issuer has none such; `StoreUnavailable` while its keys are not known."""
        if self._remote and self._due(kid) and self._fetching.acquire(blocking=False):
            try:
                self._known = self._fetch(self._where)
                self._fetched = self._clock()
            except (jwt.PyJWTError, ValueError) as wrong:  # an issuer that is away concerns keys not yet known only
                LOG.warning("the keys of the issuer cannot be fetched", extra={"why": str(wrong)[:500]})
            finally:
                self._tried = self._clock()
                self._fetching.release()
        if self._known is None:
            raise StoreUnavailable(
                "the keys of the issuer are not known yet", "Die Schlüssel der Anmeldestelle sind noch nicht bekannt"
            )
        return self._known.get(kid)

    def _due(self, kid: str) -> bool:
        now = self._clock()
        wanted = self._known is None or kid not in self._known or now - self._fetched >= LIFE
        return wanted and now - self._tried >= PAUSE


def _fetch(url: str) -> Keys:
    return _read(jwt.PyJWKClient(url, cache_keys=False, cache_jwk_set=False, timeout=TIMEOUT).fetch_data())


def _read(found: Any) -> Keys:
    return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(found).keys if key.key_id}
