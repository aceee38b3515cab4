"""USR-01 to USR-11 through the whole application: a person's own, and what staff see of them."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from application.envelope import Actor, Envelope
from application.identity.accounts import Register, VerifyEmail
from application.identity.logins import EmailAddress
from application.identity.sessions import BeginSession
from domain.users.customer import Locale
from infrastructure.effects.effect import Effect
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.standing import Accounts
from infrastructure.postgres.connections import connect
from infrastructure.users.person_index import perform
from infrastructure.users.reindexing import reindex
from tests.http import test_whole
from tests.http.conftest import MASTER_KEY, Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import LIRA, Caller

shop = test_whole.shop

ADA = "cus_ada1"
CONTACT: dict[str, Any] = {
    "name": "Ayşe Işık Demir",
    "email": "Ayse.Demir@example.com",
    "phone": "+90 532 123 45 67",
    "locale": "tr",
}
ACTING = {"Defter-Act-For": ADA}
TERMS = {"purpose": "terms", "version": "2026-03", "locale": "tr"}


class Person(Caller):
    """A caller who also puts, patches and deletes."""

    async def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        given = {"X-API-Key": self.api.secret, "Idempotency-Key": uuid4().hex} | headers
        answer = await self.api.client.request(method, path, json=body, headers=given)
        self.position = answer.headers.get("defter-position", self.position)
        return answer


@pytest.fixture
async def ada(shop: Api) -> AsyncGenerator[Person]:
    person = Person(shop)
    await person.post("/api/customers", CONTACT | {"customer_id": ADA})
    return person


async def indexed(api: Api, database_url: str) -> None:
    async with await connect(database_url) as connection:
        await reindex(connection, MasterKeys(MASTER_KEY), [TENANT, OTHER])


@pytest.mark.row("USR-01")
async def test_a_profile_is_changed_as_it_was_seen_and_by_nobody_else(ada: Person) -> None:
    seen = await ada.get("/api/users/profile", **ACTING)
    profile = seen.json()
    assert (profile["customer_id"], profile["phone"]) == (ADA, "+905321234567")
    assert profile["settings"]["theme"] == "system"
    body = CONTACT | {"name": "Ayşe Demir", "phone": "+90 532 123 45 68"}
    match = ACTING | {"If-Match": seen.headers["etag"]}
    assert (await ada.send("PUT", "/api/users/profile", body, **match)).status_code == 200
    again = await ada.send("PUT", "/api/users/profile", body, **match)
    assert (again.status_code, again.json()["code"]) == (412, "request.version_changed")
    changed = await ada.get("/api/users/profile", **ACTING)
    assert (changed.json()["name"], changed.json()["phone"]) == ("Ayşe Demir", "+905321234568")
    assert changed.headers["etag"] == '"2"'
    nobody = await ada.get("/api/users/profile")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "users.customer_not_found")


@pytest.mark.row("USR-01")
async def test_a_number_is_one_customers_and_a_possible_one(ada: Person) -> None:
    taken = await ada.send("POST", "/api/customers", {"phone": "0090 532 123 45 67"})
    assert taken.status_code == 422
    taken = await ada.send("POST", "/api/customers", {"phone": "+905321234567"})
    assert (taken.status_code, taken.json()["code"]) == (409, "users.phone_taken")
    for wrong in ("5321234567", "+90 1", "+90 532 123 45 67 ext. 5", "ada", "+٩٠٥٣٢"):
        answer = await ada.send("POST", "/api/customers", {"phone": wrong})
        errors = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
        assert errors == [("/phone", "users.not_a_phone")], wrong


@pytest.mark.row("USR-02")
async def test_settings_change_one_by_one_and_stand_in_the_next_profile(ada: Person) -> None:
    path = "/api/users/me/settings"
    body = {"theme": "dark", "notifications": {"orders": ["sms", "push"]}}
    answer = await ada.send("PATCH", path, body, **ACTING)
    assert answer.json() == {"person_id": ADA, "changed": 2}
    answer = await ada.send("PATCH", path, body | {"privacy": {"statistics": True}}, **ACTING)
    assert answer.json()["changed"] == 1
    seen = (await ada.get(path, **ACTING)).json()
    assert seen == (await ada.get("/api/users/profile", **ACTING)).json()["settings"]
    assert (seen["theme"], seen["language"], seen["version"]) == ("dark", None, 3)
    assert seen["notifications"]["orders"] == ["push", "sms"]
    assert seen["notifications"]["wallet"] == ["email"]
    assert seen["privacy"] == {
        "personalisation": False,
        "statistics": True,
        "profile_visible": False,
    }
    for unknown in ({"colour": "red"}, {"privacy": {"all": True}}, {"theme": "pink"}):
        answer = await ada.send("PATCH", path, unknown, **ACTING)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    staff = await ada.send("PATCH", path, {"language": "en"})
    assert staff.json()["changed"] == 1


@pytest.mark.row("USR-03")
async def test_customers_are_listed_by_what_is_asked_for(ada: Person) -> None:
    for n in range(3):
        await ada.post("/api/customers", {"customer_id": f"cus_n{n:03}", "name": f"N {n}"})
    listed = (await ada.get("/api/customers?sort=-registered_at&limit=3&fields=name,status")).json()
    assert listed["items"][0] == {
        "customer_id": "cus_n002",
        "name": "N 2",
        "status": "no_account",
    }
    path = f"/api/customers?sort=-registered_at&cursor={listed['next_cursor']}"
    rest = (await ada.get(path)).json()
    assert [one["customer_id"] for one in rest["items"]] == [ADA]
    oldest = (await ada.get("/api/customers?sort=registered_at&limit=2")).json()
    assert [one["customer_id"] for one in oldest["items"]] == [ADA, "cus_n000"]
    after = rest["items"][0]["registered_at"].replace("+00:00", "Z")
    later = (await ada.get(f"/api/customers?until={after}")).json()["items"]
    since = (await ada.get(f"/api/customers?since={after}")).json()["items"]
    assert (len(later), len(since)) == (0, 4)
    for query, count in (("status=no_account", 4), ("status=suspended", 0), ("verified=true", 0)):
        assert len((await ada.get(f"/api/customers?{query}")).json()["items"]) == count, query
    for wrong in ("status=erased", "fields=password", "sort=name", "since=now"):
        assert (await ada.get(f"/api/customers?{wrong}")).status_code == 422, wrong


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
    await indexed(ada.api, database_url)
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
    await indexed(ada.api, database_url)
    for typed in ("emir", "ayşe bora", "ayse.demir@example.org", "0533"):
        assert await search(ada, typed) == [], typed
    await ada.send("PUT", "/api/users/profile", CONTACT | {"name": "Zeynep"}, **ACTING)
    await indexed(ada.api, database_url)
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


@pytest.mark.row("USR-08")
async def test_the_timeline_equals_the_log_over_all_streams_of_a_person(ada: Person) -> None:
    wallet = await ada.wallet(ADA, 10_000)
    hold = {"amount": LIRA | {"minor": 1_000}, "reference": "order 7"}
    hold_id = (await ada.post(f"/api/wallet/{wallet}/holds", hold))["hold_id"]
    await ada.post(f"/api/wallet/{wallet}/holds/{hold_id}/release", {})
    asked = {"amount": LIRA | {"minor": 500}, "reference": "cash"}
    await ada.post(f"/api/wallet/{wallet}/requests/top-ups", asked)
    await ada.wallet("cus_bora", 700)
    await ada.send("PATCH", "/api/users/me/settings", {"theme": "dark"}, **ACTING)
    path = f"/api/customers/{ADA}/timeline"
    whole = (await ada.get(path)).json()["items"]
    log = (await ada.get("/api/events?limit=1000")).json()
    theirs = {f"customer-{ADA}", f"user_settings-{ADA}", f"wallet-{wallet}", f"hold-{hold_id}"}
    expected = [
        one["position"]
        for one in log
        if one["subject"] in theirs or one["subject"].startswith("top_up_request-")
    ]
    assert [one["position"] for one in whole] == expected
    assert whole[0]["data"]["name"] == CONTACT["name"]
    paged: list[int] = []
    cursor = ""
    while cursor is not None:
        page = (await ada.get(f"{path}?limit=2{cursor and '&cursor='}{cursor}")).json()
        paged += [one["position"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert paged == expected
    users = (await ada.get(f"{path}?context=users")).json()["items"]
    assert [one["type"] for one in users] == ["users.customer_registered", "users.theme_chosen"]
    moment = whole[-1]["recorded_at"].replace("+00:00", "Z")
    assert len((await ada.get(f"{path}?since={moment}")).json()["items"]) == 1
    assert len((await ada.get(f"{path}?until={moment}")).json()["items"]) == len(expected) - 1
    foreign = {"X-API-Key": ada.api.key(tenant_id=OTHER, slug="other"), "Defter-Min-Position": "0"}
    other = {"Defter-Act-For": "cus_bora"}
    for answer in (
        await ada.get(path, **foreign),
        await ada.get(path, **other),
        await ada.get("/api/customers/cus_none/timeline"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "users.customer_not_found")
    blind = {"X-API-Key": ada.api.key(scopes=("users.read",))}
    assert "Ayşe" not in (await ada.get(path, **blind)).text


@pytest.mark.row("USR-11")
async def test_a_consent_names_a_published_text_and_ends_when_it_is_withdrawn(ada: Person) -> None:
    own = "/api/users/me/consents"
    unknown = await ada.send("POST", own, TERMS | {"channel": "web"}, **ACTING)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "users.consent_text_unknown")
    text = TERMS | {"text": "Koşullar\nve daha fazlası"}
    published = await ada.post("/api/users/consent-texts", text)
    changed = await ada.send("POST", "/api/users/consent-texts", text | {"text": "Başka"})
    assert (changed.status_code, changed.json()["code"]) == (409, "users.consent_text_changed")
    paper = TERMS | {"channel": "paper", "proof": "form 7"}
    assert (await ada.send("POST", own, paper, **ACTING)).json()["given"] is True
    (held,) = (await ada.get(own, **ACTING)).json()["items"]
    assert (held["purpose"], held["version"], held["channel"]) == ("terms", "2026-03", "paper")
    withdrawn = await ada.send("DELETE", f"{own}/terms", **ACTING)
    assert (withdrawn.status_code, withdrawn.json()["given"]) == (200, False)
    assert (await ada.get(own, **ACTING)).json()["items"] == []
    again = await ada.send("POST", f"{own}/terms/withdrawal", {"channel": "call"}, **ACTING)
    assert (again.status_code, again.json()["code"]) == (404, "users.consent_not_given")
    history = (await ada.get(f"/api/customers/{ADA}/consents")).json()
    told = [(one["happened"], one["channel"], one["proof"]) for one in history["items"]]
    assert told == [("given", "paper", "form 7"), ("withdrawn", "web", None)]
    assert history["given"] == []
    (shown,) = (await ada.get("/api/users/consent-texts?purpose=terms")).json()["items"]
    assert (shown["text"], shown["sha256"]) == (text["text"], published["sha256"])
    assert (await ada.send("DELETE", f"{own}/fortune", **ACTING)).status_code == 404
