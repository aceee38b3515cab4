"""A test tenant's clock, which can be moved on and never back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from domain.kernel.refusals import Forbidden, Invalid
from domain.tenants.events import ClockAdvanced

ADVANCE_MAX = timedelta(days=400)


class ClockNotForward(Invalid):
    """A clock moves forward, and not too far at once."""

    code = "tenants.clock_not_forward"


class NotATestTenant(Forbidden):
    """Only a test tenant's clock is moved by hand."""

    code = "tenants.not_a_test_tenant"


@dataclass(frozen=True, slots=True)
class Clock:
    """That a clock was moved; what time it is stands on the log's last event."""

    CATEGORY: ClassVar[str] = "clock"
    FOLD_VERSION: ClassVar[int] = 1

    advanced_to: datetime

    @classmethod
    def evolve(cls, state: "Clock | None", event: ClockAdvanced) -> "Clock":  # noqa: ARG003 - only the last counts
        return cls(event.to)


def advance(now: datetime, to: datetime) -> ClockAdvanced:
    """Move the clock to a later moment, at most `ADVANCE_MAX` on."""
    if not now < to <= now + ADVANCE_MAX:
        raise ClockNotForward(
            f"a clock moves forward, at most {ADVANCE_MAX.days} days at once", now=now.isoformat()
        )
    return ClockAdvanced(to)
