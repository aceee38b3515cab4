"""Find a request by its id, whose prefix says of which kind it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from application.book import Book
from domain.wallet.requests.stages import RequestNotFound
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet

Request: TypeAlias = TopUpRequest | Withdrawal

TOP_UP, WITHDRAWAL = "tpr", "wdr"
KINDS: Mapping[str, type[TopUpRequest] | type[Withdrawal]] = {
    TOP_UP: TopUpRequest,
    WITHDRAWAL: Withdrawal,
}


@dataclass(frozen=True, slots=True)
class RequestResult:
    """The request, how far it is, and the entry that moved money for it, if one did."""

    request_id: str
    state: str
    entry_id: str | None = None


def request_of(book: Book, request_id: str) -> tuple[Request, Wallet]:
    """Load a request with its wallet; another customer's is as absent as none."""
    kind = KINDS.get(request_id.partition("_")[0])
    request = book.find(kind, request_id) if kind else None
    wallet = book.find(Wallet, request.wallet_id) if request else None
    if request is None or wallet is None or book.actor.on_behalf_of not in {None, wallet.owner}:
        raise RequestNotFound("there is no such request")
    return request, wallet


def withdrawal_of(book: Book, request_id: str) -> tuple[Withdrawal, Wallet]:
    """Load a withdrawal with its wallet."""
    request, wallet = request_of(book, request_id)
    if not isinstance(request, Withdrawal):
        raise RequestNotFound("there is no such withdrawal")
    return request, wallet
