"""Add staff, give them accounts and roles, suspend them and let them back.

Where a request concerns both logs, the one whose rules may refuse it is written first; whoever was
interrupted sends it again with the same Idempotency-Key, which finishes it.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid5

import msgspec

from application.envelope import Envelope
from application.identity.accounts import (
    AccountResult,
    AssignRoles,
    OpenAccount,
    ReactivateAccount,
    SuspendAccount,
)
from application.identity.invitations import OpenStaffAccount
from application.permissions import Permission
from application.roles import scopes_of
from application.sending import Outcome
from application.tenants.standing import ReactivateStaff, SuspendStaff
from application.tenants.tenants import PLATFORM, AddStaff, StaffResult
from domain.identity.account import AccountNotFound, Kind, NotSuspended, Suspended
from domain.identity.roles import BuiltIn
from domain.tenants.tenant import StaffNotFound
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.scopes import check_scopes
from interfaces.http.identity.staff import PATH, READ_MODEL
from interfaces.http.identity.staff_shapes import (
    NothingBody,
    RolesBody,
    StaffAccountBody,
    StaffBody,
    StaffSuspensionBody,
)
from interfaces.http.routing.command import Asked
from interfaces.http.tenants.platform_log import DIRECTORY, DirectoryRoute, until_known
from interfaces.http.wire.contacts import email_address
from interfaces.http.wire.fields import Body
from projections.identity import accounts
from projections.tenants import directory

ONE_PATH = PATH + "/{staff_id}"
ADMINS_LOOKED_AT = 20
"""Of them one at least must still be an admin when another one stops being it."""

B = TypeVar("B", bound=Body)


class StaffRoute(DirectoryRoute[B]):
    """A route whose command the next one knows of: who is an admin is looked up for the rule."""

    read_model = READ_MODEL

    def tenant_of(self, exchange: Exchange) -> UUID:
        """Accounts stand in their tenant's own log."""
        return exchange.principal.tenant_id


class AddRoute(StaffRoute[StaffBody]):
    """Opens an account, and then tells the platform's log whose it is."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, hold the roles against the caller's own, send both, answer."""
        asked, fields = await self.parse(exchange)
        body, tenant_id = asked.body, exchange.principal.tenant_id
        await _check_roles(exchange, body.roles)
        command = OpenStaffAccount(await email_address(exchange, body.email), body.roles)
        envelope = self.envelope(asked, fields, command)
        outcome = await exchange.services.sender.send(envelope)
        if not outcome.refused:
            staff_id = msgspec.json.decode(outcome.body, type=AccountResult).person_id
            other = await _also(exchange, envelope, AddStaff(str(tenant_id), body.name, staff_id))
            outcome = outcome._replace(refused=other.refused, body=other.body)
        await self.answer(asked, outcome)


class AccountRoute(StaffRoute[StaffAccountBody]):
    """Opens an account for a staff member who only has keys."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the staff member up, send, answer."""
        asked, fields = await self.parse(exchange)
        body, staff_id = asked.body, asked.path["staff_id"]
        await _check_roles(exchange, body.roles)
        async with exchange.services.reads.tenant(PLATFORM, projections=(DIRECTORY,)) as view:
            tenant_id = exchange.principal.tenant_id
            known = await directory.member(view.connection, PLATFORM, tenant_id, staff_id)
        if known is None:
            raise StaffNotFound("this tenant has no such staff member")
        email = await email_address(exchange, body.email)
        command = OpenAccount(staff_id, Kind.STAFF, email, body.roles)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


class RolesRoute(StaffRoute[RolesBody]):
    """Gives roles that allow no more than the caller may."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, hold the roles against the caller's own, send, answer."""
        asked, fields = await self.parse(exchange)
        roles = asked.body.roles
        await _check_roles(exchange, roles)
        command = AssignRoles(asked.path["staff_id"], roles, await _admins(exchange))
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


