"""The life cycle of a record (E-Akte) and of each case (Vorgang), from creation to the tombstone, as one table.

DOMEA 2.1 p. 84-87; xdomea 0501-0507, 0624, 0632; ArchivG NRW § 4; rules 4 to 12.
"""

from workflow.engine.access import Role
from workflow.engine.machine import Machine, Row, rows
from workflow.records.guards import GUARDS, Ask

STAFF = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
REGISTRY = {Role.REGISTRAR}
SYSTEM = {Role.SYSTEM}
WORK = "created in_work"
BEGUN = {"add_version", "finalise", "check_out", "check_in", "settle_resubmission"}
"""What needs a document or a resubmission, and so work that has begun."""


def _work_rows() -> list[Row]:
    basis = "DOMEA 2.1 p. 84 (Bearbeitung); rule 1"
    found = rows(WORK, "work", "in_work", STAFF, "record.worked", en="worked on", de="bearbeitet", basis=basis)
    for action, event, guards, en, de in (
        ("add_case", "record.case_added", (), "opened a case", "Vorgang angelegt"),
        (
            "add_document",
            "record.document_added",
            ("grade_released",),
            "filed a document",
            "Dokument zum Vorgang genommen",
        ),
        (
            "add_version",
            "record.version_added",
            ("not_final", "not_reserved", "not_circulating"),
            "added a version",
            "Version hinzugefügt",
        ),
        (
            "finalise",
            "record.document_finalised",
            ("not_final", "not_reserved"),
            "made a document final",
            "Dokument abgeschlossen",
        ),
        (
            "check_out",
            "record.checked_out",
            ("not_final", "not_reserved"),
            "checked a document out",
            "Dokument ausgecheckt",
        ),
        (
            "check_in",
            "record.checked_in",
            ("reserved", "not_reserved"),
            "checked a document in",
            "Dokument eingecheckt",
        ),
        ("set_resubmission", "record.resubmission_set", (), "set a resubmission", "Wiedervorlage verfügt"),
        ("settle_resubmission", "record.resubmission_settled", (), "settled a resubmission", "Wiedervorlage erledigt"),
        ("change", "record.changed", ("grade_released",), "changed metadata", "Metadaten geändert"),
    ):
        roles = STAFF | SYSTEM if action == "add_document" else STAFF
        sources = "in_work" if action in BEGUN else WORK
        found += rows(sources, action, "in_work", roles, event, *guards, en=en, de=de, basis=basis)
    found += rows(
        "in_work", "resubmission_due", "in_work", SYSTEM, "record.resubmission_fell_due",
        en="resubmission fell due", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
    )  # fmt: skip
    found += rows(
        WORK, "attach_slip", "in_work", SYSTEM, "record.slip_attached",
        en="a routing slip started", de="E-Laufmappe gestartet", basis="rule 5",
    )  # fmt: skip
    return found


def _closing_rows() -> list[Row]:
    return [
        *rows(
            "in_work", "close", "closed", STAFF, "record.closed",
            "no_open_slip", "no_resubmission", "checked_in", "documents_final", "cases_closed",
            en="closed (z.d.A.)", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 84-87; xdomea 0624; rule 5",
        ),
        *rows(
            "closed", "change", "closed", STAFF, "record.changed", "harmless", "grade_released",
            en="changed metadata; the transfer period begins anew",
            de="Metadaten geändert; Transferfrist beginnt neu", basis="DOMEA 2.1 p. 85; rule 6",
        ),
        *rows(
            "closed registry", "reopen", "in_work", REGISTRY, "record.reopened",
            en="lifted z.d.A.", de="z.d.A. aufgehoben", basis="xdomea 0632; rule 6",
        ),
        *rows(
            "closed", "to_registry", "registry", SYSTEM, "record.moved_to_registry",
            "transfer_over", "cases_in_registry",
            en="moved to the registry", de="in die Altregistratur überführt", basis="DOMEA 2.1 p. 85",
        ),
        *rows(
            "registry", "fall_due", "due", SYSTEM, "record.fell_due", "no_hold", "due_reached", "cases_due",
            en="retention ended", de="aussonderungsreif", basis="Landesarchiv NRW node 14925; rule 7",
        ),
        *rows(
            "created in_work closed registry", "change_retention", None, REGISTRY, "record.retention_changed",
            "not_shortened_under_hold",
            en="changed retention", de="Aufbewahrungsfrist geändert", basis="rule 4; rule 9",
        ),
        *rows(
            "created in_work closed registry due", "propose", None, STAFF, "record.appraisal_proposed",
            en="proposed an appraisal", de="Bewertungsvorschlag gemacht", basis="xdomea Bewertungsvorschlag; rule 10",
        ),
    ]  # fmt: skip


