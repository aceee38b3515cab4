"""The posting rules of the wallet, so that replay can derive each entry again and compare."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.ledger.accounts import owned
from domain.ledger.postings import Posting, move
from domain.wallet.gifts.cards import (
    BREAKAGE,
    EXPIRY_RULE,
    GIFT,
    ISSUE_RULE,
    REDEEM_RULE,
    VOID_RULE,
)
from domain.wallet.holds import CAPTURE_RULE, HOLD_RULE, REFUND_RULE, RELEASE_RULE
from domain.wallet.topups import CREDIT_RULE, TOP_UP_RULE
from domain.wallet.transfers import TRANSFER_RULE
from domain.wallet.wallet import CASH, HELD

Rule = Callable[[Any], tuple[Posting, ...]]


def _from_source(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - any event with a source
    return move(event.amount, debit=event.source, credit=owned(CASH, event.wallet_id))


def _hold(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    wallet = event.wallet_id
    return move(event.amount, debit=owned(CASH, wallet), credit=owned(HELD, wallet))


def _release(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    wallet = event.wallet_id
    return move(event.amount, debit=owned(HELD, wallet), credit=owned(CASH, wallet))


def _capture(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(HELD, event.wallet_id), credit=event.destination)


def _transfer(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(CASH, event.wallet_id), credit=owned(CASH, event.target))


def _gift_issue(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=event.source, credit=owned(GIFT, event.card_id))


def _gift_redeem(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    card, wallet = owned(GIFT, event.card_id), owned(CASH, event.wallet_id)
    return move(event.amount, debit=card, credit=wallet)


def _gift_expiry(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(GIFT, event.card_id), credit=BREAKAGE)


def _gift_void(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(GIFT, event.card_id), credit=event.source)


RULES: Mapping[tuple[str, int], Rule] = {
    (TOP_UP_RULE, 1): _from_source,
    (CREDIT_RULE, 1): _from_source,
    (HOLD_RULE, 1): _hold,
    (RELEASE_RULE, 1): _release,
    (CAPTURE_RULE, 1): _capture,
    (REFUND_RULE, 1): _from_source,
    (TRANSFER_RULE, 1): _transfer,
    (ISSUE_RULE, 1): _gift_issue,
    (REDEEM_RULE, 1): _gift_redeem,
    (EXPIRY_RULE, 1): _gift_expiry,
    (VOID_RULE, 1): _gift_void,
}
"""By rule name and version; manual entries and reversals repeat what a person chose."""
