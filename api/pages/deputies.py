"""Who deputises for the visitor and when: appointed and revoked; and for whom the visitor deputises."""

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor, get_command_id
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream
from workflow.organisation.working_days import local_day, start_of
from workflow.text import Text

router = create_page_router()
ACTIONS = frozenset({"appoint_deputy", "revoke_deputy"})


@router.get("/pages/deputies")
def show_deputies(who: LoggedIn) -> Response:
    return _render(who, {})


@router.post("/pages/deputies/{action}")
def change_deputies(who: LoggedIn, form: OwnForm, action: str) -> Response:
    """Appoint or revoke; on a refusal show the page again with the reason."""
    if action not in ACTIONS:
        raise NotFound("action", action[:100])
    user, service = who.holder.user, who.services.resources
    try:
        body: dict[str, Any] = {"user": user} | (
            {"appointment": form.get("appointment", "")} if action == "revoke_deputy" else _read_appointment(form)
        )
        service.act("staff", user, action, body, who.holder, command_id=get_command_id(who.holder, form))
    except (StoreUnavailable, NotFound):
        raise
    except EvaError as wrong:
        return _render(who, form, explain(wrong, who.language))
    return redirect(f"/pages/deputies?done={action}")


def _read_appointment(form: Form) -> dict[str, str]:
    """From the beginning of the first day to the end of the last one; `InvalidCommand` for what is no day."""
    instants = {}
    for name, days in (("since", 0), ("until", 1)):
        try:
            instants[name] = start_of(date.fromisoformat(form.get(name, "")) + timedelta(days)).isoformat()
        except (ValueError, OverflowError) as wrong:
            raise InvalidCommand([(f"/{name}", Text("ist kein Tag", "is no day"))]) from wrong
    return {"deputy": form.get("deputy", "").strip(), **instants}


def _render(who: Visitor, form: Form, wrong: str = "") -> Response:
    now = who.services.engine.clock()
    entry = who.services.resources.visibility.get_entry(staff_stream(who.holder.user))
    member = entry.state if entry is not None and isinstance(entry.state, StaffMember) else None
    appointments = [one for one in member.deputies if one.until > now] if member else []
    return render_page(
        who, "deputies.html.j2", 409 if wrong else 200, here_is="inbox", wrong=wrong, form=form, entered=member,
        appointments=appointments, absent_ones=who.services.views.list_absent(who.holder), now=now,
        done=who.request.query_params.get("done", ""), today=local_day(now).isoformat(),
        last_day=lambda one: local_day(one.until - timedelta(seconds=1)),
    )  # fmt: skip
