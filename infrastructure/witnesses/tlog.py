"""A witness over HTTP: C2SP tlog-witness, add-checkpoint, with cosignatures of type 0x04.

https://c2sp.org/tlog-witness and https://c2sp.org/tlog-cosignature
"""

import asyncio
import base64
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from infrastructure.effects.effect import Alarm, Effect, Hopeless, TryLater, World
from infrastructure.sealing import notes
from infrastructure.witnesses import cosignatures
from infrastructure.witnesses.newest import Confirmed, newest_for, proof_from
from infrastructure.witnesses.witness import HttpWitness

EXCHANGE_SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 8 * 1024
ROUNDS_MAX = 3
"""A witness that knows another size than we believed says so, and is asked again from there."""

SIZE_TYPE = "text/x.tlog.size"
SIZE_DIGITS_MAX = 18
COSIGNATURE_BYTES = 8 + 64
"""When it was signed, in seconds, and the Ed25519 signature."""

ADVICE: Mapping[int, str] = {
    HTTPStatus.FORBIDDEN: "it does not trust the keys of this log; see `defter audit keys`",
    HTTPStatus.NOT_FOUND: "it does not know this log; give it origin and keys of"
    " `defter audit keys`",
}


def client() -> httpx.AsyncClient:
    """Give what requests are sent with; redirects are not followed."""
    return httpx.AsyncClient(timeout=EXCHANGE_SECONDS_MAX, headers={"Accept-Encoding": "identity"})


async def give(
    world: World, effect: Effect, witness: HttpWitness, http: httpx.AsyncClient
) -> Confirmed:
    """Send the newest checkpoint with a proof from the one that the witness has."""
    known: int | None = None
    for _ in range(ROUNDS_MAX):
        async with world.look(effect.tenant_id) as connection:
            newest = await newest_for(connection, effect)
            if known is None:
                known = await cosignatures.confirmed(connection, effect.tenant_id, witness.key)
            proof = await proof_from(connection, effect.tenant_id, known, newest)
        answer, said = await _post(http, witness, request_of(known, proof, newest.note))
        if answer.status_code == HTTPStatus.OK:
            return Confirmed(newest.size, cosignature_in(witness, newest.note, said))
        if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Alarm(f"its checkpoint of {known} events is not of this log")
        if answer.status_code != HTTPStatus.CONFLICT:
            raise _refusal(answer.status_code)
        told = _size_in(answer, said)
        if known == newest.size and told in {known, None}:
            raise Alarm(f"its checkpoint of {known} events is not of this log")
        if told in {known, None}:
            raise TryLater("answered 409 without another size")
        known = told
    raise TryLater("it knew of another size each time it was asked")


def request_of(old: int, proof: list[bytes], note: str) -> bytes:
    """Write the body of a request."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{hashes}\n{note}".encode()


def cosignature_in(witness: HttpWitness, note: str, said: bytes) -> str:
    """Find the line that the witness's key signed for this note; raises `TryLater`."""
    text = note.partition("\n\n")[0]
    try:
        _, signatures = notes.read(note + said.decode())
    except (notes.NoteWrong, UnicodeDecodeError):
        raise TryLater("answered 200, but no signature lines") from None
    for name, key_hash, signature in signatures:
        if (name, key_hash, len(signature)) == (witness.name, witness.key_hash, COSIGNATURE_BYTES):
            moment = int.from_bytes(signature[:8], "big")
            signed = f"cosignature/v1\ntime {moment}\n{text}\n".encode()
            if notes.verifies(witness.public, signature[8:], signed):
                told = base64.b64encode(key_hash + signature).decode()
                return f"— {name} {told}\n"
    raise TryLater("answered 200, but nothing that its key signed")


async def _post(
    http: httpx.AsyncClient, witness: HttpWitness, body: bytes
) -> tuple[httpx.Response, bytes]:
    said = b""
    try:
        async with (
            asyncio.timeout(EXCHANGE_SECONDS_MAX),
            http.stream("POST", f"{witness.prefix}/add-checkpoint", content=body) as answer,
        ):
            async for part in answer.aiter_raw():
                said += part
                if len(said) > ANSWER_BYTES_MAX:
                    raise TryLater("its answer is too long")
    except TimeoutError:
        raise TryLater(f"no answer within {EXCHANGE_SECONDS_MAX:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise TryLater(type(fault).__name__) from None
    return answer, said


def _refusal(status: int) -> Exception:
    told = f"answered {status}"
    if status == HTTPStatus.BAD_REQUEST:
        return Hopeless(told)
    if httpx.codes.is_redirect(status):
        return TryLater(f"{told}; redirects are not followed")
    return TryLater(f"{told}: {ADVICE[status]}" if status in ADVICE else told)


def _size_in(answer: httpx.Response, said: bytes) -> int | None:
    text = said.strip()
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if kind != SIZE_TYPE or not text.isdigit() or len(text) > SIZE_DIGITS_MAX:
        return None
    return int(text)
