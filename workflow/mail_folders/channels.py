"""How mail comes in: one declaration per channel, with what it requires of an item.

A channel that is added here is known to the API, to `eva mail receive`, to replay files and to their description.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from workflow.engine.access import Protection
from workflow.text import Text

LARGE = 20_000_000
"""Bytes (F086: 20 MB)."""
PDF, ZIP = "application/pdf", "application/zip"
XML = ("application/xml", "text/xml")
IMAGES = ("image/tiff", "image/jpeg", "image/png")


@dataclass(frozen=True)
class ChannelRules:
    name: Text
    basis: str
    lowest_protection: Protection = Protection.NORMAL
    """A file of this channel has at least this protection need."""
    above_bytes: int = 0
    """Only files larger than this are allowed."""
    at_most_bytes: int | None = None
    needs_sender: bool = False
    """Whether the channel identifies the sender, who then must be named."""
    needs_reference: bool = True
    """Whether the channel numbers its transactions; the number is recorded, so that a second delivery is noticed."""
    media_types: tuple[str, ...] = ()
    """Allowed types; empty for any."""
    written_form: bool = False
    """Whether it stands for the written form (F025: under discussion for § 3a VwVfG; § 25a EGovG while it held)."""
    opens: date | None = None
    closes: date | None = None
    """First and last day on which it is open."""


class Channel(StrEnum):
    rules: ChannelRules | None

    def __new__(cls, value: str, rules: ChannelRules | None = None) -> Self:
        one = str.__new__(cls, value)
        one._value_ = value
        one.rules = rules
        return one

    SCAN_CENTRE = "scan_centre"
    """No digital channel: its paper has a state machine of its own."""
    PORTAL = "portal", ChannelRules(
        Text("Portal, Antrag mit Nutzerkonto", "portal, application with user account"),
        "F025, F197, F242: OZG-Nutzerkonto, Serviceportal.NRW, Postkorb",
        at_most_bytes=LARGE, needs_sender=True, written_form=True,
    )  # fmt: skip
    E_INVOICE = "e_invoice", ChannelRules(
        Text("E-Rechnung aus dem Rechnungsportal", "e-invoice from the invoice portal"),
        "F255: E-Rechnungsportal 2020",
        needs_sender=True, media_types=(*XML, PDF),
    )  # fmt: skip
    SPECIAL_MAILBOX = "special_mailbox", ChannelRules(
        Text("besonderes Postfach (beBPo, beA, beN, eBO)", "special mailbox (beBPo, beA, beN, eBO)"),
        "F025: § 3a VwVfG",
        needs_sender=True, written_form=True,
    )  # fmt: skip
    SPECIALIST_SYSTEM = "specialist_system", ChannelRules(
        Text("Fachverfahren", "specialist system"),
        "F045: several hundred Fachverfahren to be connected",
    )  # fmt: skip
    EMAIL = "email", ChannelRules(
        Text("E-Mail", "e-mail"),
        "F004: § 25a EGovG, e-mailed scans at discretion",
        at_most_bytes=LARGE, needs_reference=False,
    )  # fmt: skip
    LARGE_UPLOAD = "large_upload", ChannelRules(
        Text("sicherer Zugang für große Dateien", "secure upload of large files"),
        "F086, F143: over 20 MB, Schutzbedarf hoch",
        lowest_protection=Protection.HIGH, above_bytes=LARGE, needs_sender=True,
    )  # fmt: skip
    FORM_RELIEF = "form_relief", ChannelRules(
        Text("Scan per E-Mail statt Papier (§ 25a EGovG)", "scan by e-mail in place of paper (§ 25a EGovG)"),
        "F003, F004, F006: act of 14 April 2020, lapsed with 31 December 2020",
        at_most_bytes=LARGE, needs_sender=True, needs_reference=False, media_types=(PDF, *IMAGES), written_form=True,
        opens=date(2020, 4, 14), closes=date(2020, 12, 31),
    )  # fmt: skip
    DE_MAIL = "de_mail", ChannelRules(
        Text("De-Mail", "De-Mail"),
        "F298: De-Mails and encrypted mails; that the sender is known and messages are numbered is the law of De-Mail",
        at_most_bytes=LARGE, needs_sender=True,
    )  # fmt: skip
    BUSINESS_PORTAL = "business_portal", ChannelRules(
        Text("Wirtschafts-Service-Portal (WSP.NRW)", "business portal (WSP.NRW)"),
        "F030, F245: Wirtschafts-Portal-Gesetz in force in July 2020; services for business with a return channel",
        at_most_bytes=LARGE, needs_sender=True, opens=date(2020, 7, 1),
    )  # fmt: skip
    TOPICAL_PORTAL = "topical_portal", ChannelRules(
        Text("Fachportal eines Ministeriums", "topical portal of a ministry (Fachportal)"),
        "F012, F007: § 5a EGovG, in force since 14 July 2020",
        at_most_bytes=LARGE, needs_sender=True, opens=date(2020, 7, 14),
    )  # fmt: skip
    BUILDING_PORTAL = "building_portal", ChannelRules(
        Text("Bauportal.NRW, Bauantrag oder Meldung", "building portal (Bauportal.NRW)"),
        "F176, F290: Bauportal.NRW, XBau",
        needs_sender=True, media_types=(*XML, PDF, ZIP),
    )  # fmt: skip
    FUNDING_PORTAL = "funding_portal", ChannelRules(
        Text("foerderplan.web, Förderantrag", "funding application (foerderplan.web)"),
        "F213, F216: adaptable standard forms and user authentication by the end of October 2021",
        at_most_bytes=LARGE, needs_sender=True, media_types=(*XML, PDF), opens=date(2021, 10, 31),
    )  # fmt: skip
    EMISSION_NOTICE = "emission_notice", ChannelRules(
        Text("Anzeige nach BImSchG", "notification under the BImSchG"),
        "F156: prototype of the notification procedure due at the end of July 2021; what follows is open",
        at_most_bytes=LARGE, needs_sender=True, media_types=(*XML, PDF, ZIP), opens=date(2021, 7, 31),
    )  # fmt: skip
    SCAN_SOFTWARE = "scan_software", ChannelRules(
        Text("Import aus der Scansoftware (wie CMIS, CrossCap)", "import from scan software (as by CMIS, CrossCap)"),
        "F081: a CMIS interface to CrossCap was begun and stopped; paper is kept, for nothing is sealed",
        media_types=(PDF, *IMAGES),
    )  # fmt: skip
    LOCAL_SCAN = "local_scan", ChannelRules(
        Text("Eingangspost, in der Behörde gescannt (EGP 11)", "incoming mail scanned in the authority (EGP 11)"),
        "F080: EGP 11 put the focus on incoming mail; existing files are not scanned. Paper is kept",
        at_most_bytes=LARGE, media_types=(PDF,),
    )  # fmt: skip


CHANNELS = {channel: channel.rules for channel in Channel if channel.rules}
"""Those that bypass the scan centres."""
