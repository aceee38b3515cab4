"""USR-10: who holds a dump can not guess at what was asked, and whoever asks again is known."""

from collections.abc import AsyncGenerator
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from application.envelope import Actor, command_id_for
from interfaces.http.routing.idempotency import request_hash
from tests.http.erasure.mall import Mall, open_mall
from tests.http.fakes import TENANT

pytestmark = pytest.mark.row("USR-10")

IBAN = "TR330006100519786457841326"
ASKED = {"amount": {"minor": 500, "currency": "TRY"}, "note": IBAN}
KEY = "a-retry-of-mine"
EARLIER = (
    "INSERT INTO defter.commands (tenant_id, command_id, request_hash, refused, outcome, position,"
    " actor, recorded_at) SELECT tenant_id, %s, %s, refused, outcome, position, actor, recorded_at"
    " FROM defter.commands WHERE tenant_id = %s AND command_id = %s"
)


@pytest.fixture
async def mall(database_url: str, redis_url: str) -> AsyncGenerator[Mall]:
    async with open_mall(database_url, redis_url) as opened:
        yield opened


class TopUps:
    """One wallet, and top-ups of it under keys that are given."""

    def __init__(self, mall: Mall, wallet_id: str) -> None:
        self.mall = mall
        self.path = f"/api/wallet/{wallet_id}/top-ups"
        self.guess = request_hash("wallet.top_up", ASKED, {"wallet_id": wallet_id})

    async def ask(self, key: str = KEY, *, at: int = 0, **other: object) -> httpx.Response:
        """Ask the first process, or the second, which knows nothing of what the first was asked."""
        api = (self.mall.api, self.mall.second)[at]
        api.secret = self.mall.api.secret
        return await api.post(self.path, ASKED | other, **{"Idempotency-Key": key})

    def guessed(self) -> int:
        """Count the commands that somebody finds who tries this very request."""
        with psycopg.connect(self.mall.database_url) as owner:
            kept = owner.execute("SELECT request_hash FROM defter.commands").fetchall()
        guesses = {self.guess, sha256(self.guess).digest()}
        return sum(bytes(one) in guesses for (one,) in kept)

    def keep_as_before(self, key: str) -> None:
        """Keep what the first top-up led to under another key, as it was kept without a secret."""
        mall = self.mall
        (staff,) = mall.ask(
            "SELECT actor FROM defter.commands WHERE tenant_id = %s"
            " ORDER BY recorded_at DESC, position DESC LIMIT 1",
            TENANT,
        )
        ids = [command_id_for(TENANT, Actor(staff[0]), one) for one in (key, KEY)]
        mall.ask(EARLIER, ids[0], self.guess, TENANT, ids[1])


async def top_ups(mall: Mall) -> TopUps:
    made = TopUps(mall, await mall.caller.wallet(f"cus_{uuid4().hex[:8]}"))
    first = await made.ask()
    assert first.status_code == 201, first.text
    return made


def told(answer: httpx.Response) -> tuple[int, Any, str | None]:
    return answer.status_code, answer.json(), answer.headers.get("idempotent-replay")


async def test_a_known_request_is_not_found_in_a_dump(mall: Mall) -> None:
    made = await top_ups(mall)
    assert made.guessed() == 0
    made.keep_as_before("earlier")
    assert made.guessed() == 1, "the search finds a hash without a secret"


async def test_a_retry_at_a_process_that_just_began_is_the_first_outcome(mall: Mall) -> None:
    made = await top_ups(mall)
    here, elsewhere = await made.ask(), await made.ask(at=1)
    assert told(here) == told(elsewhere)
    assert told(here)[::2] == (201, "true")


async def test_another_request_under_the_same_key_is_refused_everywhere(mall: Mall) -> None:
    made = await top_ups(mall)
    for at in (0, 1):
        answer = await made.ask(at=at, note="TR000000000000000000000000")
        assert (answer.status_code, answer.json()["code"]) == (
            422,
            "request.idempotency_key_reused",
        )


async def test_what_was_kept_without_a_secret_is_still_known(mall: Mall) -> None:
    made = await top_ups(mall)
    made.keep_as_before("earlier")
    for at in (0, 1):
        assert told(await made.ask("earlier", at=at))[::2] == (201, "true")
        other = await made.ask("earlier", at=at, note="another")
        assert other.status_code == 422
