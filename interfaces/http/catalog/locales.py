"""In which language the shop window is told."""

from typing import Annotated, Literal

from pydantic import Field

from interfaces.http.edge.exchange import Exchange
from projections.catalog.listed import LOCALES

LocaleParam = Annotated[
    Literal["tr", "en"] | None,
    Field(description="The language; else the first of Accept-Language that there is, else tr"),
]


def locale_of(exchange: Exchange, asked: str | None) -> str:
    """Give the language of an answer (RFC 9110, 12.5.4; weights are not weighed, order counts)."""
    if asked is not None:
        return asked
    given = exchange.headers.get(b"accept-language")
    if given is not None:
        for one in given.decode("latin-1").split(","):
            tag = one.strip()[:2].lower()
            if tag in LOCALES:
                return tag
    return LOCALES[0]
