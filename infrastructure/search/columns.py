"""A column of a code: which values every product has."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

CHOICES_KEPT_MAX = 100
"""Of a code; until anything of its column changes."""

ROOM_MIN = 1_024
"""Places that there are at least; there are twice as many whenever they are all taken."""

Places: TypeAlias = NDArray[np.intp]


class Column:
    """The values of one code. Products that have the same ones share the number of these.

    So that however many values products have, their column is one number wide. 0 is of those that
    have none.
    """

    def __init__(self, room: int) -> None:
        self._numbers = np.zeros(room, np.intp)
        self._values: list[tuple[str, ...]] = [()]
        self._known: dict[tuple[str, ...], int] = {(): 0}
        self._counted: dict[int, Collection[str]] = {}
        self._chosen: OrderedDict[tuple[str, ...], int] = OrderedDict()

    def __len__(self) -> int:
        """Give how many combinations of values are known."""
        return len(self._values)

    def grow(self) -> None:
        """Make twice as many places."""
        self._numbers = np.concatenate((self._numbers, np.zeros_like(self._numbers)))

    def set(self, places: Sequence[int], values: Sequence[tuple[str, ...]]) -> None:
        """Take in which values products have now; the others of a tally keep theirs."""
        known = self._known
        for one in set(values).difference(known):
            known[one] = len(self._values)
            self._values.append(one)
        numbers = np.fromiter(map(known.__getitem__, values), np.intp, len(values))
        if not np.array_equal(self._numbers[places], numbers):
            self._numbers[places] = numbers
            self._chosen.clear()
        if len(self._values) > ROOM_MIN + 2 * len(self._numbers):
            self._forget_unused()

    def having(self, chosen: tuple[str, ...]) -> int:
        """Give the products that have one of these values."""
        kept = self._chosen.get(chosen)
        if kept is None:
            fit = (not set(one).isdisjoint(chosen) for one in self._values)
            allowed = np.fromiter(fit, np.bool_, len(self._values))
            kept = self._chosen[chosen] = bits_of(allowed[self._numbers])
            if len(self._chosen) > CHOICES_KEPT_MAX:
                self._chosen.popitem(last=False)
        return kept

    def counts(self, places: Places, above: Mapping[str, str]) -> dict[str, int]:
        """Count products by value, and once by each that stands above one of theirs."""
        counts: dict[str, int] = {}
        found = np.bincount(self._numbers[places])
        for number in np.flatnonzero(found).tolist():
            count = int(found[number])
            values = self._counted.get(number)
            if values is None:
                values = self._counted[number] = _with_above(self._values[number], above)
            for value in values:
                counts[value] = counts.get(value, 0) + count
        return counts

    def forget_above(self) -> None:
        """Look anew what stands above the values."""
        self._counted.clear()

    def _forget_unused(self) -> None:
        used, numbers = np.unique(np.append(self._numbers, 0), return_inverse=True)
        self._numbers = numbers[:-1]
        self._values = [self._values[number] for number in used.tolist()]
        self._known = {values: number for number, values in enumerate(self._values)}
        self._counted.clear()


def _with_above(values: Iterable[str], above: Mapping[str, str]) -> Collection[str]:
    found: set[str] = set()
    for value in values:
        one: str | None = value
        while one is not None and one not in found:
            found.add(one)
            one = above.get(one)
    return found


def bits_of(fit: NDArray[np.bool_]) -> int:
    """Give the number with a bit for each that fits."""
    return int.from_bytes(np.packbits(fit, bitorder="little").tobytes(), "little")
