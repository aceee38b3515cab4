"""A new tenant, ready to trade: its log, books and scheme, its staff, their keys and accounts.

Every command's id derives from the tenant's slug, or from the request for it, and the step, so that
whoever was interrupted starts again and gets the same tenant. Secrets are made by the caller
beforehand: only their hashes come here. An operator keeps them, and a repetition with the same ones
changes nothing; a repeated request comes with new ones, and meets the keys that the first one made.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple, Protocol
from uuid import UUID, uuid5

import msgspec
from iso4217 import Currency

from application.envelope import Actor, Envelope
from application.identity.accounts import OpenAccount
from application.identity.logins import EmailAddress
from application.ledger.accounts import OpenBooks
from application.permissions import EVERYTHING, Permission
from application.roles import PERMISSIONS_OF
from application.sending import IdempotencyKeyReused, Outcome
from application.tenants.keys import IssueKey
from application.tenants.tenants import PLATFORM, PLATFORM_SLUG, AddStaff, CreateTenant
from application.wallet.wallets import ChooseScheme
from domain.identity.account import Kind
from domain.identity.roles import BuiltIn
from domain.kernel.refusals import Refusal
from domain.ledger.books import open_books
from domain.tenants.tenant import SLUG_PATTERN, KeyKind, SlugInvalid
from domain.wallet.scheme import SchemeMode
from infrastructure.tenants.api_keys import NewApiKey

TENANT_NAMESPACE = UUID("0c4f1d9a-6c0e-5f6e-8a63-6b1f0f2f9d57")
OPERATOR = Actor("sys_operator")
"""Who acts where a person with access to the server does, and no tenant's staff."""

FINANCE_SCOPES = (EVERYTHING,)
AUDITOR_SCOPES = tuple(sorted(one.value for one in PERMISSIONS_OF[BuiltIn.AUDITOR]))

PLATFORM_SCOPES = (EVERYTHING, Permission.TENANTS_MANAGE.value)
"""Of the platform's own admins: what concerns all tenants is not in `*`."""

SECRETS = frozenset({"key_hash", "hint"})


class CommandRefused(RuntimeError):
    """The log's rules said no; `code` is the refusal's public code, `kind` what sort it is."""

    def __init__(self, code: str, detail: str, *, kind: str = "invalid") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.kind = kind


class TenantDiffers(CommandRefused):
    """There is a tenant with this slug, made from other particulars."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            "tenants.exists",
            f"there is a tenant {slug!r} already, made with other particulars",
            kind="rule_broken",
        )


class TenantSender(Protocol):
    """What takes commands to logs and begins new ones: the writer."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Decide and write one command."""
        ...

    async def add_tenant(self, tenant_id: UUID) -> None:
        """Begin a tenant's log, once."""
        ...


class _Command(Protocol):
    NAME: ClassVar[str]


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A person who works for the tenant: the key that acts as them, and how they log in."""

    name: str
    scopes: tuple[str, ...]
    key: NewApiKey | None = None
    email: EmailAddress | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTenant:
    """Everything a tenant begins with. A `test` tenant holds no real money."""

    slug: str
    name: str
    base_currency: str
    time_zone: str
    mode: SchemeMode
    test: bool
    staff: tuple[NewStaff, ...] = ()
    publishable_key: NewApiKey | None = None

    @property
    def tenant_id(self) -> UUID:
        """The id that the slug leads to, always the same."""
        return tenant_id_of(self.slug)


@dataclass(frozen=True, slots=True)
class Onboarded:
    """The tenant, its staff in the order given, and the ids of the keys by their hints."""

    tenant_id: UUID
    staff_ids: tuple[str, ...]
    key_ids: tuple[str, ...]
    position: int
    """Where the platform's log stands: look-ups of keys work once it is projected."""
    replayed: bool = False
    """Whether its keys were made by an earlier attempt, and their secrets are known to that."""


class Request(NamedTuple):
    """Who wants a tenant, and under which id: the same id makes it once."""

    command_id: UUID
    actor: Actor
    correlation_id: str


class Done(NamedTuple):
    """What a command led to: its result as JSON, and where the log stands."""

    body: Any
    position: int
    replayed: bool


def tenant_id_of(tenant: str) -> UUID:
    """Give a tenant's id, from its slug or from the id as text."""
    if tenant == PLATFORM_SLUG:
        return PLATFORM
    try:
        return UUID(tenant)
    except ValueError:
        return uuid5(TENANT_NAMESPACE, tenant)


async def found_platform(writer: TenantSender, admin: NewStaff | None = None) -> Onboarded:
    """Let the platform be a tenant of itself, so that its staff have keys and accounts as any's."""
    await writer.add_tenant(PLATFORM)
    steps = _Steps(writer, PLATFORM_SLUG, _of_operator(PLATFORM))
    tenant = str(PLATFORM)
    await steps.take(PLATFORM, "create", CreateTenant(tenant, PLATFORM_SLUG, "Platform"))
    staff = () if admin is None else (admin,)
    return await _staffed(steps, PLATFORM, staff, publishable_key=None)


