"""The reader: whoever of the staff is shown personal data."""

from dataclasses import dataclass
from typing import ClassVar

from domain.audit.events import PersonalDataRead

SUBJECTS_MAX = 1_000
"""So many persons stand in one event; who is shown more is noted in several."""


@dataclass(frozen=True, slots=True)
class Reader:
    """That somebody has looked before; no decision asks at what."""

    CATEGORY: ClassVar[str] = "reader"
    FOLD_VERSION: ClassVar[int] = 1

    reader_id: str

    @classmethod
    def evolve(cls, state: "Reader | None", event: PersonalDataRead) -> "Reader":  # noqa: ARG003 - the last says all
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
