"""Files of a finished run to take away: tables as CSV, Parquet and XLSX, charts as SVG and PNG."""

from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn
from api.pages.planning.results import BY_NAME, read_forecast
from api.pages.planning.runs import find_finished_run, find_shown_run
from api.server.dependencies.work import get_work
from api.server.jobs import tables
from api.server.jobs.runner import get_runner
from api.server.routes import runs
from simulation.charts.charts import CHARTS
from workflow.errors import NotFound

router = create_page_router()
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
AN_HOUR = "private, max-age=3600"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
DRAWN = {chart.name: chart for chart in CHARTS if chart.table in BY_NAME or chart.table == "summary"}
"""Charts of what a run leaves as files."""
PIXELS = 2.0
"""Of a picture for each of the chart's own: sharp in print."""


@router.get("/pages/runs/{id}/charts/{file}")
async def show_chart(request: Request, who: LoggedIn, file: str) -> Response:
    """`NAME.svg` or `NAME.png`, in the visitor's language, drawn from the tables of the run."""
    name, _, kind = file.rpartition(".")
    _, out = find_finished_run(request, who)
    if name not in DRAWN or kind not in {"svg", "png"}:
        raise NotFound("chart", file[:100])
    drawn = await get_work(request).tables.run(request, who.holder, lambda _: draw(out, name, who.language, kind))
    headers = {"content-security-policy": SVG_POLICY, "cache-control": AN_HOUR}
    return Response(drawn, media_type="image/png" if kind == "png" else "image/svg+xml", headers=headers)


def draw(out: Path, name: str, language: str, kind: str) -> bytes:
    """A chart as the bytes of a file; one that the run drew itself is read. Raises `NotFound` where there is no row."""
    from simulation.charts.draw import has_rows, render_svgs  # noqa: PLC0415 - heavy: only who draws pays

    ready = out / f"{name}.{language}.svg"
    if ready.exists():
        svg = ready.read_text(encoding="utf-8")
    else:
        forecast = read_forecast(out)
        if not has_rows(DRAWN[name], forecast):
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
    if table not in BY_NAME or kind not in {"csv", "parquet", "xlsx", "json"}:
        raise NotFound("file", name[:100])
    if kind in {"csv", "json"}:
        return runs.read(get_runner(request), run, table, tables.CSV if kind == "csv" else tables.JSON)
    find_finished_run(request, who)
    if kind == "parquet":
        return FileResponse(out / name, media_type=PARQUET, filename=name)
    book = await get_work(request).tables.run(request, who.holder, lambda _: write_book(out, table, who.language))
    return Response(book, media_type=XLSX, headers={"content-disposition": f'attachment; filename="{name}"'})


def write_book(out: Path, table: str, language: str) -> bytes:
    """A table as a workbook with real numbers and days."""
    import polars as pl  # noqa: PLC0415 - heavy: only who wants one pays

    from simulation.answers.write import write_workbook  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.xlsx"
        write_workbook(pl.read_parquet(out / f"{table}.parquet"), BY_NAME[table], path, language)
        return path.read_bytes()
