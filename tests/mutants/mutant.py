"""A planted fault. Text that has drifted is an error."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One fault: in `file`, `old` (which stands there once) becomes `new`; `tests` find it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
