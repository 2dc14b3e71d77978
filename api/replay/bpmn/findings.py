"""What the reading of a model has found: what cannot be represented (faults) and what was simplified (warnings)."""

from dataclasses import dataclass, field

from simulation.inputs.faults import Fault, Place, UnusableInput, in_english


@dataclass
class Findings:
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def refuse(self, place: Place, name: str, wrong: str, expected: str = "") -> None:
        self.faults.append(Fault(place, in_english(f"{name}: {wrong}"), in_english(expected)))

    def warn(self, place: Place, name: str, simplified: str, instead: str = "") -> None:
        self.warnings.append(Fault(place, in_english(f"{name}: {simplified}"), in_english(instead)))

    def stop_at_faults(self) -> None:
        if self.faults:
            raise UnusableInput(self.faults)
