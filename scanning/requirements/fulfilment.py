"""What meets each requirement of BSI TR-03138: which actions and conditions of the scan batch, or people and buildings.

The page of measures (`docs/reference/measures.md`, and in the browser) is written from this and from the table.
"""

from typing import NamedTuple

from scanning.requirements.measures import applying
from scanning.requirements.terms import Ruleset, Terms
from scanning.requirements.tr03138 import MEASURES, Effect, Measure
from workflow.engine.access import Protection
from workflow.text import Text


class Fulfilment(NamedTuple):
    text: Text
    actions: tuple[str, ...] = ()
    """Of the scan batch's machine."""
    guards: tuple[str, ...] = ()
    """Conditions of that machine, by name."""
    module: str = ""
    """Where it is done."""


_E = Effect
FULFILMENTS: dict[Effect, Fulfilment] = {
    _E.PREPARED: Fulfilment(
        Text(
            "Nur was zum Scannen taugt, wird vorbereitet; Zweifelsfälle warten auf eine zweite Person",
            "only what is fit for scanning is prepared; what is in doubt waits for a second person",
        ),
        ("prepare", "exclude", "doubt", "clear"), ("eligible", "not_the_doubter"),
        "scanning/requirements/exclusions.py",
    ),
    _E.COUNTED: Fulfilment(
        Text(
            "Blätter werden bei Eingang, Vorbereitung und Scannen gezählt und müssen übereinstimmen",
            "sheets are counted on arrival, in preparation and by the scanner, and must agree",
        ),
        ("recount", "check"), ("counted", "complete"), "scanning/batches/sheet_count.py",
    ),
    _E.SAMPLED: Fulfilment(
        Text(
            "Eine Stichprobe, die niemand vorhersehen kann, wird angesehen; vorher wird nichts vernichtet",
            "a sample that nobody can foresee is looked at; nothing is destroyed before",
        ),
        ("check", "reject"), ("looked_at", "qa_passed"), "scanning/batch_actions/capture.py",
    ),
    _E.FULL_CHECK: Fulfilment(
        Text("Jede Sendung wird angesehen", "every item is looked at"),
        ("check",), ("looked_at", "qa_passed"), "scanning/requirements/measures.py",
    ),
    _E.FOUR_EYES: Fulfilment(
        Text(
            "Wer prüft, hat weder vorbereitet noch gescannt noch nachbearbeitet, und gibt die Vernichtung nicht frei",
            "who checks neither prepared, scanned nor reworked, and does not authorise destruction",
        ),
        ("check", "release_destruction", "destroy"),
        ("other_than_operator", "second_person", "not_the_releaser"), "scanning/batches/guards.py",
    ),
    _E.REWORK: Fulfilment(
        Text(
            "Nachbearbeitung nennt Grund und Ausgangsscan und wird angesehen",
            "rework names its reason and the scan it was made from, and is looked at",
        ),
        ("rework", "check"), ("has_scan", "looked_at"), "scanning/batch_actions/capture.py",
    ),
    _E.NOTE: Fulfilment(
        Text(
            "Ein Transfervermerk mit sechs Feldern, an Scan und Produkt gebunden",
            "a transfer note with six fields, bound to scan and product",
        ),
        ("seal", "verify"), ("note_fits", "note_valid"), "scanning/sealing/transfer_note.py",
    ),
    _E.SEAL_ADVANCED: Fulfilment(
        Text("Ein fortgeschrittenes Siegel auf dem Produkt", "an advanced seal on the product"),
        ("seal", "verify"), ("seal_fits", "seal_delivers", "sealed_enough"), "scanning/sealing/seal.py",
    ),
    _E.SEAL_QUALIFIED: Fulfilment(
        Text("Ein qualifiziertes Siegel auf dem Produkt", "a qualified seal on the product"),
        ("seal", "verify"), ("seal_fits", "seal_delivers", "sealed_enough"), "scanning/sealing/seal.py",
    ),
    _E.TIMESTAMP: Fulfilment(
        Text("Ein qualifizierter Zeitstempel im Siegel", "a qualified timestamp in the seal"),
        ("seal", "verify"), ("seal_fits", "seal_delivers", "sealed_enough"), "scanning/sealing/seal.py",
    ),
    _E.LOGGED: Fulfilment(
        Text(
            "Jeder Schritt steht mit Person und Zeit im fälschungssicheren Protokoll",
            "every step is in the tamper-evident log, with person and time",
        ),
        module="workflow/engine/store/hash_chain.py",
    ),
    _E.AUDITED: Fulfilment(
        Text(
            "Eine Scanstelle, deren letztes Audit älter als drei Jahre ist, zeigt es",
            "a centre whose last audit is older than three years says so",
        ),
        module="scanning/centres/scan_centre.py",
    ),
    _E.DELETE_RAW: Fulfilment(
        Text(
            "Rohscans werden gelöscht, sobald das Produkt ein Dokument ist",
            "raw scans are deleted once the product is a document",
        ),
        module="scanning/capture/needed_files.py",
    ),
    _E.REFUSED_FILES: Fulfilment(
        Text(
            "Eine Datei mit Symbolkodierung wird abgewiesen und kommt in Quarantäne",
            "a file compressed by symbol coding is rejected and goes to quarantine",
        ),
        ("scan",), module="scanning/inspection/jbig2.py",
    ),
    _E.STORED: Fulfilment(
        Text(
            "Geschrieben, zurückgelesen, gesichert; zur Vernichtung werden Produkt und Sicherung erneut gelesen",
            "written, read back, backed up; product and backup are read again before paper goes",
        ),
        ("deliver", "release_destruction", "destroy"),
        ("stored", "read_back", "files_intact", "read_now", "backed_up"), "scanning/capture/destruction.py",
    ),
    _E.GATE: Fulfilment(
        Text(
            "Papier wird nur durch die Freigabeprüfung vernichtet",
            "paper is destroyed only through the release gate",
        ),
        ("release_destruction", "destroy"), (), "scanning/batches/guards.py",
    ),
    _E.ORGANISATIONAL: Fulfilment(
        Text(
            "durch Menschen und Gebäude; gehört in die Verfahrensdokumentation (A.G.1)",
            "by people and buildings; belongs into the documented procedure (A.G.1)",
        ),
    ),
}  # fmt: skip


class MeasureRow(NamedTuple):
    measure: Measure
    fulfilment: Fulfilment

    @property
    def by_software(self) -> bool:
        return self.measure.effect is not Effect.ORGANISATIONAL


def list_measures(need: Protection | None = None, ruleset: Ruleset | None = None) -> list[MeasureRow]:
    """All rows, or those that bind an item of a protection need where every SOLLTE is followed."""
    chosen: list[Measure] = list(MEASURES)
    if need is not None or ruleset is not None:
        chosen = applying(need or Protection.VERY_HIGH, Terms(ruleset=ruleset or Ruleset.V1_4_1))
    return [MeasureRow(one, FULFILMENTS[one.effect]) for one in chosen]
