"""The tree of categories: add, rename, move with all that is below, remove what is empty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from domain.catalog.sorting.events import (
    CategoriesEvent,
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
)
from domain.catalog.sorting.naming import check_names, chosen_slug
from domain.catalog.sorting.uses import Use, check_unused
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

CATEGORIES_MAX = 5_000
DEPTH_MAX = 8


class CategoryNotFound(NotFound):
    """There is no such category."""

    code = "catalog.category_not_found"


class CategoryExists(RuleBroken):
    """A category with this id is there already."""

    code = "catalog.category_exists"


class CategorySlugTaken(RuleBroken):
    """Another category below the same one has this part of the path."""

    code = "catalog.category_slug_taken"


class CategoryNotEmpty(RuleBroken):
    """Categories stand below it; move or remove them first."""

    code = "catalog.category_not_empty"


class CategoryInItself(Invalid):
    """A category can not stand below itself."""

    code = "catalog.category_in_itself"


class TreeTooDeep(RuleBroken):
    """A path has a limited number of parts."""

    code = "catalog.categories_too_deep"


class TooManyCategories(RuleBroken):
    """A tenant has a limited number of categories."""

    code = "catalog.too_many_categories"


@dataclass(frozen=True, slots=True)
class Node:
    """Where a category stands; None is the top."""

    parent_id: str | None
    slug: str


@dataclass(frozen=True, slots=True)
class Categories:
    """All categories of a tenant, by id."""

    CATEGORY: ClassVar[str] = "categories"
    FOLD_VERSION: ClassVar[int] = 1

    by_id: Mapping[str, Node]

    @classmethod
    def evolve(cls, state: "Categories | None", event: CategoriesEvent) -> "Categories":
        nodes = dict(state.by_id) if state is not None else {}
        match event:
            case CategoryAdded(category_id):
                nodes[category_id] = Node(event.parent_id, event.slug)
            case CategoryRenamed(category_id):
                nodes[category_id] = replace(nodes[category_id], slug=event.slug)
            case CategoryMoved(category_id):
                nodes[category_id] = replace(nodes[category_id], parent_id=event.parent_id)
            case CategoryRemoved(category_id):
                del nodes[category_id]
            case _:
                raise AssertionError(event)
        return cls(nodes)

    def line(self, category_id: str | None) -> Iterator[str]:
        """Go from a category up to the top, itself first."""
        while category_id is not None:
            yield category_id
            category_id = self.by_id[category_id].parent_id


NO_CATEGORIES = Categories({})


def add(
    tree: Categories,
    category_id: str,
    *,
    parent_id: str | None,
    slug: str | None,
    names: Mapping[str, str],
) -> tuple[CategoryAdded, ...]:
    """Begin a category below another one, or at the top; its slug may be made of its name."""
    if category_id in tree.by_id:
        raise CategoryExists("a category with this id is there already")
    if len(tree.by_id) >= CATEGORIES_MAX:
        raise TooManyCategories(f"a tenant has {CATEGORIES_MAX} categories at most")
    check_names(names)
    slug = chosen_slug(slug, names)
    _check_place(tree, category_id, parent_id, slug)
    _check_depth(tree, parent_id, 1)
    return (CategoryAdded(category_id, parent_id, slug, names),)


def rename(
    tree: Categories, category_id: str, *, slug: str, names: Mapping[str, str]
) -> tuple[CategoryRenamed, ...]:
    """Give a category other names or another part of its path."""
    node = _known(tree, category_id)
    check_names(names)
    slug = chosen_slug(slug, names)
    _check_place(tree, category_id, node.parent_id, slug)
    return (CategoryRenamed(category_id, slug, names),)


def move(tree: Categories, category_id: str, parent_id: str | None) -> tuple[CategoryMoved, ...]:
    """Put a category with all that is below it elsewhere; where it stands already, nothing."""
    node = _known(tree, category_id)
    if node.parent_id == parent_id:
        return ()
    _check_place(tree, category_id, parent_id, node.slug)
    if category_id in tree.line(parent_id):
        raise CategoryInItself("a category can not stand below itself")
    _check_depth(tree, parent_id, _height(tree, category_id))
    return (CategoryMoved(category_id, parent_id),)


def remove(tree: Categories, category_id: str, use: Use | None) -> tuple[CategoryRemoved, ...]:
    """Let a category be no more; nothing may stand in it."""
    _known(tree, category_id)
    if any(node.parent_id == category_id for node in tree.by_id.values()):
        raise CategoryNotEmpty("categories stand below it; move or remove them first")
    check_unused(use)
    return (CategoryRemoved(category_id),)


def _known(tree: Categories, category_id: str) -> Node:
    node = tree.by_id.get(category_id)
    if node is None:
        raise CategoryNotFound("there is no such category")
    return node


def _check_place(tree: Categories, category_id: str, parent_id: str | None, slug: str) -> None:
    if parent_id is not None:
        _known(tree, parent_id)
    for other_id, other in tree.by_id.items():
        if other.slug == slug and other.parent_id == parent_id and other_id != category_id:
            raise CategorySlugTaken("another category below the same one has this part of the path")


def _check_depth(tree: Categories, parent_id: str | None, height: int) -> None:
    if len(list(tree.line(parent_id))) + height > DEPTH_MAX:
        raise TreeTooDeep(f"a path has {DEPTH_MAX} parts at most")


def _height(tree: Categories, category_id: str) -> int:
    """Count the levels of a category with what is below it."""
    above = len(list(tree.line(category_id)))
    lines = [line for one in tree.by_id if category_id in (line := list(tree.line(one)))]
    return max(map(len, lines)) - above + 1
