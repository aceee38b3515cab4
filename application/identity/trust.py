"""How far a customer who came by a session is trusted with their own money."""

from application.book import Book
from application.identity.logins import known_account
from domain.identity import accounts, sessions
from domain.identity.account import Account


def check_verified(book: Book) -> None:
    """Refuse a customer whose address is not proven; staff who act for one answer for it."""
    if (account := _of_customer(book)) is not None:
        accounts.check_verified(account)


def check_stepped_up(book: Book) -> None:
    """Refuse a customer who has not said their password again within the last minutes."""
    account, session_id = _of_customer(book), book.actor.session_id
    if account is not None and session_id is not None:
        sessions.check_stepped_up(account, session_id=session_id, at=book.now)


def _of_customer(book: Book) -> Account | None:
    actor = book.actor
    by_session = actor.session_id is not None and actor.actor_id == actor.on_behalf_of
    return known_account(book, actor.actor_id) if by_session else None
