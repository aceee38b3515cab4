"""JOB-03: staff see what is done outside, try it again or give it up, and the log says who did."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from application.process import Perform
from application.processes.jobs import JOBS
from infrastructure.postgres.connections import connect
from infrastructure.processes.filing import Filed, effect_id_of, file
from infrastructure.processes.follower import Processes
from infrastructure.projections.checkpoints import begin
from tests.effects.performing import look
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import Caller
from tests.processes.following import SenderThatNotes, follow_to_the_end

pytestmark = pytest.mark.row("JOB-03")

EFFECTS = "/api/admin/effects"
STATES = ("waiting", "done", "dead", "discarded")
SETTLED = """
UPDATE defter.effects SET state = %s, told = 'answered 503', attempts = 2,
    settled_at = CASE WHEN %s <> 'waiting' THEN now() END
WHERE effect_id = %s
"""
ATTEMPT = "INSERT INTO defter.effect_attempts VALUES (%s, %s, 1, false, 'answered 503', 7, now())"

shop = test_whole.shop


class Filer:
    """Files effects of a tenant, and lets the process do what staff asked."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    async def file(self, count: int, *, effect: str = "test.call", first: int = 1) -> list[str]:
        events = [uuid4() for _ in range(count)]
        async with await connect(self.database_url) as connection:
            await begin(connection, TENANT)
            filed = [Filed(n, event, Perform(effect, "x")) for n, event in enumerate(events, first)]
            await file(connection, TENANT, filed)
            await connection.execute("COMMIT")
        return [str(effect_id_of(event, effect, "x")) for event in events]

    def settle(self, effect_id: str, state: str) -> None:
        look(self.database_url, SETTLED, state, state, effect_id)
        look(self.database_url, ATTEMPT, TENANT, effect_id)

    def state(self, effect_id: str) -> str:
        query = "SELECT state FROM defter.effects WHERE effect_id = %s"
        return look(self.database_url, query, effect_id)[0][0]

    async def follow(self) -> None:
        processes = Processes(SenderThatNotes(), processes=[JOBS])
        async with await connect(self.database_url) as connection:
            assert await follow_to_the_end(connection, TENANT, processes) == ()


@pytest.fixture
def filer(database_url: str) -> Filer:
    return Filer(database_url)


async def listed(caller: Caller, query: str = "") -> list[str]:
    """Walk all pages, two at a time."""
    found: list[str] = []
    cursor = ""
    while True:
        page = (await caller.get(f"{EFFECTS}?limit=2{query}{cursor}")).json()
        found += [one["effect_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_effects_are_listed_by_state_and_kind_the_latest_first(
    shop: Api, filer: Filer
) -> None:
    caller = Caller(shop)
    ids = await filer.file(5)
    other = await filer.file(1, effect="test.mail", first=9)
    for effect_id, state in zip(ids, STATES, strict=False):
        filer.settle(effect_id, state)
    assert await listed(caller) == [*other, *reversed(ids)]
    assert await listed(caller, "&effect=test.mail") == other
    assert await listed(caller, "&state=waiting") == [*other, ids[4], ids[0]]
    for effect_id, state in zip(ids[1:], STATES[1:], strict=False):
        assert await listed(caller, f"&state={state}") == [effect_id]
    one = (await caller.get(f"{EFFECTS}/{ids[2]}")).json()
    (attempt,) = one.pop("attempts")
    assert (attempt["attempt"], attempt["succeeded"], attempt["told"]) == (1, False, "answered 503")
    assert (one["state"], one["told"], one["attempts_made"]) == ("dead", "answered 503", 2)
    assert (one["effect"], one["target"], one["position"]) == ("test.call", "x", 3)
    assert one["settled_at"] is not None
    assert one["next_at"] is None
    page = (await caller.get(f"{EFFECTS}?state=dead")).json()
    assert page["items"] == [one]
    (waiting,) = (await caller.get(f"{EFFECTS}?effect=test.mail")).json()["items"]
    assert waiting["next_at"] is not None


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("retry", ("waiting", "done", "waiting", "discarded")),
        ("discard", ("discarded", "done", "discarded", "discarded")),
    ],
)
async def test_what_staff_ask_is_recorded_done_and_seen_at_its_position(
    shop: Api, filer: Filer, asked: str, leads_to: tuple[str, ...]
) -> None:
    caller = Caller(shop)
    ids = await filer.file(4)
    for effect_id, state in zip(ids, STATES, strict=True):
        filer.settle(effect_id, state)
        answer = await caller.post(f"{EFFECTS}/{effect_id}/{asked}", {})
        assert answer == {"effect_id": effect_id}
    early = await caller.get(f"{EFFECTS}?min_position=0")
    assert {one["state"] for one in early.json()["items"]} == set(STATES)
    await filer.follow()
    seen = {one["effect_id"]: one for one in (await caller.get(EFFECTS)).json()["items"]}
    assert tuple(seen[one]["state"] for one in ids) == leads_to
    feed = (await caller.get(f"/api/events?type=jobs.{asked}_asked")).json()
    assert [one["data"]["effect_id"] for one in feed] == ids


