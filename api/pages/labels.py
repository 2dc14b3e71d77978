"""Labels of buttons, fields and lists on the web pages, German and English, beside those in the machines' tables."""

from collections.abc import Mapping
from typing import Any

from scanning.requirements.exclusions import REASONS
from workflow.engine.commands import Command
from workflow.engine.machine import Machine

Pair = tuple[str, str]
"""German, English."""

FIELDS: dict[str, Pair] = {
    "accept_duplicate": ("Dublette hinnehmen", "accept a duplicate"),
    "after": ("hinter Station", "after station"),
    "appointment": ("Bestellung", "appointment"),
    "authority": ("Behörde", "authority"),
    "by": ("durch", "by"),
    "case": ("Vorgang", "case"),
    "centre": ("Scanstelle", "scan centre"),
    "clearance": ("Freigabe bis", "clearance"),
    "closes": ("schließt am", "closes on"),
    "confidentiality": ("Vertraulichkeit", "confidentiality"),
    "csv": ("Aktenplan als CSV", "file plan as CSV"),
    "decision": ("Bewertung", "decision"),
    "decisions": ("Bewertungen je Vorgang", "decisions by case"),
    "defect": ("Mangel", "defect"),
    "deputy": ("Vertretung", "deputy"),
    "document": ("Dokument", "document"),
    "documents": ("Dokumente", "documents"),
    "due": ("Wiedervorlage am", "due"),
    "duplex": ("beidseitig", "both sides"),
    "envelopes": ("Umschläge", "envelopes"),
    "environment": ("Scanumgebung", "scanning environment"),
    "file": ("Datei", "file"),
    "carrier": ("Datenträger", "carrier"),
    "file_plan_code": ("Aktenplankennzeichen", "file plan code"),
    "four_eyes": ("Vier-Augen-Prinzip", "four eyes"),
    "kind": ("Art", "kind"),
    "refusal": ("Verweigerung gilt", "a refusal counts"),
    "template": ("Vorlage des Laufwegs", "route template"),
    "terms": ("Bedingungen", "terms"),
    "final": ("Endfassung", "final"),
    "hold": ("Löschsperre", "hold"),
    "incoming": ("Eingang", "incoming item"),
    "item": ("Eingang", "item"),
    "items": ("Eingänge", "items"),
    "keeper": ("Aktenführung", "keeper"),
    "lead": ("Federführung", "lead"),
    "medium": ("Medium", "medium"),
    "method": ("Verfahren", "method"),
    "name": ("Name", "name"),
    "new": ("neuer Eingang", "new item"),
    "note": ("Vermerk", "note"),
    "on": ("am", "on"),
    "onward": ("weiterer Weg", "way onward"),
    "opens": ("öffnet am", "opens on"),
    "process": ("Prozess-ID", "process id"),
    "product": ("Scanprodukt", "scan product"),
    "products": ("Scanprodukte", "scan products"),
    "proposal": ("Vorschlag", "proposal"),
    "protection": ("Schutzbedarf", "protection need"),
    "purpose": ("Zweck", "purpose"),
    "raw": ("Rohscan", "raw scan"),
    "reason": ("Begründung", "reason"),
    "record": ("E-Akte", "record"),
    "reference": ("Aktenzeichen", "reference"),
    "rescan": ("neu scannen", "scan again"),
    "reservation": ("mit Vorbehalt", "with a reservation"),
    "resubmission": ("Wiedervorlage", "resubmission"),
    "result": ("Ergebnis", "result"),
    "results": ("Ergebnisse je Vorgang", "results by case"),
    "retention": ("Aufbewahrung", "retention"),
    "roles": ("Rollen", "roles"),
    "run": ("Sicherungslauf", "backup run"),
    "sheets": ("Blätter", "sheets"),
    "since": ("von", "from"),
    "slip": ("E-Laufmappe", "routing slip"),
    "source": ("Herkunft", "source"),
    "station": ("Station", "station"),
    "stations": ("Stationen", "stations"),
    "stored": ("Ablage", "stored"),
    "taken_at": ("Zeitpunkt", "taken at"),
    "title": ("Titel", "title"),
    "to": ("an", "to"),
    "unit": ("Organisationseinheit", "unit"),
    "until": ("bis", "until"),
    "user": ("Person", "person"),
    "verification": ("Prüfergebnis", "verification"),
    "visual": ("Sichtprüfung", "visual check"),
}

