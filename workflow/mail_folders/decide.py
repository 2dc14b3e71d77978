"""Deciding what is asked of a mail folder: the machine says whether, the action's own block says what."""

from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command
from workflow.engine.machine import Option
from workflow.errors import InvalidCommand, NotFound
from workflow.mail_folders.actions import RECEIVING, OpenFolder, Receive
from workflow.mail_folders.guards import Question
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import Item, MailFolder, stream
from workflow.organisation.house_rules import Context


def decide(folder: MailFolder | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, OpenFolder):
        RECEIVING.check(context.actor)
        return command.open(context)
    if folder is None or not folder.known_to(context.actor):
        raise NotFound("mail-folder", context.stream.partition(":")[2])
    if isinstance(command, Receive):
        RECEIVING.check(context.actor)
        return [(stream(folder.id), command.receive(context))]
    question = Question(folder, _item(folder, command.get("item")), command, context)
    row = MACHINE.step(question.item.state, command.ACTION, context.actor.roles, question)
    return row.emit(stream(folder.id), command, question)


def options(folder: MailFolder, context: Context, item: str | None = None) -> list[Option]:
    found = _item(folder, item)
    return MACHINE.allowed(found.state, context.actor.roles, Question(folder, found, None, context))


def _item(folder: MailFolder, key: str | None) -> Item:
    if key is None and len(folder.items) == 1:
        return next(iter(folder.items.values()))
    if key is None or key not in folder.items:
        raise InvalidCommand([("/item", f"the folder has {len(folder.items)} items; name one of them")])
    return folder.items[key]
