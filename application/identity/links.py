"""Ask for a link to be mailed: to verify an address, or to reset a forgotten password."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.identity import accounts
from domain.identity.account import Account
from domain.identity.accounts import LinkPurpose
from domain.identity.events import LOGIN_CLAIM
from domain.kernel.events import Claim, stream_of


@dataclass(frozen=True, slots=True)
class RequestLink:
    """Ask for a link to the address whose keyed hash is `login_key`, if anybody has it."""

    NAME: ClassVar[str] = "identity.request_link"

    login_key: str
    purpose: LinkPurpose


@dataclass(frozen=True, slots=True)
class LinkResult:
    """That it was asked for; never whether there is such an account."""

    requested: bool = True


def request_link(command: RequestLink, book: Book) -> LinkResult:
    """Ask for it. Nobody learns from the answer who has an account."""
    owner = book.owner(Claim(LOGIN_CLAIM, command.login_key))
    if owner is not None:
        account = book.find(Account, owner.removeprefix(stream_of(Account.CATEGORY, "")))
        assert account is not None, "a claim stands as long as its owner"
        book.record(*accounts.request_link(account, command.purpose))
    return LinkResult()
