"""Where scanned paper lies until it may be destroyed."""

from typing import Any

import numpy as np

from simulation.calendar import Calendar
from simulation.random_streams import compiled
from simulation.scan_line.line import Served
from simulation.scenario.programme import Scenario


class PaperStore:
    """Scanned paper, kept for its period in boxes and then destroyed (rule 24: never before the period is over)."""

    def __init__(self, scenario: Scenario, calendar: Calendar) -> None:
        items, paper = scenario.spec.scan.items, scenario.spec.scan.paper
        self._pages = np.zeros(calendar.days + 1)
        self._kept_days = round(paper.kept_days.value)
        self._pages_per_box = items.pages_per_sheet.value * paper.sheets_per_box.value

    def add(self, served: Served) -> int:
        """Store the paper of the items released; return their pages."""
        return int(_add_by_day(self._pages, served.left, served.excluded, served.tag))

    def count_boxes(self, day: int) -> float:
        return float(self._pages[max(0, day - self._kept_days) : day].sum() / self._pages_per_box)


@compiled
def _add_by_day(pages_by_day: Any, left: Any, excluded: Any, pages: Any) -> Any:
    """`left`: ascending hours."""
    total, day, end, of_day = 0, 0, -np.inf, 0
    for k in range(len(left)):
        if left[k] >= end:
            pages_by_day[day] += of_day
            day, of_day = min(int(left[k] / 24), len(pages_by_day) - 1), 0
            end = day * 24.0 + 24.0
        if not excluded[k]:
            of_day += pages[k]
            total += pages[k]
    pages_by_day[day] += of_day
    return total
