"""Every GET route of the application against a second model: who gets an answer, and what it may tell of."""

import asyncio
import itertools
import json
import logging
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from starlette.routing import Mount

from tests.api.application.reading_model import NEEDS, Reader
from tests.api.application.reading_office import ReadingOffice
from tests.api.server.auth.route_house import Server, ask, claim, know_words
from tests.api.server.auth.route_model import (
    AS_ANYBODY,
    ELSEWHERE,
    HERE,
    HIDDEN,
    MESSAGE,
    OWN_LISTS,
    USED_LINK,
    WITHOUT_TOKEN,
    Answers,
    House,
    list_main,
    list_resources,
)
from workflow.engine.access import HUMANS
from workflow.views.scope import Scope

SOAK = int(os.environ.get("EVA_SOAK", "1"))
RELATIONS = ("nobody", "nora", "carl", "anna", "emil")
"""None, owner, station and addressee of mail, station, deputy."""
PLACES = ("mwide", "jm", "im", None)
SOMEBODY = Reader("carl", "registrar", "jm", "normal")
MOUNTED = "/sandboxes/{sandbox}"


def generate_readers() -> list[Reader]:
    """Every role in every authority, and every clearance and relation with each of both; with `make soak`, all."""
    everybody = [
        Reader(user, role, authority, clearance)
        for role, authority, clearance, user in itertools.product(sorted(HUMANS), PLACES, NEEDS, RELATIONS)
    ]
    if SOAK > 1:
        return everybody
    return [
        Reader(RELATIONS[(i + 2 * j) % len(RELATIONS)], role, authority, NEEDS[(i + j) % len(NEEDS)])
        for (i, role), (j, authority) in itertools.product(enumerate(sorted(HUMANS)), enumerate(PLACES))
    ] + [Reader("emil", "registrar", "jm", "very_high", "carl")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    logging.disable(logging.WARNING)  # a line for each of thousands of refusals takes half the time
    made = Server(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    logging.disable(logging.NOTSET)


def list_routes(routes: Any, before: str = "") -> Iterator[str]:
    """Paths of all routes that answer GET, those of routers within routers and of mounted ones too."""
    for route in routes:
        inner = getattr(route, "original_router", route)
        if isinstance(route, Mount):
            yield from list_routes(route.routes, before + route.path)
        elif hasattr(inner, "routes"):
            yield from list_routes(inner.routes, before + route.include_context.prefix)
        elif "GET" in route.methods:
            yield before + route.path


def test_every_route_that_is_read_stands_in_the_model(server: Server) -> None:
    someone = Reader("nobody", "admin", None, "very_high")
    inside = {MOUNTED + route for route, *_ in list_resources(server.inside, someone)}
    main = {route for route, *_ in (*list_resources(server.house, someone), *list_main(server.house, someone))}
    free = {address.replace("eva.css", "{name}").replace("/de", "/{tongue}") for address in (*WITHOUT_TOKEN, ELSEWHERE)}
    free = {address.replace("/problems/forbidden", "/problems/{kind}") for address in free}
    free |= AS_ANYBODY | {"/login/link/{secret}", "/login/sign-on", "/login/callback"}
    assert set(list_routes(server.app.routes)) == inside | main | free


def test_without_a_token_only_what_is_for_everybody(server: Server) -> None:
    reader = Reader("nobody", "admin", None, "very_high")
    inside = {
        route: f"/sandboxes/{server.sandbox.id}{address}" for route, address, _ in list_resources(server.inside, reader)
    }
    outside = (*list_resources(server.house, reader), *list_main(server.house, reader))
    main = {route: address for route, address, _ in outside}

    async def ask_all() -> list[str]:
        wrong = []
        for address in (*main.values(), *inside.values(), *WITHOUT_TOKEN, ELSEWHERE, USED_LINK):
            status, _ = await ask(server.app, address, None)
            wanted = 200 if address in WITHOUT_TOKEN else 303 if address.startswith("/pages") or address == "/" else 401
            wrong += [] if status == wanted else [f"{address}: {status}, not {wanted}"]
        return wrong

    assert not asyncio.run(ask_all())


def test_each_reads_what_the_model_says_and_not_a_word_more(server: Server) -> None:
    async def ask_all() -> list[str]:
        return [wrong for reader in generate_readers() for wrong in await _compare(server, reader)]

    wrong = asyncio.run(ask_all())
    assert not wrong, (len(wrong), wrong[:40])


async def _compare(server: Server, reader: Reader) -> list[str]:
    """Every difference in the answers to somebody on the server."""
    reads = [*list_resources(server.house, reader), *list_main(server.house, reader)]
    return await _compare_reads(server, Place(server.house, server.office), reader, claim(reader), reads)


class Place(NamedTuple):
    """The server or a sandbox: on paper, as it was filled, and its path."""

    house: House
    office: ReadingOffice
    path: str = ""


async def _compare_reads(
    server: Server, place: Place, reader: Reader, token: str, reads: Iterable[tuple[str, str, Answers]]
) -> list[str]:
    wrong, (house, office, path) = list[str](), place
    words, hidden = know_words(house, office, reader), sorted(house.never_named_to(reader))
    in_log = words - {office.words[f"sandboxes/{key}"] for key in house.sandboxes}
    for route, address, wanted in reads:
        absent = None if route.startswith("/pages") or route == "/" else reader.absent
        until = {"/events/stream": frozenset(in_log), "/pages/notices/stream": frozenset({"count"})}.get(route)
        status, text = await ask(server.app, path + address, token, absent, until)
        told = {word for word in office.words.values() if word in text and word != "Mappe"}
        found = [] if status in wanted else [f"{status}, not {wanted}"]
        letter = {office.words["file-plans/mwide"]} if route == MESSAGE else set()  # says in which unit of the plan
        found += [f"tells {one}" for one in sorted(told - words - letter)]
        found += [f"names {one}" for one in hidden if one in text and one not in address]
        if route in {"/events", "/events/stream"} and told != in_log:
            found.append(f"leaves out {in_log - told}")
        if (kind := route.strip("/")) in OWN_LISTS and status in HERE:
            shown = {row["id"] for row in json.loads(text)["items"]}
            found += [] if shown == house.may_read(kind, reader) else [f"lists {shown}"]
        wrong += [f"{reader} {path}{address}: {one}" for one in found]
    return wrong


def test_in_a_sandbox_its_people_read_by_the_same_rules_and_others_nothing(server: Server) -> None:
    inside = Place(server.inside, server.inner, f"/sandboxes/{server.sandbox.id}")

    async def ask_all() -> list[str]:
        wrong = []
        for reader in generate_readers()[::4]:
            reads = list(list_resources(server.inside, reader))
            token = server.token_in_sandbox(reader)
            wrong += await _compare_reads(server, inside, reader, token, reads)
            for address, wanted in (("", 200), ("/requests", 401), ("/timers?stream=record:x", 401)):
                status, _ = await ask(server.app, inside.path + address, token)
                wrong += [] if status == wanted else [f"{reader} {address}: {status}, not {wanted}"]
            if reader.user == server.sandbox.owner:
                wrong += await _compare_reads(server, inside, reader, claim(reader), reads)
            else:
                hidden = {route: (route, address, HIDDEN) for route, address, _ in reads}
                for _, address, _ in hidden.values():
                    status, _ = await ask(server.app, inside.path + address, claim(reader))
                    wrong += [] if status in HIDDEN else [f"{reader} {address} from outside: {status}"]
        return wrong

    wrong = asyncio.run(ask_all())
    assert not wrong, (len(wrong), wrong[:40])


@pytest.mark.parametrize(
    ("place", "fault", "reader"),
    [
        ("api.application.run.Run.known_to", lambda *_: True, Reader("nobody", "planner", "im", "high")),
        ("api.server.routes.runs.planner", lambda _: None, Reader("nobody", "auditor", None, "normal")),
        ("workflow.views.queries.list_scopes", lambda *_, **__: [Scope.ALL], Reader("anna", "approver", "jm", "high")),
        ("api.application.resources.scan_batches._hide_twins", lambda batch, _: batch, SOMEBODY),
        ("api.application.resources.mail_folders._knows_record", lambda *_: True, SOMEBODY),
        ("api.server.routes.disposal._check_protocols", lambda *_: None, Reader("nobody", "auditor", None, "normal")),
        ("scanning.batches.scan_batch.Batch.known_to", lambda *_: True, SOMEBODY),
    ],
)
def test_the_comparison_finds_a_fault_that_is_planted(
    server: Server, monkeypatch: pytest.MonkeyPatch, place: str, fault: Any, reader: Reader
) -> None:
    monkeypatch.setattr(place, fault)
    assert asyncio.run(_compare(server, reader))
