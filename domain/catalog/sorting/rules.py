"""Rules of collections: which products belong, told as data and asked whenever somebody looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain.catalog.content import AttributeValue
from domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule asks of a product. `category_ids` hold those above its own, too.

    `price` is the lowest one of its variants in the standard list.
    """

    category_ids: frozenset[str] = frozenset()
    brand_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    price: Money | None = None
    in_stock: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """All that is said here has to hold; what is empty or None is not asked.

    A product is in one of the categories or below, of one of the brands, has for each attribute
    one of the values, costs at least `price_from` and at most `price_to`, and can be bought now.
    """

    category_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[bool | int | str, ...]] = field(
        default_factory=dict[str, tuple[bool | int | str, ...]]
    )
    price_from: Money | None = None
    price_to: Money | None = None
    in_stock: bool = False

    def holds(self, facts: Facts) -> bool:
        """Whether a product belongs."""
        return all(holds(self, facts) for holds in CONDITIONS)


def _in_category(rule: Rule, facts: Facts) -> bool:
    return not rule.category_ids or not facts.category_ids.isdisjoint(rule.category_ids)


def _of_brand(rule: Rule, facts: Facts) -> bool:
    return not rule.brand_ids or facts.brand_id in rule.brand_ids


def _with_attributes(rule: Rule, facts: Facts) -> bool:
    return all(
        any(_same(one, wanted) for one in _told(facts.attributes.get(code)) for wanted in values)
        for code, values in rule.attributes.items()
    )


def _from_price(rule: Rule, facts: Facts) -> bool:
    least = rule.price_from
    return least is None or _minor(facts, least.currency) >= least.minor


def _to_price(rule: Rule, facts: Facts) -> bool:
    most = rule.price_to
    return most is None or 0 <= _minor(facts, most.currency) <= most.minor


def _available(rule: Rule, facts: Facts) -> bool:
    return facts.in_stock or not rule.in_stock


CONDITIONS: tuple[Callable[[Rule, Facts], bool], ...] = (
    _in_category,
    _of_brand,
    _with_attributes,
    _from_price,
    _to_price,
    _available,
)


def _told(value: AttributeValue | None) -> tuple[bool | int | str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _same(one: bool | int | str, other: bool | int | str) -> bool:  # noqa: FBT001 - a value, no flag
    return type(one) is type(other) and one == other  # 1 is no yes


def _minor(facts: Facts, currency: str) -> int:
    """Give the price in a currency; less than any price where there is none."""
    price = facts.price
    return price.minor if price is not None and price.currency == currency else -1
