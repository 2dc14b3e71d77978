"""Files that go to an archive and come from it: `<ProzessID>_<Nachrichtentyp>.zip` with the message and its files.

xdomea 3 names them so; an archive may also send the bare message as XML.
"""

import filecmp
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO, TypeVar

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.foreign_words import describe_system_error
from workflow.disposal.xdomea.elements import UnreadableMessage, find_place
from workflow.disposal.xdomea.model import Header
from workflow.disposal.xdomea.writing import file_name
from workflow.engine.fields import BERLIN
from workflow.text import Text

T = TypeVar("T")
LARGEST_MESSAGE = 200 * 2**20
"""Bytes; an offer of 100,000 documents takes about half of it."""


def write_package(folder: Path, header: Header, message: bytes, files: Mapping[str, Path]) -> Path:
    """Write the message and its primary files (name -> where the bytes lie) as a zip file; its path.

    The zip file appears whole or not at all, and is the same for the same message and files. A different one that lies
    there under the same name, as of a transfer that the archive could not take in, is kept beside it with a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(header.process, header.message, "zip")
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=".zip", delete=False) as unfinished:
        place = Path(unfinished.name)
        try:
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as package:
                with _open_member(package, file_name(header.process, header.message), header.created) as member:
                    member.write(message)
                for name, source in files.items():
                    with _open_member(package, name, header.created) as member, source.open("rb") as bytes_of_it:
                        copyfileobj(bytes_of_it, member)
        except BaseException:
            place.unlink()
            raise
    place.chmod(0o644)
    if path.exists() and not filecmp.cmp(path, place, shallow=False):
        numbered = (path.with_suffix(f".{number}.zip") for number in count(1))
        path.rename(next(other for other in numbered if not other.exists()))
    return place.replace(path)


def _open_member(package: zipfile.ZipFile, name: str, created: datetime) -> IO[bytes]:
    info = zipfile.ZipInfo(name, created.astimezone(BERLIN).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return package.open(info, "w", force_zip64=True)


def read_package(path: Path) -> bytes:
    try:
        if not zipfile.is_zipfile(path):
            data = _limited(path, path.stat().st_size, path.read_bytes)
            if data.startswith(b"PK"):
                wrong = Text("die Zip-Datei ist beschädigt", "the zip file is damaged")
                raise _unusable(path, wrong, Text("eine unversehrte Zip-Datei", "a whole zip file"))
            return data
        with zipfile.ZipFile(path) as package:
            members = [member for member in package.infolist() if member.filename.lower().endswith(".xml")]
            if len(members) != 1:
                many = len(members)
                wrong = Text(f"die Zip-Datei enthält {many} XML-Dateien", f"the zip file holds {many} XML files")
                raise _unusable(path, wrong, Text("genau eine Nachricht", "exactly one message"))
            return _limited(path, members[0].file_size, lambda: package.read(members[0]))
    except OSError as error:
        why = describe_system_error(error)
        wrong = Text(f"die Datei ist nicht lesbar: {why.de}", f"the file cannot be read: {why.en}")
        raise _unusable(path, wrong, Text("eine Nachricht als XML oder Zip", "a message as XML or zip")) from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        wrong = Text("die Zip-Datei ist nicht lesbar", f"the zip file cannot be read: {error}")
        raise _unusable(path, wrong, Text("eine Zip-Datei ohne Kennwort", "a zip file without password")) from error


def _limited(path: Path, size: int, read: Callable[[], bytes]) -> bytes:
    if size > LARGEST_MESSAGE:
        wrong = Text(f"die Nachricht hat {size} Byte", f"the message has {size} bytes")
        raise _unusable(path, wrong, Text(f"höchstens {LARGEST_MESSAGE}", f"at most {LARGEST_MESSAGE}"))
    return read()


def parse_message(path: Path, data: bytes, read: Callable[[bytes], T]) -> T:
    """The message that a reader of `xdomea` makes of the bytes; raises `UnusableInput`."""
    try:
        return read(data)
    except UnreadableMessage as no:
        raise UnusableInput([Fault(Place(str(path), no.line, no.column), no.wrong, no.expected)]) from no


def locate_fault(path: Path, data: bytes, text: str, wrong: Text, expected: Text) -> Fault:
    """A fault at the first element of a readable message that holds the text."""
    return Fault(Place(str(path), *find_place(data, text)), wrong, expected)


def _unusable(path: Path, wrong: Text, expected: Text) -> UnusableInput:
    return UnusableInput([Fault(Place(str(path), 1, 1), wrong, expected)])
