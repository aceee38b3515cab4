"""The lowest price before a reduction, which has to be shown beside a price that is announced low.

Sources: Directive 98/6/EC art. 6a (in force since 28.5.2022): the lowest price that was applied in
at least 30 days before the reduction; Fiyat Etiketi Yönetmeliği (Resmî Gazete 28.6.2014/29044)
art. 11(1), in force since 1.3.2022 (Resmî Gazete 18.2.2022/31754) with the same 30 days. A change
of 11.10.2025 (Resmî Gazete 11.10.2025/33044) is reported to take 10 days; what was lowest in 30
days is never more than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from domain.kernel.money import Money

LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Change:
    """What a price became at a moment; None is no price.

    `ends_at` is when it ends by itself, as a scheduled price does.
    """

    at: datetime
    amount: Money | None
    list_price: Money | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prior:
    """When the present reduction began, and the lowest price of the 30 days before, if any."""

    reduced_since: datetime
    lowest_30_days: Money | None


def prior_price(changes: Sequence[Change]) -> Prior | None:
    """Tell of the present price, if it is announced as reduced; `changes` come oldest first."""
    since = reduced_since(changes)
    return None if since is None else Prior(since, lowest_30_days(changes, since))


def lowest_30_days(changes: Sequence[Change], began_at: datetime) -> Money | None:
    """Give the lowest price that held at any time in the 30 days before a reduction began.

    A price that was replaced in the very moment in which it was set never held. None says that
    there was no price in that time.
    """
    first = began_at - LOOK_BACK
    ends = [change.at for change in changes[1:]]
    held = (
        change.amount
        for change, end in zip(changes, [*ends, began_at], strict=False)
        if change.amount is not None and max(change.at, first) < min(end, began_at)
    )
    return min(held, default=None)


def reduced_since(changes: Sequence[Change]) -> datetime | None:
    """Give the moment in which the present reduction began, or None where none is announced.

    A price is announced as reduced by one crossed out above it, or by an end, after which it is
    higher again. Each further step, down or up, counts as a reduction of its own, so that the
    price that was lower meanwhile is told.
    """
    since: datetime | None = None
    before: Money | None = None
    without_end: Money | None = None
    for change, end in zip_longest(changes, [one.at for one in changes[1:]]):
        if change.ends_at is None:
            without_end = change.amount
        if end == change.at:
            continue
        if not _announced(change, without_end):
            since = None
        elif since is None or change.amount != before:
            since = change.at
        before = change.amount
    return since


def _announced(change: Change, without_end: Money | None) -> bool:
    if change.amount is None:
        return False
    crossed_out = change.list_price is not None and change.list_price > change.amount
    if change.ends_at is None or without_end is None:
        return crossed_out
    return crossed_out or change.amount < without_end
