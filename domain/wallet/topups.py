"""Money into a wallet, entered by staff, and taking it back."""

from datetime import date

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger.accounts import owned
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, move, reversed_postings
from domain.wallet.events import FundsCredited, FundsToppedUp, IncomeReversed
from domain.wallet.wallet import CASH, Wallet, check_available, check_room

TOP_UP_RULE = "wallet.top_up"
CREDIT_RULE = "wallet.credit"


def top_up(  # noqa: PLR0913 - the fields of a top-up
    wallet: Wallet,
    amount: Money,
    *,
    top_up_id: str,
    source: str,
    effective_on: date,
    note: Personal | None,
    adjusts: str | None = None,
) -> tuple[FundsToppedUp, ...]:
    """Put money that reached the tenant (`source`, such as `bank`) into a wallet."""
    check_room(wallet, amount)
    postings = move(amount, debit=source, credit=owned(CASH, wallet.wallet_id))
    entry = Entry(TOP_UP_RULE, 1, effective_on, postings, adjusts)
    return (FundsToppedUp(wallet.wallet_id, top_up_id, amount, source, entry, note),)


def credit(  # noqa: PLR0913 - the fields of a credit
    wallet: Wallet,
    amount: Money,
    *,
    credit_id: str,
    source: str,
    effective_on: date,
    note: Personal | None,
    adjusts: str | None = None,
) -> tuple[FundsCredited, ...]:
    """Give money to a wallet out of an account of the shop, such as `sales.returns`."""
    check_room(wallet, amount)
    postings = move(amount, debit=source, credit=owned(CASH, wallet.wallet_id))
    entry = Entry(CREDIT_RULE, 1, effective_on, postings, adjusts)
    return (FundsCredited(wallet.wallet_id, credit_id, amount, source, entry, note),)


def take_back(  # noqa: PLR0913 - the fields of a reversal
    wallet: Wallet,
    income: FundsToppedUp | FundsCredited,
    *,
    entry_id: str,
    effective_on: date,
    reason: Personal | None,
    adjusts: str | None = None,
) -> tuple[IncomeReversed, ...]:
    """Reverse a top-up or a credit, as long as the money is still available."""
    check_available(wallet, income.amount)
    entry = Entry(REVERSAL_RULE, 1, effective_on, reversed_postings(income.entry), adjusts)
    return (IncomeReversed(wallet.wallet_id, entry_id, income.amount, entry, reason),)
