"""Events as sentences on the web pages."""

from collections.abc import Mapping
from typing import Any

from api.pages.labels import RESULTS, Pair, label
from workflow.engine.machine import Machine

EVENTS: dict[str, Pair] = {
    "record.created": ("angelegt", "created"),
    "slip.created": ("angelegt", "created"),
    "slip.protocol_filed": ("Laufwegprotokoll veraktet", "filed the route protocol"),
    "slip.filed": ("veraktet, Laufwegprotokoll abgelegt", "filed the route protocol"),
    "slip.station_activated": ("Station an der Reihe", "a station became active"),
    "slip.station_recalled": ("Station zurückgeholt", "recalled a station"),
    "mail.folder_opened": ("Postmappe angelegt", "opened the folder"),
    "mail.item_received": ("eingegangen", "came in"),
    "mail.item_assigned": ("zugewiesen", "assigned"),
    "record.changed": ("Metadaten geändert", "changed metadata"),
    "record.offered": ("dem Archiv angeboten", "offered to the archive"),
    "record.deletion_requested": ("Löschung beantragt", "asked for deletion"),
    "record.transfer_failed": ("Abgabe gescheitert", "the transfer failed"),
    "record.preappraised": ("vorab bewertet", "appraised in advance"),
    "slip.station_skipped": ("Station übersprungen", "skipped a station"),
    "slip.note_added": ("Vermerk hinzugefügt", "added a note"),
    "scan.batch_created": ("Charge angelegt", "created the batch"),
    "scan.batch_counted": ("neu gezählt", "counted anew"),
    "scan.item_received": ("eingegangen", "came in"),
    "scan.file_scanned": ("Datei gescannt", "scanned a file"),
    "scan.item_excluded": ("vom Scannen ausgeschlossen", "excluded from scanning"),
    "scan.defect_reported": ("Mangel gemeldet", "reported a defect"),
    "scan.mail_delivered": ("Zustellung vermerkt", "noted the delivery"),
    "scan.centre_entered": ("Scanstelle eingetragen", "entered the scan centre"),
    "scan.client_connected": ("Auftraggeber angeschlossen", "connected a client"),
    "scan.centre_audited": ("Audit eingetragen", "entered an audit"),
    "scan.backup_recorded": ("Datensicherung eingetragen", "recorded a backup"),
    "content.erased": ("Datei gelöscht", "erased a file"),
    "log.payloads_erased": ("Inhalte gelöscht", "erased contents"),
}
"""Events without one row whose sentence describes them."""


def describe_event(machine: Machine[Any] | None, event: Mapping[str, Any], language: str) -> str:
    """An event in words: the sentence of its row, or its type where several rows with different sentences record it."""
    kind, data = str(event["type"]), event.get("data") or {}
    if kind == "slip.station_done" and data.get("result"):
        return label(RESULTS, str(data["result"]), language)
    if kind in EVENTS:
        return label(EVENTS, kind, language)
    sentences = {
        row.de if language == "de" else row.en for row in (machine.table if machine else ()) if row.event == kind
    }
    return sentences.pop() if len(sentences) == 1 else kind
