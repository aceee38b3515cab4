"""Names, e-mail addresses and telephone numbers in requests."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from application.identity.logins import EmailAddress
from infrastructure.notifications.addresses import (
    ADDRESS_LENGTH_MAX,
    address_of,
    same_for_all_spellings,
)
from infrastructure.users.phones import PHONE_LENGTH_MAX, number_of
from interfaces.http.edge.exchange import Exchange

NAME_LENGTH_MAX = 120


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise PydanticCustomError("field.not_printable", "the name has unprintable characters")
    return text


def _address(text: str) -> str:
    try:
        return address_of(text)
    except ValueError as wrong:
        raise PydanticCustomError("users.not_an_email", "this is no e-mail address") from wrong


def _number(text: str) -> str:
    try:
        return number_of(text)
    except ValueError as wrong:
        raise PydanticCustomError("users.not_a_phone", "this is no telephone number") from wrong


PersonName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=NAME_LENGTH_MAX,
        description="Personal; kept encrypted",
        examples=["Ada Lovelace"],
    ),
    AfterValidator(_one_line),
]
EmailText = Annotated[
    str,
    Field(
        max_length=ADDRESS_LENGTH_MAX,
        description="Personal; kept encrypted, and unique in the tenant",
        examples=["ada@example.com"],
    ),
    AfterValidator(_address),
]
PhoneText = Annotated[
    str,
    Field(
        max_length=PHONE_LENGTH_MAX,
        description="With its country code; personal, kept encrypted, and unique in the tenant",
        examples=["+90 532 123 45 67"],
    ),
    AfterValidator(_number),
]


async def email_address(
    exchange: Exchange, email: str, *, tenant_id: UUID | None = None
) -> EmailAddress:
    """Give an address with its keyed hash, in the caller's tenant unless another is named."""
    tenant = tenant_id or exchange.principal.tenant_id
    key = await exchange.services.claim_keys.hash(tenant, same_for_all_spellings(email))
    return EmailAddress(email, key)
