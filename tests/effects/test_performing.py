"""JOB-01: an effect is performed until it succeeds or is given up, and its outcome stands once."""

import asyncio
from uuid import UUID

import pytest

from application.process import GiveUp, Revive
from infrastructure.effects import performing as limits
from infrastructure.effects.effect import Effect, Hopeless, Onward, TryLater, World
from infrastructure.effects.performing import Performer
from infrastructure.effects.standing import counts, listed, named
from infrastructure.postgres.connections import connect
from tests.effects.performing import Outside, asked, filed, look, performer, states
from tests.projections.stepping import until

DUE_NOW = "UPDATE defter.effects SET next_at = now() WHERE effect_id = ANY(%s)"


async def take(worker: Performer, tenant_id: UUID, ids: list[UUID], target: str = "x") -> int:
    return await worker.take(tenant_id, "test.call", target, ids)


async def test_what_succeeds_is_done_and_its_attempt_is_on_record(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    tenant_id, ids = await filed(database_url, 30)
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        assert await take(worker, tenant_id, ids) == 30
        await until(lambda: states(database_url, ids) == {"done": 30})
        assert await take(worker, tenant_id, ids) == 0
    assert set(outside.done.values()) == {1}
    rows = look(database_url, "SELECT attempt, succeeded, told FROM defter.effect_attempts")
    assert rows == [(1, True, "done well")] * 30


async def test_two_workers_that_are_given_the_same_effects_share_them(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    tenant_id, ids = await filed(database_url, 100)
    async with (
        performer(database_url, redis_url, test_call=outside.kind()) as one,
        performer(database_url, redis_url, test_call=outside.kind()) as other,
    ):
        taken = await asyncio.gather(take(one, tenant_id, ids), take(other, tenant_id, ids))
        assert sum(taken) == 100
        await until(lambda: states(database_url, ids) == {"done": 100})
    assert set(outside.done.values()) == {1}


async def test_what_was_done_in_part_goes_on_at_once_and_counts_no_try(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    left = iter(range(3))

    def part(_effect: Effect) -> None:
        if next(left, None) is not None:
            raise Onward("a part")

    outside.before = part
    tenant_id, ids = await filed(database_url, 1)
    kind = outside.kind(attempts_max=1, first_retry_seconds=3_600)
    async with performer(database_url, redis_url, test_call=kind) as worker:
        for made in range(1, 5):
            assert await take(worker, tenant_id, ids) == 1
            query = "SELECT count(*) FROM defter.effect_attempts"
            await until(lambda made=made, query=query: look(database_url, query) == [(made,)])
    assert states(database_url, ids) == {"done": 1}
    rows = look(database_url, "SELECT succeeded FROM defter.effect_attempts")
    assert rows == [(True,)] * 4


async def test_what_fails_waits_longer_each_time_and_is_given_up_at_last(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()

    def fail(_effect: Effect) -> None:
        raise TryLater("503")

    outside.before = fail
    tenant_id, ids = await filed(database_url, 1)
    waits: list[float] = []
    kind = outside.kind(attempts_max=3, first_retry_seconds=10.0)
    async with performer(database_url, redis_url, test_call=kind) as worker:
        for attempt in (1, 2, 3):
            assert await take(worker, tenant_id, ids) == 1
            query = "SELECT count(*) FROM defter.effect_attempts"
            await until(lambda query=query, n=attempt: look(database_url, query) == [(n,)])
            query = "SELECT extract(epoch FROM next_at - now())::float FROM defter.effects"
            waits.append(look(database_url, query)[0][0])
            look(database_url, DUE_NOW, ids)
        await until(lambda: outside.dead == ids)
        assert await take(worker, tenant_id, ids) == 0
    assert states(database_url, ids) == {"dead": 1}
    assert 4 < waits[0] < 10.1
    assert 19 < waits[1] < 40.1


async def test_what_is_hopeless_is_given_up_at_once(database_url: str, redis_url: str) -> None:
    outside = Outside()

    def fail(_effect: Effect) -> None:
        raise Hopeless("no such address")

    outside.before = fail
    tenant_id, ids = await filed(database_url, 1)
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        await take(worker, tenant_id, ids)
        await until(lambda: outside.dead == ids)
    assert look(database_url, "SELECT state, told FROM defter.effects") == [
        ("dead", "no such address")
    ]


async def test_a_bug_in_one_effect_is_tried_again_and_harms_no_other(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    tenant_id, ids = await filed(database_url, 10)

    def fail(effect: Effect) -> None:
        if effect.effect_id == ids[3]:
            raise ZeroDivisionError

    outside.before = fail
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        await take(worker, tenant_id, ids)
        await until(lambda: states(database_url, ids) == {"done": 9, "waiting": 1})
        query = "SELECT told FROM defter.effects WHERE effect_id = %s"
        await until(lambda: look(database_url, query, ids[3]) == [("ZeroDivisionError",)])


async def test_an_attempt_whose_worker_is_gone_is_made_again_and_a_late_answer_does_not_count(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    outside.gate = asyncio.Event()
    tenant_id, ids = await filed(database_url, 1)
    async with performer(database_url, redis_url, test_call=outside.kind()) as hung:
        assert await take(hung, tenant_id, ids) == 1
        look(database_url, "UPDATE defter.effects SET leased_until = now()")
        prompt = Outside()
        async with performer(database_url, redis_url, test_call=prompt.kind()) as other:
            assert await take(other, tenant_id, ids) == 1
            await until(lambda: states(database_url, ids) == {"done": 1})
        outside.gate.set()
        await until(lambda: bool(outside.done))
    rows = look(database_url, "SELECT attempt, succeeded FROM defter.effect_attempts")
    assert rows == [(2, True)]


async def test_a_target_that_hangs_keeps_nobody_else_waiting(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SLOW_SECONDS", 0.05)
    hanging, prompt = Outside(), Outside()
    hanging.gate = asyncio.Event()
    tenant_id, stuck = await filed(database_url, 60, target="stuck")
    _, quick = await filed(database_url, 10, tenant_id=tenant_id, target="quick")

    async def perform(world: World, effect: Effect) -> str:
        outside = hanging if effect.target == "stuck" else prompt
        return await outside.perform(world, effect)

    kind = limits.Kind(perform)
    async with performer(database_url, redis_url, test_call=kind) as worker:
        assert await take(worker, tenant_id, stuck[:20], "stuck") == 20
        await asyncio.sleep(0.1)
        assert await take(worker, tenant_id, stuck[20:], "stuck") == 0
        assert await take(worker, tenant_id, quick, "quick") == 10
        await until(lambda: states(database_url, quick) == {"done": 10})
        assert states(database_url, stuck) == {"waiting": 60}
        hanging.gate.set()
        await until(lambda: states(database_url, stuck) == {"done": 20, "waiting": 40})


async def test_an_operator_sees_the_dead_and_tries_them_again_or_gives_them_up(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()

    def fail(_effect: Effect) -> None:
        raise Hopeless("gone")

    outside.before = fail
    tenant_id, ids = await filed(database_url, 3)
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        await take(worker, tenant_id, ids)
        await until(lambda: states(database_url, ids) == {"dead": 3})
        async with await connect(database_url) as connection:
            dead = await listed(connection, tenant_id=tenant_id, states=["dead"])
            assert {one.effect_id for one in dead} == set(ids)
            assert {one.told for one in dead} == {"gone"}
            assert [(c.state, c.count) for c in await counts(connection)] == [("dead", 3)]
            assert set(await named(connection, ids)) == set(dead)
        await asked(database_url, tenant_id, Revive(ids[0]), GiveUp(ids[1]))
        await asked(database_url, tenant_id, Revive(ids[1]))
        outside.before = lambda _effect: None
        await take(worker, tenant_id, ids)
        await until(lambda: states(database_url, ids) == {"done": 1, "discarded": 1, "dead": 1})


async def test_effects_of_one_tenant_are_nothing_to_another(
    database_url: str, redis_url: str
) -> None:
    outside = Outside()
    _, ids = await filed(database_url, 1)
    stranger, _ = await filed(database_url, 0)
    async with performer(database_url, redis_url, test_call=outside.kind()) as worker:
        assert await take(worker, stranger, ids) == 0
    assert states(database_url, ids) == {"waiting": 1}
