"""An item on its way through the centre: prepared, scanned, checked, sealed, delivered, and filed by the client."""

from numpy.random import Generator

from scanning.batch_actions.capture import Check, Exclude, Prepare, Reject, Scan, SealItem
from scanning.batch_actions.delivery import Deliver
from scanning.batch_actions.item import ItemCommand
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.requirements.exclusions import Exclusion
from simulation.casework.people.draws import draw_lying, draw_touch
from simulation.casework.people.staff import Person
from simulation.casework.people.worklists import Task
from simulation.casework.scanning.evidence import SCANNER, make_product, make_raw
from simulation.casework.scanning.place import Client, Place
from simulation.scenario.figures import Touch
from workflow.engine.access import SYSTEM, Actor
from workflow.mail_folders.actions import Assign, FileItem, Sight


class Course:
    """The course of one item; `stream` is that of its batch."""

    def __init__(self, place: Place, client: Client, stream: str, item: ScanItem, random: Generator) -> None:
        self.place, self.client, self.stream, self.key, self.random = place, client, stream, item.id, random
        self.came = place.office.env.now
        self.batch: Batch | None = None
        self._excluded, self._rejected = random.random(2).tolist()

    @property
    def item(self) -> ScanItem:
        if self.batch is None:
            raise ValueError("nothing was done with it yet")
        return self.batch.items[self.key]

    def begin(self) -> None:
        self._give(self.place.scan.operators, PrepareTask, self.place.scan.prepare)

    def do(self, command: ItemCommand, actor: Actor) -> bool:
        """Whether the engine allowed it."""
        done = self.place.office.attempt(command.model_copy(update={"item": self.key}), actor, self.stream)
        if done is not None:
            self.batch = done.state
        return done is not None

    def note(self, what: str) -> None:
        self.place.tally.counts[self.client.authority, what] += 1

    def prepare(self, person: Person) -> None:
        if self._excluded < self.place.scan.excluded.value:
            if self.do(Exclude(reason=Exclusion.RETURN_OBLIGED), person.actor):
                self.note("excluded")
        elif self.do(Prepare(), person.actor):
            self._give(self.place.scan.operators, ScanTask, self.place.scan.scan)

    def scan(self, person: Person) -> None:
        if self.do(Scan(raw=make_raw(self.item), duplex=True, environment=SCANNER), person.actor):
            self._give(self.place.scan.inspectors, CheckTask, self.place.scan.check)

    def check(self, person: Person) -> None:
        """Whoever looked at it may send it back once; else it goes on to the client by itself."""
        looked_at = self.is_looked_at()
        if looked_at and len(self.item.scans) == 1 and self._rejected < self.place.scan.rejected.value:
            if self.do(Reject(reason="Seite schief eingezogen"), person.actor):
                self.note("rejected")
                self._give(self.place.scan.operators, ScanTask, self.place.scan.scan)
        elif self.do(Check(visual=looked_at), person.actor) and self._seal() and self.do(Deliver(), SYSTEM):
            self.note("delivered")
            hours = self.place.office_hours.count(self.came, self.place.office.env.now) / 3600
            self.place.tally.hours.setdefault(self.client.authority, []).append(hours)
            self._lie_with_the_client()

    def is_looked_at(self) -> bool:
        scan = self.item.scan
        return scan is not None and (scan.drawn or scan.flagged)

    def _seal(self) -> bool:
        if self.batch is None:
            return False
        product, stored = make_product(self.batch, self.item, self.place.office.get_now())
        return self.do(SealItem(product=product, stored=stored), SYSTEM)

    def _lie_with_the_client(self) -> None:
        place, env = self.place, self.place.office.env
        ready = place.office_hours.find_end(env.now, draw_lying(place.scan.filed, self.random) * place.day)
        if ready < env.now + 366 * 86_400:
            env.timeout(ready - env.now).callbacks.append(lambda _: self._file())

    def _file(self) -> None:
        delivery, clerk = self.item.delivery, self.client.clerk
        if delivery is None:
            return
        folder, (record, case) = f"mail-folder:{delivery.folder}", self.client.case_of_batch[self.stream]
        steps = (
            Sight(item=delivery.mail_item),
            Assign(item=delivery.mail_item, to=clerk.user),
            FileItem(item=delivery.mail_item, record=record, case=case),
        )
        if all(self.place.office.attempt(step, clerk, folder) is not None for step in steps):
            self.note("filed")

    def _give(self, unit: str, kind: "type[ItemTask]", touch: Touch) -> None:
        """To the one of a unit who has least to do, of those who are there."""
        clerks = self.place.teams[unit].clerks
        owner = min([one for one in clerks if not one.away] or clerks, key=lambda one: one.waiting)
        self.place.worklists.put(kind(self, owner, draw_touch(touch, self.random)))


class ItemTask(Task):
    """Base of what somebody of the centre does with an item."""

    def __init__(self, course: Course, owner: Person, touch: float) -> None:
        super().__init__(owner, touch)
        self.course = course


class PrepareTask(ItemTask):
    def finish(self, person: Person) -> None:
        self.course.prepare(person)


class ScanTask(ItemTask):
    def finish(self, person: Person) -> None:
        self.course.scan(person)


class CheckTask(ItemTask):
    """What chance or a flag has chosen takes longer: it is looked at page by page."""

    def begin(self, person: Person) -> None:  # noqa: ARG002 - as every task
        if self.course.is_looked_at():
            self.left += draw_touch(self.course.place.scan.look, self.course.random)

    def finish(self, person: Person) -> None:
        self.course.check(person)
