"""The tree of categories: seen by everybody with a key, arranged by staff."""

from application.catalog.categories import (
    AddCategory,
    CategoryResult,
    MoveCategory,
    RemoveCategory,
    RenameCategory,
)
from application.permissions import Permission
from interfaces.http.catalog.sorting.shapes import (
    CategoriesView,
    CategoryBody,
    MoveBody,
    NewCategoryBody,
    NothingBody,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from projections.catalog.sorting import categories

CATEGORIES = "catalog_categories"
PATH = "/api/admin/categories"
ONE_PATH = PATH + "/{category_id}"


def _add(asked: Asked[NewCategoryBody]) -> AddCategory:
    body = asked.body
    return AddCategory(body.names, body.slug, body.parent_id, body.category_id)


def _rename(asked: Asked[CategoryBody]) -> RenameCategory:
    return RenameCategory(asked.path["category_id"], asked.body.slug, asked.body.names)


def _move(asked: Asked[MoveBody]) -> MoveCategory:
    return MoveCategory(asked.path["category_id"], asked.body.parent_id)


def _remove(asked: Asked[NothingBody]) -> RemoveCategory:
    return RemoveCategory(asked.path["category_id"])


async def _categories(question: Question[Standing]) -> Answer:
    """Each category comes after the one that it is below."""
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(CATEGORIES) as view:
        items = await categories.categories(view.connection, tenant_id)
    return Answer({"items": items}, view.position)


PUBLIC = QueryRoute(
    "/api/categories",
    Standing,
    _categories,
    permission=None,
    keyed=True,
    result=CategoriesView,
    summary="See the tree of categories",
    name="catalog_public_categories",
)

LIST = QueryRoute(
    PATH,
    Standing,
    _categories,
    permission=Permission.CATALOG_READ,
    result=CategoriesView,
    summary="See the tree of categories as staff",
    name="catalog_categories",
    staff_only=True,
)

ADD = CommandRoute(
    PATH,
    AddCategory,
    NewCategoryBody,
    _add,
    permission=Permission.CATALOG_MANAGE,
    result=CategoryResult,
    summary="Add a category",
    moves_money=False,
    staff_only=True,
)

RENAME = CommandRoute(
    ONE_PATH,
    RenameCategory,
    CategoryBody,
    _rename,
    method="PUT",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=CategoryResult,
    summary="Give a category other names or another part of its path",
    moves_money=False,
    staff_only=True,
)

MOVE = CommandRoute(
    f"{ONE_PATH}/move",
    MoveCategory,
    MoveBody,
    _move,
    permission=Permission.CATALOG_MANAGE,
    result=CategoryResult,
    summary="Put a category with all that is below it elsewhere",
    moves_money=False,
    staff_only=True,
)

REMOVE = CommandRoute(
    ONE_PATH,
    RemoveCategory,
    NothingBody,
    _remove,
    method="DELETE",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=CategoryResult,
    summary="Remove a category that nothing stands in",
    moves_money=False,
    staff_only=True,
)
