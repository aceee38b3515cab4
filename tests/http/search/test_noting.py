"""SRC-06 over HTTP: suggestions, one's own searches, and the terms that nothing is found for."""

from typing import Any

import pytest

from infrastructure.search.asked import RECENT_MAX, AskedTerms
from tests.event_log.test_personal_data import dump
from tests.http.search.conftest import Shelf
from tests.http.test_whole import Caller
from tests.http.users.people import Person, logged_in

pytestmark = pytest.mark.row("SRC-06")

RECENT = "/api/search/recent"
SETTINGS = "/api/users/me/settings"


async def flush(shelf: Shelf) -> None:
    terms = shelf.api.services.asked_terms
    assert isinstance(terms, AskedTerms)
    await terms.flush()


async def test_suggestions_tell_products_categories_and_brands(shelf: Shelf) -> None:
    found = await shelf.get("/api/search/suggestions", q="ki")
    assert [card["name"] for card in found["products"]] == ["Kitap Ayracı", "Çocuk Kitapları"]
    assert found["categories"] == [
        {"category_id": "cat_kitap", "slug": "kitap", "name": "Kitaplar"}
    ]
    found = await shelf.get("/api/search/suggestions", q="paşa", limit=1)
    assert found["brands"] == [{"brand_id": "brd_pasa", "slug": "pasabahce", "name": "Paşabahçe"}]


async def test_staff_see_what_is_not_found_and_not_who_asked(shelf: Shelf) -> None:
    for q in ("Kitap", "KİTAP", "uçak", "uçak ", "ada@ada.example", "0532 123 45 67"):
        await shelf.get(q=q)
    await shelf.get(q="kitap", limit=1, cursor=(await shelf.get(q="kitap", limit=1))["next_cursor"])
    await flush(shelf)
    await shelf.get(q="uçak")
    await flush(shelf)
    staff = Caller(shelf.api)
    [none] = (await staff.get("/api/admin/search/terms?results=none")).json()["items"]
    assert (none["term"], none["asked"], none["found_none"]) == ("ucak", 3, 3)
    first = (await staff.get("/api/admin/search/terms?limit=1")).json()
    assert (first["items"][0]["term"], first["items"][0]["asked"]) == ("kitap", 3)
    path = f"/api/admin/search/terms?limit=1&cursor={first['next_cursor']}"
    last = (await staff.get(path)).json()
    assert [one["term"] for one in last["items"]] == ["ucak"]
    assert last["next_cursor"] is None
    assert (await staff.get("/api/admin/search/terms?until=2020-01-01")).json()["items"] == []
    assert (await shelf.ask("/api/admin/search/terms")).status_code == 401


async def test_what_nobody_asked_again_is_one_line_and_the_latest_come_first(
    shelf: Shelf, ada: Person
) -> None:
    own = await logged_in(ada)

    async def searches(*texts: str) -> None:
        for text in texts:
            answer = await shelf.api.client.get("/api/search", params={"q": text}, headers=own)
            assert answer.status_code == 200
        await flush(shelf)

    async def recent() -> list[dict[str, Any]]:
        answer = await shelf.api.client.get(RECENT, headers=own)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def allow(*, personalisation: bool) -> None:
        body = {"privacy": {"personalisation": personalisation}}
        answer = await shelf.api.client.patch(SETTINGS, json=body, headers=own)
        position = {"Defter-Min-Position": answer.headers["defter-position"]}
        await shelf.api.client.get(SETTINGS, headers=own | position)

    await searches("canary kitap")
    assert await recent() == []
    await allow(personalisation=True)
    await searches("canary kitap", "bardak", "Canary KİTAP")
    assert [one["q"] for one in await recent()] == ["Canary KİTAP", "bardak"]
    assert "Canary K" not in dump(shelf.database_url)
    await searches(*(f"kitap {n}" for n in range(RECENT_MAX)))
    found = [one["q"] for one in await recent()]
    assert found == [f"kitap {n}" for n in reversed(range(RECENT_MAX))]
    await searches("bardak")
    answer = await shelf.api.client.delete(RECENT, headers=own)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await recent() == []
    await searches("bardak")
    await allow(personalisation=False)
    assert await recent() == []
    await searches("kitap")
    await allow(personalisation=True)
    assert await recent() == []


async def test_a_key_that_names_nobody_has_no_searches_and_staff_are_not_followed(
    shelf: Shelf,
) -> None:
    assert (await shelf.ask(RECENT)).status_code == 401
    staff = Caller(shelf.api)
    assert (await staff.get("/api/search?q=kitap")).status_code == 200
    await flush(shelf)
    assert (await staff.get(RECENT)).json() == {"items": []}
