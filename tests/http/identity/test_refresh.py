"""Refresh tokens are used once, and tell on whoever uses one again (IAM-04)."""

import asyncio

import pytest

from infrastructure.identity.refresh_tokens import GRACE_SECONDS
from tests.http.fakes import OTHER
from tests.http.identity.house import House
from tests.http.identity.test_login import ME, code_of, let_in

pytestmark = pytest.mark.row("IAM-04")


async def refresh(house: House, token: str) -> dict[str, str]:
    answer = await house.post("/api/auth/refresh", {"refresh_token": token})
    assert answer.status_code == 200, answer.text
    return answer.json()


def grace_ends(house: House) -> None:
    """Let so much time pass that what was used is not told again."""
    house.ask(
        "UPDATE defter.refresh_tokens SET used_at = used_at - make_interval(secs => %s)",
        GRACE_SECONDS,
    )


async def test_a_refresh_token_is_used_once_for_the_next(house: House) -> None:
    person = await house.newcomer()
    answer = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    told = answer.json()
    assert told["session_id"] == person.session_id
    assert told["refresh_token"] != person.refresh
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert (await house.call("GET", ME, headers=headers)).status_code == 200
    unknown = await house.post("/api/auth/refresh", {"refresh_token": "drt_none"})
    assert code_of(unknown) == (401, "auth.refresh_token_wrong")


async def test_a_refresh_token_used_again_ends_its_session_for_both(house: House) -> None:
    person = await house.newcomer()
    other = await house.login()
    following = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    grace_ends(house)
    stolen = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(stolen) == (401, "auth.refresh_token_reused")
    assert not await let_in(house, person, second=True)
    again = {"refresh_token": following.json()["refresh_token"]}
    assert (await house.post("/api/auth/refresh", again)).status_code == 401
    assert await let_in(house, other)
    assert house.events(person.person_id)[-1] == "session_ended"
    lines = house.api.lines()
    assert b"refresh_token_reused" in lines
    assert person.refresh.encode() not in lines


async def test_a_thief_does_not_hide_behind_a_session_of_their_own(house: House) -> None:
    person, thief = await house.newcomer(), await house.newcomer("thief@b.example")
    body = {"refresh_token": person.refresh}
    await house.post("/api/auth/refresh", body)
    grace_ends(house)
    stolen = await house.post("/api/auth/refresh", body, of=thief)
    assert code_of(stolen) == (401, "auth.refresh_token_reused")
    assert not await let_in(house, person)


async def test_two_refreshes_at_once_get_the_same_next_token(house: House) -> None:
    person = await house.newcomer()
    body = {"refresh_token": person.refresh}
    answers = await asyncio.gather(
        *(house.post("/api/auth/refresh", body, at=at) for at in (house.api, house.second) * 3)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert await let_in(house, person)


async def test_a_lost_answer_is_told_again_until_the_next_token_is_used(house: House) -> None:
    person = await house.newcomer()
    lost, again = [await refresh(house, person.refresh) for _ in range(2)]
    assert again["refresh_token"] == lost["refresh_token"]
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    assert (await house.call("GET", ME, headers=headers)).status_code == 200
    assert b"refresh_token_told_again" in house.second.lines(), "the last process has the log"
    following = await refresh(house, lost["refresh_token"])
    assert following["refresh_token"] != lost["refresh_token"]
    late = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(late) == (401, "auth.refresh_token_reused")
    assert not await let_in(house, person)


async def test_whoever_shared_the_time_of_grace_with_a_thief_notices_one_refresh_later(
    house: House,
) -> None:
    person = await house.newcomer()
    own, stolen = [await refresh(house, person.refresh) for _ in range(2)]
    await refresh(house, stolen["refresh_token"])
    grace_ends(house)
    answer = await house.post("/api/auth/refresh", {"refresh_token": own["refresh_token"]})
    assert code_of(answer) == (401, "auth.refresh_token_reused")
    assert not await let_in(house, person)


async def test_nothing_is_told_again_after_logging_out(house: House) -> None:
    person = await house.newcomer()
    await refresh(house, person.refresh)
    assert (await house.call("POST", "/api/auth/logout", {}, of=person)).status_code == 200
    answer = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(answer) == (401, "auth.session_ended")


async def test_a_refresh_token_of_another_tenant_is_none(house: House) -> None:
    person = await house.newcomer()
    theirs = {"X-API-Key": house.api.key(tenant_id=OTHER, slug="other")}
    answer = await house.post(
        "/api/auth/refresh", {"refresh_token": person.refresh}, headers=theirs
    )
    assert code_of(answer) == (401, "auth.refresh_token_wrong")
    assert await let_in(house, person)


async def test_an_expired_refresh_token_is_none(house: House) -> None:
    person = await house.newcomer()
    house.ask("UPDATE defter.refresh_tokens SET expires_at = now() - interval '1 second'")
    answer = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(answer) == (401, "auth.refresh_token_wrong")
