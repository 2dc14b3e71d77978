"""From the scan centre to the case and back, by events (rule 24).

A sealed product is delivered into the E-Postmappe of its addressee; when a clerk has filed it into a case, the batch
item is acknowledged and its paper period begins. Each step is a policy: it looks at the state as it is now, so that
being told twice, late, or after a restart does nothing twice.
"""

from scanning.batches.commands import Acknowledge, Deliver, Forget
from scanning.batches.file_index import ScanMail, mail_stream
from scanning.batches.scan_batch import Batch, Delivery, ScanItem, reference, stream
from workflow.engine.access import SYSTEM
from workflow.engine.engine import Engine
from workflow.engine.events import ContentErased, decode
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.subscribers import Policy, Reaction, Refused, follow
from workflow.errors import NotFound
from workflow.mail_folders.events import ItemFiled
from workflow.mail_folders.mail_folder import MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream


def _state(engine: Engine, stream_: str, kind: type) -> object | None:
    try:
        state = engine.load(stream_).state
    except NotFound:
        return None
    return state if isinstance(state, kind) else None


def batch_item(engine: Engine, reference: str | None) -> tuple[Batch, ScanItem] | None:
    """The batch and item that a mail item's `reference` names, None where it names none."""
    if reference is None or not reference.startswith("scan-batch:"):
        return None
    stream_, _, key = reference.partition("#")
    batch = _state(engine, stream_, Batch)
    item = batch.items.get(key) if isinstance(batch, Batch) else None
    return (batch, item) if isinstance(batch, Batch) and item is not None else None


def _acknowledge(event: Recorded, engine: Engine) -> list[Reaction]:
    """Filed into a case: the batch item is acknowledged, if what was filed is what is delivered now."""
    if event.type != ItemFiled.TYPE or event.payload is None:
        return []
    filed = decode(event.type, event.schema_version, event.payload, event.position)
    folder = _state(engine, event.stream, MailFolder)
    if not isinstance(filed, ItemFiled) or not isinstance(folder, MailFolder) or filed.item not in folder.items:
        return []
    found = batch_item(engine, folder.items[filed.item].incoming.reference)
    if found is None:
        return []
    batch, item = found
    delivery = item.delivery
    current = delivery is not None and (delivery.folder, delivery.mail_item) == (folder.id, filed.item)
    if item.state != "delivered" or not current:
        return []
    return [Reaction(Acknowledge(item=item.id), SYSTEM, stream(batch.id))]


def _deliver(event: Recorded, engine: Engine) -> list[Reaction]:
    """Sealed: delivered."""
    if event.type != "scan.item_sealed":
        return []
    batch = _state(engine, event.stream, Batch)
    if not isinstance(batch, Batch) or event.payload is None:
        return []
    key = getattr(decode(event.type, event.schema_version, event.payload, event.position), "item", "")
    item = batch.items.get(key)
    if item is None or item.state != "sealed":
        return []
    return [Reaction(Deliver(item=item.id), SYSTEM, stream(batch.id))]


def came_from(engine: Engine, mail_item: str) -> tuple[Batch, ScanItem] | None:
    """The batch and item that a delivered mail item came from, so that a clerk's defect finds its paper; also where
    the mail item itself is gone. A document names its mail item in `source` (`mail-folder:…#item`).
    """
    mail = _state(engine, mail_stream(mail_item), ScanMail)
    return batch_item(engine, reference(mail.batch, mail.item)) if isinstance(mail, ScanMail) else None


def _forget(event: Recorded, engine: Engine) -> list[Reaction]:
    """The mail item went with its deleted file: what the batch knows of its content goes too, once the paper is gone
    or has left for good.
    """
    if event.type not in {"content.erased", "scan.item_destroyed", "scan.item_excluded"} or event.payload is None:
        return []
    told = decode(event.type, event.schema_version, event.payload, event.position)
    if isinstance(told, ContentErased):
        found, why = came_from(engine, str(told.item)), told.with_file
    else:
        found, why = batch_item(engine, f"{event.stream}#{getattr(told, 'item', '')}"), "deleted before"
    if found is None:
        return []
    batch, item = found
    gone = [d for d in item.deliveries if not _lies_there(engine, d)]
    if item.state not in {"destroyed", "excluded"} or not gone:
        return []
    return [Reaction(Forget(item=item.id, with_file=why), SYSTEM, stream(batch.id))]


def _lies_there(engine: Engine, delivery: Delivery) -> bool:
    folder = _state(engine, folder_stream(delivery.folder), MailFolder)
    return isinstance(folder, MailFolder) and delivery.mail_item in folder.items


ACKNOWLEDGE = Policy("scan-acknowledge", _acknowledge)
"""A filed product is acknowledged."""
FORGET = Policy("scan-forget", _forget)
"""What belongs to a deleted file is forgotten."""
DELIVER = Policy("scan-deliver", _deliver)
"""A sealed product is delivered without anybody asking."""


def hand_over(engine: Engine, *, deliver: bool = False) -> list[Refused]:
    """Let the policies answer what has happened since they last ran; what was refused, for whoever runs them.

    `deliver`: whether sealed products go on by themselves; otherwise a person delivers them.
    """
    refused: list[Refused] = []
    for policy in (*((DELIVER,) if deliver else ()), ACKNOWLEDGE, FORGET):
        refused += follow(policy, engine)
    return refused
