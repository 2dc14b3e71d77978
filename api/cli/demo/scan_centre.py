"""Batches of the demonstration's scan centre: one long delivered whose paper is due, and the morning's in every state.

The files are real ones: checked, converted, sealed and stored as any other.
"""

from collections.abc import Sequence
from typing import NamedTuple

from api.cli.demo.letters import write_letter
from api.cli.demo.people import ADMIN, AUTHORITY, BESIDES, CLERK, INSPECTOR, OPERATOR, REGISTRAR
from scanning.batch_actions.batch import CreateBatch
from scanning.batch_actions.capture import Exclude, Prepare, Reject
from scanning.batch_actions.delivery import ReportDefect
from scanning.batches.scan_batch import Batch
from scanning.batches.values import NewItem
from scanning.capture.folder import complete_item
from scanning.capture.item_access import find_number, load_batch
from scanning.capture.services import ScanServices
from scanning.centres.actions import ConnectClient, EnterCentre
from scanning.centres.scan_centre import CentreKind
from scanning.handover import POLICIES
from scanning.requirements.exclusions import DocumentKind, Exclusion
from simulation.casework.people.office import FILE_PLAN, PLAN
from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.engine.subscribers import follow
from workflow.errors import NotFound
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.mail_folders.actions import Assign, FileItem, Sight
from workflow.organisation.staff.actions import Register
from workflow.organisation.working_days import local_day
from workflow.records.work_actions import AddCase, CreateRecord

CENTRE = "scanstelle-mitte"
SCANNER = "Scanner 2, Texterkennung aus"


class Letter(NamedTuple):
    title: str
    sender: str
    pages: int = 1


LONG_AGO = (Letter("Widerspruch gegen Gebührenbescheid", "Sägewerk Brilon GmbH", 2),)
OF_THE_DAY = (
    Letter("Nachreichung zum Förderantrag Windpark Borchen", "Windpark Borchen GmbH", 3),
    Letter("Stellungnahme der Gemeinde Nottuln", "Gemeinde Nottuln", 2),
    Letter("Verwendungsnachweis Gründerzentrum Siegen", "Gründerzentrum Siegen e. V.", 2),
    Letter("Beschwerde über Baustellenverkehr", "Eheleute Overkamp"),
    Letter("Anfrage zur Fördersumme", "Stadtwerke Unna"),
)
JUST_IN = (Letter("Antrag auf Fristverlängerung", "Kreis Steinfurt"), Letter("Vollmacht", "Kanzlei Dr. Reuter"))


class ScanCentre:
    """The centre at work in an engine and on its files; the engine's clock says when."""

    def __init__(self, engine: Engine, services: ScanServices) -> None:
        self.engine, self.services = engine, services

    def set_up(self) -> None:
        """Enter the people, the file plan and the centre."""
        for person in (*BESIDES, CLERK):
            register = Register(user=person.user, roles=tuple(sorted(person.roles)), authority=AUTHORITY)
            self.engine.handle(register, ADMIN, f"staff:{person.user}")
        self.engine.handle(ImportFilePlan(authority=AUTHORITY, csv=PLAN), REGISTRAR, f"file-plan:{AUTHORITY}")
        centre = f"scan-centre:{CENTRE}"
        entered = EnterCentre(kind=CentreKind.CENTRAL, title="Scanstelle Mitte", carrier=AUTHORITY)
        self.engine.handle(entered, ADMIN, centre)
        opens = local_day(self.engine.clock())
        self.engine.handle(ConnectClient(authority=AUTHORITY, opens=opens), ADMIN, centre)

    def deliver_long_ago(self) -> None:
        """A batch that is filed in a case; half a year later its paper is due."""
        batch = self._receive("Posteingang, erste Lieferung", LONG_AGO)
        self._scan(batch, 1, LONG_AGO[0])
        complete_item(self.services.capture, f"scan-batch:{batch.id}", 1, INSPECTOR)
        self._file(batch, 1)

    def work_through_the_day(self) -> None:
        """One batch with an item in every state but the last, one that is not opened yet."""
        batch = self._receive("Posteingang heute früh", OF_THE_DAY, sheets=11)
        stream = f"scan-batch:{batch.id}"
        for number, letter in enumerate(OF_THE_DAY[:4], 1):
            self._scan(batch, number, letter)
        complete_item(self.services.capture, stream, 1, INSPECTOR)
        self._file(batch, 1)
        defect = ReportDefect(item=1, reason="Seite 2 ist schief eingezogen, die letzte Zeile fehlt", rescan=False)
        self.engine.handle(defect, CLERK, stream)
        complete_item(self.services.capture, stream, 2, INSPECTOR)
        self.engine.handle(Reject(item=4, reason="Rückseite fehlt"), INSPECTOR, stream)
        late = self._receive("Posteingang heute, zweite Lieferung", JUST_IN)
        exclude = Exclude(item=2, reason=Exclusion.ORIGINAL_NEEDED)
        self.engine.handle(exclude, OPERATOR, f"scan-batch:{late.id}")

    def _receive(self, title: str, letters: Sequence[Letter], sheets: int | None = None) -> Batch:
        items = tuple(
            NewItem(title=one.title, sheets=one.pages, sender=one.sender, kind=DocumentKind.LETTER) for one in letters
        )
        create = CreateBatch(centre=CENTRE, authority=AUTHORITY, title=title, items=items, sheets=sheets)
        batch: Batch = self.engine.handle(create, OPERATOR, "scan-batch").state
        return batch

    def _scan(self, batch: Batch, number: int, letter: Letter) -> None:
        stream = f"scan-batch:{batch.id}"
        self.engine.handle(Prepare(item=number), OPERATOR, stream)
        data = write_letter(letter.title, letter.sender, letter.pages)
        self.services.capture.record_scan(
            stream, number, [data], f"{number:03}.pdf", OPERATOR, environment=SCANNER
        )  # fmt: skip

    def _file(self, batch: Batch, number: int) -> None:
        """The delivered item into a new case, as its clerk does; the batch then hears of it."""
        delivery = find_number(load_batch(self.engine, f"scan-batch:{batch.id}"), number).delivery
        if delivery is None:
            raise NotFound("delivery", f"{batch.id}#{number}")
        title = find_number(batch, number).new.title
        record = self._do(CreateRecord(title=title, file_plan_code=FILE_PLAN), CLERK, "record")
        self._do(AddCase(title=title), CLERK, record)
        case = next(iter(self.engine.load(record).state.cases))
        folder, mail = f"mail-folder:{delivery.folder}", delivery.mail_item
        self._do(Sight(item=mail), REGISTRAR, folder)
        self._do(Assign(item=mail, to=CLERK.user), REGISTRAR, folder)
        self._do(FileItem(item=mail, record=record.partition(":")[2], case=case), CLERK, folder)
        for policy in POLICIES:
            follow(policy, self.engine)

    def _do(self, command: Command, actor: Actor, stream: str) -> str:
        return self.engine.handle(command, actor, stream).stream
