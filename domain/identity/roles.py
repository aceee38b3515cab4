"""Roles: which there are, and which an account may have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.identity.account import ROLES_PER_ACCOUNT_MAX, Kind
from domain.identity.events import RoleDefined, RoleEvent, RoleRemoved
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

ROLES_MAX = 100
ROLE_PATTERN = re.compile(r"[a-z][a-z0-9_]{1,39}")
_NONE: Mapping[str, tuple[str, ...]] = {}


class RoleNotFound(NotFound):
    """There is no such role."""

    code = "identity.role_not_found"


class RoleBuiltIn(RuleBroken):
    """Built-in roles stay as they are."""

    code = "identity.role_built_in"


class RoleInvalid(Invalid):
    """A role's name is made of lower-case letters, digits and underscores."""

    code = "identity.role_invalid"


class TooManyRoles(RuleBroken):
    """A tenant, and an account, has a limited number of roles."""

    code = "identity.too_many_roles"


class RolesDoNotFit(Invalid):
    """These roles are not for an account of this kind."""

    code = "identity.roles_do_not_fit"


class BuiltIn(StrEnum):
    """The roles that every tenant has; `platform_admin` is for the platform's own staff."""

    PLATFORM_ADMIN = "platform_admin"
    TENANT_ADMIN = "tenant_admin"
    FINANCE = "finance"
    AUDITOR = "auditor"
    SUPPORT = "support"
    WAREHOUSE = "warehouse"
    DEALER = "dealer"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of a tenant's own, and their permissions."""

    CATEGORY: ClassVar[str] = "roles"
    FOLD_VERSION: ClassVar[int] = 1

    own: Mapping[str, tuple[str, ...]]

    @classmethod
    def evolve(cls, state: "Roles | None", event: RoleEvent) -> "Roles":
        own = dict(state.own) if state is not None else {}
        match event:
            case RoleDefined():
                return cls({**own, event.role: event.permissions})
            case RoleRemoved():
                return cls({name: may for name, may in own.items() if name != event.role})
            case _:
                raise AssertionError(event)


def define(
    roles: Roles | None, role: str, *, title: str, permissions: tuple[str, ...]
) -> tuple[RoleDefined, ...]:
    """Define a role of the tenant's own, or say anew what it may."""
    if not ROLE_PATTERN.fullmatch(role):
        raise RoleInvalid("a role's name has lower-case letters, digits and underscores")
    if role in set(BuiltIn):
        raise RoleBuiltIn(f"{role} is built in and stays as it is")
    own = roles.own if roles is not None else _NONE
    if role not in own and len(own) >= ROLES_MAX:
        raise TooManyRoles(f"a tenant has at most {ROLES_MAX} roles of its own")
    return (RoleDefined(role, title, permissions),)


def remove(roles: Roles | None, role: str) -> tuple[RoleRemoved, ...]:
    """Remove a role of the tenant's own; whoever has it may no longer do what it allowed."""
    if role in set(BuiltIn):
        raise RoleBuiltIn(f"{role} is built in and stays as it is")
    if roles is None or role not in roles.own:
        raise RoleNotFound("there is no such role")
    return (RoleRemoved(role),)


def check_roles(roles: Roles | None, asked: tuple[str, ...], *, kind: Kind, platform: bool) -> None:
    """Hold the roles for an account against what there is, and whom it is for.

    A customer is a customer and nothing else; staff have at least one role, and only the
    platform's own staff may have the platform's.
    """
    if len(asked) > ROLES_PER_ACCOUNT_MAX:
        raise TooManyRoles(f"an account has at most {ROLES_PER_ACCOUNT_MAX} roles")
    own = roles.own if roles is not None else _NONE
    for role in asked:
        if role not in set(BuiltIn) and role not in own:
            raise RoleNotFound(f"there is no role {role}")
    if kind is Kind.CUSTOMER:
        fits = asked == (BuiltIn.CUSTOMER,)
    else:
        fits = bool(asked) and BuiltIn.CUSTOMER not in asked
    if not fits or (BuiltIn.PLATFORM_ADMIN in asked and not platform):
        raise RolesDoNotFit("these roles are not for an account of this kind")
