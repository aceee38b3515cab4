"""Let auditors look into the database itself, and end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.tenants.tenants import PLATFORM
from domain.audit import access
from domain.audit.access import Auditor
from domain.kernel.refusals import Forbidden


class PlatformNotShown(Forbidden):
    """The platform's log holds what keys are known by, of all tenants."""

    code = "audit.platform_not_shown"


@dataclass(frozen=True, slots=True)
class AuditorResult:
    """The auditor's name."""

    auditor: str


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Let an auditor look by a database role, until a moment or until it is revoked."""

    NAME: ClassVar[str] = "audit.grant_access"

    auditor: str
    role: str
    until: datetime | None = None


def grant_access(command: GrantAccess, book: Book) -> AuditorResult:
    """Note that they may; the operator makes the role."""
    if book.envelope.tenant_id == PLATFORM:
        raise PlatformNotShown("the platform's own log is shown to no auditor")
    found = book.find(Auditor, command.auditor)
    book.record(
        *access.grant(
            found, name=command.auditor, role=command.role, until=command.until, at=book.now
        )
    )
    return AuditorResult(command.auditor)


@dataclass(frozen=True, slots=True)
class RevokeAccess:
    """End an auditor's look into the database. A second time changes nothing."""

    NAME: ClassVar[str] = "audit.revoke_access"

    auditor: str


def revoke_access(command: RevokeAccess, book: Book) -> AuditorResult:
    """Note that they may no more; the operator takes the role away."""
    book.record(*access.revoke(book.find(Auditor, command.auditor)))
    return AuditorResult(command.auditor)
