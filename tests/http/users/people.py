"""A customer who is known, and who can log in."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.envelope import Actor, Envelope
from application.identity.accounts import Register, VerifyEmail
from application.identity.logins import EmailAddress
from application.identity.sessions import BeginSession
from domain.tenants.tenant import KeyKind
from domain.users.customer import Locale
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import TENANT
from tests.http.test_whole import Caller

shop = test_whole.shop

ADA = "cus_ada1"
CONTACT: dict[str, Any] = {
    "name": "Ayşe Işık Demir",
    "email": "Ayse.Demir@example.com",
    "phone": "+90 532 123 45 67",
    "locale": "tr",
}
ACTING = {"Defter-Act-For": ADA}
TERMS = {"purpose": "terms", "version": "2026-03", "locale": "tr"}


class Person(Caller):
    """A caller who also puts, patches and deletes."""

    async def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        given = {"X-API-Key": self.api.secret, "Idempotency-Key": uuid4().hex} | headers
        answer = await self.api.client.request(method, path, json=body, headers=given)
        self.position = answer.headers.get("defter-position", self.position)
        return answer


@pytest.fixture
async def ada(shop: Api) -> Person:
    person = Person(shop)
    await person.post("/api/customers", CONTACT | {"customer_id": ADA})
    return person


async def logged_in(person: Person) -> dict[str, str]:
    """Give Ada an account and a session, and the headers of her own requests."""
    services, email = person.api.services, EmailAddress("eda@example.com", "l1")

    async def send(command: object) -> None:
        envelope = Envelope(TENANT, uuid4(), b"h" * 32, command, Actor("system"), "login")
        outcome = await services.sender.send(envelope)
        assert not outcome.refused, outcome.body
        person.position = str(outcome.position)

    await send(Register(ADA, "Eda", email, Locale.TURKISH))
    await send(VerifyEmail(ADA, "l1"))
    await send(BeginSession(ADA, "ses_1", "password", "a browser", timedelta(days=1)))
    token, _ = await services.tokens.issue(TENANT, ADA, "ses_1")
    key = person.api.key(KeyKind.PUBLISHABLE)
    return {"X-API-Key": key, "Authorization": f"Bearer {token}"}
