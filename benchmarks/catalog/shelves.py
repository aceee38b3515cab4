"""A shop of many products, laid down by COPY as the writer would have written it."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

from benchmarks.history import Rows, begin_log, lay_down
from domain.catalog.content import Medium, Text
from domain.catalog.events import (
    AttributesSet,
    MediaArranged,
    ProductClassified,
    ProductCreated,
    ProductPublished,
    TaxClassChosen,
)
from domain.catalog.sorting.events import BrandAdded, CategoryAdded
from domain.catalog.variant_events import VariantAdded
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.pricing.events import STANDARD_LIST, PriceSet
from domain.stock.events import MAIN_LOCATION, StockMoved

PRODUCTS = 100_000
CATEGORIES = 200
BRANDS = 500
EVENTS_PER_COMMIT = 200
COLOURS = ("beyaz", "gri", "kahverengi", "lacivert", "mavi", "mor", "pembe", "siyah", "turuncu")
MATERIALS = ("cam", "deri", "ipek", "keten", "pamuk", "plastik", "porselen", "seramik")
THINGS = ("abajur", "ayna", "bardak", "battaniye", "defter", "fincan", "kalem", "kitap", "masa")
WORDS = ("eski", "hafif", "ince", "modern", "renkli", "yeni")
TOP_CATEGORIES = 10


class Shelves:
    """A new tenant's log in the making; the same products every time."""

    def __init__(self, tenant_id: uuid.UUID, *, first_position: int = 1) -> None:
        self.tenant_id = tenant_id
        self._chance = random.Random(6)  # noqa: S311 - the same shop every time
        self._log = Rows(
            tenant_id,
            datetime.now(UTC) - timedelta(days=30),
            position=first_position - 1,
            events_per_commit=EVENTS_PER_COMMIT,
            seed=6,
        )

    def lay_down(self, database_url: str, products: int = PRODUCTS) -> None:
        """Write brands, categories and so many published products."""
        begin_log(database_url, self.tenant_id)
        commands = self._commands(products)
        lay_down(database_url, chain.from_iterable(map(self._log.of, commands)))

    def _commands(self, products: int) -> Iterator[Iterable[Event]]:
        for n in range(BRANDS):
            yield (BrandAdded(f"brd_{n:04}", f"marka-{n}", f"Marka {n}"),)
        for n in range(CATEGORIES):
            parent = None if n < TOP_CATEGORIES else f"cat_{n % TOP_CATEGORIES:04}"
            yield (CategoryAdded(f"cat_{n:04}", parent, f"kategori-{n}", {"tr": f"Kategori {n}"}),)
        for n in range(products):
            yield self.product(n)

    def product(self, n: int) -> Iterator[Event]:
        """Give the events of one product."""
        chance, number = self._chance, f"{n:08}"
        product_id, variant_id = f"prd_{number}", f"var_{number}"
        colour, material = chance.choice(COLOURS), chance.choice(MATERIALS)
        name = f"{chance.choice(WORDS)} {colour} {material} {chance.choice(THINGS)} {n}".title()
        category = f"cat_{chance.randrange(TOP_CATEGORIES, CATEGORIES):04}"
        told = f"{name}. {' '.join(chance.choices(THINGS + WORDS, k=20))}."
        yield ProductCreated(product_id, f"urun-{n}", {"tr": Text(name, told)})
        yield ProductClassified(
            product_id, (category,), category, f"brd_{chance.randrange(BRANDS):04}"
        )
        yield TaxClassChosen(product_id, "standard")
        yield AttributesSet(product_id, "pty_ev", {"renk": colour, "malzeme": material})
        yield MediaArranged(product_id, (Medium(f"https://cdn.example/{n}.jpg"),))
        yield VariantAdded(product_id, variant_id, f"SKU-{n}", None, None, {}, 250)
        amount = Money(chance.randrange(500, 100_000), "TRY")
        yield PriceSet(variant_id, STANDARD_LIST, 1, amount, None)
        quantity = chance.choice((0, 1, 5, 20, 100))
        yield StockMoved(variant_id, MAIN_LOCATION, f"mov_{number}", quantity, "received", None)
        yield ProductPublished(product_id)
