"""Which fields of two states differ."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Final, cast

Path = tuple[str, ...]

SEALED_FIELDS = frozenset({"subject", "sealed"})
"""What a sealed text is made of in JSON; to whoever compares it is one thing."""


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What stands where a field is not there."""


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:  # noqa: ANN401 - states, or JSON
    """Give the fields that differ, down to those that have no parts, with both values.

    What one side lacks is `ABSENT` there. Lists are one thing, and so is a sealed text.
    """
    if before is after or before == after:
        return
    one, other = _parts(before), _parts(after)
    if one is None and other is None:
        yield path, before, after
        return
    if one is None:
        yield path, before, ABSENT
    if other is None:
        yield path, ABSENT, after
    one, other = one or {}, other or {}
    for name, part in one.items():
        yield from differences(part, other.get(name, ABSENT), (*path, name))
    for name, part in other.items():
        if name not in one:
            yield from differences(ABSENT, part, (*path, name))


def _parts(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - as above
    """Give what a value is made of, by the names that JSON has; None where it is one thing."""
    if value is ABSENT:
        return {}
    if is_dataclass(value):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, Mapping):
        parts = {str(name): part for name, part in cast("Mapping[Any, Any]", value).items()}
        return None if parts.keys() == SEALED_FIELDS else parts
    return None


@lru_cache(maxsize=1_000)
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass
    return tuple(field.name for field in fields(kind))
