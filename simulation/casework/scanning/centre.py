"""A scan centre: entered with its clients, and what is delivered to it becomes batches."""

from collections.abc import Generator
from datetime import date
from statistics import fmean

import simpy

from scanning.batch_actions.batch import CreateBatch
from scanning.batches.values import NewItem
from scanning.centres.actions import ConnectClient, EnterCentre
from scanning.centres.scan_centre import CentreKind
from scanning.requirements.terms import Terms
from simulation.casework.people.office import FILE_PLAN, PLAN
from simulation.casework.people.presence import get_timestamp
from simulation.casework.scanning.items import Course
from simulation.casework.scanning.paper import run_nights
from simulation.casework.scanning.place import Client, Place
from simulation.scenario.scanning import ScanClient
from workflow.engine.access import Actor, Protection, Role
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.organisation.staff.actions import Register
from workflow.organisation.working_days import ONE_DAY, is_working
from workflow.records.work_actions import AddCase, CreateRecord


class ScanCentre:
    """Set up at once; `start` lets it work."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.batches: list[str] = []
        scan, office, authority = place.scan, place.office, place.scenario.authority
        stream = f"scan-centre:{scan.centre}"
        terms = Terms(sample_percent=scan.sample_percent.value, paper_days=scan.paper_days.value)
        entered = EnterCentre(kind=CentreKind.CENTRAL, title=scan.title.de, carrier=authority, terms=terms)
        office.handle(entered, office.admin, stream)
        self.clients = {one.authority: self._connect(one.authority, stream) for one in scan.clients}

    def _connect(self, authority: str, centre: str) -> Client:
        """A client with its own administration, file plan and post room."""
        office = self.place.office
        admin = Actor(f"leitung.{authority}", frozenset({Role.ADMIN}), authority, Protection.VERY_HIGH)
        clerk = Actor(f"poststelle.{authority}", frozenset({Role.CASE_WORKER, Role.REGISTRAR}), authority)
        connect = ConnectClient(authority=authority, opens=self.place.scenario.horizon.start)
        office.handle(connect, office.admin, centre)
        register = Register(user=clerk.user, roles=tuple(sorted(clerk.roles)), authority=authority)
        office.handle(register, admin, f"staff:{clerk.user}")
        if authority != self.place.scenario.authority:
            office.handle(ImportFilePlan(authority=authority, csv=PLAN), clerk, f"file-plan:{authority}")
        return Client(authority, clerk)

    def start(self) -> None:
        env = self.place.office.env
        env.process(self._run_deliveries())
        env.process(run_nights(self.place, self.batches))

    def _run_deliveries(self) -> Generator[simpy.Event, None, None]:
        env, horizon = self.place.office.env, self.place.scenario.horizon
        day = horizon.start
        while day <= horizon.end:
            for clock in self.place.scan.deliveries if is_working(day) else ():
                yield env.timeout(get_timestamp(day, clock) - env.now)
                for client in self.place.scan.clients:
                    self._deliver(client, day, clock)
            day += ONE_DAY

    def _deliver(self, client: ScanClient, day: date, clock: str) -> None:
        """As many items as chance will have, in batches that are no larger than the centre takes."""
        place, scan = self.place, self.place.scan
        weekdays = [figure.value for figure in place.scenario.work.weekdays]
        mean = client.items_per_day.value * weekdays[day.weekday()] / fmean(weekdays) / len(scan.deliveries)
        key = f"{client.authority}/{day}/{clock}"
        random = place.streams.generator(key, "delivery")
        sheets = random.geometric(1 / max(scan.sheets.value, 1.0), size=random.poisson(mean)).tolist()
        for number, first in enumerate(range(0, len(sheets), scan.most_in_batch), 1):
            self._open(self.clients[client.authority], f"{key}/{number}", sheets[first : first + scan.most_in_batch])

    def _open(self, client: Client, key: str, sheets: list[int]) -> None:
        place, office = self.place, self.place.office
        items = tuple(NewItem(title=f"Eingang {key}-{n}", sheets=count) for n, count in enumerate(sheets, 1))
        create = CreateBatch(
            centre=place.scan.centre, authority=client.authority, title=f"Posteingang {key}", items=items
        )  # fmt: skip
        operator = place.teams[place.scan.operators].people[0]
        done = office.handle(create, operator.actor, "scan-batch")
        self.batches.append(done.stream)
        client.case_of_batch[done.stream] = self._open_case(client, key)
        place.tally.counts[client.authority, "items"] += len(items)
        for item in done.state.items.values():
            random = place.streams.generator(f"{key}/{item.number}", "scan item")
            Course(place, client, done.stream, item, random).begin()

    def _open_case(self, client: Client, key: str) -> tuple[str, str]:
        office = self.place.office
        create = CreateRecord(title=f"Posteingang {key}", file_plan_code=FILE_PLAN, lead="Poststelle")
        record = office.handle(create, client.clerk, "record").stream
        case = office.handle(AddCase(title=f"Posteingang {key}"), client.clerk, record).state.cases
        return record.partition(":")[2], list(case)[-1]
