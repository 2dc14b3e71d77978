"""What a sandbox keeps of the requests made in it: bounded in number, in bytes of each and of all, and read as JSON."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import Request

from api.application.errors import Unauthorised
from api.application.tokens import Holder
from api.server.sandboxes.request_recorder import LARGEST, MOST, MOST_BYTES, RequestRecorder
from workflow.engine.access import Role

NOW = datetime(2021, 6, 1, tzinfo=UTC)


class Known:
    """An authenticator that lets in whoever has a header."""

    def authenticate(self, authorization: str | None, _fresh: bool) -> Holder:
        if authorization is None:
            raise Unauthorised
        return Holder(authorization, frozenset({Role.CASE_WORKER}), "mwide")


def record(
    recorder: RequestRecorder, body: bytes, answer: bytes = b"{}", user: str | None = "mueller", key: str = "",
    replayed: bool = False,
) -> None:  # fmt: skip
    headers = [] if user is None else [(b"authorization", user.encode())]
    headers += [(b"idempotency-key", key.encode())] if key else []
    request = Request({"type": "http", "path": "/records", "headers": headers})

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    recording = recorder.record(request, Known(), NOW)  # type: ignore[arg-type]
    asyncio.run(recording.listen(receive)())  # type: ignore[arg-type]
    start = {"type": "http.response.start", "status": 422}
    told = {"headers": [(b"idempotency-replayed", b"true")]} if replayed else {}
    recording.finish([start | told, {"type": "http.response.body", "body": answer}])


def test_body_and_answer_are_read_as_they_were_sent() -> None:
    recorder = RequestRecorder()
    record(recorder, b'{"title": "\xc3\xa4"}', b'{"status": 422}')
    (entry,) = recorder.read()
    assert (entry["body"], entry["answer"], entry["status"]) == ({"title": "\u00e4"}, {"status": 422}, 422)
    assert (entry["user"], entry["roles"], entry["authority"]) == ("mueller", ["case_worker"], "mwide")


def test_so_many_requests_are_kept_and_the_oldest_go() -> None:
    recorder = RequestRecorder()
    for number in range(MOST + 3):
        record(recorder, b"%d" % number)
    assert [entry["body"] for entry in recorder.read()] == list(range(3, MOST + 3))


def test_refused_bodies_of_any_size_take_so_many_bytes_at_most() -> None:
    recorder = RequestRecorder()
    for number in range(200):
        record(recorder, json.dumps([number, "x" * 60_000]).encode(), b'"' + b"y" * 60_000 + b'"')
    kept = recorder.read()
    assert sum(len(json.dumps(entry["body"])) + len(entry["answer"]) for entry in kept) <= MOST_BYTES
    assert kept[-1]["body"][0] == 199
    assert len(kept) > 20


@pytest.mark.parametrize("body", [b"x" * (LARGEST + 1), b"\xff", b"[" * 60_000, b"{", b"NaN", b"[1e999]", b""], ids=len)
def test_what_is_too_large_or_no_json_is_kept_as_nothing(body: bytes) -> None:
    recorder = RequestRecorder()
    record(recorder, body)
    (entry,) = recorder.read()
    assert entry["body"] is None or entry["body"] == [float("inf")]
    json.dumps(entry["answer"])


def test_a_request_that_is_sent_again_is_kept_once() -> None:
    recorder = RequestRecorder()
    for key, body, user in (("a", b"1", "mueller"), ("a", b"1", "mueller"), ("a", b"1", "weber"), ("a", b"2", "weber"),
                            ("b", b"2", "weber"), ("", b"3", "weber"), ("", b"3", "weber")):  # fmt: skip
        record(recorder, body, user=user, key=key)
    record(recorder, b"1", key="a", replayed=True)
    kept = recorder.read()
    assert [(one["user"], one["body"]) for one in kept] == [
        ("mueller", 1), ("weber", 1), ("weber", 2), ("weber", 2), ("weber", 3), ("weber", 3)
    ]  # fmt: skip
    assert "key" not in kept[0]


def test_of_strangers_nothing_is_kept() -> None:
    recorder = RequestRecorder()
    record(recorder, b"{}", user=None)
    assert recorder.read() == []
