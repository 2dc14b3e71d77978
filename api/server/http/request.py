"""Small things of HTTP that many operations need: bodies, keys, entity tags, cursors, JSON answers."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.application.errors import BadRequest, TooLarge, UnsupportedMedia
from api.application.resources.resource import After
from workflow.errors import InvalidCommand

KEY = re.compile(r"[!-~]{1,64}")
"""What an `Idempotency-Key` looks like."""
TAG = re.compile(r'"([0-9]{1,18})"')
BODY_LIMIT = 1_048_576
MOST_ROWS = 200


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The JSON body, at most `limit` bytes; empty where none was sent."""
    length = request.headers.get("content-length")
    if length is not None and length.isdigit() and int(length) > limit:
        _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            _too_large(limit)
        chunks.append(chunk)
    if size:
        _check_media(request.headers)
    return b"".join(chunks)


def _too_large(limit: int) -> NoReturn:
    raise TooLarge(f"at most {limit:,} bytes are taken here", f"Hier werden höchstens {limit:,} Bytes angenommen")


def _check_media(headers: Mapping[str, str]) -> None:
    media, _, parameters = headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json":
        raise UnsupportedMedia("the body must be application/json", "Der Inhalt muss application/json sein")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in {"", "utf-8"}:
        raise UnsupportedMedia("the body must be in UTF-8", "Der Inhalt muss in UTF-8 sein")
    if headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMedia("the body must not be compressed", "Der Inhalt darf nicht komprimiert sein")


def command_id(request: Request, user: str) -> str:
    """The command id of a change: its `Idempotency-Key`, which is each user's own."""
    key = request.headers.get("idempotency-key")
    if key is None:
        raise BadRequest("a change needs an Idempotency-Key", "Eine Änderung braucht einen Idempotency-Key")
    if not KEY.fullmatch(key):
        raise BadRequest(
            "an Idempotency-Key has 1 to 64 visible ASCII characters",
            "Ein Idempotency-Key hat 1 bis 64 sichtbare ASCII-Zeichen",
        )
    return f"key:{user}:{key}"


def tags(header: str | None) -> list[str] | None:
    """Entity tags of an `If-Match` or `If-None-Match`; None where there is no condition, or any will do."""
    if header is None or header.strip() == "*":
        return None
    return [tag.strip() for tag in header.split(",")]


def expected_version(request: Request) -> int | None:
    """The version that an `If-Match` asks for, -1 where none can be it; None where there is no condition."""
    found = tags(request.headers.get("if-match"))
    if found is None:
        return None
    tag = TAG.fullmatch(found[0])
    return int(tag[1]) if tag and len(found) == 1 else -1


def etag(version: int) -> str:
    """Entity tag of a version."""
    return f'"{version}"'


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(to_json(content), status, headers, "application/json")


def parse_limit(request: Request) -> int:
    """How many rows a list shall have."""
    text = request.query_params.get("limit", "50")
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_ROWS:
        raise InvalidCommand([("/limit", f"1 to {MOST_ROWS}")])
    return int(text)


def parse_cursor(request: Request, parts: int) -> After | None:
    """Where a page begins; a cursor is opaque to clients and says nothing about what they may see."""
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != parts or not all(_plain(part) for part in found):
        raise InvalidCommand([("/cursor", "is none that was given out here")])
    return tuple(found)


def _plain(part: object) -> bool:
    return isinstance(part, str) and len(part) <= 1000 and part.isprintable()


def cursor(after: After) -> str:
    """A position in a list, for the next page."""
    return base64.urlsafe_b64encode(json.dumps(after, ensure_ascii=False).encode()).decode().rstrip("=")


def get_language(request: Request) -> str:
    """The language that the request asks for, else that of the settings."""
    wanted = request.headers.get("accept-language", "")[:2].lower()
    return wanted if wanted in {"de", "en"} else str(request.app.state.settings.language)
