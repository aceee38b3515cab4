"""What is told of those who look."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event


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
