"""Every aggregate that a server's log may hold: the workflow's, and the tokens."""

from api import tokens
from workflow.catalogue import WORKFLOW, Catalogue

ALL: Catalogue = {**WORKFLOW, "token": tokens.KIND}
"""Stream category -> aggregate."""
SERVED: Catalogue = tokens.guarded(ALL)
"""The same for a server, where whoever acts holds a token."""
