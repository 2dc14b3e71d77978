"""All web pages."""

from api.pages import (
    cockpit,
    deputies,
    handbook,
    home,
    login,
    notices,
    planning,
    records,
    resource,
    scanning,
    sign_on,
    testing,
)
from api.pages.clerk import ROUTERS as CLERK

ALONE = (home, login, sign_on, cockpit, deputies, handbook, notices, resource, records)
ROUTERS = [*CLERK, *planning.ROUTERS, *scanning.ROUTERS, *testing.ROUTERS, *(module.router for module in ALONE)]
