"""An element of a model as a station: what is asked, of whom, until when."""

import re
from datetime import date, datetime
from typing import Any

from api.replay.bpmn.element_map import ElementMap
from api.replay.bpmn.kinds import guess_kinds
from api.replay.bpmn.model import EVENTS_TO_COME, SAY_WHAT, SAY_WHO, Claim, Element, Moment, Process
from simulation.inputs.durations import parse_duration
from simulation.inputs.faults import such_as
from workflow.engine.fields import BERLIN, is_name
from workflow.organisation.working_days import local_day, start_of
from workflow.text import InvalidValue, Text, same

_OWN = ("skip_unread", "silence_consents", "escalate_to", "awaits", "deadline_days")
"""What the map, or an export of ours, says of a station beyond kind, person and day."""
_DAYS = re.compile(r"P([1-9][0-9]{0,2})([DW])")
_TERMS = Text(
    "Mitzeichnung, Schlusszeichnung, Freigabe, Kenntnisnahme, Stellungnahme, Versand oder z.d.A., oder --map",
    "Mitzeichnung, Schlusszeichnung, Freigabe, Kenntnisnahme, Stellungnahme, Versand or z.d.A., or --map",
)
_TOO_LONG = Text("seine Dokumentation hat mehr als 10.000 Zeichen", "its documentation has more than 10,000 characters")
_STAYS = Text(
    "eine Station bleibt, wo sie ist; ihre Frist erinnert und eskaliert",
    "a station stays where it is; its deadline reminds and escalates",
)


