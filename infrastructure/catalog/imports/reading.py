"""Carry out files of products, row by row: the effect of giving one (CAT-12).

A row is one command whose id derives from the import and the row's number. A worker that goes on
where another was killed meets the rows that were carried out already, and gets their outcomes.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from application.catalog.importing.row import Rehearsed
from application.envelope import Actor, Envelope
from application.permissions import Permission
from application.sending import BulkSender, NotDecided, Outcome
from domain.catalog.imports.imports import Mode
from domain.kernel.ids import derived_uuid, sortable_id
from infrastructure.catalog.imports import keeping
from infrastructure.catalog.imports.columns import PRICING, STOCKING, Heading, headings_of
from infrastructure.catalog.imports.keeping import Job, RowResult
from infrastructure.catalog.imports.names import names_of
from infrastructure.catalog.imports.refused import CellWrong, FileRefused
from infrastructure.catalog.imports.rows import Reader
from infrastructure.catalog.imports.tables import Table, read_table
from infrastructure.effects.effect import Effect, Kind, Needless, Onward, TryLater, World
from infrastructure.processes.advance import FROM_AN_EVENT

ROWS_AT_ONCE = 200
PORTION_SECONDS = 10.0
"""An attempt ends after so long, and the next one goes on; the worker has other things to do."""

UNEXPECTED = "service.internal_error"
HEADING_ROWS = 1
OVER = frozenset({"done", "failed", "cancelled"})


class Sheet(NamedTuple):
    """A file that was read: its headings, its rows, and the row in which a SKU stands first."""

    headings: list[Heading]
    rows: Table
    first: dict[str, int]


class _Kept:
    """The file that was read last: its next portion is likely asked of the same process."""

    def __init__(self) -> None:
        self.key: tuple[UUID, str] | None = None
        self.sheet: Sheet | None = None


_KEPT = _Kept()


async def perform(world: World, effect: Effect) -> str:
    """Carry out the next rows of a file."""
    tenant_id, import_id = effect.tenant_id, effect.target
    async with world.look(tenant_id) as connection:
        job = await keeping.job(connection, tenant_id, import_id)
    if job is None:
        raise Needless("the file is kept no more")
    if job.state in OVER:
        return job.state
    try:
        sheet = await _sheet(world, tenant_id, import_id)
        _check_permitted(sheet.headings, job)
    except FileRefused as refused:
        async with world.look(tenant_id) as connection:
            await keeping.end(
                connection,
                tenant_id,
                import_id,
                "failed",
                code=refused.code,
                detail=refused.detail,
            )
        return refused.code
    return await _Run(world, effect, job, sheet).run()


async def give_up(world: World, effect: Effect) -> None:
    """Say that an import ended, where every attempt failed."""
    async with world.look(effect.tenant_id) as connection:
        detail = "a row could not be carried out; what was, stays. Give the file again"
        await keeping.end(
            connection,
            effect.tenant_id,
            effect.target,
            "failed",
            code=UNEXPECTED,
            detail=detail,
        )


IMPORTS = Kind(
    perform, attempts_max=20, first_retry_seconds=0.5, retry_seconds_max=60.0, dead=give_up
)


async def _sheet(world: World, tenant_id: UUID, import_id: str) -> Sheet:
    if _KEPT.key == (tenant_id, import_id) and _KEPT.sheet is not None:
        return _KEPT.sheet
    async with world.look(tenant_id) as connection:
        content = await keeping.content(connection, tenant_id, import_id)
    sheet = await asyncio.to_thread(_read, content)
    async with world.look(tenant_id) as connection:
        count = sum(1 for row in sheet.rows if any(row))
        await keeping.begin(connection, tenant_id, import_id, count=count)
    _KEPT.key, _KEPT.sheet = (tenant_id, import_id), sheet
    return sheet


def _read(content: bytes) -> Sheet:
    table = read_table(content)
    headings = headings_of(table[0])
    place = headings.index(Heading("sku"))
    first: dict[str, int] = {}
    for number, row in enumerate(table[HEADING_ROWS:], HEADING_ROWS + 1):
        if len(row) > place:
            first.setdefault(row[place], number)
    return Sheet(headings, table[HEADING_ROWS:], first)


def _check_permitted(headings: Sequence[Heading], job: Job) -> None:
    """Refuse prices and stock of who may set none; the catalogue's permission gave the file."""
    needs = {Permission.PRICING_MANAGE: PRICING, Permission.STOCK_MANAGE: STOCKING}
    for permission, columns in needs.items():
        named = [one.column for one in headings if one.column in columns]
        if named and permission.value not in job.may:
            raise FileRefused(
                "auth.permission_missing",
                f"the column {named[0]} needs the permission {permission.value}",
            )


