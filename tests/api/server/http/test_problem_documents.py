"""Errors as problem documents: one status for each kind, told in both languages."""

import asyncio
import inspect
import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.application import errors as application
from api.application.problems import (
    KINDS,
    STATUS,
    TITLES,
    describe_problem,
    describe_status,
    get_status,
    get_title,
)
from api.server.http import error_handlers
from api.server.http import errors as http
from api.settings import Settings
from simulation.inputs.faults import Fault, Place
from workflow import errors as engine
from workflow.errors import EvaError
from workflow.text import Text, same

NEEDED = Text("fehlt", "is needed")
PLACE = Place("scenario.yaml", 3, 7, "/horizon/start")
ERRORS: list[tuple[EvaError, int]] = [
    (engine.NotAllowed("record", "closed", "close", ["reopen"], "no", "nein"), 409),
    (engine.GuardFailed("record", "created", "close", [], "all_done", "not yet", "noch nicht"), 409),
    (engine.Forbidden("not for you", "nicht für Sie"), 403),
    (engine.NotFound("record", "7"), 404),
    (engine.StaleVersion("record:7", 1, 2), 412),
    (engine.DuplicateCommand("key:a:b"), 422),
    (engine.InvalidCommand([("/title", NEEDED)]), 422),
    (engine.Corrupted(5, "hash differs", "anderer Hash"), 500),
    (engine.StoreUnavailable("away", "weg"), 503),
    (engine.StoreReplaced("another", "eine andere"), 503),
    (engine.StoreBusy("busy", "beschäftigt"), 503),
    (engine.StoreFull("full", "voll"), 507),
    (application.Unauthorised(), 401),
    (application.TooOften(1.25), 429),
    (application.TooMany("too many", "zu viele"), 429),
    (
        application.UnusableScenario(
            [Fault(PLACE, Text("ist kein Datum", "is no date"), Text("ein Datum", "a date"))], "/text"
        ),
        422,
    ),
    (http.BadRequest("no key", "kein Schlüssel"), 400),
    (http.NotAcceptable("no such form", "kein solches Format"), 406),
    (http.TooLarge(10), 413),
    (http.UnsupportedMedia("no JSON", "kein JSON"), 415),
]
BOTH = pytest.mark.parametrize("language", ["de", "en"])
EACH = pytest.mark.parametrize(("error", "status"), ERRORS, ids=[type(one).__name__ for one, _ in ERRORS])


def request(path: str = "/records/7", language: str | None = None, setting: str = "de") -> Request:
    app = FastAPI()
    app.state.settings = Settings.model_validate({"language": setting})
    headers = [] if language is None else [(b"accept-language", language.encode())]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers, "app": app,
        "server": ("eva.example", 443), "scheme": "https",
    }  # fmt: skip
    return Request(scope)


def document(response: Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(bytes(response.body))
    assert found["status"] == response.status_code
    return found


def handle(error: Exception, asked: Request | None = None) -> Response:
    return asyncio.run(error_handlers.handle_eva_error(asked or request(), error))


@EACH
def test_every_kind_has_its_status(error: EvaError, status: int) -> None:
    assert get_status(error) == status


def test_no_kind_of_error_is_left_out() -> None:
    kinds = {
        kind
        for module in (engine, application, http)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, EvaError)
    }
    tried = {type(error) for error, _ in ERRORS}
    assert kinds - tried == {EvaError, application.MalformedRequest}


def test_what_nobody_thought_of_is_a_fault_of_the_server() -> None:
    assert get_status(ZeroDivisionError()) == 500
    assert get_status(EvaError("new", "neu")) == 500


@BOTH
@EACH
def test_a_problem_has_type_title_status_and_detail(error: EvaError, status: int, language: str) -> None:
    """All of it in one language, that is in English where nobody has translated what is wrong."""
    found, told = describe_problem(error, language), language if error.text.de != error.text.en else "en"
    assert found["status"] == status
    assert found["title"] == get_title(error).get(told)
    assert found["detail"] == error.text.get(told)
    assert KINDS[found["type"].removeprefix("/problems/")].status == status


@BOTH
def test_an_answer_says_its_language(language: str) -> None:
    for error, _ in ERRORS:
        response = handle(error, request(language=language))
        known = {"de": get_title(error).de, "en": get_title(error).en}
        assert document(response)["title"] == known[response.headers["content-language"]]


