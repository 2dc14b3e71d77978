"""The one reader of bodies: so many bytes at most, of this kind, in UTF-8 and not compressed."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from api.server.http.errors import TooLarge, UnsupportedMedia

JSON = ("application/json",)
BODY_LIMIT = 2**20
"""Bytes of a body where the route says nothing else."""


async def read_body(request: Request, limit: int = BODY_LIMIT, media: Sequence[str] = JSON) -> bytes:
    """The body, at most `limit` bytes and of one of the media types; empty where none was sent."""
    length = request.headers.get("content-length")
    if length is not None and length.isdigit() and int(length) > limit:
        raise TooLarge(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit)
        chunks.append(chunk)
    if size:
        _check_media(request.headers, media)
    return b"".join(chunks)


async def read_text(request: Request, limit: int, media: Sequence[str]) -> str:
    try:
        return (await read_body(request, limit, media)).decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise UnsupportedMedia("the body must be in UTF-8", "Der Inhalt muss in UTF-8 sein") from wrong


def read_media(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_media(headers: Mapping[str, str], media: Sequence[str]) -> None:
    if read_media(headers) not in media:
        raise UnsupportedMedia(f"the body must be {media[0]}", f"Der Inhalt muss {media[0]} sein")
    parameters = headers["content-type"].partition(";")[2]
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in {"", "utf-8"}:
        raise UnsupportedMedia("the body must be in UTF-8", "Der Inhalt muss in UTF-8 sein")
    if headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMedia("the body must not be compressed", "Der Inhalt darf nicht komprimiert sein")
