"""The reader: whoever of the staff is shown personal data, or looks at who did what."""

from dataclasses import dataclass
from typing import ClassVar

from domain.audit.events import AuditRead, PersonalDataRead
from domain.kernel.events import Personal

SUBJECTS_MAX = 1_000
"""So many persons stand in one event; who is shown more is noted in several."""


@dataclass(frozen=True, slots=True)
class Reader:
    """That somebody has looked before; no decision asks at what."""

    CATEGORY: ClassVar[str] = "reader"
    FOLD_VERSION: ClassVar[int] = 1

    reader_id: str

    @classmethod
    def evolve(cls, state: "Reader | None", event: PersonalDataRead | AuditRead) -> "Reader":  # noqa: ARG003 - the last says all
        return cls(event.reader_id)


def note(
    reader_id: str, subjects: frozenset[str], *, route: str, request_id: str
) -> tuple[PersonalDataRead, ...]:
    """Note that personal data of all these subjects was shown."""
    ordered = sorted(subjects)
    return tuple(
        PersonalDataRead(reader_id, tuple(ordered[n : n + SUBJECTS_MAX]), route, request_id)
        for n in range(0, len(ordered), SUBJECTS_MAX)
    )


def note_audit(reader_id: str, *, route: str, asked: str, request_id: str) -> tuple[AuditRead, ...]:
    """Note that somebody looked at who did what; what they typed may name persons."""
    return (AuditRead(reader_id, route, Personal(reader_id, asked), request_id),)
