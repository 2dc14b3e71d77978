"""What axe-core finds on a page, WCAG 2.2 AA."""

from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "iframes": False,
    "resultTypes": ["violations"],  # of all else axe need not describe every element
}
KEEP_THREE_OF_A_KIND = r"""
() => {
  const without = (row) => row.outerHTML
    .replace(/>[^<]*\S[^<]*</g, '>text<')
    .replace(/\s(?!class|role|scope|type|lang|style|tabindex|aria-hidden)([\w-]+)="[^"]+"/g, ' $1="some"');
  for (const body of document.querySelectorAll('tbody')) {
    const seen = {};
    for (const row of [...body.rows]) {
      const kind = without(row);
      seen[kind] = (seen[kind] || 0) + 1;
      if (seen[kind] > 3) row.remove();
    }
  }
}
"""
"""A row of a table is of the kind of another where their elements, classes and attributes are the same, and the same
are empty: axe says of the three hundredth what it said of the first.
"""


def find_barriers(page: Page) -> list[tuple[str, list[str]]]:
    """Rule and elements of each barrier on the page as it is."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page, options=OPTIONS).response["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]
