"""Text from outside as a line that a log, a terminal and a page may show."""

from workflow.text import clean


def line(text: str, longest: int = 400) -> str:
    """The text on one line without control characters, cut to length; `-` where nothing is left."""
    shown = "".join(char if char.isprintable() else " " for char in text.encode("utf-8", "replace").decode())
    return clean(" ".join(shown.split())[:longest]) or "-"
