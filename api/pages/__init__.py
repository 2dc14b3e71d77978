"""All web pages."""

from api.pages import cockpit, login, records, replays, resource, runs

ROUTERS = [module.router for module in (login, runs, cockpit, resource, records, replays)]
