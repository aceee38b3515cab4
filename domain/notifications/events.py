"""What a tenant chooses about the mail that its customers get."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event

MAILING_KEY = "main"


@dataclass(frozen=True, slots=True)
class ReceiptsChosen(Event):
    """From now on customers get receipts by e-mail, or none."""

    NAME: ClassVar[str] = "notifications.receipts_chosen"
    CATEGORY: ClassVar[str] = "mailing"

    mailed: bool

    @property
    def key(self) -> str:
        return MAILING_KEY
