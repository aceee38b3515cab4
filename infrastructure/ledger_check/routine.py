"""Payments as the service makes them, nearly all of a log: told by their bytes, without objects.

What a rule makes of a kind of event is worked out once, with marks in place of what differs from
event to event. An entry that reads exactly so follows from its rule. Nothing is decided here about
any other event: it is looked at piece by piece by who can say what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, get_type_hints

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger.postings import Entry, move
from domain.wallet.entries import RULES
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
    TransferReceived,
    TransferSent,
)
from domain.wallet.holds import CAPTURE_RULE, HOLD_RULE, RELEASE_RULE
from domain.wallet.lots import LotPart
from domain.wallet.refunds import REFUND_RULE
from domain.wallet.topups import CREDIT_RULE, TOP_UP_RULE
from domain.wallet.transfers import TRANSFER_RULE
from domain.wallet.wallet import CHANGES
from infrastructure.event_log.codec import Codec
from infrastructure.ledger_check.companions import COMPANIED, COMPANIONS, MAY_STAND_ALONE, kinds_of
from infrastructure.ledger_check.months import MonthsFold
from infrastructure.ledger_check.wallets import WalletsFold
from infrastructure.sealing.leaves import Row

RULE_OF: Mapping[type[Event], str] = {
    FundsToppedUp: TOP_UP_RULE,
    FundsCredited: CREDIT_RULE,
    FundsHeld: HOLD_RULE,
    HeldFundsCaptured: CAPTURE_RULE,
    HeldFundsReleased: RELEASE_RULE,
    CaptureRefunded: REFUND_RULE,
    TransferSent: TRANSFER_RULE,
}
"""Events that carry an entry, by the first version of this rule."""

NAMING: frozenset[type[Event]] = frozenset(
    {
        *(HoldPlaced, HoldCaptured, HoldReleased, HoldExpired, HoldRefunded),
        TransferReceived,
    }
)
"""Events that name the entry of another."""

_AMOUNT, _REST = Money(7_777_777, "@@@"), Money(8_888_888, "@@@")
_DAY = date(2000, 1, 1)
_MARK = re.compile(r'("<\w+>"|7777777|8888888|@@@|2000-01-01)')
"""What stands for what differs, in an event that is made to see how such events read."""

_TEXT = r"[ !#-\[\]-~]*+"
"""Plain text, which reads in JSON as it is."""
_MOMENT = (
    r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{6})?Z"
)
"""Whether the last days of a month are there takes a calendar, so they are looked at."""
_OR_NULL: Mapping[object, str] = {
    Personal | None: rf'(?:null|\{{"subject":"{_TEXT}","sealed":"{_TEXT}"\}})',
    datetime | None: f'(?:null|"{_MOMENT}")',
}
_FIRST: Mapping[str, str] = {
    "7777777": "(?P<minor>[1-9][0-9]{0,15})",
    "8888888": "(?:0|[1-9][0-9]{0,15})",
    "@@@": "(?P<currency>[A-Z]{3})",
    "2000-01-01": r"(?P<day>[0-9-]{10})",
}
_AGAIN: Mapping[str, str] = {"7777777": "(?P=minor)", "@@@": "(?P=currency)"}

_NOT_MET = ("", False)
_NOT_AWAITED = (Event, 0, "", None)

Named = tuple[type[Event], int, str, tuple[LotPart, ...] | None]
"""Of an event that another one may name: what carries the entry, the amount in minor units, its
currency, and the lots where any are told."""


@dataclass(slots=True)
class Standing:
    """Everything that is known of the books, accounts and wallets up to a position."""

    kept: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    """Stored snapshots by stream: version and state. Each is compared when its version comes."""

    position: int = 0
    balances: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Debits less credits by (account, currency). They sum to zero, for every entry does."""
    wallets: WalletsFold = field(default_factory=WalletsFold)
    entries: int = 0
    accounts: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    """Of each account that was met, its code, and whether it has a floor."""
    awaited: dict[str, Named] = field(default_factory=dict[str, Named])
    """Entries that no other event has named yet."""
    alone: str = ""
    """The entry of the event before, where nothing need name it."""
    months: MonthsFold = field(default_factory=MonthsFold)


_Told = Callable[[Standing, Row], bool]


def routine(standing: Standing, row: Row) -> bool:
    """Take the next event and give True, or change nothing and give False: it is no routine."""
    schema, told = _KINDS.get(row[3], _OTHER)
    return schema == row[4] and told(standing, row)


