"""Imports: give a file of products, see how far it is, and what became of each row (CAT-12)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field, ValidationError

from application.catalog.importing.asking import AskImport, CancelImport, ImportResult
from application.envelope import Envelope, command_id_for
from application.permissions import Permission
from domain.catalog.imports.imports import ImportNotFound, Mode
from infrastructure.catalog.imports import keeping
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import JSON, REPLAYED, CommandRoute
from interfaces.http.routing.idempotency import idempotency_key, request_hash
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.bodies import read_body
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem, of_refused, of_validation

PATH = "/api/admin/imports"
ONE_PATH = f"{PATH}/{{import_id}}"
OCTETS = "application/octet-stream"
ACCEPTED = 202
BEYOND = (Permission.PRICING_MANAGE, Permission.STOCK_MANAGE)
"""What a file may need beside the permission of the catalogue, by its columns."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]
RowOutcome = Literal["created", "updated", "unchanged", "refused"]


class GiveParams(Params):
    """How a file is to be read."""

    mode: Annotated[Mode, Field(description="May rows create, update, or both")] = Mode.UPSERT
    dry_run: Annotated[bool, Field(description="Say what would happen, record nothing")] = False
    create_missing: Annotated[
        bool, Field(description="Create categories and brands that are not there")
    ] = False


class ImportView(BaseModel):
    """How an import stands; `code` and `detail` say why one failed."""

    import_id: str = Field(examples=["imp_01k3xq8m5w"])
    state: State
    mode: str
    dry_run: bool
    create_missing: bool
    sha256: str
    code: str | None
    detail: str | None
    rows: int | None = Field(description="How many there are; null until the file was read")
    done: int
    created: int
    updated: int
    unchanged: int
    refused: int
    given_at: datetime
    ended_at: datetime | None


class ImportPageView(BaseModel):
    """A page of imports, the newest first."""

    items: list[ImportView]
    next_cursor: str | None


class RowView(BaseModel):
    """What became of a row; the headings are row 1, as a spreadsheet numbers them."""

    row: int
    sku: str
    status: RowOutcome
    product_id: str | None
    code: str | None = Field(examples=["catalog.gtin_invalid"])
    field: str | None = Field(description="The column that is wrong, where it is one")
    detail: str | None


class RowPageView(BaseModel):
    """A page of rows, in order."""

    items: list[RowView]
    next_cursor: str | None


class RowsParams(Page):
    """Which rows."""

    status: RowOutcome | None = None


class CancelBody(Body):
    """Nothing is to be said."""


class GiveRoute(DefterRoute):
    """Takes a file as it is, and lets a worker read it."""

    command_name = AskImport.NAME

    async def respond(self, exchange: Exchange) -> None:
        """Read, then give it to a worker."""
        params = _params(exchange)
        length = exchange.headers.get(b"content-length")
        bytes_max = exchange.services.settings.import_bytes_max
        content = await read_body(exchange.receive, length, bytes_max)
        if not content:
            raise Problem(422, "catalog.import_empty", "the body is the file, CSV or XLSX")
        said = {"sha256": hashlib.sha256(content).hexdigest(), **params.model_dump(mode="json")}
        await give(exchange, content, params, said)


async def give(
    exchange: Exchange, content: bytes, params: GiveParams, said: Mapping[str, object]
) -> None:
    """Keep a file, let a worker read it, answer; `said` is what the caller asked for."""
    services, principal, actor = exchange.services, exchange.principal, exchange.actor()
    command_id = command_id_for(
        principal.tenant_id, actor, idempotency_key(exchange, required=False)
    )
    asked = AskImport(
        f"imp_{command_id.hex[:26]}",
        hashlib.sha256(content).hexdigest(),
        params.mode,
        params.dry_run,
        params.create_missing,
    )
    may = tuple(one.value for one in BEYOND if principal.may(one))
    given = keeping.Given(asked, content, may, actor.actor_id, actor.key_id)
    async with services.vault.tenant(principal.tenant_id) as connection:
        await keeping.keep(connection, principal.tenant_id, given)
    outcome = await services.sender.send(
        Envelope(
            principal.tenant_id,
            command_id,
            request_hash(AskImport.NAME, said, {}),
            asked,
            actor,
            exchange.correlation_id,
        )
    )
    if outcome.refused:
        raise of_refused(outcome)
    headers = [
        (b"defter-position", b"%d" % outcome.position),
        (b"location", f"{PATH}/{asked.import_id}".encode()),
        *((REPLAYED,) if outcome.replayed else ()),
    ]
    await exchange.answer(ACCEPTED, outcome.body, JSON, headers)