def test_every_kind_of_problem_has_a_status_that_is_told() -> None:
    assert {kind.status for kind in KINDS.values()} == set(TITLES)
    assert all(len(kind.about.de) > 20 and len(kind.about.en) > 20 for kind in KINDS.values())


def test_a_condition_about_the_person_is_named_too() -> None:
    assert describe_problem(engine.Forbidden("no", "nein", "is_owner"))["guard"] == "is_owner"
    assert "guard" not in describe_problem(engine.Forbidden("no", "nein"))


def test_a_path_with_signs_is_named_as_a_uri_reference() -> None:
    found = document(handle(engine.NotFound("staff", "m"), request("/staff/Müller Übel?#x")))
    assert found["instance"] == "/staff/M%C3%BCller%20%C3%9Cbel%3F%23x"


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (engine.Corrupted(5, "hash differs", "anderer Hash"), "The log does not verify"),
        (
            engine.Corrupted(0, "file ab differs", "Datei ab ist anders"),
            "What was stored is damaged",
        ),
        (ZeroDivisionError(), "A fault of the server"),
        (EvaError("new", "neu"), "A fault of the server"),
    ],
)
def test_only_a_log_that_does_not_verify_is_said_not_to(error: Exception, title: str) -> None:
    assert get_status(error) == 500
    assert describe_problem(error, "en")["title"] == title
    assert describe_status(500, "a fault", "en")["title"] == "A fault of the server"


def test_every_title_says_something_else_in_the_other_language() -> None:
    for status, title in TITLES.items():
        assert title.de != title.en, status
        assert title.de
        assert title.en


def test_every_status_that_an_error_has_has_a_title() -> None:
    assert set(STATUS.values()) | {status for _, status in ERRORS} <= set(TITLES)


@BOTH
def test_a_status_without_a_title_is_told_all_the_same(language: str) -> None:
    assert describe_status(418, "short and stout", language)["title"] in {"Das hat nicht geklappt", "It did not work"}


def test_what_the_state_does_not_allow_names_what_it_does() -> None:
    found = describe_problem(ERRORS[0][0])
    assert found["type"] == "/problems/not-allowed"
    assert (found["state"], found["action"], found["allowed_actions"]) == ("closed", "close", ["reopen"])


def test_a_condition_that_is_not_met_is_named() -> None:
    found = describe_problem(ERRORS[1][0])
    assert (found["type"], found["guard"]) == ("/problems/guard-failed", "all_done")
    assert found["allowed_actions"] == []


def test_a_malformed_command_lists_each_fault_by_its_pointer() -> None:
    error = engine.InvalidCommand([("/title", NEEDED), ("", same("is no object"))])
    assert describe_problem(error)["errors"] == [
        {"pointer": "/title", "detail": "is needed"},
        {"pointer": "", "detail": "is no object"},
    ]


def test_a_stale_version_names_the_one_that_counts() -> None:
    assert describe_problem(engine.StaleVersion("record:7", 1, 2))["version"] == 2


def test_a_key_used_for_something_else_has_a_type_of_its_own() -> None:
    assert describe_problem(engine.DuplicateCommand("k"))["type"] == "/problems/idempotency-key-reused"


@pytest.mark.parametrize(("below", "pointer"), [("/text", "/text"), ("", "/horizon/start")])
def test_a_scenario_names_file_line_and_column(below: str, pointer: str) -> None:
    error = application.UnusableScenario(
        [Fault(PLACE, Text("ist kein Datum", "is no date"), Text("ein Datum", "a date"))], below
    )
    (fault,) = describe_problem(error)["errors"]
    assert fault == {
        "pointer": pointer, "scenario_pointer": "/horizon/start", "file": "scenario.yaml", "line": 3, "column": 7,
        "detail": "is no date", "expected": "a date",
    }  # fmt: skip


def test_of_very_many_faults_the_first_are_told() -> None:
    faults = [Fault(PLACE, same(f"fault {number}")) for number in range(engine.MOST_FAULTS + 5)]
    assert len(describe_problem(application.UnusableScenario(faults, ""))["errors"]) == engine.MOST_FAULTS


