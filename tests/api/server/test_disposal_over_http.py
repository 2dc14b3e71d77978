"""Disposal over HTTP: packages out, messages in, by whom they may, and every fault with its place."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.cli.test_disposal_command import FILES, NOBODY, Archive, Prepared, fill
from tests.api.conftest import Person, Served, serving
from tests.german import find_english

XML = "application/xml"


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return fill(tmp_path_factory.mktemp("disposal"))


@pytest.fixture(scope="module")
def served(due: Prepared) -> Iterator[Served]:
    with serving(f"sqlite:///{due.folder}/eva.db", due.folder) as found:
        yield found


def send(person: Person, data: str | bytes, key: str, media: str = XML) -> httpx.Response:
    return person.http.post(
        "/disposal/messages",
        content=data.encode() if isinstance(data, str) else data,
        headers={"content-type": media, "idempotency-key": key},
    )


def fetch(person: Person, record: str, process: str, message: str, **query: str) -> httpx.Response:
    return person.get(f"/records/{record}/disposal/{process}/{message}", params=query)


def open_package(answer: httpx.Response) -> dict[str, bytes]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_from_offer_to_confirmation_over_http(served: Served, due: Prepared, tmp_path: Path) -> None:
    registry, archive = served.client("brandt", "registrar"), served.client("lav", "archivist", authority="lav")
    stranger = served.client("fremd", "registrar", authority="jm")
    side, path = Archive(), f"/records/{due.record}"
    process = registry.did(path, "offer")["process"]
    offer = fetch(registry, due.record, process, "0501", sender="Ministerium", receipt="true")
    (message,) = open_package(offer).values()
    assert b"<xdomea:Empfangsbestaetigung>1<" in message
    assert b"<xdomea:Name>Ministerium<" in message
    again = fetch(registry, due.record, process, "0501", sender="Ministerium", receipt="true")
    assert again.content == offer.content
    assert fetch(stranger, due.record, process, "0501").status_code == 404

    text = side.appraisal(process, {due.record: "A", due.cases[0]: "A", due.cases[1]: "V"})
    asks = text.replace("Empfangsbestaetigung>0<", "Empfangsbestaetigung>1<")
    assert send(registry, text, "r1").status_code == 403
    wrong = send(archive, text.replace(due.cases[0], NOBODY), "w1")
    assert wrong.status_code == 422
    told = wrong.json()["errors"][0]["detail"]
    assert told.startswith("11:")
    assert find_english(told) == []
    assert "Text(" not in told
    assert "wurde in diesem Verfahren nicht angeboten" in wrong.text
    first = send(archive, asks, "a1")
    assert (first.status_code, first.json()["state"]) == (200, "appraised"), first.text
    repeated = send(archive, asks, "a1")
    assert (repeated.status_code, repeated.headers["idempotency-replayed"]) == (200, "true")
    assert repeated.json() == first.json()
    assert send(archive, asks, "a2").status_code == 409
    assert (
        send(archive, text.replace('"A"', "A").replace(">V<", ">A<"), "a1").status_code == 422
    )  # other body, same key
    (receipt,) = open_package(fetch(registry, due.record, process, "0505")).values()
    assert b"Aussonderung.BewertungEmpfangBestaetigen.0505" in receipt

    registry.did(path, "transfer")
    files = open_package(fetch(registry, due.record, process, "0503", version="3.1.0"))
    message = files.pop(f"{process}_Aussonderung.Aussonderung.0503.xml")
    assert b"urn:xoev-de:xdomea:schema:3.1.0" in message
    assert list(files.values()) == [FILES[0]]

    packed = tmp_path / "0506.zip"
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("0506.xml", side.confirmation(process, {due.record: True, due.cases[0]: True}))
    done = send(archive, packed.read_bytes(), "c1", "application/zip")
    assert (done.status_code, done.json()["state"]) == (200, "confirmed"), done.text
    assert [event["type"] for event in done.json()["events"]] == ["record.confirmed"]


@pytest.mark.parametrize(
    ("data", "media", "status"),
    [
        ("<nonsense/>", XML, 422),
        ("", XML, 422),
        ("not xml", XML, 422),
        (b"PK\x03\x04 broken", "application/zip", 422),
        ("{}", "application/json", 415),
    ],
)
def test_what_is_no_message_is_refused(served: Served, data: str | bytes, media: str, status: int) -> None:
    archive = served.client("lav", "archivist", authority="lav")
    answer = send(archive, data, f"x{hash((data, media)) % 10**6}", media)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("message", "query", "status"),
    [
        ("0502", {}, 404),
        ("0503", {}, 409),
        ("0501", {"version": "2.0"}, 422),
        ("0501", {"receipt": "perhaps"}, 422),
        ("0501", {"archive": "x" * 201}, 422),
        ("0501", {"sender_code": "\u202e"}, 422),
    ],
)
def test_what_cannot_be_written_is_refused(
    served: Served, due: Prepared, message: str, query: dict[str, str], status: int
) -> None:
    registry = served.client("brandt", "registrar")
    answer = fetch(registry, due.record, NOBODY, message, **query)
    assert answer.status_code == status, answer.text
