"""A shop whose events are delivered: its process, its effects and a worker, taken on by hand."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from application.channels.endpoints import RegisterEndpoint
from application.processes.webhooks import REPLAY, WEBHOOK, WEBHOOKS
from application.wallet.wallets import OpenWallet
from infrastructure.channels.posting import Network
from infrastructure.channels.replays import REPLAYS
from infrastructure.channels.webhooks import Webhooks
from infrastructure.effects.effect import Effect, Kind, World
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from tests.effects.performing import look, settings_of
from tests.event_log.shop import MASTER_KEYS, Shop, open_shop
from tests.kit.endpoints import HOOK, SECRET
from tests.processes.following import follow_to_the_end
from tests.projections.stepping import until

_DUE = """
SELECT effect, target, array_agg(effect_id ORDER BY position) FROM defter.effects
WHERE tenant_id = %s AND state = 'waiting' AND leased_until IS NULL GROUP BY effect, target
"""
_UNDER_WAY = """
SELECT count(*) FROM defter.effects WHERE tenant_id = %s AND leased_until IS NOT NULL
"""
_DEAD = "SELECT effect_id FROM defter.effects WHERE tenant_id = %s AND state = 'dead'"
_DELIVERIES = """
SELECT position, state, told FROM defter.effects
WHERE tenant_id = %s AND effect = 'channels.webhook' AND target = %s ORDER BY position
"""


class Hooked:
    """A shop and a worker that delivers its events."""

    def __init__(self, shop: Shop, worker: Performer) -> None:
        self.shop = shop
        self.worker = worker
        self.heard: set[UUID] = set()
        """Deliveries whose end was heard of."""

    async def register(self, url: str, *types: str, **fields: Any) -> int:  # noqa: ANN401 - of the command
        """Register an endpoint and give the position of that; `test` unless said otherwise."""
        given: dict[str, Any] = {"secret": SECRET, "test": True, "endpoint_id": HOOK} | fields
        outcome = await self.shop.send(RegisterEndpoint(url, types or ("*",), **given))
        assert not outcome.refused, outcome
        return outcome.position

    async def wallets(self, count: int, *, first: int = 1) -> None:
        """Let something happen so many times."""
        for n in range(first, first + count):
            await self.shop.tell(OpenWallet(f"cus_{n:04}", "TRY", f"wal_{n:04}"))

    async def file(self) -> None:
        """Let the process reach the end of the log."""
        processes = Processes(self.shop.writer, processes=[WEBHOOKS])
        async with await connect(self.shop.database_url) as connection:
            assert await follow_to_the_end(connection, self.shop.tenant_id, processes) == ()

    async def attempt(self) -> None:
        """File what there is and make one attempt at everything that waits."""
        await self.file()
        for effect, target, ids in look(self.shop.database_url, _DUE, self.shop.tenant_id):
            taken = await self.worker.take(self.shop.tenant_id, effect, target, ids)
            assert taken == len(ids)
        url, tenant_id = self.shop.database_url, self.shop.tenant_id
        await until(lambda: look(url, _UNDER_WAY, tenant_id) == [(0,)])
        await until(lambda: {row[0] for row in look(url, _DEAD, tenant_id)} <= self.heard)

    def deliveries(self, endpoint_id: str = HOOK) -> list[tuple[int, str, str]]:
        """Give position, state and what was told of each delivery."""
        return look(self.shop.database_url, _DELIVERIES, self.shop.tenant_id, endpoint_id)

    def ids(self) -> Sequence[UUID]:
        """Give the ids of all deliveries."""
        query = "SELECT effect_id FROM defter.effects WHERE effect = %s ORDER BY position"
        return [row[0] for row in look(self.shop.database_url, query, WEBHOOK)]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Give what the log says of a type of event."""
        query = (
            "SELECT data FROM defter.events WHERE tenant_id = %s AND type = %s ORDER BY position"
        )
        rows = look(self.shop.database_url, query, self.shop.tenant_id, name)
        return [msgspec.json.decode(row[0]) for row in rows]


@asynccontextmanager
async def hooked(
    database_url: str,
    redis_url: str,
    *,
    network: Network | None = None,
    **limits: Any,  # noqa: ANN401 - of `Kind`
) -> AsyncGenerator[Hooked]:
    """Open a shop whose events a worker delivers."""
    async with open_shop(database_url) as shop:
        async with delivering(shop, redis_url, MASTER_KEYS, network, **limits) as opened:
            yield opened
        assert shop.problems() == []


@asynccontextmanager
async def delivering(
    shop: Shop,
    redis_url: str,
    master_keys: MasterKeys,
    network: Network | None = None,
    **limits: Any,  # noqa: ANN401 - of `Kind`
) -> AsyncGenerator[Hooked]:
    """Let a worker deliver a shop's events; an attempt is the last one unless said otherwise."""
    webhooks = Webhooks(network)

    async def dead(world: World, effect: Effect) -> None:
        await webhooks.dead(world, effect)
        opened.heard.add(effect.effect_id)

    given = {"attempts_max": 1} | limits
    kind = Kind(webhooks.perform, dead=dead, close=webhooks.close, **given)
    performer = Performer(
        shop.database_url,
        settings_of(shop.database_url, redis_url),
        Opener(master_keys),
        shop.writer,
        kinds={WEBHOOK: kind, REPLAY: REPLAYS},
    )
    async with performer.running() as worker:
        opened = Hooked(shop, worker)
        yield opened
