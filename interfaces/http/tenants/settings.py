"""A tenant's settings, one pair of routes for each group. They stand in the platform's log."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from pydantic import Field

from application.permissions import Permission
from application.sending import Outcome
from application.tenants.settings import ChangeSettings, SettingsResult
from application.tenants.tenants import PLATFORM
from domain.kernel.events import stream_of
from domain.tenants.events import settings_key
from domain.tenants.settings import (
    NETWORKS_MAX,
    ORIGINS_MAX,
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    RESERVATION_SECONDS_MAX,
    RESERVATION_SECONDS_MIN,
    RULES_MAX,
    SESSION_DAYS_MAX,
    SESSION_DAYS_MIN,
    TEXT_LENGTH_MAX,
    URL_LENGTH_MAX,
    Branding,
    Cors,
    Group,
    Languages,
    RequestLimits,
    Security,
    SettingInvalid,
    Settings,
    StockSettings,
)
from infrastructure.notifications.addresses import ADDRESS_LENGTH_MAX
from interfaces.http.edge.rules import unknown_operation
from interfaces.http.routing.command import JSON, REPLAYED, Asked, CommandRoute
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.routing.route import DefterRoute
from interfaces.http.tenants.key_shapes import Network
from interfaces.http.wire.etags import tag_of
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import of_refused

ITEM_LENGTH_MAX = 300


class BrandingBody(Body):
    """How the tenant presents itself; what is null is not shown."""

    display_name: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] | None = Field(
        examples=["Kitap Evi"]
    )
    support_email: Annotated[str, Field(max_length=ADDRESS_LENGTH_MAX)] | None = Field(
        examples=["destek@example.com"]
    )
    logo_url: Annotated[str, Field(max_length=URL_LENGTH_MAX)] | None = Field(
        examples=["https://shop.example/logo.svg"]
    )
    shop_url: Annotated[str, Field(max_length=URL_LENGTH_MAX)] | None = Field(
        default=None,
        examples=["https://shop.example"],
        description="Where mailed links lead; without one, to the installation's own address",
    )


class LanguagesBody(Body):
    """In which languages the tenant speaks, and in which where nobody chose."""

    languages: Annotated[
        tuple[Annotated[str, Field(max_length=8)], ...],
        Field(strict=False, max_length=10, examples=[["tr", "en"]]),
    ]
    default: Annotated[str, Field(max_length=8, examples=["tr"])]


class CorsBody(Body):
    """From which web pages a browser may call the API: exact origins, no wildcard."""

    origins: Annotated[
        tuple[Annotated[str, Field(max_length=ITEM_LENGTH_MAX)], ...],
        Field(strict=False, max_length=ORIGINS_MAX, examples=[["https://shop.example"]]),
    ]


class SecurityBody(Body):
    """What holds from the next login on; without networks staff log in from anywhere."""

    password_length_min: Annotated[
        int, Field(ge=PASSWORD_LENGTH_MIN, le=PASSWORD_LENGTH_MAX, examples=[12])
    ]
    session_days: Annotated[int, Field(ge=SESSION_DAYS_MIN, le=SESSION_DAYS_MAX, examples=[30])]
    staff_networks: Annotated[
        tuple[Network, ...],
        Field(strict=False, max_length=NETWORKS_MAX, examples=[["203.0.113.0/24"]]),
    ]


class LimitsBody(Body):
    """How often an operation may be asked with one key from one address; `*` is all others."""

    rules: Annotated[
        tuple[Annotated[str, Field(max_length=ITEM_LENGTH_MAX)], ...],
        Field(strict=False, max_length=RULES_MAX, examples=[["* 100000/60"]]),
    ]


class StockBody(Body):
    """How long stock is kept for somebody who has not said how long."""

    reservation_seconds: Annotated[
        int, Field(ge=RESERVATION_SECONDS_MIN, le=RESERVATION_SECONDS_MAX, examples=[900])
    ]


B = TypeVar("B", BrandingBody, LanguagesBody, CorsBody, SecurityBody, LimitsBody, StockBody)
G = TypeVar("G", bound=Group)


class ChangeRoute(CommandRoute[B], Generic[B, G]):
    """Replaces a group, if it is still what the caller read, and shows it as it is now."""

    def __init__(self, body: type[B], kind: type[G]) -> None:
        super().__init__(
            f"/api/settings/{kind.GROUP}",
            ChangeSettings,
            body,
            self.build,
            permission=Permission.SETTINGS_MANAGE,
            result=body,
            summary=f"Replace the settings of {kind.GROUP}",
            method="PUT",
            name=f"tenants_change_{kind.GROUP}",
            status=200,
            moves_money=False,
            staff_only=True,
            tenant=PLATFORM,
            guards=self._stream,
        )
        self._kind = kind

    def build(self, asked: Asked[B]) -> ChangeSettings:
        """Build the command."""
        group = self._kind(**asked.body.model_dump())
        return ChangeSettings(str(asked.exchange.principal.tenant_id), group)

    async def answer(
        self,
        asked: Asked[B],
        outcome: Outcome,
        body_of: Callable[[Asked[B], bytes], bytes] | None = None,  # noqa: ARG002 - CommandRoute's
    ) -> None:
        """Forget what this process knew, and show the group with its ETag."""
        exchange = asked.exchange
        exchange.services.tenant_settings.forget(exchange.principal.tenant_id, self._kind)
        if outcome.refused:
            raise of_refused(outcome)
        version = msgspec.json.decode(outcome.body, type=SettingsResult).version
        headers = [(b"etag", tag_of(version)), *([REPLAYED] if outcome.replayed else [])]
        await exchange.answer(200, asked.body.model_dump_json().encode(), JSON, headers)

    def _stream(self, asked: Asked[B]) -> str:
        tenant = str(asked.exchange.principal.tenant_id)
        return stream_of(Settings.CATEGORY, settings_key(tenant, self._kind.GROUP))


class ChangeLimits(ChangeRoute[LimitsBody, RequestLimits]):
    """Also refuses rules for what can not be asked."""

    def build(self, asked: Asked[LimitsBody]) -> ChangeSettings:
        """Build the command."""
        unknown = unknown_operation(asked.body.rules, asked.exchange.operations)
        if unknown is not None:
            raise SettingInvalid(f"there is no operation {unknown}; see /api/docs", field="rules")
        return super().build(asked)


def _see(body: type[Any], kind: type[G]) -> QueryRoute[Params]:
    return QueryRoute(
        f"/api/settings/{kind.GROUP}",
        Params,
        _asker(kind),
        permission=Permission.SETTINGS_READ,
        result=body,
        summary=f"See the settings of {kind.GROUP}",
        name=f"tenants_{kind.GROUP}",
        staff_only=True,
    )


def _asker(kind: type[G]) -> Callable[[Question[Params]], Awaitable[Answer]]:
    async def ask(question: Question[Params]) -> Answer:
        """Asked of the log itself, so every change that was answered is in it."""
        exchange = question.exchange
        found = exchange.services.tenant_settings.current(exchange.principal.tenant_id, kind)
        version, group = await found
        return Answer(asdict(group), headers=((b"etag", tag_of(version)),))

    return ask


SETTINGS: tuple[DefterRoute, ...] = (
    _see(BrandingBody, Branding),
    ChangeRoute(BrandingBody, Branding),
    _see(LanguagesBody, Languages),
    ChangeRoute(LanguagesBody, Languages),
    _see(CorsBody, Cors),
    ChangeRoute(CorsBody, Cors),
    _see(SecurityBody, Security),
    ChangeRoute(SecurityBody, Security),
    _see(LimitsBody, RequestLimits),
    ChangeLimits(LimitsBody, RequestLimits),
    _see(StockBody, StockSettings),
    ChangeRoute(StockBody, StockSettings),
)
