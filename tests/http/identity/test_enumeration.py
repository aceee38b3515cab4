"""Nobody learns who has an account: neither from answers nor from how long they take (SEC-12).

Known and unknown addresses are asked about in turn, so that whatever slows the machine slows both,
and their medians are compared. Without a hash for the unknown the two are far apart, which the
second test shows with a passwords' part that leaves it out.
"""

import time
from statistics import median

import pytest

from infrastructure.identity.passwords import Passwords, Verdict
from tests.http.identity.house import ANOTHER, EMAIL, House

pytestmark = pytest.mark.row("SEC-12")

ROUNDS = 15
ALIKE = 1.5
"""Medians of either are at most this many times the other's."""

Asked = tuple[str, dict[str, str]]
LOGIN: Asked = ("/api/auth/login", {"password": ANOTHER})
RESET: Asked = ("/api/auth/password/reset-request", {})


class Hasty(Passwords):
    """Saves the work where there is nobody."""

    async def verify(self, password: str, kept: str | None) -> Verdict:
        return Verdict(right=False) if kept is None else await super().verify(password, kept)


async def ratio(house: House, path: str, body: dict[str, str]) -> float:
    """Tell how many times longer the slower of both takes."""
    seconds: dict[str, list[float]] = {EMAIL: [], "nobody@ada.example": []}
    for _ in range(ROUNDS):
        for email, taken in seconds.items():
            house.ask("DELETE FROM defter.login_attempts")
            began = time.perf_counter()
            answer = await house.post(path, body | {"email": email})
            taken.append(time.perf_counter() - began)
            assert answer.status_code in {202, 401}
    known, unknown = (median(taken) for taken in seconds.values())
    return max(known, unknown) / min(known, unknown)


@pytest.mark.parametrize(("path", "body"), [LOGIN, RESET])
async def test_the_unknown_take_as_long_as_the_known(
    house: House, path: str, body: dict[str, str]
) -> None:
    await house.register()
    assert await ratio(house, path, body) < ALIKE


async def test_a_shortcut_for_the_unknown_would_show(house: House) -> None:
    await house.register()
    object.__setattr__(house.api.services, "passwords", Hasty())
    assert await ratio(house, *LOGIN) > ALIKE
