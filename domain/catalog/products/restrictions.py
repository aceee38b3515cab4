"""To whom and where to a product may be sold (CAT-17)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from domain.catalog.content import Restrictions
from domain.catalog.events import RestrictionsSet
from domain.catalog.products.product import Product
from domain.kernel.refusals import Invalid, Refusal, RuleBroken

AGE_YEARS_MAX = 120
REGIONS_MAX = 300
LICENCE_LENGTH_MAX = 120

_CODES = (
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCI"
    "CKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQ"
    "GRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLS"
    "LTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPG"
    "PHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTK"
    "TLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"
)
COUNTRIES = frozenset(re.findall("..", _CODES))
"""ISO 3166-1 alpha-2."""

_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")
"""What follows the country and a hyphen in ISO 3166-2."""


class RestrictionsInvalid(Invalid):
    """A restriction names what there is none of; `field` says which."""

    code = "catalog.restrictions_invalid"


class BuyerTooYoung(RuleBroken):
    """The buyer is too young for this product, or their age is not known."""

    code = "catalog.buyer_too_young"


class LicenceMissing(RuleBroken):
    """The buyer has not shown the licence that this product asks for."""

    code = "catalog.licence_missing"


class RegionExcluded(RuleBroken):
    """This product is not sold to where it should go."""

    code = "catalog.region_excluded"


class NotShipped(RuleBroken):
    """This product is handed over in person only."""

    code = "catalog.not_shipped"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, and where it goes to: what is not known is None.

    `region` is as exact as it is known, TR or TR-34. What is not `shipped` is handed over.
    """

    age_years: int | None = None
    licences: frozenset[str] = frozenset()
    region: str | None = None
    shipped: bool = True


def _old_enough(asked: Restrictions, buyer: Buyer) -> Refusal | None:
    least = asked.minimum_age_years
    if least is None or (buyer.age_years is not None and buyer.age_years >= least):
        return None
    return BuyerTooYoung(f"this is sold from {least} years on", minimum_age_years=least)


def _licensed(asked: Restrictions, buyer: Buyer) -> Refusal | None:
    if asked.licence is None or asked.licence in buyer.licences:
        return None
    return LicenceMissing("this is sold to those alone who show a licence", licence=asked.licence)


def _in_region(asked: Restrictions, buyer: Buyer) -> Refusal | None:
    if not asked.only_regions and not asked.not_regions:
        return None
    known = buyer.region is not None
    allowed = not asked.only_regions or _within(buyer.region, asked.only_regions)
    if known and allowed and not _within(buyer.region, asked.not_regions):
        return None
    return RegionExcluded("this is not sold to there", region=buyer.region or "")


def _ships(asked: Restrictions, buyer: Buyer) -> Refusal | None:
    if asked.ships or not buyer.shipped:
        return None
    return NotShipped("this is handed over in person, not shipped")


POLICY: tuple[Callable[[Restrictions, Buyer], Refusal | None], ...] = (
    _old_enough,
    _licensed,
    _in_region,
    _ships,
)
"""What a sale is held against; each rule answers a refusal or nothing."""


def refusals(asked: Restrictions, buyer: Buyer) -> tuple[Refusal, ...]:
    """Give everything that speaks against selling to this buyer."""
    return tuple(filter(None, (rule(asked, buyer) for rule in POLICY)))


def restrict(product: Product, restrictions: Restrictions) -> tuple[RestrictionsSet, ...]:
    """Say to whom and where to a product may be sold; the same changes nothing."""
    age, licence = restrictions.minimum_age_years, restrictions.licence
    rules = {
        "minimum_age_years": age is None or 1 <= age <= AGE_YEARS_MAX,
        "licence": licence is None
        or (licence.isprintable() and 0 < len(licence.strip()) <= LICENCE_LENGTH_MAX),
        "only_regions": _are_regions(restrictions.only_regions),
        "not_regions": _are_regions(restrictions.not_regions),
    }
    wrong = next((name for name, right in rules.items() if not right), None)
    if wrong is not None:
        raise RestrictionsInvalid(_SAID[wrong], field=wrong)
    if restrictions == product.restrictions:
        return ()
    return (RestrictionsSet(product.product_id, restrictions),)


_REGIONS_SAID = f"name regions as TR or TR-34 (ISO 3166), each once, {REGIONS_MAX} at most"
_SAID = {
    "minimum_age_years": f"an age is 1 to {AGE_YEARS_MAX} years",
    "licence": f"a licence is named in one line of {LICENCE_LENGTH_MAX} at most",
    "only_regions": _REGIONS_SAID,
    "not_regions": _REGIONS_SAID,
}


def _within(region: str | None, regions: tuple[str, ...]) -> bool:
    return region in regions or (region or "").partition("-")[0] in regions


def _are_regions(regions: tuple[str, ...]) -> bool:
    return (
        len(regions) <= REGIONS_MAX
        and len(set(regions)) == len(regions)
        and all(map(_is_region, regions))
    )


def _is_region(region: str) -> bool:
    country, hyphen, part = region.partition("-")
    return country in COUNTRIES and (not hyphen or _SUBDIVISION.fullmatch(part) is not None)
