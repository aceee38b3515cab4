"""What a tenant sells and what sorts it, one thing of each kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any


def wares(post: Callable[..., dict[str, Any]], word: str) -> dict[str, str]:
    """Let staff make what they name after `word`."""
    name = {"tr": word}
    product = post(
        "/api/admin/products", {"texts": {"tr": {"name": word}}, "variants": [{"sku": word}]}
    )
    variant = product["variants"][0]["variant_id"]
    prices = {"name": word, "currency": "TRY", "priority": 1}
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    schedule = {"amount": {"minor": 100, "currency": "TRY"}, "begins_at": tomorrow.isoformat()}
    scheduled = post(f"/api/admin/products/variants/{variant}/price-schedules", schedule)
    moved = {"variant_id": variant, "quantity": 9, "reason": "received"}
    post("/api/admin/stock/movements", moved)
    line = {"variant_id": variant, "quantity": 1}
    location = post("/api/admin/stock/locations", {"name": word})["location_id"]
    take = post("/api/admin/stock/takes", {"location_id": location})["stock_take_id"]
    return {
        "location_id": location,
        "stock_take_id": take,
        "reservation_id": post("/api/admin/stock/reservations", {"lines": [line]})[
            "reservation_id"
        ],
        "product_id": product["product_id"],
        "variant_id": variant,
        "category_id": post("/api/admin/categories", {"names": name})["category_id"],
        "brand_id": post("/api/admin/brands", {"name": word})["brand_id"],
        "type_id": post("/api/admin/product-types", {"names": name})["type_id"],
        "collection_id": post("/api/admin/collections", {"names": name, "product_ids": []})[
            "collection_id"
        ],
        "price_list_id": post("/api/admin/price-lists", prices)["price_list_id"],
        "schedule_id": scheduled["schedule_id"],
    }
