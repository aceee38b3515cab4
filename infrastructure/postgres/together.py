"""Questions that are asked at the same time share a look: its beginning, its end, its round trip.

A busy process asks for many pages at once. Up to `LOOKS_AT_ONCE` looks of a kind are under way
without waiting for one another; what is asked beyond that gathers, and the next free look takes it.
So nobody waits while there is little to do, and the more there is, the less each question costs.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from psycopg import OperationalError
from psycopg.errors import QueryCanceled

from infrastructure.postgres.pipelines import Call
from projections.query import Rows

LOOKS_AT_ONCE = 3
CALLS_MAX = 32
"""More than so many, but for those of one who asks, are left for the next look."""

K = TypeVar("K")
Answers = tuple[int, list[Rows]]
"""The position of a look, and the rows of each question."""

LookAt = Callable[[K, Sequence[Call], Sequence[Sequence[int]]], Awaitable[tuple[int, list[Any]]]]
"""Carries calls out in one look; gives for each who asks the rows of the calls at their places."""


class _Asker(NamedTuple):
    calls: Sequence[Call]
    answer: asyncio.Future[Answers]


class Together(Generic[K]):
    """Gathers questions of a kind `K`: those that can be asked in one look."""

    def __init__(self, look: LookAt[K]) -> None:
        self._look = look
        self._waiting: dict[K, list[_Asker]] = {}
        self._looking: Counter[K] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: K, calls: Sequence[Call]) -> Answers:
        """Ask several questions of one moment; raises what the database says no with."""
        asker = _Asker(calls, asyncio.get_running_loop().create_future())
        waiting = self._waiting.setdefault(kind, [])
        waiting.append(asker)
        if len(waiting) == 1 and self._looking[kind] < LOOKS_AT_ONCE:
            self._looking[kind] += 1
            task = asyncio.ensure_future(self._serve(kind))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asker.answer

    async def _serve(self, kind: K) -> None:
        # It begins when this turn of the loop is over: what else was asked in it comes along.
        try:
            while askers := self._next(kind):
                await self._answer(kind, askers)
        finally:
            self._looking[kind] -= 1
            if not self._looking[kind]:
                del self._looking[kind]

    def _next(self, kind: K) -> list[_Asker]:
        waiting = self._waiting.pop(kind, [])
        calls, taken = 0, 0
        for asker in waiting:
            calls += len(asker.calls)
            if taken and calls > CALLS_MAX:
                self._waiting[kind] = waiting[taken:]
                break
            taken += 1
        return waiting[:taken]

    async def _answer(self, kind: K, askers: Sequence[_Asker]) -> None:
        try:
            position, answers = await self._look(kind, *_merged(askers))
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            if len(askers) > 1 and _of_one(error):
                for asker in askers:
                    await self._answer(kind, [asker])
                return
            for asker in askers:
                if not asker.answer.done():
                    asker.answer.set_exception(error)
            return
        for asker, rows in zip(askers, answers, strict=True):
            # One who has left must not keep the others from their answers.
            if not asker.answer.done():
                asker.answer.set_result((position, rows))


def _merged(askers: Sequence[_Asker]) -> tuple[list[Call], list[list[int]]]:
    """Give every call once, and at which places those of each asker are answered."""
    places: dict[tuple[object, ...], int] = {}
    calls: list[Call] = []
    wanted: list[list[int]] = []
    for asker in askers:
        keys = [(call.statement, *call.values) for call in asker.calls]
        for key, call in zip(keys, asker.calls, strict=True):
            if places.setdefault(key, len(calls)) == len(calls):
                calls.append(call)
        wanted.append([places[key] for key in keys])
    return calls, wanted


def _of_one(error: Exception) -> bool:
    """Whether one question failed, and not the connection that all came with."""
    return isinstance(error, QueryCanceled) or not isinstance(error, OperationalError)
