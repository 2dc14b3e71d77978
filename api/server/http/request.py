"""Small things of HTTP that many operations need: bodies, keys, entity tags, cursors, JSON answers."""

import base64
import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.application.resources.resource import After
from api.application.service import Answer, format_command_id
from api.server.http.errors import BadRequest
from workflow.engine.fields import clean
from workflow.errors import InvalidCommand
from workflow.text import Text

FOREIGN = Text(
    "wurde hier nicht ausgegeben, für diese Liste in dieser Reihenfolge",
    "is none that was given out here, for this list in this order",
)
KEY = re.compile(r"[!-~]{1,64}")
"""What an `Idempotency-Key` looks like."""
TAG = re.compile(r'"([0-9]{1,18})"')
MOST_ROWS = 200
MOST_TAGS = 50
"""Of one `If-Match`."""


def read_command_id(request: Request, user: str) -> str:
    """The command id of a change: its `Idempotency-Key`, which is each user's own."""
    key = request.headers.get("idempotency-key")
    if key is None:
        raise BadRequest("a change needs an Idempotency-Key", "Eine Änderung braucht einen Idempotency-Key")
    if not KEY.fullmatch(key):
        raise BadRequest(
            "an Idempotency-Key has 1 to 64 visible ASCII characters",
            "Ein Idempotency-Key hat 1 bis 64 sichtbare ASCII-Zeichen",
        )
    return format_command_id(user, key)


def parse_tags(header: str | None) -> list[str] | None:
    """Entity tags of an `If-Match` or `If-None-Match`; None where there is no condition, or any will do."""
    if header is None or header.strip() == "*":
        return None
    return [tag.strip() for tag in header.split(",")]


def parse_if_match(request: Request) -> list[int] | None:
    """The versions that an `If-Match` asks for, -1 for one that none can be; None where there is no condition."""
    found = parse_tags(request.headers.get("if-match"))
    if found is None:
        return None
    tags = [TAG.fullmatch(one) for one in found[:MOST_TAGS]]
    return [int(tag[1]) if tag else -1 for tag in tags]


def parse_version(request: Request) -> int | None:
    """The one version that an `If-Match` asks for, -1 where none can be it; None where there is no condition."""
    found = parse_if_match(request)
    return found if found is None else found[0] if len(found) == 1 else -1


def format_etag(version: int) -> str:
    return f'"{version}"'


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(to_json(content), status, headers, "application/json")


def list_response(request: Request, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with an entity tag of what it says; 304 where the client has that already."""
    text = to_json(content)
    tag = f'"{blake2b(text, digest_size=12).hexdigest()}"'
    found = {**(headers or {}), "etag": tag}
    if tag in {one.removeprefix("W/") for one in parse_tags(request.headers.get("if-none-match")) or ()}:
        return Response(status_code=304, headers=found)
    return Response(text, 200, found, "application/json")


def change_response(answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """What a change has led to, with its entity tag; says so where an earlier answer is repeated."""
    found = {**(headers or {}), "etag": format_etag(answer.version)}
    if answer.repeated:
        found["idempotency-replayed"] = "true"
    return json_response({**answer.resource, "events": answer.events}, status, found)


def locate(request: Request, plural: str, key: str) -> dict[str, str]:
    """The header that says where a new one is."""
    return {"location": f"{request.scope.get('root_path', '')}/{plural}/{quote(key, safe='')}"}


def parse_limit(request: Request, default: int = 50, most: int = MOST_ROWS) -> int:
    text = request.query_params.get("limit", str(default))
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= most:
        raise InvalidCommand([("/limit", Text(f"1 bis {most}", f"1 to {most}"))])
    return int(text)


def parse_cursor(request: Request, parts: int, of: str = "") -> After | None:
    """Where a page begins; a cursor is opaque to clients and says nothing about what they may see. `of` is the list,
    and its order, that it must be of.
    """
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
    except (ValueError, RecursionError):
        found = None
    good = isinstance(found, list) and all(_plain(part) for part in found)
    if not good or len(found) != parts + bool(of) or (of and found[0] != of):
        raise InvalidCommand([("/cursor", FOREIGN)])
    return tuple(found[bool(of) :])


def _plain(part: object) -> bool:
    """Whether it is a text that may stand in the log, in any form of Unicode; titles have blanks that do not print."""
    if not isinstance(part, str) or len(part) > 1000:
        return False
    try:
        clean(part)
    except ValueError:
        return False
    return True


def encode_cursor(after: After | None, of: str = "") -> str | None:
    """The cursor of the next page, of a list; None after the last."""
    if after is None:
        return None
    parts = (of, *after) if of else after
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def get_language(request: Request) -> str:
    return read_language(request.headers.get("accept-language", ""), request.app.state.settings.language)


def read_language(wanted: str, otherwise: str) -> str:
    """`de` or `en` as `Accept-Language` begins, or `otherwise`."""
    wanted = wanted[:2].lower()
    return wanted if wanted in {"de", "en"} else otherwise
