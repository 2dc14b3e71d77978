"""Protection need -> measures: the requirements of BSI TR-03138 (Anlage P, versions 1.4.1 and 1.5) as a table.

Each line says from which protection need it applies, how binding it is in each version, and what the engine does about
it. What only people and buildings can do is called organisational and belongs into the Verfahrensdokumentation (A.G.1).
"""

from enum import StrEnum
from typing import NamedTuple

from scanning.requirements.terms import Ruleset
from workflow.engine.access import Protection


class Strength(StrEnum):
    MUST = "MUSS"
    SHOULD = "SOLLTE"
    NOT_STATED = "nicht angegeben"
    """The source at hand names the requirement and not how binding it is (domain 3.1): it is treated as a MUSS."""


class Effect(StrEnum):
    PREPARED = "prepared"
    """Nothing is scanned that was not found fit for it; doubtful items wait."""
    COUNTED = "counted"
    """Sheets are counted on arrival, in preparation and by the scanner, and must agree."""
    SAMPLED = "sampled"
    """Some items, drawn so that nobody can foresee which, are checked by eye."""
    FULL_CHECK = "full_check"
    """Every item is checked by eye."""
    FOUR_EYES = "four_eyes"
    """Who checks is not who scanned, and neither authorises destruction."""
    REWORK = "rework"
    """Rework names the scan it was made from, with its reason, and is checked by eye."""
    NOTE = "note"
    """A transfer note with six fields, bound to scan and product."""
    SEAL_ADVANCED = "seal_advanced"
    SEAL_QUALIFIED = "seal_qualified"
    TIMESTAMP = "timestamp"
    LOGGED = "logged"
    """Every step is in the tamper-evident log, with person and time."""
    AUDITED = "audited"
    """A centre whose last audit is older than three years says so."""
    DELETE_RAW = "delete_raw"
    """Raw scans are deleted once the product is sealed, stored and delivered."""
    STORED = "stored"
    """Written, read back, backed up; product and backup are read again before paper goes."""
    REFUSED_FILES = "refused_files"
    """A file that does not meet it is rejected and kept in quarantine."""
    GATE = "gate"
    """Paper is destroyed only through the release gate."""
    ORGANISATIONAL = "organisational"
    """Outside of software."""


class Measure(NamedTuple):
    """A requirement; `older` and `newer`: how binding in 1.4.1 and 1.5, None where that version does not know it."""

    id: str
    need: Protection
    older: Strength | None
    newer: Strength | None
    effect: Effect
    en: str
    de: str

    def strength(self, ruleset: Ruleset) -> Strength | None:
        return self.older if ruleset is Ruleset.V1_4_1 else self.newer

    @property
    def requirement(self) -> str:
        """The id in the guideline; some lines are one half of a requirement."""
        return self.id.partition(" ")[0]

    @property
    def paragraph(self) -> str:
        """Where it stands: versions of Anlage P and the id there, and the section of the trade's page."""
        versions = [ruleset.value for ruleset in Ruleset if self.strength(ruleset) is not None]
        section = "3.1" if self.need is Protection.NORMAL else "3.2"
        return f"TR-03138 Anlage P {', '.join(versions)}: {self.requirement}; domain {section}"


_NORMAL, _HIGH, _VERY_HIGH = Protection
_M, _S, _O = Strength
_E = Effect

