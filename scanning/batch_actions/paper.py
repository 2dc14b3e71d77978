"""Actions on the paper: kept by a hold, of higher need, released for destruction, destroyed; and forgotten."""

from scanning.batch_actions.item import CLERKS, INSPECTORS, MAKERS, SYSTEM, ItemCommand
from scanning.batches import events as e
from scanning.batches.question import Question
from scanning.batches.release_gate import GATE
from scanning.batches.scan_batch import STATES
from scanning.batches.values import DamagedFile, DestructionEvidence, Grounds
from workflow.engine.access import Protection, Role
from workflow.engine.commands import Built, rows
from workflow.engine.fields import FreeText, Id, Line
from workflow.errors import InvalidCommand
from workflow.text import Text

_KEPT = " ".join(state for state in STATES if state not in {"destroyed", "excluded"})


def _list_grounds(question: Question) -> Grounds:
    """Every condition of the release gate in figures; the guards were met before, so all is there."""
    item = question.item
    acknowledgement, product, check = item.acknowledgement, item.product, item.check
    evidence: DestructionEvidence | None = question.command.get("evidence") if question.command else None
    if acknowledgement is None or product is None or check is None or evidence is None or evidence.backup is None:
        raise InvalidCommand(
            [("/item", Text("Die Freigabe zur Vernichtung liegt nicht vor", "the release gate is not passed"))]
        )
    return Grounds(
        sha256=product.sha256,
        sheets=item.sheets,
        checked_by=check.by,
        visual=check.visual,
        scans=len(item.scans),
        note_sha256=product.note_sha256,
        seal=product.seal.kind.value if product.seal else "none",
        backup_run=evidence.backup.run,
        record=acknowledgement.record,
        document=acknowledgement.document,
        paper_until=acknowledgement.paper_until,
        measures=question.measures.ids,
    )


class ReleaseDestruction(
    ItemCommand, action="release_destruction", en="Release for destruction", de="Vernichtung freigeben",
    example={"item": 1},
):  # fmt: skip
    """Authorise the destruction of the paper; product and backup are read now."""

    evidence: DestructionEvidence | None = None

    ROWS = rows(
        "destruction_due", None, {*INSPECTORS, Role.REGISTRAR, Role.APPROVER}, e.DestructionReleased, "cleared",
        "not_released", "second_person", *GATE,
        en="destruction released", de="Vernichtung freigegeben", basis="Anw. V; TR-03138 A.O.1, A.SC.8; rule 24",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.DestructionReleased(
            item=question.item.id, by=question.user, grounds=_list_grounds(question), evidence=self.evidence
        )


class Destroy(
    ItemCommand, action="destroy", en="Destroy the original", de="Original vernichten",
    example={"item": 1, "method": "DIN 66399 P-4"},
):  # fmt: skip
    """The paper was destroyed; `method` goes into the protocol. Product and backup are read once more."""

    method: FreeText = ""
    evidence: DestructionEvidence | None = None

    ROWS = rows(
        "destruction_due", "destroyed", {*MAKERS, Role.REGISTRAR}, e.ItemDestroyed, "cleared", "released",
        "not_the_releaser", *GATE,
        en="paper destroyed", de="Papier vernichtet", basis="Anw. V: authorised by one, done by one; rule 24",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        grounds = _list_grounds(question)
        return e.ItemDestroyed(
            item=question.item.id,
            number=question.item.number,
            by=question.user,
            at=question.context.now,
            released_by=str(question.item.released_by),
            sheets=grounds.sheets,
            sha256=grounds.sha256,
            record=grounds.record,
            document=grounds.document,
            backup_run=grounds.backup_run,
            paper_until=grounds.paper_until,
            method=self.method,
            evidence=self.evidence,
        )


class SetHold(
    ItemCommand, action="hold", en="Hold the paper", de="Papier sperren", example={"item": 1, "reason": "Klage"}
):
    """Keep the paper."""

    reason: Line

    ROWS = rows(
        _KEPT, None, {*MAKERS, *CLERKS}, e.HoldSet, "cleared",
        en="paper held", de="Papier gesperrt", basis="rule 24; domain 3.4",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.HoldSet(item=question.item.id, hold=question.context.new_id(), by=question.user, reason=self.reason)


class ReleaseHold(
    ItemCommand, action="release_hold", en="Release a hold", de="Sperre aufheben",
    example={"item": 1, "reason": "Klage zurückgenommen"},
):  # fmt: skip
    """That reason to keep it is gone; without `hold` the only one is meant."""

    hold: Id | None = None
    reason: Line

    ROWS = rows(
        _KEPT, None, {*INSPECTORS, *CLERKS}, e.HoldReleased, "cleared", "held",
        en="hold released", de="Sperre aufgehoben", basis="rule 9: holds count independently",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        hold = self.choose("hold", question.item.holds)
        return e.HoldReleased(item=question.item.id, hold=hold, by=question.user, reason=self.reason)


class RaiseProtection(
    ItemCommand, action="raise_protection", en="Raise the protection need", de="Schutzbedarf erhöhen",
    example={"item": 1, "protection": "high", "reason": "Gesundheitsdaten"},
):  # fmt: skip
    """The need is higher than thought."""

    protection: Protection
    reason: Line

    ROWS = rows(
        _KEPT, None, {*MAKERS, *CLERKS}, e.ProtectionRaised, "cleared", "raised",
        en="protection need raised", de="Schutzbedarf erhöht", basis="TR-03138 A.G.2",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        item = question.item
        return e.ProtectionRaised(
            item=item.id, by=question.user, old=item.protection, new=self.protection, reason=self.reason
        )


class ReportDamage(ItemCommand, action="report_damage"):
    """By consequence: stored files were read; `files` are all that are damaged, none where all is well again."""

    files: tuple[DamagedFile, ...]

    ROWS = rows(
        f"{_KEPT} destroyed excluded", None, SYSTEM, e.FilesDamaged,
        en="stored files checked", de="gespeicherte Dateien geprüft", basis="TR-03138 A.T.4; rule 24",
    )  # fmt: skip


class Forget(ItemCommand, action="forget"):
    """By consequence: the file it belongs to was deleted."""

    with_file: Line

    ROWS = rows(
        "destroyed excluded", None, SYSTEM, e.ItemForgotten, "not_forgotten",
        en="forgotten with its file", de="mit der Akte gelöscht", basis="rule 12: deletion is total",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """What stays: numbers and persons, and the hashes of the files to delete."""
        item = question.item
        raws = [sha for scan in item.scans for sha in (*scan.made_from, scan.raw.sha256)]
        files = dict.fromkeys([*raws, *(delivery.sha256 for delivery in item.deliveries)])
        return e.ItemForgotten(
            item=item.id,
            number=item.number,
            declared=item.new.sheets,
            sheets=item.sheets,
            state=item.state,
            protection=item.protection,
            released_by=item.released_by,
            destroyed_by=item.destroyed_by,
            files=tuple(files),
            with_file=self.with_file,
        )
