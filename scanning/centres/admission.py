"""Whether a scan centre takes a batch, and under which terms (decision 12)."""

from typing import NamedTuple

from scanning.centres.scan_centre import CentreKind, ScanCentre, stream
from scanning.requirements.terms import Purpose, Terms, scan_rules
from workflow.errors import NotAllowed, NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day


class Admitted(NamedTuple):
    terms: Terms
    carrier: str | None
    provisional: bool


def admit_batch(centre: str, authority: str, purpose: Purpose, context: Context) -> Admitted:
    """The terms under which a centre takes this paper today; raises `NotAllowed` where it does not.

    As long as a centre has not been entered it is provisional: the authority's terms hold and everybody is a client.
    Where the authority requires centres to be entered, an unknown one raises `NotFound`.
    """
    rules = scan_rules(context.rules)
    known = context.find(stream(centre), ScanCentre)
    if known is None:
        if rules.centres_required:
            raise NotFound("scan-centre", centre)
        return Admitted(rules.terms, None, True)
    client = known.clients.get(authority)
    if client is None or not client.is_open(local_day(context.now)):
        raise NotAllowed(
            "scan-batch", "-", "create", (), f"{centre} takes no paper of {authority} today",
            f"{centre} nimmt heute kein Papier von {authority} an",
        )  # fmt: skip
    if known.kind is CentreKind.EXTERNAL and purpose is not Purpose.EXISTING_FILES:
        raise NotAllowed(
            "scan-batch", "-", "create", (), f"{centre} scans existing files only",
            f"{centre} scannt nur Bestandsakten",
        )  # fmt: skip
    return Admitted(known.terms or rules.terms, known.carrier, False)
