"""Counters for Prometheus: requests by route, commands, the log's head, streams open."""

from math import inf

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """What one process counts; each process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "eva_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "eva_request_seconds", "Time to answer", ("method",), buckets=BUCKETS, registry=self.registry
        )
        self.position = Gauge("eva_log_position", "Position of the log's head", registry=self.registry)
        self.streams = Gauge("eva_streams", "Event streams open", registry=self.registry)
        self.refused_timers = Counter(
            "eva_timers_refused", "Timers that were refused and postponed", registry=self.registry
        )
        self.deliveries = Counter(
            "eva_webhook_deliveries", "Requests to webhooks, and events given up", ("outcome",), registry=self.registry
        )
        self.fixity = Gauge(
            "eva_fixity_files", "Files that the last fixity check found to be so", ("found",), registry=self.registry
        )
        self.fixity_age = Gauge(
            "eva_fixity_age_seconds", "Since when every file has been read; +Inf: never", registry=self.registry
        )
        self.backup_age = Gauge(
            "eva_backup_age_seconds", "Since the last verified backup; +Inf: never", registry=self.registry
        )
        self.held_files = Gauge(
            "eva_held_files", "Files in quarantine, and unfinished ones", ("where",), registry=self.registry
        )
        self.held_bytes = Gauge("eva_held_bytes", "Bytes of these files", ("where",), registry=self.registry)
        self.held_most = Gauge(
            "eva_held_bytes_most", "Beyond so many bytes of these no further file is taken in", registry=self.registry
        )
        self.differences = Gauge(
            "eva_consistency_differences", "What differs from the log, by table", ("where",), registry=self.registry
        )
        self.consistency_age = Gauge(
            "eva_consistency_age_seconds", "Since all was last compared with the log; +Inf: never",
            registry=self.registry,
        )  # fmt: skip
        self.clock_behind = Gauge(
            "eva_clock_behind_seconds", "By how much the machine's clock stands before the log", registry=self.registry
        )
        for age in (self.fixity_age, self.backup_age, self.consistency_age):  # so that an alert on a great age goes off
            age.set(inf)
        self._known: dict[tuple[str, str, int], Counter] = {}
        self._timed = {method: self._seconds.labels(method) for method in ("GET", "HEAD", "POST", "PUT", "DELETE")}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; methods that nothing answers to are one."""
        timed = self._timed.get(method)
        if timed is None:
            method = "other"
        else:
            timed.observe(seconds)
        key = (method, route, status)
        counter = self._known.get(key)
        if counter is None:
            counter = self._known[key] = self._requests.labels(method, route, str(status))
        counter.inc()

    def render(self) -> bytes:
        return generate_latest(self.registry)
