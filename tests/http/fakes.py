from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from application.envelope import Envelope
from application.sending import IdempotencyKeyReused, Outcome
from domain.identity.account import Account
from domain.identity.roles import Roles
from infrastructure.audit.refusals import Refused
from infrastructure.identity.standing import Rights
from infrastructure.search.asked import Searched
from infrastructure.tenants.api_keys import hash_of
from infrastructure.tenants.directory import KeyRecord

TENANT = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
ISSUER = "https://shop.example"
KID = "5eed"


class OneKey:
    """One key that signs, and for ever."""

    generation = 0

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()

    async def keep_fresh(self) -> None:
        pass

    async def signing(self) -> tuple[str, Ed25519PrivateKey]:
        return KID, self.key

    async def public(self, kid: str) -> Ed25519PublicKey | None:
        return self.key.public_key() if kid == KID else None

    async def jwks(self) -> list[dict[str, str]]:
        return [{"kid": KID}]


class KnownAccounts:
    """Accounts that a test opened."""

    def __init__(self) -> None:
        self.known: dict[str, Account] = {}
        self.roles: Roles | None = None

    async def rights(self, tenant_id: UUID, person_id: str) -> Rights:
        return Rights(self.known.get(person_id) if tenant_id == TENANT else None, self.roles, {})

    def last_seen(self, tenant_id: UUID, person_id: str) -> None:
        """Nobody looked before."""


class PlainHashes:
    """Makes claim keys without a secret."""

    async def hash(self, tenant_id: UUID, text: str) -> str:
        return hash_of(f"{tenant_id}{text}".encode())


class RecordingForgetter:
    """Remembers who is to be forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[tuple[UUID, str]] = []

    async def __call__(self, tenant_id: UUID, person_id: str) -> None:
        self.forgotten.append((tenant_id, person_id))


class NotedRefusals:
    """Remembers what was refused."""

    def __init__(self) -> None:
        self.noted: list[Refused] = []

    def note(self, refused: Refused) -> None:
        self.noted.append(refused)


class NotedTerms:
    """Remembers what was searched for."""

    def __init__(self) -> None:
        self.noted: list[Searched] = []

    def note(self, searched: Searched) -> None:
        self.noted.append(searched)

    async def forget(self, tenant_id: UUID, person_id: str) -> None:
        gone = (tenant_id, person_id)
        self.noted = [one for one in self.noted if (one.tenant_id, one.person_id) != gone]


@dataclass
class RecordingSender:
    """Answers at once, and remembers like the log does."""

    body: bytes = b'{"transfer_id":"trf_1","entry_id":"wallet-wal_1.2"}'
    refused: bool = False
    error: Exception | None = None
    sent: list[Envelope] = field(default_factory=list[Envelope])
    known: dict[UUID, tuple[bytes, Outcome]] = field(
        default_factory=dict[UUID, tuple[bytes, Outcome]]
    )

    async def send(self, envelope: Envelope) -> Outcome:
        if self.error is not None:
            raise self.error
        earlier = self.known.get(envelope.command_id)
        if earlier is not None:
            if earlier[0] != envelope.request_hash:
                raise IdempotencyKeyReused
            return Outcome(earlier[1].position, earlier[1].refused, earlier[1].body, replayed=True)
        self.sent.append(envelope)
        outcome = Outcome(len(self.sent), self.refused, self.body)
        self.known[envelope.command_id] = (envelope.request_hash, outcome)
        return outcome

    async def add_tenant(self, tenant_id: UUID) -> None:
        pass

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | Exception]:
        answers: list[Outcome | Exception] = []
        for envelope in envelopes:
            try:
                answers.append(await self.send(envelope))
            except Exception as error:  # noqa: BLE001 - as the contract says
                answers.append(error)
        return answers


class StillClock:
    """Moves nothing, and lets the sender remember what was asked."""

    def __init__(self, sender: RecordingSender) -> None:
        self.sender = sender

    async def advance(self, asked: Envelope) -> tuple[Outcome, int]:
        return await self.sender.send(asked), 0


class KnownKeys:
    """A directory of a few keys and hosts; it counts how often it was asked."""

    def __init__(self) -> None:
        self.records: dict[str, KeyRecord] = {}
        self.hosts: dict[str, UUID] = {}
        self.asked = 0
        self.error: Exception | None = None

    def add(self, secret: str, record: KeyRecord) -> None:
        self.records[hash_of(secret.encode())] = record

    async def find(self, key_hash: str) -> KeyRecord | None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.records.get(key_hash)

    async def tenant_of_host(self, host: str) -> UUID | None:
        return self.hosts.get(host)
