"""Records a history of a token that its holder asked for with another, and that ends with that one."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from api.application.catalogue import ALL
from api.application.tokens import Holder, IssueToken, RevokeToken
from tests.histories import record_api
from tests.workflow.conftest import HEAD, Office
from workflow.engine.access import Protection, Role

HERE = Path(__file__).parent


def asks_for_another(office: Office) -> None:
    """A token with a narrower scope, asked for with one that admin issued; both end."""

    def ask(digest: str, **changes: tuple[str, ...]) -> IssueToken:
        return IssueToken(user="klein", roles=(Role.CASE_WORKER,), authority="mwide", clearance=Protection.NORMAL,
                          digest=record_api.digest(digest), expires=office.now + timedelta(days=30),
                          **changes)  # fmt: skip

    token = office.engine.handle(ask("klein"), HEAD, "token").stream.partition(":")[2]
    holder = Holder("klein", frozenset({Role.CASE_WORKER}), "mwide", Protection.NORMAL, token=token)
    office.engine.handle(ask("script", changes=("record",)), holder, "token")
    office.engine.handle(RevokeToken(reason="verloren"), HEAD, f"token:{token}")


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    asks_for_another(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
