"""Whether a form is still good though its thing has moved on since the page was shown.

A deadline that passes, or a colleague at a station beside one's own, changes nothing that the person has decided on,
and they would not know what "somebody has changed something" should mean. Whether the action is allowed is decided by
the newest state in any case. What somebody else has said or changed is to be read first.
"""

from api.application.visibility import read_data
from workflow.engine.access import SYSTEM
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log
from workflow.engine.store.timers import FIRED
from workflow.routing_slips.events import Result

MOST = 50
"""Events looked at; a page that is older than these is shown again."""
TURNS = frozenset({"slip.station_activated", "slip.station_opened"})
"""Events that say whose turn it is, and who looks at it."""
READ_FIRST = frozenset({Result.REFUSED, Result.NOT_COMPETENT})
"""Results of others to be read before one decides."""


def is_still_good(log: Log, stream: str, shown: int, now: int) -> bool:
    """Whether all that happened from version `shown` to version `now` leaves a form as good as it was."""
    if not 0 < now - shown <= MOST:
        return False
    rows = log.read(stream, after=shown, most=now - shown)
    return len(rows) == now - shown and all(_leaves_it_good(row) for row in rows)


def _leaves_it_good(row: Recorded) -> bool:
    by_timer = row.actor == SYSTEM.user and row.command_id.startswith(FIRED)
    if by_timer or row.type in TURNS:
        return True
    data = read_data(row)
    if row.type != "slip.station_done" or data is None:
        return False
    return not data["note"] and not data["reservation"] and data["result"] not in READ_FIRST
