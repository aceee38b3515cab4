"""Collections: products shown together, chosen one by one or by a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.catalog.sorting.events import CollectionDefined, CollectionEvent, CollectionRemoved
from domain.catalog.sorting.naming import check_names, chosen_slug
from domain.catalog.sorting.rules import Rule
from domain.kernel.money import Money
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

PRODUCTS_MAX = 1_000
RULE_VALUES_MAX = 100


class CollectionNotFound(NotFound):
    """There is no such collection."""

    code = "catalog.collection_not_found"


class CollectionExists(RuleBroken):
    """A collection with this id is there, or was: ids are not used again."""

    code = "catalog.collection_exists"


class CollectionInvalid(Invalid):
    """A collection names products, each once, or a rule that asks for something."""

    code = "catalog.collection_invalid"


@dataclass(frozen=True, slots=True)
class Collection:
    """The address of a collection; None once it was removed."""

    CATEGORY: ClassVar[str] = "collection"
    FOLD_VERSION: ClassVar[int] = 1

    slug: str | None

    @classmethod
    def evolve(cls, state: "Collection | None", event: CollectionEvent) -> "Collection":  # noqa: ARG003 - all said anew
        match event:
            case CollectionDefined():
                return cls(event.slug)
            case CollectionRemoved():
                return cls(None)
            case _:
                raise AssertionError(event)


def begin(
    collection: Collection | None,
    collection_id: str,
    *,
    slug: str | None,
    names: Mapping[str, str],
    products: tuple[str, ...] | Rule,
) -> tuple[CollectionDefined, ...]:
    """Show products together from now on; the slug may be made of the name."""
    if collection is not None:
        raise CollectionExists("a collection with this id is there, or was")
    _check(names, products)
    slug = chosen_slug(slug, names)
    return (CollectionDefined(collection_id, slug, None, names, products),)


def change(
    collection: Collection | None,
    collection_id: str,
    *,
    slug: str,
    names: Mapping[str, str],
    products: tuple[str, ...] | Rule,
) -> tuple[CollectionDefined, ...]:
    """Show others together, in another order, or under another name."""
    old_slug = _slug_of(collection)
    _check(names, products)
    slug = chosen_slug(slug, names)
    return (CollectionDefined(collection_id, slug, old_slug, names, products),)


def remove(collection: Collection | None, collection_id: str) -> tuple[CollectionRemoved, ...]:
    """Let a collection be no more."""
    return (CollectionRemoved(collection_id, _slug_of(collection)),)


def _slug_of(collection: Collection | None) -> str:
    if collection is None or collection.slug is None:
        raise CollectionNotFound("there is no such collection")
    return collection.slug


def _check(names: Mapping[str, str], products: tuple[str, ...] | Rule) -> None:
    check_names(names)
    if isinstance(products, Rule):
        _check_rule(products)
    elif len(products) > PRODUCTS_MAX or len(set(products)) != len(products):
        raise CollectionInvalid(f"a collection names {PRODUCTS_MAX} products at most, each once")


def _check_rule(rule: Rule) -> None:
    if rule == Rule():
        raise CollectionInvalid("a rule asks for something; this one would take everything")
    lists = (rule.category_ids, rule.brand_ids, tuple(rule.attributes))
    if any(len(one) > RULE_VALUES_MAX for one in lists):
        raise CollectionInvalid(f"a rule names {RULE_VALUES_MAX} of a kind at most")
    if not all(0 < len(values) <= RULE_VALUES_MAX for values in rule.attributes.values()):
        raise CollectionInvalid(f"an attribute is one of 1 to {RULE_VALUES_MAX} values")
    _check_prices(rule.price_from, rule.price_to)


def _check_prices(least: Money | None, most: Money | None) -> None:
    if any(price is not None and price.minor < 0 for price in (least, most)):
        raise CollectionInvalid("a price is not negative")
    if least is None or most is None:
        return
    if least.currency != most.currency or most.minor < least.minor:
        raise CollectionInvalid("prices go from the lower one up, in one currency")
