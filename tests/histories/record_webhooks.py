"""Records a history of webhooks: one that is deleted, one that its receiver ends."""

import json
import sys
from pathlib import Path

from api.application.catalogue import ALL
from api.application.webhooks.webhook import CreateWebhook, DeleteWebhook, EndWebhook, Redeliver
from tests.histories import record_api
from tests.workflow.conftest import HEAD, PEOPLE, Office
from workflow.engine.access import SYSTEM

HERE = Path(__file__).parent
IDS = ("0c7c2f5e-5a52-4f0e-9d5b-2b0a3b7c1d11", "7b1f6b6e-5a06-4b43-9c55-3f1f4b3c2a10")


def sets_up_webhooks(office: Office) -> None:
    made = [
        office.engine.handle(
            CreateWebhook(
                url="https://fachverfahren.example/eva", types=("slip.completed",) if number else (), webhook=name,
                subjects=("record",) if number else (), digest=record_api.digest(name),
            ),
            PEOPLE["admin"] if number else HEAD, "webhook",
        ).stream
        for number, name in enumerate(IDS)
    ]  # fmt: skip
    office.engine.handle(Redeliver(), HEAD, made[0])
    office.engine.handle(Redeliver(positions=(1, 2)), HEAD, made[1])
    office.engine.handle(DeleteWebhook(), HEAD, made[0])
    office.engine.handle(EndWebhook(), SYSTEM, made[1])


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    sets_up_webhooks(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
