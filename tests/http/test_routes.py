"""The description tells every route, and its examples are taken."""

import json
import re

from interfaces.http.routes import ROUTES
from tests.http.conftest import Api

EXAMPLES = {
    "{wallet_id}": "wal_0001",
    "{product_id}": "prd_0001",
    "{hold_id}": "hld_0001",
    "{capture_id}": "cap_0001",
    "{customer_id}": "cus_0001",
    "{request_id}": "wdr_0001",
    "{key_id}": "key_0001",
    "{staff_id}": "stf_0001",
    "{tenant_id}": "11111111-1111-4111-8111-111111111111",
    "{role}": "wallet_desk",
    "{session_id}": "ses_0001",
    "{purpose}": "terms",
    "{card_id}": "gft_0001",
    "{account}": "wallet.cash:wal_0001",
    "{period}": "2026-02",
    "{entry_id}": "wallet-wal_0001.2",
    "{endpoint_id}": "whe_0001",
    "{sha256}": "0" * 64,
    "{uid}": "04DE5F1EACC040",
    "{collection_id}": "col_0001",
    "{type_id}": "pty_0001",
    "{brand_id}": "brd_0001",
    "{category_id}": "cat_0001",
    "{position}": "7",
    "{event}": "7",
    "{read_model}": "wallet_balances",
    "{delivery_id}": "0198c1de-0000-5000-8000-000000000000",
    "{location_id}": "main",
    "{reservation_id}": "rsv_0001",
    "{stock_take_id}": "stk_0001",
    "{effect_id}": "0198c1de-0000-5000-8000-000000000000",
    "{variant_id}": "var_0001",
    "{price_list_id}": "plt_0001",
    "{schedule_id}": "sch_0001",
    "{import_id}": "imp_0001",
}


NOT_BY_SENDING_ALONE = (
    "/api/users",
    "/api/auth",
    "/api/keys",
    "/api/ledger/periods/{period}/seal",
    "/api/test/clock",
    "/api/platform",
    "/api/admin/staff",
    "/api/customers/{customer_id}/account",
)
"""What these answer takes more than a command that is sent."""


RAW = ("/api/admin/assets", "/api/admin/imports")
"""What these are sent is no JSON."""


LOOKED_UP = r"\{(delivery|effect)_id\}|/erasure$|/stock/reservations$|/api/products/|/mass-edit$"
"""What is looked up first, and there is no database here."""


async def test_the_description_holds_every_route_and_every_error(api: Api) -> None:
    described = (await api.client.get("/api/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    names: list[str] = []
    for route in ROUTES:
        (method,) = list(route.methods or ())
        operation = described["paths"][route.path][method.lower()]
        names.append(operation["operationId"])
        assert operation["summary"]
        if route.permission is not None:
            assert {"401", "403", "429", "500", "503"} <= operation["responses"].keys()
            assert operation["x-permission"] == route.permission.value
        if method == "POST" and route.path not in RAW:
            assert {"400", "413", "415", "422"} <= operation["responses"].keys()
            assert "example" in operation["requestBody"]["content"]["application/json"]
    assert len(set(names)) == len(names)
    references = json.dumps(described).split('"#/components/schemas/')[1:]
    for reference in references:
        assert reference.partition('"')[0] in described["components"]["schemas"]


async def test_the_description_says_what_is_refused(api: Api) -> None:
    schemas = (await api.client.get("/api/openapi.json")).json()["components"]["schemas"]
    names = schemas["CategoryBody"]["properties"]["names"]
    assert names["additionalProperties"] is False
    assert "*" in schemas["KeyBody"]["properties"]["scopes"]["items"]["enum"]
    assert "wallet.read" in schemas["RoleBody"]["properties"]["permissions"]["items"]["enum"]


async def test_the_examples_of_the_description_are_taken(api: Api) -> None:
    described = (await api.client.get("/api/openapi.json")).json()
    tried = 0
    for route in ROUTES:
        if route.methods != {"POST"} or route.path.startswith((*NOT_BY_SENDING_ALONE, *RAW)):
            continue
        if re.search(LOOKED_UP, route.path):
            continue
        operation = described["paths"][route.path]["post"]
        example = operation["requestBody"]["content"]["application/json"]["example"]
        path = route.path
        for part, given in EXAMPLES.items():
            path = path.replace(part, given)
        if path == "/api/wallet":
            example["owner"] = "cus_0001"
        api.sender.body = b"[{}]" if example.get("mode") == "atomic" else b"{}"
        headers = {"Idempotency-Key": f"example-{tried}", "Defter-Act-For": "cus_0001"}
        if route.staff_only:
            del headers["Defter-Act-For"]
        answer = await api.post(path, example, **headers)
        assert answer.status_code in {200, 201}, (path, answer.text)
        tried += 1
    assert tried > 10


async def test_the_page_for_people_needs_nothing_from_elsewhere(api: Api) -> None:
    page = await api.client.get("/api/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    # An address may be shown as an example, and is never fetched.
    assert re.search(r"""[=(]\s*["']?(https?:)?//""", page.text) is None
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
