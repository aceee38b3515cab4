"""The port of whatever finds products: PostgreSQL by default, any engine that passes its contract.

Everything here is of one tenant, as of a look at its read models. Words come analysed, so that
engines need to know nothing of languages; what they answer is ids, for the cards stand elsewhere.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias
from uuid import UUID

from domain.search.asking import Asked
from infrastructure.postgres.pipelines import PipelinedConnection

ATTRIBUTES = "attributes."
"""Before the code of an attribute that is filtered or counted by; `brand`, `category`, `channel`
and `in_stock` (true, false) have none."""

PRICE = "price"
"""Is counted as the lowest and the highest one."""

EVERYWHERE = "*"
"""The channel of what is sold in all of them."""


class Sort(StrEnum):
    """In which order products are found; `-` is the largest first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True)
class Filters:
    """What products must be: of every code one of the values, and within the prices (minor units).

    A `channel` that is chosen holds for what is sold everywhere, too.
    """

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    price_from: int | None = None
    price_to: int | None = None


class Question(NamedTuple):
    """What is looked for: words that must all be found; without any it is everything."""

    words: Asked = ()


class Place(NamedTuple):
    """Where a page begins: after this product. The keys of an order rise."""

    key: int
    product_id: str


class Found(NamedTuple):
    """Products in order, and how many there are without page or limit."""

    hits: tuple[Place, ...]
    total: int


class Facets(NamedTuple):
    """How many products there would be with each value of a code, and between which prices.

    Values that nothing is found with are left away. What is chosen of a code narrows all others
    and not its own. A category holds each product once that is in it or anywhere below it: as many
    as are found with all of these chosen.
    """

    counts: Mapping[str, Mapping[str, int]]
    prices: tuple[int, int] | None = None


class Suggested(NamedTuple):
    """Ids of what begins so, best first."""

    products: tuple[str, ...]
    categories: tuple[str, ...]
    brands: tuple[str, ...]


class Shop(NamedTuple):
    """A tenant's read models at a position of its log."""

    tenant_id: UUID
    connection: PipelinedConnection
    position: int


Looking: TypeAlias = Callable[[], AbstractAsyncContextManager[Shop]]
"""Begins a look at a tenant's read models."""


class SearchEngine(Protocol):
    """Finds published products."""

    async def prepare(self, tenant_id: UUID, look: Looking) -> None:
        """Make ready what searching and counting need, before whoever asks begins to look."""
        ...

    async def close(self, shop: Shop, stems: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Give for each stem that no product was ever told with those that may have been meant.

        Short words and numbers are taken as they are.
        """
        ...

    async def search(  # noqa: PLR0913 - what a page is cut by
        self,
        shop: Shop,
        question: Question,
        filters: Filters,
        *,
        sort: Sort,
        after: Place | None,
        limit: int,
    ) -> Found:
        """Give a page. Ties go by the id of the product."""
        ...

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        """Count by codes."""
        ...

    async def suggest(self, shop: Shop, prefix: str, filters: Filters, *, limit: int) -> Suggested:
        """Give what has a name with words that begin so; the filters are those of products."""
        ...
