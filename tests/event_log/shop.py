"""A tenant on a real database with a writer of its own, and how tests speak to it."""

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg

from application.envelope import Actor, Envelope, command_id_for
from application.ledger.accounts import OpenBooks
from application.sending import Outcome
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import ChooseScheme, OpenWallet
from domain.kernel.money import Money
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from tests.faults.checker import Acknowledged, Rows, balances_of, problems_of, read_rows

MASTER_KEYS = MasterKeys(b"m" * 32)
STAFF = Actor("stf_deniz", key_id="key_deniz")


def lira(minor: int) -> Money:
    """Give an amount in kuruş."""
    return Money(minor, "TRY")


class Shop:
    """One tenant. `writer` may be one of several on its log."""

    def __init__(self, writer: Writer, database_url: str, tenant_id: UUID) -> None:
        self.writer = writer
        self.database_url = database_url
        self.tenant_id = tenant_id
        self.acknowledged: dict[UUID, Acknowledged] = {}

    def envelope(
        self,
        command: object,
        *,
        key: str | None = None,
        request_hash: bytes = b"h" * 32,
        actor: Actor = STAFF,
        expects: Mapping[str, int] | None = None,
        rights_at: Mapping[str, int] | None = None,
    ) -> Envelope:
        """Put a command on its way under an idempotency key, a fresh one unless given."""
        command_id = command_id_for(self.tenant_id, actor, key or os.urandom(8).hex())
        return Envelope(
            self.tenant_id,
            command_id,
            request_hash,
            command,
            actor,
            "cor",
            expects=expects or {},
            rights_at=rights_at or {},
        )

    async def send(self, command: object, **circumstances: Any) -> Outcome:  # noqa: ANN401 - as `envelope`
        """Send a command and note what was answered."""
        envelope = self.envelope(command, **circumstances)
        outcome = await self.writer.send(envelope)
        self.note(envelope, outcome)
        return outcome

    def note(self, envelope: Envelope, outcome: Outcome) -> None:
        """Note an answer; an answer given twice must be the same."""
        told = Acknowledged(outcome.position, outcome.refused, outcome.body)
        assert self.acknowledged.setdefault(envelope.command_id, told) == told

    async def tell(self, command: object, **circumstances: Any) -> Any:  # noqa: ANN401 - a result
        """Send a command that is accepted, and give its result."""
        outcome = await self.send(command, **circumstances)
        assert not outcome.refused, outcome
        return msgspec.json.decode(outcome.body)

    async def refusal(self, command: object, **circumstances: Any) -> str:  # noqa: ANN401 - as above
        """Send a command that is refused, and give the code."""
        outcome = await self.send(command, **circumstances)
        assert outcome.refused, outcome
        return msgspec.json.decode(outcome.body)["code"]

    async def tell_all(self, commands: Sequence[object]) -> None:
        """Send independent commands together, all of which are accepted."""
        envelopes = [self.envelope(command) for command in commands]
        answers = await self.writer.send_many(envelopes)
        for envelope, outcome in zip(envelopes, answers, strict=True):
            assert isinstance(outcome, Outcome), outcome
            assert not outcome.refused, outcome
            self.note(envelope, outcome)

    async def wallets(self, count: int, minor: int = 0) -> list[str]:
        """Open wallets with some money in each."""
        ids = [f"wal_{n:08d}" for n in range(count)]
        await self.tell_all([OpenWallet(f"cus_{name}", "TRY", name) for name in ids])
        if minor:
            await self.tell_all([TopUp(name, lira(minor)) for name in ids])
        return ids

    async def transfer(self, source: str, target: str, minor: int) -> Outcome:
        """Send money from one wallet to another."""
        return await self.send(TransferFunds(source, target, lira(minor)))

    def rows(self) -> Rows:
        """Read this tenant's tables."""
        return read_rows(self.database_url, self.tenant_id)

    def balances(self) -> dict[str, int]:
        """Give what each wallet has available."""
        return balances_of(self.rows())

    def problems(self) -> list[str]:
        """Hold the log to its promises, and to what was answered."""
        return problems_of(self.rows(), self.acknowledged)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database as its owner."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    @asynccontextmanager
    async def beside(
        self,
        database_url: str | None = None,
        **settings: Any,  # noqa: ANN401 - the writer's
    ) -> AsyncGenerator["Shop"]:
        """Let another writer work on the same log."""
        async with writing(database_url or self.database_url, **settings) as writer:
            other = Shop(writer, self.database_url, self.tenant_id)
            other.acknowledged = self.acknowledged
            yield other


@asynccontextmanager
async def writing(database_url: str, **settings: Any) -> AsyncGenerator[Writer]:  # noqa: ANN401 - the writer's
    """Run a writer."""
    writer = Writer(database_url, MASTER_KEYS, **settings)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def open_shop(
    database_url: str,
    *,
    through: str | None = None,
    **settings: Any,  # noqa: ANN401 - the writer's
) -> AsyncGenerator[Shop]:
    """Open a tenant with books and a licence; its writer may go `through` a proxy."""
    async with writing(through or database_url, **settings) as writer:
        shop = Shop(writer, database_url, uuid4())
        await open_books(shop)
        yield shop


async def open_books(shop: Shop) -> None:
    """Give a tenant a log, books and a licence."""
    await shop.writer.add_tenant(shop.tenant_id)
    await shop.tell(OpenBooks("TRY", "Europe/Istanbul"))
    await shop.tell(ChooseScheme(SchemeMode.LICENSED))
