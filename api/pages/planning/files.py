"""Files of a finished run to take away: tables as CSV, Parquet and XLSX, charts as SVG and PNG."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.run import Run
from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn
from api.pages.planning.questions import check_file
from api.pages.planning.results import BY_NAME, has_table, read_forecast
from api.pages.planning.runs import find_finished_run, find_shown_run
from api.server.dependencies.work import get_work
from api.server.jobs import tables
from api.server.jobs.process import read_preliminary
from api.server.jobs.runner import get_runner
from api.server.routes import runs
from simulation.charts.charts import CHARTS
from workflow.errors import NotFound

router = create_page_router()
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
AN_HOUR = "private, max-age=3600"
A_MINUTE = "private, max-age=60"
MOST_DRAWN = 16
_drawn: dict[tuple[str, int, str], bytes] = {}
"""Preliminary charts by run, number of its runs, and language; those drawn first go first."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
MEDIA = {"csv": tables.CSV, "parquet": PARQUET, "xlsx": XLSX}
DRAWN = {chart.name: chart for chart in CHARTS if chart.table in BY_NAME or chart.table == "summary"}
"""Charts of what a run leaves as files."""
PIXELS = 2.0
"""Of a picture for each of the chart's own: sharp in print."""


@router.get("/pages/runs/{id}/charts/{file}")
async def show_chart(request: Request, who: LoggedIn, file: str) -> Response:
    """`NAME.svg` or `NAME.png`, in the visitor's language, drawn from the tables of the run."""
    name, _, kind = file.rpartition(".")
    run, out = find_shown_run(request, who)
    if kind not in {"svg", "png"} or (run.request.question is None and name not in DRAWN):
        raise NotFound("chart", file[:100])
    if run.request.question is None:
        find_finished_run(request, who)
    elif run.state == "finished":
        check_file(out, name, kind)
    else:
        raise NotFound("chart", file[:100])
    drawn = await get_work(request).tables.run(request, who.holder, lambda _: draw(out, name, who.language, kind))
    headers = {"content-security-policy": SVG_POLICY, "cache-control": AN_HOUR}
    return Response(drawn, media_type="image/png" if kind == "png" else "image/svg+xml", headers=headers)


@router.get("/pages/runs/{id}/preliminary")
async def show_preliminary(request: Request, who: LoggedIn) -> Response:
    """The users in the runs so far, as SVG; without content while there are too few, and after the end."""
    run, _ = find_shown_run(request, who)
    folder = get_runner(request).get_folder(run.id)
    described = None if run.ended else await run_in_threadpool(read_preliminary, folder)
    if described is None:
        return Response(status_code=204)
    drawn = await get_work(request).tables.run(
        request, who.holder, lambda _: draw_preliminary(run.id, described, who.language)
    )
    headers = {"content-security-policy": SVG_POLICY, "cache-control": A_MINUTE, "eva-runs": str(described["runs"])}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


def draw_preliminary(run: str, described: dict[str, Any], language: str) -> bytes:
    """Drawn once for everybody who looks at it."""
    key = (run, described["runs"], language)
    if key not in _drawn:
        from simulation.charts.draw import render_svgs  # noqa: PLC0415 - as below
        from simulation.charts.preliminary import read_preliminary as read  # noqa: PLC0415

        svg = render_svgs(read(described), language, (DRAWN["users"],))["users"].encode()
        while len(_drawn) >= MOST_DRAWN:
            _drawn.pop(next(iter(_drawn)), None)
        _drawn[key] = svg
    return _drawn[key]


def draw(out: Path, name: str, language: str, kind: str) -> bytes:
    """A chart as the bytes of a file; one that the run drew itself is read. Raises `NotFound` where there is no row."""
    from simulation.charts.draw import has_rows, render_svgs  # noqa: PLC0415 - heavy: only who draws pays

    ready = out / f"{name}.{language}.svg"
    if ready.exists():
        svg = ready.read_text(encoding="utf-8")
    else:
        forecast, chart = read_forecast(out), DRAWN[name]
        if not (chart.table == "summary" or has_table(out, chart.table)) or not has_rows(chart, forecast):
            raise NotFound("chart", name)
        svg = render_svgs(forecast, language, (DRAWN[name],))[name]
    if kind == "svg":
        return svg.encode()
    import vl_convert  # noqa: PLC0415

    return vl_convert.svg_to_png(svg, scale=PIXELS)


@router.get("/pages/runs/{id}/files/{name}")
async def download(request: Request, who: LoggedIn, name: str) -> Response:
    """A table as CSV, Parquet, XLSX or JSON; `summary.json`; `report.html`."""
    run, out = find_shown_run(request, who)
    table, _, kind = name.rpartition(".")
    if name in {tables.REPORT, "summary.json"}:
        return runs.read(get_runner(request), run, name.removesuffix(".json"), None)
    if run.request.question is not None:
        return _download_answer(run, out, table, kind)
    there = has_table(out, table) if run.state == "finished" else table in BY_NAME
    if kind not in {"csv", "parquet", "xlsx", "json"} or not there:
        raise NotFound("file", name[:100])
    if kind in {"csv", "json"}:
        return runs.read(get_runner(request), run, table, tables.CSV if kind == "csv" else tables.JSON)
    find_finished_run(request, who)
    if kind == "parquet":
        return FileResponse(out / name, media_type=PARQUET, filename=name)
    book = await get_work(request).tables.run(request, who.holder, lambda _: write_book(out, table, who.language))
    return Response(book, media_type=XLSX, headers={"content-disposition": f'attachment; filename="{name}"'})


def _download_answer(run: Run, out: Path, table: str, kind: str) -> Response:
    """A table of the answer to a question, as the job wrote it."""
    if run.state != "finished" or kind not in MEDIA:
        raise NotFound("file", f"{table}.{kind}"[:100])
    check_file(out, table, kind)
    return FileResponse(out / f"{table}.{kind}", media_type=MEDIA[kind], filename=f"{table}.{kind}")


def write_book(out: Path, table: str, language: str) -> bytes:
    """A table as a workbook with real numbers and days."""
    import polars as pl  # noqa: PLC0415 - heavy: only who wants one pays

    from simulation.answers.write import write_workbook  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.xlsx"
        write_workbook(pl.read_parquet(out / f"{table}.parquet"), BY_NAME[table], path, language)
        return path.read_bytes()
