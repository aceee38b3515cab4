"""USR-04: customers are found by beginnings although all that is kept of them is sealed."""

from typing import Any
from uuid import uuid4

import pytest

from infrastructure.effects.effect import Effect
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.postgres.connections import connect
from infrastructure.users.person_index import perform
from infrastructure.users.reindexing import reindex
from tests.http import test_whole
from tests.http.conftest import MASTER_KEY
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import Caller
from tests.http.users import people
from tests.http.users.people import ACTING, ADA, CONTACT, Person

shop, ada = test_whole.shop, people.ada


async def indexed(database_url: str) -> None:
    async with await connect(database_url) as connection:
        await reindex(connection, MasterKeys(MASTER_KEY), [TENANT, OTHER])


@pytest.mark.row("USR-04")
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("ay", "name"),
        ("AYŞE", "name"),
        ("ayse", "name"),
        ("ışık", "name"),
        ("isi", "name"),
        ("IŞI", "name"),
        ("demir ayşe", "name"),
        ("ayse.demir@ex", "email"),
        ("ayse.demir@example.com", "email"),
        ("0532 123", "phone"),
        ("+90 (532) 12", "phone"),
        ("532123", "phone"),
        ("cus_ad", "customer_id"),
    ],
)
async def test_a_customer_is_found_by_beginnings(
    ada: Person, database_url: str, typed: str, field: str
) -> None:
    await ada.post("/api/customers", {"customer_id": "cus_bora", "name": "Bora Demir"})
    await indexed(database_url)
    found = await search(ada, typed)
    assert [one["customer_id"] for one in found] == [ADA]
    assert field in found[0]["matched"]
    assert found[0]["name"] == CONTACT["name"]


async def search(person: Caller, typed: str, **headers: str) -> list[dict[str, Any]]:
    given = {"X-API-Key": person.api.secret, "Defter-Min-Position": person.position} | headers
    answer = await person.api.client.get(
        "/api/customers/search", params={"q": typed}, headers=given
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.mark.row("USR-04")
async def test_nobody_is_found_by_what_they_are_not_or_no_longer_are(
    ada: Person, database_url: str
) -> None:
    await indexed(database_url)
    for typed in ("emir", "ayşe bora", "ayse.demir@example.org", "0533"):
        assert await search(ada, typed) == [], typed
    await ada.send("PUT", "/api/users/profile", CONTACT | {"name": "Zeynep"}, **ACTING)
    await indexed(database_url)
    assert await search(ada, "ayşe demir") == await search(ada, "ışık") == []
    assert len(await search(ada, "zeynep")) == 1
    other = {"X-API-Key": ada.api.key(tenant_id=OTHER, slug="other"), "Defter-Min-Position": "0"}
    assert await search(ada, "zeynep", **other) == []
    blind = {"X-API-Key": ada.api.key(scopes=("users.read",))}
    assert await search(ada, "zeynep", **blind) == []
    assert [one["name"] for one in await search(ada, ADA, **blind)] == [None]
    short = await ada.get("/api/customers/search?q=a%20b")
    assert (short.status_code, short.json()["errors"][0]["pointer"]) == (422, "/q")


@pytest.mark.row("USR-04")
async def test_the_effect_indexes_a_person_as_they_are_now(ada: Person, database_url: str) -> None:
    services = ada.api.services
    settings = services.settings.model_copy()
    performer = Performer(database_url, settings, services.opener, services.sender)
    effect = Effect(TENANT, uuid4(), "users.index_person", ADA, uuid4(), 1, 1, 0)
    async with performer.running() as world:
        first = await perform(world, effect)
        assert await perform(world, effect) == first
    assert [one["customer_id"] for one in await search(ada, "ayşe")] == [ADA]
    async with await connect(database_url) as connection:
        await connection.execute("SELECT set_config('app.tenants', %s, false)", (f"{{{TENANT}}}",))
        rows = await connection.execute("SELECT * FROM defter.person_tokens")
        assert f"{len(await rows.fetchall())} words" == first
