"""An auditor who reads nothing but the log: what must never have happened, told from the payloads alone.

Knows neither the machine nor its guards; written from the rules (rule 24, the release gate) for tests to lean on.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
VOID = {
    "scan.item_scanned", "scan.item_reworked", "scan.item_rejected", "scan.seal_rejected", "scan.item_cleared",
}  # fmt: skip
"""What makes a product, and all that rests on it, void."""


class Auditor:
    """Reads rows in order; `findings` grows by a line for everything that should not be."""

    def __init__(self) -> None:
        self.findings: list[str] = []
        self.position = 0
        self.batches: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.documents: dict[str, list[str]] = defaultdict(list)
        self.delivered: dict[str, int] = defaultdict(int)

    def read(self, log: Any) -> list[str]:
        """All that is new in a log."""
        while rows := list(log.read_all(self.position)):
            for row in rows:
                self._row(row)
        return self.findings

    def _row(self, row: Any) -> None:
        self.position = row.position
        if row.payload is None:
            return
        data, stream = json.loads(row.payload), row.stream
        if row.type == "record.document_added" and (data["source"] or "").startswith("mail-folder:"):
            sha = data["version"]["sha256"]
            self.documents[sha].append(data["source"])
            if len(self.documents[sha]) > 1:
                self._find(row, f"document {sha[:8]} filed twice")
        if row.type == "scan.batch_created":
            self.batches[stream] = {**data, "backups": set()}
        elif row.type == "scan.batch_counted":
            self.batches[stream]["sheets"] = data["sheets"]
        elif row.type == "scan.backup_recorded":
            self.batches[stream]["backups"] |= set(data["products"])
        elif row.type == "scan.item_received":
            new = data["new"]
            self.items[stream][data["item"]] = {
                "declared": new["sheets"], "sheets": new["sheets"], "holds": set(), "defects": {}, "product": None,
                "ack": None, "released": None, "makers": set(), "raw": None, "excluded": False, "destroyed": False,
                "original": new["return_obliged"] or new["kind"] == "notarial_deed",
            }  # fmt: skip
        elif row.type.startswith("scan.") and stream.startswith("scan-batch:"):
            self._item(row, self.items[stream][data["item"]], data, self.batches[stream])

    def _item(  # noqa: PLR0912 - one case for each event
        self, row: Any, item: dict[str, Any], data: dict[str, Any], batch: dict[str, Any]
    ) -> None:
        if row.type in VOID or (row.type == "scan.defect_reported" and data["rescan"]):
            item.update(product=None, ack=None, released=None)
        match row.type:
            case "scan.item_prepared":
                item.update(sheets=data["sheets"], preparer=data["by"])
            case "scan.item_recounted":
                item["sheets"] = data["sheets"]
            case "scan.item_scanned":
                item.update(raw=data["raw"], scanned=data["sheets"], makers={data["by"]})
            case "scan.item_reworked":
                item.update(raw=data["raw"])
                item["makers"].add(data["by"])
            case "scan.item_checked":
                item["checker"] = data["by"]
            case "scan.item_sealed":
                item.update(product=data["product"], stored=data["stored"], verified=None)
            case "scan.item_verified":
                item["verified"] = data["verification"]
            case "scan.item_delivered":
                self.delivered[data["sha256"]] += 1
                if self.delivered[data["sha256"]] > 1:
                    self._find(row, "the same product was delivered twice")
            case "scan.item_acknowledged":
                item["ack"] = (data, _day(row))
                item["defects"] = {k: raw for k, raw in item["defects"].items() if raw == item["raw"]["sha256"]}
                if not self.documents.get(data["sha256"]) or data["sha256"] != item["product"]["sha256"]:
                    self._find(row, "acknowledged without a filed document of the same hash")
            case "scan.defect_reported":
                item["defects"][data["defect"]] = item["raw"]["sha256"]
                item["released"] = None
            case "scan.defect_settled":
                del item["defects"][data["defect"]]
            case "scan.hold_set":
                item["holds"].add(data["hold"])
            case "scan.hold_released":
                item["holds"].remove(data["hold"])
            case "scan.item_forgotten":
                pass
            case "scan.item_excluded":
                item["excluded"] = True
            case "scan.destruction_released":
                item["released"] = data["by"]
            case "scan.item_destroyed":
                self._destroyed(row, item, data, batch)

    def _destroyed(self, row: Any, item: dict[str, Any], data: dict[str, Any], batch: dict[str, Any]) -> None:
        product, ack, stored = item["product"], item["ack"], item.get("stored")
        makers = {*item["makers"], item.get("preparer")}
        mine = list(self.items[row.stream].values())
        came = batch["sheets"] if batch["sheets"] is not None else sum(other["declared"] for other in mine)
        later = item.get("verified")
        wrong = {
            "twice": item["destroyed"],
            "no document of that hash": not self.documents.get(data["sha256"]),
            "another product": product is None or product["sha256"] != data["sha256"],
            "under hold": bool(item["holds"]),
            "with an open defect": bool(item["defects"]),
            "before the period": ack is None or _day(row) <= ack[1] + timedelta(days=batch["terms"]["paper_days"]),
            "although excluded or to be returned": item["excluded"] or item["original"],
            "without backup": data["sha256"] not in batch["backups"],
            "released by a maker, or by nobody": item["released"] in {None, *makers},
            "released and done by one": item["released"] == data["by"],
            "not stored": stored is None or not (
                stored["file_synced"] and stored["folder_synced"]
                and stored["sha256"] == stored["read_back_sha256"] == data["sha256"]
            ),
            "found changed": later is not None and later["read_back_sha256"] != data["sha256"],
            "sheets do not agree": came != sum(other["sheets"] for other in mine)
            or item["scanned"] != item["sheets"],
        }  # fmt: skip
        item["destroyed"] = True
        for what, is_so in wrong.items():
            if is_so:
                self._find(row, f"destroyed {what}")

    def _find(self, row: Any, what: str) -> None:
        self.findings.append(f"{row.position} {row.stream}: {what}")


def _day(row: Any) -> Any:
    return datetime.fromisoformat(row.time).astimezone(BERLIN).date()
