"""`eva webhook`: what was not delivered, seen and tried again on the machine of the database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.application.catalogue import ALL
from api.application.webhooks.webhook import CreateWebhook
from tests.workflow.conftest import HEAD
from workflow.engine.engine import Engine
from workflow.engine.store.deliveries import DeadLetter, Receiver

AT = "2021-06-01T06:00:00.000000Z"
URL = "https://fachverfahren.example/eva"


@pytest.fixture
def webhook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One with two dead letters."""
    url, name = f"sqlite:///{tmp_path}/eva.db", str(uuid4())
    monkeypatch.setenv("EVA_DATABASE_URL", url)
    engine = Engine(url, catalogue=ALL)
    engine.handle(CreateWebhook(url=URL, webhook=name, digest="ab" * 32), HEAD, "webhook")
    first = Receiver(name, 1, AT)
    engine.deliveries.enter(first)
    for position in (5, 9):
        mine = engine.deliveries.list_receivers([name])[0]
        after = mine._replace(position=position, why="answered 500")
        engine.deliveries.put(mine, after, DeadLetter(name, position, 30, AT, "answered 500"))
    engine.close()
    return name


def test_what_was_not_delivered_is_tried_again(
    eva: Callable[..., Any], webhook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = json.loads(eva("webhook", "list", "--json").out)
    assert (row["id"], row["url"], row["position"], row["dead_letters"]) == (webhook, URL, 9, 2)
    assert (row["state"], row["in_force"], row["why"]) == ("active", True, "answered 500")
    assert eva("webhook", "list").out.split("  ")[:2] == [webhook, URL]
    assert row["why_de"] == "antwortete mit 500"
    for language, told in (
        ("de", "  aktiv  ja  9  2  antwortete mit 500"),
        ("en", "  active  yes  9  2  answered 500"),
    ):
        monkeypatch.setenv("EVA_LANG", language)
        assert told in eva("webhook", "list").out
    dead = json.loads(eva("webhook", "dead-letters", webhook, "--json").out)
    assert [(one["position"], one["attempts"], one["waiting"]) for one in dead] == [(5, 30, False), (9, 30, False)]
    assert "1 to be tried again" in eva("webhook", "redeliver", webhook, "--position", "9").out
    dead = json.loads(eva("webhook", "dead-letters", webhook, "--json").out)
    assert [one["waiting"] for one in dead] == [False, True]
    assert "2 to be tried again" in eva("webhook", "redeliver", webhook).out
    engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    asked = [row for row in engine.log.read_all() if row.type == "webhook.redelivered"]
    engine.close()
    assert [(row.actor, json.loads(row.payload or "")["positions"]) for row in asked] == [
        ("operator", [9]), ("operator", None),
    ]  # fmt: skip


def test_a_webhook_is_deleted_once(eva: Callable[..., Any], webhook: str) -> None:
    assert eva("webhook", "delete", webhook).status == 0
    assert json.loads(eva("webhook", "list", "--json").out) == []
    for command in ("delete", "redeliver", "dead-letters"):
        refused = eva("webhook", command, webhook)
        assert refused.status == 2
        assert f"there is no webhook {webhook}" in refused.err
    assert eva("views", "check").status == 0
