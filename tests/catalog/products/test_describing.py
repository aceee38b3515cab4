"""CAT-03, CAT-09 and CAT-15: what is told and shown of a product."""

from dataclasses import replace

import pytest

from application.catalog.describing import ArrangeMedia, ChooseRelated, DescribeProduct
from application.catalog.finding import ProductResult
from domain.catalog.content import Medium, Related, Text
from domain.catalog.events import MediaArranged, ProductDescribed, RelatedChosen
from domain.catalog.languages import LocaleInvalid
from domain.catalog.products.describing import (
    DESCRIPTION_LENGTH_MAX,
    NAME_LENGTH_MAX,
    TextInvalid,
)
from domain.catalog.products.media import MEDIA_MAX, MediaInvalid
from domain.catalog.products.product import ProductNotFound
from domain.catalog.products.publishing import NotPublishable
from domain.catalog.products.related import RELATED_MAX, RelatedInvalid
from tests.catalog.products.goods import (
    CLEAR,
    DELETED,
    DRAFT,
    GLASS,
    IMAGE,
    JUG,
    PUBLISHED,
    SHOP,
    WHOLE,
    about,
)
from tests.kit.scenario import given

OWN = "/api/assets/" + "0" * 64


@pytest.mark.row("CAT-03")
def test_all_texts_are_told_anew() -> None:
    texts = {"tr": Text("Sürahi", "Kulplu.\n\tElde yıkanır."), "pt-BR": Text("Jarra")}
    answer = given(*DRAFT).when(DescribeProduct(JUG, texts))
    answer.then(ProductDescribed(JUG, texts))
    answer.then_result(ProductResult(JUG, "cam-surahi", "draft", 2))


@pytest.mark.row("CAT-03")
@pytest.mark.parametrize(
    "text",
    [
        Text(""),
        Text("  "),
        Text("Cam\nsürahi"),
        Text("c" * (NAME_LENGTH_MAX + 1)),
        Text("Cam", "\0"),
        Text("Cam", "c" * (DESCRIPTION_LENGTH_MAX + 1)),
    ],
)
def test_refuses_a_text_that_can_not_be_shown(text: Text) -> None:
    given(*DRAFT).when(DescribeProduct(JUG, {"tr": text})).then_refused(TextInvalid, locale="tr")


@pytest.mark.row("CAT-03")
def test_refuses_a_product_without_a_name_and_languages_that_are_none() -> None:
    given(*DRAFT).when(DescribeProduct(JUG, {})).then_refused(TextInvalid)
    for locale in ("turkish", "TR", "tr_TR"):
        asked = DescribeProduct(JUG, {locale: Text("Cam")})
        given(*DRAFT).when(asked).then_refused(LocaleInvalid)
    many = {f"t{letter}": Text("Cam") for letter in "abcdefghijklmnopqrstu"}
    given(*DRAFT).when(DescribeProduct(JUG, many)).then_refused(LocaleInvalid)


@pytest.mark.row("CAT-03")
@pytest.mark.parametrize("past", [SHOP, DELETED])
def test_what_is_not_there_is_not_found(past: tuple[object, ...]) -> None:
    asked = DescribeProduct(JUG, {"tr": Text("Cam")})
    given(*past).when(asked).then_refused(ProductNotFound)  # type: ignore[arg-type]


@pytest.mark.row("CAT-09")
def test_media_are_shown_in_their_order() -> None:
    media = (
        Medium(OWN, "model_3d", {"tr": "Sürahi", "en": "Jug"}, "model/gltf-binary", "0" * 64),
        IMAGE,
        Medium("https://cdn.example/jug.mp4?v=2", "video", variant_id=CLEAR),
    )
    given(*WHOLE).when(ArrangeMedia(JUG, media)).then(MediaArranged(JUG, media))
    given(*WHOLE).when(ArrangeMedia(JUG, ())).then(MediaArranged(JUG, ()))


