"""Find a request by its id, whose prefix says of which kind it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from application.book import Book
from domain.kernel.events import Event
from domain.wallet.requests.adjustments import Adjustment
from domain.wallet.requests.stages import RequestNotFound, Stage
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet

Request: TypeAlias = TopUpRequest | Withdrawal | Adjustment

TOP_UP, WITHDRAWAL, ADJUSTMENT = "tpr", "wdr", "adj"
KINDS: Mapping[str, type[Request]] = {
    TOP_UP: TopUpRequest,
    WITHDRAWAL: Withdrawal,
    ADJUSTMENT: Adjustment,
}


@dataclass(frozen=True, slots=True)
class RequestResult:
    """The request, how far it is, and the entry that moved money for it, if one did."""

    request_id: str
    state: str
    entry_id: str | None = None


def request_of(book: Book, request_id: str) -> tuple[Request, Wallet]:
    """Load a request with its wallet; what a customer has not asked for is as absent as none."""
    kind = KINDS.get(request_id.partition("_")[0])
    request = book.find(kind, request_id) if kind else None
    wallet = book.find(Wallet, request.wallet_id) if request else None
    if request is None or wallet is None or book.actor.on_behalf_of not in {None, wallet.owner}:
        raise RequestNotFound("there is no such request")
    if isinstance(request, Adjustment) and book.actor.on_behalf_of is not None:
        raise RequestNotFound("there is no such request")
    return request, wallet


def settle(book: Book, request_id: str, stage: Stage, events: tuple[Event, ...]) -> RequestResult:
    """Record what was decided, and tell of it; the request's event, the last, names the entry."""
    book.record(*events)
    return RequestResult(request_id, stage, getattr(events[-1], "entry_id", None))


def withdrawal_of(book: Book, request_id: str) -> tuple[Withdrawal, Wallet]:
    """Load a withdrawal with its wallet."""
    request, wallet = request_of(book, request_id)
    if not isinstance(request, Withdrawal):
        raise RequestNotFound("there is no such withdrawal")
    return request, wallet
