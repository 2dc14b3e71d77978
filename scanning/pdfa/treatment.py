"""What was done to each page on its way to PDF/A, in German, for the inspector and field c of the transfer note."""

from collections.abc import Mapping

from workflow.engine.fields import line

UNCHANGED = "unverändert übernommen"


class Treatment:
    """Gathers what was done to pages; what needs a look is a finding too."""

    def __init__(self) -> None:
        self._pages: dict[str, list[int]] = {}
        self._findings: dict[str, list[int]] = {}
        self.redrawn: set[int] = set()
        """Pages that became pictures."""

    def add(self, page: int, what: str, *, finding: bool = True) -> None:
        """`what` was done to a page; told once for all pages that it was done to."""
        for known in (self._pages, self._findings) if finding else (self._pages,):
            known.setdefault(what, []).append(page)

    @property
    def lines(self) -> tuple[str, ...]:
        return _list_lines(self._pages)

    @property
    def findings(self) -> tuple[str, ...]:
        return _list_lines(self._findings)


def _list_lines(known: Mapping[str, list[int]]) -> tuple[str, ...]:
    return tuple(line(f"{describe_pages(pages)}: {what}") for what, pages in known.items())


def describe_pages(pages: list[int]) -> str:
    """`Seite 3` or `Seiten 1-4, 7`; at most twenty runs."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], page]
        else:
            runs.append([page])
    told = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs[:20])
    more = f" und {sum(1 + run[-1] - run[0] for run in runs[20:])} weitere" if len(runs) > 20 else ""
    return f"{'Seite' if len(set(pages)) == 1 else 'Seiten'} {told}{more}"
