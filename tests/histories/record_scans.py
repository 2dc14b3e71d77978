"""Records a history of scanning: every event from arrival to the forgotten file, centres, defects, holds."""

import json
import sys
from pathlib import Path

from tests.histories.record import shown
from tests.scanning.batches.test_deletion import deleted
from tests.scanning.conftest import PEOPLE, VH, ScanOffice, raw, run_policies
from tests.workflow.conftest import person
from workflow.engine.access import Role

HERE = Path(__file__).parent


def scans(office: ScanOffice) -> None:
    """Something of everything."""
    PEOPLE.setdefault("second", person("second", Role.REGISTRAR, clearance=VH))
    office.register("clerk", clearance=VH)
    office.centre("enter", "detmold", kind="decentral", title="Detmold", carrier="br-detmold",
                  terms={"ruleset": "1.5", "paper_days": 90})  # fmt: skip
    office.centre("connect", "detmold", authority="mwide", opens="2021-01-01", closes="2030-12-31")
    office.centre("audit", "detmold", on="2021-03-01", by="Prüfstelle", result="ohne Befund")
    batch = office.batch({}, {"kind": "notarial_deed"}, {"sheets": 3}, {}, centre="detmold", sheets=9, envelopes=4)
    office.scan("otto", "receive", batch, new={"title": "Nachzügler", "sheets": 1})
    office.scan("head", "count", batch, sheets=10, reason="Nachzügler")
    office.scan("otto", "exclude", batch, item=2, reason="notarial_deed", onward="hybrid", note="an Referat 4")
    office.scan("inge", "doubt", batch, item=3, reason="Kopie?")
    office.scan("head", "clear", batch, item=3, note="Original")
    office.walk(batch, "scanned", 3, raw=raw("short", 2))
    office.scan("inge", "recount", batch, item=3, sheets=2, reason="Umschlag")
    office.scan("inge", "reject", batch, item=3, reason="blass")
    office.walk(batch, "scanned", 3)
    office.scan("ines", "rework", batch, item=3, raw=raw("brighter", 2), reason="blass")
    office.walk(batch, "sealed", 3)
    office.scan("inge", "reject_seal", batch, item=3, reason="Zertifikat")
    office.later(days=1)
    item = office.walk(batch, "acknowledged", 3)
    told = {"read_back_sha256": item.product.sha256, "note_valid": True, "seal_valid": True,
            "at": office.now.isoformat()}  # fmt: skip
    office.scan("inge", "verify", batch, item=3, verification=told)
    office.scan("clerk", "report_defect", batch, item=3, reason="blass?", rescan=False)
    office.scan("inge", "settle_defect", batch, item=3, result="lesbar")
    office.scan("head", "hold", batch, item=3, reason="Klage")
    office.scan("head", "release_hold", batch, item=3, reason="erledigt")
    office.walk(batch, "checked", 4)
    office.scan("clerk", "raise_protection", batch, item=4, protection="high", reason="Gesundheitsdaten")
    office.scan("head", "count", batch, sheets=9, reason="Umschlag mitgezählt")
    office.walk(batch, "destroyed", 3)
    office.walk(batch, "acknowledged", 4, seal="qualified")
    office.walk(batch, "destruction_due", 1)
    lost = {"sha256": office.item(batch).scan.raw.sha256, "use": "raw", "missing": True}
    office.scan("system", "report_damage", batch, item=1, files=[lost])
    office.scan("system", "report_damage", batch, item=1, files=[])
    gone = {**lost, "sha256": office.item(batch, 4).product.sha256, "use": "product"}
    office.scan("system", "report_damage", batch, item=4, files=[gone])
    deleted(office)
    assert run_policies(office.engine) == []


def main(name: str) -> None:
    office = ScanOffice("sqlite://")
    scans(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
