"""Who keeps the ledger: staff acting as themselves."""

from application.book import Book
from domain.kernel.refusals import Forbidden


class LedgerStaffOnly(Forbidden):
    """The ledger is kept by staff acting as themselves."""

    code = "ledger.staff_only"


def staff_only(book: Book) -> None:
    """Refuse a caller who acts for a customer."""
    if book.actor.on_behalf_of is not None:
        raise LedgerStaffOnly("the ledger is kept by staff; leave Defter-Act-For away")
