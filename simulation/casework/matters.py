"""A matter from its arrival to z.d.A.: mail, record, case, document, and one routing slip after another."""

from hashlib import sha256

from simulation.casework.circulation import Circulation, Origin
from simulation.casework.people.draws import draw_touch
from simulation.casework.people.office import FILE_PLAN
from simulation.casework.people.staff import Person, Team
from simulation.casework.people.worklists import Task
from simulation.casework.workplace import Workplace
from simulation.scenario.casework import WorkKind
from simulation.scenario.figures import Touch
from workflow.engine.access import SYSTEM
from workflow.mail_folders.actions import Accept, Assign, FileItem, Misdirect, OpenFolder, Sight
from workflow.mail_folders.channels import Channel
from workflow.mail_folders.events import Incoming
from workflow.records.closing_actions import Close
from workflow.records.files import File
from workflow.records.work_actions import AddCase, AddDocument, CreateRecord
from workflow.routing_slips.create import CreateSlip
from workflow.routing_slips.events import Enclosure
from workflow.routing_slips.owner_actions import Start

RECENT = 40
"""Of so many latest records of the unit one is taken where a case begins no record of its own."""
CHANNELS = {"mail": Channel.SCAN_CENTRE, "digital": Channel.PORTAL}


class Matter:
    """One case of a kind; `key` names it in every replication of the same scenario."""

    def __init__(self, workplace: Workplace, kind: WorkKind, team: Team, key: str) -> None:
        self.workplace, self.kind, self.team, self.key = workplace, kind, team, key
        self.arrived = workplace.env.now
        self.random = workplace.streams.generator(key, "matter")
        self._chance = self.random.random(3).tolist()
        self.owner = self._choose_clerk()
        self.title = self._name()
        self.folder = ""
        self.record = self.case = ""
        self.slips = 0
        self._returned = False
        """Whether somebody has said that it is not for them."""
        workplace.trace.cases[team.unit.id, workplace.get_month()] += 1
        workplace.trace.kinds[kind.id, "cases"] += 1

    def _name(self) -> str:
        subjects, count = self.kind.subjects, self.workplace.trace.kinds[self.kind.id, "cases"]
        if not subjects:
            return f"{self.kind.title.de} {self.key.partition('/')[2]}"[:200]
        times, which = divmod(count, len(subjects))
        return f"{subjects[which]} ({times + 1})" if times else subjects[which]

    def arrive(self) -> None:
        """It reaches the unit through its mail folder, or begins in it."""
        if self.kind.channel == "none":
            self._open()
            return
        office = self.workplace.office
        incoming = Incoming(title=self.title, channel=CHANNELS[self.kind.channel], file=self._file("eingang"))
        opened = OpenFolder(title="Posteingang", unit=self.team.unit.id, items=(incoming,))
        self.folder = office.handle(opened, office.registry, "mail-folder").stream
        if self.kind.channel == "digital":
            office.handle(Assign(to=self.owner.id), SYSTEM, self.folder)
            self._open()
        else:
            self._sight()

    def _choose_clerk(self) -> Person:
        there = [one for one in self.team.clerks if not one.away] or self.team.clerks
        return there[int(self.random.integers(len(there)))]

    def _sight(self) -> None:
        head = min(self.team.approvers, key=lambda one: one.waiting)
        self._bring(AssignTask(self, head, self._touch(self.workplace.scenario.handling.sight)))

    def _open(self) -> None:
        misdirected = (
            self.folder
            and not self._returned
            and self._chance[0] < self.workplace.scenario.handling.choices.misdirect.value
        )
        task = MisdirectTask if misdirected else OpenTask
        delay = self.workplace.count_seconds(self.workplace.registry_days)
        self._bring(task(self, self.owner, self._touch(self.workplace.scenario.handling.open)), delay)

    def sighted(self, person: Person) -> None:
        office = self.workplace.office
        if self._returned or office.attempt(Sight(), person.actor, self.folder):
            office.attempt(Assign(to=self.owner.id), person.actor, self.folder)
            self._open()

    def give_back(self, person: Person) -> None:
        """It is for somebody else of the unit; the head assigns it anew."""
        if self.workplace.office.attempt(
            Misdirect(reason="nicht zuständig"), person.acting_for(self.owner), self.folder
        ):
            self._returned = True
            self.workplace.trace.kinds[self.kind.id, "misdirected"] += 1
            others = [one for one in self.team.clerks if one is not self.owner and not one.away]
            self.owner = others[int(self.random.integers(len(others)))] if others else self.owner
            self._sight()

    def open_case(self, person: Person) -> None:
        office = self.workplace.office
        if self.folder:
            office.attempt(Accept(), person.acting_for(self.owner), self.folder)
        self.record = self._find_record(person)
        self.case = list(
            office.handle(AddCase(title=self.title), person.acting_for(self.owner), self.record).state.cases
        )[-1]
        if self.folder:
            item = FileItem(record=self.record.partition(":")[2], case=self.case)
            office.attempt(item, person.acting_for(self.owner), self.folder)
        self._draft()

    def _find_record(self, person: Person) -> str:
        """A new record, or one of the latest of the unit."""
        known = self.team.records
        if known and self._chance[1] >= self.kind.new_record.value:
            return known[-1 - int(self.random.integers(min(RECENT, len(known))))]
        create = CreateRecord(title=self.title, file_plan_code=FILE_PLAN, lead=self.team.unit.title.de)
        created = self.workplace.office.handle(create, person.acting_for(self.owner), "record").stream
        known.append(created)
        self.workplace.trace.records[self.team.unit.id, self.workplace.get_month()] += 1
        self.workplace.trace.kinds[self.kind.id, "records"] += 1
        return created

    def _draft(self) -> None:
        self._bring(DraftTask(self, self.owner, self._touch(self.kind.draft)))

    def send(self, person: Person) -> None:
        """The draft becomes a document of the case and goes round."""
        workplace, office, record = self.workplace, self.workplace.office, self.record.partition(":")[2]
        file = self._file(f"entwurf-{self.slips + 1}")
        add = AddDocument(case=self.case, title=self.title, file=file)
        done = office.handle(add, person.acting_for(self.owner), self.record)
        document = list(done.state.cases[self.case].documents)[-1]
        deadline = workplace.get_deadline(self.kind.deadline_days.value)
        random = workplace.streams.generator(f"{self.key}/{self.slips}", "route")
        stations = workplace.planner(self.owner, random).plan(self.kind.route, deadline, not workplace.on_paper)
        create = CreateSlip(
            title=self.title, stations=stations, record=record, case=self.case,
            documents=(Enclosure(title=self.title, sha256=file.sha256, document=document),),
        )  # fmt: skip
        slip = office.handle(create, person.acting_for(self.owner), "routing-slip")
        origin = Origin(self.kind, self.team.unit.id, f"{self.key}/{self.slips}", self.owner, self.go_on)
        circulation = Circulation(workplace, origin, slip.state)
        self.slips += 1
        workplace.circulations[circulation.stream] = circulation
        workplace.trace.slips.append(circulation.note)
        circulation.do(Start(), person, self.owner)

    def go_on(self, person: Person) -> None:
        """After a slip was filed: another one, or z.d.A."""
        if self.random.random() < self.kind.further_slip.value:
            self._draft()
        elif self.workplace.office.attempt(Close(case=self.case), person.acting_for(self.owner), self.record):
            days = self.workplace.count_days(self.arrived, self.workplace.env.now)
            self.workplace.trace.kinds[self.kind.id, "closed"] += 1
            self.workplace.trace.case_days.setdefault(self.kind.id, []).append(days)

    def _touch(self, touch: Touch) -> float:
        return draw_touch(touch, self.random) * self.workplace.get_slowness()

    def _bring(self, task: Task, delay: float = 0.0) -> None:
        self.workplace.worklists.put(task, delay)

    def _file(self, name: str) -> File:
        if self.workplace.write_file is not None:
            return self.workplace.write_file(self.title, name)
        return File(sha256=sha256(f"{self.key}/{name}".encode()).hexdigest(), file_name=f"{name}.pdf", size=48_213)


class MatterTask(Task):
    """Base of what is done before anything circulates."""

    def __init__(self, matter: Matter, owner: Person, touch: float) -> None:
        super().__init__(owner, touch, matter.kind.urgency.value)
        self.matter = matter


class AssignTask(MatterTask):
    """A head looks at an item of mail and assigns it."""

    def finish(self, person: Person) -> None:
        self.matter.sighted(person)


class MisdirectTask(MatterTask):
    """Somebody sees that an item of mail is not theirs."""

    def finish(self, person: Person) -> None:
        self.matter.give_back(person)


class OpenTask(MatterTask):
    """A clerk accepts a matter, and opens record and case for it."""

    def finish(self, person: Person) -> None:
        self.matter.open_case(person)


class DraftTask(MatterTask):
    """A clerk drafts what is to circulate."""

    def finish(self, person: Person) -> None:
        self.matter.send(person)
