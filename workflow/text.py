"""A text in both languages that people read."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same text in German and English."""

    de: str
    en: str

    def get(self, language: str) -> str:
        """The text in German for `de`, else in English."""
        return self.de if language == "de" else self.en


NOTHING = Text("", "")
