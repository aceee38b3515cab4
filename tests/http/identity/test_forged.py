"""Access tokens that were forged, altered, misdirected or outlived (IAM-04, SEC-04).

Each is sent to the whole edge with a right key beside it; none is believed, each is refused with a
stable code, and no log line holds it.
"""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from domain.identity.account import Account, Kind, Session
from domain.tenants.tenant import KeyKind
from infrastructure.identity.access_tokens import AccessTokens
from interfaces.http.app import create_app
from tests.http.conftest import PEER, TRANSFER, Api, services_for, settings_for
from tests.http.fakes import (
    ISSUER,
    KID,
    OTHER,
    TENANT,
    KnownAccounts,
    KnownKeys,
    OneKey,
    RecordingSender,
)

pytestmark = [pytest.mark.row("IAM-04"), pytest.mark.row("SEC-04")]

ADA = "cus_ada1"
SESSION = "ses_0001"
REFUSED, MALFORMED = "auth.token_refused", "auth.token_malformed"
EXPIRED, ENDED, ELSEWHERE = "auth.token_expired", "auth.session_ended", "tenant.disagreement"
STRANGER = Ed25519PrivateKey.generate()


class Forge:
    """Makes tokens: right ones but for what is given."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON can hold
        now = datetime.now(UTC).replace(microsecond=0)
        told: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "defter",
            "sub": ADA,
            "tenant": str(TENANT),
            "sid": SESSION,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
        }
        return {name: value for name, value in (told | changes).items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        told = {"alg": "EdDSA", "typ": "at+jwt", "kid": KID} | changes
        return {name: value for name, value in told.items() if value is not None}

    def signed(
        self,
        claims: object | None = None,
        header: dict[str, Any] | None = None,
        *,
        key: Ed25519PrivateKey | None = None,
    ) -> str:
        body = self.body(claims, header)
        return f"{body}.{_text((key or self.key).sign(body.encode()))}"

    def by_secret(self, secret: bytes) -> str:
        body = self.body(None, self.header(alg="HS256"))
        return f"{body}.{_text(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"

    def body(self, claims: object | None, header: dict[str, Any] | None) -> str:
        parts = (header or self.header(), self.claims() if claims is None else claims)
        return ".".join(_text(json.dumps(part).encode()) for part in parts)

    def jwk(self) -> dict[str, str]:
        public = STRANGER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": _text(public)}


def _text(raw: bytes) -> str:
    return base64url_encode(raw).decode()


def _flipped(token: str) -> str:
    body, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[0] ^= 1
    return f"{body}.{_text(bytes(raw))}"


def _hours(count: int) -> int:
    return int((datetime.now(UTC) + timedelta(hours=count)).timestamp())


SHAPES: dict[str, tuple[Callable[[Forge], str], str]] = {
    "alg none": (lambda f: f.body(None, f.header(alg="none")) + ".", REFUSED),
    "alg NoNe": (lambda f: f.body(None, f.header(alg="NoNe")) + ".", REFUSED),
    "alg none, signed": (lambda f: f.signed(None, f.header(alg="none")), REFUSED),
    "no alg": (lambda f: f.signed(None, f.header(alg=None)), REFUSED),
    "alg ES256": (lambda f: f.signed(None, f.header(alg="ES256")), REFUSED),
    "HS256 with the public key": (lambda f: f.by_secret(f.public), REFUSED),
    "HS256 with the public key as PEM": (lambda f: f.by_secret(f.pem), REFUSED),
    "HS256 with nothing": (lambda f: f.by_secret(b""), REFUSED),
    "another key": (lambda f: f.signed(key=STRANGER), REFUSED),
    "an unknown kid": (lambda f: f.signed(None, f.header(kid="beef"), key=STRANGER), REFUSED),
    "a path as kid": (lambda f: f.signed(None, f.header(kid="../../dev/null")), REFUSED),
    "SQL as kid": (lambda f: f.signed(None, f.header(kid="' OR 1=1 --")), REFUSED),
    "a URL as kid": (lambda f: f.signed(None, f.header(kid="https://evil.example/k")), REFUSED),
    "no kid": (lambda f: f.signed(None, f.header(kid=None)), REFUSED),
    "a number as kid": (lambda f: f.signed(None, f.header(kid=5)), MALFORMED),
    "a list as kid": (lambda f: f.signed(None, f.header(kid=[KID])), MALFORMED),
    "jku": (
        lambda f: f.signed(None, f.header(jku="https://evil.example/jwks"), key=STRANGER),
        REFUSED,
    ),
    "x5u": (
        lambda f: f.signed(None, f.header(x5u="https://evil.example/x5"), key=STRANGER),
        REFUSED,
    ),
    "jwk": (lambda f: f.signed(None, f.header(jwk=f.jwk()), key=STRANGER), REFUSED),
    "an unknown critical header": (
        lambda f: f.signed(None, f.header(crit=["stop"], stop=True)),
        MALFORMED,
    ),
    "typ JWT": (lambda f: f.signed(None, f.header(typ="JWT")), REFUSED),
    "no typ": (lambda f: f.signed(None, f.header(typ=None)), REFUSED),
    "another audience": (lambda f: f.signed(f.claims(aud="shop")), REFUSED),
    "several audiences": (lambda f: f.signed(f.claims(aud=["defter", "shop"])), REFUSED),
    "another issuer": (lambda f: f.signed(f.claims(iss="https://evil.example")), REFUSED),
    "no iss": (lambda f: f.signed(f.claims(iss=None)), REFUSED),
    "no aud": (lambda f: f.signed(f.claims(aud=None)), REFUSED),
    "no sub": (lambda f: f.signed(f.claims(sub=None)), REFUSED),
    "no tenant": (lambda f: f.signed(f.claims(tenant=None)), REFUSED),
    "no sid": (lambda f: f.signed(f.claims(sid=None)), REFUSED),
    "no iat": (lambda f: f.signed(f.claims(iat=None)), REFUSED),
    "no exp": (lambda f: f.signed(f.claims(exp=None)), REFUSED),
    "expired": (lambda f: f.signed(f.claims(exp=_hours(-1))), EXPIRED),
    "issued in the future": (lambda f: f.signed(f.claims(iat=_hours(1))), REFUSED),
    "not valid yet": (lambda f: f.signed(f.claims(nbf=_hours(1))), REFUSED),
    "exp as a text": (lambda f: f.signed(f.claims(exp="never")), REFUSED),
    "exp beyond all time": (lambda f: f.signed(f.claims(exp=10**30)), REFUSED),
    "a number as sub": (lambda f: f.signed(f.claims(sub=1)), REFUSED),
    "a tenant that is no id": (lambda f: f.signed(f.claims(tenant="shop")), REFUSED),
    "another tenant": (lambda f: f.signed(f.claims(tenant=str(OTHER))), ELSEWHERE),
    "an ended session": (lambda f: f.signed(f.claims(sid="ses_0009")), ENDED),
    "an expired session": (lambda f: f.signed(f.claims(sid="ses_0002")), ENDED),
    "an unknown person": (lambda f: f.signed(f.claims(sub="cus_none")), ENDED),
    "another person's session": (lambda f: f.signed(f.claims(sub="cus_bora")), ENDED),
    "claims that are a list": (lambda f: f.signed([1, 2]), REFUSED),
    "truncated": (lambda f: f.signed()[:-10], REFUSED),
    "without its signature": (lambda f: f.body(None, None) + ".", REFUSED),
    "a flipped bit": (lambda f: _flipped(f.signed()), REFUSED),
    "a swapped payload": (
        lambda f: ".".join(
            (
                f.signed().split(".")[0],
                f.body(f.claims(sub="cus_bora"), None).split(".")[1],
                f.signed().split(".")[2],
            )
        ),
        REFUSED,
    ),
    "nested": (lambda f: f.signed({"token": f.signed()}), REFUSED),
    "encrypted": (lambda _f: ".".join(["e30"] * 5), MALFORMED),
    "two parts": (lambda f: f.body(None, None), MALFORMED),
    "oversize": (lambda f: f.signed(f.claims(pad="x" * 4_000)), MALFORMED),
    "no token": (lambda _f: "", MALFORMED),
    "no base64": (lambda _f: "canary.not!base64.at*all", MALFORMED),
    "two tokens": (lambda f: f"{f.signed()} {f.signed()}", MALFORMED),
    "two tokens and a comma": (lambda f: f"{f.signed()},{f.signed()}", MALFORMED),
}


def customer(person_id: str, *live: str, expired: tuple[str, ...] = ()) -> Account:
    later, earlier = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1))
    sessions = {one: Session(later) for one in live} | {one: Session(earlier) for one in expired}
    return Account(
        person_id,
        Kind.CUSTOMER,
        "a1",
        ("customer",),
        verified=True,
        suspended=False,
        closed=False,
        sessions=sessions,
    )


class Door:
    """The edge, with Ada's session under way behind it."""

    def __init__(self, api: Api, forge: Forge) -> None:
        self.api = api
        self.forge = forge
        self.key = api.key(KeyKind.PUBLISHABLE)

    async def knock(self, *authorization: str) -> httpx.Response:
        """Ask for what Ada may do."""
        given = [(b"X-API-Key", self.key.encode()), (b"Idempotency-Key", uuid4().hex.encode())]
        given += [(b"Authorization", one.encode()) for one in authorization]
        return await self.api.client.post("/api/wallet/transfers", json=TRANSFER, headers=given)


