"""Names, e-mail addresses and telephone numbers in requests."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from infrastructure.notifications.addresses import ADDRESS_LENGTH_MAX, address_of
from infrastructure.users.phones import PHONE_LENGTH_MAX, number_of

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
