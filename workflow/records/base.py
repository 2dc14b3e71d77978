"""What the actions of a record share: which object they mean, who may do them, and the ids in their examples."""

from workflow.engine.access import Role
from workflow.engine.commands import Command
from workflow.engine.fields import Id

STAFF = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
REGISTRY = {Role.REGISTRAR}
KEEPERS = {Role.REGISTRAR, Role.ADMIN}
SYSTEM = {Role.SYSTEM}
CASE = "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"
DOCUMENT = "0a4cf3a1-39a4-5b7e-8e0f-5a0f7b7f2c22"


class RecordCommand(Command):
    """Base; without `case` the record itself is meant."""

    case: Id | None = None
