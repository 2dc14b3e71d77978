"""Who makes a request: from the headers to the person who acts."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.application.tokens import Holder
from api.server.dependencies.services import Services, get_services
from api.server.http.query import refuse_undeclared
from workflow.engine.fields import clean
from workflow.errors import InvalidCommand
from workflow.text import Text


async def caller(request: Request) -> Holder:
    """The person, perhaps acting for somebody (`On-Behalf-Of`); raises `Unauthorised`, `TooOften`, or `Forbidden`."""
    services = get_services(request)
    holder = await authenticate(request, services, fresh=True)
    refuse_undeclared(request)
    return holder


async def authenticate(request: Request, services: Services, fresh: bool) -> Holder:
    """As `caller`; `fresh` asks the database about token and deputy, which a command's decision does by itself."""
    header = request.headers.get("authorization")
    if fresh and not services.engine.log.in_memory:
        holder = await run_in_threadpool(services.authenticator.authenticate, header, True)
    else:
        holder = services.authenticator.authenticate(header, fresh)
    note_caller(request, services, holder)
    absent = request.headers.get("on-behalf-of")
    if absent is None:
        return holder
    holder = replace(holder, on_behalf_of=_name(absent))
    if fresh:
        await run_in_threadpool(services.resources.visibility.check_deputy, holder)
    return holder


def note_caller(request: Request, services: Services, holder: Holder) -> None:
    """Keep, for the log and the headers of the answer, who asks and how often they still may."""
    request.scope["eva.user"] = holder.user
    request.scope["eva.rate"] = services.authenticator.get_rate(holder)


def _name(text: str) -> str:
    """Headers are Latin-1 on the wire; names are UTF-8."""
    try:
        return clean(text.encode("latin-1").decode())
    except ValueError as wrong:
        raise InvalidCommand([("/On-Behalf-Of", Text("ist kein Name in UTF-8", "is no name in UTF-8"))]) from wrong


Caller = Annotated[Holder, Depends(caller)]
"""Parameter of an operation for those with a token."""
