"""Charts drawn before for the same tables are not drawn again: drawing takes longer than all else that is repeated."""

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from simulation.forecast.forecast import Forecast
from simulation.forecast.run_store import MOST_BYTES, make_room
from workflow.engine.store.durable_files import write_atomically

LIBRARIES = ("altair", "vl-convert-python", "polars")


def get_svgs(forecast: Forecast, language: str, kept: Path | None) -> dict[str, str]:
    """The charts of a forecast as SVG by name, from the folder `kept` where they lie there."""
    place = kept / f"charts-{_hash(forecast)}" / f"{language}.json" if kept else None
    if place and place.exists():
        try:
            found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            place.unlink(missing_ok=True)
        else:
            return found
    from simulation.charts.draw import render_svgs  # noqa: PLC0415  # libraries of charts are loaded to draw only

    svgs = render_svgs(forecast, language)
    if kept and place:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps(svgs), durable=False)
        make_room(kept, MOST_BYTES, place.parent)
    return svgs


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
