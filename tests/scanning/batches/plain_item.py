"""A scanned item in plain words: what may be done with it, by whom, and what comes of it. No machine, no guards."""

from dataclasses import dataclass, field
from datetime import date, timedelta

ROLES = {
    "otto": {"op"}, "olga": {"op"}, "both": {"op", "in"}, "inge": {"in"}, "clerk": {"cw"}, "head": {"reg"},
    "archivist": set(),
}  # fmt: skip
UNSEALED = {"received", "prepared", "scanned", "checked", "rejected"}
SEALED = {"sealed", "delivered", "acknowledged", "destruction_due"}
KEPT = UNSEALED | SEALED | {"in_doubt"}
WHO = {
    "prepare": "op", "doubt": "op in", "clear": "in cw reg", "scan": "op", "rework": "op in", "recount": "op in",
    "check": "in", "reject": "in", "seal": "op in", "reject_seal": "in reg", "verify": "in", "deliver": "op in reg",
    "acknowledge": "cw reg", "report_defect": "cw reg", "settle_defect": "in cw reg", "hold": "op in cw reg",
    "release_hold": "in cw reg", "raise_protection": "op in cw reg", "release_destruction": "in reg",
    "destroy": "op in reg",
}  # fmt: skip
WHEN = {
    "prepare": {"received"}, "doubt": UNSEALED, "clear": {"in_doubt"}, "scan": {"prepared", "rejected"},
    "rework": {"scanned", "checked", "rejected"}, "recount": {"prepared", "scanned", "checked", "rejected"},
    "check": {"scanned", "checked"}, "reject": {"scanned", "checked", "sealed"}, "seal": {"checked"},
    "reject_seal": SEALED, "verify": SEALED, "deliver": {"sealed"}, "acknowledge": {"delivered"},
    "report_defect": {"delivered", "acknowledged", "destruction_due"}, "settle_defect": SEALED, "hold": KEPT,
    "release_hold": KEPT, "raise_protection": KEPT, "release_destruction": {"destruction_due"},
    "destroy": {"destruction_due"},
}  # fmt: skip


@dataclass
class Made:
    """A sealed product."""

    sha: str
    seal: str
    stored: bool
    found: str = "unverified"
    """Or `good`, `changed`, `note`, `seal`."""