class StationBuilder:
    def __init__(self, process: Process, start: date, said: ElementMap) -> None:
        self._process, self._start, self._said = process, start, said

    def build(self, nodes: list[Any]) -> list[dict[str, Any]]:
        """Stations in the order of the elements; a list of lists becomes a parallel block."""
        found: list[dict[str, Any]] = []
        for node in nodes:
            if isinstance(node, list):
                branches = [part for part in (self._branch(branch) for branch in node) if part]
                found += [{"parallel": branches}] if len(branches) > 1 else branches
            else:
                found.append(self._station(node))
        return found

    def _branch(self, nodes: list[Any]) -> dict[str, Any] | None:
        parts = self.build(nodes)
        return None if not parts else parts[0] if len(parts) == 1 else {"sequence": parts}

    def _station(self, element: Element) -> dict[str, Any]:
        said = {**element.own, **self._said.find(element.id, element.name)}
        if element.tag == "intermediateCatchEvent":
            kind: str | None = "resubmit"
        else:
            kind = said.get("kind") or self._guess_kind(element)
        station = {"kind": kind, "actor": said.get("actor") or self._find_actor(element)}
        station |= {key: said[key] for key in _OWN if key in said}
        moments = [moment for one in self._process.boundary if one.attached_to == element.id for moment in one.due]
        key = "until" if kind == "resubmit" else "deadline"
        day = said.get(key) or self._find_day(element, [*element.due, *moments], key)
        if element.trigger in EVENTS_TO_COME and "awaits" not in station:
            station["awaits"] = element.name or element.trigger.removesuffix("EventDefinition")
            awaited = station["awaits"]
            says = Text(
                f"wartet, bis jemand sagt, dass `{awaited}` gekommen ist",
                f"waits until somebody says that `{awaited}` has come",
            )
            self._process.warn(element, says)
        if day is None and kind == "resubmit" and not element.due and "awaits" not in station:
            expected = Text(
                "ein Timer, oder `until` oder `awaits` in --map", "a timer, or `until` or `awaits` in --map"
            )
            self._process.refuse(element, Text("wartet auf keinen Tag", "waits for no day"), expected)
        station |= {} if day is None else {"deadline_days": day} if isinstance(day, int) else {key: day}
        instruction = said.get("instruction") or element.instruction
        if len(instruction) > 10_000:
            self._process.refuse(element, _TOO_LONG)
        self._tell_of_interruption(element)
        return station | ({"instruction": instruction} if instruction else {})

    def _tell_of_interruption(self, element: Element) -> None:
        for timer in self._process.boundary:
            if timer.attached_to == element.id and timer.interrupts:
                says = Text(
                    f"nähme {element.label} die Arbeit weg; nicht gelesen",
                    f"would take the work away from {element.label}; not read",
                )
                self._process.warn(timer, says, _STAYS)

    def _guess_kind(self, element: Element) -> str | None:
        (kinds, sure), name = guess_kinds(element.name), f"`{element.name}`"
        if len(kinds) > 1:
            says = Text(f"{name} kann {' oder '.join(kinds)} sein", f"{name} may be {' or '.join(kinds)}")
            self._process.refuse(element, says, Text("in --map sagen, was davon", "say which in --map"))
        elif not kinds:
            says = Text(f"{name} sagt nicht, was verlangt wird", f"{name} does not tell what is asked for")
            self._process.refuse(element, says, _TERMS)
        elif not sure:
            says = Text(f"{name} gilt als {kinds[0]}", f"{name} is taken for {kinds[0]}")
            self._process.warn(element, says, SAY_WHAT)
        return kinds[0] if kinds else None

    def _find_actor(self, element: Element) -> str | None:
        for claim in element.claims:
            actors = [actor for name in claim.names if (actor := self._said.find_actor(name))]
            if actors:
                return actors[0]
        strongest = next((claim for claim in element.claims if claim.kind in {"person", "lane"}), None)
        if strongest is None:
            return self._without_person(element)
        actor = strongest.names[0]
        if not is_name(actor):
            says = Text(f"{strongest} ist kein Name einer Person", f"{strongest} is no name of a person")
            self._process.refuse(element, says, SAY_WHO)
        elif strongest.kind == "lane":
            says = Text(f"die Lane `{actor}` gilt als die Person", f"the lane `{actor}` is taken for the person")
            self._process.warn(element, says, SAY_WHO)
        elif len(strongest.names) > 1:
            says = Text(
                f"{strongest}: eine Station hat eine Person, also {actor}",
                f"{strongest}: a station has one person, so {actor}",
            )
            self._process.warn(element, says, SAY_WHO)
        for claim in element.claims:
            if claim.kind != "lane" and claim is not strongest:
                told = _describe(claim)
                self._process.warn(
                    element, Text(f"{told.de}; {actor} hat die Station", f"{told.en}; {actor} has the station")
                )
        return actor

    def _without_person(self, element: Element) -> str | None:
        if element.claims:
            told = zip(*map(_describe, element.claims), strict=True)
            self._process.refuse(element, Text(*map("; ".join, told)), SAY_WHO)
        elif element.tag == "intermediateCatchEvent":
            return self._find_waiting(element)
        else:
            says = Text("hat weder Bearbeiter noch Lane", "has neither assignee nor lane")
            expected = Text("ein Bearbeiter, oder `actor` in --map", "an assignee, or `actor` in --map")
            self._process.refuse(element, says, expected)
        return None

    def _find_waiting(self, timer: Element) -> str | None:
        """Who has the first task that names a person; somebody has to wait."""
        named = (c.names[0] for n in self._process.nodes.values() for c in n.claims if c.kind == "person")
        mapped = (actor for n in self._process.nodes.values() if (actor := self._said.find(n.id, n.name).get("actor")))
        actor = next(mapped, None) or next(named, None)
        if actor is None:
            says = Text(
                "ein Timer braucht jemanden, der wartet; keine Aufgabe nennt eine Person",
                "a timer needs somebody who waits; no task names a person",
            )
            self._process.refuse(timer, says, same("`actor` in --map"))
        else:
            says = Text(f"nennt niemanden, der wartet, also wartet {actor}", f"names nobody who waits, so {actor} does")
            self._process.warn(timer, says, SAY_WHO)
        return actor

    def _find_day(self, element: Element, moments: list[Moment], key: str) -> str | int | None:
        """A day, or for a deadline the days after delivery where the only duration is one of whole days."""
        whole = _DAYS.fullmatch(moments[0].text.strip()) if len(moments) == 1 and key == "deadline" else None
        if whole and moments[0].form in {"", "timeDuration"}:
            return int(whole[1]) * (7 if whole[2] == "W" else 1)
        days = [day for day in (self._read_moment(element, moment, key) for moment in moments) if day]
        if len(set(days)) > 1:
            listed, last = ", ".join(days), max(days)
            says = Text(
                f"hat mehrere Fristen ({listed}); die letzte zählt: {last}",
                f"has several deadlines ({listed}); the last counts: {last}",
            )
            self._process.warn(element, says)
        return max(days, default=None)

    def _read_moment(self, element: Element, moment: Moment, key: str) -> str | None:
        """The day of a timer or due date: one that is written, or a duration counted from the start."""
        text, findings = moment.text.strip(), self._process.findings
        if moment.form == "timeCycle" and key == "deadline":
            says = Text(f"Erinnerungen `{text}` werden nicht gelesen", f"reminders at `{text}` are not read")
            findings.warn(moment.place, element.label, says, Text("eine Frist erinnert", "a deadline reminds"))
            return None
        if text[:2] in {"${", "#{"} or text[:1] == "=":
            says = Text(f"{moment.source} `{text}` ist ein Ausdruck", f"{moment.source} `{text}` is an expression")
            findings.refuse(moment.place, element.label, says, Text("ein Tag, oder --map", "a day, or --map"))
            return None
        if moment.form == "timeCycle" or not text:
            says = Text("ist kein Timer mit Tag oder Dauer", "is no timer with a date or a duration")
            findings.refuse(moment.place, element.label, says)
            return None
        if moment.form == "timeDate" or not (moment.form or text.startswith("P")):
            return self._read_date(element, moment)
        try:
            found = local_day(parse_duration(text).after(start_of(self._start).astimezone(BERLIN))).isoformat()
        except (InvalidValue, OverflowError) as wrong:
            beyond = Text("die Dauer führt aus dem Kalender", str(wrong))
            why = wrong.text if isinstance(wrong, InvalidValue) else beyond
            findings.refuse(moment.place, element.label, Text(*(f"{moment.source} `{text}`: {one}" for one in why)))
            return None
        says = Text(
            f"{moment.source} {text} zählt von --start an, also bis {found}",
            f"{moment.source} {text} counts from --start, so until {found}",
        )
        findings.warn(moment.place, element.label, says)
        return found

    def _read_date(self, element: Element, moment: Moment) -> str | None:
        try:
            return _read_day(moment.text.strip()).isoformat()
        except (ValueError, OverflowError):  # the latter at both ends of the calendar, where here is another day
            shown = f"{moment.source} `{moment.text.strip()}`"
            says = Text(f"{shown} ist kein Tag", f"{shown} is no date")
            self._process.findings.refuse(moment.place, element.label, says, such_as("2021-06-11"))
            return None


def _read_day(text: str) -> date:
    """A day, or that of a time; a time with its zone may lie on another day here."""
    if len(text) == 10:
        return date.fromisoformat(text)
    time = datetime.fromisoformat(text)
    return time.date() if time.tzinfo is None else local_day(time)


def _describe(claim: Claim) -> Text:
    if claim.kind == "group":
        return Text(f"{claim}: eine Gruppe ist keine Person", f"{claim}: a group is no person")
    if claim.kind == "expression":
        return Text(
            f"{claim} ist ein Ausdruck, den nur eine Engine auswerten kann",
            f"{claim} is an expression that only an engine can evaluate",
        )
    return Text(f"{claim} wird nicht gelesen", f"{claim} is not read")
