"""CAT-03, CAT-05 and CAT-06: whatever is commanded, in whatever order, the catalogue is sound."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from application.book import Book
from application.catalog.classifying import ChooseTaxClass, ClassifyProduct
from application.catalog.describing import ArrangeMedia, ChangeSlug
from application.catalog.products import CreateProduct
from application.catalog.publishing import (
    ArchiveProduct,
    CancelScheduling,
    DeleteProduct,
    PublishProduct,
    PublishScheduled,
    RestoreProduct,
    ScheduleProduct,
    UnpublishProduct,
)
from application.catalog.variants import (
    AddMatrix,
    AddVariants,
    ChangeVariant,
    ChooseOptions,
    NewVariant,
    RetireVariant,
)
from application.commands import decide
from application.envelope import Envelope
from application.pricing.prices import SetPrice
from domain.catalog.content import Option, Text
from domain.catalog.events import GTIN_CLAIM, SKU_CLAIM, SLUG_CLAIM
from domain.catalog.products.classifying import Classification
from domain.catalog.products.product import MOVES, Product, Status
from domain.catalog.products.publishing import Candidate, missing
from domain.catalog.products.variants import Numbers
from domain.catalog.sorting.uses import Kind, Use
from domain.kernel.events import Claim
from domain.kernel.money import Money
from domain.kernel.refusals import Refusal
from tests.catalog.products.goods import COLOURS, IMAGE, SHOP, SIZES, SOON
from tests.kit.memory import LogInMemory
from tests.kit.scenario import NOW, STAFF, TENANT_ID

PRODUCTS = some.sampled_from(["prd_one1", "prd_two1", "prd_three"])
VARIANTS = some.sampled_from([f"var_no{n}" for n in range(6)])
SLUGS = some.sampled_from(["cam", "surahi", "cam-2"])
NAMES = some.sampled_from(["Cam", "Sürahi", "Cam 2"])
NUMBERS = some.builds(
    Numbers,
    some.sampled_from(["A", "B", "C", "A-MAVI"]),
    some.sampled_from([None, "96385074", "00000096385074", "8690000000005", "wrong"]),
)
CHOSEN = some.sampled_from([{}, {"Renk": "Mavi"}, {"Renk": "Yeşil"}])
STEPS = some.sampled_from(
    [
        PublishProduct,
        PublishScheduled,
        CancelScheduling,
        UnpublishProduct,
        ArchiveProduct,
        RestoreProduct,
        DeleteProduct,
    ]
)


class AnyCatalogue(RuleBasedStateMachine):
    """Commands as staff may send them; refused ones change nothing."""

    @initialize()
    def open(self) -> None:
        self.log = LogInMemory(SHOP)
        self.count = 0
        self.published: Counter[str] = Counter()

    def tell(self, command: object) -> None:
        self.count += 1
        envelope = Envelope(TENANT_ID, UUID(int=self.count), b"", command, STAFF, "test")
        book = Book(self.log, envelope, NOW if self.count % 2 else SOON)
        before = {stream: state for stream, (_, state) in self.log.states.items()}
        try:
            decide(command, book)
        except Refusal:
            return
        for stream, _, event in book.events:
            move = MOVES.get(type(event))  # type: ignore[arg-type]
            if move is not None:
                assert before[stream].status in move.leaves
                self.published[stream] += move.reaches is Status.PUBLISHED
            # It refuses a key that is taken.
            self.log.append(event)

    @rule(product_id=PRODUCTS, name=NAMES, slug=some.none() | SLUGS)
    def create(self, product_id: str, name: str, slug: str | None) -> None:
        self.tell(CreateProduct({"tr": Text(name)}, product_id, slug))

    @rule(product_id=PRODUCTS, variant_id=VARIANTS, numbers=NUMBERS)
    def create_whole(self, product_id: str, variant_id: str, numbers: Numbers) -> None:
        self.tell(
            CreateProduct(
                {"tr": Text("Cam")},
                product_id,
                classification=Classification(("cat_glass",)),
                tax_class="standard",
                media=(IMAGE,),
                variants=(NewVariant(numbers, {}, variant_id),),
            )
        )
        self.tell(SetPrice(variant_id, Money(100, "TRY")))

    @rule(product_id=PRODUCTS, slug=SLUGS)
    def change_slug(self, product_id: str, slug: str) -> None:
        self.tell(ChangeSlug(product_id, slug))

    @rule(product_id=PRODUCTS, options=some.sampled_from([(), (COLOURS,), (COLOURS, SIZES)]))
    def choose_options(self, product_id: str, options: tuple[Option, ...]) -> None:
        self.tell(ChooseOptions(product_id, options))

    @rule(product_id=PRODUCTS, numbers=NUMBERS, chosen=CHOSEN, variant_id=VARIANTS)
    def add(
        self, product_id: str, numbers: Numbers, chosen: dict[str, str], variant_id: str
    ) -> None:
        self.tell(AddVariants(product_id, (NewVariant(numbers, chosen, variant_id),)))

    @rule(product_id=PRODUCTS)
    def add_matrix(self, product_id: str) -> None:
        self.tell(AddMatrix(product_id, "A"))

    @rule(product_id=PRODUCTS, variant_id=VARIANTS, numbers=NUMBERS)
    def change_variant(self, product_id: str, variant_id: str, numbers: Numbers) -> None:
        self.tell(ChangeVariant(product_id, variant_id, numbers))

    @rule(product_id=PRODUCTS, variant_id=VARIANTS)
    def retire(self, product_id: str, variant_id: str) -> None:
        self.tell(RetireVariant(product_id, variant_id))

    @rule(product_id=PRODUCTS, named=some.sets(some.sampled_from(["cat_jugs", "cat_glass"])))
    def classify(self, product_id: str, named: set[str]) -> None:
        self.tell(ClassifyProduct(product_id, Classification(tuple(sorted(named)))))

    @rule(product_id=PRODUCTS, shown=some.booleans())
    def complete(self, product_id: str, *, shown: bool) -> None:
        self.tell(ArrangeMedia(product_id, (IMAGE,) if shown else ()))
        self.tell(ChooseTaxClass(product_id, "standard"))

    @rule(product_id=PRODUCTS, step=STEPS)
    def step(self, product_id: str, step: Callable[[str], object]) -> None:
        self.tell(step(product_id))

    @rule(product_id=PRODUCTS)
    def schedule(self, product_id: str) -> None:
        self.tell(ScheduleProduct(product_id, SOON))

    def products(self) -> dict[str, Product]:
        states = self.log.states.items()
        return {stream: state for stream, (_, state) in states if isinstance(state, Product)}

    @invariant()
    def each_address_and_number_belongs_to_one(self) -> None:
        expected: dict[Claim, str] = {}
        for stream, product in self.products().items():
            if product.status is Status.DELETED:
                continue
            held = [Claim(SLUG_CLAIM, product.slug)]
            for variant in product.variants.values():
                held.append(Claim(SKU_CLAIM, variant.sku))
                if variant.gtin is not None:
                    held.append(Claim(GTIN_CLAIM, variant.gtin))
            for claim in held:
                assert claim not in expected
                expected[claim] = stream
        kinds = {SLUG_CLAIM, SKU_CLAIM, GTIN_CLAIM}
        claims = self.log.claims.items()
        assert {claim: owner for claim, owner in claims if claim.kind in kinds} == expected

    @invariant()
    def each_combination_is_there_once_and_fits(self) -> None:
        for product in self.products().values():
            chosen = [tuple(sorted(one.options.items())) for one in product.variants.values()]
            assert len(set(chosen)) == len(chosen)
            for variant in product.variants.values():
                assert variant.options.keys() == {option.name for option in product.options}

    @invariant()
    def what_customers_see_is_whole_and_was_published(self) -> None:
        for stream, product in self.products().items():
            assert product.was_published == bool(self.published[stream])
            if product.status is Status.PUBLISHED:
                assert missing(Candidate(product, priced=True)) == ""
            if product.was_published:
                assert product.status is not Status.DELETED

    @invariant()
    def categories_count_the_products_in_them(self) -> None:
        counted: Counter[str] = Counter()
        for product in self.products().values():
            if product.status is not Status.DELETED:
                counted.update(product.category_ids)
        for category_id in ("cat_jugs", "cat_glass"):
            use: Use | None = self.log.state(f"{Use.CATEGORY}-{Kind.CATEGORY.key(category_id)}")[1]
            assert counted[category_id] == (use.products if use is not None else 0)


AnyCatalogue.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyCatalogue = pytest.mark.row("CAT-06")(AnyCatalogue.TestCase)
