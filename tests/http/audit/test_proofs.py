"""AUD-01, WLT-13: receipts for events and checkpoints, over REST, checked by whoever asked."""

import base64
from typing import Any

import psycopg
import pytest

from domain.audit.merkle import check_consistency, check_inclusion, leaf_hash
from infrastructure.sealing.leaves import opened
from infrastructure.sealing.notes import believed
from tests.http.audit.audited import audited, log_in, shop
from tests.http.conftest import Api
from tests.http.fakes import TENANT
from tests.http.test_whole import Caller
from tests.sealing.logs import seal, sealer

__all__ = ["audited", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("WLT-13")]

CHECKPOINTS = "/api/audit/checkpoints"


def raw(text: str) -> bytes:
    return base64.b64decode(text)


async def sealed(api: Api, database_url: str, times: int = 1) -> Caller:
    """A shop in which something happens before each time that its log is sealed."""
    caller, working = Caller(api), sealer(database_url)
    for n in range(times):
        await caller.wallet(f"cus_ada{n}", 10_000)
        await (await seal(database_url, TENANT, working)).close()
    return caller


async def told(caller: Caller, path: str, status: int = 200) -> Any:  # noqa: ANN401 - JSON
    answer = await caller.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_position_of_a_command_gives_a_receipt_for_it(
    audited: Api, database_url: str
) -> None:
    caller = await sealed(audited, database_url)
    position = int(caller.position)
    receipt = await told(caller, f"/api/events/{position}/proof")
    leaf, signed = raw(receipt["leaf"]), receipt["checkpoint"]
    assert opened(leaf).position == receipt["position"] == position
    assert leaf_hash(leaf) == raw(receipt["leaf_hash"])
    path = list(map(raw, receipt["path"]))
    check_inclusion(leaf_hash(leaf), position - 1, signed["size"], path, raw(signed["root"]))
    keys = await told(caller, f"{CHECKPOINTS}/keys")
    publics = [raw(one["verifier_key"].split("+", 2)[2])[1:] for one in keys["items"]]
    note = believed(signed["note"], publics)
    assert (note.origin, note.size, note.root) == (
        keys["origin"],
        signed["size"],
        raw(signed["root"]),
    )
    assert signed == await told(caller, f"{CHECKPOINTS}/latest")


async def test_checkpoints_come_newest_first_and_each_holds_the_older_ones(
    audited: Api, database_url: str
) -> None:
    caller = await sealed(audited, database_url, times=3)
    page = await told(caller, f"{CHECKPOINTS}?limit=2")
    newest, middle = page["items"]
    last = await told(caller, f"{CHECKPOINTS}?limit=2&cursor={page['next_cursor']}")
    [oldest] = last["items"]
    assert newest["size"] > middle["size"] > oldest["size"]
    assert last["next_cursor"] is None
    for new, words in ((newest, ""), (middle, f"&new={middle['size']}")):
        proof = await told(caller, f"{CHECKPOINTS}/consistency?old={oldest['size']}{words}")
        assert (proof["old"], proof["new"]) == (oldest, new)
        roots = raw(oldest["root"]), raw(new["root"])
        check_consistency(oldest["size"], new["size"], *roots, list(map(raw, proof["path"])))
    early = await told(caller, f"/api/events/1/proof?size={middle['size'] - 1}")
    assert early["checkpoint"] == middle


async def test_what_is_not_sealed_yet_comes_later_and_what_is_not_there_never(
    audited: Api, database_url: str
) -> None:
    caller = Caller(audited)
    await caller.wallet("cus_ada0", 10_000)
    position = int(caller.position)
    for path in (f"{CHECKPOINTS}/latest", f"/api/events/{position}/proof"):
        assert (await told(caller, path, 503))["code"] == "audit.not_sealed_yet"
    problem = await told(caller, f"/api/events/{position + 1}/proof", 404)
    assert problem["code"] == "audit.event_not_found"
    await (await seal(database_url, TENANT)).close()
    problem = await told(caller, f"/api/events/{position}/proof?size=1", 422)
    assert problem["code"] == "audit.size_too_small"
    problem = await told(caller, f"{CHECKPOINTS}/consistency?old=2&new=1", 422)
    assert problem["code"] == "audit.sizes_disordered"


async def test_a_log_that_lost_events_gives_no_proof_and_says_so(
    audited: Api, database_url: str
) -> None:
    caller = await sealed(audited, database_url)
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        owner.execute("DELETE FROM defter.events WHERE position = 2")
    assert (await told(caller, "/api/events/1/proof", 409))["code"] == "audit.log_changed"


async def test_customers_see_no_proofs(audited: Api, database_url: str) -> None:
    await sealed(audited, database_url)
    headers = await log_in(audited, "cus_ada0", "customer")
    for path in ("/api/events/1/proof", CHECKPOINTS, f"{CHECKPOINTS}/keys"):
        answer = await audited.client.get(path, headers=headers)
        assert answer.status_code == 403
