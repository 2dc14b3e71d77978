"""A replay as a Mermaid sequence diagram: who did what with which resource, what was recorded, what was refused."""

import re

from api.replay.run.verdict import Verdict
from workflow.text import Text


def render_diagram(verdict: Verdict, language: str) -> str:
    lines = ["sequenceDiagram", f"    title {_text(verdict.title)}"]
    people = dict.fromkeys(one.who for one in verdict.history)
    targets = dict.fromkeys(one.on for one in verdict.history if one.who != "system")
    lines += [f"    actor {_id(name)} as {_text(name)}" for name in people]
    lines += [f"    participant {_id(name)} as {_text(name)}" for name in targets if name not in people]
    day = ""
    for one in verdict.history:
        if one.time != day and people:
            day = one.time
            lines.append(f"    note over {_id(next(iter(people)))}: {day}")
        if one.who == "system":
            lines.append(f"    note over {_id('system')}: {_text(f'{one.what.get(language)} {one.on}')}")
            lines += [f"    note over {_id('system')}: {_text(event)}" for event in one.events]
            continue
        lines.append(f"    {_id(one.who)}->>{_id(one.on)}: {_text(one.what.get(language))}")
        result = one.result.get(language)
        if not one.events and result[:1].isdigit():
            lines.append(f"    {_id(one.on)}--x{_id(one.who)}: {_text(result)}")
        else:
            lines.append(f"    {_id(one.on)}-->>{_id(one.who)}: {_text(', '.join(one.events) or result)}")
    if verdict.failure is not None:
        unmet = "; ".join(one.tell(language) for one in verdict.failure.unmet)
        failed = Text("FEHL", "FAIL").get(language)
        where = _id(next(iter(people))) if people else "nobody"
        lines += [] if people else ["    participant nobody"]
        lines.append(f"    note over {where}: {_text(f'{failed} {verdict.failure.step}: {unmet}')}")
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    return "p_" + re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}", name)


def _text(text: str) -> str:
    """Text that ends no line and no statement of Mermaid."""
    return re.sub(r"[;#\n\r:]", " ", text).strip() or "-"
