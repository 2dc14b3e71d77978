"""`eva fit`: a casework scenario estimated from an event log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.output import check_out, in_language, language, say, stop
from api.server.jobs.shipped_files import locate
from scenarios import FOLDER

if TYPE_CHECKING:
    from simulation.fitting.fit import Fit

BASE = FOLDER / "nrw" / "model-ministry.yaml"


def fit(
    log: Annotated[
        Path, typer.Argument(help="Event log: JSON Lines of `eva log export`, OCEL 2.0 (JSON), XES or CSV.")
    ],
    out: Annotated[Path | None, typer.Option(help="File for the scenario; stdout if none is named.")] = None,
    base: Annotated[
        Path, typer.Option("--from", metavar="SCENARIO", help="Casework scenario for what the log does not show.")
    ] = BASE,
) -> None:
    """Estimate a casework scenario from an event log: arrivals, routes, times at stations, choices, with intervals.

    Ein Szenario aus einem Ereignisprotokoll schätzen: Eingänge, Laufwege, Zeiten, Verweigerungen.
    """
    from api.cli.casework.run import load_casework_scenario  # noqa: PLC0415 - heavy: only this command pays
    from simulation.event_logs.read import read_event_log  # noqa: PLC0415
    from simulation.fitting.fit import NothingToFit  # noqa: PLC0415
    from simulation.fitting.fit import fit as estimate  # noqa: PLC0415

    if out is not None:
        check_out(out, _check_file)
    loaded = load_casework_scenario(locate(base))
    try:
        found = estimate(read_event_log(log), loaded.scenario)
    except NothingToFit as nothing:
        stop(f"{log}:1:1: {nothing.text.get(language())}")
    text = _write(found)
    if out is None:
        say(text.rstrip("\n"))
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    for line in _sum_up(found):
        say(line)
    say(f"{in_language('Szenario', 'scenario')}: {out}")


def _check_file(file: Path) -> None:
    """Raise `OSError` where it cannot be a file."""
    from simulation.report.files import TakenPlace, check_writable  # noqa: PLC0415 - not needed for --help

    if file.is_dir():
        raise TakenPlace(f"{file} ist ein Ordner", f"{file} is a folder")
    check_writable(file.parent)


def _write(found: "Fit") -> str:
    from io import StringIO  # noqa: PLC0415 - not needed for --help

    from ruamel.yaml import YAML  # noqa: PLC0415

    from simulation.scenario.casework import dump  # noqa: PLC0415

    yaml, text = YAML(), StringIO()
    yaml.width = 120
    content, horizon = dump(found.scenario), found.scenario.horizon
    content["horizon"] = {"start": horizon.start, "end": horizon.end}  # dates, not texts
    yaml.dump(content, text)
    return text.getvalue()


def _sum_up(found: "Fit") -> list[str]:
    from simulation.scenario.figures import find_figures  # noqa: PLC0415 - not needed for --help

    figures = find_figures(found.scenario)
    fitted = sum(figure.basis == "fitted" for _, figure, _ in figures)
    lines = [
        in_language(f"{fitted} Zahlen geschätzt, {len(figures) - fitted} aus dem Ausgangsszenario",
                    f"{fitted} figures fitted, {len(figures) - fitted} from the scenario it starts from")
    ]  # fmt: skip
    if found.left_out > 0:
        share = f"{100 * found.left_out:.1f} %"
        lines.append(in_language(f"seltene Laufwege weggelassen: {share} der Fälle",
                                 f"rare routes left out: {share} of the cases"))  # fmt: skip
    for activity, kind in sorted(found.mapped.items()):
        lines.append(in_language(f"Aktivität {activity!r} wird als {kind} bearbeitet",
                                 f"activity {activity!r} is worked as {kind}"))  # fmt: skip
    for name, aic in sorted(found.aic.items()):
        order = sorted(aic, key=lambda family: aic[family])
        lines.append(f"{name}: AIC " + ", ".join(f"{family} {aic[family]:.1f}" for family in order))
    return lines