def _params(exchange: Exchange) -> GiveParams:
    pairs = parse_qsl(exchange.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    try:
        return GiveParams.__pydantic_validator__.validate_strings(dict(pairs))
    except ValidationError as wrong:
        raise of_validation(wrong) from None


async def _one(question: Question[Params]) -> Answer:
    async with question.view() as view:
        found = await keeping.standing(
            view.connection, question.exchange.principal.tenant_id, question.path["import_id"]
        )
    if found is None:
        raise ImportNotFound("there is no such import")
    return Answer(found)


async def _all(question: Question[Page]) -> Answer:
    params = question.params
    async with question.view() as view:
        rows = await keeping.page(
            view.connection,
            question.exchange.principal.tenant_id,
            after="" if params.cursor is None else place_of(params.cursor, str)[0],
            limit=params.limit + 1,
        )
    return Answer(
        page_of(rows, params.limit, item=dict, place=lambda row: cursor_of(row["import_id"]))
    )


async def _rows(question: Question[RowsParams]) -> Answer:
    params = question.params
    tenant_id, import_id = question.exchange.principal.tenant_id, question.path["import_id"]
    async with question.view() as view:
        if await keeping.standing(view.connection, tenant_id, import_id) is None:
            raise ImportNotFound("there is no such import")
        rows = await keeping.rows(
            view.connection,
            tenant_id,
            import_id,
            outcome=params.status,
            after=0 if params.cursor is None else place_of(params.cursor, int)[0],
            limit=params.limit + 1,
        )
    return Answer(
        page_of(
            rows,
            params.limit,
            item=lambda row: {"status" if name == "outcome" else name: row[name] for name in row},
            place=lambda row: cursor_of(row["row"]),
        )
    )


class CancelRoute(CommandRoute[CancelBody]):
    """Calls an import off, in the log and for its worker."""

    async def respond(self, exchange: Exchange) -> None:
        """Send the command, then let the worker know."""
        asked, fields = await self.parse(exchange)
        import_id, tenant_id = asked.path["import_id"], exchange.principal.tenant_id
        envelope = self.envelope(asked, fields, CancelImport(import_id))
        outcome = await exchange.services.sender.send(envelope)
        if not outcome.refused:
            async with exchange.services.vault.tenant(tenant_id) as connection:
                await keeping.end(connection, tenant_id, import_id, "cancelled")
        await self.answer(asked, outcome)


GIVE = GiveRoute(
    PATH,
    method="POST",
    permission=Permission.CATALOG_MANAGE,
    summary="Import products: the body is the file as it is, CSV or XLSX",
    name="catalog_give_import",
    tag="catalog",
    status=ACCEPTED,
    answer=ImportResult,
    problems=sorted({400, 409, 413, 422, *EVERY_ROUTE}),
    headers={"Idempotency-Key": "The same key and file give the same import again."},
    staff_only=True,
    extra={
        "requestBody": {
            "required": True,
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
LIST = QueryRoute(
    PATH,
    Page,
    _all,
    permission=Permission.CATALOG_READ,
    result=ImportPageView,
    summary="List imports, the newest first; they are kept for 30 days",
    name="catalog_imports",
    staff_only=True,
)
ONE = QueryRoute(
    ONE_PATH,
    Params,
    _one,
    permission=Permission.CATALOG_READ,
    result=ImportView,
    summary="See how far an import is",
    name="catalog_import",
    staff_only=True,
)
ROWS = QueryRoute(
    f"{ONE_PATH}/rows",
    RowsParams,
    _rows,
    permission=Permission.CATALOG_READ,
    result=RowPageView,
    summary="See what became of each row of an import",
    name="catalog_import_rows",
    staff_only=True,
)
CANCEL = CancelRoute(
    f"{ONE_PATH}/cancellation",
    CancelImport,
    CancelBody,
    permission=Permission.CATALOG_MANAGE,
    result=ImportResult,
    summary="Call an import off; rows that were carried out stay",
    moves_money=False,
    staff_only=True,
)
IMPORT_ROUTES = (GIVE, LIST, ONE, ROWS, CANCEL)
