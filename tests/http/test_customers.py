"""Customer records over REST: unique addresses, sealed persons, and who may see them."""

import pytest

from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import OTHER
from tests.http.test_whole import Caller

shop = test_whole.shop

ADA = {
    "name": "Ada Öz",
    "email": "Ada@Example.com",
    "phone": "+905321234567",
    "locale": "en",
    "customer_id": "cus_ada1",
}


async def test_a_customer_is_registered_seen_and_reached_in_another_way(shop: Api) -> None:
    caller = Caller(shop)
    assert await caller.post("/api/customers", ADA) == {"customer_id": "cus_ada1"}
    made = await caller.post("/api/customers", {})
    seen = (await caller.get("/api/customers/cus_ada1")).json()
    assert seen.pop("registered_at")
    assert seen == ADA | {
        "email_status": "usable",
        "status": "no_account",
        "verified": False,
        "version": 1,
    }
    contact = {"name": "Ada", "email": None, "phone": None, "locale": "tr"}
    await caller.post("/api/customers/cus_ada1/contact", contact)
    first = (await caller.get("/api/customers?limit=1")).json()
    more = (await caller.get(f"/api/customers?cursor={first['next_cursor']}")).json()
    listed = {one["customer_id"]: one for one in first["items"] + more["items"]}
    assert listed.keys() == {"cus_ada1", made["customer_id"]}
    one = listed["cus_ada1"]
    assert (one["name"], one["email"], one["email_status"]) == ("Ada", None, "none")


async def test_two_customers_of_one_tenant_never_share_an_address(shop: Api) -> None:
    caller = Caller(shop)
    await caller.post("/api/customers", ADA)
    for body, code in (
        ({"email": "ADA@example.COM"}, "users.email_taken"),
        ({"customer_id": "cus_ada1"}, "users.customer_exists"),
    ):
        answer = await shop.post("/api/customers", body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    elsewhere = {"X-API-Key": shop.key(tenant_id=OTHER, slug="other")}
    answer = await shop.post("/api/customers", ADA, **elsewhere)
    assert answer.status_code == 201


async def test_persons_are_told_to_those_who_may_know_them(shop: Api) -> None:
    caller = Caller(shop)
    await caller.post("/api/customers", ADA)
    blind = {"X-API-Key": shop.key(scopes=("users.read",))}
    one = await caller.get("/api/customers/cus_ada1", **blind)
    assert (one.json()["name"], one.json()["email"]) == (None, None)
    assert one.json()["email_status"] == "usable"
    listed = await caller.get("/api/customers", **blind)
    feed = await caller.get("/api/events")
    assert "users.customer_registered" in feed.text
    for text in (one.text, listed.text, feed.text, shop.lines().decode()):
        assert "Öz" not in text
        assert "ample" not in text.lower()


async def test_a_customer_has_their_own_record_and_no_other(shop: Api) -> None:
    caller = Caller(shop)
    await caller.post("/api/customers", ADA)
    acting, other = {"Defter-Act-For": "cus_ada1"}, {"Defter-Act-For": "cus_bora"}
    contact = {"name": None, "email": None, "phone": None, "locale": "tr"}
    assert (await caller.get("/api/customers/cus_ada1", **acting)).status_code == 200
    absent = [
        await caller.get("/api/customers/cus_ada1", **other),
        await caller.get("/api/customers/cus_none"),
        await shop.post("/api/customers/cus_ada1/contact", contact, **other),
        await shop.post("/api/customers/cus_none/contact", contact),
    ]
    for answer in absent:
        assert (answer.status_code, answer.json()["code"]) == (404, "users.customer_not_found")
    for answer in (
        await caller.get("/api/customers", **acting),
        await shop.post("/api/customers", {}, **acting),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.staff_only")


async def test_a_domain_of_other_letters_is_written_in_ascii(shop: Api) -> None:
    caller = Caller(shop)
    made = await caller.post("/api/customers", {"email": "ada@çiçek.example"})
    seen = (await caller.get(f"/api/customers/{made['customer_id']}")).json()
    assert seen["email"] == "ada@xn--iek-1lab.example"


@pytest.mark.parametrize(
    ("pointer", "code", "body"),
    [
        ("/email", "users.not_an_email", {"email": "ada"}),
        ("/email", "users.not_an_email", {"email": "ada@example"}),
        ("/email", "users.not_an_email", {"email": "a b@example.com"}),
        ("/email", "users.not_an_email", {"email": "ada@example.com\n"}),
        ("/email", "users.not_an_email", {"email": "ada@example.com\r\nBcc: eve@example.com"}),
        ("/email", "users.not_an_email", {"email": "<ada@example.com>"}),
        ("/email", "users.not_an_email", {"email": "a..b@example.com"}),
        ("/email", "users.not_an_email", {"email": "ada@.example.com"}),
        ("/email", "users.not_an_email", {"email": f"{'a' * 65}@example.com"}),
        ("/email", "users.not_an_email", {"email": "adä@example.com"}),
        ("/name", "field.not_printable", {"name": "Ada\nBcc: eve@example.com"}),
        ("/name", "field.not_printable", {"name": " "}),
        ("/locale", "field.unknown_choice", {"locale": "de"}),
        ("/customer_id", "field.wrong_format", {"customer_id": "usr_ada1"}),
    ],
)
async def test_refuses_what_is_no_contact(
    api: Api, pointer: str, code: str, body: dict[str, str]
) -> None:
    answer = await api.post("/api/customers", body)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert "eve" not in answer.text


async def test_a_change_says_the_whole_contact_so_that_nothing_is_lost_by_silence(api: Api) -> None:
    answer = await api.post("/api/customers/cus_ada1/contact", {"name": "Ada"})
    missing = [one["pointer"] for one in answer.json()["errors"]]
    assert (answer.status_code, missing) == (422, ["/email", "/phone", "/locale"])


async def test_receipts_begin_with_the_first_address_and_end_when_it_is_said_so(shop: Api) -> None:
    caller, path = Caller(shop), "/api/notifications/receipts"
    assert (await caller.get(path)).json() == {"mailed": False}
    await caller.post("/api/customers", ADA)
    assert (await caller.get(path)).json() == {"mailed": True}
    assert await caller.post(path, {"mailed": False}) == {"mailed": False}
    assert (await caller.get(path)).json() == {"mailed": False}
