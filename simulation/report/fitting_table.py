"""A table of the terminal that is told row by row where the terminal is too narrow for it, so that nothing is cut."""

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

GAP = 2


class FittingTable:
    """Rows of cells below headings; columns named in `texts` stand on the left and may wrap, as the first does."""

    def __init__(
        self, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], texts: Iterable[int] = ()
    ) -> None:
        self._title = title
        self._headings = headings
        self._rows = [*rows]
        self._texts = {0, *texts}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = [*zip(self._headings, *self._rows, strict=True)]
        room = options.max_width - GAP * (len(columns) - 1)
        for most in range(max(len(cell) for cells in columns for cell in cells), 0, -1):
            widths = [self._fit(number, cells, most) for number, cells in enumerate(columns)]
            if sum(widths) <= room:
                yield self._make(widths)
                return
        yield from self._list()

    def _fit(self, number: int, cells: Sequence[str], most: int) -> int:
        """The width of a column: `most`, less where it needs less, and more where a word or number would be cut."""
        heading, *rest = cells
        unbroken = [_longest_word(cell) if number in self._texts else len(cell) for cell in rest]
        return max(_longest_word(heading), *unbroken, min(most, max(map(len, cells))))

    def _make(self, widths: Sequence[int]) -> Table:
        table = Table(title=self._title or None, title_justify="left", title_style="bold", box=None, pad_edge=False,
                      header_style="bold", padding=(0, GAP, 0, 0))  # fmt: skip
        for number, (heading, width) in enumerate(zip(self._headings, widths, strict=True)):
            table.add_column(heading, justify="left" if number in self._texts else "right", width=width)
        for row in self._rows:
            table.add_row(*row)
        return table

    def _list(self) -> Iterable[RenderableType]:
        """Each row as its name and, below it, what stands in its cells."""
        if self._title:
            yield Line(self._title, style="bold")
        for name, *cells in self._rows:
            told = (f"{heading} {cell}" for heading, cell in zip(self._headings[1:], cells, strict=True) if cell)
            yield Line(name)
            yield Padding(Line("; ".join(told)), (0, 0, 0, 4))


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
