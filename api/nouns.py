"""Which nouns the API has: one line each."""

from api import (
    file_plans,
    mail_folders,
    records,
    route_templates,
    routing_slips,
    scan_batches,
    scan_centres,
    staff_members,
)
from api.noun import Noun

NOUNS: dict[str, Noun] = {
    module.NOUN.name: module.NOUN
    for module in (
        records,
        routing_slips,
        mail_folders,
        scan_batches,
        scan_centres,
        staff_members,
        route_templates,
        file_plans,
    )
}
"""By name."""
