"""Pages of testers: results of replays, what they cover, and the state machines to look at."""

from api.pages.testing import coverage, machines, replays

ROUTERS = [module.router for module in (replays, coverage, machines)]
