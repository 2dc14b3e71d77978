"""What a person may know of a mail folder, the same for reading and for acting (rule 20).

Those of the authority whose clearance covers everything in it know the whole. Whoever was given an item knows that item
for as long as it is theirs, up to their clearance, and nothing else of the folder.
"""

from workflow.engine.access import Role
from workflow.engine.aggregate import replace
from workflow.mail_folders.mail_folder import MailFolder
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.deputies import stands_for


def show(folder: MailFolder, context: Context) -> MailFolder | None:
    """The folder, the part of it that the person in the context may know, or None."""
    actor = context.actor
    if Role.SYSTEM in actor.roles or actor.may_know(folder.authority, folder.protection):
        return folder
    mine = {
        key: item
        for key, item in folder.items.items()
        if item.assigned_to is not None
        and actor.clearance.covers(item.incoming.protection)
        and stands_for(item.assigned_to, context)
    }
    return replace(folder, unit=None, title=None, items=mine) if mine else None
