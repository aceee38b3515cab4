"""Hold a password against what is kept: slow for whoever guesses, alike for whoever is unknown."""

from typing import Annotated, NamedTuple

import structlog
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from domain.tenants.settings import Security
from infrastructure.identity import attempts, credentials
from infrastructure.identity.passwords import PASSWORD_LENGTH_MAX, Weakness
from infrastructure.notifications.addresses import same_for_all_spellings
from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import FieldError, Problem, unauthenticated

GIVEN_LENGTH_MAX = 512

_LOG = structlog.get_logger("identity")
_SAID = {
    Weakness.TOO_SHORT: "this password is too short",
    Weakness.TOO_LONG: f"a password has at most {PASSWORD_LENGTH_MAX} characters",
    Weakness.EASILY_GUESSED: "this password is common, or follows from who you are; add words",
}


def _whole_letters(text: SecretStr) -> SecretStr:
    try:
        text.get_secret_value().encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("field.not_a_string", "this is no text") from None
    return text


PasswordText = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=GIVEN_LENGTH_MAX,
        examples=["nine-otters-paint-the-harbour"],
    ),
    AfterValidator(_whole_letters),
]


class Proven(NamedTuple):
    """Who proved who they are, and what is kept of their password now."""

    person_id: str
    password_hash: str


async def login_key_of(exchange: Exchange, email: str) -> str:
    """Give the keyed hash of an address."""
    keys, tenant_id = exchange.services.claim_keys, exchange.principal.tenant_id
    return await keys.hash(tenant_id, same_for_all_spellings(email))


async def prove(exchange: Exchange, login_key: str, password: SecretStr) -> Proven | None:
    """Give whose password this is; None where it is wrong.

    Raises a 429 for whoever has to wait, before the password is looked at.
    """
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    place = await services.claim_keys.hash(tenant_id, f"address {exchange.peer}")
    tallies = attempts.of_login(login_key, place)
    async with services.vault.tenant(tenant_id) as connection:
        seconds = await attempts.spend(connection, tenant_id, tallies)
        if seconds:
            exchange.tried = login_key
            _LOG.warning("login_held_back", tenant=exchange.principal.slug, login_key=login_key)
            raise too_many_attempts(seconds)
        known = await credentials.of_login(connection, tenant_id, login_key)
    kept = known.password_hash if known is not None else None
    verdict = await services.passwords.verify(password.get_secret_value(), kept)
    if known is None or kept is None or not verdict.right:
        exchange.tried = login_key
        _LOG.warning("login_failed", tenant=exchange.principal.slug, login_key=login_key)
        return None
    async with services.vault.tenant(tenant_id) as connection:
        await attempts.clear(connection, tenant_id, tallies)
        if verdict.renewed is not None:
            await credentials.renew(
                connection, tenant_id, known.person_id, old=kept, new=verdict.renewed
            )
    return Proven(known.person_id, verdict.renewed or kept)


async def check_strength(
    exchange: Exchange, password: SecretStr, own_words: tuple[str, ...]
) -> None:
    """Refuse a password that is soon guessed, without repeating it."""
    services, words = exchange.services, (*own_words, exchange.principal.slug)
    policy = await services.tenant_settings.of(exchange.principal.tenant_id, Security)
    length_min = policy.password_length_min
    weakness = await services.passwords.weakness(
        password.get_secret_value(), words, length_min=length_min
    )
    if weakness is not None:
        raise Problem(
            422,
            "identity.password_weak",
            _SAID[weakness],
            facts={"length_min": length_min},
            errors=[FieldError("/password", weakness.value, _SAID[weakness])],
        )


def too_many_attempts(seconds: int) -> Problem:
    """Say when the next attempt may be made."""
    return Problem(
        429,
        "auth.too_many_attempts",
        "too many attempts; wait, or reset the password by mail",
        headers=((b"retry-after", b"%d" % seconds),),
    )


def credentials_wrong() -> Problem:
    """Say the same, whether the person, the password or the account is not there."""
    return unauthenticated("auth.credentials_wrong", "address and password do not fit")


def password_wrong() -> Problem:
    """Tell somebody who has a session that the password is not theirs."""
    return Problem(403, "auth.password_wrong", "this is not your password")
