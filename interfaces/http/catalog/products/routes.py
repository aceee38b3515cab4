"""Every route that changes products."""

from interfaces.http.catalog.products import (
    classifying,
    creating,
    describing,
    origin,
    publishing,
    variants,
)
from interfaces.http.routing.route import DefterRoute

PRODUCT_ROUTES: tuple[DefterRoute, ...] = (
    creating.CREATE,
    creating.CREATE_MANY,
    describing.DESCRIBE,
    describing.CHANGE_SLUG,
    describing.ARRANGE,
    describing.RELATED,
    classifying.CLASSIFY,
    classifying.TAX_CLASS,
    origin.ORIGIN,
    classifying.ATTRIBUTES,
    classifying.CHANNELS,
    classifying.RESTRICT,
    variants.OPTIONS,
    variants.ADD,
    variants.ADD_MATRIX,
    variants.CHANGE,
    variants.RETIRE,
    publishing.PUBLISH,
    publishing.SCHEDULE,
    publishing.CANCEL_SCHEDULE,
    publishing.UNPUBLISH,
    publishing.ARCHIVE,
    publishing.RESTORE,
    publishing.DELETE,
)
