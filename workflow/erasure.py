"""Deletion reaches what hangs on a deleted file: routing slips, mail items (rule 12: total, with a tombstone)."""

from typing import ClassVar

from workflow.events import Event
from workflow.text import Id, Line


class ContentErased(Event, type="content.erased"):
    """The stream, or one item of it, was erased together with the file it belonged to."""

    id: Id
    item: Id | None
    authority: Line
    with_file: Line
    """File number of the deleted record or case."""

    DELETES: ClassVar[bool] = True

    def erases(self, earlier: Event) -> bool:
        """Whether the payload of an earlier event of the stream goes with it."""
        if isinstance(earlier, ContentErased):
            return False
        return self.item is None or getattr(earlier, "item", None) == self.item
