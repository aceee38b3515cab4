"""Before the lock a command is run until it records something, to learn what it lacks."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.bulk import Atomically
from application.envelope import Actor, Envelope
from application.wallet.topups import TopUp
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.wallet.wallet import Status, Wallet
from infrastructure.event_log.claim_keys import SUBJECT as TENANT_ITSELF
from infrastructure.event_log.keyring import request_hasher
from infrastructure.event_log.writing.deciding import TenantBatch
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.needs import Fetched, Needs
from tests.event_log.shop import lira

TENANT = UUID("00000000-0000-4000-8000-0000000000aa")
ADA = Actor("stf_ada1", origin="203.0.113.9 till")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def asked(command: object) -> Envelope:
    return Envelope(TENANT, uuid4(), b"h" * 32, command, ADA, "looking")


def lacking(memory: LogMemory, command: object) -> set[str]:
    """Give what a look at one command notes; it must decide nothing."""
    needs = Needs()
    batch = TenantBatch(TENANT, memory, Fetched(), needs)
    batch.look(asked(command), NOW)
    assert (batch.states, batch.claims) == ({}, {})
    return {name for _, name in needs.streams | needs.subjects}


@pytest.fixture
def memory() -> LogMemory:
    """What a process knows that has met everything but the wallets."""
    memory = LogMemory(1_000_000)
    known = memory.tenant(TENANT)
    known.hasher = request_hasher(b"k" * 32)
    known.subject_keys.put(ADA.subject, AESGCM(b"k" * 32))
    known.remember(f"books-{BOOKS_KEY}", 1, Books("TRY", "Europe/Istanbul", {}), 0)
    return memory


def meet(memory: LogMemory, wallet_id: str) -> None:
    wallet = Wallet(wallet_id, "cus_1", lira(0), lira(0), 1, lira(0), {}, Status.OPEN)
    memory.tenant(TENANT).remember(f"wallet-{wallet_id}", 1, wallet, 0)


def test_what_a_command_looks_at_is_noted(memory: LogMemory) -> None:
    assert lacking(memory, TopUp("wal_0001", lira(1))) == {"wallet-wal_0001"}


def test_nothing_is_noted_where_nothing_is_lacking(memory: LogMemory) -> None:
    meet(memory, "wal_0001")
    assert lacking(memory, TopUp("wal_0001", lira(1))) == set()


def test_the_keys_of_a_tenant_and_of_who_asks_are_noted(memory: LogMemory) -> None:
    meet(memory, "wal_0001")
    known = memory.tenant(TENANT)
    known.forget_person(ADA.subject)
    known.hasher = None
    found = lacking(memory, TopUp("wal_0001", lira(1)))
    assert found == {TENANT_ITSELF, ADA.subject}


def test_each_of_many_commands_is_looked_at_although_one_before_it_recorded(
    memory: LogMemory,
) -> None:
    meet(memory, "wal_0001")
    many = Atomically(tuple(TopUp(f"wal_000{n}", lira(1)) for n in (1, 2, 3)))
    assert lacking(memory, many) == {"wallet-wal_0002", "wallet-wal_0003"}


def test_what_will_be_refused_is_looked_at_without_a_refusal(memory: LogMemory) -> None:
    meet(memory, "wal_0001")
    assert lacking(memory, TopUp("wal_0001", lira(0))) == set()
