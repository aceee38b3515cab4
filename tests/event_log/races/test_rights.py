"""A command is decided only while those streams stand still that its caller was let in by."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from application.sending import IdempotencyKeyReused, Outcome, RightsChanged
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from infrastructure.event_log.writing import batch, queues
from infrastructure.event_log.writing.needs import Needs
from tests.event_log.shop import Shop, lira

MEANWHILE_SECONDS = 0.02

pytestmark = pytest.mark.row("IAM-05")


def at(shop: Shop, *wallets: str) -> Mapping[str, int]:
    """Give where wallets stand, which stand here for accounts and roles."""
    found = shop.ask(
        "SELECT stream, max(version) FROM defter.events WHERE tenant_id = %s GROUP BY stream",
        shop.tenant_id,
    )
    versions: dict[str, int] = dict(found)
    return {f"wallet-{one}": versions[f"wallet-{one}"] for one in wallets}


async def test_where_they_stand_it_is_decided(shop: Shop) -> None:
    ada, bora, can = await shop.wallets(3, 100)
    rights = {**at(shop, can), "account-cus_nobody": 0}
    assert not (await shop.send(TransferFunds(ada, bora, lira(10)), rights_at=rights)).refused
    assert shop.balances() == {ada: 90, bora: 110, can: 100}


@pytest.mark.parametrize("early", [True, False])
async def test_what_another_process_changed_counts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    """Whether the lock is taken with the writing or before; nothing is written, not even a no."""
    ada, bora, can = await shop.wallets(3, 100)
    rights = at(shop, can)
    async with shop.beside() as other:
        await other.tell(TopUp(can, lira(1)))
        if not early:
            monkeypatch.setattr(batch.Batch, "_go_on", _never)
        before = shop.rows()
        with pytest.raises(RightsChanged):
            await shop.send(TransferFunds(ada, bora, lira(10)), rights_at=rights)
        assert shop.rows() == before
        assert not (await shop.transfer(ada, bora, 10)).refused


async def _never(*_: object) -> bool:
    return False


async def test_an_outcome_is_not_told_again_either(shop: Shop) -> None:
    ada, bora, can = await shop.wallets(3, 100)
    rights = at(shop, can)
    sent = TransferFunds(ada, bora, lira(10))
    first = await shop.send(sent, key="once", rights_at=rights)
    again = await shop.send(sent, key="once", rights_at=rights)
    assert again == first._replace(replayed=True)
    await shop.tell(TopUp(can, lira(1)))
    for hashed in (b"h" * 32, b"x" * 32):
        asked = shop.envelope(sent, key="once", request_hash=hashed, rights_at=rights)
        with pytest.raises(RightsChanged):
            await shop.writer.send(asked)
    with pytest.raises(IdempotencyKeyReused):
        await shop.send(sent, key="once", request_hash=b"x" * 32, rights_at=at(shop, can))


@pytest.mark.parametrize("ahead", [True, False])
async def test_who_loses_them_just_before_is_not_decided(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, ahead: bool
) -> None:
    """In the same batch, or in the next one, which is decided while that is written."""
    write = batch.write

    async def slow(*given: Any, **named: Any) -> None:  # noqa: ANN401 - as `write` takes it
        await asyncio.sleep(MEANWHILE_SECONDS)
        await write(*given, **named)

    ada, bora, can = await shop.wallets(3, 100)
    if ahead:
        monkeypatch.setattr(queues, "BATCH_COMMANDS_MAX", 2)
        monkeypatch.setattr(batch, "write", slow)
    rights = at(shop, can)
    for _ in range(3):
        commands = [
            shop.envelope(TransferFunds(ada, bora, lira(1)), rights_at=rights),
            shop.envelope(TopUp(can, lira(1))),
            shop.envelope(TransferFunds(ada, bora, lira(1)), rights_at=rights),
            shop.envelope(TransferFunds(ada, bora, lira(1))),
        ]
        found = await asyncio.gather(
            shop.writer.send_many(commands[:2]), shop.writer.send_many(commands[2:])
        )
        kinds = [type(one) for part in found for one in part]
        assert kinds == [Outcome, Outcome, RightsChanged, Outcome]
        rights = at(shop, can)
    assert shop.balances() == {ada: 94, bora: 106, can: 103}
    assert shop.problems() == []


async def test_what_is_not_in_memory_is_fetched_for_all_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallets = await shop.wallets(30, 100)
    fetches: list[int] = []
    fetch = batch.fetch

    async def counted(*given: object, **named: object) -> None:
        fetches.append(len(next(one for one in given if isinstance(one, Needs)).streams))
        await fetch(*given, **named)  # type: ignore[arg-type] - as it was called

    async with shop.beside() as other:
        monkeypatch.setattr(batch, "fetch", counted)
        rights = [at(shop, wallet) for wallet in wallets]
        envelopes = [
            shop.envelope(TransferFunds(wallets[0], wallets[1], lira(1)), rights_at=one)
            for one in rights[2:]
        ]
        found = await other.writer.send_many(envelopes)
    assert {type(one) for one in found} == {Outcome}
    assert max(fetches) >= 28
    assert len(fetches) <= 4, fetches
