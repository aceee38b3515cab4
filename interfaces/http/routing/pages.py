"""Pages of lists: a cursor says where the next one begins, and means nothing to the client."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from pydantic import Field

from interfaces.http.routing.query import Answer, Question, Standing
from interfaces.http.wire.problems import FieldError, Problem

PAGE_ITEMS = 50
PAGE_ITEMS_MAX = 500
CURSOR_LENGTH_MAX = 512


class Page(Standing):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS
    cursor: Annotated[
        str | None,
        Field(max_length=CURSOR_LENGTH_MAX, description="`next_cursor` of the page before"),
    ] = None


def cursor_of(*place: str | int) -> str:
    """Write down a place in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """Read a place in a list; raises a problem for what no page gave."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = msgspec.json.decode(raw, type=tuple[kinds])  # type: ignore[valid-type] - kinds of this list
    except (binascii.Error, ValueError) as wrong:
        raise _no_cursor() from wrong
    if not all(map(_can_stand, place)):
        raise _no_cursor()
    return place


def page_of(
    rows: Sequence[Mapping[str, Any]],
    limit: int,
    *,
    item: Callable[[Mapping[str, Any]], object],
    place: Callable[[Mapping[str, Any]], str],
) -> dict[str, object]:
    """Make a page of `limit` items at most; a row beyond only says that there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {
        "items": [item(row) for row in shown],
        "next_cursor": place(shown[-1]) if more else None,
    }


async def listed(
    question: Question[Any],
    read_model: str,
    rows_of: Callable[..., Awaitable[Sequence[Mapping[str, Any]]]],
    *,
    by: str,
    item: Callable[[Mapping[str, Any]], object],
    **chosen: object,
) -> Answer:
    """Give a page of a read model's list that stands in the order of a text column, `by`."""
    params: Page = question.params
    async with question.view(read_model) as view:
        rows = await rows_of(
            view.connection,
            question.exchange.principal.tenant_id,
            **chosen,
            after="" if params.cursor is None else place_of(params.cursor, str)[0],
            limit=params.limit + 1,
        )
    page = page_of(rows, params.limit, item=item, place=lambda row: cursor_of(row[by]))
    return Answer(page, view.position)


def _can_stand(value: object) -> bool:
    """Tell whether the database has such a value: no text has a NUL, no number 64 bits and more."""
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, int) or abs(value) < 2**63


def _no_cursor() -> Problem:
    return Problem(
        422,
        "request.invalid",
        "some fields are not as they should be",
        errors=[FieldError("/cursor", "field.wrong_format", "take the cursor of a page as it is")],
    )
