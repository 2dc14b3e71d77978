"""Why something could not be delivered: kept in English by the database, told in German to whoever reads German."""

import re

NOT_ALLOWED = "its owner may not any more"
OTHER_KEY = "the key of secrets is another one"
NOT_PUBLIC = "the address is not public, and in no network of EVA_WEBHOOK_NETWORKS"
_GERMAN = (
    (re.compile(re.escape(NOT_ALLOWED)), "wer ihn eingerichtet hat, darf es nicht mehr"),
    (re.compile(re.escape(OTHER_KEY)), "der Schlüssel der Geheimnisse ist ein anderer"),
    (re.compile(f".*{re.escape(NOT_PUBLIC)}.*"),
     "die Adresse ist nicht öffentlich und in keinem Netz von EVA_WEBHOOK_NETWORKS"),
    (re.compile(r"answered (\d+)"), r"antwortete mit \1"),
    (re.compile(r"no answer within (\S+) s"), r"keine Antwort binnen \1 s"),
    (re.compile(r"\w+: the name (\S+) is not known"), r"der Name \1 ist nicht bekannt"),
)  # fmt: skip
"""What is said in English -> the same in German."""


def tell_in_german(why: str) -> str:
    """What a library or system says of a connection stays as it is, in brackets."""
    for english, german in _GERMAN:
        if english.fullmatch(why):
            return english.sub(german, why)
    return f"nicht erreichbar ({why})"
