"""`eva scan check`, `release` and `destroy`: what is done with items that are scanned, and with their paper."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.scan.services import (
    DEFAULT_AUTHORITY,
    DEFAULT_DATA,
    Authority,
    Data,
    Quiet,
    make_actor,
    open_services,
    sort_items,
)
from api.cli.shared.database import Database
from api.cli.shared.output import NO, in_language, say, stop, stop_at
from api.cli.shared.progress import show_progress
from workflow.engine.access import Role

if TYPE_CHECKING:
    from scanning.capture.services import ScanServices

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch.")]
Items = Annotated[list[int] | None, typer.Option("--item", help="Number of an item; all that wait, if left out.")]


def check(
    batch: BatchId,
    inspector: Annotated[str, typer.Option(help="Who has looked; nobody checks their own scan.")],
    items: Items = None,
    visual: Annotated[bool, typer.Option("--visual/--automatic", help="Looked at, or outside the sample.")] = True,
    accept_duplicate: Annotated[
        bool, typer.Option("--accept-duplicate", help="An identical file was pointed out and is right.")
    ] = False,
    accept_differences: Annotated[
        bool,
        typer.Option("--accept-differences", help="Pages look different; pictures of both were compared (pictures)."),
    ] = False,
    authority: Authority = DEFAULT_AUTHORITY,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Pass the quality check of scanned items; they are sealed and delivered. Status 1 where one could not be.

    Qualitätsprüfung bestehen lassen, siegeln, zustellen.
    """
    from scanning.batch_actions.capture import Check  # noqa: PLC0415 - not needed for --help
    from scanning.capture.folder import complete_item  # noqa: PLC0415

    passed = Check(visual=visual, accept_duplicate=accept_duplicate, accept_differences=accept_differences)
    actor = make_actor(inspector, Role.SCAN_INSPECTOR, authority)

    def act(services: "ScanServices", stream: str, number: int) -> None:
        complete_item(services.capture, stream, number, actor, passed)

    _do(data, database, batch, items, frozenset({"scanned", "checked", "sealed"}), act, quiet)


def reject(
    batch: BatchId,
    inspector: Annotated[str, typer.Option(help="Who has looked; nobody checks their own scan.")],
    reason: Annotated[str, typer.Option(help="What is wrong with the scan.")],
    items: Items = None,
    authority: Authority = DEFAULT_AUTHORITY,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Reject scans: the paper is scanned again, or the file taken again without what was done with its pages.

    Scan zurückweisen.
    """
    from scanning.batch_actions.capture import Reject  # noqa: PLC0415 - not needed for --help

    actor = make_actor(inspector, Role.SCAN_INSPECTOR, authority)

    def act(services: "ScanServices", stream: str, number: int) -> None:
        services.capture.engine.handle(Reject(item=number, reason=reason), actor, stream)

    _do(data, database, batch, items, frozenset({"scanned", "checked"}), act, quiet)


def release(
    batch: BatchId,
    by: Annotated[str, typer.Option(help="Who authorises; not who made the scan.")],
    items: Items = None,
    authority: Authority = DEFAULT_AUTHORITY,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Authorise the destruction of paper whose period is over; product and backup are read and verified first.

    Vernichtung freigeben.
    """
    actor = make_actor(by, Role.REGISTRAR, authority)
    _do(data, database, batch, items, _DUE, lambda one, stream, n: one.destruction.release(stream, n, actor), quiet)


def destroy(
    batch: BatchId,
    by: Annotated[str, typer.Option(help="Who destroyed it; not who released it.")],
    method: Annotated[str, typer.Option(help="How, for the protocol, such as `DIN 66399 P-4`.")],
    items: Items = None,
    authority: Authority = DEFAULT_AUTHORITY,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Record that released paper was destroyed; product and backup are read and verified once more.

    Vernichtung eintragen.
    """
    actor = make_actor(by, Role.SCAN_OPERATOR, authority)

    def act(services: "ScanServices", stream: str, number: int) -> None:
        services.destruction.destroy(stream, number, actor, method)

    _do(data, database, batch, items, _DUE, act, quiet)


_DUE = frozenset({"destruction_due"})


def _do(
    data: Path, database: str | None, batch: str, named: list[int] | None, states: frozenset[str],
    act: "Callable[[ScanServices, str, int], object]", quiet: bool,
) -> None:  # fmt: skip
    """Act on the named items, or on all in these states; status 1 with a line for each that could not be."""
    from scanning.batches.scan_batch import STATES, stream  # noqa: PLC0415 - not needed for --help
    from scanning.capture.item_access import find_number, load_batch  # noqa: PLC0415

    with open_services(data, database, 1, must_exist=True) as services:
        found = sort_items(load_batch(services.capture.engine, stream(batch)))
        numbers = named or [item.number for item in found if item.state in states]
        _check_numbers(numbers, {item.number for item in found}, states)
        failures = _act_on(services, batch, numbers, act, quiet)
        for number in numbers:
            item = find_number(load_batch(services.capture.engine, stream(batch)), number)
            say(f"  {item.number:>4}  {in_language(STATES[item.state], item.state):<16} {item.new.title}")
        stop_at(failures, NO)


def _check_numbers(numbers: list[int], known: set[int], states: frozenset[str]) -> None:
    from scanning.batches.scan_batch import STATES  # noqa: PLC0415 - not needed for --help

    unknown = [str(number) for number in numbers if number not in known]
    if unknown:
        missing = ", ".join(unknown)
        stop(
            in_language(
                f"eva scan: der Stapel hat keine Sendung {missing}", f"eva scan: the batch has no item {missing}"
            )
        )
    if not numbers:
        waiting = ", ".join(sorted(STATES[state] for state in states))
        stop(
            in_language(f"eva scan: keine Sendung ist {waiting}", f"eva scan: no item is {', '.join(sorted(states))}"),
            NO,
        )


def _act_on(
    services: "ScanServices", batch: str, numbers: list[int], act: "Callable[[ScanServices, str, int], object]",
    quiet: bool,
) -> list[str]:  # fmt: skip
    """A line for each item that could not be."""
    from scanning.batches.scan_batch import stream  # noqa: PLC0415 - not needed for --help
    from workflow.errors import EvaError  # noqa: PLC0415

    failures = []
    with show_progress(len(numbers), in_language("Sendungen", "items"), quiet=quiet) as advance:
        for done, number in enumerate(numbers, 1):
            try:
                act(services, stream(batch), number)
            except EvaError as error:
                failures.append(f"{batch}#{number}: {in_language(error.de, str(error))}")
            advance(done, "")
    return failures
