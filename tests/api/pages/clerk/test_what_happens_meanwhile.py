"""A form is refused for what somebody has changed since the page was shown, and for nothing else."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.pages.person import Person, at_work, create_slip, working
from tests.api.server_in_thread import Served

BOTH = {"parallel": [{"kind": "co_sign", "actor": "klein"}, {"kind": "co_sign", "actor": "schmidt"}]}
MOVED_ON = "Inzwischen hat jemand anders hier etwas geändert."


def path(slip: str) -> str:
    return f"/pages/things/routing-slips/{slip}"


def sign_after(person: Person, slip: str, meanwhile: Callable[[], object]) -> httpx.Response:
    """What becomes of signing on a page that was opened before something happened."""
    page = person.page(path(slip))
    meanwhile()
    return person.submit(page, f"{path(slip)}/sign", note="einverstanden")


def act(served: Served, user: str, slip: str, action: str, **body: object) -> None:
    role = "case_worker" if user in {"mueller", "klein"} else "approver"
    done = served.client(user, role, authority="mwide", clearance="high").post(
        f"/routing-slips/{slip}/actions/{action}", json=body
    )
    assert done.status_code == 200, done.text


def test_a_deadline_that_passes_meanwhile_refuses_no_form(tmp_path: Path) -> None:
    with working(tmp_path, timer_seconds=0) as served:
        slip = create_slip(served, {"kind": "co_sign", "actor": "klein", "deadline": "2020-11-20"})
        engine = served.services.engine
        told = sign_after(at_work(served, "klein"), slip, engine.fire)
        types = [row.type for row in engine.log.read(f"routing-slip:{slip}")]
    assert told.status_code == 303
    assert {"slip.reminded", "slip.escalated"} < set(types)


def test_a_colleague_beside_who_signs_meanwhile_refuses_no_form(served: Served) -> None:
    slip = create_slip(served, BOTH, {"kind": "final_sign", "actor": "weber"})
    told = sign_after(at_work(served, "klein"), slip, lambda: act(served, "schmidt", slip, "sign"))
    assert told.status_code == 303


@pytest.mark.parametrize("said", [{"note": "siehe Seite 3"}, {"note": "nur wenn", "reservation": True}])
def test_what_a_colleague_has_said_meanwhile_is_read_first(served: Served, said: dict[str, object]) -> None:
    slip = create_slip(served, BOTH, {"kind": "final_sign", "actor": "weber"})
    klein = at_work(served, "klein")
    told = sign_after(klein, slip, lambda: act(served, "schmidt", slip, "sign", **said))
    assert (told.status_code, MOVED_ON in told.text) == (409, True)
    assert str(said["note"]) in told.text, "and there it is"


def test_what_the_owner_has_changed_meanwhile_is_read_first(served: Served) -> None:
    slip = create_slip(served, {"kind": "co_sign", "actor": "klein"})

    def stop_and_go() -> None:
        act(served, "mueller", slip, "pause")
        act(served, "mueller", slip, "resume")

    told = sign_after(at_work(served, "klein"), slip, stop_and_go)
    assert (told.status_code, MOVED_ON in told.text) == (409, True)


def test_what_was_done_meanwhile_in_another_window_is_told_as_such(served: Served) -> None:
    slip = create_slip(served, {"kind": "co_sign", "actor": "klein"}, {"kind": "final_sign", "actor": "weber"})
    told = sign_after(at_work(served, "klein"), slip, lambda: act(served, "klein", slip, "sign"))
    assert told.status_code == 409
    assert MOVED_ON not in told.text, "they did it themselves"
