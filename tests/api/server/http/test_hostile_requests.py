"""Input that breaks other servers: each gets a 4xx with its reason, and the server goes on."""

import socket
import time
from pathlib import Path

import pytest

from tests.api.conftest import Person, Served
from tests.patience import PATIENT


def sent(who, path, body, **headers):
    headers = {"content-type": "application/json", "idempotency-key": f"h-{time.monotonic_ns()}", **headers}
    return who.http.post(path, content=body, headers=headers)


@pytest.fixture(scope="module")
def mueller(server: Served) -> Person:
    return server.client("hostile", "case_worker", "registrar")


@pytest.fixture(scope="module")
def record(mueller: Person) -> str:
    return "/records/" + mueller.made("/records", {"title": "a", "file_plan_code": "43.21"})["id"]


DEEP = b'{"title":"x","stations":' + b'[{"sequence":' * 5000 + b"[]" + b"}]" * 5000 + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"title":NaN,"file_plan_code":"1"}', b'{"title":Infinity,"file_plan_code":"1"}',
        b'{"title":1e400,"file_plan_code":"1"}', b'{"title":"\\ud800","file_plan_code":"1"}',
        b'{"title":"a\\u0000b","file_plan_code":"1"}', b'{"title":"a","title":"b","file_plan_code":"1"}',
        b'{"title":"a","file_plan_code":"1","is_admin":true}', b'{"title":1,"file_plan_code":"1"}',
        b'{"title":"a","file_plan_code":"1","retention":{"years":100000000000000000000,"disposal":"A"}}',
        b'{"title":"a","file_plan_code":"1","retention":{"years":NaN,"disposal":"A"}}',
        b'{"title":"a","file_plan_code":"1","retention":{"years":true,"disposal":"A"}}',
        b"[" * 100_000, b"{" * 5000, b"null", b"[]", b'"x"', b"{", b"\xff\xfe{}", '{"title":"a"}'.encode("utf-16"),
        b'{"title":"   ","file_plan_code":"1"}', b'{"title":"' + b"x" * 501 + b'","file_plan_code":"1"}',
        b'{"__proto__":{},"title":"a","file_plan_code":"1"}', b'{"title":"a","file_plan_code":"1\\n"}',
        b'{"title":"a","file_plan_code":"1","authority":"../../etc"}\x00',
    ],
    ids=lambda body: repr(body[:40]),
)  # fmt: skip
def test_a_body_that_bites_is_422(mueller: Person, body: bytes) -> None:
    answer = sent(mueller, "/records", body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_deep_route_is_refused(mueller: Person) -> None:
    assert sent(mueller, "/routing-slips", DEEP).status_code == 422


def test_a_number_of_twenty_digits_reaches_no_database(mueller: Person, record: str) -> None:
    for path in (f"/events?after={10**20}", f"/events?limit={10**20}", f"/records?limit={10**20}", "/events?after=-1",
                 "/events?after=1e3", "/records?cursor=WyJhIl0", "/records?cursor=%00", "/records?text=%00",
                 f"{record}/actions?case={'9' * 400}", "/records/%00", "/records/%F0%28%8C%28", "/staff/a%00b",
                 "/staff/%ED%A0%80", "/records/..%2f..%2fetc", "/cockpit?cursor=" + "A" * 3000,
                 f"{record}/history?cursor=WyJhIl0", f"{record}/history?limit=0",
                 f"{record}/history?limit=1001"):  # fmt: skip
        assert mueller.get(path).status_code in {404, 422}, path


def test_the_size_of_a_body_is_bounded(mueller: Person) -> None:
    large = b'{"title":"' + b"x" * 2_000_000 + b'"}'
    assert sent(mueller, "/records", large).status_code == 413

    def endless():
        for _ in range(40):
            yield b"x" * 65_536

    chunked = mueller.http.post(
        "/records", content=endless(), headers={"content-type": "application/json", "idempotency-key": "big"}
    )  # fmt: skip
    assert chunked.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/plain"}, {"content-type": "application/xml"}, {"content-encoding": "gzip"},
     {"content-type": "application/json; charset=utf-16"}, {"content-type": ""}],
    ids=str,
)  # fmt: skip
def test_other_media_are_415(mueller: Person, headers: dict[str, str]) -> None:
    assert sent(mueller, "/records", b'{"title":"a"}', **headers).status_code == 415


@pytest.mark.parametrize("key", [None, "", "x" * 65, "ä", "a b"])
def test_a_change_without_a_proper_key_is_400(mueller: Person, key: str | None) -> None:
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["idempotency-key"] = key.encode()
    assert mueller.http.post("/records", content=b"{}", headers=headers).status_code == 400


def test_fields_of_the_answer_cannot_be_written(mueller: Person, record: str) -> None:
    """Mass assignment: each field of the read model, added to a change, is refused."""
    shown = mueller.get(record).json()
    for name, value in shown.items():
        answer = mueller.post(f"{record}/actions/work", {name: value})
        assert answer.status_code == 422, name


def test_half_a_request_and_nonsense_on_the_wire_do_no_harm(server: Served, mueller: Person) -> None:
    for data in (b"POST /records HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{", b"\x16\x03\x01\x02",
                 b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 200_000 + b"\r\n\r\n"):  # fmt: skip
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENT) as wire:
            try:
                wire.sendall(data)
            except OSError:
                continue
    assert mueller.get("/health/ready").status_code == 200


def test_memory_stays_bounded(server: Served, mueller: Person) -> None:
    def resident():
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024

    before = resident()
    for _ in range(30):
        sent(mueller, "/routing-slips", DEEP)
        sent(mueller, "/records", b"[" * 900_000)
    assert resident() - before < 256


def test_headers_of_every_answer(mueller: Person, record: str) -> None:
    for answer in (mueller.get(record), mueller.get("/nowhere"), mueller.get("/docs"), mueller.get("/health/live")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers
    assert mueller.get(record).headers["cache-control"] == "no-store"
