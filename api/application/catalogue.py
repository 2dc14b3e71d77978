"""Every aggregate that a server's log may hold: those of workflow and scanning, the tokens, and the runs."""

from dataclasses import replace

from api.application import run, tokens
from scanning.catalogue import SCANNING

ALL = replace(SCANNING, kinds={**SCANNING.kinds, "token": tokens.KIND, run.CATEGORY: run.KIND})
"""All that a log may hold."""
SERVED = tokens.guarded(ALL)
"""The same for a server, where whoever acts holds a token."""
