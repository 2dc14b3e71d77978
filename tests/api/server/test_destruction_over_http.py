"""The release gate over HTTP, with files on the disk: each condition by an item that lacks only this one (rule 24).

One server stands for all. Every item goes the whole way; what sets it apart is done by the request that people would
send, or to the files. The control takes the guard away: then the same item is let go, so it lacks nothing else.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from scanning.batches.guards import GUARDS
from scanning.capture import capture
from scanning.requirements.scan_product import TransferNote
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT
from tests.scanning import papers
from workflow.engine.machine import Guard

PAPER_DAYS = 180
VH = "very_high"
Prepare = Callable[["House"], tuple[str, int]]


class House:
    """A scan centre and an office behind one server; its clock can be set ahead."""

    def __init__(self, served: Served, backups: Path) -> None:
        self.served, self.backups = served, backups
        self.ahead = timedelta(0)
        served.services.engine.clock._source = lambda: datetime.now(UTC) + self.ahead
        self._letters = 0
        self.log_in()
        record = self.made("clerk", "/records", title="Windpark", file_plan_code="43.21", protection=VH)["id"]
        self.case = record, self.add_case(record)

    def log_in(self) -> None:
        """Tokens last a day, so whoever goes on later needs a new one."""
        roles = {"otto": "scan_operator", "inge": "scan_inspector", "clerk": "case_worker", "head": "registrar",
                 "admin": "admin"}  # fmt: skip
        self.people = {
            user: self.served.client(user, role, authority="mwide", clearance=VH) for user, role in roles.items()
        }

    def post(self, who: str, path: str, **body: Any) -> httpx.Response:
        return self.people[who].post(path, json=body)

    def made(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self.post(who, path, **body)
        assert answer.is_success, (path, body, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def act(self, batch: str, item: int, who: str, action: str, **body: Any) -> dict[str, Any]:
        """The item after an action."""
        told = self.made(who, f"/scan-batches/{batch}/actions/{action}", item=item, **body)
        return next(one for one in told["items"] if one["number"] == item)

    def item(self, batch: str, item: int) -> dict[str, Any]:
        told = self.people["otto"].get(f"/scan-batches/{batch}").json()
        return next(one for one in told["items"] if one["number"] == item)

    def add_case(self, record: str) -> str:
        case: str = self.made("clerk", f"/records/{record}/actions/add_case", title="Bescheid")["cases"][-1]["id"]
        return case

    def batch(self, items: int = 1, centre: str = "scanstelle") -> str:
        body = {"items": [{"title": "Antrag", "sheets": 1}] * items, "unit": "scan", "centre": centre}
        made: str = self.made("otto", "/scan-batches", **body)["id"]
        return made

    def scan(self, batch: str, item: int) -> dict[str, Any]:
        self._letters += 1
        self.act(batch, item, "otto", "prepare")
        file = papers.saved(papers.page(f"Antrag {self._letters}"), "TIFF", compression="group4")
        path = f"/scan-batches/{batch}/items/{item}/content?file_name=brief.tif"
        answer = self.people["otto"].put(path, content=file, headers={"content-type": "image/tiff"})
        assert answer.status_code == 200, answer.text
        return self.item(batch, item)["scans"][-1]

    def deliver(self, batch: str, item: int) -> None:
        self.act(batch, item, "otto", "seal")
        self.act(batch, item, "otto", "deliver")

    def file(self, batch: str, item: int, case: tuple[str, str] | None = None) -> None:
        delivery = self.item(batch, item)["delivery"]
        record, inside = case or self.case
        path = f"/mail-folders/{delivery['folder']}/actions"
        for action, more in (("sight", {}), ("assign", {"to": "clerk"}), ("file", {"record": record, "case": inside})):
            self.made("clerk", f"{path}/{action}", item=delivery["mail_item"], **more)

    def back_up(self) -> None:
        assert self.served.services.files is not None
        self.served.services.files.services.maintenance.backup(self.backups)

    def acknowledged(self, case: tuple[str, str] | None = None) -> tuple[str, int]:
        """An item in a batch of its own, filed as a document."""
        batch = self.batch()
        self.scan(batch, 1)
        self.act(batch, 1, "inge", "check")
        self.deliver(batch, 1)
        self.file(batch, 1, case)
        self.wait(batch, 1, "acknowledged")
        return batch, 1

    def wait(self, batch: str, item: int, state: str) -> None:
        """By the policies and timers of the server, without anybody asking."""
        end = time.monotonic() + PATIENT
        while (found := self.item(batch, item)["state"]) != state:
            assert time.monotonic() < end, found
            time.sleep(0.05)

    def release(self, batch: str, item: int, who: str = "head") -> httpx.Response:
        return self.post(who, f"/scan-batches/{batch}/actions/release_destruction", item=item)

    def destroy(self, batch: str, item: int, who: str = "otto") -> httpx.Response:
        return self.post(who, f"/scan-batches/{batch}/actions/destroy", item=item, method="DIN 66399 P-4")

    def get_file(self, batch: str, item: int) -> tuple[Path, Path]:
        """The product and its copy in the backup."""
        assert self.served.services.files is not None
        sha: str = self.item(batch, item)["product"]["sha256"]
        inside = Path("objects", sha[:2], sha[2:4], sha)
        return self.served.services.files.store.root / inside, self.backups / inside


def checked_outside_the_sample(house: House) -> tuple[str, int]:
    """Where high need asks for a full check, as version 1.5 has it, and for no timestamp."""
    for action, more in (("enter", {"kind": "central", "title": "Detmold", "carrier": "mwide",
                                    "terms": {"ruleset": "1.5"}}),
                         ("connect", {"authority": "mwide", "opens": "2021-01-01"})):  # fmt: skip
        house.made("admin", f"/scan-centres/detmold/actions/{action}", **more)
    batch = house.batch(8, "detmold")
    number = next(number for number in range(1, 9) if not house.scan(batch, number)["drawn"])
    house.act(batch, number, "inge", "check", visual=False)
    house.deliver(batch, number)
    house.file(batch, number)
    house.wait(batch, number, "acknowledged")
    return batch, number


def not_backed_up(house: House) -> tuple[str, int]:
    """As `acknowledged`, and listed as what comes after the last run."""
    return house.acknowledged()


def held_with_its_record(house: House) -> tuple[str, int]:
    record = house.made("clerk", "/records", title="Klage", file_plan_code="43.21", protection=VH)["id"]
    return house.acknowledged((record, house.add_case(record)))


def with_another_note(house: House) -> tuple[str, int]:
    """Sealed by a program at fault: the product has another transfer note than the log."""
    seal = capture.append_note_and_seal

    def exchange(content: bytes, note: TransferNote, *more: Any) -> Any:
        return seal(content, note.model_copy(update={"environment": "ein anderer Scanner"}), *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(capture, "append_note_and_seal", exchange)
        return house.acknowledged()


def without_proof_of_storage(house: House) -> tuple[str, int]:
    """Stored on a disk that did not say that the folder was synced, and delivered by a machine without that guard."""
    assert house.served.services.files is not None
    store = house.served.services.files.store
    put = store.put
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put", lambda data: put(data)._replace(folder_synced=False))
        batch = house.batch()
        house.scan(batch, 1)
        house.act(batch, 1, "inge", "check")
        house.act(batch, 1, "otto", "seal")
    refused = house.post("otto", f"/scan-batches/{batch}/actions/deliver", item=1)
    assert (refused.status_code, refused.json()["guard"]) == (409, "stored")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(GUARDS, "stored", Guard(lambda _: True, "", ""))
        house.act(batch, 1, "otto", "deliver")
    house.file(batch, 1)
    house.wait(batch, 1, "acknowledged")
    return batch, 1


BEFORE: dict[str, Prepare] = {
    "nothing": House.acknowledged, "check": checked_outside_the_sample, "complete": House.acknowledged,
    "seal": House.acknowledged, "copy": House.acknowledged, "product": House.acknowledged,
    "note": with_another_note, "stored": without_proof_of_storage, "verified": House.acknowledged,
    "defect": House.acknowledged, "hold": House.acknowledged, "record": held_with_its_record,
    "case": held_with_its_record, "release": House.acknowledged, "backup": not_backed_up,
}  # fmt: skip
"""What an item will lack -> what takes it to its acknowledgement; `backup` after the only run."""


def flip(path: Path) -> None:
    path.chmod(0o640)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 4
    path.write_bytes(whole)


def case_of(house: House, batch: str, item: int) -> tuple[str, str]:
    known = house.item(batch, item)["acknowledgement"]
    return known["record"], known["case"]


def hold(house: House, batch: str, item: int, *, case: bool) -> None:
    record, inside = case_of(house, batch, item)
    more = {"case": inside} if case else {}
    house.made("head", f"/records/{record}/actions/hold", reason="Verwaltungsgericht", **more)


def raise_need(house: House, batch: str, item: int, need: str) -> None:
    house.act(batch, item, "clerk", "raise_protection", protection=need, reason="Gesundheitsdaten")


def leave(_: House, _batch: str, _item: int) -> None:
    """It lacks it already."""


def count(house: House, batch: str, _: int) -> None:
    house.made("inge", f"/scan-batches/{batch}/actions/count", sheets=3, reason="zwei Blätter lagen daneben")


def verify_a_change(house: House, batch: str, item: int) -> None:
    """An inspector verified the product while it was changed; put back, it was found well, but not verified again."""
    product = house.get_file(batch, item)[0]
    flip(product)
    house.act(batch, item, "inge", "verify")
    flip(product)
    assert house.served.services.files is not None
    house.served.services.files.services.maintenance.fixity()


LACKING: dict[str, tuple[str, Callable[[House, str, int], object]]] = {
    "check": ("qa_passed", partial(raise_need, need="high")),
    "complete": ("complete", count),
    "seal": ("sealed_enough", partial(raise_need, need=VH)),
    "backup": ("backed_up", leave),
    "copy": ("backed_up", lambda house, batch, item: flip(house.get_file(batch, item)[1])),
    "product": ("files_intact", lambda house, batch, item: flip(house.get_file(batch, item)[0])),
    "note": ("note_valid", leave),
    "stored": ("stored", leave),
    "verified": ("read_back", verify_a_change),
    "defect": ("no_defect", partial(House.act, who="clerk", action="report_defect", reason="blass", rescan=False)),
    "hold": ("no_hold", partial(House.act, who="head", action="hold", reason="Klage")),
    "record": ("file_not_held", partial(hold, case=False)),
    "case": ("file_not_held", partial(hold, case=True)),
}
"""What an item lacks -> the guard that says so, and what takes it away once the paper is due."""
NOT_LET_GO_EVEN_SO = {"backup": 422, "copy": 422, "product": 409, "verified": 409}
"""Without their guard these still fail: the protocol names the run, a changed product is no product, and whoever found
it changed found no valid note in it.
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, tuple[str, int]]]]:
    """All items with their paper due, but one that was delivered only and one whose period runs."""
    folder = tmp_path_factory.mktemp("haus")
    with serving(folder, test_seals_count=True, timer_seconds=0.1, fixity_hours=0) as served:
        house = House(served, tmp_path_factory.mktemp("sicherung"))
        items = {}
        for name, prepare in BEFORE.items():
            if name == "backup":
                house.back_up()
            items[name] = prepare(house)
        batch = house.batch()
        house.scan(batch, 1)
        house.act(batch, 1, "inge", "check")
        house.deliver(batch, 1)
        items["acknowledged"] = batch, 1
        house.ahead = timedelta(days=PAPER_DAYS + 10)
        house.log_in()
        for name in BEFORE:
            house.wait(*items[name], "destruction_due")
        items["period"] = house.acknowledged()
        yield house, items


