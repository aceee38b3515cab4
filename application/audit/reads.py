"""Note who was shown personal data, and who looked at the audit."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.audit import reader


@dataclass(frozen=True, slots=True)
class NotePersonalDataRead:
    """Note that the caller is about to be shown personal data of these subjects."""

    NAME: ClassVar[str] = "audit.note_personal_data_read"

    subjects: frozenset[str]
    route: str
    request_id: str


def note_personal_data_read(command: NotePersonalDataRead, book: Book) -> None:
    """Note it under the caller's own name."""
    book.record(
        *reader.note(
            book.actor.actor_id,
            command.subjects,
            route=command.route,
            request_id=command.request_id,
        )
    )


@dataclass(frozen=True, slots=True)
class NoteAuditRead:
    """Note that the caller is about to be shown who did what; `asked` is the address they gave."""

    NAME: ClassVar[str] = "audit.note_audit_read"

    route: str
    asked: str
    request_id: str


def note_audit_read(command: NoteAuditRead, book: Book) -> None:
    """Note it under the caller's own name."""
    book.record(
        *reader.note_audit(
            book.actor.actor_id,
            route=command.route,
            asked=command.asked,
            request_id=command.request_id,
        )
    )
