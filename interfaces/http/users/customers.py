"""See customers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal
from domain.users.customer import CustomerNotFound
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.personal import opened
from projections.users import customers

READ_MODEL = "users_customers"


class CustomerView(BaseModel):
    """A customer. `name` and `email` are told to keys with pii.read alone."""

    customer_id: str = Field(examples=["cus_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    name: str | None
    email: str | None
    email_status: str = Field(
        examples=["usable"], description="none, usable, or bounced: then nothing is sent there"
    )
    locale: str = Field(examples=["tr"])
    registered_at: datetime


class CustomersView(BaseModel):
    """A page of customers."""

    items: list[CustomerView]
    next_cursor: str | None


def _sealed(row: Mapping[str, Any]) -> Iterable[Personal]:
    for text in (row["name_sealed"], row["email_sealed"]):
        if text:
            yield Personal(row["customer_id"], sealed=text)


def _told(row: Mapping[str, Any], texts: Mapping[Personal, str | None]) -> dict[str, Any]:
    def text(sealed: str) -> str | None:
        return texts.get(Personal(row["customer_id"], sealed=sealed))

    usable = "bounced" if row["bounced"] else "usable"
    return {
        "customer_id": row["customer_id"],
        "name": text(row["name_sealed"]),
        "email": text(row["email_sealed"]),
        "email_status": usable if row["email_sealed"] else "none",
        "locale": row["locale"],
        "registered_at": row["registered_at"],
    }


async def _customer(question: Question[Standing]) -> Answer:
    exchange, customer_id = question.exchange, question.path["customer_id"]
    tenant_id = exchange.principal.tenant_id
    async with question.view(READ_MODEL) as view:
        row = await customers.customer(view.connection, tenant_id, customer_id)
        if row is None or exchange.on_behalf_of not in {None, customer_id}:
            raise CustomerNotFound("there is no such customer")
        texts = await opened(exchange, view, _sealed(row))
    return Answer(_told(row, texts), view.position)


async def _customers(question: Question[Page]) -> Answer:
    exchange, params = question.exchange, question.params
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    async with question.view(READ_MODEL) as view:
        rows = await customers.customers(
            view.connection, exchange.principal.tenant_id, after=after, limit=params.limit + 1
        )
        sealed = [text for row in rows[: params.limit] for text in _sealed(row)]
        texts = await opened(exchange, view, sealed)
    page = page_of(
        rows,
        params.limit,
        item=lambda row: _told(row, texts),
        place=lambda row: cursor_of(row["customer_id"]),
    )
    return Answer(page, view.position)


ONE = QueryRoute(
    "/api/customers/{customer_id}",
    Standing,
    _customer,
    permission=Permission.USERS_READ,
    result=CustomerView,
    summary="See a customer",
    name="users_customer",
)

LIST = QueryRoute(
    "/api/customers",
    Page,
    _customers,
    permission=Permission.USERS_READ,
    result=CustomersView,
    summary="List customers",
    name="users_customers",
    staff_only=True,
)
