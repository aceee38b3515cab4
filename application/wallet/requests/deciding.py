"""Approve and reject requests, under the rule of two pairs of eyes."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only
from application.wallet.requests.finding import RequestResult, request_of, settle
from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.kernel.refusals import Invalid
from domain.wallet.requests import adjustments, approvals, topups, withdrawals
from domain.wallet.requests.approvals import Approver, Threshold
from domain.wallet.requests.stages import Stage
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal

SOURCE = "bank"


class ApprovalMovesNothing(Invalid):
    """Account and day of a withdrawal are told when it is paid."""

    code = "wallet.approval_moves_nothing"


class AdjustmentHasItsAccount(Invalid):
    """An adjustment is always booked against the account of adjustments."""

    code = "wallet.adjustment_has_its_account"


@dataclass(frozen=True, slots=True)
class ApproveRequest:
    """Approve a request.

    A top-up is credited from `source`, the account on which the money came, and counts on
    `effective_on`, the day on which an adjustment counts, too. A withdrawal knows neither before
    it is paid.
    """

    NAME: ClassVar[str] = "wallet.approve_request"

    request_id: str
    source: str | None = None
    effective_on: date | None = None


def approve_request(command: ApproveRequest, book: Book) -> RequestResult:
    """Approve what another entered, or money in or out below the threshold that one entered."""
    staff_only(book)
    request, wallet = request_of(book, command.request_id)
    events: tuple[Event, ...]
    match request:
        case TopUpRequest():
            source = command.source or SOURCE
            book.books().account(source)
            day, approver = book.day(command.effective_on), _approver(book, request)
            events = topups.approve(request, wallet, approver, source=source, effective_on=day)
        case Withdrawal():
            if command.source or command.effective_on:
                raise ApprovalMovesNothing("say account and day when the withdrawal is paid")
            events = withdrawals.approve(request, _approver(book, request))
        case _:
            if command.source:
                raise AdjustmentHasItsAccount("leave the account of an adjustment away")
            day, by = book.day(command.effective_on), book.actor.actor_id
            events = adjustments.approve(request, wallet, approved_by=by, effective_on=day)
    return settle(book, request.request_id, Stage.APPROVED, events)


@dataclass(frozen=True, slots=True)
class RejectRequest:
    """Say no to a pending request; what it held is available again."""

    NAME: ClassVar[str] = "wallet.reject_request"

    request_id: str
    reason: str | None = None


def reject_request(command: RejectRequest, book: Book) -> RequestResult:
    """Reject a request."""
    staff_only(book)
    request, wallet = request_of(book, command.request_id)
    by = book.actor.actor_id
    reason = Personal(wallet.owner, command.reason) if command.reason else None
    events: tuple[Event, ...]
    match request:
        case TopUpRequest():
            events = topups.reject(request, rejected_by=by, reason=reason)
        case Withdrawal():
            day = book.day()
            events = withdrawals.reject(
                request, wallet, rejected_by=by, reason=reason, effective_on=day
            )
        case _:
            day = book.day()
            events = adjustments.reject(
                request, wallet, rejected_by=by, reason=reason, effective_on=day
            )
    return settle(book, request.request_id, Stage.REJECTED, events)


@dataclass(frozen=True, slots=True)
class SetApprovalThreshold:
    """Let staff approve what they entered themselves, up to `above`; 0 asks for two people always.

    It counts for money in and out in its currency, never for adjustments. Without one, two people
    are asked for.
    """

    NAME: ClassVar[str] = "wallet.set_approval_threshold"

    above: Money


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """The threshold as it is now."""

    above: Money


def set_approval_threshold(command: SetApprovalThreshold, book: Book) -> ThresholdResult:
    """Set the threshold of a currency."""
    staff_only(book)
    current = book.find(Threshold, command.above.currency)
    book.record(*approvals.set_threshold(current, command.above))
    return ThresholdResult(command.above)


def _approver(book: Book, request: TopUpRequest | Withdrawal) -> Approver:
    return Approver(book.actor.actor_id, book.find(Threshold, request.amount.currency))
