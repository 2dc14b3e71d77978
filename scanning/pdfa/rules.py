"""Whether a PDF keeps the rules of PDF/A-2b: veraPDF's rules as `pikepdf.pdfa` applies them.

That check approves only what it knows, so what it approves conforms; what it does not approve may conform.
"""

import re
from io import BytesIO
from pathlib import Path

from pikepdf import pdfa

_CLAUSE = re.compile(r"ISO_19005_2:([0-9.]+)")
_WORDS = (
    ("6.2.11", "Schriften sind nicht oder nicht ganz eingebettet"),
    ("6.2.4", "Farben sind nicht eindeutig bestimmt"),
    ("6.2.5", "besondere Zeichenvorschriften"),
    ("6.2.8", "Bilder in anderer Form"),
    ("6.2.10", "Durchsichtiges in anderer Form"),
    ("6.2", "Grafik in anderer Form"),
    ("6.3", "Anmerkungen in anderer Form"),
    ("6.4", "Formulare in anderer Form"),
    ("6.9", "Ebenen"),
)
"""Clause of ISO 19005-2 -> why a page does not keep it, the longer clause first."""


def find_violations(file: Path | bytes) -> tuple[str, ...]:
    """What does not keep the rules in a written file: rule, place and reason; empty where all are kept."""
    report = pdfa.validate_written(BytesIO(file) if isinstance(file, bytes) else file, "2b")
    return tuple(str(finding) for finding in report.findings)


def explain(violations: tuple[str, ...]) -> str:
    """In German, for the transfer note: what keeps a page from being PDF/A."""
    for violation in violations:
        if "/OCProperties" in violation:
            return "Ebenen"
        clause = _CLAUSE.search(violation)
        for known, words in _WORDS:
            if clause and clause[1].startswith(known):
                return words
    return "Aufbau in anderer Form"
