"""Questions that are asked at the same time share a look, and only that."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg import OperationalError
from psycopg.errors import QueryCanceled

from infrastructure.postgres.arrays import Text
from infrastructure.postgres.pipelines import Call, Statement
from infrastructure.postgres.together import CALLS_MAX, LOOKS_AT_ONCE, Together

ECHO = Statement("echo", "SELECT $1", Text)
KIND = "shop"


def call(word: str) -> Call:
    return Call(ECHO, [word.encode()])


class Database:
    """Gives each call's own word back, when it is let; notes what came in which look."""

    def __init__(self) -> None:
        self.looks: list[list[bytes]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.wrong: dict[bytes, Exception] = {}

    async def look(
        self, _kind: str, calls: Sequence[Call], wanted: Sequence[Sequence[int]]
    ) -> tuple[int, list[list[list[tuple[bytes]]]]]:
        words = [bytes(one.values[0] or b"") for one in calls]
        self.looks.append(words)
        await self.free.wait()
        for word in words:
            if word in self.wrong:
                raise self.wrong[word]
        return len(self.looks), [[[(words[place],)] for place in one] for one in wanted]


@pytest.fixture
async def database() -> Database:
    return Database()


@pytest.fixture
async def together(database: Database) -> Together[str]:
    return Together(database.look)


async def ask(together: Together[str], *words: str, kind: str = KIND) -> list[str]:
    _, answers = await together.ask(kind, [call(word) for word in words])
    return [row[0].decode() for rows in answers for row in rows]


async def test_what_is_asked_in_one_turn_comes_in_one_look_and_once(
    database: Database, together: Together[str]
) -> None:
    answers = await asyncio.gather(
        ask(together, "changed", "jug"), ask(together, "changed", "mug"), ask(together, "jug")
    )
    assert answers == [["changed", "jug"], ["changed", "mug"], ["jug"]]
    assert database.looks == [[b"changed", b"jug", b"mug"]]


async def test_what_is_of_another_kind_has_a_look_of_its_own(
    database: Database, together: Together[str]
) -> None:
    await asyncio.gather(ask(together, "jug"), ask(together, "jug", kind="another shop"))
    assert database.looks == [[b"jug"], [b"jug"]]


async def test_looks_under_way_are_few_and_what_comes_meanwhile_gathers(
    database: Database, together: Together[str]
) -> None:
    database.free.clear()
    asking: list[asyncio.Task[list[str]]] = []
    for number in range(LOOKS_AT_ONCE + 4):
        asking.append(asyncio.ensure_future(ask(together, str(number))))
        for _ in range(3):
            await asyncio.sleep(0)
    assert database.looks == [[b"%d" % number] for number in range(LOOKS_AT_ONCE)]
    database.free.set()
    assert await asyncio.gather(*asking) == [[str(n)] for n in range(LOOKS_AT_ONCE + 4)]
    rest = [b"%d" % number for number in range(LOOKS_AT_ONCE, LOOKS_AT_ONCE + 4)]
    assert database.looks[LOOKS_AT_ONCE:] == [rest]


async def test_a_look_is_of_so_many_calls_unless_one_asks_for_more(
    database: Database, together: Together[str]
) -> None:
    many = [str(number) for number in range(CALLS_MAX + 5)]
    answers = await asyncio.gather(ask(together, *many), *(ask(together, one) for one in many))
    assert answers == [many, *([one] for one in many)]
    assert [len(look) for look in database.looks] == [CALLS_MAX + 5, CALLS_MAX, 5]


@pytest.mark.parametrize("wrong", [QueryCanceled("too slow"), ValueError("no number")])
async def test_a_question_that_fails_fails_alone(
    database: Database, together: Together[str], wrong: Exception
) -> None:
    database.wrong[b"slow"] = wrong
    quick, slow, other = await asyncio.gather(
        *(ask(together, word) for word in ("quick", "slow", "other")), return_exceptions=True
    )
    assert (quick, slow, other) == (["quick"], wrong, ["other"])
    assert await ask(together, "again") == ["again"]


async def test_a_lost_connection_is_told_to_all_and_to_nobody_later(
    database: Database, together: Together[str]
) -> None:
    lost = database.wrong[b"jug"] = OperationalError("the server is gone")
    answers = await asyncio.gather(
        ask(together, "jug"), ask(together, "mug"), return_exceptions=True
    )
    assert answers == [lost, lost]
    assert len(database.looks) == 1
    assert await ask(together, "mug") == ["mug"]


async def test_who_leaves_keeps_nobody_from_an_answer(
    database: Database, together: Together[str]
) -> None:
    database.free.clear()
    leaving = asyncio.ensure_future(ask(together, "jug"))
    staying = asyncio.ensure_future(ask(together, "mug"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    database.free.set()
    assert await staying == ["mug"]
    with pytest.raises(asyncio.CancelledError):
        await leaving
