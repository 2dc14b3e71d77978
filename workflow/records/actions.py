"""Every action on a record, in the order in which people read them."""

from workflow.engine.commands import Command, by_action
from workflow.records.closing_actions import (
    AttachSlip,
    Change,
    ChangeRetention,
    Close,
    DetachSlip,
    FallDue,
    ReleaseHold,
    Reopen,
    ResubmissionDue,
    SetHold,
    SetResubmission,
    SettleResubmission,
    ToRegistry,
)
from workflow.records.disposal_actions import (
    AcknowledgeReceipt,
    Appraise,
    Confirm,
    Delete,
    Offer,
    Propose,
    Transfer,
)
from workflow.records.work_actions import (
    AddCase,
    AddDocument,
    AddVersion,
    CheckIn,
    CheckOut,
    CreateRecord,
    Finalise,
    Work,
)

ACTIONS: tuple[type[Command], ...] = (
    CreateRecord, Work, AddCase, AddDocument, AddVersion, Finalise, CheckOut, CheckIn, SetResubmission,
    SettleResubmission, Change, ResubmissionDue, AttachSlip, Close, Reopen, ToRegistry, FallDue, ChangeRetention,
    Propose, SetHold, ReleaseHold, DetachSlip, Offer, Appraise, Transfer, AcknowledgeReceipt,
    Confirm, Delete,
)  # fmt: skip
COMMANDS = by_action(ACTIONS)
"""What people may ask."""
