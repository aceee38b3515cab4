"""The auditor: whoever may look into the database itself, and nothing else."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.audit.events import AccessGranted, AccessRevoked
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{1,30}")
"""Part of the role's name: no name of a person, for the catalogue of the server shows it."""


class AuditorNameInvalid(Invalid):
    """An auditor is known by a short plain word."""

    code = "audit.auditor_name_invalid"


class AccessEnded(Invalid):
    """Access ends in the future."""

    code = "audit.access_ended"


class AccessExists(RuleBroken):
    """Somebody has access under this name."""

    code = "audit.access_exists"


class AuditorNotFound(NotFound):
    """Nobody ever had access under this name."""

    code = "audit.auditor_not_found"


@dataclass(frozen=True, slots=True)
class Auditor:
    """Whether somebody of this name may look now. What is past its end still has to be revoked."""

    CATEGORY: ClassVar[str] = "auditor"
    FOLD_VERSION: ClassVar[int] = 1

    name: str
    granted: bool

    @classmethod
    def evolve(cls, state: "Auditor | None", event: AccessGranted | AccessRevoked) -> "Auditor":  # noqa: ARG003 - the last says all
        return cls(event.auditor, isinstance(event, AccessGranted))


def grant(
    auditor: Auditor | None, *, name: str, role: str, until: datetime | None, at: datetime
) -> tuple[AccessGranted, ...]:
    """Let an auditor look; whoever had access under this name loses it first."""
    if not NAME_PATTERN.fullmatch(name):
        raise AuditorNameInvalid("an auditor's name has a-z, 0-9 and _, 2 to 31 of them")
    if until is not None and until <= at:
        raise AccessEnded("access ends in the future")
    if auditor is not None and auditor.granted:
        raise AccessExists("an auditor of this name has access; revoke it first")
    return (AccessGranted(name, role, until),)


def revoke(auditor: Auditor | None) -> tuple[AccessRevoked, ...]:
    """End it; what is at an end already stays so."""
    if auditor is None:
        raise AuditorNotFound("no auditor of this name ever had access")
    return (AccessRevoked(auditor.name),) if auditor.granted else ()
