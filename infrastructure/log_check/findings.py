"""What a check of a log can find, beside what the check of its books names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from infrastructure.ledger_check.findings import Damage, Difference
from infrastructure.ledger_check.folding import Reversal

EVENT_ID_WRONG = "log.event_id_wrong"
ROOT_WRONG = "seal.root_wrong"
SIGNATURE_WRONG = "seal.signature_wrong"
CHECKPOINT_ALTERED = "seal.checkpoint_altered"
CHECKPOINT_MISSING = "seal.checkpoint_missing"
BLOCK_ALTERED = "seal.block_altered"
BLOCK_MISSING = "seal.block_missing"
OUTSIDE_ROOT_WRONG = "outside.root_wrong"
OUTSIDE_CUT = "outside.cut"
OUTSIDE_SIGNATURE_WRONG = "outside.signature_wrong"
SNAPSHOT_WRONG = "snapshot.wrong"

FINDINGS_MAX = 20


class Checked(NamedTuple):
    """What became of some rows: the reversals among them, and where they or the books are wrong."""

    reversals: Sequence[Reversal] = ()
    damages: Sequence[Damage] = ()
    entries: int = 0
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that nobody could have done through the service; its code is stable.

    What is wrong lies from `position` to `until`, both included.
    """

    code: str
    position: int
    until: int
    what: str

    def __str__(self) -> str:
        where = f"position {self.position}"
        if self.until > self.position:
            where = f"positions {self.position} to {self.until}"
        return f"{where}: {self.what} ({self.code})"


@dataclass(slots=True)
class Verified:
    """What was held against what, and what was found: the first place comes first."""

    tenant_id: UUID
    events: int = 0
    checkpoints: int = 0
    sealed: int = 0
    """So many events the newest checkpoint holds."""
    outside: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])
    incomplete: str = ""
    """Why the log can not be vouched for to its end, if it can not."""

    @property
    def unsealed(self) -> int:
        """So many events no checkpoint holds yet."""
        return max(0, self.events - self.sealed)
