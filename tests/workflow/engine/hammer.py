"""A process to be killed: threads send commands and print each id once it is acknowledged.

`python -m tests.workflow.engine.hammer URL STREAM PREFIX [ack_before_commit]`; the last word plants a fault, so that
the test can show that it would find one.
"""

import itertools
import sys
import threading
import time

from tests.workflow.conftest import PEOPLE
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.records.work_actions import Work


def main(url: str, stream: str, prefix: str, fault: str = "") -> None:
    engine = Engine(url, catalogue=WORKFLOW)
    if fault == "ack_before_commit":
        stored = engine.log.append

        def later(batch):
            threading.Thread(target=lambda: (time.sleep(0.02), stored(batch)), daemon=True).start()

        engine.log.append = later
    numbers = itertools.count()
    lock = threading.Lock()

    def client() -> None:
        while True:
            with lock:
                key = f"{prefix}-{next(numbers)}"
            engine.handle(Work(note=key), PEOPLE["mueller"], stream, command_id=key)
            sys.stdout.write(key + "\n")
            sys.stdout.flush()

    for _ in range(8):
        threading.Thread(target=client, daemon=True).start()
    time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
