"""Product types: what is told of products of a kind, and what may be told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.catalog.content import AttributeValue
from domain.catalog.sorting.events import Attribute, ProductTypeDefined
from domain.catalog.sorting.naming import check_names
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

ATTRIBUTES_MAX = 100
VALUES_MAX = 500
VALUE_LENGTH_MAX = 120
TEXT_LENGTH_MAX = 1_000
UNIT_LENGTH_MAX = 20
NUMBER_DIGITS_MAX = 18
CODE_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")
FRACTION_PATTERN = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]*[1-9]")
"""A number that is not whole, written in the one way that it has."""


class ProductTypeNotFound(NotFound):
    """There is no such product type."""

    code = "catalog.product_type_not_found"


class ProductTypeExists(RuleBroken):
    """A product type with this id is there already."""

    code = "catalog.product_type_exists"


class ProductTypeInvalid(Invalid):
    """A type tells each attribute once, and of each what its kind needs."""

    code = "catalog.product_type_invalid"


class AttributeKindFixed(RuleBroken):
    """What products tell under a code stays of its kind; take another code."""

    code = "catalog.attribute_kind_fixed"


class AttributeInvalid(Invalid):
    """An attribute is not as the product's type says."""

    code = "catalog.attribute_invalid"


class AttributeMissing(Invalid):
    """The product's type requires an attribute that is not told."""

    code = "catalog.attribute_missing"


class Kind(StrEnum):
    """What an attribute is: text, a number, yes or no, or some of a list's values."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ProductType:
    """The attributes of a type by code, and of which kind each code ever was."""

    CATEGORY: ClassVar[str] = "product_type"
    FOLD_VERSION: ClassVar[int] = 1

    attributes: Mapping[str, Attribute]
    kinds: Mapping[str, str]

    @classmethod
    def evolve(cls, state: "ProductType | None", event: ProductTypeDefined) -> "ProductType":
        known: Mapping[str, str] = state.kinds if state is not None else {}
        attributes = {one.code: one for one in event.attributes}
        return cls(attributes, {**known, **{code: one.kind for code, one in attributes.items()}})


def define(
    before: ProductType | None,
    type_id: str,
    *,
    names: Mapping[str, str],
    attributes: tuple[Attribute, ...],
) -> tuple[ProductTypeDefined, ...]:
    """Say what is told of products of a type.

    Products keep what they tell: an attribute or a value that is gone holds for what is set next.
    """
    check_names(names)
    if len(attributes) > ATTRIBUTES_MAX:
        raise ProductTypeInvalid(f"a type has {ATTRIBUTES_MAX} attributes at most")
    if len({one.code for one in attributes}) != len(attributes):
        raise ProductTypeInvalid("a type tells each attribute once")
    kinds: Mapping[str, str] = before.kinds if before is not None else {}
    for one in attributes:
        _check_attribute(one)
        if kinds.get(one.code, one.kind) != one.kind:
            raise AttributeKindFixed(
                "what products tell under a code stays of its kind", attribute=one.code
            )
    return (ProductTypeDefined(type_id, names, attributes),)


def check_values(kind: ProductType, values: Mapping[str, AttributeValue]) -> None:
    """Refuse values that are not as their type says, and where a required one is lacking."""
    for code, value in values.items():
        attribute = kind.attributes.get(code)
        if attribute is None:
            raise AttributeInvalid("the product's type has no such attribute", attribute=code)
        if not _FITS[Kind(attribute.kind)](attribute, value):
            raise AttributeInvalid(_MEANINGS[Kind(attribute.kind)], attribute=code)
    for code, attribute in kind.attributes.items():
        if attribute.required and code not in values:
            raise AttributeMissing("the product's type requires this attribute", attribute=code)


def _check_attribute(attribute: Attribute) -> None:
    if CODE_PATTERN.fullmatch(attribute.code) is None:
        raise ProductTypeInvalid("a code has small letters, digits and underscores, 40 at most")
    check_names(attribute.names)
    if attribute.kind not in set(Kind):
        raise ProductTypeInvalid("an attribute is text, number, boolean or choice")
    if (attribute.kind == Kind.CHOICE) != bool(attribute.values):
        raise ProductTypeInvalid("a choice has values, and nothing else has", **_named(attribute))
    if len(set(attribute.values)) != len(attribute.values) or len(attribute.values) > VALUES_MAX:
        raise ProductTypeInvalid(f"{VALUES_MAX} values at most, each once", **_named(attribute))
    if not all(0 < len(value.strip()) <= VALUE_LENGTH_MAX for value in attribute.values):
        raise ProductTypeInvalid(
            f"a value has 1 to {VALUE_LENGTH_MAX} characters", **_named(attribute)
        )
    if attribute.unit is not None and (
        attribute.kind != Kind.NUMBER or not 0 < len(attribute.unit.strip()) <= UNIT_LENGTH_MAX
    ):
        raise ProductTypeInvalid("only a number has a unit, such as cm", **_named(attribute))


def _named(attribute: Attribute) -> dict[str, str]:
    return {"attribute": attribute.code}


def _is_text(_attribute: Attribute, value: AttributeValue) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= TEXT_LENGTH_MAX


def _is_number(_attribute: Attribute, value: AttributeValue) -> bool:
    if isinstance(value, str):
        fits = len(value) <= NUMBER_DIGITS_MAX + len("-.")
        return fits and FRACTION_PATTERN.fullmatch(value) is not None
    return type(value) is int and abs(value) < 10**NUMBER_DIGITS_MAX


def _is_boolean(_attribute: Attribute, value: AttributeValue) -> bool:
    return isinstance(value, bool)


def _is_choice(attribute: Attribute, value: AttributeValue) -> bool:
    if isinstance(value, str):
        return value in attribute.values
    if not isinstance(value, tuple):
        return False
    return 0 < len(value) == len(set(value)) and set(value) <= set(attribute.values)


_FITS: Mapping[Kind, Callable[[Attribute, AttributeValue], bool]] = {
    Kind.TEXT: _is_text,
    Kind.NUMBER: _is_number,
    Kind.BOOLEAN: _is_boolean,
    Kind.CHOICE: _is_choice,
}
_MEANINGS: Mapping[Kind, str] = {
    Kind.TEXT: f"a text has 1 to {TEXT_LENGTH_MAX} characters",
    Kind.NUMBER: "a whole number is a number; any other is a text such as 2.5, without idle zeros",
    Kind.BOOLEAN: "it is true or false",
    Kind.CHOICE: "it is one of the attribute's values, or a list of some of them",
}
