"""What a rule posts that moves an event's amount from one account to another, worked out once.

It is worked out with marks in place of what differs from event to event. Money and postings of an
event need not be made then to see that its entry follows from its rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, get_type_hints

from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.ledger.postings import move
from domain.wallet.entries import RULES
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    TransferSent,
)
from domain.wallet.holds import CAPTURE_RULE, HOLD_RULE, RELEASE_RULE
from domain.wallet.lots import LotPart
from domain.wallet.refunds import REFUND_RULE
from domain.wallet.topups import CREDIT_RULE, TOP_UP_RULE
from domain.wallet.transfers import TRANSFER_RULE

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

RULE_VERSION = 1
MARKED_AMOUNT = Money(7_777_777, "@@@")
MARKED_DAY = date(2000, 1, 1)
_IN_ITS_PLACE: Mapping[object, object] = {Money: MARKED_AMOUNT, tuple[LotPart, ...]: ()}

Follows = Callable[[Any], bool]


def fields_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any event is a dataclass
    """Give the fields of a kind of event with their types."""
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}


def tells_lots(kind: type[Event]) -> bool:
    """Whether such an event may tell of bonus, which is posted to more accounts."""
    return "bonus" in fields_of(kind)


def marked(kind: type[Event]) -> Any:  # noqa: ANN401 - any event
    """Make an event without lots, in which each text is the name of its field as a mark."""
    return kind(
        **{name: _IN_ITS_PLACE.get(hint, f"<{name}>") for name, hint in fields_of(kind).items()}
    )


def accounts(kind: type[Event], rule: str) -> tuple[str, str]:
    """Name the accounts that a rule debits and credits, with marks for what the event tells."""
    posted = RULES[rule, RULE_VERSION](marked(kind))
    debit, credit = (posting.account for posting in posted)
    assert posted == move(MARKED_AMOUNT, debit=debit, credit=credit), f"{rule} posts more"
    return debit, credit


def parts_of(account: str) -> tuple[str, str]:
    """Cut the name of an account into what it begins with and the field that it ends with."""
    text, _, name = account.partition("<")
    return text, name.removesuffix(">")


def _following(kind: type[Event], rule: str) -> Follows:
    (debit_text, debit_field), (credit_text, credit_field) = map(parts_of, accounts(kind, rule))
    debited = attrgetter(debit_field) if debit_field else _nothing
    credited = attrgetter(credit_field) if credit_field else _nothing
    lots = tells_lots(kind)

    def follows(event: Any) -> bool:  # noqa: ANN401 - of this kind
        entry, amount = event.entry, event.amount
        if (
            entry.rule != rule
            or entry.rule_version != RULE_VERSION
            or (lots and event.bonus)
            or len(entry.postings) != 2  # noqa: PLR2004 - a debit and a credit
        ):
            return False
        debit, credit = entry.postings
        minor, currency = amount.minor, amount.currency
        return (
            debit.account == debit_text + debited(event)
            and credit.account == credit_text + credited(event)
            and debit.amount.minor == minor
            and credit.amount.minor == -minor
            and debit.amount.currency == currency == credit.amount.currency
        )

    return follows


def _nothing(_event: object) -> str:
    return ""


FOLLOWS: Mapping[type[Event], Follows] = {
    kind: _following(kind, rule) for kind, rule in RULE_OF.items()
}
"""Of each such kind, what says True if the entry of an event follows from its rule. Where it says
False, the entry may still follow: it is looked at piece by piece."""
