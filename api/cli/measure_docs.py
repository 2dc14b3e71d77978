"""The reference page of measures, written from the table: which requirement of TR-03138 is met by what."""

import sys
from collections.abc import Iterable
from pathlib import Path

from scanning.requirements.fulfilment import MeasureRow, list_measures

HEADS = {
    "de": ("Anforderung", "ab", "1.4.1", "1.5", "was", "erfüllt durch", "Aktionen und Bedingungen", "Fundstelle"),
    "en": ("requirement", "from", "1.4.1", "1.5", "what", "met by", "actions and conditions", "paragraph"),
}  # fmt: skip
NEEDS = {"normal": ("normal", "normal"), "high": ("hoch", "high"), "very_high": ("sehr hoch", "very high")}
INTRODUCTION = """# Measures of TR-03138 and what meets them

Written from `scanning/requirements` by `make pages`; do not edit. The texts of the guideline are not quoted; domain 3.1
and 3.2 say what is known of them. How binding a requirement is stands under each version: MUSS, SOLLTE, `nicht
angegeben` where the source at hand does not say (it is treated as a MUSS), `-` where the version does not know it.
The same table is on the page `/pages/scanning/measures`."""


def render(rows: Iterable[MeasureRow]) -> str:
    found = list(rows)
    parts = [INTRODUCTION, "## Deutsch", _table(found, "de"), "## English", _table(found, "en")]
    return "\n\n".join(parts) + "\n"


def _table(rows: Iterable[MeasureRow], language: str) -> str:
    heads = HEADS[language]
    lines = [heads, ("---",) * len(heads), *(_cells(row, language) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: MeasureRow, language: str) -> tuple[str, ...]:
    one, met = row.measure, row.fulfilment
    german = language == "de"
    code = ", ".join(f"`{name}`" for name in (*met.actions, *met.guards))
    where = f"`{met.module}`" if met.module else ""
    return (
        one.id,
        NEEDS[one.need.value][not german],
        one.older.value if one.older else "-",
        one.newer.value if one.newer else "-",
        one.de if german else one.en,
        met.text.get(language),
        "; ".join(filter(None, (code, where))) or "-",
        one.paragraph,
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(list_measures()), encoding="utf-8")
