"""Rows of a file on their way to the log: what is sent for some of them, and what became of it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from application.catalog.importing.row import Rehearsed
from application.envelope import Actor, Envelope
from application.sending import BulkSender, NotDecided, Outcome
from domain.catalog.imports.imports import Mode
from domain.kernel.ids import derived_uuid, sortable_id
from infrastructure.catalog.imports.columns import Heading
from infrastructure.catalog.imports.keeping import Job, RowResult
from infrastructure.catalog.imports.names import Names
from infrastructure.catalog.imports.refused import CellWrong
from infrastructure.catalog.imports.rows import Reader
from infrastructure.effects.effect import Effect, TryLater
from infrastructure.processes.advance import FROM_AN_EVENT

ROWS_AT_ONCE = 200
ROWS_AT_A_STRETCH = 20
"""After so many rows those have a turn who wait for the same processor."""

UNEXPECTED = "service.internal_error"
_BUG = Outcome(
    0,
    refused=True,
    body=json.dumps(
        {"code": UNEXPECTED, "detail": "this row could not be carried out", "facts": {}}
    ).encode(),
)


class Sheet(NamedTuple):
    """A file that was read: its headings, its rows that are not empty, each with its number."""

    headings: list[Heading]
    rows: list[tuple[int, list[str]]]
    first: dict[str, int]
    """The row in which a SKU stands first."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that follow each other: results of those that can not be read, commands of the others.

    `said` are the number and the SKU of the rows with commands.
    """

    rows: Sequence[tuple[int, list[str]]]
    refused: dict[int, RowResult]
    said: list[tuple[int, str]]
    envelopes: list[Envelope]

    async def send(self, sender: BulkSender) -> list[RowResult]:
        """Carry the rows out and tell what became of each, in their order."""
        results = dict(self.refused)
        for (number, sku), outcome in zip(
            self.said, await _send(sender, self.envelopes), strict=True
        ):
            results[number] = _result(number, sku, outcome)
        return [results[number] for number, _ in self.rows]


class Chunks:
    """Makes commands of the rows of a file, so many at a time."""

    def __init__(self, effect: Effect, job: Job, sheet: Sheet, names: Names) -> None:
        self._effect = effect
        self._sheet = sheet
        self._given_at = job.given_at
        self._actor = Actor(job.actor, job.key_id)
        self._sku = sheet.headings.index(Heading("sku"))
        self._reader = Reader(
            sheet.headings,
            names,
            mode=Mode(job.mode),
            dry_run=job.dry_run,
            says=effect.target,
        )

    async def after(self, done: int) -> Chunk:
        """Make the next chunk; where the file ends there are no rows in it."""
        rows = self._sheet.rows[done : done + ROWS_AT_ONCE]
        chunk = Chunk(rows, {}, [], [])
        for start in range(0, len(rows), ROWS_AT_A_STRETCH):
            for number, row in rows[start : start + ROWS_AT_A_STRETCH]:
                self._put(chunk, number, row)
            await asyncio.sleep(0)
        return chunk

    def _put(self, chunk: Chunk, number: int, row: list[str]) -> None:
        sku = row[self._sku] if self._sku < len(row) else ""
        try:
            self._check_once(number, sku)
            command = self._reader.row(row, new_ids=self._ids(number))
        except CellWrong as wrong:
            chunk.refused[number] = _refused(number, sku, wrong.code, wrong.field, wrong.detail)
        else:
            chunk.said.append((number, sku))
            chunk.envelopes.append(self._envelope(number, command))

    def _check_once(self, number: int, sku: str) -> None:
        first = self._sheet.first.get(sku, number)
        if sku and first != number:
            raise CellWrong(
                "sku", f"row {first} has this SKU, too", code="catalog.import_sku_repeated"
            )

    def _ids(self, number: int) -> tuple[str, str]:
        """Give the ids of a new product and variant, in the order of the rows."""
        at = self._given_at + timedelta(milliseconds=number)
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
    undecided = next((one for one in outcomes if isinstance(one, NotDecided)), None)
    if undecided is not None:
        raise TryLater(undecided.code) from undecided
    # What alone fails whatever is tried is its row's matter; the others were decided.
    return [one if isinstance(one, Outcome) else _BUG for one in outcomes]


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
