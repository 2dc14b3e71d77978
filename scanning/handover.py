"""From the scan centre to the case and back, by events (rule 24).

A sealed product is delivered into the E-Postmappe of its addressee; when a clerk has filed it into a case, the batch
item is acknowledged and its paper period begins. Each step is a policy that looks at the state as it is now, so that an
event read twice, late, or after a restart has no second effect.
"""

from scanning.batch_actions.delivery import Acknowledge
from scanning.batch_actions.paper import Forget
from scanning.batches.file_index import ScanMail, mail_stream
from scanning.batches.scan_batch import Batch, Delivery, ScanItem, reference, stream
from workflow.engine.access import SYSTEM
from workflow.engine.engine import Engine
from workflow.engine.events import ContentErased, decode
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.subscribers import Policy, Reaction
from workflow.mail_folders.events import ItemFiled
from workflow.mail_folders.mail_folder import MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream


def find_referenced_item(engine: Engine, reference: str | None) -> tuple[Batch, ScanItem] | None:
    """The batch and item of a mail item's `reference` (`scan-batch:…#item`), None where it names none."""
    if reference is None or not reference.startswith("scan-batch:"):
        return None
    stream_, _, key = reference.partition("#")
    batch = engine.find(stream_, Batch)
    return (batch, batch.items[key]) if batch and key in batch.items else None


def find_source_item(engine: Engine, mail_item: str) -> tuple[Batch, ScanItem] | None:
    """The batch and item that a delivered mail item came from, also where the mail item itself was deleted.

    A document names its mail item in `source` (`mail-folder:…#item`), so this leads from a defect to its paper.
    """
    mail = engine.find(mail_stream(mail_item), ScanMail)
    return find_referenced_item(engine, reference(mail.batch, mail.item)) if mail else None


def _acknowledge(event: Recorded, engine: Engine) -> list[Reaction]:
    """Filed into a case: the batch item is acknowledged, if what was filed is its latest delivery."""
    if event.type != ItemFiled.TYPE or event.payload is None:
        return []
    filed = decode(event.type, event.schema_version, event.payload, event.position)
    folder = engine.find(event.stream, MailFolder)
    if not isinstance(filed, ItemFiled) or folder is None or filed.item not in folder.items:
        return []
    found = find_referenced_item(engine, folder.items[filed.item].incoming.reference)
    if found is None:
        return []
    batch, item = found
    delivery = item.delivery
    current = delivery is not None and (delivery.folder, delivery.mail_item) == (folder.id, filed.item)
    if item.state != "delivered" or not current:
        return []
    return [Reaction(Acknowledge(item=item.id), SYSTEM, stream(batch.id))]


def _forget(event: Recorded, engine: Engine) -> list[Reaction]:
    """The mail item was deleted with its file: the batch forgets its content too, once the paper is destroyed or
    excluded.
    """
    if event.type not in {"content.erased", "scan.item_destroyed", "scan.item_excluded"} or event.payload is None:
        return []
    decoded = decode(event.type, event.schema_version, event.payload, event.position)
    if isinstance(decoded, ContentErased):
        found, why = find_source_item(engine, str(decoded.item)), decoded.with_file
    else:
        found, why = find_referenced_item(engine, f"{event.stream}#{getattr(decoded, 'item', '')}"), "deleted before"
    if found is None:
        return []
    batch, item = found
    deleted = [delivery for delivery in item.deliveries if not _is_in_folder(engine, delivery)]
    if item.state not in {"destroyed", "excluded"} or not deleted:
        return []
    return [Reaction(Forget(item=item.id, with_file=why), SYSTEM, stream(batch.id))]


def _is_in_folder(engine: Engine, delivery: Delivery) -> bool:
    folder = engine.find(folder_stream(delivery.folder), MailFolder)
    return folder is not None and delivery.mail_item in folder.items


ACKNOWLEDGE = Policy("scan-acknowledge", _acknowledge)
FORGET = Policy("scan-forget", _forget)
POLICIES = (ACKNOWLEDGE, FORGET)
