"""Roles of a tenant's own: define, remove."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.permissions import Permission
from domain.identity import roles
from domain.identity.events import ROLES_KEY
from domain.identity.roles import RoleInvalid, Roles


@dataclass(frozen=True, slots=True)
class DefineRole:
    """Define a role, or say anew what it may; whoever has it may so from the next request on."""

    NAME: ClassVar[str] = "identity.define_role"

    role: str
    title: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleResult:
    """The role's name."""

    role: str


def define_role(command: DefineRole, book: Book) -> RoleResult:
    """Define a role with permissions that a tenant may give."""
    unknown = set(command.permissions) - {one.value for one in Permission if one.of_tenants}
    if unknown:
        raise RoleInvalid(f"there is no permission {min(unknown)}")
    held = tuple(sorted(set(command.permissions)))
    defined = roles.define(
        book.find(Roles, ROLES_KEY), command.role, title=command.title, permissions=held
    )
    book.record(*defined)
    return RoleResult(command.role)


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """Remove a role; whoever has it may no longer do what it allowed."""

    NAME: ClassVar[str] = "identity.remove_role"

    role: str


def remove_role(command: RemoveRole, book: Book) -> RoleResult:
    """Remove a role of the tenant's own."""
    book.record(*roles.remove(book.find(Roles, ROLES_KEY), command.role))
    return RoleResult(command.role)