class StandingRoute(StaffRoute[B]):
    """Changes how an account stands, if there is one, and then the keys of its person.

    A refusal in `passing` says that there is nothing to do with the account.
    """

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        command: Any,  # noqa: ANN401 - as CommandRoute
        body: type[B],
        first: Callable[[Asked[B]], Awaitable[object]],
        then: Callable[[Asked[B]], object],
        *,
        passing: frozenset[str],
        summary: str,
    ) -> None:
        super().__init__(
            path,
            command,
            body,
            permission=Permission.IDENTITY_MANAGE,
            result=StaffResult,
            summary=summary,
            status=200,
            moves_money=False,
            staff_only=True,
        )
        self._first = first
        self._then = then
        self._passing = passing

    async def respond(self, exchange: Exchange) -> None:
        """Parse, send both, answer."""
        asked, fields = await self.parse(exchange)
        envelope = self.envelope(asked, fields, await self._first(asked))
        outcome = await exchange.services.sender.send(envelope)
        if not outcome.refused or _code_of(outcome) in self._passing:
            other = await _also(exchange, envelope, self._then(asked))
            outcome = outcome._replace(refused=other.refused, body=other.body)
        await self.answer(asked, outcome)


async def _also(exchange: Exchange, first: Envelope, command: Any) -> Outcome:  # noqa: ANN401 - a command
    """Send the platform's half, under an id that follows from the first half's."""
    command_id = uuid5(first.command_id, command.NAME)
    envelope = first._replace(tenant_id=PLATFORM, command_id=command_id, command=command)
    outcome = await exchange.services.sender.send(envelope)
    if not outcome.refused:
        await until_known(exchange, outcome.position)
    return outcome


async def _check_roles(exchange: Exchange, roles: tuple[str, ...]) -> None:
    """Refuse to give more than the caller may do; unknown roles are refused by the log."""
    principal = exchange.principal
    rights = await exchange.services.accounts.rights(principal.tenant_id, principal.actor_id)
    check_scopes(principal, scopes_of(roles, rights.roles))


async def _admins(exchange: Exchange) -> tuple[str, ...]:
    """Look up who could still manage everything; the log holds them against the rule."""
    tenant_id = exchange.principal.tenant_id
    role = BuiltIn.PLATFORM_ADMIN if tenant_id == PLATFORM else BuiltIn.TENANT_ADMIN
    async with exchange.services.reads.tenant(tenant_id, projections=(READ_MODEL,)) as view:
        return await accounts.having_role(
            view.connection, tenant_id, role.value, limit=ADMINS_LOOKED_AT
        )


def _code_of(outcome: Outcome) -> str:
    return msgspec.json.decode(outcome.body)["code"]


async def _suspend_account(asked: Asked[StaffSuspensionBody]) -> SuspendAccount:
    admins = await _admins(asked.exchange)
    return SuspendAccount(asked.path["staff_id"], asked.body.reason, admins)


def _suspend_keys(asked: Asked[StaffSuspensionBody]) -> SuspendStaff:
    return SuspendStaff(str(asked.exchange.principal.tenant_id), asked.path["staff_id"])


async def _reactivate_account(asked: Asked[NothingBody]) -> ReactivateAccount:
    return ReactivateAccount(asked.path["staff_id"])


def _reactivate_keys(asked: Asked[NothingBody]) -> ReactivateStaff:
    return ReactivateStaff(str(asked.exchange.principal.tenant_id), asked.path["staff_id"])


ADD = AddRoute(
    PATH,
    OpenStaffAccount,
    StaffBody,
    permission=Permission.IDENTITY_MANAGE,
    result=StaffResult,
    summary="Add a staff member, who may log in with these roles",
    moves_money=False,
    staff_only=True,
)

OPEN_ACCOUNT = AccountRoute(
    f"{ONE_PATH}/account",
    OpenAccount,
    StaffAccountBody,
    permission=Permission.IDENTITY_MANAGE,
    result=AccountResult,
    summary="Let a staff member who only has keys log in",
    moves_money=False,
    staff_only=True,
)

ASSIGN_ROLES = RolesRoute(
    f"{ONE_PATH}/roles",
    AssignRoles,
    RolesBody,
    permission=Permission.IDENTITY_MANAGE,
    result=AccountResult,
    summary="Give a staff member these roles and no others",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)

SUSPEND = StandingRoute(
    f"{ONE_PATH}/suspension",
    SuspendStaff,
    StaffSuspensionBody,
    _suspend_account,
    _suspend_keys,
    passing=frozenset({AccountNotFound.code, Suspended.code}),
    summary="Let a staff member neither log in nor use their keys",
)

REACTIVATE = StandingRoute(
    f"{ONE_PATH}/reactivation",
    ReactivateStaff,
    NothingBody,
    _reactivate_account,
    _reactivate_keys,
    passing=frozenset({AccountNotFound.code, NotSuspended.code}),
    summary="Let a suspended staff member back",
)
