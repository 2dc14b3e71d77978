"""All web pages."""

from api import page_cockpit, page_inbox, page_login, page_records, page_replays, page_runs

ALL = [module.router for module in (page_login, page_runs, page_cockpit, page_inbox, page_records, page_replays)]
"""Their routers."""