MEASURES: tuple[Measure, ...] = (
    Measure("A.G.1", _NORMAL, _M, _M, _E.ORGANISATIONAL, "documented procedure", "Verfahrensdokumentation"),
    Measure("A.G.2", _NORMAL, None, _M, _E.LOGGED, "analysis of protection need", "Schutzbedarfsanalyse"),
    Measure("A.O.1", _NORMAL, _M, _M, _E.GATE, "tasks, doubtful cases and conditions of destruction are fixed",
            "Zuständigkeiten, Zweifelsfälle und Bedingungen der Vernichtung festgelegt"),
    Measure("A.O.2", _NORMAL, _M, _M, _E.ORGANISATIONAL, "maintenance", "Wartung"),
    Measure("A.O.3", _NORMAL, _M, _M, _E.ORGANISATIONAL, "acceptance and release of hardware and software",
            "Abnahme und Freigabe von Hard- und Software"),
    Measure("A.O.4", _NORMAL, _S, _S, _E.ORGANISATIONAL, "audits of effectiveness", "Überprüfung der Wirksamkeit"),
    Measure("A.O.5", _NORMAL, _M, _M, _E.COUNTED, "outsourcing: completeness at the interfaces",
            "Auslagerung: Vollständigkeit an den Schnittstellen"),
    Measure("A.P.1", _NORMAL, _M, _M, _E.ORGANISATIONAL, "commitment of staff", "Verpflichtung der Mitarbeiter"),
    Measure("A.P.2", _NORMAL, _M, _M, _E.ORGANISATIONAL, "instruction of staff", "Einweisung der Mitarbeiter"),
    Measure("A.P.3", _NORMAL, _S, _S, _E.ORGANISATIONAL, "security training", "Schulung zur Sicherheit"),
    Measure("A.P.4", _NORMAL, _S, _S, _E.ORGANISATIONAL, "training of administrators",
            "Schulung des Administrationspersonals"),
    Measure("A.T.1", _NORMAL, _M, _M, _E.ORGANISATIONAL, "basic security (IT-Grundschutz)", "Basissicherheit"),
    Measure("A.T.2", _NORMAL, _M, _M, _E.ORGANISATIONAL, "allowed communication links",
            "zulässige Kommunikationsverbindungen"),
    Measure("A.T.3", _NORMAL, _M, _M, _E.ORGANISATIONAL, "protection against malware", "Schutz vor Schadprogrammen"),
    Measure("A.T.4", _NORMAL, _M, _M, _E.STORED, "reliable storage: written, synced, read back, in a verified backup",
            "zuverlässige Speicherung: geschrieben, zurückgelesen, gesichert"),
    Measure("A.DV.1", _NORMAL, _M, _M, _E.PREPARED, "careful preparation, fitness for scanning",
            "sorgfältige Vorbereitung, Scantauglichkeit"),
    Measure("A.DV.2", _NORMAL, _M, _M, _E.COUNTED, "completeness check is prepared",
            "Vorbereitung der Vollständigkeitsprüfung"),
    Measure("A.SC.1", _NORMAL, _O, _O, _E.ORGANISATIONAL, "choice of scanners", "Auswahl der Scanner"),
    Measure("A.SC.2", _NORMAL, _O, _O, _E.ORGANISATIONAL, "access control of scanners",
            "Zugangs- und Zugriffskontrolle für Scanner"),
    Measure("A.SC.3", _NORMAL, _O, _O, _E.ORGANISATIONAL, "default passwords are changed",
            "Änderung voreingestellter Passwörter"),
    Measure("A.SC.4", _NORMAL, _O, _O, _E.ORGANISATIONAL, "changes of configuration", "Änderungen der Konfiguration"),
    Measure("A.SC.5", _NORMAL, _O, _O, _E.ORGANISATIONAL, "proper use of scanners", "sachgerechte Benutzung"),
    Measure("A.SC.6", _NORMAL, _O, _O, _E.ORGANISATIONAL, "scan profiles", "Scaneinstellungen"),
    Measure("A.SC.7", _NORMAL, _S, _S, _E.LOGGED, "capture of metadata", "Erfassung von Metadaten"),
    Measure("A.SC.8", _NORMAL, _M, _M, _E.SAMPLED, "quality assurance by samples before originals are destroyed",
            "Qualitätssicherung durch Stichproben vor der Vernichtung"),
    Measure("A.SC.9", _NORMAL, _O, _O, _E.ORGANISATIONAL, "decommissioning of scanners",
            "Außerbetriebnahme von Scannern"),
    Measure("A.SC.10", _NORMAL, _O, _O, _E.ORGANISATIONAL, "network scanners", "netzwerkfähige Scanner"),
    Measure("A.SC.11", _NORMAL, _S, _S, _E.LOGGED, "logging of scanning", "Protokollierung beim Scannen"),
    Measure("A.SC.12", _NORMAL, _M, _M, _E.REFUSED_FILES, "no compression by symbol coding",
            "keine Bildkompression durch Symbolkodierung"),
    Measure("A.NB.1", _NORMAL, _M, _M, _E.REWORK, "rework for legibility only, traceable",
            "Nachbearbeitung nur zur Lesbarkeit, nachvollziehbar"),
    Measure("A.NB.2", _NORMAL, _M, _M, _E.REWORK, "quality assurance of reworked products",
            "Qualitätssicherung der nachbearbeiteten Scanprodukte"),
    Measure("A.NB.3", _NORMAL, _M, _M, _E.COUNTED, "completeness check", "Vollständigkeitsprüfung"),
    Measure("A.NB.4", _NORMAL, _S, _M, _E.NOTE, "transfer note", "Transfervermerk"),
    Measure("A.IS.1", _NORMAL, _S, _S, _E.SEAL_ADVANCED, "integrity by advanced seal",
            "Integritätsschutz durch fortgeschrittenes Siegel"),
    Measure("A.AM.G.1", _HIGH, _S, _M, _E.ORGANISATIONAL, "restricted access to sensitive paper",
            "beschränkter Zugang zu sensiblen Papierdokumenten"),
    Measure("A.AM.G.2", _HIGH, _M, _M, _E.LOGGED, "logging is mandatory", "Pflicht zur Protokollierung"),
    Measure("A.AM.G.3", _HIGH, _M, _M, _E.AUDITED, "audit at least every three years", "Auditierung alle drei Jahre"),
    Measure("A.AM.IN.H.1", _HIGH, _S, None, _E.SEAL_ADVANCED, "advanced seal", "fortgeschrittenes Siegel"),
    Measure("A.AM.IN.H.1 (time)", _HIGH, _S, None, _E.TIMESTAMP, "qualified timestamp", "qualifizierter Zeitstempel"),
    Measure("A.AM.IN.H.1 (1.5)", _HIGH, None, _M, _E.SEAL_QUALIFIED, "qualified seal", "qualifiziertes Siegel"),
    Measure("A.AM.IN.H.2", _HIGH, _M, _M, _E.ORGANISATIONAL, "key management", "Schlüsselmanagement"),
    Measure("A.AM.IN.H.3", _HIGH, _M, _M, _E.ORGANISATIONAL, "suitable algorithms",
            "geeignete kryptographische Verfahren"),
    Measure("A.AM.IN.H.4", _HIGH, _S, _M, _E.ORGANISATIONAL, "suitable products and trust services",
            "geeignete Produkte und Vertrauensdienste"),
    Measure("A.AM.IN.H.5", _HIGH, _S, _M, _E.ORGANISATIONAL, "protection is renewed before algorithms weaken",
            "Beweiswerterhaltung"),
    Measure("A.AM.IN.H.6", _HIGH, _M, _M, _E.ORGANISATIONAL, "no unsecured network access",
            "kein ungesicherter Netzzugang"),
    Measure("A.AM.IN.H.7", _HIGH, None, _S, _E.FULL_CHECK, "extended quality assurance: full visual check",
            "erweiterte Qualitätssicherung: vollständige Sichtprüfung"),
    Measure("A.AM.IN.SH.1", _VERY_HIGH, _M, _M, _E.FOUR_EYES, "four eyes: scanned and checked by different persons",
            "Vier-Augen-Prinzip"),
    Measure("A.AM.IN.SH.2", _VERY_HIGH, _S, _M, _E.SEAL_QUALIFIED, "qualified seal", "qualifiziertes Siegel"),
    Measure("A.AM.IN.SH.2 (time)", _VERY_HIGH, _S, _M, _E.TIMESTAMP, "qualified timestamp",
            "qualifizierter Zeitstempel"),
    Measure("A.AM.IN.SH.3", _VERY_HIGH, _M, _M, _E.ORGANISATIONAL, "network segment of its own",
            "eigenständiges Netzsegment"),
    Measure("A.AM.IN.SH.4", _VERY_HIGH, _S, _S, _E.LOGGED, "marking of sensitivity", "Kennzeichnung der Sensitivität"),
    Measure("A.AM.IN.SH.5", _VERY_HIGH, None, _M, _E.FULL_CHECK, "full visual check", "vollständige Sichtprüfung"),
    Measure("A.AM.VT.H.1", _HIGH, _M, _M, _E.ORGANISATIONAL, "awareness and written obligation",
            "Sensibilisierung und Verpflichtung"),
    Measure("A.AM.VT.H.2", _HIGH, _M, _M, _E.ORGANISATIONAL, "no unsecured network access",
            "kein ungesicherter Netzzugang"),
    Measure("A.AM.VT.H.3", _HIGH, _M, _M, _E.DELETE_RAW, "intermediate results are deleted",
            "Löschen von Zwischenergebnissen"),
    Measure("A.AM.VT.SH.1", _VERY_HIGH, _S, _S, _E.LOGGED, "marking of confidentiality",
            "Kennzeichnung der Vertraulichkeit"),
    Measure("A.AM.VT.SH.2", _VERY_HIGH, _M, _M, _E.ORGANISATIONAL, "disposal of media and keys",
            "Vernichtung von Datenträgern und Schlüsseln"),
    Measure("A.AM.VT.SH.3", _VERY_HIGH, _S, _S, _E.ORGANISATIONAL, "trustworthy staff", "vertrauenswürdiges Personal"),
    Measure("A.AM.VT.SH.4", _VERY_HIGH, _S, _S, _E.ORGANISATIONAL, "encrypted transfer", "verschlüsselte Übertragung"),
    Measure("A.AM.VT.SH.5", _VERY_HIGH, None, _M, _E.ORGANISATIONAL, "protected rooms", "geschützte Räume"),
    Measure("A.AM.VF.H.1 (1.4.1)", _HIGH, _S, None, _E.FULL_CHECK, "extended quality assurance: full visual check",
            "erweiterte Qualitätssicherung: vollständige Sichtprüfung"),
    Measure("A.AM.VF.H.2", _HIGH, _S, None, _E.STORED, "fault-tolerant transfer and redundancy",
            "fehlertolerante Übertragung und Redundanz"),
    Measure("A.AM.VF.H.1", _HIGH, None, _S, _E.STORED, "fault-tolerant transfer and redundancy",
            "fehlertolerante Übertragung und Redundanz"),
    Measure("A.AM.VF.SH.1", _VERY_HIGH, _S, _M, _E.ORGANISATIONAL, "test with similar documents first",
            "Test mit ähnlichen Dokumenten"),
)  # fmt: skip
"""All lines; basis: domain 3.1 and 3.2. An id followed by a bracket is one half of a requirement."""
