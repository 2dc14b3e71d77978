"""What a replay prints and writes: one line a file, the first unmet expectation in full, JUnit, JSON."""

import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from api.replay.run.jobs import FileResult
from api.replay.run.verdict import HistoryLine, Verdict
from workflow.text import Text

WORDS = {
    "de": {
        "ok": "ok  ", "failed": "FEHL", "cases": "Fälle", "steps": "Schritte", "history": "bisher", "hint": "Hinweis",
        "step": "Schritt",
        "files": "Dateien", "file": "Datei", "case": "Fall",
        "bad": "nicht wie erwartet", "unusable": "unbrauchbar", "seconds": "s",
    },
    "en": {
        "ok": "ok  ", "failed": "FAIL", "cases": "cases", "steps": "steps", "history": "so far", "hint": "hint",
        "step": "step",
        "files": "files", "file": "file", "case": "case",
        "bad": "not as expected", "unusable": "unusable", "seconds": "s",
    },
}  # fmt: skip
MOST_HISTORY = 12


def render_line(done: FileResult, language: str) -> str:
    words = WORDS[language]
    steps = sum(verdict.steps for verdict in done.verdicts)
    many = f", {len(done.verdicts)} {words['cases']}" if len(done.verdicts) > 1 else ""
    title = done.verdicts[0].title if len(done.verdicts) == 1 else ""
    name = f": {title}" if title else ""
    return f"{words['ok' if done.passed else 'failed']} {done.path}{name} ({steps} {words['steps']}{many})"


def render_details(verdict: Verdict, language: str) -> list[str]:
    failure, words = verdict.failure, WORDS[language]
    if failure is None:
        return []
    lines = [f"     {failure.place}: {words['step']} {failure.number + 1}: {failure.step} ({verdict.title})"]
    lines += [f"       {unmet.tell(language)}" for unmet in failure.unmet]
    lines += [f"       {words['hint']}: {text.get(language)}" for text in failure.hint]
    lines += [f"       {words['history']}: {_tell(one, language)}" for one in verdict.history[-MOST_HISTORY:]]
    return lines


def _tell(one: HistoryLine, language: str) -> str:
    what, result = one.what.get(language), one.result.get(language)
    events = f" [{', '.join(one.events)}]" if one.events else ""
    return f"{one.time} {one.who}: {what} {one.on} -> {result}{events}"


def render_summary(results: list[FileResult], seconds: float, language: str) -> str:
    words = WORDS[language]
    cases = [verdict for done in results for verdict in done.verdicts]
    bad = sum(not verdict.passed for verdict in cases)
    broken = sum(bool(done.faults) for done in results)
    counted = (len(results), "file"), (len(cases), "case"), (sum(v.steps for v in cases), "step")
    text = ", ".join(f"{many} {words[what if many == 1 else what + 's']}" for many, what in counted)
    text += f", {seconds:.1f} {words['seconds']}"
    text += f"; {bad} {words['bad']}" if bad else ""
    return text + (f"; {broken} {words['unusable']}" if broken else "")


def render_json(results: list[FileResult], seconds: float, language: str) -> str:
    return json.dumps(
        {"passed": all(done.passed for done in results), "seconds": round(seconds, 3),
         "files": [_file(done, language) for done in results]},
        ensure_ascii=False, indent=2, default=str,
    )  # fmt: skip


def _file(done: FileResult, language: str) -> dict[str, Any]:
    return {
        "file": str(done.path),
        "passed": done.passed,
        "faults": [fault.tell(language) for fault in done.faults],
        "remarks": [remark.tell(language) for remark in done.remarks],
        "cases": [_case(verdict, language) for verdict in done.verdicts],
    }


def _case(verdict: Verdict, language: str) -> dict[str, Any]:
    failure = verdict.failure
    described = failure and {
        "place": str(failure.place), "step": failure.number + 1, "what": failure.step,
        "hint": [text.get(language) for text in failure.hint],
        "unmet": [
            {"path": list(u.path), "expected": _plain(u.expected, language), "got": _plain(u.got, language)}
            for u in failure.unmet
        ],
    }  # fmt: skip
    history = [{name: _plain(value, language) for name, value in one._asdict().items()} for one in verdict.history]
    return {
        "title": verdict.title, "passed": verdict.passed, "steps": verdict.steps,
        "seconds": round(verdict.seconds, 4), "failure": described, "history": history if failure else [],
    }  # fmt: skip


def _plain(value: Any, language: str) -> Any:
    return value.get(language) if isinstance(value, Text) else value


def render_remarks(done: FileResult, language: str) -> list[str]:
    """What is right and yet looks like a slip."""
    return [f"     {WORDS[language]['hint']}: {remark.tell(language)}" for remark in done.remarks]


def render_junit(results: Iterable[FileResult], language: str) -> bytes:
    """JUnit XML: a suite for each file, a test for each case; what is told in the language."""
    words = WORDS[language]
    top = ET.Element("testsuites", name="eva replay")
    for done in results:
        failures = sum(not verdict.passed for verdict in done.verdicts)
        suite = ET.SubElement(
            top, "testsuite", name=str(done.path), tests=str(max(1, len(done.verdicts))), failures=str(failures),
            errors=str(int(bool(done.faults))), time=f"{done.seconds:.3f}",
        )  # fmt: skip
        for verdict in done.verdicts:
            test = ET.SubElement(
                suite, "testcase", classname=str(done.path), name=_xml(verdict.title), time=f"{verdict.seconds:.4f}"
            )
            if verdict.failure is not None:
                unmet = "; ".join(one.tell(language) for one in verdict.failure.unmet)
                node = ET.SubElement(test, "failure", message=_xml(f"{verdict.failure.step}: {unmet}"))
                node.text = _xml("\n".join(render_details(verdict, language)))
        if done.faults:
            test = ET.SubElement(suite, "testcase", classname=str(done.path), name=words["file"])
            error = ET.SubElement(test, "error", message=_xml(done.faults[0].tell(language)))
            error.text = _xml("\n".join(fault.tell(language) for fault in done.faults))
    ET.indent(top)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _xml(text: str) -> str:
    """Text without what XML cannot hold."""
    return "".join(char if char in "\t\n" or char.isprintable() else "?" for char in text)
