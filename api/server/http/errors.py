"""What can be wrong with a request itself, before it is known what it asks for."""

from api.application.errors import MalformedRequest


class BadRequest(MalformedRequest):
    """A header or query that cannot be read."""

    status = 400


class NotAcceptable(MalformedRequest):
    """There is no such form of it."""

    status = 406


class TooLarge(MalformedRequest):
    """The body has more bytes than the route takes."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit:,} bytes are taken here", f"Hier werden höchstens {limit:,} Bytes angenommen")


class UnsupportedMedia(MalformedRequest):
    """The body is, by its own account, of another kind than the route takes."""

    status = 415
