"""Names and e-mail addresses in requests."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

NAME_LENGTH_MAX = 120
EMAIL_LENGTH_MAX = 254
"""What fits the path of RFC 5321, 4.5.3.1.3."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
"""The dot-atom of RFC 5322, 3.4.1; quoted local parts are as good as never real."""


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise PydanticCustomError("field.not_printable", "the name has unprintable characters")
    return text


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address) or len(address) > EMAIL_LENGTH_MAX:
        raise PydanticCustomError("users.not_an_email", "this is no e-mail address")
    return address


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
        min_length=3,
        max_length=EMAIL_LENGTH_MAX,
        description="Personal; kept encrypted, and unique in the tenant",
        examples=["ada@example.com"],
    ),
    AfterValidator(_address),
]


def normalised(email: str) -> str:
    """Give what two spellings of one address share: nobody has two mailboxes by case alone."""
    return unicodedata.normalize("NFKC", email).casefold()
