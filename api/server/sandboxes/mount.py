"""Below each sandbox the whole API once more, on its own engine."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.application.errors import Unauthorised
from api.server.dependencies.services import KEY
from api.server.sandboxes.registry import get_sandboxes


def mount(routes: list[BaseRoute]) -> Mount:
    """The same operations once more below `/sandboxes/{id}`, each request with the services of that sandbox."""
    inner = Router(routes, redirect_slashes=False)

    async def enter_sandbox(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if "authorization" not in request.headers:
            raise Unauthorised("a bearer token is needed", "Ein Bearer-Token ist nötig")
        sandbox = get_sandboxes(request).get(scope["path_params"]["sandbox"])
        scope[KEY] = sandbox.services
        if request.method in {"GET", "HEAD"}:
            await inner(scope, receive, send)
            return
        held: list[Message] = []
        noting = sandbox.recorder.record(request, sandbox.authenticator, sandbox.clock.now)

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await inner(scope, noting.listen(receive), hold)
        finally:
            noting.finish(held)
        await run_in_threadpool(sandbox.react)  # so that who is answered sees what followed
        for message in held:
            await send(message)

    return Mount("/sandboxes/{sandbox}", app=_WithRoutes(enter_sandbox, inner.routes))


def list_inner_paths(routes: Iterable[BaseRoute]) -> set[str]:
    """Paths of an application that are there in every sandbox too."""
    mounts = [route for route in routes if isinstance(route, Mount) and isinstance(route.app, _WithRoutes)]
    return {str(getattr(inner, "path", "")) for one in mounts for inner in one.routes}


@dataclass(frozen=True)
class _WithRoutes:
    """An application that tells which routes it has, for the `Allow` of a 405."""

    app: ASGIApp
    routes: list[BaseRoute]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
