"""The most memory that this process has needed."""

from types import ModuleType

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None


def read_peak_megabytes() -> float:
    """Megabytes; 0 where the system does not say."""
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024 if resource else 0.0
