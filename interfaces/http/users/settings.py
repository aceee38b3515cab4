"""One's own settings, as they are chosen and seen."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.users.settings import ChooseSettings, SettingsResult
from domain.users.customer import Locale
from domain.users.settings import Channel, Choices, News, Theme, Use
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.users.own import own_person
from interfaces.http.wire.fields import Body
from projections.users import settings

READ_MODEL = "users_settings"

Channels = Annotated[
    list[Annotated[Channel, Field(strict=False)]],
    Field(max_length=len(Channel), examples=[["email", "push"]]),
]


class NotificationsBody(Body):
    """On which channels one hears of what; what is left away stays."""

    orders: Channels | None = None
    wallet: Channels | None = None
    security: Channels | None = None
    campaigns: Channels | None = None


class PrivacyBody(Body):
    """What one's data may be used for; what is left away stays."""

    personalisation: bool | None = None
    statistics: bool | None = None
    profile_visible: bool | None = None


class SettingsBody(Body):
    """What changes; what is left away, or null, stays as it is."""

    language: Annotated[Locale, Field(strict=False)] | None = None
    theme: Annotated[Theme, Field(strict=False)] | None = None
    notifications: NotificationsBody = NotificationsBody()
    privacy: PrivacyBody = PrivacyBody()


class NotificationsView(BaseModel):
    """On which channels one hears of what. Campaigns need a consent beside it."""

    orders: list[str]
    wallet: list[str]
    security: list[str]
    campaigns: list[str]


class PrivacyView(BaseModel):
    """What one's data may be used for."""

    personalisation: bool
    statistics: bool
    profile_visible: bool


class SettingsView(BaseModel):
    """One's settings. `language` is null until one is chosen; `version` counts the changes."""

    language: str | None
    theme: str
    notifications: NotificationsView
    privacy: PrivacyView
    version: int


_BY_MAIL = frozenset({News.ORDERS, News.WALLET, News.SECURITY})
"""What is told by e-mail until something else is chosen."""


def told(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tell a person's settings: what they chose, and else what is so for everybody."""
    chosen = {(row["part"], row["name"]): row["value"] for row in rows}
    version = max((row["version"] for row in rows), default=0)

    def channels(kind: News) -> list[str]:
        value = chosen.get((settings.NOTIFICATIONS, kind.value))
        if value is None:
            return [Channel.EMAIL.value] if kind in _BY_MAIL else []
        return value.split()

    return {
        "language": chosen.get((settings.LANGUAGE, "")),
        "theme": chosen.get((settings.THEME, ""), Theme.SYSTEM.value),
        "notifications": {kind.value: channels(kind) for kind in News},
        "privacy": {
            use.value: chosen.get((settings.PRIVACY, use.value)) == settings.ALLOWED for use in Use
        },
        "version": version,
    }


def _choose(asked: Asked[SettingsBody]) -> ChooseSettings:
    body = asked.body
    given, allowed = body.notifications.model_dump(), body.privacy.model_dump()
    choices = Choices(
        body.language,
        body.theme,
        {kind: frozenset(given[kind]) for kind in News if given[kind] is not None},
        {use: allowed[use] for use in Use if allowed[use] is not None},
    )
    return ChooseSettings(own_person(asked.exchange), choices)


async def _settings(question: Question[Standing]) -> Answer:
    exchange = question.exchange
    async with question.view(READ_MODEL) as view:
        rows = await settings.settings_of(
            view.connection, exchange.principal.tenant_id, own_person(exchange)
        )
    return Answer(told(rows), view.position)


SEE = QueryRoute(
    "/api/users/me/settings",
    Standing,
    _settings,
    permission=Permission.IDENTITY_SELF,
    result=SettingsView,
    summary="See one's own settings",
    name="users_settings",
)

CHOOSE = CommandRoute(
    "/api/users/me/settings",
    ChooseSettings,
    SettingsBody,
    _choose,
    permission=Permission.IDENTITY_SELF,
    result=SettingsResult,
    summary="Choose some of one's own settings",
    method="PATCH",
    status=200,
    moves_money=False,
)
