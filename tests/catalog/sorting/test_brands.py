"""CAT-08: a brand has an address of its own, and goes when no product is of it."""

import pytest

from application.book import Book, ClaimTaken
from application.catalog.brands import AddBrand, BrandResult, RemoveBrand, RenameBrand, use_brand
from application.envelope import Envelope
from domain.catalog.slugs import SlugInvalid
from domain.catalog.sorting.brands import BrandExists, BrandNotFound
from domain.catalog.sorting.events import BrandAdded, BrandRemoved, BrandRenamed, UseChanged
from domain.catalog.sorting.naming import NamesInvalid
from domain.catalog.sorting.uses import InUse
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from tests.kit.memory import LogInMemory
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given, new_id

pytestmark = pytest.mark.row("CAT-08")

ADA = BrandAdded("brd_ada", "ada", "Ada")
GONE = BrandRemoved("brd_ada", "ada")


def test_adds_a_brand_under_an_id_and_a_slug_of_its_own() -> None:
    answer = given().when(AddBrand("Çelik & Öz"))
    answer.then(BrandAdded(new_id("brd"), "celik-oz", "Çelik & Öz"))
    answer.then_result(BrandResult(new_id("brd")))


def test_two_brands_never_have_one_address() -> None:
    given(ADA).when(AddBrand("Ada", "ada")).then_refused(ClaimTaken)
    other = BrandAdded("brd_other", "other", "Other")
    given(ADA, other).when(RenameBrand("brd_other", "ada", "Ada")).then_refused(ClaimTaken)


def test_an_address_is_free_again_when_its_brand_has_another_or_is_gone() -> None:
    renamed = given(ADA).when(RenameBrand("brd_ada", "ada-ev", "Ada Ev"))
    renamed.then(BrandRenamed("brd_ada", "ada-ev", "ada", "Ada Ev"))
    again = AddBrand("Ada", "ada", "brd_new")
    renamed.when(again).then(BrandAdded("brd_new", "ada", "Ada"))
    given(ADA, GONE).when(again).then(BrandAdded("brd_new", "ada", "Ada"))


def test_a_brand_may_have_another_name_at_the_same_address() -> None:
    command = RenameBrand("brd_ada", "ada", "ADA")
    given(ADA).when(command).then(BrandRenamed("brd_ada", "ada", "ada", "ADA"))


def test_a_brand_that_products_are_of_is_not_removed() -> None:
    used = UseChanged("brand", "brd_ada", 1)
    given(ADA, used).when(RemoveBrand("brd_ada")).then_refused(InUse, products=1)
    left = UseChanged("brand", "brd_ada", -1)
    given(ADA, used, left).when(RemoveBrand("brd_ada")).then(GONE)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (AddBrand("Ada", "x", "brd_ada"), BrandExists),
        (AddBrand(" "), NamesInvalid),
        (AddBrand("Ada", "Ada"), SlugInvalid),
        (RenameBrand("brd_none", "x", "X"), BrandNotFound),
        (RenameBrand("brd_ada", "x", ""), NamesInvalid),
        (RemoveBrand("brd_none"), BrandNotFound),
    ],
)
def test_refuses_what_is_no_brand(command: object, refusal: type[Refusal]) -> None:
    given(ADA).when(command).then_refused(refusal)


def test_a_removed_brand_is_as_absent_as_none_and_its_id_is_not_used_again() -> None:
    given(ADA, GONE).when(RemoveBrand("brd_ada")).then_refused(BrandNotFound)
    given(ADA, GONE).when(AddBrand("Ada", "ada", "brd_ada")).then_refused(BrandExists)


def book_on(*events: Event) -> Book:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return Book(LogInMemory(events), envelope, NOW)


@pytest.mark.parametrize(
    ("old", "new", "counted"),
    [
        (None, "brd_ada", [UseChanged("brand", "brd_ada", 1)]),
        ("brd_ada", None, [UseChanged("brand", "brd_ada", -1)]),
        ("brd_ada", "brd_ada", []),
        (None, None, []),
    ],
)
def test_a_product_is_counted_with_its_brand(
    old: str | None, new: str | None, counted: list[UseChanged]
) -> None:
    book = book_on(ADA)
    use_brand(book, old=old, new=new)
    assert [event for *_, event in book.events] == counted


def test_a_product_is_of_no_brand_that_is_not_there() -> None:
    with pytest.raises(BrandNotFound):
        use_brand(book_on(ADA, GONE), old=None, new="brd_ada")
