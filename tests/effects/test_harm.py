"""JOB-01: what one effect, one receiver or one worker does wrong harms no other effect."""

import asyncio

import pytest

from application.process import Revive
from infrastructure.effects.effect import Effect, Kind, TryLater, World
from infrastructure.effects.performing import IN_FLIGHT_MAX
from tests.effects.performing import Outside, asked, filed, look, performer, states
from tests.projections.stepping import until

JOB = 50
PROMPT_SECONDS = 5.0


@pytest.mark.parametrize("words", ["a\0b", "a\ud800b"])
async def test_words_that_no_database_takes_are_kept_as_far_as_it_does(
    database_url: str, redis_url: str, words: str
) -> None:
    tenant_id, (bad, good) = await filed(database_url, 2)

    async def perform(_world: World, effect: Effect) -> str:
        if effect.effect_id == bad:
            raise TryLater(words)
        return "done well"

    async with performer(database_url, redis_url, test_call=Kind(perform)) as worker:
        await worker.take(tenant_id, "test.call", "x", [bad, good])
        await until(lambda: states(database_url, [good]) == {"done": 1})
        query = "SELECT told FROM defter.effects WHERE effect_id = %s"
        await until(lambda: look(database_url, query, bad) == [("a?b",)])


async def test_an_effect_whose_workers_all_ended_is_given_up(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    tenant_id, ids = await filed(database_url, 1)
    look(database_url, "UPDATE defter.effects SET attempts = 3 WHERE effect_id = %s", ids[0])
    async with performer(database_url, redis_url, test_call=outside.kind(attempts_max=3)) as worker:
        await worker.take(tenant_id, "test.call", "x", ids)
        await until(lambda: outside.dead == ids)
    assert not outside.done
    assert states(database_url, ids) == {"dead": 1}


async def test_many_effects_for_a_target_that_hangs_leave_room_for_others(
    database_url: str, redis_url: str
) -> None:
    hanging, prompt = Outside(), Outside()
    hanging.gate = asyncio.Event()
    tenant_id, stuck = await filed(database_url, 2 * IN_FLIGHT_MAX, target="stuck")
    _, quick = await filed(database_url, 10, tenant_id=tenant_id, target="quick")

    async def perform(world: World, effect: Effect) -> str:
        outside = hanging if effect.target == "stuck" else prompt
        return await outside.perform(world, effect)

    async with performer(database_url, redis_url, test_call=Kind(perform)) as worker:

        async def take_in_order() -> None:
            for n in range(0, len(stuck), JOB):
                await worker.take(tenant_id, "test.call", "stuck", stuck[n : n + JOB])
            await worker.take(tenant_id, "test.call", "quick", quick)

        async with asyncio.timeout(PROMPT_SECONDS):
            await take_in_order()
        await until(lambda: states(database_url, quick) == {"done": 10})
        hanging.gate.set()


async def test_what_is_under_way_is_not_begun_twice_because_an_operator_asks(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    outside.gate = asyncio.Event()
    tenant_id, ids = await filed(database_url, 1)
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        assert await worker.take(tenant_id, "test.call", "x", ids) == 1
        await asked(database_url, tenant_id, Revive(ids[0]))
        assert await worker.take(tenant_id, "test.call", "x", ids) == 0
        outside.gate.set()
        await until(lambda: states(database_url, ids) == {"done": 1})
    assert outside.done[ids[0]] == 1
