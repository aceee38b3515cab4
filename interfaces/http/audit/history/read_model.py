"""See what a read model told at a position or a time."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.refusals import Invalid, NotFound
from infrastructure.audit.places import place_of
from infrastructure.audit.rebuilt import rows_at, starts_with
from interfaces.http.audit.history.places import LATEST, PlaceText, PlaceView
from interfaces.http.audit.shown import SEALED, SECRET_NAMES
from interfaces.http.routing.pages import Page, cursor_of
from interfaces.http.routing.pages import place_of as place_in_list
from interfaces.http.routing.query import Answer, QueryRoute, Question
from projections.read_model import ReadModel, ReadTable, Row
from projections.read_models import READ_MODELS

SEALED_COLUMN = "_sealed"
NAMES = tuple(read_model.name for read_model in READ_MODELS)
KEY_LENGTH_MAX = 500


class ReadModelNotFound(NotFound):
    """There is no read model of this name."""

    code = "audit.read_model_not_found"


class TableUnknown(Invalid):
    """A read model has the tables that it has."""

    code = "audit.table_unknown"


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

    Positions up to 100,000 are answered so.
    """
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    read_model = _named(question.path["read_model"])
    table = _table(read_model, params.table)
    async with question.view() as view:
        place = await place_of(view.connection, tenant_id, params.where)
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
        "items": [_told(table, row) for row in rows[first:last]],
        "next_cursor": cursor_of(last) if last < len(rows) else None,
    }
    return Answer(body, place.position)


def _named(name: str) -> ReadModel:
    for read_model in READ_MODELS:
        if read_model.name == name:
            return read_model
    raise ReadModelNotFound(f"there are {', '.join(NAMES)}")


def _table(read_model: ReadModel, name: str | None) -> ReadTable:
    for table in read_model.tables:
        if name in {None, table.name}:
            return table
    raise TableUnknown(f"it has {', '.join(table.name for table in read_model.tables)}")


def _told(table: ReadTable, row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in zip(map(str, table.columns), row, strict=True):
        if name.endswith(SEALED_COLUMN):
            told[name.removesuffix(SEALED_COLUMN)] = SEALED if value else None
        elif name not in SECRET_NAMES:
            told[name] = value
    return told


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
