"""See what a read model told at a position or a time."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.audit.places import place_of
from infrastructure.audit.rebuilt import (
    check_short,
    read_model_named,
    row_told,
    rows_at,
    starts_with,
    table_of,
)
from interfaces.http.audit.history.places import LATEST, PlaceText, PlaceView
from interfaces.http.routing.pages import Page, cursor_of
from interfaces.http.routing.pages import place_of as place_in_list
from interfaces.http.routing.query import Answer, QueryRoute, Question

KEY_LENGTH_MAX = 500


class RowsParams(Page):
    """Which rows, and when."""

    where: PlaceText = LATEST
    table: Annotated[
        str | None,
        Field(pattern="^[a-z0-9_]{1,63}$", description="One of its tables; the first if not said"),
    ] = None
    key: Annotated[
        str | None,
        Field(
            max_length=KEY_LENGTH_MAX,
            description="How the key of a row begins, its parts joined by commas",
            examples=["wal_01k3xq8m5w"],
        ),
    ] = None


class TableView(BaseModel):
    """A table of a read model."""

    name: str
    rows: int
    key: list[str]


class RowsView(PlaceView):
    """A page of the rows that one table had then, by key; personal text stays sealed."""

    read_model: str
    table: str
    tables: list[TableView]
    items: list[dict[str, Any]]
    next_cursor: str | None


async def _rows(question: Question[RowsParams]) -> Answer:
    """See rows that are derived from the log up to there, with the folds of this release.

    Positions up to 100,000 are answered so; `defter audit rows` tells any on the server.
    """
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    read_model = read_model_named(question.path["read_model"])
    table = table_of(read_model, params.table)
    async with question.view() as view:
        place = await place_of(view.connection, tenant_id, params.where)
        check_short(place.position)
        found = await rows_at(view.connection, tenant_id, read_model, place.position)
    key = params.key.split(",") if params.key else []
    rows = [row for row in found[table] if starts_with(table, row, key)]
    first = 0 if params.cursor is None else place_in_list(params.cursor, int)[0]
    last = first + params.limit
    body = {
        **place.told(),
        "read_model": read_model.name,
        "table": table.name,
        "tables": [
            {"name": one.name, "rows": len(some), "key": [*map(str, one.key)]}
            for one, some in found.items()
        ],
        "items": [row_told(table, row) for row in rows[first:last]],
        "next_cursor": cursor_of(last) if last < len(rows) else None,
    }
    return Answer(body, place.position)


ROWS = QueryRoute(
    "/api/audit/read-models/{read_model}",
    RowsParams,
    _rows,
    permission=Permission.AUDIT_READ,
    result=RowsView,
    summary="See what a read model told at a position or a time",
    name="audit_read_model",
    staff_only=True,
)
