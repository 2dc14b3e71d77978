"""Deciding what is asked of a mail folder: the machine says whether, the action's own block says what."""

from workflow.engine.access import Actor
from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command
from workflow.engine.machine import Option
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.mail_folders.access import show
from workflow.mail_folders.actions import RECEIVING, OpenFolder, Receive
from workflow.mail_folders.guards import Question
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import Item, MailFolder, stream
from workflow.organisation.house_rules import Context
from workflow.text import Text

ONLY_WHOLE = Text(
    "Eingänge erfasst nur, wer die ganze Postmappe kennen darf", "mail is put in by those who may know the whole folder"
)


def decide(folder: MailFolder | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, OpenFolder):
        RECEIVING.check(context.actor)
        return command.open(context)
    folder = show(folder, context) if folder is not None else None
    if folder is None:
        raise NotFound("mail-folder", context.stream.partition(":")[2])
    if isinstance(command, Receive):
        RECEIVING.check(context.actor)
        if not folder.whole:
            raise Forbidden(ONLY_WHOLE.en, ONLY_WHOLE.de)
        return [(stream(folder.id), command.receive(context))]
    question = Question(folder, _item(folder, command.get("item")), command, context)
    row = MACHINE.step(question.item.state, command.ACTION, context.actor.roles, question)
    return row.emit(stream(folder.id), command, question)


def options(folder: MailFolder, context: Context, item: str | None = None) -> list[Option]:
    found = _item(folder, item)
    return MACHINE.allowed(found.state, context.actor.roles, Question(folder, found, None, context))


def receiving(folder: MailFolder, actor: Actor) -> Option:
    """Whether the person may put mail into the folder."""
    option = RECEIVING.option(Receive.ACTION, actor)
    if not option.allowed or folder.whole:
        return option
    return Option(Receive.ACTION, False, ONLY_WHOLE.en, ONLY_WHOLE.de)


def _item(folder: MailFolder, key: str | None) -> Item:
    if key is None and len(folder.items) == 1:
        return next(iter(folder.items.values()))
    if key is None or key not in folder.items:
        says = Text(
            f"Die Mappe hat {len(folder.items)} Stücke; eines davon nennen",
            f"the folder has {len(folder.items)} items; name one of them",
        )
        raise InvalidCommand([("/item", says)])
    return folder.items[key]
