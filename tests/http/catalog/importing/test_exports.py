"""CAT-12, CAT-04: an export holds exactly what was asked for, and importing it changes nothing."""

import csv
import io

import pytest

from tests.http.catalog.importing.conftest import Importer
from tests.http.catalog.importing.test_imports import OPTIONS, SHEET, counts

pytestmark = pytest.mark.row("CAT-12")

EXPORT = "/api/admin/products/export"
TYPE = {
    "type_id": "pty_glass",
    "names": {"tr": "Cam"},
    "attributes": [
        {"code": "litres", "kind": "number", "names": {"tr": "Litre"}},
        {"code": "lid", "kind": "boolean", "names": {"tr": "Kapak"}},
        {"code": "colours", "kind": "choice", "names": {"tr": "Renk"}, "values": ["mavi", "mor"]},
    ],
}
TYPED = (
    "sku,ad,tip,özellik.litres,özellik.lid,özellik.colours,barkod,kanal,açıklama\n"
    'J-2,=1+1,Cam,"1,5",evet,mavi|,raf 3,web|app,"iki\nsatır"\n'
)


async def exported(importer: Importer, **params: str) -> bytes:
    headers = {"X-API-Key": importer.api.secret, "Defter-Min-Position": importer.position}
    answer = await importer.api.client.get(EXPORT, headers=headers, params=params)
    assert answer.status_code == 200, importer.api.lines().decode()[-3000:]
    return answer.content


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_was_exported_is_imported_again_and_all_of_it_is_unchanged(
    importer: Importer, kind: str
) -> None:
    await importer.done("POST", "/api/admin/product-types", TYPE)
    for sheet in (SHEET, OPTIONS, TYPED):
        stands = await importer.run(sheet, create_missing="true")
        assert not stands["refused"], await importer.rows(stands)
    again = await importer.run(await exported(importer, format=kind))
    assert counts(again) == {"unchanged": 6}, await importer.rows(again)


@pytest.mark.row("CAT-04")
async def test_an_export_holds_exactly_the_filtered_products(importer: Importer) -> None:
    await importer.run(SHEET, create_missing="true")
    rows = read(await exported(importer, status="draft"))
    assert [(row["sku"], row["price"], row["category"]) for row in rows] == [
        ("GLASS-1", "49.50", "Ev > Mutfak | Hediye")
    ]
    assert {row["sku"] for row in read(await exported(importer))} == {"JUG-15", "GLASS-1"}
    assert [row["sku"] for row in read(await exported(importer, missing="image"))] == ["GLASS-1"]


async def test_text_that_looks_like_a_formula_is_text(importer: Importer) -> None:
    await importer.run("sku,ad\nJ-3,=1+1\n")
    assert [row["name_tr"] for row in read(await exported(importer))] == ["'=1+1"]
