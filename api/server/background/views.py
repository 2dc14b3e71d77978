"""Views follow the log by themselves, so that whoever asks after a restore or a busy time finds them there."""

import logging

from api.server.background.loop import Loop
from workflow.views.queries import Views

LOG = logging.getLogger("eva.views")
FOR_EVER = 1e6


class ViewLoop(Loop):
    def __init__(self, views: Views, seconds: float) -> None:
        super().__init__("eva-views", LOG, seconds, first=0.0)
        self._views = views

    def once(self) -> None:
        self._views.catch_up(FOR_EVER, lambda: not self._stop.is_set())
