"""Pages of planners: what a forecast is asked for, what came of it, and how it differs from others."""

from api.pages.planning import comparison, files, questions, runs, tables

ROUTERS = [module.router for module in (comparison, files, tables, questions, runs)]
