"""Fetching the recorded requests of a sandbox from a server."""

from typing import Any
from urllib.parse import quote

import httpx

from api.replay.run.driver import ReplayError
from workflow.text import Text, same

SECONDS = 60.0


def fetch_requests(url: str, token: str, sandbox: str) -> dict[str, Any]:
    """The recorded requests of a sandbox; raises `ReplayError` where the server does not answer with them."""
    place = f"{url.rstrip('/')}/sandboxes/{quote(sandbox, safe='')}/requests"
    try:
        answer = httpx.get(place, headers={"authorization": f"Bearer {token}"}, timeout=SECONDS)
    except httpx.HTTPError as wrong:
        raise ReplayError(Text(f"{place}: kein Server antwortet", f"{place}: {wrong}")) from wrong
    if answer.status_code != 200:
        raise ReplayError(same(f"{place}: {answer.status_code} {answer.text[:200]}"))
    found: dict[str, Any] = answer.json()
    return found
