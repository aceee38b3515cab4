"""Entries that balance by construction."""

from dataclasses import dataclass
from datetime import date

from domain.kernel.money import Money

POSTINGS_MIN = 2
POSTINGS_MAX = 100


class Unbalanced(AssertionError):
    """Postings that do not sum to zero per currency: a bug of the rule that made them."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: `amount` is positive for a debit and negative for a credit."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of postings, with the rule that made them and the day on which they count.

    `adjusts` is the month, shut by then, in which a late fact should have counted.
    """

    rule: str
    rule_version: int
    effective_on: date
    postings: tuple[Posting, ...]
    adjusts: str | None = None

    def __post_init__(self) -> None:
        if not POSTINGS_MIN <= len(self.postings) <= POSTINGS_MAX:
            raise Unbalanced(
                f"an entry has {POSTINGS_MIN} to {POSTINGS_MAX} postings: {self.postings}"
            )
        sums: dict[str, int] = {}
        for posting in self.postings:
            amount = posting.amount
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
        if any(sums.values()):
            raise Unbalanced(f"postings do not sum to zero: {self.postings}")


def move(amount: Money, *, debit: str, credit: str) -> tuple[Posting, ...]:
    """Post one amount from the credited account to the debited one."""
    return Posting(debit, amount), Posting(credit, -amount)


def reversed_postings(entry: Entry) -> tuple[Posting, ...]:
    """Post the opposite of an entry."""
    return tuple(Posting(posting.account, -posting.amount) for posting in entry.postings)
