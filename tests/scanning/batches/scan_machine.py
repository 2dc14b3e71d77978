"""Random scanning, mail, clerks, time and crashes: what a random test does, and what has to hold after each step."""

import random
from functools import cache

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scanning.batch_actions.decide import list_options
from scanning.batches.sheet_count import count_sheets
from scanning.handover import ACKNOWLEDGE
from tests.scanning.batches.plain_item import ROLES, WHEN, PlainItem
from tests.scanning.conftest import PEOPLE, ScanOffice, digest, product, raw, run_policies, stored
from tests.scanning.requirements.audit import Auditor
from workflow.engine.access import Protection
from workflow.engine.aggregate import Context
from workflow.errors import EvaError
from workflow.organisation.working_days import local_day

person = st.sampled_from(list(ROLES))
NEEDS = list(Protection)
SEALS = {"plain": ("advanced", False), "advanced": ("advanced", True), "qualified": ("qualified", True),
         "test": ("test", True)}  # fmt: skip
USUAL = {
    "received": ("otto", "prepare"), "in_doubt": ("head", "clear"), "prepared": ("otto", "scan"),
    "rejected": ("otto", "scan"), "scanned": ("inge", "check"), "checked": ("otto", "seal"),
    "sealed": ("inge", "deliver"),
}  # fmt: skip
SLIPS = ["", "", "", "prepare", "scan", "seal", "verify", "file", "destroy"]