@pytest.mark.parametrize("what", LACKING)
def test_an_item_that_lacks_only_this_is_not_let_go(
    house: tuple[House, dict[str, tuple[str, int]]], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, (batch, item) = house[0], house[1][what]
    guard, take_away = LACKING[what]
    take_away(here, batch, item)
    refused = here.release(batch, item)
    assert (refused.status_code, refused.json().get("guard")) == (409, guard), refused.text
    assert here.item(batch, item)["state"] == "destruction_due"
    assert here.destroy(batch, item).status_code == 409
    monkeypatch.setitem(GUARDS, guard, Guard(lambda _: True, "", ""))
    control = here.release(batch, item)
    assert control.status_code == NOT_LET_GO_EVEN_SO.get(what, 200), control.text
    if what == "product":
        assert control.json()["guard"] == "read_now"


def test_what_was_not_acknowledged_or_whose_period_runs_is_not_let_go(
    house: tuple[House, dict[str, tuple[str, int]]],
) -> None:
    here, items = house
    for what, state in (("acknowledged", "delivered"), ("period", "acknowledged")):
        refused = here.release(*items[what])
        assert (refused.status_code, refused.json()["state"]) == (409, state)


def test_only_after_a_release_of_its_own_by_somebody_else(house: tuple[House, dict[str, tuple[str, int]]]) -> None:
    here, (batch, item) = house[0], house[1]["release"]
    refused = here.destroy(batch, item)
    assert (refused.status_code, refused.json()["guard"]) == (409, "released")
    assert here.release(batch, item).status_code == 200
    own = here.destroy(batch, item, who="head")
    assert (own.status_code, "von einer anderen Person" in own.json()["detail"]) == (403, True)
    assert here.destroy(batch, item).status_code == 200


def test_what_lacks_nothing_is_let_go(house: tuple[House, dict[str, tuple[str, int]]]) -> None:
    here, (batch, item) = house[0], house[1]["nothing"]
    assert here.release(batch, item).status_code == 200
    assert here.destroy(batch, item).json()["items"][0]["state"] == "destroyed"
