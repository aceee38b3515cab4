"""USR-10: a person gets all that is kept about them, and anybody can check that it is genuine."""

import hashlib
import io
import json
import zipfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.access_tokens import TokenWrong
from infrastructure.identity.signing_keys import SigningKeys
from tests.http.conftest import MASTER_KEY
from tests.http.erasure.mall import ADA, ADA_PEER, Mall, open_mall
from tests.http.fakes import TENANT
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("USR-10")

OWN, PATH = "/api/users/me/export", f"/api/customers/{ADA}/export"
IBAN = "TR330006100519786457841326"


@pytest.fixture
async def mall(database_url: str, redis_url: str) -> AsyncGenerator[Mall]:
    async with open_mall(database_url, redis_url) as opened:
        await opened.join("Ada Öz", "ada@example.com", f"{ADA_PEER} phone")
        yield opened


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(packed: bytes, jwks: list[dict[str, str]]) -> dict[str, bytes]:
    """Do what README.txt says, with nothing of ours; give the files."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archived:
        files = {name: archived.read(name) for name in archived.namelist()}
    header, nothing, signature = files["manifest.jws"].decode().split(".")
    assert nothing == ""
    said = json.loads(_decoded(header))
    assert (said["alg"], said["typ"]) == ("EdDSA", "defter-manifest+jws")
    (key,) = [one for one in jwks if one["kid"] == said["kid"]]
    payload = urlsafe_b64encode(files["manifest.json"]).decode().rstrip("=")
    public = Ed25519PublicKey.from_public_bytes(_decoded(key["x"]))
    public.verify(_decoded(signature), f"{header}.{payload}".encode())
    sums: dict[str, Any] = json.loads(files["manifest.json"])["files"]
    assert sums.keys() | {"manifest.json", "manifest.jws"} == files.keys()
    for name, one in sums.items():
        assert one == {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
    return files


async def jwks_of(mall: Mall) -> list[dict[str, str]]:
    return await SigningKeys(mall.database_url, MasterKeys(MASTER_KEY)).jwks()


async def live(mall: Mall) -> None:
    caller = mall.caller
    (wallet,) = (await mall.as_ada("GET", "/api/wallet")).json()["items"]
    path = f"/api/wallet/{wallet['wallet_id']}"
    lira = LIRA | {"minor": 700}
    await caller.post(f"{path}/top-ups", {"amount": lira, "note": "birthday"})
    hold = {"amount": LIRA | {"minor": 100}, "reference": "order 7"}
    await caller.post(f"{path}/holds", hold)
    body = {"amount": LIRA | {"minor": 300}, "iban": IBAN, "reference": "rent"}
    assert (await mall.as_ada("POST", f"{path}/withdrawals", body)).status_code == 201
    other = await caller.wallet("cus_bora", 500)
    body = {"source": other, "target": wallet["wallet_id"], "amount": LIRA | {"minor": 5}}
    await caller.post("/api/wallet/transfers", body)


def read(files: dict[str, bytes], name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(files[name])


async def test_the_archive_holds_everything_and_verifies_without_us(mall: Mall) -> None:
    await live(mall)
    answer = await mall.as_ada("GET", OWN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{ADA}.zip"'
    files = verified(answer.content, await jwks_of(mall))
    profile = read(files, "profile.json")
    assert (profile["name"], profile["email"]) == ("Ada Öz", "ada@example.com")
    account = read(files, "account.json")
    assert (account["roles"], list(account["sessions"])) == (["customer"], ["ses_ada1"])
    (wallet,) = read(files, "wallets.json")
    assert wallet["available"]["minor"] == 700 - 100 - 300 + 5
    kinds = [one["type"] for one in wallet["movements"]]
    assert kinds[:2] == ["wallet.opened", "wallet.funds_topped_up"]
    assert wallet["movements"][1]["data"]["note"] == "birthday"
    (request,) = read(files, "requests.json")
    assert (request["iban"], request["reference"]) == (IBAN, "rent")
    assert read(files, "consents.json") == []
    events = read(files, "events.json")
    streams = {one["stream"].partition("-")[0] for one in events}
    assert streams == {"customer", "account", "wallet", "hold", "withdrawal"}
    (begun,) = [one for one in events if one["type"] == "identity.session_begun"]
    assert begun["data"]["device"] == begun["meta"]["origin"] == f"{ADA_PEER} phone"
    assert [one["position"] for one in events] == sorted(one["position"] for one in events)
    manifest = read(files, "manifest.json")
    assert (manifest["complete"], manifest["person_id"]) == (True, ADA)
    readme = files["README.txt"].decode()
    assert "TÜRKÇE" in readme
    assert "ENGLISH" in readme
    assert "/.well-known/jwks.json" in readme
    assert b"cus_bora" not in b"".join(files.values())


async def test_whatever_is_changed_the_signature_says_no(mall: Mall) -> None:
    packed, jwks = (await mall.as_ada("GET", OWN)).content, await jwks_of(mall)
    files = verified(packed, jwks)

    def changed(name: str, raw: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archived:
            for other, content in files.items():
                archived.writestr(other, raw if other == name else content)
        return made.getvalue()

    with pytest.raises(AssertionError):
        verified(changed("events.json", b"[]"), jwks)
    with pytest.raises(InvalidSignature):
        verified(changed("manifest.json", files["manifest.json"] + b" "), jwks)


async def test_the_signature_of_an_archive_is_no_token(mall: Mall) -> None:
    claims = json.dumps({"sub": ADA, "tenant": str(TENANT), "sid": "ses_ada1"}).encode()
    signed = await mall.tokens.sign_detached(claims, kind="defter-manifest+jws")
    payload = urlsafe_b64encode(claims).decode().rstrip("=")
    with pytest.raises(TokenWrong, match="not ours"):
        await mall.tokens.verify(signed.replace("..", f".{payload}.").encode())


async def test_what_does_not_fit_into_one_archive_is_told_where_to_go_on(
    mall: Mall,
) -> None:
    whole = verified((await mall.as_ada("GET", OWN)).content, await jwks_of(mall))
    everything = [one["position"] for one in read(whole, "events.json")]
    assert len(everything) > 3
    positions: list[int] = []
    after: int | None = 0
    while after is not None:
        answer = await mall.as_ada("GET", f"{OWN}?after={after}&limit=3")
        files = verified(answer.content, await jwks_of(mall))
        positions += [one["position"] for one in read(files, "events.json")]
        after = read(files, "manifest.json")["next_after"]
    assert positions == everything


async def test_staff_need_both_permissions_and_others_find_nobody(mall: Mall) -> None:
    caller = mall.caller
    caller.position = str(mall.end)
    answer = await caller.get(PATH)
    verified(answer.content, await jwks_of(mall))

    def told(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    blind = {"X-API-Key": mall.api.key(scopes=("users.read",))}
    assert told(await caller.get(PATH, **blind)) == (403, "auth.permission_missing")
    assert told(await caller.get(OWN)) == (403, "auth.customers_only")
    for path, headers in (
        ("/api/customers/cus_none/export", {}),
        (PATH, {"Defter-Act-For": "cus_bora"}),
    ):
        assert told(await caller.get(path, **headers)) == (404, "users.customer_not_found")
    bora = await mall.as_ada("GET", "/api/customers/cus_bora/export")
    assert told(bora) == (404, "users.customer_not_found")


async def test_whoever_was_erased_has_nothing_to_export(mall: Mall) -> None:
    await mall.step_up()
    assert (
        await mall.as_ada("POST", "/api/users/me/erasure", {"confirm": True})
    ).status_code == 201
    caller = Caller(mall.second)
    caller.position = str(mall.end)
    assert (await caller.get(PATH)).status_code == 404