class _Run:
    """One portion of a file."""

    def __init__(self, world: World, effect: Effect, job: Job, sheet: Sheet) -> None:
        self._world = world
        self._effect = effect
        self._job = job
        self._sheet = sheet
        self._numbered = [
            (number, row) for number, row in enumerate(sheet.rows, HEADING_ROWS + 1) if any(row)
        ]
        self._actor = Actor(job.actor, job.key_id)

    async def run(self) -> str:
        """Carry out rows until the file or the portion ends."""
        effect, done = self._effect, self._job.done
        tenant_id, import_id = effect.tenant_id, effect.target
        async with self._world.look(tenant_id) as connection:
            names = await names_of(
                connection, tenant_id, after=effect.position, create=self._job.create_missing
            )
        if names is None:
            raise TryLater("what is there is not known yet")
        reader = Reader(
            self._sheet.headings,
            names,
            mode=Mode(self._job.mode),
            dry_run=self._job.dry_run,
            says=import_id,
        )
        until = time.monotonic() + PORTION_SECONDS
        while done < len(self._numbered):
            if time.monotonic() > until:
                raise Onward(f"{done} of {len(self._numbered)} rows")
            try:
                results = await self._results(reader, self._numbered[done : done + ROWS_AT_ONCE])
            except TryLater as later:
                if done > self._job.done:  # tries are counted where nothing gets on
                    raise Onward(str(later)) from later
                raise
            async with self._world.look(tenant_id) as connection:
                if not await keeping.advance(
                    connection, tenant_id, import_id, done=done, results=results
                ):
                    return "called off, or carried out by another"
            done += len(results)
        async with self._world.look(tenant_id) as connection:
            await keeping.end(connection, tenant_id, import_id, "done")
        return f"{done} rows"

    async def _results(
        self, reader: Reader, rows: Sequence[tuple[int, list[str]]]
    ) -> list[RowResult]:
        results: dict[int, RowResult] = {}
        envelopes: list[tuple[int, str, Envelope]] = []
        for number, row in rows:
            sku = _cell(row, self._sheet.headings.index(Heading("sku")))
            try:
                self._check_once(number, sku)
                command = replace(reader.row(row), new_ids=self._ids(number))
            except CellWrong as wrong:
                results[number] = _refused(number, sku, wrong.code, wrong.field, wrong.detail)
            else:
                envelopes.append((number, sku, self._envelope(number, command)))
        sender: Any = self._world.sender
        outcomes = await _send(sender, [envelope for _, _, envelope in envelopes])
        for (number, sku, _), outcome in zip(envelopes, outcomes, strict=True):
            results[number] = _result(number, sku, outcome)
        return [results[number] for number, _ in rows]

    def _check_once(self, number: int, sku: str) -> None:
        first = self._sheet.first.get(sku, number)
        if sku and first != number:
            raise CellWrong(
                "sku", f"row {first} has this SKU, too", code="catalog.import_sku_repeated"
            )

    def _ids(self, number: int) -> tuple[str, str]:
        """Give the ids of a new product and variant, in the order of the rows."""
        at = self._job.given_at + timedelta(milliseconds=number)
        seed = derived_uuid(self._effect.event_id, f"ids/{number}")
        return sortable_id("prd", at, seed), sortable_id("var", at, seed)

    def _envelope(self, number: int, command: object) -> Envelope:
        effect = self._effect
        return Envelope(
            effect.tenant_id,
            UUID(bytes=derived_uuid(effect.event_id, f"row/{number}")),
            FROM_AN_EVENT,
            command,
            self._actor,
            f"evt_{effect.event_id}",
            effect.event_id,
        )


async def _send(sender: BulkSender, envelopes: Sequence[Envelope]) -> list[Outcome]:
    """Send commands; where one was not decided, all are sent again later."""
    if not envelopes:
        return []
    try:
        outcomes = await sender.send_many(envelopes)
    except NotDecided as later:
        raise TryLater(later.code) from later
    decided: list[Outcome] = []
    for outcome in outcomes:
        if isinstance(outcome, NotDecided):
            raise TryLater(outcome.code) from outcome
        if not isinstance(outcome, Outcome):
            # What alone fails whatever is tried is this row's matter; the others were decided.
            body: dict[str, Any] = {
                "code": UNEXPECTED,
                "detail": "this row could not be carried out",
                "facts": {},
            }
            decided.append(Outcome(0, refused=True, body=json.dumps(body).encode()))
        else:
            decided.append(outcome)
    return decided


def _result(number: int, sku: str, outcome: Outcome) -> RowResult:
    told: dict[str, Any] = json.loads(outcome.body)
    if not outcome.refused:
        return RowResult(number, sku, told["outcome"], told["product_id"])
    facts: dict[str, Any] = told["facts"]
    if told["code"] == Rehearsed.code:
        return RowResult(number, sku, facts["outcome"])
    field = facts.get("field") or facts.get("attribute") or facts.get("option")
    return _refused(number, sku, told["code"], field, told["detail"])


def _refused(number: int, sku: str, code: str, field: object, detail: str) -> RowResult:
    named = None if field is None else str(field)
    return RowResult(number, sku, "refused", None, code, named, detail)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""
