"""The scenario and replay files that come with `eva`; installed with it, so that they are found from any folder."""

from pathlib import Path

FOLDER = Path(__file__).parent
