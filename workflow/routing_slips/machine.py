"""The life of a routing slip and of its stations as two tables.

DOMEA 2.1 p. 57-66; xdomea Geschaeftsgang (0201-0203); rules 13 to 20.
"""

from workflow.engine.access import Role
from workflow.engine.machine import Machine, Row, rows
from workflow.routing_slips.guards import GUARDS, Ask

HUMANS = frozenset(Role) - {Role.SYSTEM}
OFFICE = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
OWNERS = {*OFFICE, Role.ADMIN, Role.ARCHIVIST, Role.AUDITOR}
SYSTEM = {Role.SYSTEM}


def _station_rows() -> list[Row]:
    found: list[Row] = []
    here = ("participant", "cleared", "active", "kind_fits")
    for action, roles, guards, en, de in (
        ("sign", OFFICE, ("approver", "four_eyes"), "signed", "gezeichnet"),
        ("approve", OFFICE, ("approver", "four_eyes"), "approved", "freigegeben"),
        ("acknowledge", HUMANS, (), "took note", "zur Kenntnis genommen"),
        ("dispatch", OFFICE, (), "dispatched", "versandt"),
        ("refuse", HUMANS, (), "refused", "verweigert"),
    ):
        found += rows(
            "circulating", action, None, roles, "slip.station_done", *here, *guards,
            en=en, de=de, basis="DOMEA 2.1 p. 57-66; rules 14 to 18",
        )  # fmt: skip
    return [
        *found,
        *rows(
            "completed filed", "acknowledge", None, HUMANS, "slip.station_done", *here,
            en="took note", de="zur Kenntnis genommen", basis="rule 17: an acknowledgement holds nothing up",
        ),
        *rows(
            "circulating", "comment", None, HUMANS, "slip.station_done",
            "participant", "cleared", "active", "not_frozen", "comment_asked",
            en="commented", de="Stellung genommen", basis="DOMEA 2.1 p. 57-66",
        ),
        *rows(
            "circulating", "comment", None, HUMANS, "slip.note_added",
            "participant", "cleared", "active", "not_frozen",
            en="added a note", de="Geschäftsgangvermerk angebracht", basis="DOMEA 2.1 p. 57-66",
        ),
        *rows(
            "circulating", "close", "filed", OFFICE, "slip.station_done", *here, "has_record",
            en="ordered z.d.A.", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 66; rule 5",
        ),
        *rows(
            "circulating", "open", None, HUMANS, "slip.station_opened", "participant", "cleared", "active",
            en="took it up", de="angenommen", basis="rule 19",
        ),
        *rows(
            "circulating", "forward", None, HUMANS, "slip.station_done",
            *here, "participants_here", "participants_cleared",
            en="not competent, forwarded", de="nicht zuständig, weitergeleitet", basis="DOMEA 2.1 p. 61",
        ),
        *rows(
            "circulating", "delegate", None, HUMANS, "slip.station_delegated",
            "participant", "cleared", "active", "participants_here", "participants_cleared",
            en="delegated", de="delegiert", basis="rule 18",
        ),
    ]  # fmt: skip


def _owner_rows() -> list[Row]:
    taking_part = ("participants_here", "participants_cleared")
    return [
        *rows(
            "draft returned", "plan", None, OWNERS, "slip.route_planned", "owner",
            en="planned the route", de="Laufweg festgelegt", basis="DOMEA 2.1 p. 62: Laufweg ad hoc",
        ),
        *rows(
            "draft returned", "revise", None, OWNERS, "slip.revised", "owner",
            en="revised the content", de="Inhalt überarbeitet", basis="rule 16",
        ),
        *rows(
            "draft returned", "start", "circulating", OWNERS, "slip.started", "owner", "route_planned", *taking_part,
            en="started", de="Umlauf gestartet", basis="xdomea 0201; rules 16, 20",
        ),
        *rows(
            "draft returned", "cancel", "cancelled", OWNERS, "slip.cancelled", "owner",
            en="cancelled", de="abgebrochen", basis="domain 2.3",
        ),
        *rows(
            "draft circulating paused returned", "raise_protection", None, OWNERS, "slip.protection_raised",
            "owner", "rises", "participants_cleared",
            en="raised the protection need", de="Schutzbedarf erhöht", basis="TR-03138 A.G.2; rule 20",
        ),
        *rows(
            "circulating", "insert", None, HUMANS, "slip.stations_inserted",
            "may_insert", "behind_current", *taking_part,
            en="inserted stations", de="Stationen eingefügt", basis="xdomea 0203; rule 13",
        ),
        *rows(
            "circulating paused", "skip", None, OWNERS, "slip.station_skipped", "owner", "behind_current",
            en="skipped a station", de="Station übersprungen", basis="xdomea Beteiligungsstatus 004; rule 13",
        ),
        *rows(
            "circulating", "recall", "returned", OWNERS, "slip.recalled", "owner", "untouched",
            en="recalled", de="zurückgeholt", basis="rule 19",
        ),
        *rows(
            "circulating", "recall", None, HUMANS, "slip.station_recalled", "participant", "sender",
            en="recalled from the next station", de="von der nächsten Station zurückgeholt", basis="rule 19",
        ),
        *rows(
            "returned", "overrule", "circulating", {Role.APPROVER}, "slip.station_overruled",
            "final_signer", "cleared", "refused_there",
            en="overruled a refusal", de="Verweigerung übersteuert", basis="rule 15",
        ),
        *rows(
            "circulating", "pause", "paused", OWNERS, "slip.paused", "owner",
            en="paused", de="angehalten", basis="domain 2.3",
        ),
        *rows(
            "paused", "resume", "circulating", OWNERS, "slip.resumed", "owner",
            en="resumed", de="fortgesetzt", basis="domain 2.3",
        ),
        *rows(
            "circulating paused returned", "withdraw", "withdrawn", OWNERS, "slip.withdrawn", "owner",
            en="withdrew", de="zurückgezogen", basis="rule 19",
        ),
        *rows(
            "completed", "file", "filed", OWNERS, "slip.filed", "owner", "filed_somewhere",
            en="filed the route protocol", de="veraktet, Laufwegprotokoll abgelegt", basis="DOMEA 2.1 p. 86; rule 21",
        ),
    ]  # fmt: skip


