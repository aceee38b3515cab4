"""SRC-01 to SRC-03 over HTTP: what a customer finds, filters, counts and leafs through."""

import pytest

from domain.catalog.events import ProductArchived
from domain.catalog.sorting.events import CategoryMoved
from tests.http.search.conftest import Shelf
from tests.http.test_whole import Caller
from tests.kit.lively.shelves import price, product, received

pytestmark = pytest.mark.row("SRC-01")


async def test_a_publishable_key_is_enough_and_none_is_a_bad_request(shelf: Shelf) -> None:
    found = await shelf.get(q="kitabı")
    assert found["total"] == 2
    assert [card["name"] for card in found["items"]] == ["Çocuk Kitapları", "Kitap Ayracı"]
    assert found["items"][1]["price"] == {"minor": 500, "currency": "TRY"}
    assert found["next_cursor"] is None
    answer = await shelf.api.client.get("/api/search?q=kitap")
    assert (answer.status_code, answer.json()["code"]) == (400, "auth.key_missing")


async def test_a_mistyped_word_is_told_with_what_it_was_taken_for(shelf: Shelf) -> None:
    found = await shelf.get(q="bardka")
    assert [card["name"] for card in found["items"]] == ["Mavi Bardak"]
    assert found["corrections"] == [{"word": "bardka", "taken_for": ["bardak"]}]
    assert (await shelf.get(q="bardak"))["corrections"] == []


@pytest.mark.row("SRC-02")
async def test_filters_hold_together_and_facets_count_what_else_there_is(shelf: Shelf) -> None:
    found = await shelf.get(
        attributes="color:mavi|color:yeşil",
        brand="brd_pasa",
        facets="brand,category,in_stock,price,attributes.color",
        locale="en",
    )
    assert [card["product_id"] for card in found["items"]] == ["prd_0003"]
    assert found["facets"] == {
        "brand": [{"value": "brd_pasa", "name": "Paşabahçe", "count": 1}],
        "category": [{"value": "cat_ev", "name": "Home", "count": 1}],
        "in_stock": [{"value": "false", "name": None, "count": 1}],
        "attributes.color": [{"value": "mavi", "name": None, "count": 1}],
    }
    assert found["price"] == {"lowest": 700, "highest": 700}
    assert await shelf.names(in_stock="true", category="cat_kitap,cat_ev", price_to=600) == [
        "Kitap Ayracı"
    ]
    assert (await shelf.get(price_from=100_000))["total"] == 0
    assert await shelf.names(category="cat_kitap") == ["Çocuk Kitapları", "Kitap Ayracı"]
    assert await shelf.names(category="cat_okul") == ["Çocuk Kitapları"]
    assert await shelf.counts("category") == {"cat_kitap": 2, "cat_okul": 1, "cat_ev": 1}
    for category_id, count in (await shelf.counts("category")).items():
        assert len(await shelf.names(category=category_id)) == count
    await shelf.offer(CategoryMoved("cat_okul", "cat_ev"))
    assert await shelf.names(category="cat_kitap") == ["Kitap Ayracı"]
    assert await shelf.counts("category") == {"cat_ev": 2, "cat_kitap": 1, "cat_okul": 1}


@pytest.mark.row("SRC-03")
async def test_pages_stay_whole_while_other_products_change(shelf: Shelf) -> None:
    for n in range(10, 17):
        await shelf.offer(*product(f"00{n}", f"Defter {n}", minor=100 * (n % 3)))
    typed = {"relevance": "deftre", "newest": "dfeter", "price": "defterr", "-price": "defetr"}
    ours = {f"prd_00{n}" for n in range(10, 17)}
    for sort, q in typed.items():
        seen: list[str] = []
        cursor: str | None = None
        while True:
            begins = {} if cursor is None else {"cursor": cursor}
            page = await shelf.get(q=q, sort=sort, limit=2, **begins)
            seen += [card["product_id"] for card in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            await shelf.offer(*product(f"{q}{len(seen)}", q))
            await shelf.offer(received("var_0010", 1), price("var_0001", 400 + len(seen)))
        assert ours <= set(seen)
        assert len(seen) == len(set(seen))


@pytest.mark.row("SRC-05")
async def test_the_next_search_that_carries_a_position_holds_what_changed(shelf: Shelf) -> None:
    assert (await shelf.get(q="kitap", facets="in_stock"))["facets"]["in_stock"][0]["count"] == 2
    await shelf.offer(received("var_0002", -5), ProductArchived("prd_0001"))
    found = await shelf.get(q="kitap", facets="in_stock,category")
    assert found["total"] == 1
    assert found["facets"]["in_stock"] == [{"value": "false", "name": None, "count": 1}]
    assert found["facets"]["category"][0]["count"] == 1


async def test_synonyms_are_set_by_staff_and_found_by_customers(shelf: Shelf) -> None:
    staff = Caller(shelf.api)
    path = "/api/admin/search/synonyms"
    headers = {"X-API-Key": shelf.api.secret, "Idempotency-Key": "s1"}
    groups = [{"terms": ["kadeh", "bardak"]}, {"terms": ["kitap"], "source": "roman"}]
    answer = await shelf.api.client.put(path, json={"groups": groups}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"groups": 2})
    staff.position = answer.headers["defter-position"]
    shelf.position = int(staff.position)
    assert (await staff.get(path)).json()["groups"][1] == groups[1]
    assert await shelf.names(q="kadeh") == ["Mavi Bardak"]
    assert len(await shelf.names(q="romanlar")) == 2
    headers["Idempotency-Key"] = "s2"
    wrong = {"groups": [{"terms": ["kadeh"]}]}
    answer = await shelf.api.client.put(path, json=wrong, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "search.synonyms_invalid")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"attributes": "color"}, "/attributes"),
        ({"attributes": "|".join(f"c:{n}" for n in range(51))}, "/attributes"),
        ({"facets": "colour"}, "/facets"),
        ({"facets": ",".join(f"attributes.c{n}" for n in range(21))}, "/facets"),
        ({"category": "Ev"}, "/category"),
        ({"q": "x" * 201}, "/q"),
        ({"cursor": "bm9uc2Vuc2U"}, "/cursor"),
        ({"cursor": "WzEsInByZF8xIiwieyJd"}, "/cursor"),
        ({"sort": "best"}, "/sort"),
    ],
)
async def test_what_can_not_be_asked_is_told_by_its_name(
    shelf: Shelf, asked: dict[str, str], pointer: str
) -> None:
    answer = await shelf.ask(**asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
