"""XES (IEEE 1849): one trace per routing slip, record, mail folder or scan batch."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from simulation.event_logs.traces import Step, Trace

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <string key="lifecycle:transition" value="complete"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
    <string key="org:resource" value=""/>
    <string key="event" value=""/>
    <int key="position" value="0"/>
  </global>
  <classifier name="Activity" keys="concept:name lifecycle:transition"/>
  <classifier name="Event of the log" keys="event"/>
  <string key="lifecycle:model" value="standard"/>
"""
TAIL = "</log>\n"
NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write_xes(traces: Iterable[Trace]) -> Iterator[str]:
    """The document, trace by trace."""
    yield HEAD
    for trace in traces:
        yield "  <trace>\n"
        yield _write("    ", {"concept:name": trace.case, "category": trace.category, **trace.attributes})
        for step in trace.steps:
            yield "    <event>\n" + _write("      ", _describe(step)) + "    </event>\n"
        yield "  </trace>\n"
    yield TAIL


def _describe(step: Step) -> dict[str, str | int | None]:
    return {
        "concept:name": step.activity, "lifecycle:transition": step.transition, "time:timestamp": step.time,
        "org:resource": step.resource, "concept:instance": step.instance, "event": step.event,
        "position": step.position, "result": step.result, "on_behalf_of": step.on_behalf_of, "to": step.to,
    }  # fmt: skip


def _write(indent: str, attributes: dict[str, str | int | None]) -> str:
    lines = []
    for name, value in attributes.items():
        if value is not None:
            kind = "date" if name.startswith("time:") else "int" if isinstance(value, int) else "string"
            lines.append(f"{indent}<{kind} key={quoteattr(name)} value={quoteattr(_without_controls(str(value)))}/>\n")
    return "".join(lines)


def _without_controls(text: str) -> str:
    """XML has no place for control characters, however written."""
    return NOT_XML.sub("\ufffd", text)
