"""Staff who keep a catalogue over REST, and read what they wrote."""

from typing import Any
from uuid import uuid4

import httpx

from domain.tenants.tenant import KeyKind
from tests.http.test_whole import Caller

PRODUCTS = "/api/admin/products"


class Staff(Caller):
    """Sends one request after the other; `public` asks with a publishable key."""

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        """Ask anything with the secret key, and note the position."""
        given = {"X-API-Key": self.api.secret, "Idempotency-Key": uuid4().hex}
        given |= {"Defter-Min-Position": self.position} | headers
        answer = await self.api.client.request(method, path, json=body, headers=given)
        self.position = answer.headers.get("defter-position", self.position)
        return answer

    async def done(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask what has to succeed."""
        answer = await self.ask(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Ask what has to be refused, and give status and code."""
        answer = await self.ask(method, path, body)
        return answer.status_code, answer.json()["code"]

    async def seen(self, path: str) -> dict[str, Any]:
        """Read what has to be there."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def public(self, path: str, **headers: str) -> httpx.Response:
        """Read with a publishable key, as a shop's page does."""
        key = self.api.key(KeyKind.PUBLISHABLE)
        given = {"X-API-Key": key, "Defter-Min-Position": self.position}
        return await self.api.client.get(path, headers=given | headers)

    async def product(self, product_id: str, *variants: dict[str, Any], **more: object) -> None:
        """Create a draft with variants."""
        body = {"product_id": product_id, "texts": {"tr": {"name": "Cam Bardak"}}, **more}
        await self.done("POST", PRODUCTS, body | {"variants": variants})
