"""How passwords are kept (SEC-09): pinned, upgraded, and without holding anybody else up."""

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from infrastructure.identity import passwords
from infrastructure.identity.passwords import Busy, Passwords, Weakness
from tests.http.identity.house import ANOTHER, PASSWORD, House

pytestmark = pytest.mark.row("SEC-09")


async def test_the_cost_is_pinned_and_the_same_for_the_unknown() -> None:
    made = extract_parameters(await Passwords().hash(PASSWORD))
    assert (made.type, made.memory_cost, made.time_cost, made.parallelism) == (
        Type.ID,
        19 * 1024,
        2,
        1,
    )
    assert extract_parameters(passwords.UNKNOWN) == made


async def test_a_hash_of_another_cost_is_renewed_by_the_right_password_alone() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    assert await Passwords().verify(ANOTHER, cheap) == (False, None)
    right, renewed = await Passwords().verify(PASSWORD, cheap)
    assert right
    assert renewed is not None
    assert await Passwords().verify(PASSWORD, renewed) == (True, None)


async def test_what_is_no_hash_verifies_nothing() -> None:
    for kept in ("", "x", "$argon2id$v=19$broken", None):
        assert await Passwords().verify(PASSWORD, kept) == (False, None)


async def test_the_same_password_typed_on_another_keyboard_is_the_same() -> None:
    kept = await Passwords().hash("caf\u00e9-otters-paint")
    assert (await Passwords().verify("cafe\u0301-otters-paint", kept)).right


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    hashing = asyncio.gather(*(Passwords().hash(PASSWORD) for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    await hashing


async def test_only_so_many_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING_MAX", 1)
    at_work = Passwords()
    first = asyncio.create_task(at_work.hash(PASSWORD))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await at_work.hash(PASSWORD)
    assert await first
    monkeypatch.setattr(passwords, "WAITING_MAX", 0)
    body = {"name": "Ada", "email": "ada@ada.example", "password": PASSWORD}
    answer = await house.post("/api/users", body)
    assert (answer.status_code, answer.json()["code"]) == (503, "service.busy")
    assert answer.headers["retry-after"] == "1"


async def test_a_tenant_may_ask_for_longer_passwords() -> None:
    long_enough = await Passwords().weakness("four-badgers-salt", (), length_min=18)
    assert long_enough is Weakness.TOO_SHORT
    assert await Passwords().weakness("four-badgers-salt", ()) is None
