"""Every aggregate that a server's log may hold: those of workflow and scanning, the tokens, and the runs."""

from api.application import run, tokens
from scanning.catalogue import SCANNING
from scanning.handover import ACKNOWLEDGE, FORGET
from workflow.catalogue import Catalogue
from workflow.engine.subscribers import Policy

ALL: Catalogue = {**SCANNING, "token": tokens.KIND, run.CATEGORY: run.KIND}
"""Stream category -> aggregate."""
SERVED: Catalogue = tokens.guarded(ALL)
"""The same for a server, where whoever acts holds a token."""
POLICIES: tuple[Policy, ...] = (ACKNOWLEDGE, FORGET)
"""What events set off by themselves."""