class ScanMachine(RuleBasedStateMachine):
    office: ScanOffice
    auditor: Auditor
    predicts = True
    """Whether the plain model is asked too, or the auditor alone."""
    crashes = False
    """Whether the engine is opened anew before every command."""

    @initialize(
        kinds=st.lists(st.sampled_from(["letter", "letter", "letter", "notarial_deed"]), min_size=1, max_size=3),
        needs=st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=3, max_size=3),
        counted=st.sampled_from([None, 0, 0, 1]),
    )
    def arrive(self, kinds, needs, counted) -> None:
        items = [{"title": f"Brief {n}", "sheets": n + 1, "kind": kind, "protection": NEEDS[need].value}
                 for n, (kind, need) in enumerate(zip(kinds, needs, strict=False))]  # fmt: skip
        whole = None if counted is None else counted + sum(item["sheets"] for item in items)
        self.batch = self.office.batch(*items, **({} if whole is None else {"sheets": whole}))
        self.ids = list(self.office.state(self.batch).items)
        self.declared, self.sheets = sum(item["sheets"] for item in items), whole
        self.plain = [PlainItem(item["sheets"], item["kind"] != "letter", need)
                      for item, need in zip(items, needs, strict=False)]  # fmt: skip
        self.backed_up: set[str] = set()
        self.fresh = 0
        self.raws: list[str] = []

    def today(self):
        return local_day(self.office.now)

    def agrees(self) -> bool:
        came = self.declared if self.sheets is None else self.sheets
        return came == sum(one.sheets for one in self.plain)

    @rule(at=st.integers(0, 2), times=st.integers(1, 12), slip=st.sampled_from(SLIPS))
    def usual(self, at, times, slip) -> None:
        """What is done next when all goes well, several times; `slip` names the step that is not done well."""
        at %= len(self.plain)
        for _ in range(times):
            item, one = self.office.state(self.batch).items[self.ids[at]], self.plain[at]
            match item.state:
                case "excluded" | "destroyed":
                    return
                case "delivered":
                    if slip == "file":
                        self.attempt(at, "clerk", "acknowledge", {})
                    self.clerk(at, "file")
                case "acknowledged":
                    self.time(100)
                case "destruction_due" if item.released_by is None:
                    self.attempt(at, "both" if slip == "scan" else "head", "release_destruction", {})
                case "destruction_due":
                    self.attempt(at, "head" if slip == "destroy" else "otto", "destroy", {})
                case "received" if one.original and slip != "prepare":
                    self.attempt(at, "otto", "exclude", {})
                case "prepared" | "rejected" if slip == "scan":
                    self.attempt(at, "both", "scan", {})
                case "checked" if slip == "seal":
                    self.attempt(at, "otto", "seal", {"number": 2})
                case state:
                    self.attempt(at, *USUAL[state], {})
            if item.state == "checked":
                self.backup()
            if item.state == "sealed" and slip == "verify":
                self.attempt(at, "inge", "verify", {"found": "changed"})

    @rule(
        at=st.integers(0, 2), who=person, action=st.sampled_from([*WHEN, "exclude"]), flag=st.booleans(),
        number=st.integers(0, 3), seal=st.sampled_from(list(SEALS)),
        found=st.sampled_from(["good", "good", "changed", "note", "seal"]),
    )  # fmt: skip
    def anybody(self, at, who, action, flag, number, seal, found) -> None:
        self.attempt(at, who, action, {"flag": flag, "number": number, "seal": seal, "found": found})

    @rule(at=st.integers(0, 2), action=st.sampled_from(["report_defect", "hold", "raise_protection", "reject_seal"]),
          flag=st.booleans(), number=st.integers(0, 2))  # fmt: skip
    def trouble(self, at, action, flag, number) -> None:
        """What ought to stop a destruction."""
        who = "inge" if action == "reject_seal" else "head"
        self.attempt(at, who, action, {"flag": flag, "number": number})

    @rule(at=st.integers(0, 2), who=st.sampled_from(["head", "inge"]))
    def settle(self, at, who) -> None:
        for action in ("release_hold", "settle_defect"):
            self.attempt(at, who, action, {})

    def attempt(self, at: int, who: str, action: str, how: dict) -> None:
        at %= len(self.plain)
        one, item = self.plain[at], self.office.state(self.batch).items[self.ids[at]]
        body, told = self.body(action, one, item, how)
        expected = one.may(action, who, self.today(), self.agrees(), self.backed_up, **told)
        version = self.office.engine.load(self.batch).version
        refused = None
        if self.crashes:
            self.crash()
        try:
            self.office.scan(who, action, self.batch, item=self.ids[at], **body)
        except EvaError as no:
            refused = no
        if self.predicts:
            assert (refused is None) == expected, (action, who, told, one, refused)
        if refused is not None:
            assert self.office.engine.load(self.batch).version == version
            return
        now = self.office.state(self.batch).items.get(self.ids[at])
        assert now, "an item was lost"
        if action == "scan":
            told["drawn"] = now.scan.drawn
        if action in {"report_defect", "hold"}:
            (told["key"],) = set(now.defects if action == "report_defect" else now.holds) - set(
                item.defects if action == "report_defect" else item.holds
            )
        one.do(action, who, self.today(), **told)

    def body(self, action: str, one: PlainItem, item, how: dict):  # noqa: PLR0911 - one case for each action
        """A body for the engine, and what of it the model has to know."""
        number, flag = how.get("number", 0), how.get("flag", False)
        match action:
            case "scan":
                twin = bool(self.raws) and flag and number == 3
                self.fresh += not twin
                text = self.raws[-1] if twin else f"{self.batch} {self.fresh}"
                self.raws.append(text)
                pages = one.sheets + (number == 2)
                return {"raw": raw(text, pages)}, {"raw": digest(f"raw {text}"), "pages": pages, "twin": twin}
            case "rework":
                self.fresh += 1
                made = raw(f"{self.batch} {self.fresh}", one.pages or 1)
                return {"raw": made, "reason": "blass"}, {"raw": made.sha256}
            case "recount":
                sheets = max(1, one.sheets + number - 1)
                return {"sheets": sheets, "reason": "nachgezählt"}, {"sheets": sheets}
            case "check":
                visual = not flag
                return {"visual": visual, "accept_duplicate": number < 2}, {"visual": visual, "accept": number < 2}
            case "seal":
                return self.seal_body(one, item, how)
            case "verify":
                found = how.get("found", "good")
                sha = one.made.sha if one.made and found != "changed" else "00" * 32
                return {"verification": {"read_back_sha256": sha, "note_valid": found != "note",
                                         "seal_valid": found != "seal", "at": self.office.now.isoformat()}
                        }, {"found": found}  # fmt: skip
            case "report_defect":
                return {"reason": "unleserlich", "rescan": flag}, {"rescan": flag}
            case "settle_defect" | "release_hold":
                name, known = ("defect", one.defects) if action == "settle_defect" else ("hold", one.holds)
                key = min(known) if known else "00000000-0000-4000-8000-000000000000"
                said = "result" if name == "defect" else "reason"
                return {name: key, said: "erledigt"}, {"key": key}
            case "raise_protection":
                need = number % 3
                return {"protection": NEEDS[need].value, "reason": "Gesundheitsdaten"}, {"need": need}
            case "exclude":
                return {"reason": "original_needed"}, {}
            case "clear":
                return {"note": "geklärt"}, {}
            case "doubt" | "reject" | "reject_seal" | "hold":
                return {"reason": "so ist es"}, {}
        return {}, {}

    def seal_body(self, one: PlainItem, item, how: dict):
        seal = how.get("seal") or ("plain", "advanced", "qualified")[one.need]
        kind, timestamp = SEALS[seal]
        good_note, good_store = how.get("number", 0) != 1, how.get("number", 0) != 2
        state = self.office.state(self.batch)
        if item.check is None or item.scan is None:  # nothing that a product could be made of
            at = self.office.now.isoformat()
            sha = digest("nothing")
            other = next((i.product for i in state.items.values() if i.product), None)
            if other is None:
                return {"product": None, "stored": stored(sha, at)}, {"sha": sha, "seal": seal, "note": False}
            return {"product": other, "stored": stored(sha, at)}, {"sha": other.sha256, "seal": seal, "note": False}
        made = product(state, item, self.office.now, kind, timestamp, **({} if good_note else {"created_by": "jemand"}))
        evidence = stored(made.sha256, self.office.now.isoformat(), folder_synced=good_store)
        return {"product": made, "stored": evidence}, {
            "sha": made.sha256, "seal": seal, "note": good_note, "stored": good_store,
        }  # fmt: skip

    @rule()
    def backup(self) -> None:
        there = {one.made.sha for one in self.plain if one.made}
        if there:
            self.office.backup(self.batch)
            self.backed_up |= there

    @rule(wrong=st.integers(0, 2))
    def count(self, wrong) -> None:
        sheets = sum(one.sheets for one in self.plain) + (wrong == 1)
        if sheets != self.sheets:
            self.office.scan("head", "count", self.batch, sheets=sheets, reason="nachgezählt")
            self.sheets = sheets

    @rule(at=st.integers(0, 2), action=st.sampled_from(["file", "misdirect"]))
    def clerk(self, at, action) -> None:
        """The mail item of the current delivery goes one way or the other; then the policies hear of it."""
        at %= len(self.plain)
        one, item = self.plain[at], self.office.state(self.batch).items[self.ids[at]]
        if item.delivery is None:
            return
        folder, key, target = f"mail-folder:{item.delivery.folder}", item.delivery.mail_item, self.office.target()
        mail = self.office.state(folder).items[key]
        if mail.state == "filed":
            return
        if mail.state == "received":
            self.office.mail("clerk", "sight", folder, item=key)
        self.office.mail("clerk", "assign", folder, item=key, to="clerk")
        if action == "misdirect":
            self.office.mail("clerk", "misdirect", folder, item=key, reason="nicht hier")
            return
        self.office.mail("clerk", "file", folder, item=key, record=target[0][7:], case=target[1])
        one.filed = True
        self.policies(0)

    @rule(back=st.integers(0, 60))
    def policies(self, back) -> None:
        """Policies run; `back` events are told again, as after a crash between a reaction and its position."""
        engine = self.office.engine
        mine = engine.projection(ACKNOWLEDGE.name)
        mine.keep(max(0, mine.position() - back))
        assert run_policies(engine) == []
        for one in self.plain:
            if one.state == "delivered" and one.filed:
                one.do("acknowledge", "system", self.today())

    @rule(days=st.integers(1, 200))
    def time(self, days) -> None:
        self.office.later(days=days)
        for one in self.plain:
            if one.state == "acknowledged" and one.until and self.today() > one.until:
                one.state = "destruction_due"

    @rule()
    def crash(self) -> None:
        if self.office.url != "sqlite://":  # in memory there would be nothing left
            self.office.reopen()

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "plain"):
            return
        batch = self.office.state(self.batch)
        found = self.auditor.read(self.office.engine.log)
        self.auditor.findings = []
        assert not found, "; ".join(found)
        assert list(batch.items) == self.ids, "an item was lost"
        counted = count_sheets(batch)
        assert counted.sheets_in == counted.sheets_out + counted.excluded + counted.under_way + counted.difference
        if not self.predicts:
            return
        for key, one in zip(self.ids, self.plain, strict=True):
            item = batch.items[key]
            known = (item.state, item.sheets, set(item.holds), set(item.defects), item.released_by)
            assert known == (one.state, one.sheets, one.holds, set(one.defects), one.released)
        out = sum(one.scanned for one in self.plain if one.state in WHEN["reject_seal"] or one.state == "destroyed")
        excluded = sum(one.sheets for one in self.plain if one.state == "excluded")
        assert (counted.sheets_out, counted.excluded) == (out, excluded)

    @invariant()
    def options_are_told_rightly(self) -> None:
        if not hasattr(self, "plain") or not self.predicts:
            return
        engine, batch, load = self.office.engine, self.office.state(self.batch), cache(self.load)
        for who in ("otto", "inge", "head"):
            context = Context(self.batch, PEOPLE[who], self.office.now, engine.rules, load, str)
            for key, one in zip(self.ids, self.plain, strict=True):
                told = {o.action: o.allowed for o in list_options(batch, context, key)}
                for action in ("deliver", "acknowledge", "release_destruction", "destroy", "prepare", "settle_defect"):
                    may = one.may(action, who, self.today(), self.agrees(), self.backed_up)
                    assert told[action] == may, (who, action, one)

    def load(self, stream: str):
        try:
            return self.office.engine.load(stream).state
        except EvaError:
            return None