@dataclass
class PlainItem:
    """Everything that matters about one item."""

    sheets: int
    original: bool
    """To be kept or returned, whatever happens."""
    need: int
    state: str = "received"
    preparer: str | None = None
    doubter: str | None = None
    raw: str | None = None
    scanner: str | None = None
    reworkers: set[str] = field(default_factory=set)
    scanned: int = 0
    pages: int = 0
    twin: bool = False
    drawn: bool = False
    checker: str | None = None
    looked: bool = False
    made: Made | None = None
    sent: set[str] = field(default_factory=set)
    filed: bool = False
    """The mail item of the current delivery has become a document."""
    until: date | None = None
    defects: dict[str, str] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    released: str | None = None

    def may(self, action: str, who: str, today: date, batch_agrees: bool, backed_up: set[str], **how: object) -> bool:
        roles = ROLES[who]
        if action == "exclude":
            return (
                bool(roles & ({"op", "in", "reg"} if self.state in UNSEALED else {"in", "reg"})) and self.state in KEPT
            )
        if self.state not in WHEN[action] or not roles & set(WHO[action].split()):
            return False
        gate = self._gate(today, batch_agrees, backed_up)
        special = {
            "prepare": not self.original,
            "scan": not self.original,
            "clear": who != self.doubter,
            "rework": self.raw is not None,
            "recount": how.get("sheets") != self.sheets,
            "check": who not in self.makers() and self.counted()
            and (bool(how.get("visual")) or not self.by_eye()) and (not self.twin or bool(how.get("accept"))),
            "seal": self.checked_enough() and self.counted() and how.get("sha") not in self.sent
            and bool(how.get("note")) and strong(str(how.get("seal")), self.need),
            "deliver": self.made is not None and self.checked_enough() and strong(self.made.seal, self.need)
            and self.made.stored and self.made.found != "changed",
            "acknowledge": self.filed,
            "settle_defect": bool(self.defects),
            "release_hold": bool(self.holds),
            "raise_protection": int(str(how.get("need", 0))) > self.need,
            "release_destruction": self.released is None and who not in self.makers()
            and not (self.need == 2 and who == self.checker) and gate,
            "destroy": self.released not in {None, who} and gate,
        }  # fmt: skip
        return special.get(action, True)

    def makers(self) -> set[str | None]:
        return {self.preparer, self.scanner, *self.reworkers}

    def counted(self) -> bool:
        return self.raw is not None and self.scanned == self.sheets == self.pages

    def by_eye(self) -> bool:
        return self.need >= 1 or self.drawn or self.twin or bool(self.reworkers) or self.pages != self.scanned

    def checked_enough(self) -> bool:
        return self.checker not in {None, *self.makers()} and (self.looked or not self.by_eye())

    def _gate(self, today: date, batch_agrees: bool, backed_up: set[str]) -> bool:
        made = self.made
        return (
            not self.original and made is not None and made.stored and made.found in {"unverified", "good"}
            and self.checked_enough() and self.counted() and batch_agrees and strong(made.seal, self.need)
            and made.seal != "test" and made.sha in backed_up and self.filed
            and self.until is not None and today > self.until and not self.holds and not self.defects
        )  # fmt: skip

    def undo(self) -> None:
        self.checker, self.made, self.filed, self.until, self.released = None, None, False, None, None

    def do(self, action: str, who: str, today: date, **how: object) -> None:  # noqa: PLR0912, PLR0915
        match action:
            case "prepare":
                self.state, self.preparer = "prepared", who
            case "exclude":
                self.state, self.released = "excluded", None
            case "doubt":
                self.state, self.doubter = "in_doubt", who
            case "clear":
                self.state = "received"
                self.undo()
            case "scan":
                self.undo()
                self.state, self.scanner, self.reworkers = "scanned", who, set()
                self.raw, self.pages, self.scanned = str(how["raw"]), int(str(how["pages"])), int(str(how["pages"]))
                self.twin, self.drawn = bool(how["twin"]), bool(how["drawn"])
            case "rework":
                self.undo()
                self.state, self.raw, self.reworkers = "scanned", str(how["raw"]), {*self.reworkers, who}
            case "recount":
                self.sheets = int(str(how["sheets"]))
            case "check":
                self.state, self.checker, self.looked = "checked", who, bool(how["visual"])
            case "reject":
                self.state = "rejected"
                self.undo()
            case "seal":
                self.state = "sealed"
                self.made = Made(str(how["sha"]), str(how["seal"]), bool(how["stored"]))
            case "reject_seal":
                checker = self.checker
                self.undo()
                self.state, self.checker = "checked", checker
            case "verify" if self.made:
                self.made.found = str(how["found"])
            case "deliver" if self.made:
                self.state = "delivered"
                self.sent.add(self.made.sha)
            case "acknowledge":
                self.state, self.until = "acknowledged", today + timedelta(days=180)
                self.defects = {key: raw for key, raw in self.defects.items() if raw == self.raw}
            case "report_defect":
                self.defects[str(how["key"])] = str(self.raw)
                self.released = None
                if how["rescan"]:
                    self.undo()
                    self.state = "rejected"
            case "settle_defect":
                del self.defects[str(how["key"])]
            case "hold":
                self.holds.add(str(how["key"]))
                self.released = None
            case "release_hold":
                self.holds.remove(str(how["key"]))
            case "raise_protection":
                self.need, self.released = int(str(how["need"])), None
            case "release_destruction":
                self.released = who
            case "destroy":
                self.state = "destroyed"


def strong(seal: str, need: int) -> bool:
    """Version 1.4.1, every SOLLTE followed: normal advanced, high advanced and timestamp, very high qualified and both.

    `advanced`, `qualified` and `test` come with a timestamp here, `plain` is advanced without.
    """
    return seal in ({"plain", "advanced", "qualified", "test"}, {"advanced", "qualified", "test"},
                    {"qualified", "test"})[need]  # fmt: skip
