"""Which events somebody asks for: by type, and by what they are about."""

from typing import NamedTuple


class Selection(NamedTuple):
    """Types of events, and subjects: streams such as `record:6f2d…`, or categories such as `record`; none for all."""

    types: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()

    def covers(self, type_: str, stream: str) -> bool:
        about = not self.subjects or stream in self.subjects or stream.partition(":")[0] in self.subjects
        return about and (not self.types or type_ in self.types)


ALL = Selection()
