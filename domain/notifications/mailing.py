"""Whether customers get receipts by e-mail."""

from dataclasses import dataclass
from typing import ClassVar

from domain.notifications.events import ReceiptsChosen


@dataclass(frozen=True, slots=True)
class Mailing:
    """The tenant's present choice."""

    CATEGORY: ClassVar[str] = "mailing"
    FOLD_VERSION: ClassVar[int] = 1

    receipts: bool

    @classmethod
    def evolve(cls, state: "Mailing | None", event: ReceiptsChosen) -> "Mailing":  # noqa: ARG003 - only the last counts
        return cls(event.mailed)


def choose_receipts(mailing: Mailing | None, *, mailed: bool) -> tuple[ReceiptsChosen, ...]:
    """Choose; what is so already is no news."""
    if mailing is not None and mailing.receipts == mailed:
        return ()
    return (ReceiptsChosen(mailed),)


def begin(mailing: Mailing | None) -> tuple[ReceiptsChosen, ...]:
    """Begin with receipts where nothing was chosen: the first customer can be written to."""
    return (ReceiptsChosen(mailed=True),) if mailing is None else ()
