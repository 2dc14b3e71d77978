"""Bodies, forms on offer, cursors, entity tags: what a request may say, at its edges."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from api.server.http import request as http
from api.server.http.body import BODY_LIMIT, read_body, read_text
from api.server.http.errors import BadRequest, NotAcceptable, TooLarge, UnsupportedMedia
from api.server.http.negotiate import negotiate
from workflow.errors import InvalidCommand

JSON = "application/json"
YAML = ("application/yaml", "text/yaml")


def ask(chunks: Sequence[bytes] = (), query: str = "", **headers: str) -> Request:
    """A request with a body in pieces."""
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return messages.pop(0)

    raw = [(name.replace("_", "-").encode(), text.encode("latin-1")) for name, text in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query.encode(), "headers": raw}
    return Request(scope, receive)


def body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    return asyncio.run(read_body(request, limit))


def text(request: Request, limit: int = BODY_LIMIT) -> str:
    return asyncio.run(read_text(request, limit, YAML))


def test_a_body_may_come_in_pieces() -> None:
    assert body(ask([b'{"a"', b": 1}"], content_type=JSON)) == b'{"a": 1}'


def test_no_body_needs_no_media_type() -> None:
    assert body(ask()) == b""


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_body_up_to_the_limit_is_taken(size: int) -> None:
    assert len(body(ask([b" " * size], content_type=JSON), 10)) == size


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 10, b"x"], [b"x"] * 11])
def test_one_byte_more_is_not(pieces: list[bytes]) -> None:
    with pytest.raises(TooLarge, match="at most 10 bytes"):
        body(ask(pieces, content_type=JSON), 10)


def test_a_body_that_says_its_size_is_refused_before_it_is_read() -> None:
    request = ask([b"{}"], content_type=JSON, content_length="11")
    with pytest.raises(TooLarge):
        body(request, 10)


def test_a_size_that_is_no_number_is_not_believed() -> None:
    assert body(ask([b"{}"], content_type=JSON, content_length="-5"), 10) == b"{}"


@pytest.mark.parametrize(
    "media",
    [JSON, "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"',
     " application/json "],
)  # fmt: skip
def test_json_in_utf_8_is_taken(media: str) -> None:
    assert body(ask([b"{}"], content_type=media)) == b"{}"


@pytest.mark.parametrize(
    "media", ["", "text/plain", "application/json; charset=latin-1", "application/jsonx", "application/xml", "json"]
)
def test_another_kind_is_not(media: str) -> None:
    with pytest.raises(UnsupportedMedia):
        body(ask([b"{}"], content_type=media))


def test_a_compressed_body_is_not_taken() -> None:
    with pytest.raises(UnsupportedMedia, match="compressed"):
        body(ask([b"{}"], content_type=JSON, content_encoding="gzip"))
    assert body(ask([b"{}"], content_type=JSON, content_encoding="identity")) == b"{}"


@pytest.mark.parametrize("media", YAML)
def test_text_of_any_kind_on_the_list_is_taken(media: str) -> None:
    assert text(ask(["kind: rollout # ä".encode()], content_type=media)) == "kind: rollout # ä"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert text(ask([b"\xef\xbb\xbfname: x"], content_type=YAML[0])) == "name: x"


def test_text_that_is_not_utf_8_is_refused_in_both_languages() -> None:
    with pytest.raises(UnsupportedMedia) as refused:
        text(ask([b"\xff\xfe"], content_type=YAML[0]))
    assert refused.value.text.get("de") == "Der Inhalt muss in UTF-8 sein"
    assert refused.value.text.get("en") == "the body must be in UTF-8"


def test_the_first_kind_on_the_list_is_the_one_that_is_named() -> None:
    with pytest.raises(UnsupportedMedia, match="application/yaml"):
        text(ask([b"x"], content_type=JSON))


OFFERED = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("  ", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.5", "application/json"),
        ("*/*;q=0.9, text/csv;q=0.1", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/csv;header=present;q=0.7, */*;q=0.6", "text/csv"),
        ("text/csv;q=7", "text/csv"),
        ("application/json;q=nan, text/csv;q=0.1", "text/csv"),
        ("application/json;q=viel, text/csv;q=0.1", "text/csv"),
    ],
)
def test_the_form_that_a_request_prefers(accept: str | None, chosen: str) -> None:
    assert negotiate(accept, OFFERED) == chosen


@pytest.mark.parametrize("accept", ["image/png", "text/html, image/*", "*/*;q=0", "application/json;q=0"])
def test_a_form_that_nobody_has(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        negotiate(accept, OFFERED)
    assert "text/csv" in refused.value.text.get("de")


@given(st.text(max_size=60))
def test_whatever_is_asked_for_is_chosen_or_refused(accept: str) -> None:
    with suppress(NotAcceptable):
        assert negotiate(accept, OFFERED) in OFFERED


Part = st.text(st.characters(exclude_categories=("C", "Z")), max_size=40)


@given(st.lists(Part, min_size=1, max_size=3))
@example(["\u0387"])  # a middle dot that NFC writes otherwise
def test_a_cursor_leads_back_to_where_it_was_made(parts: list[str]) -> None:
    given_out = http.encode_cursor(tuple(parts))
    assert http.parse_cursor(ask(query=f"cursor={given_out}"), len(parts)) == tuple(parts)


def test_no_cursor_is_the_beginning() -> None:
    assert http.parse_cursor(ask(), 2) is None


@pytest.mark.parametrize(
    "given_in", ["", "x", "e30", "W10", "WzFd", "%ff", "WyJhIiwiYiIsImMiXQ", "WyJcdTAwMDAiLCJiIl0"]
)
def test_a_cursor_that_was_never_given_out_is_refused(given_in: str) -> None:
    """Not base64, not JSON, no list, too few parts, a number, too many parts, a control character."""
    with pytest.raises(InvalidCommand):
        http.parse_cursor(ask(query=f"cursor={given_in}"), 2)


def test_a_cursor_with_a_part_too_long_is_refused() -> None:
    with pytest.raises(InvalidCommand):
        http.parse_cursor(ask(query=f"cursor={http.encode_cursor(('x' * 1001, 'y'))}"), 2)


@pytest.mark.parametrize(("query", "rows"), [("", 50), ("limit=1", 1), ("limit=200", 200), ("limit=007", 7)])
def test_how_many_rows_a_list_shall_have(query: str, rows: int) -> None:
    assert http.parse_limit(ask(query=query)) == rows


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "", "1e2", "alle", "99999", "٣"])
def test_how_many_it_cannot_have(limit: str) -> None:
    with pytest.raises(InvalidCommand) as refused:
        http.parse_limit(ask(query=f"limit={limit}"))
    assert refused.value.faults == (("/limit", "1 to 200"),)


@pytest.mark.parametrize(
    ("header", "versions"),
    [('"0"', [0]), ('"17"', [17]), (' "17" ', [17]), ("*", None), (" * ", None), ('W/"17"', [-1]), ("17", [-1]),
     ('"x"', [-1]), ('"1", "2"', [1, 2]), ('"1",W/"2"', [1, -1]), ('"1234567890123456789"', [-1]), ("", [-1])],
)  # fmt: skip
def test_the_versions_that_a_change_asks_for(header: str, versions: list[int] | None) -> None:
    assert http.parse_if_match(ask(if_match=header)) == versions
    assert http.parse_version(ask(if_match=header)) == (
        None if versions is None else versions[0] if len(versions) == 1 else -1
    )


def test_no_condition_is_none() -> None:
    assert http.parse_if_match(ask()) is None
    assert http.parse_tags(None) is None


@given(st.integers(0, 10**17))
def test_an_entity_tag_asks_for_its_own_version(version: int) -> None:
    assert http.parse_if_match(ask(if_match=http.format_etag(version))) == [version]


@pytest.mark.parametrize("key", ["a", "x" * 64, "!~", "2e0f-1"])
def test_the_key_of_a_change_belongs_to_its_user(key: str) -> None:
    assert http.read_command_id(ask(idempotency_key=key), "mueller") == f"key:mueller:{key}"


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "ä", "\x7f"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(BadRequest, match="visible ASCII"):
        http.read_command_id(ask(idempotency_key=key), "mueller")


def test_a_change_without_a_key_is_refused_in_both_languages() -> None:
    with pytest.raises(BadRequest) as refused:
        http.read_command_id(ask(), "mueller")
    assert refused.value.text == ("Eine Änderung braucht einen Idempotency-Key", "a change needs an Idempotency-Key")


def test_an_answer_is_json() -> None:
    response = http.json_response({"a": [1, "ä"]}, 201, {"etag": '"1"'})
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert response.headers["content-type"] == JSON
    assert json.loads(bytes(response.body)) == {"a": [1, "ä"]}
