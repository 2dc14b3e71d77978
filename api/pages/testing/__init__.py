"""Pages of testers: results of replays, what they cover, the state machines to look at, sandboxes to try them in."""

from api.pages.testing import coverage, machines, replays, sandbox_resources, sandboxes

ROUTERS = [module.router for module in (replays, coverage, machines, sandboxes, sandbox_resources)]
