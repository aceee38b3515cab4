"""What is done outside for a tenant: what waits, what was given up, and stepping in."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from application.jobs.effects import DiscardEffect, EffectResult, RetryEffect
from application.permissions import Permission
from application.processes.jobs import JOBS
from infrastructure.effects import pages
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem

PATH = "/api/admin/effects"
ONE_PATH = PATH + "/{effect_id}"
LAST_ID = UUID(int=2**128 - 1)


class EffectsParams(Page):
    """Which effects."""

    state: Annotated[
        Literal["waiting", "done", "dead", "discarded"] | None,
        Field(description="Only effects that stand like this"),
    ] = None
    effect: Annotated[
        str | None,
        Field(
            max_length=80,
            pattern="^[a-z_.]+$",
            description="Only this kind",
            examples=["channels.webhook"],
        ),
    ] = None


class NothingBody(Body):
    """Nothing more to say."""


class EffectView(BaseModel):
    """An effect: `effect_id` is what an outside party knows it by, whatever the attempt."""

    effect_id: UUID
    effect: str = Field(examples=["channels.webhook"])
    target: str = Field(description="Whom it is aimed at, such as a webhook endpoint; may be empty")
    event_id: UUID
    position: int = Field(description="Of the event that it answers")
    state: str = Field(
        description="waiting, done, dead (given up) or discarded (nobody wants it any more)"
    )
    attempts_made: int
    told: str | None = Field(description="What the last attempt told", examples=["answered 503"])
    filed_at: datetime
    settled_at: datetime | None
    next_at: datetime | None


class EffectsView(BaseModel):
    """A page of effects, those of the latest events first."""

    items: list[EffectView]
    next_cursor: str | None


class AttemptView(BaseModel):
    """One attempt, and what came of it."""

    attempt: int
    succeeded: bool
    told: str
    milliseconds: int
    ended_at: datetime


class EffectWithAttemptsView(EffectView):
    """An effect with every attempt at it."""

    attempts: list[AttemptView]


async def _effects(question: Question[EffectsParams]) -> Answer:
    """Give a retry's or discard's Defter-Position back here, and the answer holds it."""
    params = question.params
    async with question.view(JOBS.key) as view:
        rows = await pages.effects(
            view.connection,
            question.exchange.principal.tenant_id,
            states=pages.STATES if params.state is None else (params.state,),
            effect=params.effect,
            before=(POSITION_MAX, LAST_ID) if params.cursor is None else _place(params.cursor),
            limit=params.limit + 1,
        )
    return Answer(
        page_of(
            rows,
            params.limit,
            item=dict,
            place=lambda row: cursor_of(row["position"], str(row["effect_id"])),
        ),
        view.position,
    )


def _place(cursor: str) -> tuple[int, UUID]:
    position, effect_id = place_of(cursor, int, UUID)
    return position, effect_id


async def _effect(question: Question[Standing]) -> Answer:
    """As the list has it, and every attempt."""
    async with question.view(JOBS.key) as view:
        found = await pages.effect(view.connection, *_named(question.exchange))
    if found is None:
        raise _no_such_effect()
    return Answer(found, view.position)


class OneEffectRoute(CommandRoute[NothingBody]):
    """Sends its command for an effect that the tenant has."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the effect up, send, answer."""
        tenant_id, effect_id = _named(exchange)
        async with exchange.services.reads.tenant(tenant_id, projections=()) as view:
            if await pages.effect(view.connection, tenant_id, effect_id) is None:
                raise _no_such_effect()
        await super().respond(exchange)


def _named(exchange: Exchange) -> tuple[UUID, UUID]:
    return exchange.principal.tenant_id, UUID(exchange.path_params["effect_id"])


def _no_such_effect() -> Problem:
    return Problem(404, "jobs.effect_not_found", "this tenant has no such effect")


def _retry(asked: Asked[NothingBody]) -> RetryEffect:
    return RetryEffect(asked.path["effect_id"])


def _discard(asked: Asked[NothingBody]) -> DiscardEffect:
    return DiscardEffect(asked.path["effect_id"])


_MANAGE: Any = {
    "permission": Permission.EFFECTS_MANAGE,
    "result": EffectResult,
    "moves_money": False,
    "staff_only": True,
}

LIST = QueryRoute(
    PATH,
    EffectsParams,
    _effects,
    permission=Permission.EFFECTS_READ,
    result=EffectsView,
    summary="List what is done outside: webhooks, mail",
    name="jobs_effects",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Standing,
    _effect,
    permission=Permission.EFFECTS_READ,
    result=EffectWithAttemptsView,
    summary="See one effect with every attempt",
    name="jobs_effect",
    staff_only=True,
)

RETRY = OneEffectRoute(
    f"{ONE_PATH}/retry",
    RetryEffect,
    NothingBody,
    _retry,
    summary="Try an effect again from the first attempt",
    **_MANAGE,
)

DISCARD = OneEffectRoute(
    f"{ONE_PATH}/discard",
    DiscardEffect,
    NothingBody,
    _discard,
    summary="Give an effect up for good",
    **_MANAGE,
)
