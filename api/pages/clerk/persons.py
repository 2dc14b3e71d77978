"""Finding a person by the beginning of their name, for fields that name somebody."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn, Visitor
from api.server.http.request import json_response
from workflow.engine.access import ROLE_NAMES, Protection
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream

router = create_page_router()
MOST_FOUND = 12
MOST_LOOKED_AT = 400
"""Persons of other authorities have names that begin alike."""
Beginning = Annotated[str, Query(alias="q", max_length=120)]


@router.get("/pages/persons")
def find_persons(who: LoggedIn, beginning: Beginning = "") -> Response:
    """Those who work here and whose names begin so: name, and roles in words."""
    found = search_persons(who, beginning)
    return json_response([{"name": one.user, "roles": describe_roles(one, who.language)} for one in found])


def search_persons(who: Visitor, beginning: str) -> list[StaffMember]:
    """Of the visitor's authority, by name, so many at most."""
    wanted = beginning.strip().casefold()
    if not wanted.isprintable():
        return []
    found: list[StaffMember] = []
    visibility = who.services.resources.visibility
    streams = who.services.engine.log.streams("staff", after=_before(wanted), most=MOST_LOOKED_AT)
    for stream in streams:
        if not stream.startswith(staff_stream(wanted)) or len(found) == MOST_FOUND:
            break
        entry = visibility.get_entry(stream)
        shown = None if entry is None else visibility.show(stream, entry.state, who.holder)
        if shown is not None and shown.state != "left":
            found.append(shown)
    return found


def _before(text: str) -> str:
    """A text before all that begin with this one, and behind nearly all others."""
    return text[:-1] + chr(ord(text[-1]) - 1) + "\U0010ffff" if text and ord(text[-1]) > ord(" ") + 1 else ""


def describe_roles(member: StaffMember, language: str) -> str:
    names = ", ".join(sorted(ROLE_NAMES[role].get(language) for role in member.roles))
    if member.clearance is Protection.NORMAL:
        return names
    level = {"high": ("hoch", "high"), "very_high": ("sehr hoch", "very high")}[member.clearance.value]
    return f"{names}; {'Freigabe' if language == 'de' else 'clearance'} {level[language != 'de']}"
