"""Pages of a scan centre: batches, what does not add up, what waits, what may be destroyed, files to drop."""

from api.pages.scanning import drop, overview, pictures

ROUTERS = [module.router for module in (overview, drop, pictures)]
