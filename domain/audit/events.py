"""What is told of those who look."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Event, Personal


@dataclass(frozen=True, slots=True)
class PersonalDataRead(Event):
    """Staff were shown personal data of `subjects`; never what it said.

    `route` is the operation that showed it, `request_id` the request by which logs know it.
    """

    NAME: ClassVar[str] = "audit.personal_data_read"
    CATEGORY: ClassVar[str] = "reader"

    reader_id: str
    subjects: tuple[str, ...]
    route: str
    request_id: str

    @property
    def key(self) -> str:
        return self.reader_id


@dataclass(frozen=True, slots=True)
class AuditRead(Event):
    """Somebody looked at who did what. `asked` is the address of it, without which page."""

    NAME: ClassVar[str] = "audit.audit_read"
    CATEGORY: ClassVar[str] = "reader"

    reader_id: str
    route: str
    asked: Personal
    request_id: str

    @property
    def key(self) -> str:
        return self.reader_id


@dataclass(frozen=True, slots=True)
class AccessGranted(Event):
    """An auditor may look into the database, by a role of their own that sees this tenant alone.

    `until` is the first moment at which they may no more; None says that nobody set an end.
    """

    NAME: ClassVar[str] = "audit.access_granted"
    CATEGORY: ClassVar[str] = "auditor"

    auditor: str
    role: str
    until: datetime | None

    @property
    def key(self) -> str:
        return self.auditor


@dataclass(frozen=True, slots=True)
class AccessRevoked(Event):
    """An auditor may look into the database no more."""

    NAME: ClassVar[str] = "audit.access_revoked"
    CATEGORY: ClassVar[str] = "auditor"

    auditor: str

    @property
    def key(self) -> str:
        return self.auditor
