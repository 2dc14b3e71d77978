"""The life of a scanned item as a table, from arrival to the destroyed paper.

BSI TR-03138 and its Anwendungshinweis V; domain 3.4; rules 22 to 24.
"""

from scanning.batches.guards import GATE, GUARDS, Ask
from scanning.batches.scan_batch import STATES
from workflow.engine.access import Role
from workflow.engine.machine import Machine, Row, rows

OPERATORS = {Role.SCAN_OPERATOR}
INSPECTORS = {Role.SCAN_INSPECTOR}
MAKERS = {*OPERATORS, *INSPECTORS}
CLERKS = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
SYSTEM = {Role.SYSTEM}
UNSEALED = "received prepared scanned checked rejected"
SEALED = "sealed delivered acknowledged destruction_due"


def _before_the_seal() -> list[Row]:
    return [
        *rows(
            "received", "prepare", "prepared", OPERATORS, "scan.item_prepared", "cleared", "eligible",
            en="prepared", de="vorbereitet", basis="TR-03138 A.DV.1, A.DV.2; rule 22",
        ),
        *rows(
            UNSEALED, "exclude", "excluded", {*MAKERS, Role.REGISTRAR}, "scan.item_excluded", "cleared",
            en="excluded", de="ausgeschlossen", basis="Anw. V 2.4; rule 22",
        ),
        *rows(
            ["in_doubt", *SEALED.split()], "exclude", "excluded", {*INSPECTORS, Role.REGISTRAR}, "scan.item_excluded",
            "cleared",
            en="excluded; the paper stays", de="ausgeschlossen; das Papier bleibt", basis="Anw. V 2.4; rule 22",
        ),
        *rows(
            UNSEALED, "doubt", "in_doubt", MAKERS, "scan.item_doubted", "cleared",
            en="in doubt", de="in Klärung", basis="Anw. V 2.5.2.1",
        ),
        *rows(
            "in_doubt", "clear", "received", {*INSPECTORS, *CLERKS}, "scan.item_cleared", "cleared", "not_the_doubter",
            en="cleared", de="geklärt", basis="Anw. V 2.5.2.1",
        ),
        *rows(
            "prepared rejected", "scan", "scanned", OPERATORS, "scan.item_scanned", "cleared", "eligible",
            en="scanned", de="gescannt", basis="TR-03138 A.SC.5, A.SC.7, A.SC.11",
        ),
        *rows(
            "scanned checked rejected", "rework", "scanned", MAKERS, "scan.item_reworked", "cleared", "has_scan",
            en="reworked", de="nachbearbeitet", basis="TR-03138 A.NB.1",
        ),
        *rows(
            "prepared scanned checked rejected", "recount", None, MAKERS, "scan.item_recounted", "cleared",
            en="counted again", de="nachgezählt", basis="TR-03138 A.NB.3",
        ),
        *rows(
            "scanned checked", "check", "checked", INSPECTORS, "scan.item_checked", "cleared", "other_than_operator",
            "counted", "looked_at", "duplicate_accepted",
            en="checked", de="geprüft", basis="TR-03138 A.SC.8, A.NB.2, A.NB.3, A.AM.IN.SH.1",
        ),
        *rows(
            "scanned checked sealed", "reject", "rejected", INSPECTORS, "scan.item_rejected", "cleared",
            en="rejected", de="zurückgewiesen", basis="TR-03138 A.SC.8: rescan",
        ),
        *rows(
            "checked", "seal", "sealed", {*MAKERS, *SYSTEM}, "scan.item_sealed", "cleared", "qa_passed", "counted",
            "product_fits", "note_fits", "seal_fits",
            en="sealed", de="gesiegelt", basis="TR-03138 A.NB.4, A.IS.1; rule 23",
        ),
    ]  # fmt: skip


