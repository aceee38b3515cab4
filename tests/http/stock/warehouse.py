"""What tests of stock over HTTP ask of a shop."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.http.identity.house import House

PRODUCT, RED, BLUE = "prd_mug1", "var_red1", "var_blue1"
STOCK = "/api/admin/stock"


class Warehouse:
    """Staff of a shop, with its secret key."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def send(
        self,
        method: str,
        path: str,
        body: object,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send a command to /api/admin/stock that is accepted, or is answered with a status."""
        key = {"X-API-Key": self.house.api.secret, "Idempotency-Key": uuid4().hex}
        answer = await self.house.api.client.request(
            method, STOCK + path, json=body, headers={**key, **(headers or {})}
        )
        accepted = {200, 201} if status is None else {status}
        assert answer.status_code in accepted, answer.text
        return answer.json()

    async def post(self, path: str, body: object, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as `send`
        """Post a command."""
        return await self.send("POST", path, body, **asked)

    async def get(self, path: str, *, status: int = 200) -> dict[str, Any]:
        """Ask for what holds all that has happened."""
        key = {"X-API-Key": self.house.api.secret}
        answer = await self.house.api.client.get(STOCK + path, headers=key | self.house.seen())
        assert answer.status_code == status, answer.text
        return answer.json()

    async def receive(self, quantity: int, variant: str = RED, place: str = "main") -> None:
        """Let units come."""
        body = {
            "variant_id": variant,
            "location_id": place,
            "quantity": quantity,
            "reason": "received",
        }
        await self.post("/movements", body)

    async def standing(self, variant: str = RED) -> list[tuple[Any, ...]]:
        """Tell what stands where of a variant."""
        found = (await self.get(f"?variant_id={variant}"))["items"]
        names = ("location_id", "on_hand", "reserved", "available", "level")
        return [tuple(row[name] for name in names) for row in found]
