"""Texts that customers can agree to: staff publish them, everybody with a key reads them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from application.permissions import Permission
from application.users.consents import ConsentTextResult, PublishConsentText
from domain.users.consents import Purpose
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.users.contact import LocaleCode
from interfaces.http.wire.fields import Body
from projections.users import consents

CONSENT_TEXT_LENGTH_MAX = 100_000

PurposeCode = Annotated[Purpose, Field(strict=False, examples=["marketing_email"])]
TextVersion = Annotated[
    str, Field(pattern="^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$", examples=["2026-03"])
]


def _readable(text: str) -> str:
    if not text.replace("\n", "").replace("\t", "").isprintable() or not text.strip():
        raise PydanticCustomError("field.not_printable", "the text has unprintable characters")
    return text


class TextBody(Body):
    """A text, which stays for ever as it is under its version."""

    purpose: PurposeCode
    version: TextVersion
    locale: LocaleCode
    text: Annotated[
        str, Field(min_length=1, max_length=CONSENT_TEXT_LENGTH_MAX), AfterValidator(_readable)
    ]


class TextsParams(Page):
    """Which texts."""

    purpose: Purpose | None = None


class TextView(BaseModel):
    """A text, and the SHA-256 of its UTF-8."""

    purpose: str
    version: str
    locale: str
    sha256: str
    text: str
    published_at: datetime


class TextsView(BaseModel):
    """A page of texts, oldest first."""

    items: list[TextView]
    next_cursor: str | None


def _publish(asked: Asked[TextBody]) -> PublishConsentText:
    body = asked.body
    return PublishConsentText(body.purpose, body.version, body.locale, body.text)


async def _texts(question: Question[TextsParams]) -> Answer:
    params = question.params
    async with question.view("users_consents") as view:
        rows = await consents.texts(
            view.connection,
            question.exchange.principal.tenant_id,
            purpose=params.purpose,
            after=0 if params.cursor is None else place_of(params.cursor, int)[0],
            limit=params.limit + 1,
        )
    page = page_of(
        rows,
        params.limit,
        item=lambda row: {
            "purpose": row["purpose"],
            "version": row["text_version"],
            "locale": row["locale"],
            "sha256": row["sha256"],
            "text": row["text"],
            "published_at": row["published_at"],
        },
        place=lambda row: cursor_of(row["position"]),
    )
    return Answer(page, view.position)


TEXTS = QueryRoute(
    "/api/users/consent-texts",
    TextsParams,
    _texts,
    permission=None,
    keyed=True,
    result=TextsView,
    summary="Read the texts that can be agreed to",
    name="users_consent_texts",
)

PUBLISH = CommandRoute(
    "/api/users/consent-texts",
    PublishConsentText,
    TextBody,
    _publish,
    permission=Permission.SETTINGS_MANAGE,
    result=ConsentTextResult,
    summary="Publish a text that can be agreed to",
    moves_money=False,
    staff_only=True,
)