def _time_rows() -> list[Row]:
    return [
        *rows(
            "circulating", "elapse", None, SYSTEM, "slip.station_done", "active", "kind_fits",
            en="resubmission day came", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
        ),
        *rows(
            "circulating", "remind", None, SYSTEM, "slip.reminded", "active",
            en="reminded", de="erinnert", basis="rule 17",
        ),
        *rows(
            "circulating", "escalate", None, SYSTEM, "slip.escalated", "active",
            en="escalated; nothing was signed by lapse of time", de="eskaliert; durch Fristablauf wird nie gezeichnet",
            basis="rule 17",
        ),
        *rows(
            "circulating", "skip_unread", None, SYSTEM, "slip.station_skipped", "active", "kind_fits",
            en="left out an unread acknowledgement", de="ungelesene Kenntnisnahme übersprungen", basis="domain 2.4",
        ),
        *rows(
            "circulating", "complete", "completed", SYSTEM, "slip.completed",
            en="completed", de="abgeschlossen", basis="rule 14",
        ),
        *rows(
            "circulating", "send_back", "returned", SYSTEM, "slip.returned",
            en="returned to the owner", de="zurück an die Federführung", basis="rule 16",
        ),
        *rows(
            "filed withdrawn cancelled", "erase", "deleted", SYSTEM, "content.erased",
            en="erased with its file", de="mit der Akte gelöscht", basis="rule 12",
        ),
    ]  # fmt: skip


MACHINE: Machine[Ask] = Machine(
    name="routing-slip",
    states={
        "draft": "Entwurf",
        "circulating": "im Umlauf",
        "paused": "angehalten",
        "returned": "in Überarbeitung",
        "completed": "abgeschlossen",
        "filed": "veraktet",
        "withdrawn": "zurückgezogen",
        "cancelled": "abgebrochen",
        "deleted": "gelöscht",
    },
    initial="draft",
    ends=frozenset({"filed", "withdrawn", "cancelled", "deleted"}),
    table=[*_owner_rows(), *_station_rows(), *_time_rows()],
    guards=GUARDS,
)


def _status_rows() -> list[Row]:
    ends = "sign approve acknowledge comment dispatch close refuse forward elapse"
    basis = "xdomea Beteiligungsstatus"
    found = rows(
        "planned", "activate", "active", SYSTEM, "slip.station_activated",
        en="became active", de="an der Reihe", basis=basis,
    )  # fmt: skip
    for action in ends.split():
        roles = SYSTEM if action == "elapse" else HUMANS
        found += rows("active", action, "done", roles, "slip.station_done", en="done", de="erledigt", basis=basis)
    found += rows(
        "planned active", "skip", "skipped", HUMANS, "slip.station_skipped",
        en="skipped", de="übersprungen", basis=basis,
    )  # fmt: skip
    found += rows(
        "active", "skip_unread", "skipped", SYSTEM, "slip.station_skipped",
        en="left out unread", de="ungelesen übersprungen", basis=basis,
    )  # fmt: skip
    found += rows(
        "active", "recall", "planned", HUMANS, "slip.station_recalled",
        en="recalled", de="zurückgeholt", basis="rule 19",
    )  # fmt: skip
    return found


STATION: Machine[Ask] = Machine(
    name="station",
    states={"planned": "zukünftig", "active": "aktuell", "done": "abgeschlossen", "skipped": "übersprungen"},
    initial="planned",
    ends=frozenset({"done", "skipped"}),
    table=_status_rows(),
    guards={},
)
"""001 to 004: what may happen to one station, whatever the slip."""
