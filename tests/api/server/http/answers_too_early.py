"""A server with a planted fault: it answers before it has stored. The kill test must find it."""

import threading
import time
from typing import Any

from workflow.engine.store.log import Log

stored = Log.append


def too_late(self: Log, batch: Any) -> None:
    """Store a little later than said."""
    threading.Thread(target=lambda: (time.sleep(0.5), stored(self, batch)), daemon=True).start()


if __name__ == "__main__":
    import os

    from api.cli.operation.server_process import run
    from api.settings import from_environment

    Log.append = too_late  # type: ignore[method-assign]
    run(from_environment(os.environ))
