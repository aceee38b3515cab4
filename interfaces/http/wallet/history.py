"""The history of a wallet, straight from the log: what happened, and who did it."""

from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal, stream_of
from domain.wallet.wallet import Wallet
from infrastructure.event_log.reader import StoredEvent, read_feed
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.personal import opened, sealed_in


class HappeningView(BaseModel):
    """One event. Personal text in `data` is told to keys with pii.read alone, else null."""

    position: int
    version: int
    type: str = Field(examples=["wallet.funds_held"])
    recorded_at: datetime
    actor_id: str | None
    on_behalf_of: str | None
    data: dict[str, Any]


class HistoryView(BaseModel):
    """What happened, newest first."""

    items: list[HappeningView]
    next_cursor: str | None


async def _history(question: Question[Page]) -> Answer:
    """Newest first."""
    exchange, params = question.exchange, question.params
    async with question.view(READ_MODEL) as view:
        wallet = await reached(view, exchange, question.path["wallet_id"])
        last: int = wallet["version"]
        if params.cursor is not None:
            last = min(last, place_of(params.cursor, int)[0])
        after = max(last - params.limit, 0)
        stored = await read_feed(
            view.connection,
            exchange.principal.tenant_id,
            after=after,
            limit=max(last - after, 1),
            stream=stream_of(Wallet.CATEGORY, wallet["wallet_id"]),
        )
        events = [
            (event, msgspec.json.decode(event.data)) for event in stored if event.version <= last
        ]
        sealed = [found for _, data in events for found in map(sealed_in, data.values()) if found]
        texts = await opened(exchange, view, sealed)
    items = [_told(event, data, texts) for event, data in reversed(events)]
    cursor = cursor_of(after) if after > 0 else None
    return Answer({"items": items, "next_cursor": cursor}, view.position)


def _told(
    event: StoredEvent,
    data: dict[str, Any],
    texts: Any,  # noqa: ANN401 - text by sealed text
) -> dict[str, Any]:
    meta = msgspec.json.decode(event.meta)
    return {
        "position": event.position,
        "version": event.version,
        "type": event.type,
        "recorded_at": event.recorded_at,
        "actor_id": meta.get("actor"),
        "on_behalf_of": meta.get("for"),
        "data": {name: _open_or_null(value, texts) for name, value in data.items()},
    }


def _open_or_null(value: Any, texts: dict[Personal, str | None]) -> Any:  # noqa: ANN401 - any JSON
    sealed = sealed_in(value)
    return value if sealed is None else texts.get(sealed)


HISTORY = QueryRoute(
    "/api/wallet/{wallet_id}/history",
    Page,
    _history,
    permission=Permission.WALLET_READ,
    result=HistoryView,
    summary="See what happened to a wallet",
    name="wallet_history",
)
