"""How much a person may move: per transaction, day and month, by their level.

What was counted stays counted: a hold that is released or expires, a transfer that is taken back,
give nothing of the day's or the month's limit back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.wallet.limits.events import LevelSet, LimitsSet, PersonEvent, UsageCounted

STANDARD = "standard"
"""The level of everybody who was put on no other."""

LEVELS_MAX = 10
LIMITS_MAX = 400
"""Levels, currencies and kinds together."""

LEVEL_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,30}")


class LimitExceeded(RuleBroken):
    """More than a limit allows would be moved."""

    code = "wallet.limit_exceeded"


class LimitInvalid(Invalid):
    """A limit is between 0 and 2^53 - 1 minor units."""

    code = "wallet.limit_invalid"


class LevelInvalid(Invalid):
    """A level is a lower-case word."""

    code = "wallet.level_invalid"


class LevelNotFound(NotFound):
    """No limits were set for this level."""

    code = "wallet.level_not_found"


class TooManyLimits(RuleBroken):
    """A tenant has a limited number of levels and limits."""

    code = "wallet.too_many_limits"


class LimitKind(StrEnum):
    """The ways of moving money that can be limited."""

    TRANSFER = "transfer"
    HOLD = "hold"
    WITHDRAWAL = "withdrawal"
    TOP_UP_REQUEST = "top_up_request"


@dataclass(frozen=True, slots=True)
class Most:
    """The most that may be moved, in minor units; None is no limit."""

    per_transaction: int | None
    per_day: int | None
    per_month: int | None

    @property
    def unlimited(self) -> bool:
        """Whether there is nothing to count."""
        return self == Most(None, None, None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the tenant allows, by level, currency and kind."""

    CATEGORY: ClassVar[str] = "wallet_limits"
    FOLD_VERSION: ClassVar[int] = 1

    most: Mapping[str, Mapping[str, Most]]
    """By level, then by way (kind and currency)."""

    @classmethod
    def evolve(cls, state: "Limits | None", event: LimitsSet) -> "Limits":
        most = (state or NO_LIMITS).most
        set_to = Most(event.per_transaction_minor, event.per_day_minor, event.per_month_minor)
        of_level = {**most.get(event.level, {}), _way(event.kind, event.currency): set_to}
        return cls({**most, event.level: of_level})


NO_LIMITS = Limits({})
"""What a tenant has that set none."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person's level, and what they moved in their last day and month with limits."""

    CATEGORY: ClassVar[str] = "limit_usage"
    FOLD_VERSION: ClassVar[int] = 1

    level: str
    day: date | None
    of_day: Mapping[str, int]
    of_month: Mapping[str, int]
    """Minor units by way (kind and currency)."""

    @classmethod
    def evolve(cls, state: "Person | None", event: PersonEvent) -> "Person":
        state = state or NEWCOMER
        match event:
            case LevelSet():
                return replace(state, level=event.level)
            case UsageCounted():
                state = state.on(event.day)
                way, minor = _way(event.kind, event.amount.currency), event.amount.minor
                of_day = {**state.of_day, way: state.of_day.get(way, 0) + minor}
                of_month = {**state.of_month, way: state.of_month.get(way, 0) + minor}
                return replace(state, of_day=of_day, of_month=of_month)
            case _:
                raise AssertionError(event)

    def on(self, day: date) -> "Person":
        """Give what still counts on a day."""
        if self.day == day:
            return self
        month = self.day is not None and (self.day.year, self.day.month) == (day.year, day.month)
        return Person(self.level, day, {}, self.of_month if month else {})


NEWCOMER = Person(STANDARD, None, {}, {})
"""Whoever moved nothing yet."""


def set_limits(
    limits: Limits | None, most: Most, *, level: str, currency: str, kind: LimitKind
) -> tuple[LimitsSet, ...]:
    """Say what a level may move in one way; the same again changes nothing."""
    known = (limits or NO_LIMITS).most
    if not LEVEL_PATTERN.fullmatch(level):
        raise LevelInvalid("a level is a lower-case word of 31 letters, digits and _ at most")
    asked = (most.per_transaction, most.per_day, most.per_month)
    if not all(minor is None or 0 <= minor <= AMOUNT_MINOR_MAX for minor in asked):
        raise LimitInvalid("a limit is between 0 and 2^53 - 1 minor units")
    way = _way(kind, currency)
    present = known.get(level, {}).get(way)
    if present == most:
        return ()
    levels = {STANDARD, *known, level}
    if len(levels) > LEVELS_MAX or (
        present is None and sum(map(len, known.values())) >= LIMITS_MAX
    ):
        raise TooManyLimits(f"a tenant has {LEVELS_MAX} levels and {LIMITS_MAX} limits at most")
    return (LimitsSet(level, currency, kind.value, *asked),)


def set_level(
    limits: Limits | None, person: Person | None, *, owner: str, level: str
) -> tuple[LevelSet, ...]:
    """Put a person on a level; the same again changes nothing."""
    if level != STANDARD and level not in (limits or NO_LIMITS).most:
        raise LevelNotFound("no limits were set for this level", level=level[:31])
    return () if (person or NEWCOMER).level == level else (LevelSet(owner, level),)


def count(  # noqa: PLR0913 - who, how, how much, when
    limits: Limits,
    person: Person | None,
    amount: Money,
    *,
    owner: str,
    kind: LimitKind,
    day: date,
) -> tuple[UsageCounted, ...]:
    """Count an amount against a person's limits; nothing is counted where there is no limit."""
    person = (person or NEWCOMER).on(day)
    way = _way(kind, amount.currency)
    most = limits.most.get(person.level, {}).get(way)
    if most is None or most.unlimited:
        return ()
    for period, limit, used in (
        ("transaction", most.per_transaction, 0),
        ("day", most.per_day, person.of_day.get(way, 0)),
        ("month", most.per_month, person.of_month.get(way, 0)),
    ):
        if limit is not None and used + amount.minor > limit:
            raise LimitExceeded(
                f"that is more than the limit per {period}",
                limit=limit,
                used=used,
                asked=amount.minor,
                kind=kind.value,
                period=period,
            )
    return (UsageCounted(owner, kind.value, amount, day),)


def _way(kind: str, currency: str) -> str:
    return f"{kind}/{currency}"
