"""A server with a planted fault: one operation answers with a status of its own. Schemathesis must find it."""

import os

import uvicorn
from starlette.responses import Response

from api.cli.operation.server_process import application

if __name__ == "__main__":
    app = application()

    @app.middleware("http")
    async def teapot(request, call_next):
        """418 for `/me`."""
        return Response(status_code=418) if request.url.path == "/me" else await call_next(request)

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["EVA_PORT"]), log_config=None)
