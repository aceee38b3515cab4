"""CAT-07: no state is folded from what is none of its events."""

from typing import Any

import pytest

from domain.catalog.sorting.brands import Brand
from domain.catalog.sorting.categories import Categories
from domain.catalog.sorting.collections import Collection
from domain.catalog.sorting.events import UseChanged
from domain.catalog.tags.tags import Tag
from domain.kernel.events import Aggregate

FOREIGN: Any = UseChanged("brand", "brd_ada", 1)


@pytest.mark.parametrize("kind", [Brand, Categories, Collection])
def test_refuses_to_fold_a_foreign_event(kind: type[Aggregate]) -> None:
    with pytest.raises(AssertionError):
        kind.evolve(None, FOREIGN)


def test_refuses_to_fold_a_foreign_event_into_a_tag() -> None:
    with pytest.raises(AssertionError):
        Tag.evolve(Tag(bound=True), FOREIGN)
