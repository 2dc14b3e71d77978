"""What a reader process may be asked to do, named once for the pool that sends tasks and the child that does them.

The libraries that a task needs are imported when it runs: the server itself never loads them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from scanning.inspection.results import Converted, Inspection, Parts
from scanning.limits import Limits
from scanning.requirements.scan_product import MediaType
from workflow.engine.events import Model

R = TypeVar("R", bound=Model)


@dataclass(frozen=True)
class Task(Generic[R]):
    """A task by name; `function` takes `limits` and parameters that are text, and gives a `result`."""

    name: str
    result: type[R]
    function: Callable[..., R]


def _inspect(path: str, name: str, limits: Limits) -> Inspection:
    from scanning.inspection.inspect import inspect  # noqa: PLC0415 - see above

    return inspect(Path(path), name, limits)


def _convert(path: str, kind: str, out: str, limits: Limits) -> Converted:
    from scanning.pdfa.convert import convert  # noqa: PLC0415 - see above

    return convert(Path(path), MediaType(kind), Path(out), limits)


def _split(path: str, kind: str, folder: str, limits: Limits) -> Parts:
    from scanning.separators.detect import split  # noqa: PLC0415 - see above

    return split(Path(path), MediaType(kind), Path(folder), limits)


INSPECT = Task("inspect", Inspection, _inspect)
CONVERT = Task("convert", Converted, _convert)
SPLIT = Task("split", Parts, _split)
TASKS = {task.name: task for task in (INSPECT, CONVERT, SPLIT)}
