"""Run by the Python of Prosimos' own environment: BPMN, parameters, cases, start and a file for the log; prints JSON.

The run that is timed writes no log; a second one writes it.
"""

import json
import sys
import time

from prosimos.simulation_engine import run_simulation


def main(bpmn: str, parameters: str, cases: str, start: str, log: str) -> None:
    began = time.process_time()
    run_simulation(bpmn, parameters, int(cases), starting_at=start)
    seconds = time.process_time() - began
    run_simulation(bpmn, parameters, int(cases), log_out_path=log, starting_at=start)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
