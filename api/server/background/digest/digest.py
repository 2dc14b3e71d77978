"""The daily e-mail of one person: when it is due, what is recorded before it is sent, and what after.

That it was sent is recorded before it is: where a process is lost in between, one is missing, and the next one says all
that still waits; the other way round, people would get the same one twice. Where the server has not taken it, it is
recorded as not sent and tried again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

from api.application.notices.notices import Notices
from api.server.background.digest.addresses import Addressee
from api.server.background.digest.message import Content, write_message
from api.server.background.digest.sending import Outcome, Result
from api.settings import Smtp
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.engine.fields import BERLIN
from workflow.engine.pending import stamp
from workflow.engine.store.deliveries import Receiver
from workflow.engine.store.persons.seen import Way
from workflow.organisation.staff.member import StaffMember, stream
from workflow.organisation.working_days import is_working, local_day

LOG = logging.getLogger("eva.digest")
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""After a failure, and after many."""
Send = Callable[[EmailMessage, Smtp], Result]


def name_receiver(user: str) -> str:
    return f"digest:{user}"


def find_next(now: datetime, hour: int) -> datetime:
    """The next time, on a working day, at that hour in Germany."""
    day = local_day(now)
    while not is_working(day) or datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN) <= now:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN)


class Digest:
    def __init__(self, engine: Engine, notices: Notices, smtp: Smtp, send: Send) -> None:
        self._engine = engine
        self._notices = notices
        self._smtp = smtp
        self._send = send

    def enter(self, user: str) -> None:
        """Have somebody get one from the next time on."""
        now = self._engine.clock()
        due = stamp(find_next(now, self._smtp.hour))
        self._engine.seen.keep(user, Way.E_MAIL, stamp(now))
        self._engine.deliveries.enter(Receiver(name_receiver(user), 0, due))

    def take_turn(self, to: Addressee, receiver: Receiver) -> None:
        """Send what there is to somebody whose time has come; nothing where another process does."""
        now = self._engine.clock()
        sent = Receiver(receiver.name, 0, stamp(find_next(now, self._smtp.hour)))
        content = self._collect(to.user)
        if not self._engine.deliveries.put(receiver, sent) or content is None:
            return
        message = write_message(to, content, self._smtp.sender, self._link(), now)
        result = self._send(message, self._smtp)
        if result.outcome is Outcome.LATER:
            self._try_again(receiver, sent, result.why)
            return
        self._engine.seen.keep(to.user, Way.E_MAIL, stamp(now))
        if result.outcome is Outcome.SENT:
            LOG.info("sent", extra={"user": to.user})
        else:
            LOG.error("not sent", extra={"user": to.user, "outcome": result.outcome.value, "why": result.why})

    def _collect(self, user: str) -> Content | None:
        """None where there is nothing to say, or nobody to say it to."""
        member = self._engine.find(stream(user), StaffMember)
        if member is None or member.state == "left":
            LOG.warning("not on the staff", extra={"user": user})
            return None
        actor = Actor(user, member.roles, member.authority, member.clearance)
        since = max(self._notices.read_seen(actor), self._engine.seen.read(user, Way.E_MAIL))
        waiting, overdue = self._notices.count_waiting(actor)
        new = [notice for notice in self._notices.list(actor, since) if notice.new]
        return Content(waiting, overdue, self._notices.count(actor, since), new) if waiting or new else None

    def _link(self) -> str | None:
        return None if self._smtp.url is None else f"{self._smtp.url.rstrip('/')}/pages/inbox"

    def _try_again(self, receiver: Receiver, sent: Receiver, why: str) -> None:
        """As it was before, but for when it is due."""
        pause = min(FIRST_PAUSE * 2 ** min(receiver.attempts, 10), LONGEST_PAUSE)
        later = stamp(self._engine.clock() + pause)
        self._engine.deliveries.put(sent, receiver._replace(at=later, attempts=receiver.attempts + 1, why=why))
        LOG.warning("not sent yet", extra={"receiver": receiver.name, "attempts": receiver.attempts + 1, "why": why})
