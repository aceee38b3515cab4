"""Ask for a wallet to be adjusted: the shop's own matter; its customer sees what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only, wallet_of
from application.wallet.requests.finding import ADJUSTMENT, RequestResult, settle
from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet.requests import adjustments
from domain.wallet.requests.adjustments import Direction, ReasonCode
from domain.wallet.requests.stages import Stage


@dataclass(frozen=True, slots=True)
class RequestAdjustment:
    """Ask for an amount to be given to a wallet, or taken from it, for a `reason`.

    Another staff member approves it, whatever the amount.
    """

    NAME: ClassVar[str] = "wallet.request_adjustment"

    wallet_id: str
    amount: Money
    direction: Direction
    reason_code: ReasonCode
    reason: str
    expires_at: datetime | None = None


def request_adjustment(command: RequestAdjustment, book: Book) -> RequestResult:
    """File the request; what is to be taken is held at once."""
    staff_only(book)
    wallet = wallet_of(book, command.wallet_id)
    request_id = book.new_id(ADJUSTMENT)
    events = adjustments.request(
        wallet,
        command.amount,
        direction=command.direction,
        request_id=request_id,
        reason_code=command.reason_code,
        reason=Personal(wallet.owner, command.reason),
        requested_by=book.actor.actor_id,
        effective_on=book.day(),
        at=book.now,
        expires_at=command.expires_at,
    )
    return settle(book, request_id, Stage.PENDING, events)
