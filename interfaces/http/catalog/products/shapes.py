"""What is said of products in requests."""

from typing import Annotated

from pydantic import Field

from domain.catalog import content
from domain.catalog.content import Medium, Option, Related, Restrictions
from domain.catalog.languages import LOCALE_PATTERN, LOCALES_MAX
from domain.catalog.products.classifying import (
    CATEGORIES_PER_PRODUCT_MAX,
    CHANNELS_MAX,
    Classification,
)
from domain.catalog.products.describing import DESCRIPTION_LENGTH_MAX, NAME_LENGTH_MAX
from domain.catalog.products.media import ALT_LENGTH_MAX, MEDIA_MAX, URL_LENGTH_MAX
from domain.catalog.products.options import OPTIONS_MAX, VALUES_MAX, WORD_LENGTH_MAX
from domain.catalog.products.related import RELATED_MAX
from domain.catalog.products.restrictions import (
    AGE_YEARS_MAX,
    LICENCE_LENGTH_MAX,
    REGIONS_MAX,
)
from domain.catalog.slugs import SLUG_LENGTH_MAX, SLUG_PATTERN
from domain.catalog.sorting.product_types import (
    ATTRIBUTES_MAX,
    CODE_PATTERN,
    TEXT_LENGTH_MAX,
)
from domain.catalog.sorting.product_types import (
    VALUES_MAX as ATTRIBUTE_VALUES_MAX,
)
from domain.kernel.ids import ID_PATTERN
from domain.kernel.money import AMOUNT_MINOR_MAX
from interfaces.http.wire.fields import Body

_ID = f"^{ID_PATTERN.pattern}$"