STATIONS: dict[str, Pair] = {
    "co_sign": ("Mitzeichnung", "co-signature"),
    "final_sign": ("Schlusszeichnung", "final signature"),
    "approve": ("Freigabe", "approval"),
    "comment": ("Stellungnahme", "comment"),
    "acknowledge": ("Kenntnisnahme", "acknowledgement"),
    "resubmit": ("Wiedervorlage", "resubmission"),
    "dispatch": ("Versand", "dispatch"),
    "close": ("z.d.A.", "closing"),
    "mail": ("Posteingang", "incoming mail"),
    "resubmission": ("Wiedervorlage", "resubmission"),
    "returned": ("zurückgekommen", "came back"),
    "completed": ("fertig umgelaufen", "went round"),
}
"""Kinds of stations, and what else an inbox holds."""

STATUSES: dict[str, Pair] = {
    "planned": ("zukünftig", "to come"),
    "active": ("aktuell", "active"),
    "done": ("abgeschlossen", "done"),
    "skipped": ("übersprungen", "skipped"),
}

RESULTS: dict[str, Pair] = {
    "signed": ("gezeichnet", "signed"),
    "refused": ("verweigert", "refused"),
    "approved": ("freigegeben", "approved"),
    "commented": ("Stellung genommen", "commented"),
    "acknowledged": ("zur Kenntnis genommen", "took note"),
    "dispatched": ("versandt", "dispatched"),
    "closed": ("z.d.A. verfügt", "ordered closed"),
    "not_competent": ("nicht zuständig", "not competent"),
    "elapsed": ("Frist verstrichen", "time ran out"),
}

LEVELS: dict[str, Pair] = {
    "normal": ("normal", "normal"),
    "high": ("hoch", "high"),
    "very_high": ("sehr hoch", "very high"),
}
"""Protection need (Schutzbedarf)."""


CHOICES: dict[str, Pair] = {
    **LEVELS,
    **{reason.value: (text.de, text.en) for reason, text in REASONS.items()},
    "open": ("offen", "open"),
    "restricted": ("VS-NfD", "restricted"),
    "confidential": ("VS-Vertraulich", "confidential"),
    "secret": ("geheim", "secret"),
    "top_secret": ("streng geheim", "top secret"),
    "electronic": ("elektronisch", "electronic"),
    "hybrid": ("hybrid", "hybrid"),
    "paper": ("Papier", "paper"),
    "returned": ("zurück an den Absender", "back to the sender"),
    "A": ("A, archivwürdig", "A, of archival value"),
    "B": ("B, bewerten", "B, to be appraised"),
    "V": ("V, vernichten", "V, to be destroyed"),
    "wait": ("nach den übrigen Stationen", "after the other stations"),
    "at_once": ("sofort", "at once"),
    "existing_files": ("Bestandsakten", "existing files"),
    "incoming_mail": ("Posteingang", "incoming mail"),
    "central": ("zentral", "central"),
    "decentral": ("dezentral", "decentral"),
    "external": ("extern", "external"),
}

FIRST = (
    "sign", "approve", "acknowledge", "dispatch", "close", "comment", "refuse", "start", "resume", "accept", "assign",
    "sight", "file", "misdirect", "forward", "delegate", "work", "add_document", "prepare", "scan", "check", "seal",
    "deliver",
)  # fmt: skip
"""The most used actions, in the order in which a page shows them."""


def to_words(name: str) -> str:
    """`co_sign` as `co sign`."""
    return name.replace("_", " ")


def label(words: dict[str, Pair], key: str, language: str) -> str:
    """The label of a key in a language; without one, the key as English words."""
    pair = words.get(key)
    return to_words(key) if pair is None else pair[language != "de"]


def action_label(commands: Mapping[str, type[Command]], action: str, language: str) -> str:
    command = commands.get(action)
    found = command.LABEL.get(language) if command else ""
    return found or to_words(action)


def state(machine: Machine[Any] | None, name: str, language: str) -> str:
    german = machine.states.get(name) if machine is not None else None
    return german if language == "de" and german is not None else to_words(name)
