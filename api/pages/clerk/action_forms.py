"""An action as a page offers it: a form with what it asks for, or a link to the page where it is done."""

from collections.abc import Sequence
from typing import NamedTuple

from api.pages.base.forms import Entry
from api.pages.clerk.enclosures import Enclosable


class ActionForm(NamedTuple):
    action: str
    label: str
    entries: Sequence[Entry]
    open: bool
    """Whether the form is shown unfolded: it was tried and refused."""
    link: str | None
    """Where it is done instead, None where the form is here."""
    encloses: Sequence[Enclosable] = ()