async def onboard(
    writer: TenantSender, new: NewTenant, request: Request | None = None
) -> Onboarded:
    """Make a tenant, or finish what an earlier attempt began; raises `CommandRefused`."""
    tenant_id, tenant = new.tenant_id, str(new.tenant_id)
    _check(new)
    await found_platform(writer)
    await writer.add_tenant(tenant_id)
    steps = _Steps(writer, new.slug, request or _of_operator(tenant_id))
    await steps.take(PLATFORM, "create", CreateTenant(tenant, new.slug, new.name, new.test))
    await steps.take(tenant_id, "books", OpenBooks(new.base_currency, new.time_zone))
    await steps.take(tenant_id, "scheme", ChooseScheme(new.mode))
    return await _staffed(steps, tenant_id, new.staff, publishable_key=new.publishable_key)


async def _staffed(
    steps: "_Steps",
    tenant_id: UUID,
    staff: tuple[NewStaff, ...],
    *,
    publishable_key: NewApiKey | None,
) -> Onboarded:
    tenant = str(tenant_id)
    staff_ids: list[str] = []
    key_ids: list[str] = []
    for index, person in enumerate(staff):
        added = await steps.take(PLATFORM, f"staff-{index}", AddStaff(tenant, person.name))
        staff_ids.append(added["staff_id"])
        if person.key is not None:
            command = _key(tenant, KeyKind.SECRET, person.key, staff_ids[-1], person.scopes)
            key_ids.append((await steps.take(PLATFORM, f"key-{index}", command))["key_id"])
        if person.email is not None:
            opened = OpenAccount(staff_ids[-1], Kind.STAFF, person.email, person.roles)
            await steps.take(tenant_id, f"account-{index}", opened)
    if publishable_key is not None:
        command = _key(tenant, KeyKind.PUBLISHABLE, publishable_key, None, ())
        key_ids.append((await steps.take(PLATFORM, "publishable", command))["key_id"])
    return Onboarded(tenant_id, tuple(staff_ids), tuple(key_ids), steps.position, steps.replayed)


async def order(
    writer: TenantSender, log: UUID, command: _Command, *, command_id: UUID
) -> tuple[Any, int]:
    """Send an operator's command to a log; gives its result and the log's position.

    Raises `CommandRefused`, and `IdempotencyKeyReused` where the id stood for another command.
    """
    body, position, _ = await _carry_out(writer, log, command, _of_operator(command_id))
    return body, position


async def _carry_out(
    writer: TenantSender,
    log: UUID,
    command: _Command,
    request: Request,
    *,
    leaving: frozenset[str] = frozenset(),
) -> Done:
    """Send a command; the fields `leaving` may differ where it is repeated."""
    fields = {
        name: value
        for name, value in asdict(command).items()  # type: ignore[call-overload] - every command is a dataclass
        if value is not None and name not in leaving
    }
    asked = hashlib.sha256(msgspec.json.encode([command.NAME, fields], order="sorted")).digest()
    command_id, actor, correlation_id = request
    outcome = await writer.send(Envelope(log, command_id, asked, command, actor, correlation_id))
    body = msgspec.json.decode(outcome.body)
    if outcome.refused:
        raise CommandRefused(body["code"], body["detail"], kind=body["kind"])
    return Done(body, outcome.position, outcome.replayed)


def _of_operator(command_id: UUID) -> Request:
    return Request(command_id, OPERATOR, str(command_id))


def _check(new: NewTenant) -> None:
    # A refusal is final for its command id, so what can be known before is found before.
    try:
        open_books(None, base_currency=new.base_currency, time_zone=new.time_zone)
        Currency(new.base_currency)
    except Refusal as refusal:
        raise CommandRefused(refusal.code, refusal.detail) from refusal
    except ValueError as unknown:
        detail = f"{new.base_currency!r} is no ISO 4217 currency"
        raise CommandRefused("money.unknown_currency", detail) from unknown
    if not SLUG_PATTERN.fullmatch(new.slug):
        raise CommandRefused(SlugInvalid.code, "a slug has lower-case letters, digits, hyphens")


class _Steps:
    """Commands whose ids derive from the request and the step's name."""

    def __init__(self, writer: TenantSender, slug: str, request: Request) -> None:
        self._writer = writer
        self._slug = slug
        self._request = request
        self._leaving = SECRETS if request.actor != OPERATOR else frozenset[str]()
        self.position = 0
        self.replayed = False

    async def take(self, log: UUID, step: str, command: _Command) -> Any:  # noqa: ANN401 - JSON
        command_id = uuid5(self._request.command_id, f"onboard/{step}")
        request = self._request._replace(command_id=command_id)
        try:
            done = await _carry_out(self._writer, log, command, request, leaving=self._leaving)
        except IdempotencyKeyReused as other:
            if request.actor != OPERATOR:
                raise
            raise TenantDiffers(self._slug) from other
        if log == PLATFORM:
            self.position = max(self.position, done.position)
        if isinstance(command, IssueKey):
            self.replayed |= done.replayed
        return done.body


def _key(
    tenant: str, kind: KeyKind, key: NewApiKey, staff_id: str | None, scopes: Iterable[str]
) -> IssueKey:
    return IssueKey(tenant, kind, key.key_hash, key.hint, staff_id=staff_id, scopes=tuple(scopes))
