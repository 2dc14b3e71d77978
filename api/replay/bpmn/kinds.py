"""The kind of a station by the name of a task: terms of art are understood, looser words taken with a warning."""

import re
from typing import NamedTuple

_TERMS = {
    "final_sign": r"schlu(ss|ß)-?\s?zeichn|final[\s_-]sign",
    "co_sign": r"mit-?zeichn|\bco-?\s?sign",
    "acknowledge": r"kenntnis|\backnowledg|\bfor information\b",
    "comment": r"stellungnahme|\bcomment",
    "approve": r"freigabe|freigeben|\bapprov",
    "dispatch": r"versand|versenden|\bdispatch",
    "close": r"\bz\.?\s?d\.?\s?a\b|zu den akten|\bclose\b",
    "resubmit": r"wiedervorlage|\bresubmi",
}
_LOOSE = {
    "co_sign": r"zeichn|\bsign\b|prüf|\breview|\bcheck",
    "approve": r"genehmig|\bfreizugeben|\bauthori[sz]e",
    "comment": r"bearbeit|anhör|äußer|\bhear",
    "dispatch": r"absenden|abschicken|verschick|\bsend\b|\bmail\b",
    "acknowledge": r"informier|\binform\b|\bnotify",
}


class Guess(NamedTuple):
    kinds: list[str]
    """None, one, or several where the name speaks of several."""
    sure: bool


def guess_kinds(name: str) -> Guess:
    text = " ".join(name.lower().split())
    sure = _find(_TERMS, text)
    return Guess(sure, sure=True) if sure else Guess(_find(_LOOSE, text), sure=False)


def _find(words: dict[str, str], text: str) -> list[str]:
    return [kind for kind, pattern in words.items() if re.search(pattern, text)]