@pytest.fixture
async def door(redis_url: str) -> AsyncGenerator[Door]:
    log, sender, directory, keys = io.BytesIO(), RecordingSender(), KnownKeys(), OneKey()
    accounts = KnownAccounts()
    accounts.known = {
        ADA: customer(ADA, SESSION, expired=("ses_0002",)),
        "cus_bora": customer("cus_bora", "ses_0003"),
    }
    services = services_for(
        settings_for(redis_url),
        log,
        sender=sender,
        directory=directory,
        tokens=AccessTokens(keys, ISSUER),
        accounts=accounts,
    )
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Door(Api(client, sender, directory, services, log, ""), Forge(keys.key))
    await services.quota.close()


@pytest.mark.parametrize("shape", SHAPES)
async def test_is_refused_and_logged_without_the_token(door: Door, shape: str) -> None:
    make, code = SHAPES[shape]
    token = make(door.forge)
    told = b""
    for _ in range(2):  # what was refused once is not remembered as well signed
        answer = await door.knock(f"Bearer {token}")
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        told += answer.content
    assert door.api.sender.sent == []
    lines = door.api.lines()
    assert code.encode() in lines
    told += lines
    assert not [part for part in token.split(".") if len(part) > 8 and part.encode() in told]


async def test_the_right_token_is_taken_whatever_the_case_of_its_scheme(door: Door) -> None:
    for scheme in ("Bearer", "bearer", "BEARER", "Bearer  "):
        answer = await door.knock(f"{scheme} {door.forge.signed()}")
        assert answer.status_code == 201, answer.text
    assert {envelope.actor.actor_id for envelope in door.api.sender.sent} == {ADA}


async def test_another_scheme_is_no_session(door: Door) -> None:
    for given in ("Basic YTpi", door.forge.signed(), f"Token {door.forge.signed()}", "Bearer"):
        answer = await door.knock(given)
        assert (answer.status_code, answer.json()["code"]) == (401, MALFORMED)


async def test_two_tokens_are_two_askers(door: Door) -> None:
    answer = await door.knock(f"Bearer {door.forge.signed()}", "Bearer x.y.z")
    assert (answer.status_code, answer.json()["code"]) == (400, "request.header_repeated")


async def test_a_customer_acts_for_nobody_else(door: Door) -> None:
    headers = {
        "X-API-Key": door.key,
        "Idempotency-Key": "1",
        "Authorization": f"Bearer {door.forge.signed()}",
        "Defter-Act-For": "cus_bora",
    }
    answer = await door.api.client.post("/api/wallet/transfers", json=TRANSFER, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.staff_only")


def test_there_are_many_shapes() -> None:
    assert len(SHAPES) >= 25
