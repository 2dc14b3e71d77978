"""What counts as a name and as a reason: one normal form, so that no two spellings are two persons.

Unicode has characters that nobody sees: they would make one name several, and an empty reason a reason. A name of a
person is compared in its normal form: NFKC, lower case, single blanks (UAX #15; as the Nickname profile of RFC 8266).
Names that earlier releases stored in another form stay what they are.
"""

import re
import unicodedata
from functools import lru_cache

from workflow.text import InvalidValue

LONGEST = 120
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties): drawn as nothing."""
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""General categories without a shape of their own: controls, bidirectional and joining marks, unassigned, private."""
RESERVED = frozenset({"system", "operator", "sandbox", "personalstelle", "sign-on", "engine", "policy", "timer", "eva"})
"""Names that the programme acts under, or that would be taken for it; no person has one."""


def is_unseen(char: str) -> bool:
    return _IGNORABLE.match(char) is not None or unicodedata.category(char) in _UNSEEN


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    if text.isascii() and text.isprintable():
        return text == "" or text.isspace()
    return all(char.isspace() or is_unseen(char) for char in text)


def check_seen(text: str) -> str:
    """The name as it is; `ValueError` where it holds what cannot be seen, or blanks where they are not seen."""
    plain = text.isascii() and text.isprintable()
    unseen = None if plain else next((char for char in text if is_unseen(char)), None)
    if unseen is not None:
        code = f"U+{ord(unseen):04X}"
        raise InvalidValue(f"das Zeichen {code} ist nicht zu sehen", f"character {code} cannot be seen")
    if text != " ".join(text.split()):
        raise InvalidValue(
            "Leerzeichen am Rand, oder mehrere hintereinander, sind nicht zu sehen",
            "blanks at an end, or several together, cannot be seen",
        )
    return text


def normalise(name: str) -> str:
    """The form in which names of persons are compared; `ValueError` for what is no name."""
    return _normalise_again(name) if len(name) <= LONGEST else _normalise(name)


def _normalise(name: str) -> str:
    found = check_seen(" ".join(unicodedata.normalize("NFKC", name).lower().split()))
    found = unicodedata.normalize("NFKC", found)
    if not found or len(found) > LONGEST or {":", "/"} & set(found):
        raise InvalidValue("ist kein Name", "is no name")
    return found


_normalise_again = lru_cache(maxsize=4096)(_normalise)
"""The same people act again and again."""


def check_reason(text: str) -> str:
    """The line as it is; `ValueError` where nothing of it can be seen."""
    if is_blank(text):
        raise InvalidValue("darf nicht leer sein", "must not be blank")
    return text
