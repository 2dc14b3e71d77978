"""The code lists of the disposal messages, their namespaces, and the patterns of the values in them."""

import re
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

Message = Literal["0501", "0502", "0503", "0504", "0505", "0506", "0507"]
Version = Literal["3.0.0", "3.1.0"]
Disposal = Literal["A", "B", "V"]
Proposal = Literal["A", "V"]
Medium = Literal["electronic", "hybrid", "paper"]
Confidentiality = Literal["open", "restricted", "confidential", "secret", "top_secret"]

NAMES: Mapping[str, str] = {
    "0501": "Aussonderung.Anbieteverzeichnis.0501",
    "0502": "Aussonderung.Bewertungsverzeichnis.0502",
    "0503": "Aussonderung.Aussonderung.0503",
    "0504": "Aussonderung.AnbietungEmpfangBestaetigen.0504",
    "0505": "Aussonderung.BewertungEmpfangBestaetigen.0505",
    "0506": "Aussonderung.AussonderungImportBestaetigen.0506",
    "0507": "Aussonderung.AussonderungEmpfangBestaetigen.0507",
}
"""Name of each message, which is also its root element."""
MESSAGES: Mapping[str, Message] = {
    "0501": "0501", "0502": "0502", "0503": "0503", "0504": "0504", "0505": "0505", "0506": "0506", "0507": "0507",
}  # fmt: skip
RECEIPTS: Mapping[Message, Message] = {"0501": "0504", "0502": "0505", "0503": "0507"}
"""Message -> the message that says it has arrived (Empfangsbestätigung)."""

PRODUCT = "eva"
OTHER_FORMAT = "100"
"""Code of a file format the code list does not name ("Sonstiges")."""

NAMESPACES: Mapping[str, str] = {version: f"urn:xoev-de:xdomea:schema:{version}" for version in ("3.0.0", "3.1.0")}
DISPOSALS: Mapping[str, Disposal] = {"A": "A", "B": "B", "V": "V"}
PROPOSALS: Mapping[str, Proposal] = {"A": "A", "V": "V"}
CONFIDENTIALITY: Mapping[str, Confidentiality] = {
    "001": "secret",
    "002": "restricted",
    "003": "open",
    "004": "top_secret",
    "005": "confidential",
}
MEDIA: Mapping[Medium, str] = {"electronic": "001", "hybrid": "002", "paper": "003"}
CONFIDENTIALITY_CODES: Mapping[str, str] = {level: code for code, level in CONFIDENTIALITY.items()}
BOOLEANS: Mapping[str, bool] = {"1": True, "true": True, "0": False, "false": False}
CHECKSUMS = "eva:sha256"
BERLIN = ZoneInfo("Europe/Berlin")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FILE_NAME = re.compile(UUID.pattern + r"([^/\\:*?\"<>|\x00-\x1f\x7f]*[^/\\:*?\"<>|\x00-\x1f\x7f. ])?")
"""A name that every file system takes: no separator, none of `: * ? " < > |`, no dot or blank at its end."""
SHA256 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(
    r"\d{4}-\d\d-\d\dT((?P<end_of_day>24:00:00(\.0+)?)|\d\d:\d\d:\d\d(\.\d+)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)
"""xs:dateTime; 24:00:00 is the midnight that ends the day."""
