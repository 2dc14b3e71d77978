"""What a reader process may be asked to do, named once for the pool that sends tasks and the child that does them.

The libraries that a task needs are imported when it runs: the server itself never loads them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from scanning.inspection.results import (
    Converted,
    DocumentText,
    Inspection,
    Parts,
    Postprocessed,
    ScanRead,
    TextAdded,
    TextPictures,
)
from scanning.limits import Limits, Turn
from scanning.requirements.scan_product import MediaType
from scanning.requirements.terms import Postprocessing
from workflow.engine.events import Model

R = TypeVar("R", bound=Model)


@dataclass(frozen=True)
class Task(Generic[R]):
    """A task by name; `function` takes `limits`, `on_page` and parameters that are text, and gives a `result`."""

    name: str
    result: type[R]
    function: Callable[..., R]


def _inspect(path: str, name: str, limits: Limits, on_page: Turn) -> Inspection:
    from scanning.inspection.inspect import inspect  # noqa: PLC0415 - see above

    return inspect(Path(path), name, limits, on_page)


def _convert(path: str, kind: str, out: str, limits: Limits, on_page: Turn) -> Converted:
    from scanning.pdfa.convert import convert  # noqa: PLC0415 - see above

    return convert(Path(path), MediaType(kind), Path(out), limits, on_page)


def _split(path: str, kind: str, folder: str, limits: Limits, on_page: Turn) -> Parts:
    from scanning.separators.detect import split  # noqa: PLC0415 - see above

    return split(Path(path), MediaType(kind), Path(folder), limits, on_page)


def _read(path: str, name: str, out: str, pictures: str, parts: str, limits: Limits, on_page: Turn) -> ScanRead:
    from scanning.readers.read_scan import read_scan  # noqa: PLC0415 - see above

    return read_scan(Path(path), name, Path(out), Path(pictures), Path(parts) if parts else None, limits, on_page)


def _join(pages: str, out: str, limits: Limits, on_page: Turn) -> Converted:
    from scanning.readers.join import join  # noqa: PLC0415 - see above

    return join([(Path(path), MediaType(kind)) for path, kind in json.loads(pages)], Path(out), limits, on_page)


def _process_pages(
    path: str, blank: str, how: str, out: str, pictures: str, limits: Limits, on_page: Turn
) -> Postprocessed:
    from scanning.postprocessing.process_pages import process_pages  # noqa: PLC0415 - see above

    wanted = Postprocessing.model_validate_json(how)
    return process_pages(Path(path), tuple(json.loads(blank)), wanted, Path(out), Path(pictures), limits, on_page)


def _draw_for_recognition(
    path: str, first: str, most: str, dpi: str, folder: str, on_page: Turn, **_: Limits
) -> TextPictures:
    from scanning.postprocessing.text_layer import draw_for_recognition  # noqa: PLC0415 - see above

    return draw_for_recognition(Path(path), int(first), int(most), int(dpi), Path(folder), on_page)


def _add_text(path: str, texts: str, out: str, limits: Limits, on_page: Turn) -> TextAdded:
    from scanning.postprocessing.text_layer import add_text  # noqa: PLC0415 - see above

    found = [(number, Path(file), index) for number, file, index in json.loads(texts)]
    return add_text(Path(path), found, Path(out), limits, on_page)


def _read_text(path: str, limits: Limits, on_page: Turn) -> DocumentText:
    from scanning.postprocessing.document_text import read_text  # noqa: PLC0415 - see above

    return read_text(Path(path), limits, on_page)


INSPECT = Task("inspect", Inspection, _inspect)
CONVERT = Task("convert", Converted, _convert)
SPLIT = Task("split", Parts, _split)
READ = Task("read", ScanRead, _read)
JOIN = Task("join", Converted, _join)
PROCESS_PAGES = Task("process_pages", Postprocessed, _process_pages)
DRAW_FOR_RECOGNITION = Task("draw_for_recognition", TextPictures, _draw_for_recognition)
ADD_TEXT = Task("add_text", TextAdded, _add_text)
READ_TEXT = Task("read_text", DocumentText, _read_text)
TASKS = {
    task.name: task
    for task in (INSPECT, CONVERT, SPLIT, READ, JOIN, PROCESS_PAGES, DRAW_FOR_RECOGNITION, ADD_TEXT, READ_TEXT)
}
