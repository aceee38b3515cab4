"""The catalogue of the demo's shop: products, what they cost in which month, and opening stock."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from interfaces.cli.demo.goods import CATEGORIES, OTHER, Article, Goods
from interfaces.cli.demo.sending import (
    CURRENCY,
    REQUESTS_AT_ONCE,
    Tally,
    Told,
    collect,
    send_bulk,
)
from interfaces.cli.remote.client import Client

ARTICLES_PER_REQUEST = 80
"""An article has a price a month at most, and a request takes a thousand."""

PICTURE_PIXELS = 320
GREY = (214, 214, 208)


def commands_of(goods: Goods) -> int:
    """Count the commands that goods become, categories left aside."""
    return sum(1 + len(article.prices) for article in goods.articles)


def shelve(client: Client, goods: Goods, *, told: Told) -> Tally:
    """Make every article a published product with its past prices and what was there to be sold."""
    tally = Tally()
    # The file has no pictures, and a product is not shown without one.
    picture: str = client.upload("/api/admin/assets", _placeholder()).body["url"]
    for slug, name in (*((slug, name) for slug, name, _ in CATEGORIES), OTHER):
        body = {"category_id": _category_id(slug), "slug": slug, "names": {"en": name}}
        key = f"retail/category/{slug}"
        answer = client.post("/api/admin/categories", body, idempotency_key=key)
        tally.position = max(tally.position, answer.position or 0)
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        parts = _chunks(goods.articles)
        collect(tally, threads.map(partial(_shelve, client, picture), parts), told)
    return tally


def _chunks(articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
    for start in range(0, len(articles), ARTICLES_PER_REQUEST):
        yield articles[start : start + ARTICLES_PER_REQUEST]


def _shelve(client: Client, picture: str, articles: Sequence[Article]) -> Tally:
    tally = Tally()
    products = [_product(article, picture) for article in articles]
    made = send_bulk(client, "product", "/api/admin/products/batch", products, tally)
    known = [article for article, went in zip(articles, made, strict=True) if went]
    prices = [item for article in known for item in _later_prices(article)]
    if prices:
        send_bulk(client, "price", "/api/admin/prices/batch", prices, tally)
    stock = [_opening_stock(article) for article in known]
    send_bulk(client, "stock", "/api/admin/stock/movements/batch", stock, tally)
    return tally


def _product(article: Article, picture: str) -> dict[str, Any]:
    (since, pence), *_ = article.prices
    name = article.name.capitalize()
    return {
        "key": f"retail/{article.code}/product",
        "product_id": f"prd_retail{article.code}",
        "texts": {"en": {"name": name}},
        "slug": article.code.lower(),
        "classification": {"category_ids": [_category_id(article.category)]},
        "tax_class": "standard",
        "media": [{"url": picture, "alt": {"en": name}}],
        "variants": [
            {
                "sku": article.code,
                "variant_id": _variant_id(article),
                "price": {"amount": _amount(pence), "since": _moment(since)},
            }
        ],
        "publish": True,
    }


def _later_prices(article: Article) -> Iterator[dict[str, Any]]:
    for number, (since, pence) in enumerate(article.prices[1:], start=1):
        yield {
            "key": f"retail/{article.code}/price/{number}",
            "variant_id": _variant_id(article),
            "amount": _amount(pence),
            "since": _moment(since),
        }


def _opening_stock(article: Article) -> dict[str, Any]:
    return {
        "key": f"retail/{article.code}/stock",
        "variant_id": _variant_id(article),
        "quantity": article.sold,
        "reason": "received",
        "reference": "opening stock",
    }


def _amount(pence: int) -> dict[str, Any]:
    return {"minor": pence, "currency": CURRENCY}


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _variant_id(article: Article) -> str:
    return f"var_retail{article.code}"


def _category_id(slug: str) -> str:
    return f"cat_retail{slug}"


def _placeholder() -> bytes:
    from PIL import Image  # noqa: PLC0415 - it is large, and needed here alone

    drawn = BytesIO()
    Image.new("RGB", (PICTURE_PIXELS, PICTURE_PIXELS), GREY).save(drawn, "PNG")
    return drawn.getvalue()
