"""CAT-07: categories are a tree; products stand in them, and what is in use stays."""

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from application.book import Book
from application.catalog.categories import (
    AddCategory,
    CategoryResult,
    MoveCategory,
    RemoveCategory,
    RenameCategory,
    use_categories,
)
from application.envelope import Envelope
from domain.catalog.languages import LocaleInvalid
from domain.catalog.slugs import SlugInvalid
from domain.catalog.sorting import categories
from domain.catalog.sorting.categories import (
    CATEGORIES_MAX,
    DEPTH_MAX,
    NO_CATEGORIES,
    Categories,
    CategoryExists,
    CategoryInItself,
    CategoryNotEmpty,
    CategoryNotFound,
    CategorySlugTaken,
    Node,
    TooManyCategories,
    TreeTooDeep,
)
from domain.catalog.sorting.events import (
    CategoriesEvent,
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
    UseChanged,
)
from domain.catalog.sorting.naming import NAME_LENGTH_MAX, NamesInvalid
from domain.catalog.sorting.uses import InUse
from domain.kernel.refusals import Refusal
from tests.kit.memory import LogInMemory
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given, new_id

pytestmark = pytest.mark.row("CAT-07")

NAMES = {"tr": "Ev", "en": "Home"}
HOME = CategoryAdded("cat_home", None, "ev", NAMES)
KITCHEN = CategoryAdded("cat_kitchen", "cat_home", "mutfak", {"tr": "Mutfak"})
MUG = CategoryAdded("cat_mug", "cat_kitchen", "bardak", {"tr": "Bardak"})
GARDEN = CategoryAdded("cat_garden", None, "bahce", {"tr": "Bahçe"})
TREE = (HOME, KITCHEN, MUG, GARDEN)


def test_begins_a_category_at_the_top_under_an_id_and_a_slug_of_its_own() -> None:
    made = new_id("cat")
    answer = given().when(AddCategory({"tr": "Mutfak Ürünleri", "en": "Kitchen"}))
    answer.then(
        CategoryAdded(made, None, "mutfak-urunleri", {"tr": "Mutfak Ürünleri", "en": "Kitchen"})
    )
    answer.then_result(CategoryResult(made))


def test_begins_a_category_below_another_one() -> None:
    command = AddCategory({"tr": "Mutfak"}, "mutfak", "cat_home", "cat_kitchen")
    given(HOME).when(command).then(KITCHEN)


def test_one_path_leads_to_one_category_and_one_slug_may_stand_in_several_places() -> None:
    taken = AddCategory(NAMES, "mutfak", "cat_home")
    given(*TREE).when(taken).then_refused(CategorySlugTaken)
    elsewhere = AddCategory(NAMES, "mutfak", "cat_garden", "cat_other")
    given(*TREE).when(elsewhere).then(CategoryAdded("cat_other", "cat_garden", "mutfak", NAMES))


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (AddCategory(NAMES, "Ev"), SlugInvalid),
        (AddCategory({}, "ev"), NamesInvalid),
        (AddCategory({"tr": " "}, "ev"), NamesInvalid),
        (AddCategory({"tr": "E" * (NAME_LENGTH_MAX + 1)}, "ev"), NamesInvalid),
        (AddCategory({"Türkçe": "Ev"}, "ev"), LocaleInvalid),
        (AddCategory(NAMES, "ev", "cat_none"), CategoryNotFound),
        (AddCategory(NAMES, "x", None, "cat_home"), CategoryExists),
        (RenameCategory("cat_none", "ev", NAMES), CategoryNotFound),
        (RenameCategory("cat_home", "bahce", NAMES), CategorySlugTaken),
        (MoveCategory("cat_none"), CategoryNotFound),
        (MoveCategory("cat_home", "cat_none"), CategoryNotFound),
        (RemoveCategory("cat_none"), CategoryNotFound),
    ],
)
def test_refuses_what_makes_no_tree(command: object, refusal: type[Refusal]) -> None:
    given(*TREE).when(command).then_refused(refusal)


def test_a_tenant_has_5000_categories_and_not_one_more() -> None:
    nodes = {f"cat_{n:05}": Node(None, f"c{n}") for n in range(CATEGORIES_MAX - 1)}
    almost = Categories(nodes)
    categories.add(almost, "cat_last", parent_id=None, slug="last", names=NAMES)
    full = Categories({**nodes, "cat_last": Node(None, "last")})
    with pytest.raises(TooManyCategories):
        categories.add(full, "cat_more", parent_id=None, slug="more", names=NAMES)


def chain(length: int) -> list[CategoriesEvent]:
    return [
        CategoryAdded(f"cat_{n:04}", f"cat_{n - 1:04}" if n else None, f"n{n}", NAMES)
        for n in range(length)
    ]


def test_a_path_has_8_parts_and_not_one_more() -> None:
    deepest = AddCategory(NAMES, "last", f"cat_{DEPTH_MAX - 2:04}", "cat_last")
    given(*chain(DEPTH_MAX - 1)).when(deepest).then_result(CategoryResult("cat_last"))
    deeper = AddCategory(NAMES, "more", f"cat_{DEPTH_MAX - 1:04}")
    given(*chain(DEPTH_MAX)).when(deeper).then_refused(TreeTooDeep)


