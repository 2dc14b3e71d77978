"""`eva mail receive`: files of a digital channel into a mail folder, recorded by their hash."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.output import in_language, language, say, say_json, stop, stop_at
from workflow.engine.access import Protection
from workflow.mail_folders.events import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow.mail_folders.channels import Channel
    from workflow.mail_folders.events import Incoming
    from workflow.records.files import File

app = typer.Typer(no_args_is_help=True, help="Incoming digital mail.\n\nDigitale Eingangspost.")


@app.callback()
def _mail() -> None:
    """Keep `receive` a command of its own: with one command alone the group would be that command."""


@app.command()
def receive(
    files: Annotated[list[Path], typer.Argument(help="Files of one transaction.", metavar="FILE...")],
    channel: Annotated[str, typer.Option(help="How they came in, such as portal, email or e_invoice.")],
    authority: Annotated[str, typer.Option(help="Whose mail it is.")] = "behoerde",
    unit: Annotated[str, typer.Option(help="To whose mail folder they go.")] = "poststelle",
    title: Annotated[str | None, typer.Option(help="Title of each item (default: the file's name).")] = None,
    sender: Annotated[str | None, typer.Option(help="Who sent them, as the channel says.", show_default=False)] = None,
    reference: Annotated[
        str | None, typer.Option(help="The channel's number of the transaction.", show_default=False)
    ] = None,
    protection: Annotated[
        Protection, typer.Option(help="Protection need; the channel may raise it.")
    ] = Protection.NORMAL,
    written_form: Annotated[
        bool,
        typer.Option(
            "--written-form", help="The law asks for the written form: a proof, or a channel that stands for it."
        ),
    ] = False,
    proof: Annotated[
        Proof | None, typer.Option(help="A signature or seal found valid when they came in.", show_default=False)
    ] = None,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Folder and items as JSON.")] = False,
) -> None:
    """Put digital mail into a new mail folder; the channel says which files and which details it needs.

    The folder holds name, size, type and SHA-256 of each file; the files themselves stay where they are.

    Digitale Post in eine E-Postmappe geben.
    """
    from scanning.digital_intake import make_folder, make_incoming  # noqa: PLC0415 - not needed for --help
    from workflow.engine.access import SYSTEM  # noqa: PLC0415

    make = partial(
        make_incoming, _parse_channel(channel), sender=sender, reference=reference, protection=protection,
        written_form=written_form, proof=proof,
    )  # fmt: skip
    items = tuple(_make_items(files, title, make))
    with open_engine(database, must_exist=False) as engine:
        folder = engine.handle(make_folder(items, authority, unit), SYSTEM, "mail-folder").state
    if as_json:
        shown = [{"id": item.id, **item.incoming.model_dump(mode="json")} for item in folder.items.values()]
        say_json({"folder": folder.id, "unit": folder.unit, "items": shown})
        return
    for item in folder.items.values():
        say(f"mail-folder {folder.id}  {item.id}  {item.incoming.title}")


def _parse_channel(name: str) -> "Channel":
    from workflow.mail_folders.channels import CHANNELS  # noqa: PLC0415 - not needed for --help

    found = next((channel for channel in CHANNELS if channel.value == name), None)
    if found is None:
        is_none = in_language("ist keiner von", "is not one of")
        stop(f"eva mail receive: --channel: {name!r} {is_none} {', '.join(CHANNELS)}")
    return found


def _make_items(files: list[Path], title: str | None, make: "Callable[[str, File], Incoming]") -> "list[Incoming]":
    """The items; stops with a line for each fault of each file."""
    from pydantic import ValidationError  # noqa: PLC0415 - not needed for --help

    from workflow.engine.naming.faults import describe_error  # noqa: PLC0415
    from workflow.errors import InvalidCommand  # noqa: PLC0415

    items, faults = [], []
    for path in files:
        if not path.is_file():
            faults.append(f"{path}: {in_language('die Datei gibt es nicht', 'there is no such file')}")
            continue
        try:
            items.append(make(title or path.name, _describe_file(path)))
        except InvalidCommand as error:
            faults += [f"{path}: {pointer}: {fault.get(language())}" for pointer, fault in error.texts]
        except ValidationError as error:
            faults += [
                f"{path}: /{'/'.join(map(str, one['loc']))}: {describe_error(one).get(language())}"
                for one in error.errors()
            ]
    stop_at(faults)
    return items


def _describe_file(path: Path) -> "File":
    """Name, size, SHA-256 and type: by content for what a scanner could have made, else by the name's suffix."""
    from mimetypes import guess_type  # noqa: PLC0415 - not needed for --help

    from scanning.inspection.inspect import detect_media_type  # noqa: PLC0415
    from scanning.rejection import FileRejected, RejectionReason  # noqa: PLC0415
    from scanning.storage.file_io import hash_rest  # noqa: PLC0415
    from workflow.engine.fields import line  # noqa: PLC0415
    from workflow.records.files import File  # noqa: PLC0415

    try:
        media_type = detect_media_type(path).value
    except FileRejected as rejected:
        if rejected.reason not in {RejectionReason.UNKNOWN_TYPE, RejectionReason.EMPTY}:
            stop(f"{path}: {rejected.text.get(language())}")
        media_type = guess_type(path.name)[0] or "application/octet-stream"
    with path.open("rb") as file:
        sha256, size = hash_rest(file)
    return File(sha256=sha256, file_name=line(path.name), media_type=media_type, size=size)
