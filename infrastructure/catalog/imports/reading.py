"""Carry out files of products, row by row: the effect of giving one (CAT-12).

A row is one command whose id derives from the import and the row's number. A worker that goes on
where another was killed meets the rows that were carried out already, and gets their outcomes.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from application.permissions import Permission
from infrastructure.catalog.imports import keeping
from infrastructure.catalog.imports.chunks import UNEXPECTED, Chunk, Chunks, Sheet
from infrastructure.catalog.imports.columns import PRICING, STOCKING, Heading, headings_of
from infrastructure.catalog.imports.keeping import Job, RowResult
from infrastructure.catalog.imports.names import names_of
from infrastructure.catalog.imports.refused import FileRefused
from infrastructure.catalog.imports.tables import read_table
from infrastructure.effects.effect import Effect, Kind, Needless, Onward, TryLater, World

PORTION_SECONDS = 10.0
"""An attempt ends after so long, and the next one goes on; the worker has other things to do."""

HEADING_ROWS = 1
OVER = frozenset({"done", "failed", "cancelled"})
OTHERWISE = "called off, or carried out by another"


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
        await keeping.begin(connection, tenant_id, import_id, count=len(sheet.rows))
    _KEPT.key, _KEPT.sheet = (tenant_id, import_id), sheet
    return sheet


def _read(content: bytes) -> Sheet:
    table = read_table(content)
    headings = headings_of(table[0])
    place = headings.index(Heading("sku"))
    first: dict[str, int] = {}
    rows = list(enumerate(table[HEADING_ROWS:], HEADING_ROWS + 1))
    for number, row in rows:
        if len(row) > place:
            first.setdefault(row[place], number)
    return Sheet(headings, [(number, row) for number, row in rows if any(row)], first)


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
        self._tenant_id = effect.tenant_id
        self._import_id = effect.target
        self._effect = effect
        self._job = job
        self._sheet = sheet
        self._done = job.done

    async def run(self) -> str:
        """Carry out rows until the file or the portion ends.

        While the log decides rows, those before them are noted and those after them made ready.
        """
        async with self._world.look(self._tenant_id) as connection:
            names = await names_of(
                connection,
                self._tenant_id,
                after=self._effect.position,
                create=self._job.create_missing,
            )
        if names is None:
            raise TryLater("what is there is not known yet")
        chunks = Chunks(self._effect, self._job, self._sheet, names)
        until = time.monotonic() + PORTION_SECONDS
        sent, chunk = self._done, await chunks.after(self._done)
        results: list[RowResult] = []
        while chunk.rows and time.monotonic() <= until:
            async with self._sending(chunk) as sending:
                if not await self._noted(results):
                    return OTHERWISE
                results, sent = [], sent + len(chunk.rows)
                chunk = await chunks.after(sent)
                results = await sending
        if not await self._noted(results):
            return OTHERWISE
        if chunk.rows:
            raise Onward(f"{self._done} of {len(self._sheet.rows)} rows")
        async with self._world.look(self._tenant_id) as connection:
            await keeping.end(connection, self._tenant_id, self._import_id, "done")
        return f"{self._done} rows"

    @asynccontextmanager
    async def _sending(self, chunk: Chunk) -> AsyncGenerator[asyncio.Task[list[RowResult]]]:
        """Let a chunk be decided meanwhile; rows that are not decided when this ends are let go."""
        sender: Any = self._world.sender
        sending = asyncio.create_task(chunk.send(sender))
        try:
            yield sending
        except TryLater as later:
            if self._done > self._job.done:  # tries are counted where nothing gets on
                raise Onward(str(later)) from later
            raise
        finally:
            sending.cancel()

    async def _noted(self, results: Sequence[RowResult]) -> bool:
        """Note what became of the next rows; False where another did, or the import is over."""
        if not results:
            return True
        async with self._world.look(self._tenant_id) as connection:
            noted = await keeping.advance(
                connection, self._tenant_id, self._import_id, done=self._done, results=results
            )
        self._done += len(results)
        return noted
