"""INV-05, NTF-07: who waits hears once; a guest proves their address; links work; nothing leaks."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from infrastructure.stock.watch_links import Does, Watched, read_token, token_of
from tests.http.conftest import MASTER_KEY
from tests.http.fakes import OTHER, TENANT
from tests.http.identity.house import EMAIL
from tests.http.stock.mailing import Mailing, token_in
from tests.http.stock.warehouse import PRODUCT, RED, Warehouse
from tests.notifications.post import PostOffice

pytestmark = pytest.mark.row("INV-05")
WATCH = f"/api/products/{PRODUCT}/variants/{RED}/watch"
GUEST = "canary-guest@mail.example"


@pytest.fixture
async def mailing(warehouse: Warehouse, redis_url: str) -> AsyncGenerator[Mailing]:
    """A warehouse with a mail server on a real socket."""
    async with PostOffice().open() as post:
        yield Mailing(warehouse, post, redis_url)


async def ask(mailing: Mailing, **body: object) -> httpx.Response:
    return await mailing.house.post(WATCH, {"email": GUEST} | body)


async def use(mailing: Mailing, what: str, token: str) -> httpx.Response:
    return await mailing.house.post(f"/api/products/watches/{what}", {"token": token})


async def test_a_customer_hears_once_when_it_is_back(mailing: Mailing) -> None:
    zeynep = await mailing.house.newcomer()
    answer = await mailing.house.post(WATCH, {}, of=zeynep)
    assert (answer.status_code, answer.json()) == (202, {"requested": True})
    assert await mailing.run() == []
    await mailing.warehouse.receive(2)
    [mail] = await mailing.run()
    assert mail["To"] == f"Zeynep Kaya <{EMAIL}>"
    assert mail["Subject"] == "Yeniden stokta: Kupa"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "http://localhost:8000/products/kupa" in body.get_content()
    lost = {"variant_id": RED, "quantity": 2, "reason": "lost"}
    await mailing.warehouse.post("/movements", lost)
    await mailing.warehouse.receive(2)
    assert await mailing.run() == []
    refused = await mailing.house.post(WATCH, {}, of=zeynep)
    assert refused.json()["code"] == "stock.still_available"


async def test_a_customer_who_waits_no_more_hears_nothing(mailing: Mailing) -> None:
    zeynep = await mailing.house.newcomer()
    await mailing.house.post(WATCH, {}, of=zeynep)
    ended = await mailing.house.call("DELETE", WATCH, of=zeynep)
    assert ended.status_code == 200, ended.text
    await mailing.warehouse.receive(1)
    assert await mailing.run() == []
    nobody = await mailing.house.call("DELETE", WATCH)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "auth.login_required")


async def test_a_guest_confirms_hears_once_and_is_forgotten(mailing: Mailing) -> None:
    assert (await ask(mailing, locale="en")).status_code == 202
    [link] = await mailing.run()
    assert (link["To"], link["Subject"]) == (GUEST, "Shall we tell you when it is back: Mug")
    confirmed = await use(mailing, "confirm", token_in(link, "watch"))
    assert confirmed.status_code == 200, confirmed.text
    await mailing.warehouse.receive(1)
    [notice] = await mailing.run()
    assert (notice["To"], notice["Subject"]) == (GUEST, "Back in stock: Mug")
    assert await mailing.run() == []
    keys = mailing.house.ask(
        "SELECT wrapped, destroyed_at IS NOT NULL FROM defter.subject_keys"
        " WHERE tenant_id = %s AND subject LIKE 'gst_%%'",
        TENANT,
    )
    assert keys == [(None, True)]
    unsubscribed = await use(mailing, "unsubscribe", token_in(notice, "unsubscribe"))
    assert unsubscribed.status_code == 200
    assert not [row for row in mailing.house.everything() if "canary-guest" in row]
    assert b"canary-guest" not in mailing.house.api.lines()


async def test_a_guest_who_confirms_nothing_hears_nothing(mailing: Mailing) -> None:
    await ask(mailing)
    await mailing.run()
    await mailing.warehouse.receive(1)
    assert await mailing.run() == []


async def test_the_link_to_unsubscribe_works_before_and_after(mailing: Mailing) -> None:
    await ask(mailing)
    [link] = await mailing.run()
    await use(mailing, "confirm", token_in(link, "watch"))
    for _ in range(2):
        ended = await use(mailing, "unsubscribe", token_in(link, "unsubscribe"))
        assert (ended.status_code, ended.json()) == (200, {"requested": True})
    await mailing.warehouse.receive(1)
    assert await mailing.run() == []
    late = await use(mailing, "confirm", token_in(link, "watch"))
    assert (late.status_code, late.json()["code"]) == (404, "stock.watch_not_found")


async def test_what_was_sold_out_again_before_the_notice_is_not_told(mailing: Mailing) -> None:
    zeynep = await mailing.house.newcomer()
    await mailing.house.post(WATCH, {}, of=zeynep)
    await mailing.warehouse.receive(1)
    line = {"lines": [{"variant_id": RED, "quantity": 1}]}
    kept = await mailing.warehouse.post("/reservations", line)
    assert await mailing.run() == []
    await mailing.warehouse.post(f"/reservations/{kept['reservation_id']}/release", {})
    assert len(await mailing.run()) == 1


async def test_an_address_that_takes_no_mail_is_forgotten(mailing: Mailing) -> None:
    await ask(mailing)
    [link] = await mailing.run()
    await use(mailing, "confirm", token_in(link, "watch"))
    mailing.post.at_recipient = lambda _address: "550 5.1.1 no such mailbox"
    await mailing.warehouse.receive(1)
    assert await mailing.run() == []
    ended = mailing.house.ask("SELECT 1 FROM defter.events WHERE type = 'stock.watch_ended'")
    assert ended == [(1,)]


async def test_a_guest_gives_an_address_and_asks_for_few_mails(mailing: Mailing) -> None:
    missing = await mailing.house.post(WATCH, {})
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "/email")
    told = [(await ask(mailing)).status_code for _ in range(4)]
    assert told == [202, 202, 202, 429]
    odd = await mailing.house.post(WATCH.replace(PRODUCT, "prd_other"), {"email": "b@mail.example"})
    assert (odd.status_code, odd.json()["code"]) == (404, "catalog.variant_not_found")


async def test_a_link_is_no_other_one(mailing: Mailing) -> None:
    keys, watched = (b"n" * 32, MASTER_KEY), Watched(RED, "eml_0001")
    token = token_of(keys[1:], TENANT, Does.CONFIRM, watched)
    assert read_token(keys, TENANT, Does.CONFIRM, token) == watched
    assert read_token(keys, TENANT, Does.UNSUBSCRIBE, token) is None
    assert read_token(keys, OTHER, Does.CONFIRM, token) is None
    assert read_token(keys[:1], TENANT, Does.CONFIRM, token) is None
    for odd in (token[:-1], token.replace("eml_0001", "eml_0002"), "x", f"{token}\n"):
        wrong = await use(mailing, "confirm", odd)
        assert wrong.json()["code"] in {"stock.watch_not_found", "request.invalid"}
