"""What Prometheus reads of a process."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from infrastructure.heartbeat import restarts
from infrastructure.observability.surveyed import Surveyed

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BATCH_COMMANDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Tally:
    """Durations of one kind of thing: cheap to add to, read when Prometheus asks."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(LATENCY_SECONDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one that took `seconds`."""
        self.buckets[bisect_left(LATENCY_SECONDS, seconds)] += 1
        self.seconds += seconds


class Tallies(Collector):
    """Durations by labels. The label children of the client library cost five times as much."""

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._tallies: dict[tuple[str, ...], Tally] = {}

    def of(self, *labels: str) -> Tally:
        """Give the tally of these labels, to be kept by the caller."""
        found = self._tallies.get(labels)
        if found is None:
            found = self._tallies[labels] = Tally()
        return found

    def collect(self) -> Iterable[Metric]:
        """Give all tallies as histograms."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, tally in list(self._tallies.items()):
            total = 0
            buckets: list[tuple[str, float]] = []
            for bound, count in zip((*LATENCY_SECONDS, "+Inf"), tally.buckets, strict=True):
                total += count
                buckets.append((str(bound), total))
            family.add_metric(labels, buckets, tally.seconds)
        yield family


class Requests(Collector):
    """Answered requests by route, method and status."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}

    def add(self, route: str, method: str, status: int) -> None:
        """Count one answer."""
        key = (route, method, status)
        self._counts[key] = self._counts.get(key, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """Give all counts."""
        family = CounterMetricFamily(
            "defter_http_requests", "Answered requests", labels=("route", "method", "status")
        )
        for (route, method, status), count in list(self._counts.items()):
            family.add_metric((route, method, str(status)), count)
        yield family


class Metrics:
    """All metrics of a process; each part is handed to whoever feeds it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Requests()
        self.command_seconds = Tallies(
            "defter_command_seconds", "From request to answer, by command", ("command",)
        )
        self.registry.register(self.requests)
        self.registry.register(self.command_seconds)
        self.surveyed = Surveyed()
        self.registry.register(self.surveyed)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.batch_size = Histogram(
            "defter_batch_commands",
            "Commands written in one transaction",
            buckets=BATCH_COMMANDS,
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "defter_batch_seconds",
            "How long a batch took, lock to commit",
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.batches_redone = self._counter("batches_redone", "Batches decided early and in vain")
        self.queue_length = Gauge(
            "defter_queue_commands", "Commands waiting for the writer", registry=self.registry
        )
        self.quota_local = Gauge(
            "defter_quota_local",
            "1 while quotas are kept by this process alone",
            registry=self.registry,
        )
        self.effect_attempts = Tallies(
            "defter_effect_attempt_seconds",
            "Attempts at effects, by how they ended",
            ("effect", "state"),
        )
        self.registry.register(self.effect_attempts)
        self.effect_alarms = Counter(
            "defter_effect_alarms",
            "Effects that found what somebody must look at, such as a log that was rewritten",
            ("effect",),
            registry=self.registry,
        )
        self.restarts = Gauge(
            "defter_role_restarts",
            "How often the supervisor has started this role again",
            registry=self.registry,
        )
        self.restarts.set(restarts())
        self.unexpected_errors = self._counter("unexpected_errors", "Requests that met a bug")
        self.refusals_dropped = self._counter(
            "refusals_dropped", "Refused requests that were not kept for the audit view"
        )

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(f"defter_{name}", text, registry=self.registry)

    def batch(self, *, commands: int, seconds: float, redone: bool) -> None:
        """Tell that the writer wrote a batch."""
        self.batches_redone.inc(redone)
        self.batch_size.observe(commands)
        self.batch_seconds.observe(seconds)

    def queue(self, commands: int) -> None:
        """Tell how many commands wait for the writer."""
        self.queue_length.set(commands)

    def text(self) -> bytes:
        """Give everything in Prometheus' text format."""
        return generate_latest(self.registry)
