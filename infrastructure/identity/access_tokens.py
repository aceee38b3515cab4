"""Access tokens: JWTs (RFC 7519, RFC 8725) that say whose session a request belongs to.

A token is believed about who, never about what they may: that is asked of the log on each request.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ALGORITHM = "EdDSA"
AUDIENCE = "defter"
TYPE = "at+jwt"
"""RFC 9068: no other kind of token is taken for an access token."""

TOKEN_LASTS = timedelta(minutes=15)
TOKEN_BYTES_MAX = 2_048
VERIFIED_MAX = 20_000
"""So many tokens are remembered as well signed, until they expire."""

REQUIRED = ["iss", "aud", "sub", "tenant", "sid", "iat", "exp"]


class TokenWrong(Exception):
    """This is no token of ours that could be used now; `code` says in public why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose session of which tenant, and until when."""

    tenant_id: UUID
    person_id: str
    session_id: str
    expires_at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class Keys(Protocol):
    """What signs and verifies."""

    @property
    def generation(self) -> int:
        """Changes with the set of keys."""
        ...

    async def keep_fresh(self) -> None:
        """See to it that a key which was retired elsewhere is soon known as such."""
        ...

    async def signing(self) -> tuple[str, Ed25519PrivateKey]:
        """Give the key that signs, and its id."""
        ...

    async def public(self, kid: str) -> Ed25519PublicKey | None:
        """Give the key that verifies what `kid` signed."""
        ...

    async def jwks(self) -> list[dict[str, str]]:
        """Give all public keys as a JSON Web Key Set has them."""
        ...


class AccessTokens:
    """Signs and verifies for one issuer, the public address of this installation."""

    def __init__(self, keys: Keys, issuer: str, *, clock: Callable[[], datetime] = _now) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        self._generation = keys.generation

    async def issue(self, tenant_id: UUID, person_id: str, session_id: str) -> tuple[str, datetime]:
        """Sign a token for a session; also give when it expires."""
        kid, key = await self._keys.signing()
        now = self._clock().replace(microsecond=0)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": person_id,
            "tenant": str(tenant_id),
            "sid": session_id,
            "iat": now,
            "exp": now + TOKEN_LASTS,
        }
        headers = {"kid": kid, "typ": TYPE}
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers=headers), now + TOKEN_LASTS

    async def jwks(self) -> list[dict[str, str]]:
        """Give the keys with which anybody can verify what is issued here."""
        return await self._keys.jwks()

    async def verify(self, token: bytes) -> Claims:
        """Give what a token says; raises `TokenWrong`."""
        await self._keys.keep_fresh()
        if self._generation != self._keys.generation:
            self._generation = self._keys.generation
            self._verified.clear()
        known = self._verified.get(token)
        if known is None:
            known = await self._verify(token)
            self._verified[token] = known
            while len(self._verified) > VERIFIED_MAX:
                self._verified.popitem(last=False)
        if self._clock() >= known.expires_at:
            self._verified.pop(token, None)
            raise TokenWrong("auth.token_expired", "the access token has expired; refresh it")
        return known

    async def _verify(self, token: bytes) -> Claims:
        if len(token) > TOKEN_BYTES_MAX:
            raise TokenWrong("auth.token_malformed", "this is no access token")
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as wrong:
            raise TokenWrong("auth.token_malformed", "this is no access token") from wrong
        kid: Any = header.get("kid")
        if header.get("alg") != ALGORITHM or header.get("typ") != TYPE or not isinstance(kid, str):
            raise TokenWrong("auth.token_refused", "this access token is not ours")
        key = await self._keys.public(kid)
        if key is None:
            raise TokenWrong("auth.token_refused", "this access token is not ours")
        try:
            told: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": REQUIRED, "strict_aud": True, "verify_exp": False},
            )
            claims = Claims(
                UUID(told["tenant"]),
                told["sub"],
                str(told["sid"]),
                datetime.fromtimestamp(told["exp"], UTC),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as wrong:
            raise TokenWrong("auth.token_refused", "this access token is not ours") from wrong
        return claims

    async def sign_detached(self, payload: bytes, *, kind: str) -> str:
        """Sign what is no token, as a JWS without its payload (RFC 7515, appendix F).

        `kind` is its `typ`, which keeps it from being taken for a token.
        """
        assert kind != TYPE
        kid, key = await self._keys.signing()
        signed = jwt.PyJWS().encode(payload, key, ALGORITHM, {"kid": kid, "typ": kind})
        header, _, signature = signed.split(".")
        return f"{header}..{signature}"
