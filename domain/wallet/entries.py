"""The posting rules of the wallet, so that replay can derive each entry again and compare."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.ledger.accounts import owned
from domain.ledger.postings import Posting, move
from domain.wallet.bonus import (
    BREAKAGE_RULE,
    EXPENSE,
    GRANT_RULE,
    broken,
    give_back,
    set_aside,
)
from domain.wallet.gifts.cards import (
    BREAKAGE,
    EXPIRY_RULE,
    GIFT,
    ISSUE_RULE,
    REDEEM_RULE,
    VOID_RULE,
)
from domain.wallet.holds import CAPTURE_RULE, HOLD_RULE, RELEASE_RULE
from domain.wallet.refunds import REFUND_RULE
from domain.wallet.requests.adjustments import (
    ADJUSTMENT_CREDIT_RULE,
    ADJUSTMENT_DEBIT_RULE,
    ADJUSTMENT_HOLD_RULE,
    ADJUSTMENT_RELEASE_RULE,
    ADJUSTMENTS,
)
from domain.wallet.requests.withdrawals import (
    PAYOUT_RETURN_RULE,
    PAYOUT_RULE,
    WITHDRAWAL_RELEASE_RULE,
    WITHDRAWAL_RULE,
)
from domain.wallet.topups import CREDIT_RULE, TOP_UP_RULE
from domain.wallet.transfers import TRANSFER_RULE
from domain.wallet.wallet import BONUS, CASH, HELD

Rule = Callable[[Any], tuple[Posting, ...]]


def _from_source(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - any event with a source
    return move(event.amount, debit=event.source, credit=owned(CASH, event.wallet_id))


def _hold(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return set_aside(event.wallet_id, event.amount, event.bonus)


def _release(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    wallet = event.wallet_id
    return give_back(owned(HELD, wallet), wallet, event.amount, event.bonus)


def _refund(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return give_back(event.source, event.wallet_id, event.amount, event.bonus)


def _grant(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=EXPENSE, credit=owned(BONUS, event.wallet_id))


def _breakage(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return broken(event.wallet_id, event.amount)


def _capture(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(HELD, event.wallet_id), credit=event.destination)


def _transfer(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(CASH, event.wallet_id), credit=owned(CASH, event.target))


def _cash_to_held(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    wallet = event.wallet_id
    return move(event.amount, debit=owned(CASH, wallet), credit=owned(HELD, wallet))


def _held_to_cash(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    wallet = event.wallet_id
    return move(event.amount, debit=owned(HELD, wallet), credit=owned(CASH, wallet))


def _payout(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(HELD, event.wallet_id), credit=event.account)


def _payout_return(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=event.account, credit=owned(CASH, event.wallet_id))


def _adjustment_credit(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=ADJUSTMENTS, credit=owned(CASH, event.wallet_id))


def _adjustment_debit(event: Any) -> tuple[Posting, ...]:  # noqa: ANN401 - as above
    return move(event.amount, debit=owned(HELD, event.wallet_id), credit=ADJUSTMENTS)


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
    (REFUND_RULE, 1): _refund,
    (TRANSFER_RULE, 1): _transfer,
    (GRANT_RULE, 1): _grant,
    (BREAKAGE_RULE, 1): _breakage,
    (WITHDRAWAL_RULE, 1): _cash_to_held,
    (WITHDRAWAL_RELEASE_RULE, 1): _held_to_cash,
    (PAYOUT_RULE, 1): _payout,
    (PAYOUT_RETURN_RULE, 1): _payout_return,
    (ADJUSTMENT_CREDIT_RULE, 1): _adjustment_credit,
    (ADJUSTMENT_HOLD_RULE, 1): _cash_to_held,
    (ADJUSTMENT_RELEASE_RULE, 1): _held_to_cash,
    (ADJUSTMENT_DEBIT_RULE, 1): _adjustment_debit,
    (ISSUE_RULE, 1): _gift_issue,
    (REDEEM_RULE, 1): _gift_redeem,
    (EXPIRY_RULE, 1): _gift_expiry,
    (VOID_RULE, 1): _gift_void,
}
"""By rule name and version; manual entries and reversals repeat what a person chose."""
