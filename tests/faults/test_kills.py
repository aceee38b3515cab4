"""A few rounds of the kill campaigns, and their checker shown failing."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from application.wallet.holds import PlaceHold
from application.wallet.transfers import TransferFunds
from tests.event_log.shop import Shop, lira, open_shop
from tests.faults.checker import Acknowledged, Rows, problems_of
from tests.faults.kills import Told, campaign, verdict
from tests.faults.targets import running

ROUNDS = 3


@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        assert campaign(stack, target="api", rounds=ROUNDS, seed=1) == []
        assert campaign(stack, target="postgres", rounds=ROUNDS, seed=2, prefix="pg-") == []


def without_an_event(rows: Rows) -> None:
    del rows.events[-3]


def with_an_event_twice(rows: Rows) -> None:
    last = rows.events[-1]
    rows.events.append(replace(last, position=last.position + 1, version=last.version + 1))


def with_events_swapped(rows: Rows) -> None:
    rows.events[-1], rows.events[-2] = rows.events[-2], rows.events[-1]


def with_another_amount(rows: Rows) -> None:
    place = next(n for n, row in enumerate(rows.events) if b'"minor":7,' in row.data)
    data = rows.events[place].data.replace(b'"minor":7,', b'"minor":8,')
    rows.events[place] = replace(rows.events[place], data=data)


def with_an_overdraft(rows: Rows) -> None:
    for n, row in enumerate(rows.events):
        if row.type == "wallet.funds_topped_up":
            data = row.data.replace(b"100", b"1").replace(b"-100", b"-1")
            rows.events[n] = replace(row, data=data)


def with_a_command_lost(rows: Rows) -> None:
    del rows.commands[-1]


def with_another_outcome(rows: Rows) -> None:
    rows.commands[-1] = replace(rows.commands[-1], outcome=b'{"transfer_id":"trf_other"}')


def with_a_claim_lost(rows: Rows) -> None:
    rows.claims.popitem()


def with_a_wrong_snapshot(rows: Rows) -> None:
    stream, _ = next(iter(rows.snapshots.items()))
    rows.snapshots[stream] = (rows.snapshots[stream][0], msgspec.json.encode({"available": 1}))


def with_the_clock_turned_back(rows: Rows) -> None:
    rows.events[-1] = replace(rows.events[-1], recorded_at=rows.events[0].recorded_at)
    rows.events[0] = replace(rows.events[0], recorded_at=rows.events[-2].recorded_at)


def with_an_event_of_another_command(rows: Rows) -> None:
    rows.events[-1] = replace(rows.events[-1], event_id=uuid4())


History = tuple[Rows, dict[UUID, Acknowledged]]


@pytest.fixture(scope="module")
async def true_history(module_database_url: str) -> History:
    """A small history, with a snapshot."""
    async with open_shop(module_database_url) as shop:
        await lived(shop)
        return shop.rows(), dict(shop.acknowledged)


@pytest.fixture
def history(true_history: History) -> History:
    """A copy that a test may spoil."""
    return deepcopy(true_history)


async def lived(shop: Shop) -> None:
    ada, bora = await shop.wallets(2, 100)
    await shop.tell(PlaceHold(ada, lira(40)))
    there, back = TransferFunds(ada, bora, lira(1)), TransferFunds(bora, ada, lira(1))
    for _ in range(5):
        await shop.tell_all([there, back] * 100)
    await shop.transfer(ada, bora, 7)


@pytest.mark.parametrize(
    "corrupted",
    [
        without_an_event,
        with_an_event_twice,
        with_events_swapped,
        with_another_amount,
        with_an_overdraft,
        with_a_command_lost,
        with_another_outcome,
        with_a_claim_lost,
        with_a_wrong_snapshot,
        with_the_clock_turned_back,
        with_an_event_of_another_command,
    ],
)
async def test_the_checker_names_what_is_wrong(
    history: History, corrupted: Callable[[Rows], None]
) -> None:
    rows, told = history
    assert problems_of(rows, told) == []
    corrupted(rows)
    assert problems_of(rows, told)


async def test_the_campaign_counts_what_was_lost_and_what_was_doubled(
    history: History,
) -> None:
    rows, _ = history
    row = rows.commands[0]
    told = {uuid4(): Told(201, 5, {}), row.command_id: Told(201, row.position + 1, {})}
    rows.events.append(replace(rows.events[-1], position=rows.events[-1].position + 1))
    lost, doubled, problems = verdict(rows, told)
    assert (lost, doubled) == (1, 1)
    assert any("was told" in problem for problem in problems)
