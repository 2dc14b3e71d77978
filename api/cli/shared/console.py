"""Consoles that know few characters: what they lack is written as the nearest that they have, never a traceback."""

import codecs
import sys
from io import TextIOWrapper

_NEAREST = str.maketrans({
    "−": "-", "–": "-", "—": "-", "…": "...", "„": '"', "“": '"', "”": '"', "‘": "'", "’": "'", "·": "-", "×": "x",
    "≥": ">=", "≤": "<=", "→": "->", "←": "<-", "≈": "~", "±": "+-", "√": "ok", "✓": "ok", "✗": "x", "↻": "(again)",
    "\u00a0": " ", "\u202f": " ", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss",
    "€": "EUR", "─": "-", "━": "-", "│": "|", "├": "|", "└": "`", "σ": "sigma",
})  # fmt: skip
_NAME = "eva_nearest"


def write_what_consoles_know() -> None:
    """Set stdout and stderr up so; what has no near character is written by its number."""
    codecs.register_error(_NAME, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_NAME)


def _replace(wrong: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(wrong, UnicodeEncodeError):
        raise wrong
    lost = wrong.object[wrong.start : wrong.end]
    near = lost.translate(_NEAREST).encode("ascii", "backslashreplace")
    return near, wrong.end
