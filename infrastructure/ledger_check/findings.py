"""What a check of the books can find."""

from dataclasses import dataclass

EVENT_MISSING = "log.event_missing"
VERSION_WRONG = "log.version_wrong"
TIME_WRONG = "log.time_wrong"
EVENT_UNKNOWN = "log.event_unknown"
EVENT_IMPOSSIBLE = "log.event_impossible"
LOG_CUT = "log.cut"
BOOKS_WRONG = "books.wrong"

TORN = "it can not be read: a field of its row is missing"


@dataclass(frozen=True, slots=True)
class Damage:
    """The log itself contradicts the rules: someone changed what can not be changed, or a bug did.

    `position` is the first place where it shows.
    """

    position: int
    what: str
    code: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something derived from the log, which can be made again, does not agree with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Damaged(Exception):
    """Ends the reading of a log at its first contradiction."""

    def __init__(self, position: int, what: str, *, code: str = BOOKS_WRONG) -> None:
        super().__init__(what)
        self.damage = Damage(position, what, code)
