"""All web pages."""

from api.pages import cockpit, login, records, replays, resource, runs

ALL = [module.router for module in (login, runs, cockpit, resource, records, replays)]
"""Their routers."""
