"""Logs, metrics and traces: what operators see, and what never gets there."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from api.server.observability import logs
from api.server.observability.logs import JsonLines
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from workflow.errors import InvalidCommand


def record(message: str = "request", level: int = logging.INFO, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "eva.access", "levelno": level, "levelname": logging.getLevelName(level)})
    made.msg = message
    vars(made).update(extra)
    return made


def line(made: logging.LogRecord) -> dict[str, object]:
    text = JsonLines().format(made)
    assert "\n" not in text, "one object a line"
    found: dict[str, object] = json.loads(text)
    return found


def test_a_log_line_says_when_how_serious_and_what() -> None:
    found = line(record(level=logging.WARNING))
    assert (found["level"], found["logger"], found["message"]) == ("warning", "eva.access", "request")
    assert str(found["time"]).endswith("+00:00")


def test_what_is_given_beside_the_message_is_kept_but_for_nothing() -> None:
    found = line(record(status=200, user=None, path="/a"))
    assert (found["status"], found["path"]) == (200, "/a")
    assert "user" not in found


def test_line_breaks_and_what_is_no_json_do_no_harm() -> None:
    found = line(record("a\nb\u2028c", what=object, where={1, 2}))
    assert found["message"] == "a\nb\u2028c"
    assert isinstance(found["where"], str)


def test_a_fault_is_logged_with_where_it_happened() -> None:
    with pytest.raises(ZeroDivisionError) as fault:
        divmod(1, 0)
    made = record(exc_info=(fault.type, fault.value, fault.tb))
    assert "ZeroDivisionError" in str(line(made)["trace"])


@pytest.fixture
def loggers() -> Iterator[None]:
    """Loggers as they were before, afterwards."""
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "eva.access")
    before = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level) for name in names}
    spread = {name: logging.getLogger(name).propagate for name in names}
    yield
    for name, (handlers, level) in before.items():
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = handlers, spread[name]
        logger.setLevel(level)


@pytest.mark.usefixtures("loggers")
def test_everything_is_logged_as_json_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("eva.access").info("request", extra={"status": 200})
    logging.getLogger("uvicorn.access").info("request, once more")
    out, err = capsys.readouterr()
    assert out == ""
    lines = [json.loads(one) for one in err.splitlines()]
    assert [one["message"] for one in lines if one["logger"] in {"uvicorn.error", "eva.access", "uvicorn.access"}] == [
        "started",
        "request",
    ]


@pytest.mark.usefixtures("loggers")
@pytest.mark.parametrize(
    ("quiet", "told"), [("", ["begun", "request", "odd"]), ("requests", ["begun", "odd"]), ("events", ["odd"])]
)
def test_requests_and_what_goes_as_it_should_need_not_be_logged(
    quiet: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(quiet)
    logging.getLogger("uvicorn.error").info("begun")
    logging.getLogger("eva.access").info("request")
    logging.getLogger("eva.access").warning("odd")
    lines = [json.loads(one) for one in capsys.readouterr().err.splitlines()]
    assert [one["message"] for one in lines if one["logger"] in {"uvicorn.error", "eva.access"}] == told


def value(metrics: Metrics, name: str) -> float:
    (found,) = [one for one in metrics.render().decode().splitlines() if one.startswith(f"{name} ")]
    return float(found.rpartition(" ")[2])


def test_requests_are_counted_by_method_route_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.request("GET", "/records/{id}", status, 0.01)
    assert value(metrics, 'eva_requests_total{method="GET",route="/records/{id}",status="200"}') == 2
    assert value(metrics, 'eva_requests_total{method="GET",route="/records/{id}",status="404"}') == 1
    assert value(metrics, 'eva_request_seconds_count{method="GET"}') == 3


def test_methods_that_nothing_answers_to_are_one() -> None:
    metrics = Metrics()
    for number in range(50):
        metrics.request(f"X{number}", "other", 405, 0.01)
    assert value(metrics, 'eva_requests_total{method="other",route="other",status="405"}') == 50
    assert metrics.render().decode().count('method="other"') == 2, "a counter, and when it was made"


def test_the_time_of_a_request_falls_into_its_bucket() -> None:
    metrics = Metrics()
    metrics.request("POST", "/records", 201, 0.03)
    assert value(metrics, 'eva_request_seconds_bucket{le="0.025",method="POST"}') == 0
    assert value(metrics, 'eva_request_seconds_bucket{le="0.05",method="POST"}') == 1


@pytest.mark.parametrize("name", ["eva_fixity_age_seconds", "eva_backup_age_seconds"])
def test_what_was_never_done_is_infinitely_old(name: str) -> None:
    assert value(Metrics(), name) == float("inf")


def test_two_servers_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.refused_timers.inc()
    assert (value(one, "eva_timers_refused_total"), value(other, "eva_timers_refused_total")) == (1, 0)


def test_without_traces_a_request_is_only_answered() -> None:
    tracing = Tracing(False)
    with tracing.request("GET") as span:
        assert span is None
        tracing.finish(span, "GET", "/records", 200)
    tracing.close()


def test_traces_without_their_libraries_are_refused_by_the_name_of_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [one for one in sys.modules if one.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(InvalidCommand) as refused:
        Tracing(True)
    assert refused.value.faults[0][0] == "EVA_TELEMETRY"


class Span:
    """A span that remembers what it was told."""

    def __init__(self) -> None:
        self.name = ""
        self.attributes: dict[str, object] = {}

    def update_name(self, name: str) -> None:
        self.name = name

    def set_attribute(self, name: str, found: object) -> None:
        self.attributes[name] = found


def test_a_trace_names_the_route_and_nobody() -> None:
    span = Span()
    Tracing(False).finish(span, "GET", "/records/{id}", 200)
    assert span.name == "GET /records/{id}"
    assert span.attributes == {
        "http.request.method": "GET", "http.route": "/records/{id}", "http.response.status_code": 200,
    }  # fmt: skip
