"""What can be done with a scan batch and its items, one class for each action; `ACTIONS` has them in order."""

from scanning.batch_actions.batch import CountBatch, CreateBatch, ReceiveItem, RecordBackup
from scanning.batch_actions.capture import (
    Check,
    Clear,
    Doubt,
    Exclude,
    Prepare,
    Recount,
    Reject,
    Rework,
    Scan,
    SealItem,
)
from scanning.batch_actions.delivery import (
    Acknowledge,
    Deliver,
    FallDue,
    RejectSeal,
    ReportDefect,
    SettleDefect,
    Verify,
)
from scanning.batch_actions.paper import (
    Destroy,
    Forget,
    RaiseProtection,
    ReleaseDestruction,
    ReleaseHold,
    ReportDamage,
    SetHold,
)
from workflow.engine.commands import Command, by_action

ACTIONS: tuple[type[Command], ...] = (
    CreateBatch, ReceiveItem, CountBatch, RecordBackup, Prepare, Exclude, Doubt, Clear, Scan, Rework, Recount, Check,
    Reject, SealItem, RejectSeal, Verify, Deliver, Acknowledge, FallDue, ReportDefect, SettleDefect,
    ReleaseDestruction, Destroy, SetHold, ReleaseHold, RaiseProtection, ReportDamage, Forget,
)  # fmt: skip
COMMANDS = by_action(ACTIONS)
