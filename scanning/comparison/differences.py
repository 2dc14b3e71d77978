"""Pages that look different after the conversion: what differs, and both pictures as files for a person to look at."""

from pathlib import Path

from PIL import Image

from scanning.inspection.results import FoundDifference
from workflow.engine.fields import line

MOST = 20
"""Pages whose pictures are kept; of further ones only the number is told."""


class Differences:
    """Gathers differing pages; pictures go to `folder`, which the caller has made and empties."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder = folder
        self._most = most
        self._found: dict[int, FoundDifference] = {}
        self._more: set[int] = set()

    def add(self, index: int, what: str, before: Image.Image, after: Image.Image | None) -> None:
        """A page differs, or is not in the result; told once for each page."""
        if index in self._found or index in self._more:
            return
        if len(self._found) >= self._most:
            self._more.add(index)
            return
        self._found[index] = FoundDifference(
            page=index + 1,
            detail=line(f"Seite {index + 1}: {what}"),
            before=self._save(index, "before", before),
            after=self._save(index, "after", after) if after is not None else None,
        )

    def _save(self, index: int, name: str, picture: Image.Image) -> str:
        path = self._folder / f"{index + 1}-{name}.png"
        picture.save(path, "PNG")
        return str(path)

    @property
    def pages(self) -> tuple[FoundDifference, ...]:
        return tuple(self._found.values())

    @property
    def others(self) -> tuple[str, ...]:
        """What differs without pictures."""
        return (f"{len(self._more)} weitere Seiten unterscheiden sich",) if self._more else ()
