"""Payments as the service makes them, nearly all of a log: told by their bytes, without objects.

What a rule makes of a kind of event is worked out once, with marks in place of what differs from
event to event. An entry that reads exactly so follows from its rule. Nothing is decided here about
any other event: it is looked at piece by piece by who can say what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, get_type_hints

import msgspec

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import CURRENCY_LETTERS, Money
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
from infrastructure.event_log.codec import Codec, decoder
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

_AMOUNT = Money(7_777_777, "@@@")
_DAY = date(2000, 1, 1)
_IN_ITS_PLACE: Mapping[object, object] = {Money: _AMOUNT, tuple[LotPart, ...]: ()}
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
    carriers, tells_lots = kinds_of(COMPANIONS[kind]), _tells_lots(kind)

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
            or (tells_lots and (lots or event.bonus))
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
    members = [(name, _Amount if hint is Money else hint) for name, hint in _fields(kind).items()]
    return decoder(msgspec.defstruct(kind.__name__, members, gc=False)).decode


def _key(kind: type[Event]) -> str:
    """Say which field names an event's stream."""
    marked: Any = kind(**{name: name for name in _fields(kind)})
    return marked.key


def _tells_lots(kind: type[Event]) -> bool:
    return "bonus" in _fields(kind)


def _fields(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any event is a dataclass
    """Give the fields of a kind of event with their types."""
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}


def _pattern(kind: type[Event], rule: str) -> re.Pattern[str]:
    """Give how an event without lots reads in the log, with an entry as its rule makes it.

    Its texts are groups, and so are `minor`, `currency`, `day`, `debit` and `credit`.
    """
    values: dict[str, Any] = {}
    reading = dict(_FIRST)
    for name, hint in _fields(kind).items():
        values[name] = _IN_ITS_PLACE.get(hint, f"<{name}>")
        text = f'"(?P<{name}>{_TEXT})"'
        reading[f'"<{name}>"'] = _NOTE if hint == Personal | None else text
    event: Any = kind(**values)
    posted = RULES[rule, 1](event)
    debit, credit = (posting.account for posting in posted)
    assert posted == move(_AMOUNT, debit=debit, credit=credit), f"{rule} posts more"
    for side, account in (("debit", debit), ("credit", credit)):
        text, _, name = account.partition("<")
        owner = f"(?P={name.strip('>')})" if name else ""
        reading[f'"<{side}>"'] = f'"(?P<{side}>{re.escape(text)}{owner})"'
    postings = move(_AMOUNT, debit="<debit>", credit="<credit>")
    whole = replace(event, entry=Entry(rule, 1, _DAY, postings))
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
