"""Records a history of browser sessions, and of an archive that says what has arrived."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from api.application.catalogue import ALL
from api.application.sessions import CloseSession, OpenSession
from api.application.tokens import Holder, IssueToken
from tests.histories import record_api
from tests.workflow.conftest import HEAD, Office
from workflow.engine.access import Protection, Role

HERE = Path(__file__).parent


def opens_sessions(office: Office) -> None:
    """One session that its person closes, one that ends with its token, one of somebody who signed on elsewhere."""
    expires = office.now + timedelta(days=30)
    roles = frozenset({Role.CASE_WORKER})
    issue = IssueToken(user="klein", roles=tuple(roles), authority="mwide", clearance=Protection.NORMAL,
                       digest=record_api.digest("klein"), expires=expires)  # fmt: skip
    token = office.engine.handle(issue, HEAD, "token").stream.partition(":")[2]
    holder = Holder("klein", roles, "mwide", Protection.NORMAL, None, token)
    elsewhere = Holder("schmidt", frozenset({Role.APPROVER}), "mwide", Protection.HIGH, None, None)
    opened = [
        office.engine.handle(OpenSession(digest=record_api.digest(f"session {number}")), who, "session").stream
        for number, who in enumerate((holder, holder, elsewhere))
    ]
    office.later(days=0.1)
    office.engine.handle(CloseSession(), holder, opened[0])


def hears_of_receipts(office: Office) -> None:
    """Offer and transfer arrive at the archive before it answers them."""
    record, case = office.due(years=1, disposal="A")
    office.do("registrar", "offer", record)
    office.do("archivist", "acknowledge_receipt", record, message="0501")
    process = office.state(record).life.process
    office.do("archivist", "appraise", record, decisions={record[7:]: "A", case: "A"}, process=process)
    office.do("registrar", "transfer", record)
    office.do("archivist", "acknowledge_receipt", record, message="0503")
    office.do("archivist", "confirm", record)


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    opens_sessions(office)
    hears_of_receipts(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
