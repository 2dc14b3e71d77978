"""Which paragraph of the handbooks each page leads to, by its template."""

from workflow.text import Text

CLERK = Text("de/handbuch-sachbearbeitung", "en/handbook-clerk")
PLANNER = Text("de/planen", "how-to/plan-in-the-browser")
SCANNING = Text("de/scanstelle", "how-to/scan-centre")
TESTER = Text("de/testen", "how-to/test-in-the-browser")


def _at(book: Text, de: str, en: str) -> Text:
    """A paragraph of a handbook, by its anchor in each language."""
    return Text(f"{book.de}#{de}", f"{book.en}#{en}")


INBOX, RECORD = _at(CLERK, "eingang", "inbox"), _at(CLERK, "e-akte", "record")
MAIL, SLIP = _at(CLERK, "post", "mail"), _at(CLERK, "bearbeiten", "working-on-it")
COMPOSING, RESULTS = _at(CLERK, "zusammenstellen", "composing"), _at(PLANNER, "das-ergebnis", "the-results")
ASKING, CASE = _at(PLANNER, "weiterfragen", "ask-on"), _at(TESTER, "ein-neuer-fall", "a-new-case")
OUTCOMES = _at(TESTER, "ergebnisse-auf-dem-server", "results")
HELP = {
    "inbox": INBOX, "notices": _at(CLERK, "was-neu-ist", "what-is-new"), "mail": MAIL, "mail_folder": MAIL,
    "records": _at(CLERK, "suchen", "search"), "record": RECORD, "new": RECORD, "resource": RECORD,
    "routing_slip": SLIP, "new_slip": COMPOSING, "slip_route": COMPOSING,
    "deputies": _at(CLERK, "vertretung", "deputies"), "cockpit": _at(CLERK, "umlauf", "circulation"),
    "runs": _at(PLANNER, "eine-prognose-stellen", "a-forecast"), "run": RESULTS, "run_table": RESULTS,
    "run_assumptions": RESULTS, "question": ASKING, "compare": ASKING,
    "scan_overview": _at(SCANNING, "am-morgen", "in-the-morning"),
    "scan_batch": _at(SCANNING, "ein-stapel-kommt-an", "a-batch-arrives"),
    "counts": _at(SCANNING, "am-morgen", "in-the-morning"), "measures": _at(SCANNING, "bis-zum-papier", "paper"),
    "machine": _at(TESTER, "was-darf-wann", "what-may-be-done-when"), "replays": OUTCOMES, "coverage": CASE,
    "sandboxes": CASE, "sandbox": CASE, "sandbox_new": CASE, "sandbox_resource": CASE,
}  # fmt: skip
"""Template -> handbook and paragraph; pages that tell a fault, and the login, have none."""


def find_help(template: str) -> Text | None:
    return HELP.get(template.partition(".")[0])
