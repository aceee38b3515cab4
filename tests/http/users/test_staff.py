"""USR-03, USR-05 to USR-08: what staff see of customers, and decide about them."""

from datetime import datetime

import pytest

from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import OTHER
from tests.http.test_whole import LIRA
from tests.http.users import people
from tests.http.users.people import ACTING, ADA, CONTACT, TERMS, Person, logged_in

shop, ada = test_whole.shop, people.ada


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


@pytest.mark.row("USR-08")
async def test_the_timeline_equals_the_log_over_all_streams_of_a_person(ada: Person) -> None:
    wallet = await ada.wallet(ADA, 10_000)
    hold = {"amount": LIRA | {"minor": 1_000}, "reference": "order 7"}
    hold_id = (await ada.post(f"/api/wallet/{wallet}/holds", hold))["hold_id"]
    await ada.post(f"/api/wallet/{wallet}/holds/{hold_id}/release", {})
    asked = {"amount": LIRA | {"minor": 500}, "reference": "cash"}
    await ada.post(f"/api/wallet/{wallet}/topup-requests", asked)
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


@pytest.mark.row("USR-05")
async def test_all_about_a_customer_stands_at_one_look(shop: Api) -> None:
    staff = Person(shop)
    own = await logged_in(staff)
    wallet = await staff.wallet(ADA, 900)
    asked = {"amount": LIRA | {"minor": 500}, "reference": "cash"}
    request = await staff.post(f"/api/wallet/{wallet}/topup-requests", asked)
    await staff.post("/api/users/consent-texts", TERMS | {"text": "Koşullar"})
    given = await staff.send("POST", "/api/users/me/consents", TERMS | {"channel": "web"}, **own)
    assert given.status_code == 201, given.text
    seen = (await staff.get(f"/api/customers/{ADA}/overview")).json()
    assert (seen["profile"]["name"], seen["profile"]["verified"]) == ("Eda", True)
    assert seen["account"] == {
        "roles": ["customer"],
        "verified": True,
        "suspended": False,
        "sessions": 1,
    }
    assert [(one["wallet_id"], one["available"]["minor"]) for one in seen["wallets"]] == [
        (wallet, 900)
    ]
    assert [one["request_id"] for one in seen["open_requests"]] == [request["request_id"]]
    assert [one["purpose"] for one in seen["consents"]] == ["terms"]
    log = (await staff.get("/api/events?limit=1000")).json()
    last = [one for one in log if one["subject"].startswith("consents-")][-1]["time"]
    assert datetime.fromisoformat(seen["last_activity_at"]) == datetime.fromisoformat(last)
    paper = TERMS | {"channel": "paper"}
    forged = await staff.send("POST", "/api/users/me/consents", paper, **own)
    assert (forged.status_code, forged.json()["code"]) == (403, "users.consent_channel_not_yours")


@pytest.mark.row("USR-07")
async def test_who_is_suspended_is_out_on_the_next_call_and_their_wallets_are_frozen(
    shop: Api,
) -> None:
    staff = Person(shop)
    own = await logged_in(staff)
    wallet = await staff.wallet(ADA, 900)
    assert (await staff.get("/api/users/profile", **own)).status_code == 200
    body = {"reason": "a chargeback", "freeze_wallets": True}
    told = await staff.post(f"/api/customers/{ADA}/suspension", body)
    assert told == {"customer_id": ADA, "suspended": True, "frozen": [wallet]}
    assert (await staff.get("/api/users/profile", **own)).status_code == 401
    assert (await staff.get(f"/api/wallet/{wallet}")).json()["status"] == "frozen"
    (listed,) = (await staff.get("/api/customers?status=suspended&verified=true")).json()["items"]
    assert listed["customer_id"] == ADA
    again = await staff.send("POST", f"/api/customers/{ADA}/suspension", {"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "users.customer_suspended")
    told = await staff.post(f"/api/customers/{ADA}/reactivation", {})
    assert told == {"customer_id": ADA, "suspended": False, "frozen": []}
    await staff.post("/api/customers", {"customer_id": "cus_bora"})
    none = await staff.send("POST", "/api/customers/cus_bora/suspension", {"reason": "none"})
    assert (none.status_code, none.json()["code"]) == (409, "users.customer_has_no_account")


@pytest.mark.row("USR-06")
async def test_an_address_that_staff_change_is_to_be_verified_again(shop: Api) -> None:
    staff = Person(shop)
    await logged_in(staff)
    contact = {"name": "Eda", "email": "eda@new.example", "phone": None, "locale": "tr"}
    await staff.post(f"/api/customers/{ADA}/contact", contact)
    seen = (await staff.get(f"/api/customers/{ADA}")).json()
    assert (seen["email"], seen["verified"]) == ("eda@new.example", False)
