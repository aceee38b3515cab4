"""Above which amount customers prove again who they are, and what that means for a withdrawal."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.identity import trust
from application.wallet.access import staff_only
from application.wallet.requests.deciding import ThresholdResult
from domain.kernel.money import Money
from domain.wallet.requests import step_up
from domain.wallet.requests.step_up import StepUpThreshold


@dataclass(frozen=True, slots=True)
class SetStepUpThreshold:
    """Let customers say their password again before they ask for more than `above` to be paid out.

    0 asks always. Without a threshold of the currency a session is enough for any amount.
    """

    NAME: ClassVar[str] = "wallet.set_step_up_threshold"

    above: Money


def set_step_up_threshold(command: SetStepUpThreshold, book: Book) -> ThresholdResult:
    """Set the threshold of a currency."""
    staff_only(book)
    current = book.find(StepUpThreshold, command.above.currency)
    book.record(*step_up.set_threshold(current, command.above))
    return ThresholdResult(command.above)


def check_trusted(book: Book, amount: Money) -> None:
    """Refuse a customer whose session is not enough to let an amount leave."""
    trust.check_verified(book)
    if step_up.needed(book.find(StepUpThreshold, amount.currency), amount):
        trust.check_stepped_up(book)
