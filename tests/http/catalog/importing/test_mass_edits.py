"""CAT-12: many products are changed alike, with a dry run and a result for each variant."""

from typing import Any

import pytest

from application.permissions import Permission
from tests.http.catalog.importing.conftest import Importer
from tests.http.catalog.importing.test_exports import exported, read
from tests.http.catalog.importing.test_imports import SHEET, counts

pytestmark = pytest.mark.row("CAT-12")

PATH = "/api/admin/products/mass-edit"
OF_GLASSES = {"filter": {"status": "draft"}}


async def edited(importer: Importer, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    answer = await importer.ask("POST", PATH, body)
    assert answer.status_code == 202, answer.text
    await importer.work()
    return await importer.stands(answer.json()["import_id"])


async def prices(importer: Importer) -> dict[str, str]:
    return {row["sku"]: row["price"] for row in read(await exported(importer))}


async def test_prices_change_by_percent_or_amount_and_a_dry_run_changes_none(
    importer: Importer,
) -> None:
    await importer.run(SHEET, create_missing="true")
    await exported(importer)
    dry = await edited(importer, filter={}, change={"price_percent": "10"}, dry_run=True)
    assert counts(dry) == {"updated": 2}, await importer.rows(dry)
    assert await prices(importer) == {"JUG-15": "1299.90", "GLASS-1": "49.50"}
    assert counts(await edited(importer, **OF_GLASSES, change={"price_percent": "-5"})) == {
        "updated": 1
    }
    assert await prices(importer) == {"JUG-15": "1299.90", "GLASS-1": "47.02"}
    low = await edited(importer, filter={}, change={"price_minor": -10_000})
    assert counts(low) == {"updated": 1, "refused": 1}, "nothing costs less than nothing"
    assert (await prices(importer))["JUG-15"] == "1199.90"


async def test_products_named_by_their_ids_reach_a_status_and_a_tax_class(
    importer: Importer,
) -> None:
    await importer.run(SHEET, create_missing="true")
    rows = read(await exported(importer))
    ids = [row["product"] for row in rows]
    change = {"status": "archived", "tax_class": "reduced", "category": "Hediye"}
    assert counts(await edited(importer, product_ids=ids, change=change)) == {"updated": 2}
    told = {
        (row["status"], row["tax_class"], row["category"]) for row in read(await exported(importer))
    }
    assert told == {("archived", "reduced", "Hediye")}


@pytest.mark.parametrize(
    "body",
    [
        {"change": {"status": "draft"}},
        {"filter": {}, "product_ids": ["prd_jug1"], "change": {"status": "draft"}},
        {"filter": {}, "change": {}},
        {"filter": {}, "change": {"price_percent": "5", "price_minor": 5}},
        {"filter": {}, "change": {"price_percent": "five"}},
    ],
)
async def test_what_says_not_what_to_change_is_refused(
    importer: Importer, body: dict[str, Any]
) -> None:
    assert (await importer.ask("POST", PATH, body)).status_code == 422


async def test_who_may_set_no_prices_changes_none(importer: Importer) -> None:
    secret = importer.api.key(scopes=(Permission.CATALOG_MANAGE.value,))
    body = {"filter": {}, "change": {"price_percent": "5"}}
    answer = await importer.ask("POST", PATH, body, **{"X-API-Key": secret})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.permission_missing")
