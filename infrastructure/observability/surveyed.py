"""A survey as Prometheus reads it."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infrastructure.observability.survey import Survey


class Surveyed(Collector):
    """Gives the last survey, whole: what is no longer in it is no longer told."""

    def __init__(self) -> None:
        self.survey: Survey | None = None
        self.queued_jobs: int | None = None
        """Known to schedulers alone."""

    def collect(self) -> Iterable[Metric]:
        """Give all gauges of the last survey."""
        if self.queued_jobs is not None:
            yield GaugeMetricFamily(
                "defter_effect_queue_jobs",
                "Jobs handed over to workers that none has taken",
                value=self.queued_jobs,
            )
        if self.survey is not None:
            yield from _followers(self.survey)
            yield from _effects(self.survey)
            yield from _timers(self.survey)
            yield GaugeMetricFamily(
                "defter_errors_open",
                "Groups of errors that nobody has resolved or ignored",
                value=self.survey.faults.open,
            )


def _followers(found: Survey) -> Iterable[Metric]:
    yield _family(
        "defter_projection_lag_events",
        "Events a read model or process has not read yet, of the tenant that is worst",
        ("projection",),
        [(lag.projection, lag.positions) for lag in found.lags],
    )
    yield _family(
        "defter_projection_lag_seconds",
        "Age of the oldest event a read model or process has not read yet",
        ("projection",),
        [(lag.projection, lag.seconds) for lag in found.lags],
    )
    yield GaugeMetricFamily(
        "defter_projections_parked",
        "Read models and processes of tenants stopped by an event they can not take",
        value=sum(lag.tenants_parked for lag in found.lags),
    )
    yield _family(
        "defter_ledger_imbalance_minor",
        "Sum of all balances, which is zero",
        ("currency",),
        found.imbalances,
    )


def _effects(found: Survey) -> Iterable[Metric]:
    yield _family(
        "defter_effects_waiting",
        "Effects still to be done",
        ("effect",),
        [(one.effect, one.waiting) for one in found.effects],
    )
    yield _family(
        "defter_effects_dead",
        "Effects that were given up and wait for an operator",
        ("effect",),
        [(one.effect, one.dead) for one in found.effects],
    )
    yield _family(
        "defter_effects_oldest_waiting_seconds",
        "Age of the oldest effect still to be done",
        ("effect",),
        [(one.effect, one.oldest_waiting_seconds) for one in found.effects],
    )


def _timers(found: Survey) -> Iterable[Metric]:
    yield _family(
        "defter_timers_overdue",
        "Timers that should have fired",
        ("timer",),
        [(one.timer, one.overdue) for one in found.timers],
    )
    yield _family(
        "defter_timers_failing",
        "Timers whose command failed and is tried again",
        ("timer",),
        [(one.timer, one.failing) for one in found.timers],
    )
    yield _family(
        "defter_timers_oldest_overdue_seconds",
        "How late the latest timer is",
        ("timer",),
        [(one.timer, one.oldest_seconds) for one in found.timers],
    )


def _family(
    name: str, text: str, labels: tuple[str, ...], rows: Iterable[tuple[str, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in rows:
        family.add_metric((label,), value)
    return family
