"""WLT-08: requests are limited like other ways of moving money, by the person's level."""

import pytest

from application.wallet.requests.asking import RequestTopUp, RequestWithdrawal
from domain.wallet.limits.events import LimitsSet, UsageCounted
from domain.wallet.limits.limits import LimitExceeded
from tests.kit.requests import FUNDED, IBAN
from tests.kit.scenario import given
from tests.kit.wallets import ADA, TODAY, lira

pytestmark = pytest.mark.row("WLT-08")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("top_up_request", RequestTopUp(ADA, lira(100))),
        ("withdrawal", RequestWithdrawal(ADA, lira(100), IBAN)),
    ],
)
def test_a_request_counts_against_its_owner_s_limit(kind: str, command: object) -> None:
    limited = LimitsSet("standard", "TRY", kind, None, 150, None)
    answer = given(*FUNDED, limited).when(command)
    counted = [event for _, _, event in answer.decision.events if isinstance(event, UsageCounted)]
    assert counted == [UsageCounted("usr_ada", kind, lira(100), TODAY)]
    given(*FUNDED, limited, *counted).when(command).then_refused(
        LimitExceeded, limit=150, used=100, asked=100, kind=kind, period="day"
    )
