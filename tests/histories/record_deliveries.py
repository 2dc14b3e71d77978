"""Records a history of decisions that are delivered: issued by a system, provided, retrieved, not retrieved, sent."""

import json
import sys
from datetime import date
from pathlib import Path

from tests.histories import record_api
from tests.workflow.conftest import Office

HERE = Path(__file__).parent
ENCLOSED = [{"title": "Bescheid", "sha256": "ab" * 32}]
PROVIDED = {"recipient": "Petra Beispiel", "consent": "im Antrag vom 1. Juni 2021"}


def delivers(office: Office) -> None:
    retrieved, sent = (office.slip("dispatch klein", documents=ENCLOSED) for _ in range(2))
    for slip in (retrieved, sent):
        office.do("mueller", "start", slip)
    office.do("klein", "issue", retrieved, law="Rechtsvorschrift")
    for slip in (retrieved, sent):
        office.do("klein", "provide", slip, **PROVIDED)
    office.do("klein", "report_retrieval", retrieved, retrieved_by="Petra Beispiel", authenticated="eID")
    state = office.state(sent)
    office.later(until=date.fromordinal(state.ordered()[0].delivery.until.toordinal() + 1))
    office.do("klein", "dispatch", sent, note="als Brief")


def main(name: str) -> None:
    office = Office("sqlite://")
    delivers(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
