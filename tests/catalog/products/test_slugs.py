"""CAT-03: a product's address is made of its name, and belongs to it alone."""

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as some

from application.catalog.describing import ChangeSlug
from application.catalog.products import CreateProduct
from domain.catalog import slugs
from domain.catalog.content import Text
from domain.catalog.events import ProductCreated, SlugChanged
from domain.catalog.products.describing import SlugTaken
from domain.catalog.slugs import NUMBERS_TRIED, SLUG_LENGTH_MAX, SlugInvalid, slug_of
from tests.catalog.products.goods import CREATED, DELETED, DRAFT, GLASS, JUG, SHOP, TEXTS, about
from tests.kit.scenario import given

pytestmark = pytest.mark.row("CAT-03")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Çay Bardağı (ışıklı), 6'lı", "cay-bardagi-isikli-6-li"),
        ("İĞNE & İPLİK", "igne-iplik"),
        ("IŞIL IŞIL", "isil-isil"),
        ("Öğütücü Şişesi Ünlü", "ogutucu-sisesi-unlu"),
        ("Crème brûlée 100 % Straße", "creme-brulee-100-strasse"),
        ("T-SHIRT - xl", "t-shirt-xl"),
        ("茶", "urun"),
    ],
)
def test_an_address_is_the_name_in_plain_letters(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@whatever(some.text())
def test_whatever_the_name_its_address_is_one(name: str) -> None:
    slug = slug_of(name)
    slugs.check_slug(slug)
    assert len(slugs.apart(slug, JUG)) <= SLUG_LENGTH_MAX


def test_a_long_name_is_cut_between_words_if_it_has_any() -> None:
    assert slug_of("cam " * 40) == "-".join(["cam"] * 25)
    assert slug_of("c" * 140) == "c" * 100


@pytest.mark.parametrize("wrong", ["Cam", "cam--jug", "-cam", "cam jug", "", "ç", "c" * 121, "a\0"])
def test_refuses_what_can_not_stand_in_an_address(wrong: str) -> None:
    given(*DRAFT).when(ChangeSlug(JUG, wrong)).then_refused(SlugInvalid)


def test_the_first_of_a_name_has_it_alone_and_the_next_have_a_number() -> None:
    first = given(*SHOP).when(CreateProduct(TEXTS, JUG))
    first.then(CREATED)
    second = first.when(CreateProduct(TEXTS, GLASS))
    second.then(ProductCreated(GLASS, "cam-surahi-2", TEXTS))


def test_where_all_numbers_are_taken_the_id_gives_one() -> None:
    taken = [
        ProductCreated(f"prd_no{number}", f"cam-surahi-{number}", TEXTS) for number in NUMBERS_TRIED
    ]
    answer = given(*DRAFT, *taken).when(CreateProduct(TEXTS, GLASS))
    answer.then(ProductCreated(GLASS, slugs.apart("cam-surahi", GLASS), TEXTS))
    assert answer.looks <= 6


def test_the_turkish_name_gives_the_address_then_the_english_then_the_first() -> None:
    german = {"de": Text("Krug"), "en": Text("Jug")}
    given(*SHOP).when(CreateProduct(german, JUG)).then(ProductCreated(JUG, "jug", german))
    other = {"de": Text("Krug"), "fr": Text("Cruche")}
    given(*SHOP).when(CreateProduct(other, JUG)).then(ProductCreated(JUG, "krug", other))


def test_an_address_that_is_asked_for_is_given_or_refused() -> None:
    given(*SHOP).when(CreateProduct(TEXTS, JUG, "jug")).then(ProductCreated(JUG, "jug", TEXTS))
    asked = CreateProduct(TEXTS, GLASS, "cam-surahi")
    given(*DRAFT).when(asked).then_refused(SlugTaken, slug="cam-surahi")


def test_another_address_leaves_the_old_one_to_others() -> None:
    moved = given(*DRAFT).when(ChangeSlug(JUG, "surahi"))
    moved.then(SlugChanged(JUG, "surahi", "cam-surahi"))
    moved.when(CreateProduct(TEXTS, GLASS)).then(ProductCreated(GLASS, "cam-surahi", TEXTS))


def test_the_address_that_it_has_is_no_change() -> None:
    given(*DRAFT).when(ChangeSlug(JUG, "cam-surahi")).then()


def test_refuses_the_address_of_another() -> None:
    story = given(*DRAFT, about(GLASS))
    story.when(ChangeSlug(JUG, "prd-glass")).then_refused(SlugTaken, slug="prd-glass")


def test_the_address_of_what_was_deleted_is_free() -> None:
    answer = given(*DELETED).when(CreateProduct(TEXTS, GLASS))
    answer.then(ProductCreated(GLASS, "cam-surahi", TEXTS))
