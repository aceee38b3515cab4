"""Whether the service is well: for people, for load balancers, for whoever restarts it."""

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel, Field

from interfaces.http.parts import Health, HealthPart
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.problems import unavailable

PART_SECONDS_MAX = 2.0


class PartView(BaseModel):
    """One part."""

    part: str = Field(examples=["database"])
    status: str = Field(examples=["ok"], description="ok, degraded or down")
    detail: str


class HealthView(BaseModel):
    """The whole, which is as well as its worst part."""

    status: str = Field(examples=["ok"], description="ok, degraded or down")
    parts: list[PartView]


class LiveView(BaseModel):
    """The process lives."""

    status: str = "ok"


async def _live(_question: Question[Params]) -> Answer:
    """Answer 200 while the process can answer at all."""
    return Answer({"status": "ok"})


async def _ready(question: Question[Params]) -> Answer:
    """Answer 503 while commands could not be carried out."""
    health = await _look(question.exchange.services.health)
    down = [one.part for one in health if one.required and not one.well]
    if down:
        raise unavailable("service.not_ready", f"not ready: {', '.join(down)}")
    return Answer({"status": "ok"})


async def _health(question: Question[Params]) -> Answer:
    """Tell every part by itself. A part that is not required only degrades the service."""
    health = await _look(question.exchange.services.health)
    states = [_state(one) for one in health]
    worst = next((state for state in ("down", "degraded") if state in states), "ok")
    parts = [
        {"part": one.part, "status": state, "detail": one.detail}
        for one, state in zip(health, states, strict=True)
    ]
    return Answer({"status": worst, "parts": parts}, status=503 if worst == "down" else 200)


async def _look(parts: Sequence[HealthPart]) -> list[Health]:
    return await asyncio.gather(*(_look_at(part) for part in parts))


async def _look_at(part: HealthPart) -> Health:
    try:
        async with asyncio.timeout(PART_SECONDS_MAX):
            return await part.look()
    except Exception as error:  # noqa: BLE001 - a part that can not be asked is not well
        return Health(part.name, well=False, required=part.required, detail=type(error).__name__)


def _state(one: Health) -> str:
    if one.well:
        return "ok"
    return "down" if one.required else "degraded"


HEALTH = QueryRoute(
    "/api/health",
    Params,
    _health,
    permission=None,
    result=HealthView,
    summary="See how each part is",
    name="health_summary",
)

LIVE = QueryRoute(
    "/api/health/live",
    Params,
    _live,
    permission=None,
    result=LiveView,
    summary="See whether the process lives",
    name="health_live",
)

READY = QueryRoute(
    "/api/health/ready",
    Params,
    _ready,
    permission=None,
    result=LiveView,
    summary="See whether the service takes commands",
    name="health_ready",
)
