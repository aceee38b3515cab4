"""Payments as the service makes them, nearly all of a log: told by their bytes, without objects.

What a rule makes of a kind of event is worked out once, with marks in place of what differs from
event to event. An entry that reads exactly so follows from its rule. Nothing is decided here about
any other event: it is looked at piece by piece by who can say what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import CURRENCY_LETTERS, Money
from domain.ledger.postings import Entry, move
from domain.wallet.events import (
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
    TransferReceived,
)
from domain.wallet.lots import LotPart
from domain.wallet.wallet import CHANGES
from infrastructure.event_log.codec import Codec, decoder
from infrastructure.ledger_check.companions import COMPANIED, COMPANIONS, MAY_STAND_ALONE, kinds_of
from infrastructure.ledger_check.months import MonthsFold
from infrastructure.ledger_check.moves import (
    MARKED_AMOUNT,
    MARKED_DAY,
    RULE_OF,
    RULE_VERSION,
    accounts,
    fields_of,
    marked,
    parts_of,
    tells_lots,
)
from infrastructure.ledger_check.wallets import WalletsFold
from infrastructure.sealing.layout import Row

NAMING: frozenset[type[Event]] = frozenset(
    {
        *(HoldPlaced, HoldCaptured, HoldReleased, HoldExpired, HoldRefunded),
        TransferReceived,
    }
)
"""Events that name the entry of another."""

_MARK = re.compile(r'("<\w+>"|7777777|@@@|2000-01-01)')
"""What stands for what differs, in an event that is made to see how such events read."""

_TEXT = r"[ !#-\[\]-~]*+"
"""Plain text, which reads in JSON as it is."""
_NOTE = rf'(?:null|\{{"subject":"{_TEXT}","sealed":"{_TEXT}"\}})'
_FIRST: Mapping[str, str] = {
    "7777777": "(?P<minor>[1-9][0-9]{0,15})",
    "@@@": "(?P<currency>[A-Z]{3})",
    "2000-01-01": r"(?P<day>[0-9-]{10})",
}
_AGAIN: Mapping[str, str] = {"7777777": "(?P=minor)", "@@@": "(?P=currency)"}

_NOT_AWAITED = (Event, 0, "", None)
_OF_NO_WALLET = [0, 0, 0]

Named = tuple[type[Event], int, str, tuple[LotPart, ...] | None]
"""Of an event that another one may name: what carries the entry, the amount in minor units, its
currency, and the lots where any are told."""


@dataclass(slots=True)
class Line:
    """What stands on one account in one currency."""

    key: tuple[str, str]
    """Currency and code of the account."""
    floored: bool
    """Whether it is a customer's, who has credits: it never comes to be a debit."""
    balance: int = 0
    """Debits less credits. All together are zero, for every entry is."""


@dataclass(slots=True)
class Standing:
    """Everything that is known of the books, accounts and wallets up to a position."""

    kept: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    """Stored snapshots by stream: version and state. Each is compared when its version comes."""

    position: int = 0
    lines: dict[tuple[str, str], Line] = field(default_factory=dict[tuple[str, str], Line])
    """By (account, currency), once something was posted to it."""
    wallets: WalletsFold = field(default_factory=WalletsFold)
    entries: int = 0
    awaited: dict[str, Named] = field(default_factory=dict[str, Named])
    """Entries that no other event has named yet."""
    alone: str = ""
    """The entry of the event before, where nothing need name it."""
    months: MonthsFold = field(default_factory=MonthsFold)


class _Amount(msgspec.Struct, gc=False):
    """Takes what `Money` takes."""

    minor: int
    currency: Annotated[str, msgspec.Meta(min_length=CURRENCY_LETTERS, max_length=CURRENCY_LETTERS)]


_Told = Callable[[Standing, Row], bool]
"""Takes the next event and gives True, or changes nothing and gives False: it is no routine."""


