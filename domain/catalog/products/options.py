"""What the variants of a product differ in (CAT-06)."""

from collections.abc import Mapping
from itertools import product as every_combination
from math import prod

from domain.catalog.content import Option
from domain.catalog.products.product import Product
from domain.catalog.variant_events import OptionsChosen
from domain.kernel.refusals import Invalid, RuleBroken

OPTIONS_MAX = 5
VALUES_MAX = 100
WORD_LENGTH_MAX = 60


class OptionsInvalid(Invalid):
    """Options and their values are short words, each said once; `option` says which."""

    code = "catalog.options_invalid"


class OptionInUse(RuleBroken):
    """A variant is of a value, or lacks an option, that this choice does not know or asks for."""

    code = "catalog.option_in_use"


class CombinationInvalid(Invalid):
    """A variant has one of the values of each option of its product, and nothing more."""

    code = "catalog.combination_invalid"


class MatrixTooLarge(RuleBroken):
    """The options of a product have more combinations than a product has variants."""

    code = "catalog.matrix_too_large"


def choose(product: Product, options: tuple[Option, ...]) -> tuple[OptionsChosen, ...]:
    """Let variants differ in these; those that there are must still fit."""
    if len(options) > OPTIONS_MAX or _repeats([option.name for option in options]):
        raise OptionsInvalid(f"name each option once, {OPTIONS_MAX} at most")
    for option in options:
        values = option.values
        if not 0 < len(values) <= VALUES_MAX or _repeats(values):
            raise OptionsInvalid(
                f"an option has each value once, {VALUES_MAX} at most", option=option.name
            )
        if not all(map(_is_word, (option.name, *values))):
            raise OptionsInvalid(
                f"a name or value is one line of {WORD_LENGTH_MAX} at most", option=option.name
            )
    for variant_id, variant in product.variants.items():
        if not _fits(options, variant.options):
            raise OptionInUse("retire the variant first that is otherwise", variant_id=variant_id)
    return (OptionsChosen(product.product_id, options),) if options != product.options else ()


def check_fits(product: Product, chosen: Mapping[str, str]) -> None:
    """Refuse a combination that the product's options do not allow."""
    if not _fits(product.options, chosen):
        asked = ", ".join(option.name for option in product.options) or "no options"
        raise CombinationInvalid(f"a variant has one of the values of each: {asked}")


def lacking(product: Product, *, at_most: int) -> list[Mapping[str, str]]:
    """Give the combinations of values that no variant is of, the last option changing first."""
    if prod(len(option.values) for option in product.options) > at_most:
        raise MatrixTooLarge(f"these options have more than {at_most} combinations")
    names = [option.name for option in product.options]
    there = [variant.options for variant in product.variants.values()]
    every = every_combination(*(option.values for option in product.options))
    combinations = (dict(zip(names, values, strict=True)) for values in every)
    return [one for one in combinations if one not in there]


def _fits(options: tuple[Option, ...], chosen: Mapping[str, str]) -> bool:
    return len(chosen) == len(options) and all(
        chosen.get(option.name) in option.values for option in options
    )


def _is_word(text: str) -> bool:
    return text == text.strip() and 0 < len(text) <= WORD_LENGTH_MAX and text.isprintable()


def _repeats(words: tuple[str, ...] | list[str]) -> bool:
    return len(set(words)) != len(words)
