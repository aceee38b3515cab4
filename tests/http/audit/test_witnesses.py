"""AUD-01: an auditor sees who outside keeps checkpoints, and what each of them confirmed."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from infrastructure.postgres.connections import connect
from infrastructure.sealing.sealer import Sealer
from infrastructure.settings import load_settings
from infrastructure.witnesses import cosignatures
from infrastructure.witnesses.filing import Filing
from interfaces.http.app import create_app
from tests.effects.performing import look as ask
from tests.http.audit.audited import audited, log_in, shop
from tests.http.conftest import PEER, Api
from tests.http.fakes import TENANT
from tests.http.test_whole import Caller
from tests.kit.stub_witness import StubWitness
from tests.sealing.logs import look, seal, sealing_keys

__all__ = ["audited", "shop"]
pytestmark = pytest.mark.row("AUD-01")

PATH = "/api/audit/witnesses"
LINE = "— witness.example/w1 c2lnbmVk\n"


@pytest.fixture
async def watched(audited: Api, tmp_path: Path) -> AsyncGenerator[Api]:
    """A shop with a folder and a service as witnesses."""
    named = f"{tmp_path.as_uri()},https://w.example#{StubWitness().verifier_key}"
    given = audited.services.settings.model_dump() | {"witnesses": named}
    settings = load_settings(**given)
    audited.services = replace(audited.services, settings=settings)
    transport = httpx.ASGITransport(create_app(audited.services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        audited.client = client
        yield audited


async def test_each_witness_is_told_with_what_it_confirmed_and_how_far_it_is_behind(
    watched: Api, database_url: str, tmp_path: Path
) -> None:
    caller = Caller(watched)
    await caller.wallet("cus_ada0", 10_000)
    witnesses = watched.services.settings.witnesses_read
    sealer = Sealer(sealing_keys(database_url), Filing(witnesses, timedelta(hours=1)))
    await (await seal(database_url, TENANT, sealer)).close()
    size = int(caller.position)
    async with await connect(database_url) as connection:
        await look(connection, TENANT)
        await cosignatures.keep(connection, TENANT, witnesses[1].key, size, LINE)
        await connection.execute("COMMIT")
    ask(
        database_url,
        "UPDATE defter.effects SET state = 'dead', attempts = 1, told = 'alarm: another'"
        " WHERE target = %s",
        witnesses[0].key,
    )
    answer = await caller.get(PATH)
    assert answer.status_code == 200, answer.text
    folder, service = answer.json()["items"]
    assert folder == {
        "witness": witnesses[0].key,
        "kind": "file",
        "told": tmp_path.as_uri(),
        "confirmed_size": 0,
        "confirmed_at": None,
        "behind_events": size,
        "note": None,
        "last_attempt": "dead",
        "last_told": "alarm: another",
        "alarm": "another",
    }
    latest = (await caller.get("/api/audit/checkpoints/latest")).json()
    assert (service["kind"], service["told"]) == ("http", "witness.example/w1")
    assert (service["confirmed_size"], service["behind_events"]) == (size, 0)
    assert service["note"] == latest["note"] + LINE
    assert (service["last_attempt"], service["alarm"]) == (None, None)


async def test_without_witnesses_there_are_none(audited: Api) -> None:
    answer = await Caller(audited).get(PATH)
    assert answer.json() == {"items": []}


async def test_customers_see_no_witnesses(audited: Api) -> None:
    headers = await log_in(audited, "cus_ada0", "customer")
    assert (await audited.client.get(PATH, headers=headers)).status_code == 403
