"""An entry is told to follow from its rule if, and only if, the rule makes it (WLT-13)."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.event_log.codec import decode
from infrastructure.ledger_check.deriving import Underivable, derived
from infrastructure.ledger_check.moves import FOLLOWS, RULE_OF
from tests.cli.ledger.changes import CHANGES, DAYS, LOGS, NUMBERS, OTHERS, stored
from tests.cli.ledger.routine_log import payments
from tests.projections.written_logs import Log

pytestmark = pytest.mark.row("WLT-13")


def test_what_a_rule_posts_is_told_of_each_kind_that_moves_an_amount() -> None:
    events = [event for *_, event in payments().events if type(event) in FOLLOWS]
    assert {type(event) for event in events} == set(RULE_OF)
    assert all(FOLLOWS[type(event)](event) for event in events)


@given(
    which=st.sampled_from(LOGS),
    place=st.integers(0, 10_000),
    change=st.sampled_from(CHANGES),
    at=st.integers(0, 10_000),
    new=st.sampled_from([*OTHERS, *NUMBERS, *DAYS, "wallet.cash:wal_bbbb", "9000", "-9000"]),
)
def test_only_an_entry_that_follows_from_its_rule_is_told_to(
    which: Callable[[], Log], place: int, change: Callable[[str, int, str], str], at: int, new: str
) -> None:
    rows = [row for row in stored(which) if row.type in {kind.NAME for kind in RULE_OF}]
    row = rows[place % len(rows)]
    try:
        event: Any = decode(row.type, row.schema, change(row.data.decode(), at, new).encode())
    except (AssertionError, ValueError, TypeError):
        return
    if FOLLOWS[type(event)](event):
        assert derived(event, event.entry) == event.entry.postings
        return
    lots = bool(getattr(event, "bonus", ()))
    try:
        assert lots or derived(event, event.entry) != event.entry.postings
    except Underivable:
        return
