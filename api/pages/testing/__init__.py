"""Pages of testers: results of replays, and the state machines to look at."""

from api.pages.testing import machines, replays

ROUTERS = [module.router for module in (replays, machines)]
