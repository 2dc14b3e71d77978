"""What can be set from outside: arguments of `eva serve` and `EVA_*` variables, read in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from api.settings_oidc import Oidc, oidc_of
from workflow.errors import InvalidCommand

MOST_HOURS = 87_600
"""Ten years."""


@dataclass(frozen=True)
class Settings:
    """Settings of a server."""

    database_url: str = "sqlite:///eva.db"
    host: str = "127.0.0.1"
    port: int = 8000
    language: str = "de"
    """Of what people see where the request does not say."""
    workers: int = 1
    """Processes; more than one on PostgreSQL only."""
    rate: float = 1000.0
    """Requests a second and token, in the long run."""
    burst: float = 10_000.0
    """Requests that a token may make at once after a rest."""
    most_requests: int = 512
    """Requests under way at once, streams aside; more are told 503."""
    most_streams: int = 64
    """Event streams open at once."""
    request_seconds: float = 30.0
    drain_seconds: int = 10
    """How long requests under way may take to end when the server stops."""
    timer_seconds: float = 1.0
    """How often timers and policies are looked at; 0 never."""
    metrics_token: str | None = None
    """A bearer token of its own for `/metrics`, for the scraper; people need the role admin or auditor."""
    telemetry: bool = False
    """Traces by OpenTelemetry; where to, say the `OTEL_*` variables."""
    data: Path = Path("eva-data")
    """Folder of scanned files and run results."""
    fixity_hours: float = 24.0
    """How often every stored file is read, and what has to go is deleted; 0 never."""
    backup_dir: Path | None = None
    """Folder of verified backups; without, none are taken."""
    backup_hours: float = 24.0
    """How often one is taken; 0 never."""
    test_seals_count: bool = False
    """Whether paper may be destroyed on the strength of a test seal: in trials only."""
    oidc: Oidc | None = None


NAMES: dict[str, tuple[str, Callable[[str], object]]] = {
    "EVA_DATABASE_URL": ("database_url", str), "EVA_HOST": ("host", str), "EVA_PORT": ("port", int),
    "EVA_LANG": ("language", str), "EVA_WORKERS": ("workers", int), "EVA_RATE": ("rate", float),
    "EVA_BURST": ("burst", float), "EVA_MOST_REQUESTS": ("most_requests", int),
    "EVA_MOST_STREAMS": ("most_streams", int), "EVA_REQUEST_SECONDS": ("request_seconds", float),
    "EVA_DRAIN_SECONDS": ("drain_seconds", int), "EVA_TIMER_SECONDS": ("timer_seconds", float),
    "EVA_METRICS_TOKEN": ("metrics_token", str), "EVA_TELEMETRY": ("telemetry", lambda text: text == "1"),
    "EVA_FIXITY_HOURS": ("fixity_hours", float), "EVA_BACKUP_DIR": ("backup_dir", Path),
    "EVA_BACKUP_HOURS": ("backup_hours", float),
    "EVA_DATA": ("data", Path), "EVA_TEST_SEALS_COUNT": ("test_seals_count", lambda text: text == "1"),
}  # fmt: skip
"""Variable -> field and how it is read."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings as the environment says; `InvalidCommand` names what cannot be read."""
    found: dict[str, object] = {}
    faults: list[tuple[str, str]] = []
    for name, (field, read) in NAMES.items():
        text = environment.get(name)
        if text is None:
            continue
        try:
            found[field] = read(text)
        except ValueError:
            faults.append((name, f"{text!r} cannot be read"))
    settings = replace(Settings(), **found)  # type: ignore[arg-type]  # each is of its field's type by NAMES
    faults += [(name, wrong) for name, wrong in _wrong(settings)]
    if faults:
        raise InvalidCommand(faults)
    return replace(settings, oidc=oidc_of(environment))


def _inside(folder: Path | None, other: Path) -> bool:
    return folder is not None and folder.resolve().is_relative_to(other.resolve())


def _wrong(settings: Settings) -> list[tuple[str, str]]:
    checks = (
        ("EVA_LANG", settings.language in {"de", "en"}, "expected de or en"),
        ("EVA_PORT", 0 <= settings.port <= 65535, "expected 0 to 65535"),
        ("EVA_WORKERS", settings.workers >= 1, "expected 1 or more"),
        ("EVA_RATE", settings.rate > 0, "expected more than 0"),
        ("EVA_BURST", settings.burst >= 1, "expected 1 or more"),
        ("EVA_FIXITY_HOURS", 0 <= settings.fixity_hours <= MOST_HOURS, f"expected 0 to {MOST_HOURS}"),
        ("EVA_BACKUP_HOURS", 0 <= settings.backup_hours <= MOST_HOURS, f"expected 0 to {MOST_HOURS}"),
        ("EVA_BACKUP_DIR", not _inside(settings.backup_dir, settings.data), "expected a folder outside of EVA_DATA"),
        ("EVA_REQUEST_SECONDS", settings.request_seconds > 0, "expected more than 0"),
    )
    found = [(name, wrong) for name, right, wrong in checks if not right]
    if settings.workers > 1 and settings.database_url.startswith("sqlite"):
        found.append(("EVA_WORKERS", "SQLite is for one process; several need PostgreSQL"))
    return found
