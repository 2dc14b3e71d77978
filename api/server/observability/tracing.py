"""Traces by OpenTelemetry, where it is asked for (`EVA_TELEMETRY=1`, extra `telemetry`); where to, say `OTEL_*`.

One span a request, with method, route and status; never a path, query, header or body, which may name people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflow.errors import InvalidCommand
from workflow.text import Text


class Tracing:
    """Spans of requests; nothing at all where it was not asked for."""

    def __init__(self, wanted: bool) -> None:
        self._provider: Any = None
        self._tracer: Any = None
        if wanted:
            self._open()

    def _open(self) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            says = Text(f"braucht das Extra `telemetry`: {missing}", f"needs the extra `telemetry`: {missing}")
            raise InvalidCommand([("EVA_TELEMETRY", says)]) from missing
        self._provider = TracerProvider(resource=Resource.create({"service.name": "eva"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("eva")

    @contextmanager
    def request(self, method: str) -> Iterator[Any]:
        if self._tracer is None:
            yield None
            return
        with self._tracer.start_as_current_span(method) as span:
            yield span

    @staticmethod
    def finish(span: Any, method: str, route: str, status: int) -> None:
        if span is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)

    def close(self) -> None:
        if self._provider is not None:
            self._provider.shutdown()
