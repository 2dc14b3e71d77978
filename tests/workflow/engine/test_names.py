"""Names and reasons: what nobody can see makes neither another person nor a reason, in any command there is."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application.resources import RESOURCES
from workflow.engine.commands import Command, parse
from workflow.engine.events import decode
from workflow.engine.naming.given import checks_of
from workflow.engine.naming.names import check_reason, check_seen, is_blank, normalise
from workflow.errors import InvalidCommand

UNSEEN = ["\u200b", "\u200d", "\u202e", "\u2066", "\u00ad", "\ufeff", "\u034f", "\u115f", "\ufe0f", "\U000e0041"]
COMMANDS = [(name, action, command) for name, resource in RESOURCES.items()
            for action, command in resource.commands.items()]  # fmt: skip
NAMES = {"authority", "user", "unit", "actor", "deputy", "to", "carrier", "escalate_to", "centre"}
MAY_BE_LEFT_OUT = {("routing-slip", action) for action in ("cancel", "recall", "pause")}
"""Where a reason may be left out, so that none is none."""
REASONS = {"reason", "title"}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Mueller", "mueller"), ("M\u00dcLLER", "müller"), ("mu\u0308ller", "müller"), (" mueller  ", "mueller"),
        ("anna  weber", "anna weber"), ("\uff4d\uff55\uff45\uff4c\uff4c\uff45\uff52", "mueller"),
        ("jürgen.groß", "jürgen.groß"), ("ﬁscher", "fischer"),
    ],
)  # fmt: skip
def test_spellings_of_one_person(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda char: f"U+{ord(char):04X}")
def test_what_cannot_be_seen_is_in_no_name_and_is_no_reason(unseen: str) -> None:
    for name in (f"mueller{unseen}", f"mue{unseen}ller", unseen):
        with pytest.raises(ValueError, match=r"seen|no name"):
            normalise(name)
        with pytest.raises(ValueError, match="seen"):
            check_seen(name)
    assert is_blank(f" {unseen}\t")
    with pytest.raises(ValueError, match="blank"):
        check_reason(unseen * 3)
    assert check_reason(f"a{unseen}") == f"a{unseen}"


@pytest.mark.parametrize("name", ["a：b", "a／b", "℀", "x" * 121])
def test_no_spelling_becomes_a_separator_of_streams(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        normalise(name)


@given(st.text(max_size=12))
def test_a_normal_form_is_its_own(text: str) -> None:
    try:
        found = normalise(text)
    except ValueError:
        return
    assert normalise(found) == found == found.strip() == unicodedata.normalize("NFKC", found)


def bodies(body: Any, fields: set[str], value: str) -> list[Any]:
    """The example with one of the fields replaced, for each place where one stands, however deep."""
    if isinstance(body, dict):
        here = [{**body, name: value} for name in body if name in fields and isinstance(body[name], str)]
        deeper = [{**body, name: changed} for name in body for changed in bodies(body[name], fields, value)]
        return here + deeper
    if isinstance(body, list | tuple):
        return [[*body[:n], one, *body[n + 1 :]] for n, part in enumerate(body) for one in bodies(part, fields, value)]
    return []


@pytest.mark.parametrize(("name", "action", "command"), COMMANDS, ids=lambda one: one if isinstance(one, str) else "")
def test_no_command_takes_them(name: str, action: str, command: type[Command]) -> None:
    example = {**RESOURCES[name].examples[action]}
    for wrong in ("mueller\u200b", "mueller ", "\u202erellm"):
        for body in bodies(example, NAMES, wrong):
            with pytest.raises(InvalidCommand):
                parse(command, body)
    for body in bodies(example, REASONS, "\u200b\u2060") if (name, action) not in MAY_BE_LEFT_OUT else ():
        with pytest.raises(InvalidCommand):
            parse(command, body)


def test_the_checks_reach_every_depth() -> None:
    commands = {command.__name__: command for _, _, command in COMMANDS}
    assert set(checks_of(commands["CreateSlip"])) >= {"title", "stations", "authority", "documents"}
    deep = {"sequence": [{"parallel": [{"kind": "co_sign", "actor": "a", "escalate_to": "b\u200b"}]}]}
    with pytest.raises(InvalidCommand, match="escalate_to"):
        parse(commands["CreateSlip"], {"title": "x", "stations": [deep]})


def test_events_of_earlier_releases_hold_what_they_hold() -> None:
    event = decode("staff.left", 1, '{"user": "Mueller ", "reason": "\\u200b"}')
    assert event.model_dump() == {"user": "Mueller ", "reason": "\u200b", "ends_tokens": False}
