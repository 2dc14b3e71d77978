"""What is wrong with a request is told in the language that was asked for, and nothing of the answer in another."""

import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from tests.api.conftest import Person, Served
from tests.german import find_english
from workflow.file_plan.file_plan import COLUMNS

GERMAN = re.compile(r"\b(?:ist|sind|muss|fehlt|nicht|kein|keine|oder|eines|eine|höchstens|mindestens|erwartet|wird)\b")
MADE = {"title": "Akte", "file_plan_code": "43.21"}
SIGN, FINAL, CLOSE = ({"kind": kind, "actor": "sprache"} for kind in ("co_sign", "final_sign", "close"))
FILE = {"sha256": "ab" * 32, "size": 3, "media_type": "text/plain", "file_name": "rechnung.txt"}
PLAN = ",".join(COLUMNS) + "\n43,Wirtschaft,zehn,B,,,\n43,Wirtschaft,10,X,,,\nx,,,B,ja,,\n44.1,Energie,10,B,,,\n1,2\n"


def slip(**station: Any) -> dict[str, Any]:
    stations = [{"kind": "co_sign", "actor": "schmidt", **station}] if station else []
    return {"title": "Mappe", "record": "r", "stations": stations}


class Asked(NamedTuple):
    path: str
    body: Any = None
    status: int = 422
    headers: Mapping[str, str] = {}
    method: str = "POST"


def read(path: str, status: int = 422, **headers: str) -> Asked:
    return Asked(path, None, status, headers, "GET")


WRONG = {
    "a field is missing": Asked("/records", {"title": "Akte"}),
    "of another type": Asked("/records", {**MADE, "title": 7}),
    "too long": Asked("/records", {**MADE, "title": "x" * 501}),
    "no such key": Asked("/records", {**MADE, "titel": "x"}),
    "of another form": Asked("/records", {**MADE, "file_plan_code": "x"}),
    "unknown value of an enumeration": Asked("/routing-slips", slip(kind="sing")),
    "no station": Asked("/routing-slips", slip()),
    "no day": Asked("/routing-slips", slip(deadline="morgen")),
    "two final signatures": Asked("/routing-slips", {"title": "M", "stations": [FINAL, FINAL]}),
    "a signature behind the final one": Asked("/routing-slips", {"title": "M", "stations": [FINAL, SIGN]}),
    "two that close": Asked("/routing-slips", {"title": "M", "stations": [CLOSE, CLOSE]}),
    "a name of nobody": Asked("/routing-slips", {"title": "M", "stations": [{**SIGN, "actor": "\u202e"}]}),
    "mail that its channel does not take": Asked("/intake/e_invoice", {"files": [FILE], "title": "Rechnung"}),
    "a file plan with faults": Asked("/file-plans", {"authority": "mwide", "csv": PLAN}),
    "a number out of bounds": Asked("/records", {**MADE, "retention": {"years": 1001, "disposal": "A"}}),
    "a list for an object": Asked("/records", []),
    "no JSON": Asked("/records", b"{"),
    "no UTF-8": Asked("/records", b'{"title": "\xff"}'),
    "a key twice": Asked("/records", b'{"title": "a", "title": "b"}'),
    "too large": Asked("/records", b" " * (2**20 + 1), 413),
    "another media type": Asked("/records", b"x", 415, {"content-type": "text/plain"}),
    "no key of the change": Asked("/records", MADE, 400, {"idempotency-key": ""}),
    "an entity tag that cannot be": Asked("/records/{record}/actions/work", {}, 412, {"if-match": '"bad'}),
    "no such action": Asked("/records/{record}/actions/wrok", {}, 404),
    "no such thing": Asked("/records/00000000-0000-4000-8000-000000000000/actions/work", {}, 404),
    "no such path": Asked("/nowhere", {}, 404),
    "no such method": Asked("/inbox", {}, 405),
    "another role": Asked("/staff", {"user": "x", "roles": ["case_worker"]}, 403),
    "unknown query parameter": read("/records?stat=closed"),
    "unknown value of a filter": read("/records?state=shut"),
    "no number": read("/records?limit=many"),
    "out of bounds": read("/events?after=-1"),
    "no number of events": read("/events?limit=x"),
    "beyond the head": read("/events?after=99999999"),
    "no such order": read("/records?sort=colour"),
    "a cursor of another list": read("/records?cursor=WyJhIl0"),
    "no such form": read("/records/{record}/history?limit=0"),
    "a stream from nowhere": read("/events/stream", 400, **{"last-event-id": "x"}),
    "bulk of the wrong form": Asked("/records/bulk", {"items": [{"key": "a"}, 3]}),
    "bulk without items": Asked("/records/bulk", {}),
    "a run without a scenario": Asked("/runs", {}, 403),
    "a token of no role": Asked("/tokens", {"roles": ["king"]}),
    "a sandbox without a start": Asked("/sandboxes", {"start": "morgen"}),
    "a webhook to nowhere": Asked("/webhooks", {"url": 3}),
}  # fmt: skip


@pytest.fixture(scope="module")
def mueller(server: Served) -> Person:
    return server.client("sprache", "case_worker", "registrar")


@pytest.fixture(scope="module")
def record(mueller: Person) -> str:
    return str(mueller.made("/records", MADE)["id"])


def ask(who: Person, record: str, asked: Asked, language: str) -> Any:
    headers = {
        "accept-language": language,
        "idempotency-key": f"l-{time.monotonic_ns()}",
        "content-type": "application/json",
    }
    content = (
        {"content": asked.body} if isinstance(asked.body, bytes) else {} if asked.body is None else {"json": asked.body}
    )
    return who.http.request(
        asked.method, asked.path.format(record=record), headers={**headers, **asked.headers}, **content
    )


def words(found: Any) -> list[str]:
    """Every sentence of a problem document."""
    said = [found["title"], found["detail"]]
    return said + [one[name] for one in found.get("errors", []) for name in ("detail", "expected") if name in one]


@pytest.mark.parametrize("asked", WRONG.values(), ids=list(WRONG))
def test_all_of_it_is_in_the_language_that_was_asked_for(mueller: Person, record: str, asked: Asked) -> None:
    told = {}
    for language in ("de", "en"):
        answer = ask(mueller, record, asked, language)
        assert answer.status_code == asked.status, answer.text
        assert answer.headers["content-language"] == language, answer.text
        told[language] = words(answer.json())
    assert [wrong for text in told["de"] if (wrong := find_english(text))] == [], told["de"]
    assert [wrong for text in told["en"] if (wrong := GERMAN.findall(text))] == [], told["en"]
    same = [german for german, english in zip(told["de"], told["en"], strict=True) if german == english]
    assert same in ([], [f"{asked.method} {asked.path}"]), "only what has no language"
