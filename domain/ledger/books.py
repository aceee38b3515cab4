"""The books of a tenant: base currency, time zone, chart of accounts, and which months are open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.ledger.accounts import (
    CODE_PATTERN,
    OWNER_MARK,
    STANDARD_CHART,
    Account,
    AccountType,
    UnknownAccount,
)
from domain.ledger.events import (
    AccountOpened,
    BooksEvent,
    BooksOpened,
    ClosingCancelled,
    ClosingStarted,
    PeriodEvent,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import (
    Closing,
    InClosingPeriod,
    InSealedPeriod,
    Late,
    Reopening,
    end_before,
    last_day,
    period_of,
)

TENANT_ACCOUNTS_MAX = 500


class BooksNotOpen(NotFound):
    """This tenant has no books yet."""

    code = "ledger.books_not_open"


class BooksAlreadyOpen(RuleBroken):
    """Books are opened once."""

    code = "ledger.books_already_open"


class AccountExists(RuleBroken):
    """The chart has this account already."""

    code = "ledger.account_exists"


class AccountCodeInvalid(Invalid):
    """An account code is lower-case words joined by dots."""

    code = "ledger.account_code_invalid"


class TooManyAccounts(RuleBroken):
    """The tenant's own part of the chart is full."""

    code = "ledger.too_many_accounts"


class EffectiveInFuture(Invalid):
    """An entry can not count on a day that has not come."""

    code = "ledger.effective_in_future"


class UnknownTimeZone(Invalid):
    """The IANA time zone database has no such zone."""

    code = "ledger.unknown_time_zone"


@dataclass(frozen=True, slots=True)
class Books:
    """What a posting must agree with.

    Every day up to `sealed_until` is sealed, and every one up to the end of the month that is
    `closing` is shut too. `sealed_from` is the end of the first month that was sealed by itself;
    those before it were sealed together with it.
    """

    CATEGORY: ClassVar[str] = "books"
    FOLD_VERSION: ClassVar[int] = 2

    base_currency: str
    time_zone: str
    own_accounts: Mapping[str, Account]
    sealed_until: date | None = None
    sealed_from: date | None = None
    closing: Closing | None = None
    reopening: Reopening | None = None

    @classmethod
    def evolve(cls, state: "Books | None", event: BooksEvent) -> "Books":
        if isinstance(event, BooksOpened):
            return cls(event.base_currency, event.time_zone, {})
        assert state is not None
        if isinstance(event, AccountOpened):
            opened = Account(event.code, AccountType(event.type), event.name)
            return replace(state, own_accounts={**state.own_accounts, event.code: opened})
        return _closed(state, event)

    def today(self, at: datetime) -> date:
        """Tell which day it is for this tenant at a moment."""
        return _local_day(self.time_zone, at)

    def effective_day(self, asked: date | None, at: datetime) -> date:
        """Take the day asked for, or today; a day to come is refused."""
        today = self.today(at)
        if asked is not None and asked > today:
            raise EffectiveInFuture(f"{asked} has not come yet", today=today.isoformat())
        return asked or today

    def late_day(self, asked: date | None, at: datetime, *, late: Late) -> tuple[date, str | None]:
        """Take the day asked for; with `adjust`, today and the month adjusted if that day is shut.

        Today is never shut, for a month is closed only after its end.
        """
        day = self.effective_day(asked, at)
        if late is Late.ADJUST and self.shut(day) is not None:
            return self.today(at), period_of(day)
        return day, None

    def shut(self, day: date) -> RuleBroken | None:
        """Say why nothing may be posted to a day, if nothing may."""
        if self.sealed_until is not None and day <= self.sealed_until:
            period = period_of(day)
            return InSealedPeriod(f"{period} is sealed", period=period)
        if self.closing is not None and day <= self.closing.until:
            period = period_of(self.closing.until)
            return InClosingPeriod(f"{period} is being closed", period=period)
        return None

    def account(self, code: str) -> Account:
        """Find an account of the chart that has no owners."""
        account = STANDARD_CHART.get(code) or self.own_accounts.get(code)
        if account is None or account.owner is not None:
            raise UnknownAccount(f"the chart has no account {code!r} to post to", account=code[:64])
        return account

    def owner_of(self, account: str) -> str | None:
        """Tell which stream guards an account, if one does."""
        code, mark, owner = account.partition(OWNER_MARK)
        if not mark:
            self.account(code)
            return None
        category = STANDARD_CHART[code].owner
        assert category is not None, account
        return f"{category}-{owner}"


def open_books(
    books: Books | None, *, base_currency: str, time_zone: str
) -> tuple[BooksOpened, ...]:
    """Open a tenant's books, once."""
    if books is not None:
        raise BooksAlreadyOpen("the books of this tenant are open")
    try:
        _zone(time_zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise UnknownTimeZone(f"there is no time zone {time_zone[:64]!r}") from unknown
    return (BooksOpened(base_currency, time_zone),)


def open_account(
    books: Books,
    *,
    code: str,
    type: AccountType,  # noqa: A002 - the field's word
    name: str,
) -> tuple[AccountOpened, ...]:
    """Add an account to the tenant's chart."""
    if not CODE_PATTERN.fullmatch(code):
        raise AccountCodeInvalid("a code is lower-case words joined by dots, such as sales.books")
    if code in STANDARD_CHART or code in books.own_accounts:
        raise AccountExists(f"the chart has {code!r} already", account=code)
    if len(books.own_accounts) >= TENANT_ACCOUNTS_MAX:
        raise TooManyAccounts(f"a tenant adds {TENANT_ACCOUNTS_MAX} accounts at most")
    return (AccountOpened(code, type.value, name),)


def _closed(books: Books, event: PeriodEvent) -> Books:
    until = last_day(event.period)
    if isinstance(event, ClosingStarted):
        return replace(books, closing=Closing(until, event.closing_id))
    if isinstance(event, ClosingCancelled):
        return replace(books, closing=None)
    if isinstance(event, PeriodSealed):
        first = books.sealed_from or until
        return replace(books, sealed_until=until, sealed_from=first, closing=None, reopening=None)
    if isinstance(event, ReopeningRequested):
        return replace(books, reopening=Reopening(until, event.requested_by))
    return replace(books, sealed_until=end_before(until), reopening=None)


@lru_cache(maxsize=1024)
def _local_day(time_zone: str, at: datetime) -> date:
    return at.astimezone(_zone(time_zone)).date()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
