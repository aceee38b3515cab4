"""The routes of what sorts products."""

from interfaces.http.catalog.sorting import brands, categories, collections, product_types
from interfaces.http.routing.route import DefterRoute

SORTING_ROUTES: tuple[DefterRoute, ...] = (
    categories.PUBLIC,
    categories.LIST,
    categories.ADD,
    categories.RENAME,
    categories.MOVE,
    categories.REMOVE,
    brands.PUBLIC,
    brands.LIST,
    brands.ADD,
    brands.RENAME,
    brands.REMOVE,
    product_types.LIST,
    product_types.ONE,
    product_types.DEFINE,
    product_types.CHANGE,
    collections.PUBLIC,
    collections.LIST,
    collections.BEGIN,
    collections.CHANGE,
    collections.REMOVE,
)
