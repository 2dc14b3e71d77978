"""Every aggregate that a server's log may hold: those of workflow and scanning, tokens, sessions, runs, webhooks."""

from dataclasses import replace

from api.application import run, sessions, tokens
from api.application.tokens import add_check
from api.application.webhooks import webhook
from scanning.catalogue import SCANNING
from workflow.organisation.staff.member import check_present

EVERY_KIND = {
    **SCANNING.kinds, "token": tokens.KIND, sessions.CATEGORY: sessions.KIND, run.CATEGORY: run.KIND,
    webhook.CATEGORY: webhook.KIND,
}  # fmt: skip
ALL = add_check(replace(SCANNING, kinds=EVERY_KIND), check_present)
"""All that a log may hold; who has left does nothing in it."""
SERVED = add_check(ALL, tokens.check_token)
"""The same for a server, where whoever acts holds a token that is still in force."""
