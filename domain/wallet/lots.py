"""Bonus money lies in lots that end on their own days; what is spent is told as parts of lots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kernel.money import Money, zero


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one grant, when it ends (None is never), and whether its owner was warned."""

    remaining: Money
    expires_at: datetime | None
    warned: bool = False


@dataclass(frozen=True, slots=True)
class LotPart:
    """Money out of a lot. It names the lot's end, so that it can go back when the lot is gone."""

    lot_id: str
    amount: Money
    expires_at: datetime | None

    def lapsed(self, at: datetime) -> bool:
        """Whether the lot has ended at a moment, so that nobody may spend it any more."""
        return self.expires_at is not None and self.expires_at <= at


def total(parts: Iterable[LotPart]) -> int:
    """Sum parts up, in minor units."""
    return sum(part.amount.minor for part in parts)


def take(parts: Iterable[LotPart], minor: int) -> tuple[LotPart, ...]:
    """Take up to so many minor units from the front of parts; fewer if they have no more."""
    taken: list[LotPart] = []
    for part in parts:
        if minor <= 0:
            break
        amount = Money(min(part.amount.minor, minor), part.amount.currency)
        taken.append(LotPart(part.lot_id, amount, part.expires_at))
        minor -= amount.minor
    return tuple(taken)


def less(parts: tuple[LotPart, ...], taken: Iterable[LotPart]) -> tuple[LotPart, ...]:
    """Give what is left of parts when some was taken out of them."""
    gone = {part.lot_id: part.amount for part in taken}
    left = (
        LotPart(part.lot_id, part.amount - gone[part.lot_id], part.expires_at)
        if part.lot_id in gone
        else part
        for part in parts
    )
    return tuple(part for part in left if part.amount.minor)


def moved(lots: Mapping[str, Lot], parts: Iterable[LotPart], times: int) -> dict[str, Lot]:
    """Put parts into lots (`times` 1) or take them out (-1); an empty lot is forgotten."""
    after = dict(lots)
    for part in parts:
        lot = after.pop(part.lot_id, None) or Lot(zero(part.amount.currency), part.expires_at)
        minor = lot.remaining.minor + times * part.amount.minor
        assert minor >= 0, part
        if minor:
            after[part.lot_id] = replace(lot, remaining=Money(minor, part.amount.currency))
    return after
