"""Many commands as one: all of them or none."""

from dataclasses import dataclass
from typing import Any, ClassVar

COMMANDS_PER_BULK_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Atomically:
    """Commands of one kind that stand or fall together, under one idempotency key."""

    NAME: ClassVar[str] = "log.atomically"

    commands: tuple[Any, ...]