async def test_the_same_request_twice_is_one_retry(shop: Api, filer: Filer) -> None:
    caller = Caller(shop)
    (effect_id,) = await filer.file(1)
    filer.settle(effect_id, "dead")
    for _ in range(2):
        await caller.post(f"{EFFECTS}/{effect_id}/retry", {}, **{"Idempotency-Key": "once"})
    await filer.follow()
    assert filer.state(effect_id) == "waiting"
    count = "SELECT count(*) FROM defter.events WHERE type = 'jobs.retry_asked'"
    assert look(filer.database_url, count) == [(1,)]


async def test_another_tenant_s_effect_is_as_absent_as_none(shop: Api, filer: Filer) -> None:
    caller = Caller(shop)
    (effect_id,) = await filer.file(1)
    foreign = {"X-API-Key": shop.key(tenant_id=OTHER, slug="other")}
    nobodys = str(UUID(int=7))
    for named, headers in ((effect_id, foreign), (nobodys, {})):
        answers = [
            await caller.get(f"{EFFECTS}/{named}", **{"Defter-Min-Position": "0"} | headers),
            await shop.post(f"{EFFECTS}/{named}/retry", {}, **headers),
            await shop.post(f"{EFFECTS}/{named}/discard", {}, **headers),
        ]
        told = [(answer.status_code, answer.json()["code"]) for answer in answers]
        assert told == [(404, "jobs.effect_not_found")] * 3
    nothing: Any = await caller.get(EFFECTS, **foreign)
    assert nothing.json()["items"] == []
    assert (
        look(filer.database_url, "SELECT 1 FROM defter.events WHERE starts_with(type, 'jobs.')")
        == []
    )


@pytest.mark.parametrize(
    ("scopes", "read", "managed"),
    [(("effects.read",), 200, 403), (("effects.manage",), 403, 201), (("wallet.read",), 403, 403)],
)
async def test_looking_and_stepping_in_are_permissions_of_their_own(
    shop: Api, filer: Filer, scopes: tuple[str, ...], read: int, managed: int
) -> None:
    (effect_id,) = await filer.file(1)
    key = {"X-API-Key": shop.key(scopes=scopes)}
    assert (await Caller(shop).get(EFFECTS, **key)).status_code == read
    answer = await shop.post(f"{EFFECTS}/{effect_id}/retry", {}, **key)
    assert answer.status_code == managed


async def test_a_customer_has_no_effects(shop: Api, filer: Filer) -> None:
    (effect_id,) = await filer.file(1)
    act_for = {"Defter-Act-For": "cus_ada1"}
    assert (await Caller(shop).get(EFFECTS, **act_for)).status_code == 403
    answer = await shop.post(f"{EFFECTS}/{effect_id}/discard", {}, **act_for)
    assert answer.status_code == 403


@pytest.mark.parametrize("query", ["?state=lost", "?cursor=nonsense", "?limit=0", "?kind=x"])
async def test_refuses_a_question_that_is_none(shop: Api, query: str) -> None:
    answer = await Caller(shop).get(f"{EFFECTS}{query}")
    assert answer.status_code == 422
