"""What can be asked of the search: words, filters, facets, order and page."""

import re
from typing import Annotated

import msgspec
from pydantic import Field

from domain.search.asking import Asked
from infrastructure.search.engine import ATTRIBUTES, PRICE, Filters, Place, Sort
from interfaces.http.catalog.listing import PAGE_ITEMS, PAGE_ITEMS_MAX, WEB_CHANNEL, ChannelParam
from interfaces.http.catalog.locales import LocaleParam
from interfaces.http.routing.pages import cursor_of, place_of
from interfaces.http.routing.query import Standing
from interfaces.http.wire.fields import several
from interfaces.http.wire.problems import FieldError, Problem

TEXT_LENGTH_MAX = 200
CHOICES_MAX = 50
CURSOR_LENGTH_MAX = 2_000
PRICE_MAX = 10**15
CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
COUNTED = ("brand", "category", "in_stock", PRICE)
FACETS_MAX = 20

_FACET = f"({'|'.join(COUNTED)}|{re.escape(ATTRIBUTES)}{CODE.pattern})"
_PAIRS = f"^({several(f'{CODE.pattern}:[^|]+', between='|')})?$"
_FACETS = f"^({several(_FACET)})?$"
"""For the description alone: what is read says better what is wrong."""

Close = dict[str, tuple[str, ...]]
"""What was taken for words that nothing is told with; a cursor keeps it, so that pages agree."""

IdsParam = Annotated[str | None, Field(pattern=f"^{several('[a-z]{2,5}_[0-9A-Za-z_]+')}$")]


class SearchParams(Standing):
    """What is looked for; of every filter one of the values is to hold."""

    q: Annotated[
        str,
        Field(
            max_length=TEXT_LENGTH_MAX,
            description="Words that are all to be found; none is everything",
            examples=["kırmızı ayakkabı"],
        ),
    ] = ""
    category: Annotated[
        IdsParam, Field(description="Ids of categories (with those below them), with commas")
    ] = None
    brand: Annotated[IdsParam, Field(description="Ids of brands, with commas")] = None
    attributes: Annotated[
        str | None,
        Field(
            max_length=2_000,
            description="code:value, several with | between; values of one code are alternatives",
            examples=["color:mavi|color:yeşil|size:42"],
            json_schema_extra={"pattern": _PAIRS},
        ),
    ] = None
    price_from: Annotated[int | None, Field(ge=0, le=PRICE_MAX, description="Minor units")] = None
    price_to: Annotated[int | None, Field(ge=0, le=PRICE_MAX, description="Minor units")] = None
    in_stock: bool | None = None
    channel: ChannelParam = WEB_CHANNEL
    facets: Annotated[
        str | None,
        Field(
            max_length=1_000,
            description="What is counted, with commas: brand, category, in_stock, price,"
            " attributes.CODE",
            examples=["brand,price,attributes.color"],
            json_schema_extra={"pattern": _FACETS},
        ),
    ] = None
    sort: Sort = Sort.RELEVANCE
    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS
    cursor: Annotated[
        str | None,
        Field(max_length=CURSOR_LENGTH_MAX, description="`next_cursor` of the page before"),
    ] = None
    locale: LocaleParam = None


def filters_of(params: SearchParams) -> Filters:
    """Read the filters; raises a problem for what is no filter."""
    choices: dict[str, tuple[str, ...]] = {"channel": (params.channel,)}
    for name, given in (("category", params.category), ("brand", params.brand)):
        if given is not None:
            choices[name] = _few(name, given.split(","))
    if params.in_stock is not None:
        choices["in_stock"] = ("true" if params.in_stock else "false",)
    for pair in (
        _few("attributes", (params.attributes or "").split("|")) if params.attributes else ()
    ):
        code, colon, value = pair.partition(":")
        if not colon or not value or CODE.fullmatch(code) is None:
            raise _wrong("attributes", "attributes are written code:value")
        choices[ATTRIBUTES + code] = (*choices.get(ATTRIBUTES + code, ()), value)
    return Filters(choices, params.price_from, params.price_to)


def codes_of(params: SearchParams) -> tuple[str, ...]:
    """Read what is to be counted."""
    asked = tuple(dict.fromkeys(params.facets.split(","))) if params.facets else ()
    for code in asked:
        known = code in COUNTED or CODE.fullmatch(code.removeprefix(ATTRIBUTES)) is not None
        if not known or (code not in COUNTED and not code.startswith(ATTRIBUTES)):
            raise _wrong("facets", f"counted are {', '.join(COUNTED)} and {ATTRIBUTES}CODE")
    if len(asked) > FACETS_MAX:
        raise _wrong("facets", f"at most {FACETS_MAX} are counted at once")
    return asked


def place_and_close(cursor: str, question: Asked) -> tuple[Place, Close]:
    """Read where a page begins, and what was taken for mistyped words."""
    key, product_id, told = place_of(cursor, int, str, str)
    try:
        close = msgspec.json.decode(told, type=Close)
    except ValueError as wrong:
        raise _wrong("cursor", "take the cursor of a page as it is") from wrong
    asked = {one for word in question for alternative in word for one in alternative}
    return Place(key, product_id), {word: found for word, found in close.items() if word in asked}


def cursor_after(place: Place, close: Close) -> str:
    """Write down where the next page begins."""
    return cursor_of(place.key, place.product_id, msgspec.json.encode(close).decode())


def _few(name: str, values: list[str]) -> tuple[str, ...]:
    if len(values) > CHOICES_MAX:
        raise _wrong(name, f"at most {CHOICES_MAX} are chosen at once")
    return tuple(dict.fromkeys(values))


def _wrong(name: str, detail: str) -> Problem:
    wrong = FieldError(f"/{name}", "field.wrong_format", detail)
    return Problem(422, "request.invalid", "some fields are not as they should be", errors=[wrong])
