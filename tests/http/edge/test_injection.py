"""SEC-10, SEC-11: whatever stands in a filter is a value, and whatever is shown is text."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.test_routes import EXAMPLES
from tests.http.test_whole import Caller

shop = test_whole.shop

CORPUS = (
    "'",
    '"',
    "''",
    "\\",
    "%",
    "%s",
    "%(tenant_id)s",
    "{0}",
    "$1",
    "?",
    ":id",
    "1 OR 1=1",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE events; --",
    "1; SELECT pg_sleep(5)",
    "' UNION SELECT null, version() --",
    "(SELECT 1)",
    "1/**/AND/**/1=0",
    "cus_0001' --",
    "2026-01-01' OR '1'='1",
    "id DESC; --",
    "recorded_at, (CASE WHEN 1=1 THEN 1 ELSE 1/0 END)",
    "\x00",
    "\ufeff\u202e",
    "\ud7ff\U0010ffff",
    "ａｄｍｉｎ＇",
    "-1",
    "9223372036854775808",
    "99999999999999999999999999",
    "1e309",
    "NaN",
    "Infinity",
    "0x10",
    "null",
    "[]",
    "{}",
    "[$ne]",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "eyJ4IjoiJyJ9",
    "AAAA",
    "a" * 2_000,
)
SQL_TOLD = ("syntax", "psycopg", "select", "relation", "sqlstate", "traceback", "invalid input")


def parameters(described: dict[str, Any]) -> list[tuple[str, str]]:
    """Give each parameter of a query string with its path."""
    return [
        (path, one["name"])
        for path, operations in described["paths"].items()
        for one in operations.get("get", {}).get("parameters", [])
        if one["in"] == "query"
    ]


@pytest.mark.row("SEC-10")
async def test_no_filter_or_order_reaches_the_database_as_anything_but_a_value(shop: Api) -> None:
    caller = Caller(shop)
    await caller.wallet("cus_0001", 1_000)
    described = (await shop.client.get("/api/openapi.json")).json()
    asked = parameters(described)
    assert len(asked) > 40
    for path, name in asked:
        for part, example in EXAMPLES.items():
            path = path.replace(part, example)  # noqa: PLW2901 - the same path with its parts
        for given in CORPUS:
            answer = await shop.client.get(
                path, params={name: given}, headers={"X-API-Key": shop.secret}
            )
            assert answer.status_code in {200, 304, 403, 404, 422, 503}, (path, name, given)
            if answer.status_code >= 400:
                told = answer.text.lower()
                assert not any(word in told for word in SQL_TOLD), (path, name, given, told)
                assert answer.json()["code"] != "service.database_unavailable"


@pytest.mark.row("SEC-10")
async def test_nor_does_what_stands_in_a_path_or_a_name(shop: Api) -> None:
    key = {"X-API-Key": shop.secret}
    described = (await shop.client.get("/api/openapi.json")).json()
    shaped = [path for path, known in described["paths"].items() if "{" in path and "get" in known]
    assert len(shaped) > 10
    for path in shaped:
        for given in CORPUS:
            written = path.split("{")[0] + quote(given, safe="") + path.rpartition("}")[2]
            answer = await shop.client.get(written, headers=key)
            assert answer.status_code in {403, 404, 405, 422}, (path, given)
    for given in CORPUS:
        answer = await shop.client.get("/api/wallet", params={given: "1"}, headers=key)
        assert answer.status_code == 422, given


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.row("SEC-11")
async def test_the_only_page_has_no_script_no_form_and_nothing_that_runs(api: Api) -> None:
    page = Tags()
    page.feed((await api.client.get("/api/docs")).text)
    assert not page.tags & {"script", "form", "iframe", "object", "embed", "base", "img", "link"}
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]


@pytest.mark.row("SEC-11")
async def test_what_a_client_sent_comes_back_as_json_alone(api: Api) -> None:
    script = "<script>alert(1)</script>"
    answers = [
        await api.client.get(f"/api/{script}"),
        await api.client.get("/api/wallet", params={script: script}, headers={"X-API-Key": script}),
        await api.transfer(source=script),
        await api.transfer({"X-Request-Id": script, "Defter-Correlation-Id": script}),
    ]
    for answer in answers:
        assert "<script" not in answer.text
        assert "<script" not in str(answer.headers)
        assert answer.headers["content-type"].startswith("application/")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.row("SEC-11")
async def test_no_browser_is_led_to_send_what_proves_who_asks(api: Api) -> None:
    """Keys and tokens stand in headers that no form or link can set, and there are no cookies."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"key={api.secret}"}
    answer = await api.client.post("/api/wallet/transfers", content=b"a=1", headers=form)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    answer = await api.raw(b"{}", **{"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert api.sender.sent == []
