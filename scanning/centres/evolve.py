"""Folding a scan centre: what each event makes of it."""

from scanning.centres.events import CentreAudited, CentreEntered, ClientConnected
from scanning.centres.machine import MACHINE
from scanning.centres.scan_centre import Client, ScanCentre
from workflow.engine.aggregate import Evolver, replace

evolve: Evolver[ScanCentre] = Evolver()


@evolve.birth(CentreEntered)
def _entered(event: CentreEntered) -> ScanCentre:
    state = MACHINE.state_after(MACHINE.initial, event)
    return ScanCentre(event.centre, event.kind, event.title, event.carrier, event.terms, state)


@evolve.on(CentreEntered)
def _changed(centre: ScanCentre, event: CentreEntered) -> ScanCentre:
    return replace(centre, kind=event.kind, title=event.title, carrier=event.carrier, terms=event.terms)


@evolve.on(ClientConnected)
def _connected(centre: ScanCentre, event: ClientConnected) -> ScanCentre:
    return replace(centre, clients={**centre.clients, event.authority: Client(event.opens, event.closes)})


@evolve.on(CentreAudited)
def _audited(centre: ScanCentre, event: CentreAudited) -> ScanCentre:
    return replace(centre, audited_on=event.on)
