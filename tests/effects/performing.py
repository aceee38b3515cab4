"""Effects that tests file and perform: kinds that note what is asked, and fail on demand."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg

from application.process import GiveUp, Perform, Revive
from infrastructure.effects.effect import Effect, Kind, World
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.postgres.connections import connect
from infrastructure.processes.filing import Filed, effect_id_of, file
from infrastructure.projections.checkpoints import begin
from infrastructure.settings import Settings, load_settings
from tests.processes.following import SenderThatNotes

MASTER_KEY = b"m" * 32


class Outside:
    """What effects are performed on: it counts, and does what it is told first."""

    def __init__(self) -> None:
        self.done: Counter[UUID] = Counter()
        self.before: Callable[[Effect], None] = lambda _effect: None
        self.gate: asyncio.Event | None = None
        self.dead: list[UUID] = []

    async def perform(self, world: World, effect: Effect) -> str:
        assert world is not None
        if self.gate is not None:
            await self.gate.wait()
        self.before(effect)
        self.done[effect.effect_id] += 1
        return "done well"

    async def give_up(self, world: World, effect: Effect) -> None:
        assert world is not None
        self.dead.append(effect.effect_id)

    def kind(self, **limits: Any) -> Kind:  # noqa: ANN401 - of `Kind`
        return Kind(self.perform, dead=self.give_up, **limits)


def settings_of(database_url: str, redis_url: str) -> Settings:
    key = base64.b64encode(MASTER_KEY).decode()
    return load_settings(database_url=database_url, redis_url=redis_url, master_keys=key)


@asynccontextmanager
async def performer(database_url: str, redis_url: str, **kinds: Kind) -> AsyncGenerator[Performer]:
    settings = settings_of(database_url, redis_url)
    made = Performer(
        database_url,
        settings,
        Opener(MasterKeys(MASTER_KEY)),
        SenderThatNotes(),  # type: ignore[arg-type] - these kinds send nothing
        kinds={name.replace("_", ".", 1): kind for name, kind in kinds.items()},
    )
    async with made.running():
        yield made


async def filed(
    database_url: str,
    count: int,
    *,
    tenant_id: UUID | None = None,
    target: str = "x",
    bulk: bool = False,
) -> tuple[UUID, list[UUID]]:
    """File effects of the kind `test.call` in a new tenant; gives the tenant and their ids."""
    tenant_id = tenant_id or uuid4()
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "INSERT INTO defter.log_head VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,)
        )
    events = [uuid4() for _ in range(count)]
    async with await connect(database_url) as connection:
        await begin(connection, tenant_id)
        await file(
            connection,
            tenant_id,
            [
                Filed(n, event, Perform("test.call", target, bulk=bulk))
                for n, event in enumerate(events, 1)
            ],
        )
        await connection.execute("COMMIT")
    return tenant_id, [effect_id_of(event, "test.call", target) for event in events]


async def asked(database_url: str, tenant_id: UUID, *reactions: Revive | GiveUp) -> None:
    """Let a process do what staff ask of effects."""
    async with await connect(database_url) as connection:
        await begin(connection, tenant_id)
        filed = [Filed(1, uuid4(), reaction) for reaction in reactions]
        assert await file(connection, tenant_id, filed) == len(reactions)
        await connection.execute("COMMIT")


def states(database_url: str, ids: Sequence[UUID]) -> Counter[str]:
    with psycopg.connect(database_url) as owner:
        rows = owner.execute(
            "SELECT state FROM defter.effects WHERE effect_id = ANY(%s)", (list(ids),)
        ).fetchall()
    return Counter(row[0] for row in rows)


def look(database_url: str, query: str, *given: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url, autocommit=True) as owner:
        cursor = owner.execute(query.encode(), given)
        return cursor.fetchall() if cursor.description else []
