"""Every aggregate that a server's log may hold: the workflow's, the tokens, and the runs."""

from api import run, tokens
from workflow.catalogue import WORKFLOW, Catalogue
from workflow.subscribers import Policy

ALL: Catalogue = {**WORKFLOW, "token": tokens.KIND, run.CATEGORY: run.KIND}
"""Stream category -> aggregate."""
SERVED: Catalogue = tokens.guarded(ALL)
"""The same for a server, where whoever acts holds a token."""
POLICIES: tuple[Policy, ...] = ()
"""What events set off by themselves."""