@pytest.mark.row("CAT-09")
@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (replace(IMAGE, url="http://cdn.example/jug.webp"), "url"),
        (replace(IMAGE, url="https:///jug.webp"), "url"),
        (replace(IMAGE, url="https://me:secret@cdn.example/jug.webp"), "url"),
        (replace(IMAGE, url="https://cdn.example/my jug.webp"), "url"),
        (replace(IMAGE, url="https://cdn.example/sürahi.webp"), "url"),
        (replace(IMAGE, url="https://[cdn.example/jug.webp"), "url"),
        (replace(IMAGE, url="javascript:alert(1)"), "url"),
        (replace(IMAGE, url="/api/assets/../secrets"), "url"),
        (replace(IMAGE, url="https://cdn.example/" + "c" * 2_000), "url"),
        (replace(IMAGE, kind="sound"), "kind"),
        (replace(IMAGE, alt={"tr": "Cam\nsürahi"}), "alt"),
        (replace(IMAGE, alt={"tr": "c" * 501}), "alt"),
        (replace(IMAGE, content_type="webp"), "content_type"),
        (replace(IMAGE, sha256="0" * 63), "sha256"),
        (replace(IMAGE, variant_id="var_other"), "variant_id"),
    ],
)
def test_refuses_a_medium_that_can_not_be_shown_and_says_which(wrong: Medium, what: str) -> None:
    answer = given(*WHOLE).when(ArrangeMedia(JUG, (IMAGE, wrong)))
    answer.then_refused(MediaInvalid, index=1, field=what)


@pytest.mark.row("CAT-09")
def test_refuses_an_alternative_text_in_no_language() -> None:
    asked = ArrangeMedia(JUG, (replace(IMAGE, alt={"turkish": "Cam"}),))
    given(*WHOLE).when(asked).then_refused(LocaleInvalid)


@pytest.mark.row("CAT-09")
def test_a_product_has_a_limited_number_of_media() -> None:
    most = (IMAGE,) * MEDIA_MAX
    given(*WHOLE).when(ArrangeMedia(JUG, most)).then(MediaArranged(JUG, most))
    asked = ArrangeMedia(JUG, (*most, IMAGE))
    given(*WHOLE).when(asked).then_refused(MediaInvalid, field="media")


@pytest.mark.row("CAT-05")
def test_the_last_image_of_what_customers_see_stays() -> None:
    film = Medium("https://cdn.example/jug.mp4", "video")
    given(*PUBLISHED).when(ArrangeMedia(JUG, (film,))).then_refused(NotPublishable, missing="image")
    given(*PUBLISHED).when(ArrangeMedia(JUG, (film, IMAGE))).then(MediaArranged(JUG, (film, IMAGE)))


@pytest.mark.row("CAT-15")
def test_other_products_are_shown_with_it() -> None:
    related = (Related(GLASS, "accessory"),)
    given(*DRAFT, about(GLASS)).when(ChooseRelated(JUG, related)).then(RelatedChosen(JUG, related))


@pytest.mark.row("CAT-15")
@pytest.mark.parametrize(
    ("related", "which"),
    [
        ((Related(JUG, "similar"),), JUG),
        ((Related(GLASS, "similar"), Related(GLASS, "upgrade")), GLASS),
        ((Related(GLASS, "nicer"),), GLASS),
        ((Related("prd_none", "similar"),), "prd_none"),
    ],
)
def test_refuses_others_that_can_not_be_shown(related: tuple[Related, ...], which: str) -> None:
    story = given(*DRAFT, about(GLASS))
    story.when(ChooseRelated(JUG, related)).then_refused(RelatedInvalid, product_id=which)


@pytest.mark.row("CAT-15")
def test_refuses_others_that_were_deleted_and_too_many() -> None:
    asked = ChooseRelated(GLASS, (Related(JUG, "similar"),))
    given(*DELETED, about(GLASS)).when(asked).then_refused(RelatedInvalid, product_id=JUG)
    many = tuple(Related(f"prd_no{n}", "similar") for n in range(RELATED_MAX + 1))
    given(*DRAFT).when(ChooseRelated(JUG, many)).then_refused(RelatedInvalid)
