"""Ask for money in or out, and take the question back, or let it wait no longer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.wallet import limits
from application.wallet.access import wallet_of
from application.wallet.requests.finding import (
    TOP_UP,
    WITHDRAWAL,
    RequestResult,
    request_of,
    settle,
)
from application.wallet.requests.step_up import check_trusted
from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.wallet.events import SCHEME_KEY
from domain.wallet.limits.limits import LimitKind
from domain.wallet.requests import adjustments, topups, withdrawals
from domain.wallet.requests.stages import Stage
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import IBAN_TAIL_LENGTH, Withdrawal
from domain.wallet.scheme import Scheme, check_withdrawals_licensed


@dataclass(frozen=True, slots=True)
class RequestTopUp:
    """Ask for an amount to be credited that was paid in, as `reference` (a receipt) says."""

    NAME: ClassVar[str] = "wallet.request_top_up"

    wallet_id: str
    amount: Money
    reference: str | None = None
    expires_at: datetime | None = None


def request_top_up(command: RequestTopUp, book: Book) -> RequestResult:
    """File the request; nothing is credited before it is approved."""
    wallet = wallet_of(book, command.wallet_id)
    request_id = book.new_id(TOP_UP)
    book.record(
        *topups.request(
            wallet,
            command.amount,
            request_id=request_id,
            reference=Personal(wallet.owner, command.reference) if command.reference else None,
            requested_by=book.actor.actor_id,
            at=book.now,
            expires_at=command.expires_at,
        )
    )
    limits.count(book, wallet, LimitKind.TOP_UP_REQUEST, command.amount)
    return RequestResult(request_id, Stage.PENDING)


@dataclass(frozen=True, slots=True)
class RequestWithdrawal:
    """Ask for an amount to be paid out to an IBAN (compact, and checked by whoever took it in)."""

    NAME: ClassVar[str] = "wallet.request_withdrawal"

    wallet_id: str
    amount: Money
    iban: str
    reference: str | None = None
    expires_at: datetime | None = None


def request_withdrawal(command: RequestWithdrawal, book: Book) -> RequestResult:
    """File the request and hold the money at once."""
    check_withdrawals_licensed(book.find(Scheme, SCHEME_KEY))
    wallet = wallet_of(book, command.wallet_id)
    check_trusted(book, command.amount)
    request_id = book.new_id(WITHDRAWAL)
    entry_id = wallet.next_entry
    book.record(
        *withdrawals.request(
            wallet,
            command.amount,
            request_id=request_id,
            iban=Personal(wallet.owner, command.iban),
            iban_tail=command.iban[-IBAN_TAIL_LENGTH:],
            reference=Personal(wallet.owner, command.reference) if command.reference else None,
            requested_by=book.actor.actor_id,
            effective_on=book.day(),
            at=book.now,
            expires_at=command.expires_at,
        )
    )
    limits.count(book, wallet, LimitKind.WITHDRAWAL, command.amount)
    return RequestResult(request_id, Stage.PENDING, entry_id)


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Take a pending request back; what it held is available again."""

    NAME: ClassVar[str] = "wallet.cancel_request"

    request_id: str


def cancel_request(command: CancelRequest, book: Book) -> RequestResult:
    """Cancel a request; a customer cancels their own only."""
    request, wallet = request_of(book, command.request_id)
    by = book.actor.actor_id
    events: tuple[Event, ...]
    match request:
        case TopUpRequest():
            events = topups.cancel(request, cancelled_by=by)
        case Withdrawal():
            events = withdrawals.cancel(request, wallet, cancelled_by=by, effective_on=book.day())
        case _:
            events = adjustments.cancel(request, wallet, cancelled_by=by, effective_on=book.day())
    return settle(book, request.request_id, Stage.CANCELLED, events)


@dataclass(frozen=True, slots=True)
class ExpireRequest:
    """End a request that nobody decided in time; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "wallet.expire_request"

    request_id: str


def expire_request(command: ExpireRequest, book: Book) -> RequestResult:
    """Let a request expire."""
    request, wallet = request_of(book, command.request_id)
    events: tuple[Event, ...]
    match request:
        case TopUpRequest():
            events = topups.expire(request, at=book.now)
        case Withdrawal():
            events = withdrawals.expire(request, wallet, effective_on=book.day(), at=book.now)
        case _:
            events = adjustments.expire(request, wallet, effective_on=book.day(), at=book.now)
    return settle(book, request.request_id, Stage.EXPIRED, events)
