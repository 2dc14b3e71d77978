"""`/metrics` for Prometheus: with a token of its own from the settings, or for admin and auditor."""

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from api.application.visibility import OVERSEERS
from api.server.dependencies.caller import caller
from api.server.dependencies.services import get_services
from api.server.dependencies.streams import get_line
from api.server.http.router import Router
from api.server.observability.metrics import Metrics
from workflow.errors import Forbidden

router = Router(tags=["metrics"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "eva_streams 0.0"}}}},
)
async def metrics(request: Request) -> Response:
    """Counters of this process in the text format of Prometheus."""
    services = get_services(request)
    wanted = services.settings.metrics_token
    given = request.headers.get("authorization", "")
    if wanted is None or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        holder = await caller(request)
        if not holder.roles & OVERSEERS:
            raise Forbidden("metrics are for admin and auditor", "Messwerte sind für Administration und Revision")
    counted: Metrics = request.app.state.metrics
    counted.streams.set(get_line(request).length)
    return Response(counted.render(), media_type=CONTENT_TYPE_LATEST)
