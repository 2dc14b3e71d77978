"""The four disposal messages an office and its archive exchange: offer, appraisal, transfer and confirmation.

They are 0501, 0502, 0503 and 0506 of xdomea 3.0.0 (IT-Planungsrat, decision 2017/39); 3.1.0 differs for these four in
its namespace only. The office writes offer and transfer, and reads the archive's two answers.
"""

from workflow.disposal.xdomea.codes import NAMES, OTHER_FORMAT, PRODUCT, Message, Version
from workflow.disposal.xdomea.elements import UnreadableMessage, find_place
from workflow.disposal.xdomea.model import (
    Appraisal,
    Confirmation,
    DisposalCase,
    DisposalDocument,
    DisposalObject,
    DisposalRecord,
    DocumentVersion,
    Header,
    ImportResult,
    PrimaryFile,
)
from workflow.disposal.xdomea.reading import read_0502, read_0506
from workflow.disposal.xdomea.writing import file_name, write_0501, write_0503

__all__ = [
    "NAMES",
    "OTHER_FORMAT",
    "PRODUCT",
    "Appraisal",
    "Confirmation",
    "DisposalCase",
    "DisposalDocument",
    "DisposalObject",
    "DisposalRecord",
    "DocumentVersion",
    "Header",
    "ImportResult",
    "Message",
    "PrimaryFile",
    "UnreadableMessage",
    "Version",
    "file_name",
    "find_place",
    "read_0502",
    "read_0506",
    "write_0501",
    "write_0503",
]
