"""The entries of the events in a bundle, summed by account and by day."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import msgspec

from domain.ledger.accounts import code_of

_HEADER = b"account,currency,debit_minor,credit_minor,balance_minor\n"


class _Amount(msgspec.Struct):
    minor: int
    currency: str


class _Posting(msgspec.Struct):
    account: str
    amount: _Amount


class _Entry(msgspec.Struct):
    effective_on: date
    postings: tuple[_Posting, ...]


class _Data(msgspec.Struct):
    entry: _Entry | None = None


_decode = msgspec.json.Decoder(_Data).decode
Days = Mapping[date, int]


class Books:
    """Sums of the entries. What can not be read is left out, and whoever verifies finds it."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._moved: defaultdict[str, defaultdict[date, int]]
        self._moved = defaultdict(lambda: defaultdict(int))
        self._changed: defaultdict[tuple[str, str], defaultdict[date, int]]
        self._changed = defaultdict(lambda: defaultdict(int))

    def add(self, data: bytes) -> None:
        """Add the entry of an event, if it has one."""
        if b'"entry"' not in data:
            return
        try:
            entry = _decode(data).entry
        except msgspec.DecodeError:
            return
        if entry is None:
            return
        for posting in entry.postings:
            minor, currency = posting.amount.minor, posting.amount.currency
            account = (currency, code_of(posting.account))
            self._sums[account][minor < 0] += abs(minor)
            self._changed[account][entry.effective_on] += minor
            if minor > 0:
                self._moved[currency][entry.effective_on] += minor

    def as_csv(self) -> bytes:
        """Give debits, credits and balance of each account, sub-accounts summed."""
        rows = (
            f"{account},{currency},{debit},{credit},{debit - credit}\n".encode()
            for (currency, account), (debit, credit) in sorted(self._sums.items())
        )
        return _HEADER + b"".join(rows)

    @property
    def moved(self) -> Mapping[str, Days]:
        """What was debited on each effective day, by currency."""
        return self._moved

    def changed(self, currency: str) -> Mapping[str, Days]:
        """Give by what each account of a currency changed on each effective day."""
        return {
            account: days for (of, account), days in sorted(self._changed.items()) if of == currency
        }
