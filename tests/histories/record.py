"""Records a history: whole lives of records, routing slips and mail, deputies, templates, deletion."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.mail_folders import actions as mail
from workflow.organisation.staff.actions import Leave, RevokeDeputy
from workflow.routing_slips.templates import RemoveTemplate, SaveTemplate
from workflow.views.queries import Views

HERE = Path(__file__).parent
PLAN = "code,title,retention_years,disposal,statutory,agreed,closed\n43.21,Windenergie,5,B,,,\n43,Wirtschaft,5,B,,,\n"


def lives(office: Office) -> None:
    """Something of everything."""
    office.engine.handle(ImportFilePlan(authority="mwide", csv=PLAN), PEOPLE["registrar"], "file-plan:mwide")
    stations = [{"kind": "co_sign", "actor": "schmidt"}, {"parallel": [{"kind": "comment", "actor": "klein"},
                {"kind": "acknowledge", "actor": "registrar"}]}, {"kind": "final_sign", "actor": "weber"}]  # fmt: skip
    office.engine.handle(
        parse(SaveTemplate, {"name": "Bescheid", "stations": stations}), PEOPLE["mueller"], "templates:mwide"
    )
    record = office.record(title="Förderantrag Windpark")
    case = office.case(record)
    folder = office.engine.handle(
        parse(mail.OpenFolder, {"items": [{"title": "Antrag", "file": {"sha256": "12" * 32, "file_name": "a.pdf"}}]}),
        PEOPLE["registrar"], "mail-folder",
    ).stream  # fmt: skip
    office.enter_people()
    office.engine.handle(mail.Sight(note="eilt"), PEOPLE["weber"], folder)
    office.engine.handle(mail.Assign(to="mueller"), PEOPLE["weber"], folder)
    office.engine.handle(mail.FileItem(record=record.partition(":")[2], case=case), PEOPLE["mueller"], folder)
    slip = office.slip(title="Bescheid", stations=[], template="Bescheid", record=record.partition(":")[2], case=case)
    office.do("mueller", "start", slip)
    office.do("schmidt", "refuse", slip, reason="Frist fehlt")
    office.do("mueller", "revise", slip, note="Frist ergänzt")
    office.do("mueller", "start", slip)
    office.deputy("schmidt", "klein")
    office.do("klein", "sign", slip)
    office.do("klein", "comment", slip, note="geprüft")
    office.do("mueller", "insert", slip, stations=[{"kind": "dispatch", "actor": "klein", "deadline": "2021-06-10"}])
    office.do("weber", "sign", slip)
    office.later(days=20)
    office.do("klein", "dispatch", slip)
    office.do("mueller", "file", slip)
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    running = office.slip("co_sign schmidt", "final_sign weber", title="Noch im Umlauf")
    office.do("mueller", "start", running)
    office.record(title="Noch offen")
    buried = office.record(retention={"years": 1, "disposal": "B"})
    buried_case = office.case(buried)
    signed = office.slip("final_sign weber", record=buried.partition(":")[2], case=buried_case)
    office.do("mueller", "start", signed)
    office.do("weber", "sign", signed)
    office.do("mueller", "file", signed)
    office.do("mueller", "close", buried, case=buried_case)
    office.do("mueller", "close", buried)
    office.later(days=900)
    office.do("registrar", "offer", buried)
    office.do("archivist", "appraise", buried, decision="V")
    for target in ({"case": buried_case}, {}):
        office.do("registrar", "delete", buried, **target)
        office.do("registrar2", "delete", buried, **target)


def more(office: Office) -> None:
    """What is rarer: every other event type."""
    clerk, admin = PEOPLE["mueller"], PEOPLE["admin"]
    record = office.record(title="Altlast")
    case = office.case(record)
    document = office.document(record, case, final=False)
    file = {"sha256": "34" * 32, "file_name": "b.pdf"}
    office.do("mueller", "check_out", record, document=document)
    office.do("mueller", "add_version", record, document=document, file=file)
    office.do("mueller", "check_in", record, document=document)
    office.do("mueller", "finalise", record, document=document)
    office.do("mueller", "work", record, note="Ortstermin")
    due = (office.now.date() + timedelta(days=5)).isoformat()
    noted = office.do("mueller", "set_resubmission", record, case=case, due=due, note="nachfragen").cases[case].life
    office.later(days=6)
    office.do("mueller", "settle_resubmission", record, case=case, resubmission=next(iter(noted.resubmissions)))
    office.do("mueller", "change", record, title="Altlast Süd")
    office.do("registrar", "change_retention", record, retention={"years": 1, "disposal": "A"}, reason="Erlass")
    office.do("registrar", "change_retention", record, case=case, retention={"years": 1, "disposal": "A"}, reason="E.")
    hold = next(iter(office.do("registrar", "hold", record, reason="Klage").life.holds))
    office.do("registrar", "release_hold", record, hold=hold, reason="erledigt")
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.do("registrar", "reopen", record, case=case, reason="Nachtrag")
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.do("mueller", "propose", record, proposal="A")
    office.later(days=900)
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="A")
    office.do("registrar", "transfer", record)
    office.do("archivist", "confirm", record, results={case: {"success": False, "error": "Format"}})
    office.do("registrar", "transfer", record, case=case)
    office.do("archivist", "confirm", record)
    agreed = PLAN + "43.24,Weglegesachen,1,V,,yes,\n"
    office.engine.handle(ImportFilePlan(authority="mwide", csv=agreed), PEOPLE["registrar"], "file-plan:mwide")
    simple = office.record(file_plan_code="43.24")
    office.do("mueller", "work", simple)
    office.do("mueller", "close", simple)
    office.later(days=900)
    office.do("registrar", "offer", simple)
    rare_slips(office)
    one = parse(mail.OpenFolder, {"items": [{"title": "Irrläufer"}]})
    folder = office.engine.handle(one, PEOPLE["registrar"], "mail-folder").stream
    for command, who in (
        (mail.Sight(), "weber"), (mail.Assign(to="klein"), "weber"), (mail.Misdirect(reason="nicht hier"), "klein"),
        (mail.Assign(to="mueller"), "weber"), (mail.Accept(), "mueller"),
    ):  # fmt: skip
        office.engine.handle(command, PEOPLE[who], folder)
    office.engine.handle(RemoveTemplate(name="Bescheid"), clerk, "templates:mwide")
    office.deputy("weber", "klein")
    appointment = office.state("staff:weber").deputies[-1].id
    office.engine.handle(RevokeDeputy(user="weber", appointment=appointment), admin, "staff:weber")
    office.engine.handle(Leave(user="klein", reason="Ruhestand"), admin, "staff:klein")


def rare_slips(office: Office) -> None:
    """Recall, delegation, overruling, pauses, deadlines, ends of every kind."""
    first = office.slip("co_sign schmidt", "co_sign klein", "final_sign weber", who="secret")
    office.do("secret", "plan", first, stations=[{"kind": "co_sign", "actor": "schmidt"},
              {"kind": "co_sign", "actor": "klein"}, {"kind": "final_sign", "actor": "weber"}])  # fmt: skip
    office.do("secret", "start", first)
    office.do("secret", "recall", first, reason="Anlage fehlt")
    office.do("secret", "start", first)
    office.do("schmidt", "sign", first)
    office.do("schmidt", "recall", first)
    office.do("schmidt", "open", first)
    office.do("schmidt", "comment", first, note="kommt gleich")
    office.do("schmidt", "delegate", first, to="registrar", reason="Termin")
    office.do("registrar", "refuse", first, reason="nein")
    office.do("weber", "overrule", first, station=2, reason="Frist")
    office.do("secret", "skip", first, station=3, reason="abwesend")
    for user in ("registrar", "weber", "klein", "schmidt"):
        office.register(user, clearance="high")
    office.do("secret", "raise_protection", first, protection="high", reason="Personaldaten")
    office.do("secret", "pause", first)
    office.do("secret", "resume", first)
    office.do("secret", "withdraw", first, reason="überholt")
    near = (office.now.date() + timedelta(days=10)).isoformat()
    late = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": near})
    office.do("mueller", "start", late)
    office.later(days=30)
    office.do("mueller", "cancel", office.slip("co_sign schmidt"))


def shown(office: Office) -> dict:
    """What the views show, as JSON can hold it."""
    views = Views(office.engine)
    views.rebuild()
    return {name: [list(row) for row in rows] for name, rows in views.everything().items()}


def main(version: str) -> None:
    office = Office("sqlite://")
    lives(office)
    more(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{version}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{version}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
