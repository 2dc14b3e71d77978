"""Whether a text that should be German holds English."""

import re

QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|„[^“]*“|\S*[/_=]\S*|\S+\.\w+\S*|--\S+|: yes oder no$|eines von [^;]*")
"""Names, code, paths, options and what cells hold, which are the same in every language."""
ENGLISH = re.compile(
    r"\b(?:the|is|are|no|not|of|and|or|one|least|most|with|without|there|such|must|missing|unknown|expected|should"
    r"|valid|cannot|be|to|from|has|have|than|for|each|file|nothing|than|before|after|outside|needs|together|more|less"
    r"|other|characters|number|whole|list|day|holds|input|required|field)\b"
)


def find_english(text: str) -> list[str]:
    """English words in a German text, names and code aside."""
    return ENGLISH.findall(QUOTED.sub(" ", text))
