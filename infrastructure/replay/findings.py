"""What a replay can find."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from infrastructure.ledger_check.findings import Damage


class Kind(StrEnum):
    """In which way a row differs."""

    CHANGED = "changed"
    MISSING = "missing"
    """The events give a row that is not there."""
    SURPLUS = "surplus"
    """A row is there that the events do not give."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell of a live row that the events give otherwise, or a whole row."""

    kind: Kind
    table: str
    key: str
    column: str | None
    live: str | None
    replayed: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one read model of one tenant, or of its entries.

    `position` is where it was compared. Of `differing` rows, `differences` lists the first ones.
    `left_out` says why it was not compared, and `damage` what is wrong with the log itself.
    """

    tenant_id: UUID
    read_model: str
    position: int
    rows: int = 0
    differing: int = 0
    differences: tuple[Difference, ...] = ()
    left_out: str | None = None
    damage: Damage | None = None

    @property
    def equal(self) -> bool:
        """Whether it was compared and nothing was found."""
        return not self.differing and self.left_out is None and self.damage is None


@dataclass(frozen=True, slots=True)
class Progress:
    """Events replayed so far of one tenant's log, and how many there are to replay."""

    tenant_id: UUID
    position: int
    target: int
