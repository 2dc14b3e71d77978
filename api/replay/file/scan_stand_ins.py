"""Scans, products and proofs in a replay: a sandbox has no files, so the replay says what a scan centre would make.

A step says only what is unusual: `with: {product: {pages: 3}}` is laid on the product that fits the item.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

PAGE_BYTES = 50_000


def digest(*parts: object) -> str:
    """A hash in place of a file's."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def hash_manifest(run: str) -> str:
    """A hash in place of that of what a backup's folder says of a run."""
    return digest("manifest", run)


def complete_body(
    action: str, written: Mapping[str, Any], item: Mapping[str, Any] | None, now: datetime, number: int = 0
) -> dict[str, Any]:
    """The body of a step with what it leaves unsaid; `item` as it is shown, None where only the form is checked.

    `number` tells two products of one scan apart.
    """
    shown = to_jsonable_python(item or {})
    scans = shown.get("scans") or []
    scan = scans[-1] if scans else {}
    if action in {"scan", "rework"}:
        return _overlay({"raw": _raw(action, written, shown, len(scans))}, _without_text(written, "raw"))
    if action == "seal":
        return _overlay(_sealed(shown, scan, now, number), written)
    if action == "verify":
        return _overlay({"verification": _verified(shown, now)}, written)
    return _overlay({"evidence": {"verification": _verified(shown, now), "backup": _copied(shown)}}, written)


def _raw(action: str, written: Mapping[str, Any], item: Mapping[str, Any], before: int) -> dict[str, Any]:
    said = written.get("raw") or {}
    said = {"file_name": said} if isinstance(said, str) else said
    pages = said.get("pages") or item.get("sheets") or 1
    name = said.get("file_name", f"{action}-{before + 1}.pdf")
    sha256 = digest(name if "file_name" in said else f"{item.get('id')} {name}")
    return {
        "sha256": sha256, "size": pages * PAGE_BYTES, "media_type": "application/pdf", "file_name": name,
        "pages": pages,
    }  # fmt: skip


def _sealed(item: Mapping[str, Any], scan: Mapping[str, Any], now: datetime, number: int) -> dict[str, Any]:
    raw, check = scan.get("raw") or {}, item.get("check") or {}
    at = now.isoformat()
    own = digest("product", item.get("id"), raw.get("sha256"), at, number)
    note = {
        "created_by": scan.get("by", "niemand"), "organisation": "scanstelle", "environment": "Scanner",
        "anomalies": [], "captured_at": scan.get("at", at), "qa_by": check.get("by", "niemand"),
        "qa_result": check.get("result", "nicht geprüft"), "identity": "bildlich und inhaltlich gleich",
        "raw_sha256": raw.get("sha256", digest("")), "content_sha256": digest("content", own),
    }  # fmt: skip
    seal = {
        "kind": "qualified", "signer": "Scanstelle", "certificate_sha256": digest("certificate"), "sealed_at": at,
        "timestamp_by": "Zeitstempeldienst", "timestamp_at": at,
    }  # fmt: skip
    return {
        "product": {
            "sha256": own, "size": PAGE_BYTES, "pages": raw.get("pages", 1), "note": note,
            "note_sha256": digest("note", own), "seal": seal,
        },
        "stored": {"sha256": own, "file_synced": True, "folder_synced": True, "read_back_sha256": own, "at": at},
    }  # fmt: skip


def _verified(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    product = item.get("product") or {}
    return {
        "read_back_sha256": product.get("sha256"), "note_valid": True, "seal_valid": True, "at": now.isoformat(),
    }  # fmt: skip


def _copied(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The copy in the latest backup run, None where no run holds the product."""
    runs, product = item.get("backups") or [], item.get("product") or {}
    if not runs:
        return None
    return {"run": runs[-1], "manifest_sha256": hash_manifest(runs[-1]), "read_back_sha256": product.get("sha256")}


def _without_text(written: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in written.items() if name != key or isinstance(value, dict)}


def _overlay(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`: mappings deeply, all else replaced."""
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        both[key] = _overlay(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both