def days_at_random(seed: int, machine: type[ScanMachine]) -> None:
    """One batch with whatever happens to it."""
    draw = random.Random(seed)
    one = machine()
    kinds = draw.choices(["letter", "notarial_deed"], [2, 1], k=draw.randint(1, 2))
    one.arrive(kinds, draw.choices([0, 1, 2], [4, 1, 1], k=3), draw.choice([None, 0, 0, 1]))
    for _ in range(12):
        at, flag, number = draw.randrange(3), draw.random() < 0.5, draw.randrange(4)
        match draw.choices(range(6), [10, 4, 6, 1, 2, 1])[0]:
            case 0:
                one.usual(at, draw.randint(4, 12), draw.choice(SLIPS))
            case 1:
                trouble = draw.choice(["report_defect", "hold", "raise_protection", "reject_seal"])
                one.usual(at, 5 + number, "")
                one.trouble(at, trouble, flag, number % 3)
                one.usual(at, 3, "")
            case 2:
                one.anybody(at, draw.choice(list(ROLES)), draw.choice([*WHEN, "exclude"]), flag, number,
                            draw.choice(list(SEALS)), draw.choice(["good", "changed"]))  # fmt: skip
            case 3:
                one.count(number % 3)
            case 4:
                one.settle(at, "head")
            case _:
                one.policies(draw.randrange(60))
        one.agree()


def many(machine: type[ScanMachine], batches: int) -> None:
    for seed in range(batches):
        days_at_random(seed, machine)