def test_a_subtree_moves_with_all_that_is_below_it_where_it_is_not_too_deep() -> None:
    given(*TREE).when(MoveCategory("cat_kitchen")).then(CategoryMoved("cat_kitchen", None))
    moved = given(*TREE).when(MoveCategory("cat_kitchen", "cat_garden"))
    moved.then(CategoryMoved("cat_kitchen", "cat_garden"))
    tree: Categories = moved.state("categories-main")
    assert list(tree.line("cat_mug")) == ["cat_mug", "cat_kitchen", "cat_garden"]
    fits = MoveCategory("cat_home", f"cat_{DEPTH_MAX - 4:04}")
    given(*chain(DEPTH_MAX - 1), *TREE).when(fits).then_result(CategoryResult("cat_home"))
    deep = MoveCategory("cat_home", f"cat_{DEPTH_MAX - 3:04}")
    given(*chain(DEPTH_MAX - 1), *TREE).when(deep).then_refused(TreeTooDeep)


def test_moving_a_category_to_where_it_stands_changes_nothing() -> None:
    given(*TREE).when(MoveCategory("cat_mug", "cat_kitchen")).then()


@pytest.mark.parametrize("below", ["cat_home", "cat_kitchen", "cat_mug"])
def test_a_category_never_stands_below_itself(below: str) -> None:
    given(*TREE).when(MoveCategory("cat_home", below)).then_refused(CategoryInItself)


def test_a_category_does_not_move_where_its_slug_is_taken() -> None:
    other = CategoryAdded("cat_other", "cat_garden", "mutfak", NAMES)
    command = MoveCategory("cat_kitchen", "cat_garden")
    given(*TREE, other).when(command).then_refused(CategorySlugTaken)


def test_a_category_has_another_name_and_slug_and_may_keep_its_own() -> None:
    command = RenameCategory("cat_mug", "kupa", {"tr": "Kupa"})
    given(*TREE).when(command).then(CategoryRenamed("cat_mug", "kupa", {"tr": "Kupa"}))
    same = RenameCategory("cat_mug", "bardak", NAMES)
    given(*TREE).when(same).then(CategoryRenamed("cat_mug", "bardak", NAMES))


def test_a_category_with_others_below_it_or_products_in_it_is_not_removed() -> None:
    given(*TREE).when(RemoveCategory("cat_kitchen")).then_refused(CategoryNotEmpty)
    used = UseChanged("category", "cat_mug", 1)
    given(*TREE, used).when(RemoveCategory("cat_mug")).then_refused(InUse, products=1)
    left = UseChanged("category", "cat_mug", -1)
    removed = given(*TREE, used, left).when(RemoveCategory("cat_mug"))
    removed.then(CategoryRemoved("cat_mug"))
    removed.when(AddCategory(NAMES, "bardak", "cat_kitchen", "cat_mug")).then(
        CategoryAdded("cat_mug", "cat_kitchen", "bardak", NAMES)
    )


def book_on(*events: CategoriesEvent) -> Book:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return Book(LogInMemory(events), envelope, NOW)


def test_a_product_is_counted_where_it_came_and_no_longer_where_it_left() -> None:
    book = book_on(*TREE)
    use_categories(book, old=("cat_home", "cat_mug"), new=("cat_mug", "cat_garden"))
    assert [event for *_, event in book.events] == [
        UseChanged("category", "cat_home", -1),
        UseChanged("category", "cat_garden", 1),
    ]


def test_a_product_stands_in_no_category_that_is_not_there() -> None:
    with pytest.raises(CategoryNotFound):
        use_categories(book_on(*TREE), old=(), new=("cat_home", "cat_none"))
    book = book_on()
    use_categories(book, old=(), new=())
    assert book.events == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "move", "remove", "rename"]),
        st.integers(0, 6),
        st.none() | st.integers(0, 6),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=40,
)


@any_of(STEPS)
def test_whatever_is_asked_the_tree_stays_a_tree(
    steps: list[tuple[str, int, int | None, str]],
) -> None:
    tree = NO_CATEGORIES
    for does, n, m, slug in steps:
        name, parent = f"cat_{n}", None if m is None else f"cat_{m}"
        try:
            match does:
                case "add":
                    events = categories.add(tree, name, parent_id=parent, slug=slug, names=NAMES)
                case "move":
                    events = categories.move(tree, name, parent)
                case "remove":
                    events = categories.remove(tree, name, None)
                case _:
                    events = categories.rename(tree, name, slug=slug, names=NAMES)
        except Refusal:
            continue
        for event in events:
            tree = Categories.evolve(tree, event)
        places = [(node.parent_id, node.slug) for node in tree.by_id.values()]
        assert len(set(places)) == len(places)
        for one in tree.by_id:
            assert len(list(tree.line(one))) <= min(DEPTH_MAX, len(tree.by_id))