Locale = Annotated[str, Field(pattern=f"^{LOCALE_PATTERN.pattern}$")]
ProductId = Annotated[str, Field(pattern=_ID, examples=["prd_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
VariantId = Annotated[str, Field(pattern=_ID, examples=["var_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
CategoryId = Annotated[str, Field(pattern=_ID, examples=["cat_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
BrandId = Annotated[str, Field(pattern=_ID, examples=["brd_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
TypeId = Annotated[str, Field(pattern=_ID, examples=["pty_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
Slug = Annotated[
    str,
    Field(
        pattern=f"^{SLUG_PATTERN.pattern}$",
        max_length=SLUG_LENGTH_MAX,
        examples=["cam-surahi"],
        description="The readable part of the product's address",
    ),
]
TaxClassCode = Annotated[
    str,
    Field(
        pattern="^[a-z][a-z_]{0,39}$",
        examples=["standard"],
        description="standard, reduced, super_reduced or exempt: the class of KDV rates",
    ),
]


class NothingBody(Body):
    """Nothing more to say."""


class TextBody(Body):
    """A product in one language."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX, examples=["Cam sürahi"])]
    description: Annotated[
        str, Field(max_length=DESCRIPTION_LENGTH_MAX, examples=["Kulplu, 1,5 litre."])
    ] = ""

    def text(self) -> content.Text:
        """Give the text as the rules know it."""
        return content.Text(self.name, self.description)


Texts = Annotated[
    dict[Locale, TextBody],
    Field(
        min_length=1,
        max_length=LOCALES_MAX,
        description="By language, as BCP 47 names it; Turkish stands in for what is lacking",
        examples=[{"tr": {"name": "Cam sürahi"}, "en": {"name": "Glass jug"}}],
    ),
]


def texts_of(texts: dict[str, TextBody]) -> dict[str, content.Text]:
    """Give texts as the rules know them."""
    return {locale: text.text() for locale, text in texts.items()}


class ClassificationBody(Body):
    """Where a product stands. The first category is the primary one, unless another is named."""

    category_ids: Annotated[
        tuple[CategoryId, ...], Field(strict=False, max_length=CATEGORIES_PER_PRODUCT_MAX)
    ] = ()
    primary_category_id: CategoryId | None = None
    brand_id: BrandId | None = None

    def classification(self) -> Classification:
        """Give it as the rules know it."""
        return Classification(self.category_ids, self.primary_category_id, self.brand_id)


WholeNumber = Annotated[int, Field(ge=-AMOUNT_MINOR_MAX, le=AMOUNT_MINOR_MAX)]
AttributeText = Annotated[str, Field(max_length=TEXT_LENGTH_MAX)]
AttributeValues = Annotated[
    tuple[AttributeText, ...], Field(strict=False, max_length=ATTRIBUTE_VALUES_MAX)
]
Attributes = Annotated[
    dict[
        Annotated[str, Field(pattern=f"^{CODE_PATTERN.pattern}$")],
        bool | WholeNumber | AttributeText | AttributeValues,
    ],
    Field(
        max_length=ATTRIBUTES_MAX,
        description="By the type's codes: yes or no, a number (as a text where it has decimals), a"
        " text, or some of a choice",
        examples=[{"volume_litres": "1.5", "dishwasher": True, "colour": ["clear"]}],
    ),
]
Channels = Annotated[
    tuple[Annotated[str, Field(max_length=40, examples=["web"])], ...],
    Field(strict=False, max_length=CHANNELS_MAX, description="None named is all of them"),
]


class MediumBody(Body):
    """Something to look at; `variant_id` is the variant that it shows alone."""

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=URL_LENGTH_MAX,
            examples=["https://cdn.example.com/surahi.webp"],
            description="https, or an asset of your own: /api/assets/ and its SHA-256",
        ),
    ]
    kind: Annotated[
        str, Field(max_length=20, examples=["image"], description="image, video or model_3d")
    ] = "image"
    alt: (
        Annotated[
            dict[Locale, Annotated[str, Field(max_length=ALT_LENGTH_MAX)]],
            Field(max_length=LOCALES_MAX, examples=[{"tr": "Kulplu cam sürahi"}]),
        ]
        | None
    ) = None
    content_type: Annotated[str, Field(max_length=120, examples=["image/webp"])] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    variant_id: VariantId | None = None

    def medium(self) -> Medium:
        """Give it as the rules know it."""
        return Medium(
            self.url, self.kind, self.alt, self.content_type, self.sha256, self.variant_id
        )


Media = Annotated[tuple[MediumBody, ...], Field(strict=False, max_length=MEDIA_MAX)]


class RelatedBody(Body):
    """Another product, and why it is shown."""

    product_id: ProductId
    kind: Annotated[
        str,
        Field(
            max_length=20,
            examples=["accessory"],
            description="similar, accessory, upgrade or replacement",
        ),
    ]

    def related(self) -> Related:
        """Give it as the rules know it."""
        return Related(self.product_id, self.kind)


RelatedProducts = Annotated[tuple[RelatedBody, ...], Field(strict=False, max_length=RELATED_MAX)]
Regions = Annotated[
    tuple[Annotated[str, Field(max_length=6, examples=["TR"])], ...],
    Field(strict=False, max_length=REGIONS_MAX, description="ISO 3166: TR, or TR-34"),
]


class RestrictionsBody(Body):
    """To whom and where to a product may be sold; nothing said is to anyone, anywhere."""

    minimum_age_years: Annotated[int, Field(ge=1, le=AGE_YEARS_MAX, examples=[18])] | None = None
    licence: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=LICENCE_LENGTH_MAX,
                examples=["hunting"],
                description="What a buyer has to show",
            ),
        ]
        | None
    ) = None
    only_regions: Regions = ()
    not_regions: Regions = ()
    ships: Annotated[bool, Field(description="Whether it is sent, not only handed over")] = True

    def restrictions(self) -> Restrictions:
        """Give them as the rules know them."""
        return Restrictions(
            self.minimum_age_years, self.licence, self.only_regions, self.not_regions, self.ships
        )


Word = Annotated[str, Field(min_length=1, max_length=WORD_LENGTH_MAX)]


class OptionBody(Body):
    """What variants differ in, and the values to choose from, in order."""

    name: Annotated[Word, Field(examples=["Renk"])]
    values: Annotated[
        tuple[Word, ...],
        Field(strict=False, min_length=1, max_length=VALUES_MAX, examples=[["Yeşil", "Mavi"]]),
    ]

    def option(self) -> Option:
        """Give it as the rules know it."""
        return Option(self.name, self.values)


Options = Annotated[tuple[OptionBody, ...], Field(strict=False, max_length=OPTIONS_MAX)]
