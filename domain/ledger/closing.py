"""Closing a month: open, closing, sealed; and open again, when two people want it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from domain.kernel.events import Personal
from domain.kernel.refusals import Forbidden, RuleBroken
from domain.ledger.books import Books
from domain.ledger.events import (
    ClosingCancelled,
    ClosingStarted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import (
    InClosingPeriod,
    InSealedPeriod,
    Total,
    end_after,
    last_day,
    period_of,
)

CANONICAL_FORM = "defter sealed period 1"


class PeriodNotOver(RuleBroken):
    """A month is closed when it is over in the tenant's time zone."""

    code = "ledger.period_not_over"


class PeriodOutOfOrder(RuleBroken):
    """Months are closed one after the other."""

    code = "ledger.period_out_of_order"


class PeriodNotClosing(RuleBroken):
    """This month is not being closed."""

    code = "ledger.period_not_closing"


class TrialBalanceUnbalanced(RuleBroken):
    """Debits and credits differ, so the books are wrong."""

    code = "ledger.trial_balance_unbalanced"


class PeriodNotReopenable(RuleBroken):
    """Only the last month that was sealed by itself is opened again."""

    code = "ledger.period_not_reopenable"


class ReopeningPending(RuleBroken):
    """Someone asked for this already."""

    code = "ledger.reopening_pending"


class ReopeningNotRequested(RuleBroken):
    """Nobody asked to reopen this month."""

    code = "ledger.reopening_not_requested"


class OwnRequest(Forbidden):
    """Another member of staff approves."""

    code = "ledger.own_request"


def start(
    books: Books, *, period: str, closing_id: str, by: str, at: datetime
) -> tuple[ClosingStarted, ...]:
    """Begin to close a month that is over: nothing is posted to it, or before it, any more.

    The first month ever closed takes all before it along; after that only the next one can be.
    """
    until = last_day(period)
    _none_closing(books)
    sealed = books.sealed_until
    if sealed is not None and until <= sealed:
        raise InSealedPeriod(f"{period} is sealed", period=period_of(sealed))
    today = books.today(at)
    if until >= today:
        raise PeriodNotOver(f"{period} is not over yet", today=today.isoformat())
    if sealed is not None and until != end_after(sealed):
        following = period_of(end_after(sealed))
        raise PeriodOutOfOrder(f"{following} has to be sealed before {period}", next=following)
    return (ClosingStarted(period, closing_id, by),)


def cancel(books: Books, *, period: str, by: str) -> tuple[ClosingCancelled, ...]:
    """Leave a month open after all."""
    _check_closing(books, period)
    return (ClosingCancelled(period, by),)


def seal(  # noqa: PLR0913 - what is sealed
    books: Books,
    *,
    period: str,
    closing_id: str,
    totals: Sequence[Total],
    position: int,
    by: str,
) -> tuple[PeriodSealed, ...]:
    """Seal a closing month with the trial balance as of its end, taken since the closing began."""
    closing = _check_closing(books, period)
    if closing != closing_id:
        raise PeriodNotClosing(f"the closing of {period} was begun anew; seal that one")
    sums: dict[str, int] = {}
    for total in totals:
        sums[total.currency] = sums.get(total.currency, 0) + total.debit - total.credit
    off = {currency: minor for currency, minor in sorted(sums.items()) if minor}
    if off:
        raise TrialBalanceUnbalanced("debits and credits differ; nothing was sealed", **off)
    ordered = tuple(sorted(totals, key=lambda total: (total.currency, total.code)))
    written = digest(period, position, ordered)
    return (PeriodSealed(period, closing_id, ordered, position, written, by),)


def request_reopening(
    books: Books, *, period: str, reason: Personal, by: str
) -> tuple[ReopeningRequested, ...]:
    """Ask to reopen the last sealed month; another person has to agree."""
    _check_reopenable(books, period)
    if books.reopening is not None:
        raise ReopeningPending(f"someone asked to reopen {period} already; approve that")
    return (ReopeningRequested(period, reason, by),)


def approve_reopening(books: Books, *, period: str, by: str) -> tuple[PeriodReopened, ...]:
    """Reopen a month that someone else asked for."""
    _check_reopenable(books, period)
    if books.reopening is None:
        raise ReopeningNotRequested(f"nobody asked to reopen {period}")
    if books.reopening.requested_by == by:
        raise OwnRequest("you asked for this yourself; another member of staff approves")
    return (PeriodReopened(period, books.reopening.requested_by, by),)


def digest(period: str, position: int, totals: Sequence[Total]) -> str:
    """Give the SHA-256 of what is sealed, as hexadecimal digits.

    The canonical text has a line with its form, the period and the position, then one line a total
    with code, currency, debit and credit; one space between words, a line feed after each line.
    """
    lines = [f"{CANONICAL_FORM} {period} {position}"]
    lines += [f"{one.code} {one.currency} {one.debit} {one.credit}" for one in totals]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _check_closing(books: Books, period: str) -> str:
    if books.closing is None or books.closing.until != last_day(period):
        raise PeriodNotClosing(f"{period} is not being closed")
    return books.closing.closing_id


def _check_reopenable(books: Books, period: str) -> None:
    until = last_day(period)
    _none_closing(books)
    alone = books.sealed_from is not None and until >= books.sealed_from
    if until != books.sealed_until or not alone:
        raise PeriodNotReopenable(
            "only the last month that was sealed by itself is opened again; enter late facts as"
            " adjustments"
        )


def _none_closing(books: Books) -> None:
    if books.closing is not None:
        period = period_of(books.closing.until)
        raise InClosingPeriod(f"{period} is being closed; seal it or cancel that", period=period)
