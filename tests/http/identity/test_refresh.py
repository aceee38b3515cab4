"""Refresh tokens are used once, and tell on whoever uses one again (IAM-04)."""

import asyncio

import pytest

from tests.http.fakes import OTHER
from tests.http.identity.house import House
from tests.http.identity.test_login import ME, code_of, let_in

pytestmark = pytest.mark.row("IAM-04")


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
    stolen = await house.post("/api/auth/refresh", body, of=thief)
    assert code_of(stolen) == (401, "auth.refresh_token_reused")
    assert not await let_in(house, person)


async def test_of_two_refreshes_at_once_one_is_taken_and_the_session_ends(house: House) -> None:
    person = await house.newcomer()
    body = {"refresh_token": person.refresh}
    answers = await asyncio.gather(
        *(house.post("/api/auth/refresh", body, at=at) for at in (house.api, house.second))
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 401], [401, 401])
    assert not await let_in(house, person)


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
