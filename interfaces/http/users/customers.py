"""See customers, list them and find them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from application.permissions import Permission
from domain.kernel.events import Personal
from domain.users.customer import CustomerNotFound
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.etags import tag_of
from interfaces.http.wire.fields import Moment, several
from interfaces.http.wire.personal import opened
from projections.users import customers
from projections.users.customers import Sort

READ_MODEL = "users_customers"


class CustomerView(BaseModel):
    """A customer. `name`, `email` and `phone` are told to keys with pii.read alone."""

    customer_id: str = Field(examples=["cus_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    name: str | None
    email: str | None
    email_status: str = Field(
        examples=["usable"], description="none, usable, or bounced: then nothing is sent there"
    )
    phone: str | None
    locale: str = Field(examples=["tr"])
    registered_at: datetime
    status: str = Field(examples=["active"], description="active, suspended or no_account")
    verified: bool = Field(description="Whether the address they log in with is proven theirs")
    version: int


class ListedView(BaseModel):
    """A customer, as far as `fields` asks."""

    customer_id: str
    name: str | None = None
    email: str | None = None
    email_status: str | None = None
    phone: str | None = None
    locale: str | None = None
    registered_at: datetime | None = None
    status: str | None = None
    verified: bool | None = None
    version: int | None = None


class CustomersView(BaseModel):
    """A page of customers."""

    items: list[ListedView]
    next_cursor: str | None


_FIELD = f"({'|'.join(CustomerView.model_fields)})"


def _known_fields(given: str) -> str:
    unknown = [name for name in given.split(",") if name not in CustomerView.model_fields]
    if unknown:
        raise PydanticCustomError("field.unknown_choice", "a customer has no such field")
    return given


class ListParams(Page):
    """Which customers, in which order, and what of them."""

    status: Literal["active", "suspended", "no_account"] | None = None
    verified: bool | None = None
    since: Annotated[Moment | None, Field(description="Registered then or later")] = None
    until: Annotated[Moment | None, Field(description="Registered before")] = None
    sort: Sort = Sort.BY_ID
    fields: Annotated[
        str | None,
        AfterValidator(_known_fields),
        Field(
            max_length=200,
            description="Only these, joined by commas; customer_id always",
            examples=["name,status"],
            json_schema_extra={"pattern": f"^{several(_FIELD)}$"},
        ),
    ] = None


def sealed(row: Mapping[str, Any]) -> Iterable[Personal]:
    """Give what is sealed in a row."""
    for text in (row["name_sealed"], row["email_sealed"], row["phone_sealed"]):
        if text:
            yield Personal(row["customer_id"], sealed=text)


def told(row: Mapping[str, Any], texts: Mapping[Personal, str | None]) -> dict[str, Any]:
    """Tell a customer."""

    def text(sealed: str) -> str | None:
        return texts.get(Personal(row["customer_id"], sealed=sealed))

    usable = "bounced" if row["bounced"] else "usable"
    return {
        "customer_id": row["customer_id"],
        "name": text(row["name_sealed"]),
        "email": text(row["email_sealed"]),
        "email_status": usable if row["email_sealed"] else "none",
        "phone": text(row["phone_sealed"]),
        "locale": row["locale"],
        "registered_at": row["registered_at"],
        "status": row["status"],
        "verified": row["verified"],
        "version": row["version"],
    }


async def reached(view: View, exchange: Exchange, customer_id: str) -> dict[str, Any]:
    """Find a customer that the caller may see; another is as absent as none."""
    row = await customers.customer(view.connection, exchange.principal.tenant_id, customer_id)
    if row is None or exchange.on_behalf_of not in {None, customer_id}:
        raise CustomerNotFound("there is no such customer")
    return row


async def _customer(question: Question[Standing]) -> Answer:
    """Send the ETag back as If-Match to change only what you saw."""
    exchange = question.exchange
    async with question.view(READ_MODEL) as view:
        row = await reached(view, exchange, question.path["customer_id"])
        texts = await opened(exchange, view, sealed(row))
    return Answer(told(row, texts), view.position, ((b"etag", tag_of(row["version"])),))


async def _customers(question: Question[ListParams]) -> Answer:
    exchange, params = question.exchange, question.params
    async with question.view(READ_MODEL) as view:
        rows = await customers.customers(
            view.connection,
            exchange.principal.tenant_id,
            sort=params.sort,
            status=params.status,
            verified=params.verified,
            since=params.since,
            until=params.until,
            after=None if params.cursor is None else place_of(params.cursor, datetime, str),
            limit=params.limit + 1,
        )
        texts = await opened(
            exchange, view, [text for row in rows[: params.limit] for text in sealed(row)]
        )
    wanted = None if params.fields is None else {"customer_id", *params.fields.split(",")}

    def item(row: Mapping[str, Any]) -> dict[str, Any]:
        whole = told(row, texts)
        return whole if wanted is None else {k: v for k, v in whole.items() if k in wanted}

    page = page_of(
        rows,
        params.limit,
        item=item,
        place=lambda row: cursor_of(row["registered_at"].isoformat(), row["customer_id"]),
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
    ListParams,
    _customers,
    permission=Permission.USERS_READ,
    result=CustomersView,
    summary="List customers",
    name="users_customers",
    staff_only=True,
)
