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


def same(text: object) -> Text:
    """What has no language: a name, a number, a piece of code."""
    return Text(str(text), str(text))


def get_both(text: str | Text) -> Text:
    """The text, which nobody may have translated, in both languages."""
    return text if isinstance(text, Text) else same(text)


class InvalidValue(ValueError):
    """A value that a check of pydantic refuses; `text` says why."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)


def get_text(error: Exception) -> Text:
    """What an error says, in both languages where it has them."""
    return error.text if isinstance(error, InvalidValue) else same(error)
