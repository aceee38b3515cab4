"""WLT-13: every pair of a month's state and a command."""

from datetime import date
from typing import Any

import pytest

from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.ledger.closing import (
    PeriodNotClosing,
    PeriodNotReopenable,
    PeriodOutOfOrder,
    ReopeningNotRequested,
    ReopeningPending,
)
from domain.ledger.events import (
    ClosingCancelled,
    ClosingStarted,
    EntryPosted,
    PeriodReopened,
    ReopeningRequested,
)
from domain.ledger.periods import (
    InClosingPeriod,
    InSealedPeriod,
)
from domain.ledger.postings import Entry
from tests.kit.months import (
    BOTH_SEALED,
    BY,
    CANCELLED,
    CLOSING,
    COMMANDS,
    FEBRUARY,
    JANUARY,
    LINES,
    NEXT_CLOSING,
    OPEN,
    REOPENED,
    REQUESTED,
    SEALED,
    WHY,
    sealed,
)
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("WLT-13")

STATES = {
    "open": OPEN,
    "closing": CLOSING,
    "cancelled": CANCELLED,
    "sealed": SEALED,
    "next closing": NEXT_CLOSING,
    "both sealed": BOTH_SEALED,
    "requested": REQUESTED,
    "reopened": REOPENED,
}
STARTED = {
    name: ClosingStarted(month, new_id("cls"), BY)
    for name, month in (("december", "2025-12"), ("january", JANUARY), ("february", FEBRUARY))
}
POSTED = EntryPosted(new_id("jrn"), Entry("ledger.manual", 1, date(2026, 1, 31), LINES), None)
ASKED = ReopeningRequested(JANUARY, WHY, BY)
Refused = tuple[type[Refusal], dict[str, Any]]
NOT_CLOSING: Refused = (PeriodNotClosing, {})
NOT_REOPENABLE: Refused = (PeriodNotReopenable, {})
IS_CLOSING = (InClosingPeriod, {"period": JANUARY})
NEXT_IS_CLOSING = (InClosingPeriod, {"period": FEBRUARY})
IS_SEALED = (InSealedPeriod, {"period": JANUARY})
NEXT_IS_SEALED = (InSealedPeriod, {"period": FEBRUARY})
OUT_OF_ORDER = (PeriodOutOfOrder, {"next": JANUARY})
UNHEARD: dict[str, Any] = {"cancel": NOT_CLOSING, "seal": NOT_CLOSING}
NEVER: dict[str, Any] = {
    **UNHEARD,
    "request": NOT_REOPENABLE,
    "approve": NOT_REOPENABLE,
    "post": POSTED,
}
TABLE: dict[str, dict[str, Any]] = {
    "open": {**STARTED, **NEVER},
    "closing": {
        **dict.fromkeys(COMMANDS, IS_CLOSING),
        "cancel": ClosingCancelled(JANUARY, BY),
        "seal": sealed(),
    },
    "cancelled": {**STARTED, **NEVER},
    "sealed": {
        **UNHEARD,
        "december": IS_SEALED,
        "january": IS_SEALED,
        "february": STARTED["february"],
        "request": ASKED,
        "approve": (ReopeningNotRequested, {}),
        "post": IS_SEALED,
    },
    "next closing": {**dict.fromkeys(COMMANDS, NEXT_IS_CLOSING), **UNHEARD, "post": IS_SEALED},
    "both sealed": {
        **dict.fromkeys(COMMANDS, NEXT_IS_SEALED),
        **UNHEARD,
        "request": NOT_REOPENABLE,
        "approve": NOT_REOPENABLE,
        "post": IS_SEALED,
    },
    "requested": {
        **UNHEARD,
        "december": IS_SEALED,
        "january": IS_SEALED,
        "february": STARTED["february"],
        "request": (ReopeningPending, {}),
        "approve": PeriodReopened(JANUARY, "stf_ece", BY),
        "post": IS_SEALED,
    },
    "reopened": {
        **NEVER,
        "december": (InSealedPeriod, {"period": "2025-12"}),
        "january": STARTED["january"],
        "february": OUT_OF_ORDER,
    },
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_pair_of_state_and_command(state: str, command: str) -> None:
    expected: Event | Refused = TABLE[state][command]
    answer = given(*STATES[state]).when(COMMANDS[command])
    if isinstance(expected, tuple):
        answer.then_refused(expected[0], **expected[1])
    else:
        answer.then(expected)
