"""Somebody at a browser that runs no scripts, and an office for clerks' pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from lxml import html

from api.pages.base.visitor import derive_csrf_token
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT
from tests.workflow.conftest import HEAD
from workflow.engine.access import Protection, Role
from workflow.organisation.staff.actions import Register
from workflow.organisation.staff.member import stream

STAFF = {
    "mueller": ("case_worker", "high"), "schmidt": ("approver", "high"), "schmitz": ("case_worker", "normal"),
    "weber": ("approver", "high"), "klein": ("case_worker", "normal"), "post": ("registrar", "high"),
}  # fmt: skip
"""People of mwide: role and clearance."""


class Person:
    """Somebody at a browser that does not run scripts."""

    def __init__(self, served, user, *roles, language="en", **known):
        self.token = served.bearer(user, *roles, **known)
        self.client = httpx.Client(base_url=served.url, headers={"accept-language": language}, timeout=PATIENT)
        self.log_in()
        served.clients.append(self.client)

    def log_in(self):
        told = self.client.post("/login", data={"token": self.token, "next": "/pages/inbox"})
        assert (told.status_code, told.headers["location"]) == (303, "/pages/inbox")
        return told

    def page(self, path, status=200):
        told = self.client.get(path)
        assert told.status_code == status, told.text
        return html.fromstring(told.text)

    def send(self, path, **fields):
        return self.client.post(
            path, data={"_mark": derive_csrf_token(self.client.cookies["eva_session"]), "_key": "k1", **fields}
        )

    def submit(self, page, path, **fields):
        """Fill in the form of a page that leads to a path."""
        form = next(form for form in page.forms if form.action == path)
        filled = {name: value for name, value in form.fields.items() if name and value is not None}
        return self.client.post(path, data={**filled, **fields})

    def upload(self, path, data, name, key="u1", mark=None, **fields):
        """Bring a file as the script of the pages does."""
        mark = derive_csrf_token(self.client.cookies["eva_session"]) if mark is None else mark
        headers = {"content-type": "application/octet-stream", "x-eva-mark": mark, "idempotency-key": key}
        query = {"file_name": name, **fields}
        return self.client.post(path, params=query, content=data, headers=headers)

    def text(self, page):
        """What can be read in the main part of a page."""
        return " ".join(page.xpath("string(//main)").split())


@contextmanager
def working(folder: Path, **settings: Any) -> Iterator[Served]:
    """A server on which the staff of mwide is entered."""
    with serving(folder, **settings) as served:
        for user, (role, clearance) in STAFF.items():
            known = Register(user=user, roles=(Role(role),), authority="mwide", clearance=Protection(clearance))
            served.services.engine.handle(known, HEAD, stream(user))
        yield served


def at_work(served: Served, user: str, language: str = "de", **known: Any) -> Person:
    """One of the staff, logged in."""
    role, clearance = STAFF[user]
    return Person(served, user, role, language=language, **{"authority": "mwide", "clearance": clearance, **known})


def create_record(served: Served, title: str = "Windpark", **more: Any) -> tuple[str, str]:
    """A record of mueller's with one case; ids of both."""
    mueller = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    record = mueller.post("/records", json={"title": title, "file_plan_code": "43.21", **more}).json()["id"]
    added = mueller.post(f"/records/{record}/actions/add_case", json={"title": "Bewilligung"})
    assert added.status_code == 200, added.text
    return record, added.json()["cases"][0]["id"]


def create_slip(served: Served, *stations: Any, start: bool = True, **more: Any) -> str:
    """A routing slip of mueller's; its id."""
    mueller = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    made = mueller.post("/routing-slips", json={"title": "Bescheid", "stations": stations, **more})
    assert made.status_code == 201, made.text
    key = str(made.json()["id"])
    if start:
        started = mueller.post(f"/routing-slips/{key}/actions/start", json={})
        assert started.status_code == 200, started.text
    return key
