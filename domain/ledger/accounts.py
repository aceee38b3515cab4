"""The chart of accounts: what money can stand on, in the words of accounting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.kernel.refusals import Invalid

CODE_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,30}(\.[a-z0-9_]{1,30}){0,4}")
OWNER_MARK = ":"


class UnknownAccount(Invalid):
    """The chart of this tenant has no such account."""

    code = "ledger.unknown_account"


class AccountType(StrEnum):
    """The five types of double-entry bookkeeping."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"

    @property
    def debit_normal(self) -> bool:
        """Whether a balance of this type is normally a debit."""
        return self in {AccountType.ASSET, AccountType.EXPENSE}


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the chart.

    `owner` names the category of streams that each own one sub-account of it. A sub-account has a
    floor of zero that its owner guards, so nothing else may post to it.
    """

    code: str
    type: AccountType
    name: str
    owner: str | None = None


def _chart(*accounts: Account) -> Mapping[str, Account]:
    return {account.code: account for account in accounts}


STANDARD_CHART = _chart(
    Account("bank", AccountType.ASSET, "Bank accounts"),
    Account("provider_clearing", AccountType.ASSET, "Payment providers, clearing"),
    Account("receivables", AccountType.ASSET, "Receivables"),
    Account("wallet.cash", AccountType.LIABILITY, "Wallets, available", owner="wallet"),
    Account("wallet.held", AccountType.LIABILITY, "Wallets, held", owner="wallet"),
    Account("wallet.bonus", AccountType.LIABILITY, "Wallets, bonus", owner="wallet"),
    Account("wallet.gift", AccountType.LIABILITY, "Gift cards", owner="gift_card"),
    Account("order_clearing", AccountType.LIABILITY, "Orders, clearing"),
    Account("deferred_revenue", AccountType.LIABILITY, "Deferred revenue"),
    Account("vat_payable", AccountType.LIABILITY, "VAT (KDV) payable"),
    Account("suspense", AccountType.LIABILITY, "Suspense"),
    Account("fx_liquidity", AccountType.ASSET, "Foreign exchange liquidity"),
    Account("sales", AccountType.INCOME, "Sales"),
    Account("sales.returns", AccountType.INCOME, "Sales returns"),
    Account("breakage", AccountType.INCOME, "Breakage of expired balances"),
    Account("provider_fees", AccountType.EXPENSE, "Payment provider fees"),
    Account("chargebacks", AccountType.EXPENSE, "Chargebacks"),
    Account("bonus_expense", AccountType.EXPENSE, "Bonus granted"),
    Account("adjustments", AccountType.EXPENSE, "Adjustments of wallets"),
    Account("rounding", AccountType.EXPENSE, "Rounding differences"),
    Account("opening_balances", AccountType.EQUITY, "Opening balances"),
)
"""The accounts every tenant has; a tenant adds its own with `ledger.account_opened`."""


def code_of(account: str) -> str:
    """Take the chart's code from an account as a posting names it."""
    return account.partition(OWNER_MARK)[0]


def owned(code: str, owner: str) -> str:
    """Name the sub-account that one owner has of a chart account."""
    return f"{code}{OWNER_MARK}{owner}"
