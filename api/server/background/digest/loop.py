"""The loop that has daily e-mails sent, one after the other, to everybody in the file of addresses."""

import logging

from api.application.notices.notices import Notices
from api.server.background.digest.addresses import read_addresses
from api.server.background.digest.digest import Digest, Send, name_receiver
from api.server.background.digest.sending import send
from api.server.background.loop import Loop, Stopping
from api.settings import Smtp
from workflow.engine.engine import Engine
from workflow.engine.pending import stamp

LOG = logging.getLogger("eva.digest")
SECONDS = 30.0
"""From one look at the clock to the next."""


class DigestLoop(Loop):
    def __init__(
        self, engine: Engine, notices: Notices, smtp: Smtp, language: str, seconds: float = SECONDS, by: Send = send
    ) -> None:
        super().__init__("eva-digest", LOG, seconds, 0.0)
        self._engine = engine
        self._smtp = smtp
        self._language = language
        self._digest = Digest(engine, notices, smtp, by)

    def once(self) -> None:
        """Whoever is new in the file is entered; whose time has come gets a turn."""
        people = {name_receiver(one.user): one for one in read_addresses(self._smtp.addresses, self._language)}
        receivers = {one.name: one for one in self._engine.deliveries.list_receivers(people)}
        now = stamp(self._engine.clock())
        for name, one in people.items():
            if self._stop.is_set():
                raise Stopping
            if name not in receivers:
                self._digest.enter(one.user)
            elif receivers[name].at <= now:
                self._digest.take_turn(one, receivers[name])
