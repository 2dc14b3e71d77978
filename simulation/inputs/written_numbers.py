"""Numbers as Germans and English write them, with a decimal comma or point and marks of thousands."""

import re

from workflow.text import InvalidValue, Text

NUMBER = re.compile(r"[-+]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][-+]?[0-9]{1,2})?")
AMBIGUOUS = re.compile(r"[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""One mark before three digits: a decimal mark or a mark of thousands, by who reads it."""
MARKED = re.compile(
    r"[-+]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3})+\.[0-9]+|(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})"
)
"""Marks of thousands that can be nothing else: there are several, or another mark behind them."""
NUMBER_IN_TEXT = re.compile(r"[-+]?[0-9.,]*[0-9][0-9.,]*")
"""What looks like a number, whether it is one or not."""
EXAMPLES = Text("eine Zahl, etwa 2 oder 0,5", "a number such as 2 or 0.5")


def parse_number(text: str) -> float:
    """Raises `InvalidValue` for what is no number, or may be two."""
    if AMBIGUOUS.fullmatch(text):
        whole, plain = re.sub("[.,]", "", text), text.replace(",", ".")
        raise InvalidValue(
            f"`{text}` ist nicht eindeutig; ohne Tausenderzeichen {whole}, als Dezimalzahl {plain.replace('.', ',')}0",
            f"`{text}` can be read in two ways; without thousands marks {whole}, as a decimal {plain}0",
        )
    if MARKED.fullmatch(text):
        first = next(mark for mark in text if mark in ".,")
        text = text.replace(first, "")
    elif not NUMBER.fullmatch(text):
        raise InvalidValue(f"`{text}` ist keine Zahl", f"`{text}` is no number")
    return float(text.replace(",", "."))


def write_number(value: float) -> str:
    """A number so that `parse_number` reads it."""
    text = f"{value:.15g}"
    return f"{text}0" if AMBIGUOUS.fullmatch(text) else text
