"""Writes the reference pages of every machine: `python -m scanning.pages docs/machines`."""

import sys

from scanning.catalogue import MACHINES
from workflow.pages import write

if __name__ == "__main__":
    write(MACHINES.values(), sys.argv[1])
