"""Every aggregate that a server's log may hold: those of workflow and scanning, the tokens, and the runs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.application import run, tokens
from scanning.catalogue import SCANNING
from workflow.engine.aggregate import Catalogue, Emitted, Kind
from workflow.engine.commands import Command
from workflow.organisation.house_rules import Context


def add_check(catalogue: Catalogue[Any], check: Callable[[Context], None]) -> Catalogue[Any]:
    """The same aggregates; before each decision `check` looks at its context, and raises where nothing may be done."""

    def checked(kind: Kind) -> Kind:
        def decide(state: object, command: Command, context: Context) -> list[Emitted]:
            check(context)
            return kind.decide(state, command, context)

        return replace(kind, decide=decide)

    return replace(catalogue, kinds={category: checked(kind) for category, kind in catalogue.kinds.items()})


ALL = replace(SCANNING, kinds={**SCANNING.kinds, "token": tokens.KIND, run.CATEGORY: run.KIND})
"""All that a log may hold."""
SERVED = add_check(ALL, tokens.check_token)
"""The same for a server, where whoever acts holds a token that is still in force."""