def _after_the_seal() -> list[Row]:
    return [
        *rows(
            SEALED, "reject_seal", "checked", {*INSPECTORS, Role.REGISTRAR, *SYSTEM}, "scan.seal_rejected", "cleared",
            en="seal rejected", de="Siegel zurückgewiesen", basis="TR-03138 A.IS.1",
        ),
        *rows(
            SEALED, "verify", None, {*INSPECTORS, Role.ADMIN, *SYSTEM}, "scan.item_verified",
            en="verified", de="Bestand geprüft", basis="TR-03138 A.T.4",
        ),
        *rows(
            "sealed", "deliver", "delivered", {*MAKERS, Role.REGISTRAR, *SYSTEM}, "scan.item_delivered", "cleared",
            "qa_passed", "seal_delivers", "stored", "read_back",
            en="delivered", de="zugestellt", basis="F073, F062: released scans go into the E-Postmappe",
        ),
        *rows(
            "delivered", "acknowledge", "acknowledged", {*CLERKS, *SYSTEM}, "scan.item_acknowledged", "cleared",
            "filed",
            en="acknowledged", de="angenommen", basis="rule 24; domain 3.4",
        ),
        *rows(
            "acknowledged", "fall_due", "destruction_due", SYSTEM, "scan.item_fell_due", "period_over",
            en="paper period over", de="Papierfrist abgelaufen", basis="e-Akten-VO Justiz NRW § 3 (3); domain 3.3",
        ),
        *rows(
            "delivered acknowledged destruction_due", "report_defect", None, {*CLERKS}, "scan.defect_reported",
            "cleared", "look_first",
            en="defect reported, to be looked into", de="Mangel gemeldet, zu klären", basis="rule 24; A.NB.3",
        ),
        *rows(
            "delivered acknowledged destruction_due", "report_defect", "rejected", {*CLERKS}, "scan.defect_reported",
            "cleared",
            en="defect reported, to be scanned again", de="Mangel gemeldet, neu zu scannen",
            basis="rule 24; TR-03138 A.NB.3: clerks report back",
        ),
        *rows(
            SEALED, "settle_defect", None, {*INSPECTORS, *CLERKS}, "scan.defect_settled", "cleared", "has_defect",
            en="defect settled", de="Mangel erledigt", basis="rule 24",
        ),
        *rows(
            "destruction_due", "release_destruction", None, {*INSPECTORS, Role.REGISTRAR, Role.APPROVER},
            "scan.destruction_released", "cleared", "not_released", "second_person", *GATE,
            en="destruction released", de="Vernichtung freigegeben", basis="Anw. V; TR-03138 A.O.1, A.SC.8; rule 24",
        ),
        *rows(
            "destruction_due", "destroy", "destroyed", {*MAKERS, Role.REGISTRAR}, "scan.item_destroyed", "cleared",
            "released", "not_the_releaser", *GATE,
            en="paper destroyed", de="Papier vernichtet", basis="Anw. V: authorised by one, done by one; rule 24",
        ),
    ]  # fmt: skip


def _at_any_time() -> list[Row]:
    kept = [state for state in STATES if state not in {"destroyed", "excluded"}]
    return [
        *rows(
            kept, "hold", None, {*MAKERS, *CLERKS}, "scan.hold_set", "cleared",
            en="paper held", de="Papier gesperrt", basis="rule 24; domain 3.4",
        ),
        *rows(
            kept, "release_hold", None, {*INSPECTORS, *CLERKS}, "scan.hold_released", "cleared", "held",
            en="hold released", de="Sperre aufgehoben", basis="rule 9: holds count independently",
        ),
        *rows(
            kept, "raise_protection", None, {*MAKERS, *CLERKS}, "scan.protection_raised", "cleared", "raised",
            en="protection need raised", de="Schutzbedarf erhöht", basis="TR-03138 A.G.2",
        ),
        *rows(
            "destroyed excluded", "forget", None, SYSTEM, "scan.item_forgotten", "not_forgotten",
            en="forgotten with its file", de="mit der Akte gelöscht", basis="rule 12: deletion is total",
        ),
    ]  # fmt: skip


MACHINE: Machine[Ask] = Machine(
    name="scan-batch",
    states=STATES,
    initial="received",
    ends=frozenset({"destroyed", "excluded"}),
    table=[*_before_the_seal(), *_after_the_seal(), *_at_any_time()],
    guards=GUARDS,
)
