"""Records a history of what changes hands: drafts of a record, slips and documents of somebody who left, tokens."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from api.application.catalogue import ALL
from api.application.tokens import IssueToken
from tests.histories import record_api
from tests.workflow.conftest import HEAD, PEOPLE, Office
from workflow.engine.access import Protection, Role
from workflow.organisation.staff.actions import Leave

HERE = Path(__file__).parent


def changes_hands(office: Office) -> None:
    """A draft goes with its record; a slip, a document and a token are left behind by whoever had them."""
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    office.slip("co_sign schmidt", title="Nie begonnen", record=record[7:], case=case)
    running = office.slip("co_sign schmidt", "final_sign weber", title="Übergeben", four_eyes=True)
    office.do("mueller", "start", running)
    document = office.document(record, case, final=False)
    office.do("klein", "check_out", record, document=document)
    issue = IssueToken(user="klein", roles=(Role.CASE_WORKER,), authority="mwide", clearance=Protection.NORMAL,
                       digest=record_api.digest("klein"), expires=office.now + timedelta(days=30))  # fmt: skip
    office.engine.handle(issue, HEAD, "token")
    for user in ("klein", "mueller"):
        office.engine.handle(Leave(user=user, reason="Ruhestand"), PEOPLE["admin"], f"staff:{user}")
    office.do("registrar", "check_in", record, document=document, reason="ausgeschieden")
    office.do("registrar", "hand_over", running, to="registrar2", reason="übernimmt")
    office.do("registrar", "finalise", record, document=document)
    office.do("registrar", "close", record, case=case)
    office.do("registrar", "close", record)
    office.later(days=800)
    for about in ({"case": case}, {}):
        office.do("registrar", "offer", record, **about)
        office.do("archivist", "appraise", record, decision="V", **about)
        office.do("registrar", "delete", record, **about)
        office.do("registrar2", "delete", record, **about)


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    changes_hands(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
