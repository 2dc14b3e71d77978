"""All web pages."""

from api.pages import cockpit, deputies, handbook, home, login, notices, planning, records, resource, scanning, testing
from api.pages.clerk import ROUTERS as CLERK

ALONE = (home, login, cockpit, deputies, handbook, notices, resource, records)
ROUTERS = [*CLERK, *planning.ROUTERS, *scanning.ROUTERS, *testing.ROUTERS, *(module.router for module in ALONE)]