def _entering(kind: type[Event], rule: str) -> _Told:
    """Tell events of a wallet that carry an entry between two accounts."""
    reads = _pattern(kind, rule)
    names = (_key(kind), "minor", "currency", "day", "debit", "credit")
    parts = [reads.groupindex[name] for name in names]
    fullmatch, prefix = reads.fullmatch, stream_of(kind.CATEGORY, "")
    available, held, _ = CHANGES[kind]  # type: ignore[index] - all are of a wallet
    companied, may_stand_alone = kind in COMPANIED, kind in MAY_STAND_ALONE
    lots = () if tells_lots(kind) else None

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
        debited = standing.lines.get((debit, currency))
        credited = standing.lines.get((credit, currency))
        if (
            stream != prefix + wallet_id
            or moved is None
            or sums is None
            or (snapshot is not None and snapshot[0] == version)
            or debited is None
            or credited is None
            or (debited.floored and debited.balance > -minor)
            or (credited.floored and credited.balance > minor)
        ):
            return False
        debited.balance += minor
        credited.balance -= minor
        sums[debited.key][0] += minor
        sums[credited.key][1] += minor
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
    key, decode, prefix = _key(kind), _plain(kind), stream_of(kind.CATEGORY, "")
    named_by = attrgetter(key)
    change = CHANGES.get(kind)  # type: ignore[call-overload] - a hold's are not there
    carriers, may_tell_lots = kinds_of(COMPANIONS[kind]), tells_lots(kind)

    def told(standing: Standing, row: Row) -> bool:
        _, stream, version, _, _, _, data = row
        try:
            event = decode(data)
        except ValueError:
            return False
        entry_id, key, minor = event.entry_id, named_by(event), event.amount.minor
        snapshot = standing.kept.get(stream)
        carrier, carried, currency, lots = standing.awaited.get(entry_id, _NOT_AWAITED)
        moved = standing.wallets.moved.get(key) if change else _OF_NO_WALLET
        if (
            stream != prefix + key
            or carrier not in carriers
            or minor != carried
            or event.amount.currency != currency
            or (may_tell_lots and (lots or event.bonus))
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


def _plain(kind: type[Event]) -> Callable[[bytes], Any]:
    """Give what reads a kind of event without making money of its amounts.

    It takes nothing that the event's own type does not take.
    """
    members = [(name, _Amount if hint is Money else hint) for name, hint in fields_of(kind).items()]
    return decoder(msgspec.defstruct(kind.__name__, members, gc=False)).decode


def _key(kind: type[Event]) -> str:
    """Say which field names an event's stream."""
    named: Any = kind(**{name: name for name in fields_of(kind)})
    return named.key


def _pattern(kind: type[Event], rule: str) -> re.Pattern[str]:
    """Give how an event without lots reads in the log, with an entry as its rule makes it.

    Its texts are groups, and so are `minor`, `currency`, `day`, `debit` and `credit`.
    """
    reading = dict(_FIRST)
    for name, hint in fields_of(kind).items():
        text = f'"(?P<{name}>{_TEXT})"'
        reading[f'"<{name}>"'] = _NOTE if hint == Personal | None else text
    for side, account in zip(("debit", "credit"), accounts(kind, rule), strict=True):
        text, name = parts_of(account)
        owner = f"(?P={name})" if name else ""
        reading[f'"<{side}>"'] = f'"(?P<{side}>{re.escape(text)}{owner})"'
    postings = move(MARKED_AMOUNT, debit="<debit>", credit="<credit>")
    whole = replace(marked(kind), entry=Entry(rule, RULE_VERSION, MARKED_DAY, postings))
    pattern = ""
    for piece in _MARK.split(Codec(lambda _: "").encode(whole).decode()):
        pattern += reading.get(piece) or re.escape(piece)
        if piece in _AGAIN:
            reading[piece] = _AGAIN[piece]
    return re.compile(pattern)


NO_ROUTINE: tuple[int, _Told] = (-1, lambda _standing, _row: False)
ROUTINES: Mapping[str, tuple[int, _Told]] = {
    **{kind.NAME: (kind.SCHEMA, _entering(kind, rule)) for kind, rule in RULE_OF.items()},
    **{kind.NAME: (kind.SCHEMA, _naming(kind)) for kind in NAMING},
}
"""Of each kind of routine event, its schema and what takes it."""