@pytest.mark.parametrize(
    ("asked", "setting", "detail"),
    [("de", "en", "nicht für Sie"), ("en-GB,de;q=0.5", "de", "not for you"), ("fr", "de", "nicht für Sie"),
     ("fr", "en", "not for you"), (None, "de", "nicht für Sie"), (None, "en", "not for you"),
     ("DE-de", "en", "nicht für Sie")],
)  # fmt: skip
def test_the_language_is_that_of_the_request_else_of_the_settings(asked: str | None, setting: str, detail: str) -> None:
    response = handle(engine.Forbidden("not for you", "nicht für Sie"), request(language=asked, setting=setting))
    assert document(response)["detail"] == detail


def test_a_problem_names_the_path_without_its_query() -> None:
    assert document(handle(engine.NotFound("record", "7")))["instance"] == "/records/7"


def test_who_is_not_known_is_told_how_to_say_who_they_are() -> None:
    assert handle(application.Unauthorised()).headers["www-authenticate"] == 'Bearer realm="eva"'


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (application.TooOften(0.001), "1"),
        (application.TooOften(1.25), "2"),
        (application.TooMany("too many", "zu viele"), "60"),
        (engine.StoreUnavailable("away", "weg"), "1"),
        (engine.StoreBusy("busy", "beschäftigt"), "1"),
    ],
    ids=["at once", "soon", "later", "away", "busy"],
)
def test_when_to_come_again(error: EvaError, seconds: str) -> None:
    assert handle(error).headers["retry-after"] == seconds


def test_no_other_error_promises_anything() -> None:
    assert "retry-after" not in handle(engine.Forbidden("a", "b")).headers
    assert "www-authenticate" not in handle(engine.Forbidden("a", "b")).headers


@pytest.mark.parametrize(
    ("error", "noted"),
    [(application.Unauthorised(), True), (engine.Forbidden("a", "b"), True), (engine.NotFound("a", "b"), True),
     (application.TooOften(1), True), (engine.InvalidCommand([("", same("x"))]), False), (http.TooLarge(1), False)],
)  # fmt: skip
def test_refusals_stand_in_the_log(error: EvaError, noted: bool, caplog: pytest.LogCaptureFixture) -> None:
    handle(error)
    assert bool([one for one in caplog.records if one.getMessage() == "refused"]) == noted


def test_what_is_logged_of_a_refusal_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    handle(engine.Forbidden("x" * 5000, "y"))
    (record,) = caplog.records
    assert len(vars(record)["why"]) == 500


@BOTH
def test_a_parameter_that_does_not_fit_is_named(language: str) -> None:
    wrong = RequestValidationError([{"loc": ("query", "limit"), "msg": "too large", "type": "x"}])
    response = asyncio.run(error_handlers.handle_validation_error(request(language=language), wrong))
    found = document(response)
    assert (found["status"], found["title"]) == (422, TITLES[422].get(language))
    detail = {"de": "ist so nicht möglich", "en": "too large"}[language]
    assert found["errors"] == [{"pointer": "/limit", "detail": detail}]


@BOTH
def test_what_pydantic_says_is_said_in_german_too(language: str) -> None:
    wrong = RequestValidationError(
        [{"loc": ("query", "limit"), "msg": "Input should be at most 9", "type": "less_than_equal", "ctx": {"le": 9}}]
    )
    found = document(asyncio.run(error_handlers.handle_validation_error(request(language=language), wrong)))
    assert found["title"] == TITLES[422].get(language)
    detail = {"de": "erwartet: höchstens 9", "en": "expected: at most 9"}[language]
    assert found["errors"] == [{"pointer": "/limit", "detail": detail}]


@BOTH
def test_a_path_that_is_none(language: str) -> None:
    response = asyncio.run(error_handlers.handle_http_exception(request("/nirgends", language), HTTPException(404)))
    assert document(response)["title"] == TITLES[404].get(language)


def test_a_method_that_is_none_names_those_that_are() -> None:
    asked = request("/a")

    @asked.app.get("/a")
    def _get() -> None: ...

    @asked.app.delete("/a")
    def _delete() -> None: ...

    response = asyncio.run(error_handlers.handle_http_exception(asked, HTTPException(405)))
    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET")
