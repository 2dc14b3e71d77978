"""Fetching the recorded requests of a sandbox from a server."""

from typing import Any
from urllib.parse import quote

import httpx

from api.replay.run.driver import ReplayError
from api.replay.run.over_http import read_detail
from workflow.text import Text, same

SECONDS = 60.0


def fetch_requests(url: str, token: str, sandbox: str, language: str) -> dict[str, Any]:
    """The recorded requests of a sandbox; raises `ReplayError` where the server does not answer with them, with what
    it says in the language.
    """
    place = f"{url.rstrip('/')}/sandboxes/{quote(sandbox, safe='')}/requests"
    try:
        headers = {"authorization": f"Bearer {token}", "accept-language": language}
        answer = httpx.get(place, headers=headers, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        raise ReplayError(Text(f"{place}: kein Server antwortet", f"{place}: {wrong}")) from wrong
    if answer.status_code != 200:
        raise ReplayError(same(f"{place}: {answer.status_code} {read_detail(answer)}"))
    found: dict[str, Any] = answer.json()
    return found
