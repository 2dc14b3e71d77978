"""What waits for the clerk of the demonstration this morning: to co-sign, to know, to revise, and mail."""

from collections.abc import Callable
from datetime import date
from typing import Any

from api.application.service import Answer, PreparedCommand, ResourceService
from api.cli.demo.people import AUTHORITY, CLERK, REGISTRAR
from workflow.engine.access import Actor, Role
from workflow.engine.commands import Command
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.events import Incoming
from workflow.organisation.working_days import ONE_DAY, is_working
from workflow.records.files import File
from workflow.records.work_actions import AddDocument

HEAD = Actor("petra.vogel", frozenset({Role.APPROVER, Role.CASE_WORKER}), AUTHORITY)
COLLEAGUE = Actor("jan.becker", frozenset({Role.CASE_WORKER}), AUTHORITY)
Body = dict[str, Any]


class Worklist:
    """`write_file` writes a file of a title, a name and who sent it; `today` is the day that terms count from."""

    def __init__(self, resources: ResourceService, write_file: Callable[[str, str, str], File], today: date) -> None:
        self._resources, self._write_file, self._today = resources, write_file, today

    def fill(self) -> None:
        beside = {"parallel": [self._station("co_sign", CLERK), self._station("co_sign", "lena.hoffmann")]}
        final = self._station("final_sign", HEAD, 3)
        self._send("Zuwendungsbescheid Batteriespeicher Soest", COLLEAGUE, [beside, final])
        known = self._station("acknowledge", CLERK)
        self._send("Rundschreiben Vergaberecht", HEAD, [known, self._station("acknowledge", COLLEAGUE)])
        returned = self._send("Ablehnungsbescheid Kleinwindanlage", CLERK, [self._station("final_sign", HEAD, 2)])
        reason = "Bitte die Rechtsgrundlage der Ablehnung nennen."
        self._resources.act("routing-slip", returned, "refuse", {"station": 1, "reason": reason}, HEAD)
        self._bring_mail("Nachweise zum Förderantrag Wärmenetz Ahlen", "Stadtwerke Ahlen")

    def _station(self, kind: str, actor: Actor | str, days: int = 1) -> Body:
        name = actor if isinstance(actor, str) else actor.user
        day = self._today
        while days > 0:
            day += ONE_DAY
            days -= is_working(day)
        return {"kind": kind, "actor": name, "deadline": day.isoformat()}

    def _send(self, title: str, owner: Actor, stations: list[Body]) -> str:
        """A routing slip with a document of a record of its own, on its way; its id."""
        create, act = self._resources.create, self._resources.act
        record = create("record", {"title": title, "file_plan_code": "43"}, owner).id
        case = act("record", record, "add_case", {"title": title}, owner).resource["cases"][0]["id"]
        file = self._write_file(title, "entwurf", "")
        added = self._execute(AddDocument(case=case, title=title, file=file), owner, "record", record)
        document = added.resource["cases"][0]["documents"][0]["id"]
        enclosed = {"title": title, "sha256": file.sha256, "document": document}
        body = {"title": title, "record": record, "case": case, "documents": [enclosed], "stations": stations}
        slip = create("routing-slip", body, owner).id
        act("routing-slip", slip, "start", {}, owner)
        return slip

    def _bring_mail(self, title: str, sender: str) -> None:
        mail = Incoming(title=title, sender=sender, file=self._write_file(title, "eingang", sender))
        command = OpenFolder(title="Posteingang", unit="foerderung", items=(mail,))
        folder = self._execute(command, REGISTRAR, "mail-folder").id
        self._resources.act("mail-folder", folder, "sight", {}, REGISTRAR)
        self._resources.act("mail-folder", folder, "assign", {"to": CLERK.user}, REGISTRAR)

    def _execute(self, command: Command, actor: Actor, name: str, key: str = "") -> Answer:
        """A command with a file that is stored, which only the server may say."""
        stream = f"{name}:{key}" if key else name
        return self._resources.execute(PreparedCommand(self._resources.get_resource(name), command, actor, stream))
