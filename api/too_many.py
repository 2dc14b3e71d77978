"""What is bounded in number, and full."""

from api.gate import TooOften
from workflow.errors import EvaError


class TooMany(TooOften):
    """There are as many as there may be (429); `seconds` until it may be worth another try."""

    def __init__(self, en: str, de: str, seconds: float = 60.0) -> None:
        EvaError.__init__(self, en, de)
        self.seconds = seconds
