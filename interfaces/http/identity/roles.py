"""Roles and permissions: which there are, and the tenant's own."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from application.identity.roles import DefineRole, RemoveRole, RoleResult
from application.permissions import MEANINGS, Permission
from application.roles import PERMISSIONS_OF
from application.tenants.tenants import PLATFORM
from domain.identity.events import ROLES_KEY, RoleDefined
from domain.identity.roles import BuiltIn, Roles
from domain.kernel.events import stream_of
from infrastructure.processes.passing import read_stream
from interfaces.http.edge.exchange import Exchange, Principal
from interfaces.http.edge.scopes import check_scopes
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import POSITION_MAX, Answer, Params, QueryRoute, Question
from interfaces.http.wire.fields import Body, Name

PATH = "/api/admin/roles"
ONE_PATH = PATH + "/{role}"

STREAM = stream_of(Roles.CATEGORY, ROLES_KEY)


def _known(permission: str) -> str:
    if permission not in set(Permission):
        raise PydanticCustomError("identity.unknown_permission", "there is no such permission")
    return permission


PermissionName = Annotated[
    str,
    Field(
        max_length=64, examples=["wallet.read"], json_schema_extra={"enum": [*sorted(Permission)]}
    ),
    AfterValidator(_known),
]


class RoleBody(Body):
    """What a role of the tenant's own is called and may do: all of it, each time."""

    title: Name = Field(examples=["Wallet desk"])
    permissions: Annotated[
        tuple[PermissionName, ...], Field(strict=False, max_length=len(Permission))
    ]


class NoBody(Body):
    """Nothing more to say."""


class RoleView(BaseModel):
    """A role. Built-in ones stay as they are."""

    role: str = Field(examples=["tenant_admin"])
    title: str
    built_in: bool
    permissions: list[str]


class RolesView(BaseModel):
    """All roles that the tenant can give."""

    items: list[RoleView]


class PermissionView(BaseModel):
    """A permission, and what it allows."""

    permission: str = Field(examples=["wallet.read"])
    allows: str


class PermissionsView(BaseModel):
    """All permissions that the tenant can give."""

    items: list[PermissionView]


class DefineRoute(CommandRoute[RoleBody]):
    """Defines a role that may do no more than whoever defines it."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, hold it against the caller's own permissions, send, answer."""
        asked, fields = await self.parse(exchange)
        body = asked.body
        check_scopes(exchange.principal, body.permissions)
        command = DefineRole(asked.path["role"], body.title, body.permissions)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


def _remove(asked: Asked[NoBody]) -> RemoveRole:
    return RemoveRole(asked.path["role"])


async def _roles(question: Question[Params]) -> Answer:
    """Asked of the log itself: roles change seldom, and whoever has one is asked there too."""
    principal = question.exchange.principal
    roles: Roles | None = None
    titles: dict[str, str] = {}
    async with question.view() as view:
        events = await read_stream(view.connection, principal.tenant_id, STREAM, until=POSITION_MAX)
    for event in events:
        roles = Roles.evolve(roles, event)  # type: ignore[arg-type] - of this stream
        if isinstance(event, RoleDefined):
            titles[event.role] = event.title
    items = [
        _told(role.value, role.value.replace("_", " ").capitalize(), permissions, built_in=True)
        for role, permissions in PERMISSIONS_OF.items()
        if role is not BuiltIn.PLATFORM_ADMIN or _of_platform(principal)
    ]
    for role, permissions in sorted(roles.own.items() if roles is not None else ()):
        items.append(_told(role, titles[role], permissions, built_in=False))
    return Answer({"items": items})


def _told(role: str, title: str, permissions: Iterable[str], *, built_in: bool) -> dict[str, Any]:
    may = sorted(permissions)
    return {"role": role, "title": title, "built_in": built_in, "permissions": may}


async def _permissions(question: Question[Params]) -> Answer:
    principal = question.exchange.principal
    items = [
        {"permission": permission.value, "allows": allows}
        for permission, allows in MEANINGS.items()
        if permission.of_tenants or _of_platform(principal)
    ]
    return Answer({"items": items})


def _of_platform(principal: Principal) -> bool:
    return principal.tenant_id == PLATFORM


DEFINE = DefineRoute(
    ONE_PATH,
    DefineRole,
    RoleBody,
    permission=Permission.IDENTITY_ROLES,
    result=RoleResult,
    summary="Define a role, or say anew what it may",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)

REMOVE = CommandRoute(
    ONE_PATH,
    RemoveRole,
    NoBody,
    _remove,
    permission=Permission.IDENTITY_ROLES,
    result=RoleResult,
    summary="Remove a role of the tenant's own",
    method="DELETE",
    status=200,
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    Params,
    _roles,
    permission=Permission.IDENTITY_READ,
    result=RolesView,
    summary="List roles, built-in ones and the tenant's own",
    name="identity_roles",
    staff_only=True,
)

PERMISSIONS = QueryRoute(
    "/api/admin/permissions",
    Params,
    _permissions,
    permission=Permission.IDENTITY_READ,
    result=PermissionsView,
    summary="List permissions and what they allow",
    name="identity_permissions",
    staff_only=True,
)