def _hold_rows() -> list[Row]:
    all_but_deleted = "created in_work closed registry due offered appraised transferred confirmed"
    roles = {Role.REGISTRAR, Role.ADMIN}
    return [
        *rows(
            all_but_deleted, "hold", None, roles, "record.hold_set",
            en="set a legal hold", de="Löschsperre gesetzt", basis="rule 9",
        ),
        *rows(
            all_but_deleted, "release_hold", None, roles, "record.hold_released", "hold_known",
            en="released a legal hold", de="Löschsperre aufgehoben", basis="rule 9",
        ),
        *rows(
            all_but_deleted, "detach_slip", None, SYSTEM, "record.slip_detached",
            en="a routing slip ended; its protocol was filed", de="E-Laufmappe beendet; Laufwegprotokoll veraktet",
            basis="DOMEA 2.1 p. 86; rule 21",
        ),
    ]  # fmt: skip


def _disposal_rows() -> list[Row]:
    roles = {Role.REGISTRAR, Role.ADMIN}
    found = [
        *rows(
            "due", "offer", "appraised", REGISTRY, "record.preappraised",
            "no_hold", "cases_due", "agreed_with_archive",
            en="appraised by the agreed catalogue", de="nach Bewertungskatalog bewertet",
            basis="xdomea 0513, two-step procedure; DOMEA 2.1 p. 87",
        ),
        *rows(
            "due", "offer", "offered", REGISTRY, "record.offered", "no_hold", "cases_due",
            en="offered to the archive", de="dem Archiv angeboten", basis="§ 4 (1) ArchivG NRW; xdomea 0501",
        ),
        *rows(
            "appraised", "offer", "offered", REGISTRY, "record.offered", "no_hold", "undecided", "cases_due",
            en="offered to the archive again", de="dem Archiv erneut angeboten", basis="rule 11: B is kept",
        ),
        *rows(
            "offered", "appraise", "appraised", {Role.ARCHIVIST}, "record.appraised",
            "process_known", "only_offered", "not_the_offerer",
            en="appraised by the archive", de="vom Archiv bewertet", basis="xdomea 0502; rules 10, 11",
        ),
        *rows(
            "appraised", "transfer", "transferred", REGISTRY, "record.transferred", "worth_archiving", "process_known",
            en="transferred to the archive", de="an das Archiv abgegeben", basis="xdomea 0503; rule 11",
        ),
        *rows(
            "transferred", "confirm", "confirmed", {Role.ARCHIVIST}, "record.confirmed",
            "process_known", "exactly_transferred", "imported",
            en="confirmed by the archive", de="Übernahme bestätigt", basis="xdomea 0506; rule 11",
        ),
        *rows(
            "transferred", "confirm", "appraised", {Role.ARCHIVIST}, "record.transfer_failed",
            "process_known", "exactly_transferred", "import_failed",
            en="could not be taken in", de="Übernahme gescheitert", basis="xdomea 0506, Erfolgreich = 0",
        ),
    ]  # fmt: skip
    for source, decided in (("appraised", ("to_be_destroyed",)), ("confirmed", ())):
        common = ("no_hold", *decided, "retention_over", "contents_gone")
        found += rows(
            source, "delete", source, roles, "record.deletion_requested", *common, "not_requested",
            en="requested deletion", de="Löschung beantragt", basis="rule 12: dual control",
        )  # fmt: skip
        found += rows(
            source, "delete", "deleted", roles, "record.deleted", *common, "requested", "second_person",
            en="deleted; a tombstone remains", de="gelöscht; Löschprotokoll bleibt", basis="rules 8, 12",
        )  # fmt: skip
    return found


MACHINE: Machine[Ask] = Machine(
    name="record",
    states={
        "created": "angelegt",
        "in_work": "in Bearbeitung",
        "closed": "z.d.A.",
        "registry": "Altregistratur",
        "due": "aussonderungsreif",
        "offered": "angeboten",
        "appraised": "bewertet",
        "transferred": "abgegeben",
        "confirmed": "Übernahme bestätigt",
        "deleted": "gelöscht",
    },
    initial="created",
    ends=frozenset({"deleted"}),
    table=[*_work_rows(), *_closing_rows(), *_hold_rows(), *_disposal_rows()],
    guards=GUARDS,
)
