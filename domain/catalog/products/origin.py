"""Where a product was made, as customs and labels ask for it."""

import re

from domain.catalog.events import OriginStated
from domain.catalog.products.product import Product
from domain.kernel.refusals import Invalid

COUNTRY_PATTERN = re.compile(r"[A-Z]{2}")


class CountryInvalid(Invalid):
    """A country is told by its two letters (ISO 3166-1)."""

    code = "catalog.country_invalid"


def state_origin(product: Product, country: str | None) -> tuple[OriginStated, ...]:
    """Say in which country a product was made, or that it is not known; the same is no news."""
    if country is not None and COUNTRY_PATTERN.fullmatch(country) is None:
        raise CountryInvalid("a country has two capital letters, such as TR (ISO 3166-1)")
    if country == product.country_of_origin:
        return ()
    return (OriginStated(product.product_id, country),)
