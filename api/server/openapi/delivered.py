"""What is sent to the URLs of webhooks, described for whoever receives it (`webhooks` of OpenAPI 3.1)."""

from typing import Annotated, Any

from fastapi import Body

from api.application.feed.cloud_events import CloudEvent
from api.server.background.webhooks.request import MEDIA_TYPE
from api.server.http.describe import describe_signature
from api.server.http.router import Router

EXAMPLE: dict[str, Any] = {
    "specversion": "1.0", "id": "813", "source": "/events", "type": "slip.completed",
    "subject": "routing-slip:6f2d6b2e-7a55-4c2a-9d0e-0d7f7a1f4b11", "time": "2021-07-01T08:00:00.000000Z",
    "datacontenttype": "application/json", "position": 813, "streamversion": 7, "schemaversion": 1, "actor": "schmidt",
    "onbehalfof": None, "commandid": None, "data": {},
}  # fmt: skip
"""Put into the description as it stands: FastAPI leaves out of examples what is null."""
ANSWERS: dict[int | str, dict[str, Any]] = {
    "204": {"description": "it was taken, as by any other 2xx; the next event comes"},
    "410": {"description": "nothing more is wanted: the webhook is ended for good"},
    "default": {"description": "it was not taken, and is tried again with growing pauses"},
}
router = Router()


@router.post(
    "event",
    operation_id="deliver_event",
    tags=["webhooks"],
    status_code=204,
    responses=ANSWERS,
    openapi_extra={
        "parameters": describe_signature("webhook and position of the event; the same when it is sent again"),
        "security": [{"signature": []}],
    },
)
def deliver_event(event: Annotated[CloudEvent, Body(media_type=MEDIA_TYPE)]) -> None:
    """An event of the log, as `GET /events` shows it to whoever set the webhook up.

    Signed as Standard Webhooks has it, with the secret that `POST /webhooks` answered. It comes at least once, in the
    order of the log.
    """
