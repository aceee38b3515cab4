"""What a product consists of, as its events tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

AttributeValue: TypeAlias = bool | int | str | tuple[str, ...]
"""A yes or no, a whole number, a text, a decimal number as text, or some of a list's values."""


@dataclass(frozen=True, slots=True)
class Text:
    """A product in one language."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """Something to look at: `kind` is image, video or model_3d (glTF, USDZ).

    `alt` says by language what is to be seen; `variant_id` is the variant that it shows alone.
    """

    url: str
    kind: str = "image"
    alt: Mapping[str, str] | None = None
    content_type: str | None = None
    sha256: str | None = None
    variant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """Another product and why it is shown: `kind` is similar, accessory, upgrade or replacement."""

    product_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Restrictions:
    """To whom and where to a product may be sold; regions are ISO 3166-1 and 3166-2 codes.

    With `only_regions` it goes there alone, never to `not_regions`. `licence` names what a buyer
    has to show. What is not shipped is handed over in person.
    """

    minimum_age_years: int | None = None
    licence: str | None = None
    only_regions: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()
    ships: bool = True


UNRESTRICTED = Restrictions()


@dataclass(frozen=True, slots=True)
class Option:
    """What variants of a product differ in, such as size, and the values to choose from."""

    name: str
    values: tuple[str, ...]
