"""Choose whether customers get receipts by e-mail."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.notifications import mailing
from domain.notifications.events import MAILING_KEY
from domain.notifications.mailing import Mailing


@dataclass(frozen=True, slots=True)
class ChooseReceipts:
    """Choose for all customers. Until then it begins with the first one who has an address."""

    NAME: ClassVar[str] = "notifications.choose_receipts"

    mailed: bool


@dataclass(frozen=True, slots=True)
class ReceiptsResult:
    """What holds from now on."""

    mailed: bool


def choose_receipts(command: ChooseReceipts, book: Book) -> ReceiptsResult:
    """Choose; the receipts of what happened before are left as they are."""
    found = book.find(Mailing, MAILING_KEY)
    book.record(*mailing.choose_receipts(found, mailed=command.mailed))
    return ReceiptsResult(command.mailed)