def _entering(kind: type[Event], rule: str) -> _Told:
    """Tell events of a wallet that carry an entry between two accounts."""
    reads, key = _pattern(kind, rule)
    names = (key, "minor", "currency", "day", "debit", "credit")
    parts = [reads.groupindex[name] for name in names]
    fullmatch, prefix = reads.fullmatch, stream_of(kind.CATEGORY, "")
    available, held, _ = CHANGES[kind]  # type: ignore[index] - all are of a wallet
    companied, may_stand_alone = kind in COMPANIED, kind in MAY_STAND_ALONE
    lots = () if _tells_lots(kind) else None

    def told(standing: Standing, row: Row) -> bool:
        _, stream, version, _, _, _, data = row
        match = fullmatch(data.decode("latin-1"))
        if match is None:
            return False
        wallet_id, digits, currency, day, debit, credit = match.group(*parts)
        minor = int(digits)
        moved = standing.wallets.moved.get(wallet_id)
        sums = standing.months.open_days.get(day)
        snapshot = standing.kept.get(stream)
        balances, debit_key, credit_key = standing.balances, (debit, currency), (credit, currency)
        debited, debit_floor = standing.accounts.get(debit, _NOT_MET)
        credited, credit_floor = standing.accounts.get(credit, _NOT_MET)
        debit_after = balances.get(debit_key, 0) + minor
        credit_after = balances.get(credit_key, 0) - minor
        if (
            stream != prefix + wallet_id
            or moved is None
            or sums is None
            or (snapshot is not None and snapshot[0] == version)
            or not (debited and credited)
            or (debit_floor and debit_after > 0)
            or (credit_floor and credit_after > 0)
            or debit == credit
        ):
            return False
        balances[debit_key], balances[credit_key] = debit_after, credit_after
        sums[currency, debited][0] += minor
        sums[currency, credited][1] += minor
        standing.entries += 1
        if standing.alone:
            standing.awaited.pop(standing.alone, None)
        if companied:
            entry_id = f"{stream}.{version}"
            standing.awaited[entry_id] = kind, minor, currency, lots
            standing.alone = entry_id if may_stand_alone else ""
        moved[0] += available * minor
        moved[1] += held * minor
        moved[2] += 1
        return True

    return told


def _naming(kind: type[Event]) -> _Told:
    """Tell events that name the entry of another stream's event."""
    reads, key = _pattern(kind)
    parts = [reads.groupindex[name] for name in (key, "minor", "currency", "entry_id")]
    fullmatch, prefix = reads.fullmatch, stream_of(kind.CATEGORY, "")
    change = CHANGES.get(kind)  # type: ignore[call-overload] - a hold's are not there
    carriers, tells_lots = kinds_of(COMPANIONS[kind]), _tells_lots(kind)

    def told(standing: Standing, row: Row) -> bool:
        _, stream, version, _, _, _, data = row
        match = fullmatch(data.decode("latin-1"))
        if match is None:
            return False
        named_by, digits, currency, entry_id = match.group(*parts)
        minor, snapshot = int(digits), standing.kept.get(stream)
        carrier, carried, its_currency, lots = standing.awaited.get(entry_id, _NOT_AWAITED)
        moved = standing.wallets.moved.get(named_by) if change else [0, 0, 0]
        if (
            stream != prefix + named_by
            or carrier not in carriers
            or minor != carried
            or currency != its_currency
            or (lots and tells_lots)
            or moved is None
            or (snapshot is not None and (not change or snapshot[0] == version))
        ):
            return False
        del standing.awaited[entry_id]
        if change:
            moved[0] += change[0] * minor
            moved[1] += change[1] * minor
            moved[2] += 1
        return True

    return told


def _tells_lots(kind: type[Event]) -> bool:
    return "bonus" in get_type_hints(kind)


def _pattern(kind: type[Event], rule: str = "") -> tuple[re.Pattern[str], str]:
    """Give how an event without lots reads in the log, and which of its texts names its stream.

    Its texts are groups, and so are `minor`, `currency`, `day`, `debit` and `credit`.
    """
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    reading = dict(_FIRST)
    for name in (one.name for one in fields(kind)):
        hint = hints[name]
        values[name] = f"<{name}>"
        reading[f'"<{name}>"'] = _OR_NULL.get(hint, f'"(?P<{name}>{_TEXT})"')
        if hint is Money:
            values[name] = _AMOUNT if name == "amount" else _REST
        elif hint == tuple[LotPart, ...]:
            values[name] = ()
    event: Any = kind(**values)
    key = event.key.strip("<>")
    if rule:
        posted = RULES[rule, 1](event)
        debit, credit = (posting.account for posting in posted)
        assert posted == move(_AMOUNT, debit=debit, credit=credit), f"{rule} posts more"
        for side, account in (("debit", debit), ("credit", credit)):
            text, _, name = account.partition("<")
            names_owner = f"(?P={name.strip('>')})" if name else ""
            reading[f'"<{side}>"'] = f'"(?P<{side}>{re.escape(text)}{names_owner})"'
        postings = move(_AMOUNT, debit="<debit>", credit="<credit>")
        event = replace(event, entry=Entry(rule, 1, _DAY, postings))
    pattern = ""
    for piece in _MARK.split(Codec(lambda _: "").encode(event).decode()):
        pattern += reading.get(piece) or re.escape(piece)
        if piece in _AGAIN:
            reading[piece] = _AGAIN[piece]
    return re.compile(pattern), key


_OTHER: tuple[int, _Told] = (-1, lambda _standing, _row: False)
_KINDS: Mapping[str, tuple[int, _Told]] = {
    **{kind.NAME: (kind.SCHEMA, _entering(kind, rule)) for kind, rule in RULE_OF.items()},
    **{kind.NAME: (kind.SCHEMA, _naming(kind)) for kind in NAMING},
}
