"""What a reader process may be asked to do, named once for the pool that sends tasks and the child that does them.

The libraries that a task needs are imported when it runs: the server itself never loads them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from scanning.inspection.results import Converted, Inspection, Parts, ScanRead
from scanning.limits import Limits, Turn
from scanning.requirements.scan_product import MediaType
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


INSPECT = Task("inspect", Inspection, _inspect)
CONVERT = Task("convert", Converted, _convert)
SPLIT = Task("split", Parts, _split)
READ = Task("read", ScanRead, _read)
JOIN = Task("join", Converted, _join)
TASKS = {task.name: task for task in (INSPECT, CONVERT, SPLIT, READ, JOIN)}
