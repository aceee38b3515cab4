"""One look at everything that stands still or lags, for metrics, health and alerts alike."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from infrastructure.observability.faults.groups import FaultsStanding, faults_standing
from infrastructure.projections.standing import Lag, lags

_IMBALANCE = b"SELECT currency, imbalance FROM read_models.imbalance_v2()"
_EFFECTS = b"SELECT effect, waiting, dead, oldest_waiting FROM defter.effects_standing()"
_TIMERS = b"SELECT timer, overdue, failing, oldest FROM defter.timers_standing(%s)"


@dataclass(frozen=True, slots=True)
class EffectsStanding:
    """The effects of one kind over all tenants; seconds since the oldest waiting one was filed."""

    effect: str
    waiting: int
    dead: int
    oldest_waiting_seconds: float


@dataclass(frozen=True, slots=True)
class TimersStanding:
    """The overdue timers of one kind over all tenants, and those among them whose command failed.

    Seconds are the service's: a test tenant whose clock was moved ahead is not late for that.
    """

    timer: str
    overdue: int
    failing: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Survey:
    """How things stand at one moment; imbalances are minor units by currency."""

    lags: tuple[Lag, ...] = ()
    imbalances: tuple[tuple[str, int], ...] = ()
    effects: tuple[EffectsStanding, ...] = ()
    timers: tuple[TimersStanding, ...] = ()
    faults: FaultsStanding = field(default_factory=FaultsStanding)


async def survey(connection: AsyncConnection[Any]) -> Survey:
    """Look at everything, over all tenants."""
    return Survey(
        tuple(await lags(connection)),
        await _imbalances(connection),
        await effects_standing(connection),
        await timers_standing(connection),
        await faults_standing(connection),
    )


async def effects_standing(connection: AsyncConnection[Any]) -> tuple[EffectsStanding, ...]:
    """Count the effects that wait and those that were given up."""
    rows = await (await connection.execute(_EFFECTS)).fetchall()
    now = datetime.now(UTC)
    return tuple(
        EffectsStanding(effect, waiting, dead, _seconds(now, oldest))
        for effect, waiting, dead, oldest in rows
    )


async def timers_standing(connection: AsyncConnection[Any]) -> tuple[TimersStanding, ...]:
    """Count the timers that should have fired by now."""
    now = datetime.now(UTC)
    rows = await (await connection.execute(_TIMERS, (now,))).fetchall()
    return tuple(
        TimersStanding(timer, overdue, failing, _seconds(now, oldest))
        for timer, overdue, failing, oldest in rows
    )


async def _imbalances(connection: AsyncConnection[Any]) -> tuple[tuple[str, int], ...]:
    rows = await (await connection.execute(_IMBALANCE)).fetchall()
    return tuple((currency, int(imbalance)) for currency, imbalance in rows)


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
