"""Passwords: Argon2id (RFC 9106) at pinned cost, and what makes one too weak.

Hashing is slow on purpose, so it runs in few threads of low priority, and only so many wait there:
a flood of logins is turned away before it delays what others ask.
"""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple, TypeVar

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # pyright: ignore[reportMissingTypeStubs] - it has none

from application.sending import NotDecided

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
"""What OWASP asks of Argon2id at least, for a memory of 19 MiB."""

PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX = 10, 128
SCORE_MIN = 3
"""Of zxcvbn's 0 to 4: at least 10^8 guesses for whoever has the hash."""

GUESSED_LENGTH_MAX = 64
"""So much of a long password is weighed; what follows can only make it stronger."""

WAITING_MAX = 200
THREADS = max((os.cpu_count() or 2) // 2, 1)
NICE = 5

UNKNOWN = (
    "$argon2id$v=19$m=19456,t=2,p=1$gkaJW4iissbCwhvhS+dGXw"
    "$I2hVsOcrMaelNOyQ8YMPLtWRSl5U3gxuSel5NlY3C3A"
)
"""What an unknown person's password is held against, so that the answer takes as long."""

_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_BYTES_MAX = 72
"""bcrypt never read more."""

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

T = TypeVar("T")


class Busy(NotDecided):
    """Too many log in at this moment; try again a little later."""

    code = "service.busy"


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "password.too_short"
    TOO_LONG = "password.too_long"
    EASILY_GUESSED = "password.easily_guessed"


class Verdict(NamedTuple):
    """Whether a password is the right one, and the hash to keep instead if the old one is dated."""

    right: bool
    renewed: str | None = None


class Passwords:
    """Hashes and verifies without keeping the event loop from others."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "passwords", initializer=_step_back)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Give what is kept of a password; raises `Busy`."""
        return await self._run(lambda: _HASHER.hash(_bytes(password)))

    async def verify(self, password: str, kept: str | None) -> Verdict:
        """Hold a password against what is kept; None costs the same as a wrong one."""
        return await self._run(lambda: _verdict(password, kept))

    async def weakness(
        self, password: str, own_words: Iterable[str], *, length_min: int = PASSWORD_LENGTH_MIN
    ) -> Weakness | None:
        """Tell what is wrong with a new password, if anything is; raises `Busy`.

        Whoever guesses knows `own_words`: the person's name and address, the shop.
        """
        if len(password) < length_min:
            return Weakness.TOO_SHORT
        if len(password) > PASSWORD_LENGTH_MAX:
            return Weakness.TOO_LONG
        known = {part for word in own_words for part in _parts(word)}
        guessed = await self._run(lambda: _easily_guessed(password, known))
        return Weakness.EASILY_GUESSED if guessed else None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _verdict(password: str, kept: str | None) -> Verdict:
    given = _bytes(password)
    if kept is not None and kept.startswith(_BCRYPT):
        right = bcrypt.checkpw(given[:_BCRYPT_BYTES_MAX], kept.encode())
        return Verdict(right, _HASHER.hash(given) if right else None)
    try:
        _HASHER.verify(kept or UNKNOWN, given)
    except (VerificationError, InvalidHashError):
        return Verdict(right=False)
    if kept is None:
        return Verdict(right=False)
    return Verdict(True, _HASHER.hash(given) if _HASHER.check_needs_rehash(kept) else None)  # noqa: FBT003 - a NamedTuple


def _easily_guessed(password: str, own_words: set[str]) -> bool:
    # Two names and a year are many guesses for who knows nobody, and three for who knows you: what
    # is one's own counts for nothing.
    rest = password.casefold()
    for word in sorted(own_words, key=len, reverse=True):
        rest = rest.replace(word, "")
    tried = (one[:GUESSED_LENGTH_MAX] for one in (password, rest))
    return not rest or any(
        zxcvbn(one, user_inputs=list(own_words))["score"] < SCORE_MIN for one in tried
    )


def _bytes(password: str) -> bytes:
    # One password typed on two keyboards may be two texts (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password).encode()


def _parts(word: str) -> list[str]:
    letters = "".join(one if one.isalnum() else " " for one in word.casefold())
    return [part for part in letters.split() if len(part) > 2]  # noqa: PLR2004 - initials are in all


def _step_back() -> None:
    # On Linux a priority is a thread's own; elsewhere the whole process would step back.
    with suppress(AttributeError, OSError):
        if os.uname().sysname == "Linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
