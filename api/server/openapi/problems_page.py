"""`/problems` and `/problems/{kind}`: what each `type` of a problem document means, where it leads to."""

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.application.problems import BASE, KINDS, TITLES
from api.server.http.describe import describe_operation, path_parameter
from api.server.http.request import get_language
from api.server.http.router import Router
from api.server.openapi.docs_page import POLICY
from workflow.errors import NotFound
from workflow.text import Text

router = Router()
TEXT = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}
KIND = path_parameter("kind", "Last part of the `type` of a problem.", "not-allowed", enum=list(KINDS))
TITLE = Text("Fehlerarten der API", "Kinds of problems of the API")
ALL = Text("Alle Fehlerarten", "All kinds of problems")


@router.get(BASE, response_class=HTMLResponse, **describe_operation("list_problem", tag="description", contents=TEXT))
def problems(request: Request) -> HTMLResponse:
    """Every kind of problem, its status, and what a client may do about it."""
    return _render(request, list(KINDS))


@router.get(
    BASE + "/{kind}", response_class=HTMLResponse,
    **describe_operation("show_problem", tag="description", contents=TEXT, parameters=[KIND], also=(404,)),
)  # fmt: skip
def problem(request: Request) -> HTMLResponse:
    """One kind of problem; the `type` of a problem document leads here."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise NotFound("problem", kind[:64])
    return _render(request, [kind])


def _render(request: Request, names: list[str]) -> HTMLResponse:
    language, one = get_language(request), len(names) == 1
    environment = Environment(loader=PackageLoader("api.server.openapi", "templates"), autoescape=select_autoescape())
    page = environment.get_template("problems.html.j2").render(
        language=language, base=BASE, one=one, all=ALL, title=names[0] if one else TITLE.get(language),
        kinds=[(name, KINDS[name], TITLES[KINDS[name].status]) for name in names],
    )  # fmt: skip
    headers = {"content-security-policy": POLICY, "content-language": language, "cache-control": "max-age=60"}
    return HTMLResponse(page, headers=headers | {"vary": "accept-language"})
