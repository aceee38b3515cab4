"""How payments read as the service makes them, nearly all of a log, and what they do to the books.

What a rule makes of a kind of event is worked out once, with marks in place of what differs from
event to event. An entry that reads exactly so follows from its rule. Nothing is decided here about
any other event: it is looked at piece by piece by who can say what is wrong with it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import msgspec

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger.postings import Entry, move
from domain.wallet.events import (
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
    TransferReceived,
)
from domain.wallet.wallet import CHANGES
from infrastructure.event_log.codec import Codec
from infrastructure.ledger_check.companions import COMPANIED, COMPANIONS, MAY_STAND_ALONE, kinds_of
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
from infrastructure.sealing.alike import AGAIN, PLAIN_TEXT, Pattern

NAMING: frozenset[type[Event]] = frozenset(
    {
        *(HoldPlaced, HoldCaptured, HoldReleased, HoldExpired, HoldRefunded),
        TransferReceived,
    }
)
"""Events that name the entry of another."""

_OTHER_AMOUNT = Money(8_888_888, MARKED_AMOUNT.currency)
_MARK = re.compile(r'("<\w+>"|7777777|8888888|@@@|2000-01-01)')
"""What stands for what differs, in an event that is made to see how such events read."""

_MINOR = "[1-9][0-9]{0,15}"
_FIRST: Mapping[str, str] = {
    "7777777": f"(?P<minor>{_MINOR})",
    "8888888": f"(?P<other_minor>0|{_MINOR})",
    "@@@": "(?P<currency>[A-Z]{3})",
    "2000-01-01": f"(?P<day>{PLAIN_TEXT})",
}
_NUMBERS = frozenset({"minor", "other_minor"})
_FIXED = frozenset({"currency", "debit", "credit"})
_AGAIN: Mapping[str, str] = {"7777777": "minor", "@@@": "currency"}


@dataclass(frozen=True, slots=True)
class Routine:
    """One kind of routine event."""

    kind: type[Event]
    pattern: Pattern
    """Its groups are the fields that are texts, and `minor`, `currency`; of an event that carries
    an entry also `day`, `debit` and `credit`."""
    prefix: bytes
    """What its stream begins with, before the key."""
    key: str
    """The group that names its stream."""
    change: Sequence[int] | None
    """What comes to be available and held in a wallet with each minor unit."""
    carriers: tuple[type[Event], ...]
    """What carries the entry that it names, if it names one."""
    lots: tuple[()] | None
    """The lots that it tells, if it tells of lots: none."""
    companied: bool
    """Whether another event names its entry."""
    may_stand_alone: bool
    """Whether that other event need not be there."""


def _routine(kind: type[Event], rule: str | None = None) -> Routine:
    named: Any = kind(**{name: name for name in fields_of(kind)})
    change: Any = CHANGES.get(kind)  # type: ignore[call-overload] - a hold's are not there
    return Routine(
        kind,
        _pattern(kind, rule),
        prefix=stream_of(kind.CATEGORY, "").encode(),
        key=named.key,
        change=change,
        carriers=() if rule else kinds_of(COMPANIONS[kind]),
        lots=() if tells_lots(kind) else None,
        companied=kind in COMPANIED,
        may_stand_alone=kind in MAY_STAND_ALONE,
    )


def _pattern(kind: type[Event], rule: str | None) -> Pattern:
    """Give how an event without lots reads in the log, with an entry as its rule makes it."""
    event, reading, checked = marked(kind), dict(_FIRST), dict[str, msgspec.json.Decoder[object]]()
    for name, hint in fields_of(kind).items():
        text = f'"(?P<{name}>{PLAIN_TEXT})"'
        if hint == Personal | None:
            subject, sealed = (f"(?P<{name}_{part}>{PLAIN_TEXT})" for part in ("subject", "sealed"))
            text = rf'(?:null|\{{"subject":"{subject}","sealed":"{sealed}"\}})'
        elif hint == datetime | None:
            text = f"(?:null|{text})"
            checked[name] = msgspec.json.Decoder(datetime)
        elif hint is Money and name != "amount":
            event = replace(event, **{name: _OTHER_AMOUNT})
        reading[f'"<{name}>"'] = text
    if rule is not None:
        for side, account in zip(("debit", "credit"), accounts(kind, rule), strict=True):
            begin, name = parts_of(account)
            owner = f"(?P<{name}{AGAIN}{side}>(?P={name}))" if name else ""
            reading[f'"<{side}>"'] = f'"(?P<{side}>{re.escape(begin)}{owner})"'
        postings = move(MARKED_AMOUNT, debit="<debit>", credit="<credit>")
        event = replace(event, entry=Entry(rule, RULE_VERSION, MARKED_DAY, postings))
    reads, numbers = "", count()
    for piece in _MARK.split(Codec(lambda _: "").encode(event).decode()):
        reads += reading.get(piece) or re.escape(piece)
        if again := _AGAIN.get(piece):
            reading[piece] = f"(?P<{again}{AGAIN}{next(numbers)}>(?P={again}))"
    return Pattern(re.compile(reads.encode()), _NUMBERS, _FIXED, checked)


ROUTINES: Mapping[str, Routine] = {
    **{kind.NAME: _routine(kind, rule) for kind, rule in RULE_OF.items()},
    **{kind.NAME: _routine(kind) for kind in NAMING},
}
"""By the name of the kind."""
