"""What the REST interface needs of the rest; the composition builds it, tests build their own."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from uuid import UUID

from application.envelope import Envelope
from application.sending import BulkSender, Outcome, Sender
from infrastructure.audit.personal_reads import PersonalReads
from infrastructure.audit.refusals import Refused
from infrastructure.catalog.kept_answers import KeptAnswers
from infrastructure.event_log.opening import Opener
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.passwords import Passwords
from infrastructure.identity.standing import Rights
from infrastructure.identity.vault import Vault
from infrastructure.observability.logs import AccessLog, LineWriter
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.redis.quota import Quota, Rate
from infrastructure.search.asked import Searched
from infrastructure.search.engine import SearchEngine
from infrastructure.search.meanings import KeptMeanings
from infrastructure.search.postgres import PostgresSearch
from infrastructure.settings import Settings
from infrastructure.tenants.directory import KeyDirectory
from infrastructure.tenants.settings import TenantSettings
from projections.query import Asked, Rows


class CommandSender(Sender, BulkSender, Protocol):
    """Whoever takes single commands and many at once, and begins new logs."""

    async def add_tenant(self, tenant_id: UUID) -> None:
        """Begin a tenant's log, once."""
        ...


class View(Protocol):
    """Read models of one tenant at one moment."""

    @property
    def connection(self) -> PipelinedConnection:
        """The transaction to ask through."""
        ...

    @property
    def position(self) -> int:
        """The position that all answers of this view hold."""
        ...

    @property
    def told(self) -> Sequence[Rows]:
        """The rows of what was asked with its beginning."""
        ...

    async def last(self, *asked: Asked) -> list[Rows]:
        """Ask what is left to ask: the view ends in the same round trip."""
        ...


class Clock(Protocol):
    """Moves a test tenant's clock."""

    async def advance(self, asked: Envelope) -> tuple[Outcome, int]:
        """Carry out an `AdvanceClock` with all that becomes due; also tell how much that was."""
        ...


class ClaimKeys(Protocol):
    """Makes of personal text what a claim may hold."""

    async def hash(self, tenant_id: UUID, text: str) -> str:
        """Give the keyed hash of a text, the same for the same text of one tenant."""
        ...


class Forgets(Protocol):
    """Removes what stands of a person beside the log."""

    async def __call__(self, tenant_id: UUID, person_id: str) -> None:
        """Remove it at once."""
        ...


class AccountRights(Protocol):
    """Tells how accounts stand."""

    async def rights(self, tenant_id: UUID, person_id: str) -> Rights:
        """Give the account and the roles as of now."""
        ...

    def last_seen(self, tenant_id: UUID, person_id: str) -> Rights | None:
        """Give them as they were seen last, without a look; None where they never were."""
        ...


class Origins(Protocol):
    """Tells which web origins a tenant's pages come from."""

    async def of(self, tenant_id: UUID) -> frozenset[str]:
        """Give the origins that a tenant allows, each as scheme://host[:port]."""
        ...


class NoOrigins:
    """No tenant allows any."""

    async def of(self, tenant_id: UUID) -> frozenset[str]:  # noqa: ARG002 - none, whoever asks
        """Give none."""
        return frozenset()


class Rules(Protocol):
    """Tells how often a tenant lets its operations be asked."""

    async def of(self, tenant_id: UUID) -> tuple[str, ...]:
        """Give a tenant's rules, each as `operation requests/seconds`."""
        ...


class NoRules:
    """No tenant has any."""

    async def of(self, tenant_id: UUID) -> tuple[str, ...]:  # noqa: ARG002 - none, whoever asks
        """Give none."""
        return ()


class RefusalsKept(Protocol):
    """Keeps what was refused to whom."""

    def note(self, refused: Refused) -> None:
        """Take a refusal, without waiting for anything."""
        ...


class TermsKept(Protocol):
    """Keeps what is searched for."""

    def note(self, searched: Searched) -> None:
        """Take a question, without waiting for anything."""
        ...

    async def forget(self, tenant_id: UUID, person_id: str) -> None:
        """Forget what a customer searched for."""
        ...


class Reads(Protocol):
    """Where questions are asked."""

    def tenant(
        self,
        tenant_id: UUID,
        *,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = 2.0,
        asked: Sequence[Asked] = (),
    ) -> AbstractAsyncContextManager[View]:
        """Look at read models; raises `NotCaughtUp` if they stay behind `min_position`.

        What is `asked` comes with the beginning of the view.
        """
        ...

    async def ask(
        self,
        tenant_id: UUID,
        *asked: Asked,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = 2.0,
    ) -> tuple[int, list[Rows]]:
        """Ask several questions of one moment in one round trip; raises as `tenant` does.

        Gives the position that the answers hold, and the rows of each.
        """
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """How a part of the service is. `required` says that nothing works without it."""

    part: str
    well: bool
    required: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """A part that can be asked how it is."""

    name: str
    required: bool
    look: Callable[[], Awaitable[Health]]


@dataclass(frozen=True)
class Services:
    """The parts that routes talk to."""

    settings: Settings
    sender: CommandSender
    reads: Reads
    opener: Opener
    quota: Quota
    directory: KeyDirectory
    metrics: Metrics
    lines: LineWriter
    clock: Clock
    claim_keys: ClaimKeys
    tokens: AccessTokens
    accounts: AccountRights
    refusals: RefusalsKept
    asked_terms: TermsKept
    vault: Vault
    passwords: Passwords
    tenant_settings: TenantSettings
    forgetting: Forgets
    search: SearchEngine = field(default_factory=PostgresSearch)
    meanings: KeptMeanings = field(default_factory=KeptMeanings)
    origins: Origins = field(default_factory=NoOrigins)
    rules: Rules = field(default_factory=NoRules)
    tracer: Tracer | None = None
    health: Sequence[HealthPart] = ()
    lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None
    access: AccessLog = field(init=False)
    personal_reads: PersonalReads = field(init=False)
    kept_answers: KeptAnswers = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "access", AccessLog(self.lines))
        object.__setattr__(self, "personal_reads", PersonalReads(self.sender))
        kept_answers = KeptAnswers(self.settings.catalog_kept_bytes)
        object.__setattr__(self, "kept_answers", kept_answers)

    @cached_property
    def rate(self) -> Rate:
        """The quota of a key."""
        return Rate(self.settings.key_quota_per_second, self.settings.key_quota_burst)
