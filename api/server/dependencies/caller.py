"""Who makes a request: from the headers to the person who acts."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.application.tokens import Holder
from api.server.dependencies.services import Services, get_services
from workflow.engine.fields import clean
from workflow.errors import InvalidCommand


async def caller(request: Request) -> Holder:
    """The person, perhaps acting for somebody (`On-Behalf-Of`); raises `Unauthorised` or `TooOften`."""
    services = get_services(request)
    return await authenticate(request, services, fresh=True)


async def authenticate(request: Request, services: Services, fresh: bool) -> Holder:
    """As `caller`; `fresh` asks the database about the token, which a command's decision does by itself."""
    header = request.headers.get("authorization")
    if fresh and not services.engine.log.in_memory:
        holder = await run_in_threadpool(services.authenticator.authenticate, header, True)
    else:
        holder = services.authenticator.authenticate(header, fresh)
    request.scope["eva.user"] = holder.user
    absent = request.headers.get("on-behalf-of")
    return holder if absent is None else replace(holder, on_behalf_of=_name(absent))


def _name(text: str) -> str:
    """Headers are Latin-1 on the wire; names are UTF-8."""
    try:
        return clean(text.encode("latin-1").decode())
    except ValueError as wrong:
        raise InvalidCommand([("/On-Behalf-Of", "is no name in UTF-8")]) from wrong


Caller = Annotated[Holder, Depends(caller)]
"""Parameter of an operation for those with a token."""
