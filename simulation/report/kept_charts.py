"""Charts drawn before for the same tables are not drawn again: drawing takes longer than all else that is repeated."""

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from simulation.forecast.forecast import Forecast
from simulation.forecast.run_store import MOST_BYTES, make_room
from simulation.workers import open_workers
from workflow.engine.store.durable_files import write_atomically

LIBRARIES = ("altair", "vl-convert-python", "polars")


def get_svgs(
    forecast: Forecast, languages: Sequence[str], kept: Path | None, workers: int = 1
) -> dict[str, dict[str, str]]:  # fmt: skip
    """The charts of a forecast as SVG by language and name, from the folder `kept` where they lie there. Languages that
    are missing are drawn beside each other, because a process draws one chart at a time.
    """
    folder = kept / f"charts-{_hash(forecast)}" if kept else None
    found = {language: _read(folder, language) for language in languages}
    missing = [language for language in languages if not found[language]]
    if missing:
        with open_workers(min(workers, len(missing))) as work:
            drawn = dict(work(partial(_draw, forecast), missing))
        _keep(folder, drawn)
        found |= drawn
    return {language: found[language] or {} for language in languages}


def _read(folder: Path | None, language: str) -> dict[str, str] | None:
    place = folder / f"{language}.json" if folder else None
    if place is None or not place.exists():
        return None
    try:
        found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        place.unlink(missing_ok=True)
        return None
    return found


def _draw(forecast: Forecast, language: str) -> tuple[str, dict[str, str]]:
    from simulation.charts.draw import render_svgs  # noqa: PLC0415  # libraries of charts are loaded to draw only

    return language, render_svgs(forecast, language)


def _keep(folder: Path | None, drawn: Mapping[str, dict[str, str]]) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for language, svgs in drawn.items():
        write_atomically(folder / f"{language}.json", json.dumps(svgs), durable=False)
    make_room(folder.parent, MOST_BYTES, folder)


def _hash(forecast: Forecast) -> str:
    """Of all that charts are drawn from."""
    whole = sha256(_hash_drawing().encode())
    for name, table in forecast.tables.items():
        whole.update(name.encode() + table.write_csv().encode())
    same = {key: value for key, value in forecast.summary.items() if key != "wall_seconds"}
    whole.update(json.dumps(same, sort_keys=True).encode())
    return whole.hexdigest()[:32]


@cache
def _hash_drawing() -> str:
    sources = sorted((Path(__file__).parents[1] / "charts").glob("*.py"))
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return sha256(b"\0".join([libraries.encode(), *(path.read_bytes() for path in sources)])).hexdigest()
