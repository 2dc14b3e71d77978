"""Which resources the API has: one line each."""

from api.application.resources import (
    file_plans,
    mail_folders,
    records,
    route_templates,
    routing_slips,
    scan_batches,
    scan_centres,
    staff,
)
from api.application.resources.resource import Resource

RESOURCES: dict[str, Resource] = {
    module.RESOURCE.name: module.RESOURCE
    for module in (
        records,
        routing_slips,
        mail_folders,
        scan_batches,
        scan_centres,
        staff,
        route_templates,
        file_plans,
    )
}
"""By name."""
