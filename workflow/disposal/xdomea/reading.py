"""Reading what an archive answers, 0502 and 0506; what is not such a message is an `UnreadableMessage`."""

from lxml.etree import _Element as Element

from workflow.disposal.xdomea.codes import DISPOSALS, RECEIPTS, Disposal, Message
from workflow.disposal.xdomea.elements import (
    children,
    decode,
    find,
    find_flag,
    find_text,
    get,
    read_code,
    read_flag,
    read_message,
    read_text,
    read_time,
    read_uuid,
    refuse,
    some_children,
)
from workflow.disposal.xdomea.model import Appraisal, Confirmation, Header, ImportResult, Receipt
from workflow.text import Text

ONE_EACH = Text("eines für jedes Objekt", "one for each object")


def read_0502(data: bytes) -> Appraisal:
    """Read a Bewertungsverzeichnis; a decision that is none of A, B and V, or two for one id, is refused."""
    return read_message(data, "0502", _read_appraisal)


def read_0506(data: bytes) -> Confirmation:
    """Read an AussonderungImportBestaetigen; two results for one id are refused."""
    return read_message(data, "0506", _read_confirmation)


def read_receipt(data: bytes, message: Message) -> Receipt:
    """Read the receipt (0504, 0505 or 0507)."""
    confirms = {receipt: confirmed for confirmed, receipt in RECEIPTS.items()}[message]
    return read_message(data, message, lambda root: Receipt(read_header(root, message), confirms))


def _read_appraisal(root: Element) -> Appraisal:
    decisions: dict[str, Disposal] = {}
    for element in some_children(root, "BewertetesObjekt"):
        id_ = read_uuid(get(element, "ID"))
        if id_ in decisions:
            refuse(element, Text(f"eine zweite Entscheidung für {id_}", f"a second decision for {id_}"), ONE_EACH)
        decisions[id_] = decode(get(element, "Aussonderungsart", "Aussonderungsart"), DISPOSALS)
    return Appraisal(read_header(root, "0502"), decisions)


def _read_confirmation(root: Element) -> Confirmation:
    results: dict[str, ImportResult] = {}
    for element in some_children(root, "AusgesondertesSGO"):
        result = _read_result(element)
        if result.id in results:
            refuse(element, Text(f"ein zweites Ergebnis für {result.id}", f"a second result for {result.id}"), ONE_EACH)
        results[result.id] = result
    return Confirmation(read_header(root, "0506"), tuple(results.values()))


def read_header(root: Element, message: Message) -> Header:
    """The root element says what message it is: the code beside it is wrong in published samples."""
    head = get(root, "Kopf")
    return Header(
        process=read_uuid(get(head, "ProzessID")),
        message=message,
        created=read_time(get(head, "Erstellungszeitpunkt")),
        sender=_read_contact(get(head, "Absender")),
        receiver=_read_contact(get(head, "Empfaenger")),
        receipt_wanted=find_flag(head, "Empfangsbestaetigung"),
        sender_code=_read_contact_code(get(head, "Absender")),
        receiver_code=_read_contact_code(get(head, "Empfaenger")),
        product=find_text(head, "SendendesSystem", "Produktname"),
        product_version=find_text(head, "SendendesSystem", "Version"),
    )


def _read_contact(contact: Element) -> str:
    """Name of the authority, else of the unit, else nothing: a contact may be a mere person."""
    name = find_text(contact, "Institution", "Name")
    return name if name is not None else find_text(contact, "Organisationseinheit", "Name") or ""


def _read_contact_code(contact: Element) -> str | None:
    key = find(contact, "Behoerdenkennung", "Behoerdenschluessel")
    return None if key is None else read_code(key)


def _read_result(element: Element) -> ImportResult:
    errors = [read_text(error) for error in children(element, "Fehlermeldung")]
    errors += [read_text(code) for coded in children(element, "FehlermeldungCode") for code in coded.findall("code")]
    return ImportResult(
        id=read_uuid(get(element, "IDSGO")),
        success=read_flag(get(element, "Erfolgreich")),
        archive_id=find_text(element, "Archivkennung"),
        error="; ".join(errors) if errors else None,
    )
