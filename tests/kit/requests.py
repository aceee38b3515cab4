"""Requests for money as tests speak of them: what Ada asked for, and who works at the shop."""

from datetime import datetime, timedelta

from application.envelope import Actor
from domain.kernel.events import Personal
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    TopUpRequested,
    WithdrawalBounced,
    WithdrawalHeld,
    WithdrawalPaid,
    WithdrawalReleased,
    WithdrawalRequested,
)
from tests.kit.scenario import NOW, STAFF
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_HELD,
    ADA_OPENED,
    BOOKS,
    LICENSED,
    entry,
    lira,
    topped_up,
)

IBAN = "TR330006100519786457841326"
UMUT = Actor("stf_umut", key_id="key_umut")
TPR, WDR = "tpr_1", "wdr_1"
LATER = NOW + timedelta(days=30)

FUNDED = (BOOKS, LICENSED, ADA_OPENED, topped_up(1_000))


def asked_in(
    minor: int = 400,
    *,
    request_id: str = TPR,
    by: str = STAFF.actor_id,
    reference: str | None = None,
    expires_at: datetime = LATER,
) -> TopUpRequested:
    """Ada's request to be credited."""
    words = Personal("usr_ada", reference) if reference else None
    return TopUpRequested(request_id, ADA, "usr_ada", lira(minor), words, by, expires_at)


def asked_out(
    minor: int = 600,
    *,
    version: int = 3,
    request_id: str = WDR,
    by: str = STAFF.actor_id,
    expires_at: datetime = LATER,
) -> tuple[WithdrawalHeld, WithdrawalRequested]:
    """Ada's request to be paid out, as the event number `version` of her wallet."""
    books = entry("wallet.withdrawal", minor, debit=ADA_CASH, credit=ADA_HELD)
    return (
        WithdrawalHeld(ADA, request_id, lira(minor), books),
        WithdrawalRequested(
            request_id,
            ADA,
            "usr_ada",
            lira(minor),
            Personal("usr_ada", IBAN),
            "1326",
            None,
            by,
            f"wallet-{ADA}.{version}",
            expires_at,
        ),
    )


def given_back(minor: int = 600) -> WithdrawalReleased:
    """What Ada asked to be paid out is available again."""
    books = entry("wallet.withdrawal_release", minor, debit=ADA_HELD, credit=ADA_CASH)
    return WithdrawalReleased(ADA, WDR, lira(minor), books)


def where(version: int) -> str:
    """The entry in the event of Ada's wallet with this number."""
    return f"wallet-{ADA}.{version}"


def paid(*, version: int = 4, account: str = "bank") -> tuple[HeldFundsPaidOut, WithdrawalPaid]:
    """What Ada asked for was sent to her bank."""
    books = entry("wallet.payout", 600, debit=ADA_HELD, credit=account)
    return (
        HeldFundsPaidOut(ADA, WDR, lira(600), account, books),
        WithdrawalPaid(WDR, lira(600), account, None, where(version)),
    )


def came_back(
    *, version: int = 5, account: str = "bank"
) -> tuple[PayoutReturned, WithdrawalBounced]:
    """It came back."""
    books = entry("wallet.payout_return", 600, debit=account, credit=ADA_CASH)
    return (
        PayoutReturned(ADA, WDR, lira(600), account, books),
        WithdrawalBounced(WDR, lira(600), None, where(version)),
    )
