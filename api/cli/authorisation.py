"""The list of who may do what, written from the actions of the resources: `docs/reference/authorisation.csv`."""

import csv
import io
import sys
from pathlib import Path

from api.application.resources import RESOURCES
from api.application.run import PLANNERS
from workflow.engine.access import HUMANS, Role

READING = ("list", "show", "actions", "history")
OF_RUNS = "of the own authority; runs for all authorities for those who act for all"
OTHERS = (
    ("events", "read", HUMANS, "what one may know of"),
    ("events", "stream", HUMANS, "what one may know of"),
    ("cockpit", "show", HUMANS, "what one may know of"),
    ("inbox", "show", HUMANS, "the own one, or the absent person's as deputy"),
    ("me", "show", HUMANS, "oneself"),
    ("state-machines", "show", HUMANS, "the tables are no secret"),
    ("intake", "channels", HUMANS, "the rules of the channels are no secret"),
    ("scan-counts", "show", HUMANS, "of the batches that one may know of"),
    ("scan-content", "show", HUMANS, "of the batches that one may know of"),
    (
        "disposal-message",
        "show",
        HUMANS,
        "of the records that one may know of; 0503: and every slip in it by clearance",
    ),
    ("scenarios", "list", HUMANS, "the shipped files are no secret"),
    ("scenarios", "show", HUMANS, "the shipped files are no secret"),
    ("scenarios", "check", HUMANS, "looks at nothing but what is sent"),
    ("runs", "list", PLANNERS, OF_RUNS),
    ("runs", "show", PLANNERS, OF_RUNS),
    ("runs", "progress", PLANNERS, OF_RUNS),
    ("runs", "table", PLANNERS, OF_RUNS),
    ("sandboxes", "list", HUMANS, "the own ones"),
    ("sandboxes", "show", HUMANS, "the own ones, and for the people of a sandbox that one; within it the rows above"),
    ("sandboxes", "requests", HUMANS, "of the own ones"),
    ("sandboxes", "timers", HUMANS, "of the own ones"),
    ("metrics", "show", frozenset({Role.AUDITOR, Role.ADMIN}), "numbers of the whole server"),
)
"""Operations that belong to no resource."""


def render() -> str:
    """The list as CSV: resource, action, roles, why."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("resource", "action", "roles", "why"))
    for resource in RESOURCES.values():
        lines.writerows((resource.name, what, "everyone", resource.audience) for what in READING)
        actions = resource.commands.items()
        lines.writerows((resource.name, name, _who(command.open_to()), command.sources()) for name, command in actions)
    lines.writerows((name, what, _who(roles), why) for name, what, roles, why in OTHERS)
    return text.getvalue()


def _who(roles: frozenset[Role]) -> str:
    return "everyone" if roles >= HUMANS else " ".join(role for role in Role if role in roles)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
