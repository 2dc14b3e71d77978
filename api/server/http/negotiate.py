"""Which of the forms on offer a request prefers (RFC 9110 12.5.1)."""

from api.server.http.errors import NotAcceptable


def negotiate(accept: str | None, offered: tuple[str, ...]) -> str:
    """The media type of those offered that an `Accept` prefers (RFC 9110 12.5.1), the first where all are alike."""
    if accept is None or not accept.strip():
        return offered[0]
    ranked = {media: _quality(media, accept) for media in offered}
    best = max(offered, key=lambda media: ranked[media])
    if ranked[best] <= 0:
        raise NotAcceptable(f"offered are {', '.join(offered)}", f"Lieferbar sind {', '.join(offered)}")
    return best


def _quality(media: str, accept: str) -> float:
    """The weight of a media type; the most specific range that fits counts."""
    found = (-1, 0.0)
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        fits = {media: 2, f"{media.split('/', maxsplit=1)[0]}/*": 1, "*/*": 0}.get(kind)
        if fits is not None and fits > found[0]:
            found = (fits, _weight(parameters))
    return found[1]


def _weight(parameters: list[str]) -> float:
    text = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return min(max(float(text), 0.0), 1.0) if text not in {"nan", "inf"} else 0.0
    except ValueError:
        return 0.0
