"""Pages that look different after the conversion: what differs, and both pictures as files for a person to look at."""

from pathlib import Path

from PIL import Image

from scanning.inspection.results import FoundDifference
from workflow.engine.fields import line

MOST = 20
"""Pages whose pictures are kept; of further ones only the number is told."""


class Differences:
    """Gathers differing pages; pictures go to `folder`, which the caller has made and empties."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[int, FoundDifference] = {}
        self._more: set[int] = set()

    def add(self, index: int, what: str, before: Image.Image, after: Image.Image) -> None:
        """A page differs; told once for each page."""
        if index in self._found or index in self._more:
            return
        if len(self._found) >= MOST:
            self._more.add(index)
            return
        paths = []
        for name, picture in (("before", before), ("after", after)):
            path = self._folder / f"{index + 1}-{name}.png"
            picture.save(path, "PNG")
            paths.append(str(path))
        detail = line(f"Seite {index + 1}: {what}")
        self._found[index] = FoundDifference(page=index + 1, detail=detail, before=paths[0], after=paths[1])

    @property
    def pages(self) -> tuple[FoundDifference, ...]:
        return tuple(self._found.values())

    @property
    def others(self) -> tuple[str, ...]:
        """What differs without pictures."""
        return (f"{len(self._more)} weitere Seiten unterscheiden sich",) if self._more else ()
