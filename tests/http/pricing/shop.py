"""A shop that sells mugs, as tests speak of it over HTTP."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

from tests.http.test_whole import LIRA, Caller

MUG = "var_mug1"
PRODUCTS, PRICES, LISTS = "/api/admin/products", "/api/admin/prices", "/api/admin/price-lists"
OF_MUG = f"{PRODUCTS}/variants/{MUG}"


def lira(minor: int) -> dict[str, Any]:
    return LIRA | {"minor": minor}


def price(minor: int | None, crossed_out: int | None = None, **more: object) -> dict[str, object]:
    """What the mug costs from now on."""
    return {
        "variant_id": MUG,
        "amount": None if minor is None else lira(minor),
        "list_price": None if crossed_out is None else lira(crossed_out),
        **more,
    }


class Merchant(Caller):
    """Sets prices and reads them."""

    async def sells_mugs(self) -> None:
        """Have a product with one variant."""
        body = {
            "product_id": "prd_mug1",
            "texts": {"tr": {"name": "Kupa"}},
            "variants": [{"sku": "MUG-1", "variant_id": MUG}],
        }
        await self.post(PRODUCTS, body)

    async def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a command by any method, and take what comes."""
        given = {"X-API-Key": self.api.secret, "Idempotency-Key": uuid4().hex} | headers
        answer = await self.api.client.request(method, path, json=body, headers=given)
        self.position = answer.headers.get("defter-position", self.position)
        return answer.status_code, answer.json()

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Send a command that is refused; give status and code."""
        status, problem = await self.send(method, path, body)
        return status, problem["code"]

    async def now(self, **query: str) -> dict[tuple[str, int], tuple[int, int | None]]:
        """Give what the mug costs, by list and quantity."""
        asked = "".join(f"&{name}={value}" for name, value in query.items())
        body = (await self.get(f"{PRICES}?variant_id={MUG}{asked}")).json()
        return {
            (one["price_list_id"], one["minimum_quantity"]): (
                one["amount"]["minor"],
                one["list_price"] and one["list_price"]["minor"],
            )
            for one in body["items"]
        }

    async def pages(self, path: str, limit: str) -> AsyncGenerator[dict[str, Any]]:
        """Give a list page by page."""
        cursor = ""
        while True:
            page = (await self.get(f"{path}?limit={limit}{cursor}")).json()
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"

    async def history(self, query: str = "") -> dict[str, Any]:
        """Give the mug's price history."""
        return (await self.get(f"{OF_MUG}/price-history{query}")).json()
